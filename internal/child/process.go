package child

import (
	"bytes"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Grace is how long a tree may take to end before it is made to.
type Grace struct {
	// Gentle is from the interrupt to a request to terminate, after the program
	// was killed.
	Gentle time.Duration
	// Firm is from the request to terminate to the kill, and how long what the
	// command left behind may live on.
	Firm time.Duration
}

// DefaultGrace gives SAM local the time to remove its containers.
var DefaultGrace = Grace{Gentle: 10 * time.Second, Firm: 2 * time.Second}

// An Exit is how a command ended.
type Exit struct {
	Code   int    // 128 and the signal's number where a signal ended it
	Signal string // "SIGTERM"; empty where none did
}

// A Process is a command that was started, and all that it started.
type Process struct {
	tree // the platform's part

	over      chan struct{} // closed when the tree has ended
	exit      Exit          // set before
	done      chan struct{}
	copy      sync.WaitGroup
	passing   atomic.Int32 // how much that was read is not passed on yet
	abandoned atomic.Bool

	copying sync.Mutex // held while the copy is written
	left    bool       // nobody wants the copy any more
}

func newProcess() *Process {
	return &Process{over: make(chan struct{}), done: make(chan struct{})}
}

// Over is closed when the tree has ended, though its output may wait to be read.
func (p *Process) Over() <-chan struct{} { return p.over }

// Done is closed when the tree has ended and all its output has been passed on.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit returns how the command ended, once the tree is over.
func (p *Process) Exit() Exit {
	<-p.over
	return p.exit
}

// Abandon gives up the output that nobody reads: Done does not wait for it much
// longer.
func (p *Process) Abandon() { p.abandoned.Store(true) }

// PID is the process id of the command itself.
func (p *Process) PID() int { return p.pid }

// drainTimeout is how long more output is waited for after the tree has ended: a
// daemon that got away may hold the pipe open for ever. Who reads slowly what is
// there is given all the time.
const drainTimeout = time.Second

// abandonTimeout is how long the output is waited for that was abandoned.
const abandonTimeout = 100 * time.Millisecond

// maxDrain is how much may be written that is passed on after that, in bytes: no
// pipe has room for more, and what comes then is a daemon's.
const maxDrain = 1 << 20

// maxAhead is how many reads may wait to be passed on, and maxRead is the size
// of each, in bytes. What is copied has come so far where nobody reads.
const (
	maxAhead = 64
	maxRead  = 32 << 10
)

// copyTimeout is how long a copy waits for the same bytes to be passed on.
const copyTimeout = 100 * time.Millisecond

// pass passes what the child writes on from r to w, and then to also, which does
// not wait for a reader of w that has stopped.
func (p *Process) pass(r io.ReadCloser, w io.Writer, also io.Writer) {
	type part struct {
		data   []byte
		passed chan struct{}
	}
	parts := make(chan part, maxAhead)
	p.copy.Go(func() {
		for next := range parts {
			// A terminal that is gone must not stop the child.
			_, _ = w.Write(next.data)
			p.passing.Add(-1)
			close(next.passed)
		}
	})
	p.copy.Go(func() {
		defer close(parts)
		buf := make([]byte, maxRead)
		for left := maxDrain; left > 0; {
			n, err := r.Read(buf)
			if n > 0 {
				next := part{bytes.Clone(buf[:n]), make(chan struct{})}
				late := len(parts) > 0
				p.passing.Add(1)
				parts <- next
				if !late { // so that what follows from it is said after it
					select {
					case <-next.passed:
					case <-time.After(copyTimeout):
					}
				}
				p.copyTo(also, next.data)
			}
			if err != nil {
				return // io.EOF; EIO from a pseudo-terminal; closed by finish
			}
			select {
			case <-p.over:
				left -= n
			default:
			}
		}
	})
}

func (p *Process) copyTo(also io.Writer, data []byte) {
	p.copying.Lock()
	defer p.copying.Unlock()
	if !p.left {
		_, _ = also.Write(data)
	}
}

// Leave ends the copy of the output. What is still to be passed on, is.
func (p *Process) Leave() {
	p.copying.Lock()
	defer p.copying.Unlock()
	p.left = true
}

// finish waits until the output has been passed on, and closes done. Lines of
// the program's own that nobody reads are not waited for.
func (p *Process) finish(exit Exit, output *Weave, readers []*os.File) {
	p.exit = exit
	close(p.over)
	p.await(p.copy.Wait, func() bool { return p.passing.Load() > 0 })
	for _, r := range readers {
		_ = r.Close() // ends a read that still waits, where the system can
	}
	p.await(output.End, func() bool { return false })
	close(p.done)
}

// await waits until f returns. It gives up after drainTimeout, which does not
// pass while busy is true, unless the output is abandoned.
func (p *Process) await(f func(), busy func() bool) {
	returned := make(chan struct{})
	go func() {
		f()
		close(returned)
	}()
	const step = drainTimeout / 20
	tick := time.NewTicker(step)
	defer tick.Stop()
	for left := drainTimeout; left > 0; {
		select {
		case <-returned:
			return
		case <-tick.C:
			if p.abandoned.Load() {
				left = min(left, abandonTimeout) - step
			} else if !busy() {
				left -= step
			}
		}
	}
}
