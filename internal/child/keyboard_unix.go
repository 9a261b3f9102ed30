//go:build unix

package child

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A keyboard hands what is typed on a terminal to the command that runs. A
// command in a session of its own cannot read the terminal itself.
type keyboard struct {
	once   sync.Once
	mu     sync.Mutex
	to     *os.File // nil where no command reads
	pty    bool     // to is a pseudo-terminal
	resume chan struct{}
	mode   mode
}

// endOfFile is what Ctrl-D is on a terminal (VEOF of termios(3), by default).
const endOfFile = 4

// connect returns the command's standard input, or nil for none. The function
// is called when the command has it.
func (in *Input) connect(channels []channel, shared bool) (stdin *os.File, done func(), err error) {
	nothing := func() {}
	if in == nil {
		return nil, nothing, nil
	}
	if _, ok := terminalOf(in.file); !ok {
		return in.file, nothing, nil
	}
	for _, ch := range slices.Backward(channels) { // the last is the controlling one
		if ch.terminal != nil {
			in.connectTo(ch.read, true, shared)
			return ch.write, nothing, nil
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nothing, err
	}
	in.connectTo(w, false, shared)
	return r, func() { _ = r.Close() }, nil
}

func (in *Input) connectTo(f *os.File, pty, shared bool) {
	in.mu.Lock()
	if in.to != nil && !in.pty {
		_ = in.to.Close()
	}
	in.to, in.pty = f, pty
	in.mu.Unlock()
	in.once.Do(func() {
		in.resume = make(chan struct{}, 1)
		in.mode.share(shared)
		// In the background a read then fails instead of stopping the program.
		signal.Ignore(syscall.SIGTTIN)
		go in.pump()
	})
}

// hush has the terminal neither edit nor echo what is typed, which is for the
// command's to do, and returns the mode that it had; nil where it keeps it. End
// undoes it.
func (in *Input) hush() *unix.Termios {
	if in == nil || !in.pty {
		return nil
	}
	return in.mode.want(in.file)
}

// end says that the command has ended.
func (in *Input) end() {
	if in != nil {
		in.mode.end(in.file)
	}
}

// Echo shows the key that has sent a signal, as a terminal does that echoes: it
// is the real one that knows it, and the pseudo-terminal that echoes.
func (in *Input) Echo(s os.Signal) {
	if in == nil {
		return
	}
	if shown := in.mode.keyOf(s); shown != "" {
		done := make(chan struct{})
		go func() {
			_, _ = in.file.WriteString(shown)
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(10 * time.Millisecond): // the output is stopped, and nothing is to wait for it
		}
	}
}

// Suspend gives the terminal back before the program is stopped.
func (in *Input) Suspend() {
	if in != nil {
		in.mode.suspend(in.file)
	}
}

// Resume reads on after the program was put into the foreground.
func (in *Input) Resume() {
	if in == nil || in.resume == nil {
		return
	}
	if in.mode.shared {
		time.AfterFunc(settleTime, func() { in.mode.settle(in.file) })
	} else {
		in.mode.resume(in.file)
	}
	select {
	case in.resume <- struct{}{}:
	default:
	}
}

// pump reads for as long as the program runs: nothing can end it.
func (in *Input) pump() {
	buf := make([]byte, 4096)
	if in.mode.shared {
		time.Sleep(settleTime)
		in.mode.settle(in.file)
	}
	for {
		in.awaitTurn()
		n, err := in.file.Read(buf)
		in.mu.Lock()
		switch {
		case in.to == nil:
		case n > 0:
			_, _ = in.to.Write(buf[:n])
		case errors.Is(err, io.EOF) && in.pty:
			_, _ = in.to.Write([]byte{endOfFile})
		case errors.Is(err, io.EOF):
			_ = in.to.Close()
			in.to = nil
		}
		in.mu.Unlock()
		switch {
		case err == nil:
		case !in.isThere():
			return
		case errors.Is(err, syscall.EIO):
			in.awaitForeground()
		case !errors.Is(err, io.EOF):
			return
		}
	}
}

// settleTime is how long a pager may take to set the terminal's mode, when it
// starts or goes on with the command. What is typed at the start waits so long.
const settleTime = time.Second

// awaitTurn waits until something is typed that is not another's: of two who read
// one terminal, each would get some of the keys.
func (in *Input) awaitTurn() {
	for in.mode.shared {
		typed := []unix.PollFd{{Fd: int32(in.file.Fd()), Events: unix.POLLIN}}
		if _, err := unix.Poll(typed, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if !isAnothers(in.file) {
			in.mode.resume(in.file)
			return
		}
		time.Sleep(foregroundPoll)
	}
}

// isThere reports whether the terminal has not been closed: one that was has no
// end of what is read from it.
func (in *Input) isThere() bool {
	_, ok := terminalOf(in.file)
	return ok
}

// foregroundPoll is how often a program in the background looks whether it
// still is. Not every shell tells of it.
const foregroundPoll = 100 * time.Millisecond

func (in *Input) awaitForeground() {
	tick := time.NewTicker(foregroundPoll)
	defer tick.Stop()
	for in.isThere() {
		select {
		case <-in.resume:
		case <-tick.C:
		}
		if foreground(in.file) {
			in.mode.resume(in.file)
			return
		}
	}
}
