package child

import (
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
	passing   atomic.Int32 // how many channels have output that is being passed on
	abandoned atomic.Bool
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

// pass copies what the child writes from r to w, and to also.
func (p *Process) pass(r io.ReadCloser, w io.Writer, also io.Writer, mu *sync.Mutex) {
	p.copy.Go(func() {
		buf := make([]byte, 32<<10)
		for left := maxDrain; left > 0; {
			n, err := r.Read(buf)
			if n > 0 {
				p.passing.Add(1)
				// A terminal that is gone must not stop the child.
				_, _ = w.Write(buf[:n])
				mu.Lock()
				_, _ = also.Write(buf[:n])
				mu.Unlock()
				p.passing.Add(-1)
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

// finish waits until the output has been passed on, and closes done.
func (p *Process) finish(exit Exit, output *Weave, readers []*os.File) {
	p.exit = exit
	close(p.over)
	p.await(p.copy.Wait, func() bool { return p.passing.Load() > 0 })
	for _, r := range readers {
		_ = r.Close() // ends a read that still waits, where the system can
	}
	p.await(output.End, func() bool { return true })
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
