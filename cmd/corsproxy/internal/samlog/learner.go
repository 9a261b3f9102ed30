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
	begun = regexp.MustCompile(`^You can now browse `)

	// serving is a line that says that SAM serves: one of its server's, or of
	// a request. What follows may be a function's.
	serving = regexp.MustCompile(`^\* Running on https?://|^Invoking |^(?:START|REPORT) RequestId: |^Reuse the created warm container |^Lambda function '.*' is already running|\] "[A-Z]+ \S+ HTTP/1\.[01]" \d{3} `)

	// telling are words of which each line that matters has one. A function may
	// print many that do not.
	telling = []string{"Mounting", "You can now browse ", "Running on http", "Invoking ", "RequestId: ", "the created warm container", "is already running", " HTTP/1."}
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

	broken broken
}

// Write reads p, which may end within a line. It never fails.
func (l *learner) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, complete := bytes.Cut(p, []byte("\n"))
		l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
		if complete {
			l.number++
			l.read(strings.TrimSuffix(sam.PlainLine(string(l.line)), "\r"))
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
	l.broken = broken{}
}

// drop forgets what looked like a new start.
func (l *learner) drop() { l.again, l.againPort, l.broken.passedOver = nil, "", false }

// end says that nothing follows for now; a last line without its end counts.
func (l *learner) end() {
	if len(l.line) > 0 {
		_, _ = l.Write([]byte("\n"))
	}
}

// read reads one line, without terminal sequences.
func (l *learner) read(line string) {
	if l.once && l.serves && l.port != "" {
		return // nothing changes any more, and a function may print what takes long to read
	}
	if !l.broken.begun() && !slices.ContainsFunc(telling, func(word string) bool { return strings.Contains(line, word) }) {
		return
	}
	bare := sam.BareLine(line)
	if routes, port, ok := sam.ParseMounting(bare); ok {
		l.broken.end()
		l.mount(routes, port, l.number)
		return
	}
	switch words := strings.TrimSpace(bare); {
	case begun.MatchString(words):
		if len(l.again) > 0 && !l.broken.passedOver { // a table with gaps is worse than the old one
			l.routes, l.port, l.fresh = l.again, l.againPort, true
		}
		l.serves = true
		l.drop()
	case serving.MatchString(words):
		l.serves = true
		l.drop()
	default:
		if routes, port, ok := l.broken.add(line, bare, l.number); ok {
			l.mount(routes, port, l.broken.number)
			l.broken.end()
		}
		return
	}
	l.broken.end()
}

// mount takes the routes of a Mounting line, which has a number.
func (l *learner) mount(routes []sam.Route, port string, number int) {
	for i := range routes {
		routes[i].Source = fmt.Sprintf("%s:%d", l.name, number)
	}
	switch {
	case !l.serves:
		if l.port == "" {
			l.routes, l.port = nil, port
		}
		if port == l.port {
			l.routes = appendBounded(l.routes, routes)
			l.fresh = true
		}
	case l.port != "" && (l.once || port != l.port):
	case l.againPort == "" || l.againPort == port:
		l.againPort = port
		l.again = appendBounded(l.again, routes)
	}
}

func appendBounded(table, more []sam.Route) []sam.Route {
	return append(table, more[:min(len(more), maxRoutes-len(table))]...)
}
