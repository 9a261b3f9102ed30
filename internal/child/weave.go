package child

import (
	"bytes"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultHold is how long a line waits for the end of the child's line.
const DefaultHold = 5 * time.Second

// maxPending bounds the lines that wait, in bytes.
const maxPending = 1 << 20

// A Weave passes a child's output on and puts lines of the program's own
// between the child's lines, never into one: such a line waits until the
// child's has ended. A prompt or a progress bar may never end; after a while
// the program's line begins on a line of its own.
type Weave struct {
	stdout, stderr io.Writer
	hold           time.Duration
	shared         bool // both lead to the same place

	children atomic.Int32 // how many write

	mu      sync.Mutex // held while something is written, which who reads it may stop
	midline bool       // the child's last byte was no line end
	pending []byte     // lines that wait
	timer   *time.Timer
}

// NewWeave returns a weave of what is written to stdout and stderr. A hold of 0
// is [DefaultHold].
func NewWeave(stdout, stderr io.Writer, hold time.Duration) *Weave {
	if hold == 0 {
		hold = DefaultHold
	}
	return &Weave{stdout: stdout, stderr: stderr, hold: hold, shared: sameFile(stdout, stderr)}
}

// sameFile reports whether two writers lead to the same terminal, pipe or file.
func sameFile(a, b io.Writer) bool {
	f, ok := a.(*os.File)
	g, also := b.(*os.File)
	if !ok || !also {
		return false
	}
	x, err := f.Stat()
	if err != nil {
		return false
	}
	y, err := g.Stat()
	return err == nil && os.SameFile(x, y)
}

// Stdout returns the writer of the child's standard output.
func (w *Weave) Stdout() io.Writer {
	return writerFunc(func(p []byte) (int, error) { return w.pass(w.stdout, w.shared, p) })
}

// Stderr returns the writer of the child's standard error.
func (w *Weave) Stderr() io.Writer {
	return writerFunc(func(p []byte) (int, error) { return w.pass(w.stderr, true, p) })
}

// Lines returns the writer of the program's own lines, which go to standard
// error. Each Write is one or more whole lines. It does not wait for the child.
func (w *Weave) Lines() io.Writer { return writerFunc(w.line) }

// Begin says that a child begins to write. It waits for nobody.
func (w *Weave) Begin() { w.children.Add(1) }

// End says that a child writes no more: lines do not wait any longer, unless
// another one has begun.
func (w *Weave) End() {
	w.children.Add(-1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.children.Load() <= 0 {
		_ = w.flush()
	}
}

// pass writes p, the child's. Lines that wait come after its first line end.
func (w *Weave) pass(to io.Writer, woven bool, p []byte) (n int, err error) {
	if !woven || len(p) == 0 {
		return to.Write(p) // lines do not wait for who reads it
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) > 0 {
		i := bytes.IndexByte(p, '\n') + 1
		if n, err = to.Write(p[:i]); err != nil {
			return n, err
		}
		if i > 0 {
			w.midline = false
			_ = w.flush() // what becomes of the lines is not the child's concern
		}
	}
	if n == len(p) {
		return n, nil
	}
	m, err := to.Write(p[n:])
	w.midline = p[len(p)-1] != '\n'
	return n + m, err
}

func (w *Weave) line(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.midline {
		return w.stderr.Write(p)
	}
	w.pending = append(w.pending, p...)
	switch {
	case w.children.Load() <= 0 || len(w.pending) > maxPending:
		return len(p), w.flush()
	case w.timer == nil:
		w.timer = time.AfterFunc(w.hold, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			_ = w.flush()
		})
	}
	return len(p), nil
}

// flush writes the lines that wait, on a line of their own.
func (w *Weave) flush() error {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if len(w.pending) == 0 {
		return nil
	}
	lines := w.pending
	if w.midline {
		w.midline = false
		lines = append([]byte("\n"), lines...)
	}
	w.pending = nil
	_, err := w.stderr.Write(lines)
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
