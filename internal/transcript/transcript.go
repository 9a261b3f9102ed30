// Package transcript is for tests that wait for what a process says.
package transcript

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience bounds the waiting for what must come soon.
const Patience = 20 * time.Second

// A Transcript is an output that tests wait for. Make one with New.
type Transcript struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed by the next Write
}

// New returns an empty Transcript.
func New() *Transcript { return &Transcript{changed: make(chan struct{})} }

func (o *Transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(p)
}

// Hold has writers wait until release is called, as a terminal does after Ctrl-S.
// Readers wait too.
func (o *Transcript) Hold() (release func()) {
	o.mu.Lock()
	return sync.OnceFunc(o.mu.Unlock)
}

// Read returns what has been written so far, and a channel that is closed when
// more is.
func (o *Transcript) Read() (text string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String(), o.changed
}

func (o *Transcript) String() string {
	text, _ := o.Read()
	return text
}

// Await waits until the text matches a regular expression, in which ^ and $ are
// the ends of a line, and returns its submatches. The test fails when that takes
// longer than Patience.
func (o *Transcript) Await(t testing.TB, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	deadline := time.After(Patience)
	for {
		text, changed := o.Read()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nothing matches %s in\n%s", pattern, text)
		}
	}
}

// AwaitText waits until the text has s in it, as Await does.
func (o *Transcript) AwaitText(t testing.TB, s string) {
	t.Helper()
	o.Await(t, regexp.QuoteMeta(s))
}
