// Package samlog learns the routes that SAM local serves from what it prints
// at start-up: one line "Mounting …" for each. It reads standard input, a
// named pipe, or a file, which it follows as it grows, is truncated, replaced
// or made in the first place.
//
// What a function prints stands in the same log, and may be what a web page has
// sent. It is told apart by its place: see [learner].
package samlog

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// maxLine is how many bytes of a line are kept. SAM's lines about routes are
// far shorter, and a log may hold anything else.
const maxLine = 8 << 10

// maxRoutes bounds the routes that are kept. API Gateway allows 300 for an
// API by default.
const maxRoutes = 10_000

var (
	// begun is what SAM prints after its Mounting lines.
	begun = regexp.MustCompile(`^You can now browse to the above endpoints`)

	// serving is a line that says that SAM serves: one of its server's, or of
	// a request. What follows may be a function's.
	serving = regexp.MustCompile(`^\* Running on https?://|^Invoking |^(?:START|REPORT) RequestId: |^Reuse the created warm container |^Lambda function '.*' is already running|\] "[A-Z]+ \S+ HTTP/1\.[01]" \d{3} `)
)

// A learner gathers routes from a log that is written to it.
//
// The Mounting lines up to SAM's first words on serving are its table. After
// them no single line changes it: only a whole new start does, Mounting lines
// at the same port as before, then SAM's sentence that they can be browsed,
// and nothing about a request in between. Where once is set, even that does
// not: one process starts once.
type learner struct {
	name    string // of the log, for Route.Source
	once    bool   // a log has one start of SAM
	learnt  func([]sam.Route, time.Time)
	written func() time.Time // when what is read now was written, at the latest

	line   []byte // the beginning of the line that is not complete yet
	number int    // of the line, from 1

	serves bool        // SAM has started
	port   string      // that the table's lines name, "" where there is no table
	fresh  bool        // the table changed since it was reported
	routes []sam.Route // the table

	again     []sam.Route // those of what may be a new start
	againPort string
}

// Write reads p, which may end within a line. It never fails.
func (l *learner) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, complete := bytes.Cut(p, []byte("\n"))
		l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
		if complete {
			l.number++
			l.read(strings.TrimSuffix(string(l.line), "\r"))
			l.line = l.line[:0]
		}
		p = rest
	}
	if l.fresh {
		l.fresh = false
		l.learnt(slices.Clone(l.routes), l.written())
	}
	return n, nil
}

// restart says that what follows is another log, from its first line. The old
// table stays until there is a new one: a log that is truncated while SAM runs
// on says nothing about its routes.
func (l *learner) restart() {
	l.line = l.line[:0]
	l.number = 0
	l.serves, l.port = false, ""
	l.drop()
}

// drop forgets what looked like a new start.
func (l *learner) drop() { l.again, l.againPort = nil, "" }

// end says that nothing follows for now; a last line without its end counts.
func (l *learner) end() {
	if len(l.line) > 0 {
		_, _ = l.Write([]byte("\n"))
	}
}

// read reads one line.
func (l *learner) read(line string) {
	if routes, port, ok := sam.ParseMounting(line); ok {
		l.mount(routes, port)
		return
	}
	switch line = strings.TrimSpace(sam.BareLine(line)); {
	case begun.MatchString(line):
		if len(l.again) > 0 {
			l.routes, l.port, l.fresh = l.again, l.againPort, true
		}
		l.serves = true
		l.drop()
	case serving.MatchString(line):
		l.serves = true
		l.drop()
	}
}

// mount takes the routes of a Mounting line.
func (l *learner) mount(routes []sam.Route, port string) {
	switch {
	case !l.serves:
		if l.port == "" {
			l.routes, l.port = nil, port
		}
		if port == l.port {
			l.routes = l.append(l.routes, routes)
			l.fresh = true
		}
	case l.port != "" && (l.once || port != l.port):
	case l.againPort == "" || l.againPort == port:
		l.againPort = port
		l.again = l.append(l.again, routes)
	}
}

// append returns a table with more routes, whose lines are the present one.
func (l *learner) append(table, more []sam.Route) []sam.Route {
	for _, r := range more {
		if len(table) == maxRoutes {
			break
		}
		r.Source = fmt.Sprintf("%s:%d", l.name, l.number)
		table = append(table, r)
	}
	return table
}
