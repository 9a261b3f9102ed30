package child

import (
	"io"
	"os"
	"sync"
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

	done chan struct{}
	exit Exit
	copy sync.WaitGroup
}

// Done is closed when the tree has ended and all its output has been passed on.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit returns how the command ended, once Done is closed.
func (p *Process) Exit() Exit {
	<-p.done
	return p.exit
}

// PID is the process id of the command itself.
func (p *Process) PID() int { return p.pid }

// drainTimeout is how long output is waited for after the tree has ended: a
// daemon that got away may hold the pipe open for ever.
const drainTimeout = time.Second

// pass copies what the child writes from r to w, and to also.
func (p *Process) pass(r io.ReadCloser, w io.Writer, also io.Writer, mu *sync.Mutex) {
	p.copy.Go(func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := r.Read(buf)
			if n > 0 {
				// A terminal that is gone must not stop the child.
				_, _ = w.Write(buf[:n])
				mu.Lock()
				_, _ = also.Write(buf[:n])
				mu.Unlock()
			}
			if err != nil {
				return // io.EOF; EIO from a pseudo-terminal; closed by finish
			}
		}
	})
}

// finish waits until the output has been passed on, and closes done.
func (p *Process) finish(exit Exit, output *Weave, readers []*os.File) {
	passed := make(chan struct{})
	go func() {
		p.copy.Wait()
		close(passed)
	}()
	select {
	case <-passed:
	case <-time.After(drainTimeout):
	}
	for _, r := range readers {
		_ = r.Close() // ends a read that still waits, where the system can
	}
	output.End()
	p.exit = exit
	close(p.done)
}
