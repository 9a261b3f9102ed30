//go:build unix

package child

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A keyboard hands what is typed on a terminal to the command that runs. A
// command in a session of its own cannot read the terminal itself.
type keyboard struct {
	once   sync.Once
	mu     sync.Mutex
	to     *os.File // nil where no command reads
	pty    bool     // to is a pseudo-terminal
	resume chan struct{}
}

// endOfFile is what Ctrl-D is on a terminal (VEOF of termios(3), by default).
const endOfFile = 4

// connect returns the command's standard input, or nil for none. The function
// is called when the command has it.
func (in *Input) connect(channels []channel) (stdin *os.File, done func(), err error) {
	nothing := func() {}
	if in == nil {
		return nil, nothing, nil
	}
	if _, ok := terminalOf(in.file); !ok {
		return in.file, nothing, nil
	}
	for _, ch := range channels {
		if ch.terminal != nil {
			in.connectTo(ch.read, true)
			return ch.write, nothing, nil
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nothing, err
	}
	in.connectTo(w, false)
	return r, func() { _ = r.Close() }, nil
}

func (in *Input) connectTo(f *os.File, pty bool) {
	in.mu.Lock()
	if in.to != nil && !in.pty {
		_ = in.to.Close()
	}
	in.to, in.pty = f, pty
	in.mu.Unlock()
	in.once.Do(func() {
		in.resume = make(chan struct{}, 1)
		// In the background a read then fails instead of stopping the program.
		signal.Ignore(syscall.SIGTTIN)
		go in.pump()
	})
}

// Resume reads on after the program was put into the foreground.
func (in *Input) Resume() {
	if in == nil || in.resume == nil {
		return
	}
	select {
	case in.resume <- struct{}{}:
	default:
	}
}

// pump reads for as long as the program runs: nothing can end it.
func (in *Input) pump() {
	buf := make([]byte, 4096)
	for {
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
		if errors.Is(err, syscall.EIO) {
			<-in.resume
		} else if err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}
