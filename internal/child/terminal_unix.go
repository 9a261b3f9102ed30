//go:build unix

package child

import (
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A terminal is a pseudo-terminal that stands in for a real one.
type terminal struct {
	real   *os.File
	master *os.File
}

// terminalOf returns the terminal that w leads to.
func terminalOf(w any) (*terminal, bool) {
	f, ok := w.(*os.File)
	return &terminal{real: f}, ok && term.IsTerminal(int(f.Fd()))
}

// open opens a pseudo-terminal of the same size, with the same keys, and returns
// its ends. It changes nothing of what is written: the real one does.
func (t *terminal) open() (master, slave *os.File, err error) {
	m, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	// The library's file blocks, and closing it would not end a read.
	_ = setNonblock(m)
	if master, err = duplicate(m); err == nil {
		fd := int(slave.Fd())
		var mode *unix.Termios
		if mode, err = unix.IoctlGetTermios(fd, getTermios); err == nil {
			// In the background it has the mode of a shell's prompt.
			if real, err := unix.IoctlGetTermios(int(t.real.Fd()), getTermios); err == nil && foreground(t.real) {
				mode.Iflag, mode.Lflag, mode.Cc = real.Iflag, real.Lflag, real.Cc
			}
			mode.Oflag &^= unix.OPOST
			err = unix.IoctlSetTermios(fd, setTermios, mode)
		}
	}
	if err != nil {
		_ = slave.Close()
		return nil, nil, err
	}
	t.master = master
	t.resize()
	return master, slave, nil
}

// resize gives the pseudo-terminal the size of the real one.
func (t *terminal) resize() {
	size, err := unix.IoctlGetWinsize(int(t.real.Fd()), syscall.TIOCGWINSZ)
	if err != nil {
		return // it is gone, or has none
	}
	conn, err := t.master.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.IoctlSetWinsize(int(fd), syscall.TIOCSWINSZ, size) })
}
