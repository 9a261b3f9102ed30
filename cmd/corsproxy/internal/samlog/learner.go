// Package samlog learns the routes that SAM local serves from what it prints
// at start-up: one line "Mounting …" for each. It reads standard input, a
// named pipe, or a file, which it follows as it grows, is truncated, replaced
// or made in the first place.
package samlog

import (
	"bytes"
	"fmt"
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

// A learner gathers routes from a log that is written to it.
type learner struct {
	name    string // of the log, for Route.Source
	learnt  func([]sam.Route, time.Time)
	written func() time.Time // when what is read now was written, at the latest

	line   []byte // the beginning of the line that is not complete yet
	number int    // of the line, from 1
	burst  bool   // the last line belonged to a start-up
	fresh  bool   // the table changed since it was reported
	routes []sam.Route
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

// restart says that what follows is another log, from its first line.
func (l *learner) restart() {
	l.line = l.line[:0]
	l.number = 0
	l.burst = false
}

// end says that nothing follows for now; a last line without its end counts.
func (l *learner) end() {
	if len(l.line) > 0 {
		_, _ = l.Write([]byte("\n"))
	}
}

// read reads one line. SAM prints the lines about its routes one after
// another, so the first of them after anything else is a new start of SAM,
// with a new table. The old one stays until then: a log that is truncated
// while SAM runs on says nothing about its routes.
func (l *learner) read(line string) {
	routes, ok := sam.ParseMounting(line)
	if !ok {
		// Blank lines and the one about static files may stand between.
		if strings.TrimSpace(line) != "" && !strings.Contains(line, "Mounting ") {
			l.burst = false
		}
		return
	}
	if !l.burst {
		l.routes = nil
		l.burst = true
	}
	for _, r := range routes {
		if len(l.routes) == maxRoutes {
			return
		}
		r.Source = fmt.Sprintf("%s:%d", l.name, l.number)
		l.routes = append(l.routes, r)
	}
	l.fresh = true
}
