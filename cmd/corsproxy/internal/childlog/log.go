// Package childlog reads what a child writes: where it listens, and what it
// says went wrong.
package childlog

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	maxLine    = 8 << 10
	maxEntries = 256
)

// A Log is the log of a child, which is written to it.
type Log struct {
	// Address is called with each address that a line names.
	Address func(url string)

	line []byte // has no end yet

	mu      sync.Mutex
	entries []entry // the last ones
	changed chan struct{}

	rows      rows // not looked at yet, as more may come
	traceback bool // within one
	inside    bool // of a function's code
}

// An entry is a line that matters later.
type entry struct {
	at      time.Time
	trouble *diagnosis.Trouble
	request *Request
}

// A Request is a line of an access log.
type Request struct {
	Method, Target string
	Status         string
}

// access is the line that Werkzeug, SAM local's server, prints before it sends
// an answer: 127.0.0.1 - - [28/Nov/2026 10:00:00] "GET /items HTTP/1.1" 200 -
var access = regexp.MustCompile(`\] "([A-Z]+) (\S+) HTTP/1\.[01]" (\d{3}) `)

// Write reads p, which may end within a line. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, complete := bytes.Cut(p, []byte("\n"))
		l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
		if complete {
			// The emulator of Lambda ends the lines of a traceback with a CR alone.
			for line := range strings.SplitSeq(strings.TrimRight(sam.PlainLine(string(l.line)), "\r"), "\r") {
				l.read(line)
			}
			l.line = l.line[:0]
		}
		p = rest
	}
	return n, nil
}

// End says that nothing follows: a last line without its end counts.
func (l *Log) End() {
	if len(l.line) > 0 {
		_, _ = l.Write([]byte("\n"))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look()
	l.traceback = false
}

func (l *Log) read(line string) {
	if !l.take(line) || l.Address == nil {
		return
	}
	url, ok := FromLine(line)
	if !ok {
		return
	}
	if _, isTrouble := diagnosis.ReadTrouble(line); !isTrouble {
		l.Address(url)
	}
}

// take takes a line. It reports whether the line may tell where the child listens.
func (l *Log) take(line string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(line, " HTTP/1.") {
		if m := access.FindStringSubmatch(line); m != nil {
			l.look()
			l.note(entry{request: &Request{m[1], m[2], m[3]}})
			return false
		}
	}
	if !l.rows.take(line) {
		l.look()
		l.rows.take(line)
	}
	return !l.traceback
}

// look reads the rows that are there for what went wrong.
func (l *Log) look() {
	for _, line := range l.rows.drain() {
		if t, ok := l.trouble(line); ok {
			l.note(entry{trouble: &t})
		}
	}
}

// inContainer is a line of a traceback about code where Lambda's containers have
// it.
var inContainer = regexp.MustCompile(`File "/(?:var/(?:task|runtime|lang)|opt/python)/`)

// trouble reads what a line says went wrong. Of a traceback the last line
// counts, the first that is not indented.
func (l *Log) trouble(line string) (diagnosis.Trouble, bool) {
	switch {
	case strings.Contains(line, "Traceback (most recent call last):"):
		l.traceback, l.inside = true, false
		return diagnosis.ReadTrouble(line)
	case l.traceback && (line == "" || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")):
		l.inside = l.inside || inContainer.MatchString(line)
		return diagnosis.ReadTrouble(diagnosis.Spliced(line))
	case l.traceback:
		l.traceback = false
		return diagnosis.ReadTraceback(line, l.inside)
	}
	return diagnosis.ReadTrouble(line)
}

func (l *Log) note(e entry) {
	e.at = time.Now()
	if len(l.entries) == maxEntries {
		l.entries = l.entries[1:]
	}
	l.entries = append(l.entries, e)
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// A Finding is what a log has about a time.
type Finding struct {
	Trouble *diagnosis.Trouble // the cause, if it has any
	Answers []Request          // in the order in which they were given
}

// Since returns what the log has from a time on. The channel is closed when
// there is more.
func (l *Log) Since(from time.Time) (Finding, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.look()
	var f Finding
	var troubles []diagnosis.Trouble
	for _, e := range l.entries {
		switch {
		case e.at.Before(from):
		case e.request != nil:
			f.Answers = append(f.Answers, *e.request)
		default:
			troubles = append(troubles, *e.trouble)
		}
	}
	f.Trouble = diagnosis.CauseOf(troubles)
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return f, l.changed
}

// Clear forgets everything: another process begins to write.
func (l *Log) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries, l.line, l.rows, l.traceback = nil, nil, rows{}, false
}
