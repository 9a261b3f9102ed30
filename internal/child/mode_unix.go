//go:build unix

package child

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// A mode is that of the real terminal while a pseudo-terminal stands in for it.
// What is typed is then edited and echoed by the pseudo-terminal alone, in the
// way that the command has set there: one that asks for a password turns the
// echo off. What sends signals, stops the output, and ends lines of the output
// stays the real one's.
type mode struct {
	mu     sync.Mutex
	wanted bool
	shared bool          // others may read the terminal: their mode is left alone
	yields bool          // they are given time to set it first
	before *unix.Termios // what it was; nil where it is so
}

// ownTime is VTIME in the mode that raw makes, which does nothing where VMIN is 1.
// By it a mode is told from that of a pager, which sets 0.
const ownTime = 7

// raw returns t with neither editing nor echo.
func raw(t unix.Termios) unix.Termios {
	t.Iflag &^= unix.ICRNL | unix.INLCR | unix.IGNCR
	t.Lflag &^= unix.ICANON | unix.ECHO | unix.ECHONL | unix.IEXTEN
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, ownTime
	return t
}

// isRaw reports whether now is what raw has made of before, and nobody else has
// changed it.
func isRaw(now, before unix.Termios) bool {
	before = raw(before)
	// PENDIN is the system's own note.
	return now.Iflag == before.Iflag && now.Lflag&^unix.PENDIN == before.Lflag&^unix.PENDIN &&
		now.Cc[unix.VTIME] == before.Cc[unix.VTIME]
}

// isAnothers reports whether somebody else has a terminal send each key as it is
// typed: a pager that reads what comes from here by a pipe.
func isAnothers(tty *os.File) bool {
	now, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	return err == nil && now.Lflag&unix.ICANON == 0 && now.Cc[unix.VTIME] != ownTime
}

// foreground reports whether the program may change the mode of a terminal. In
// the background that would stop it. A terminal that does not control the
// program knows neither.
func foreground(tty *os.File) bool {
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

// share says, before anything else, whether others may read the terminal.
func (m *mode) share(shared bool) { m.shared, m.yields = shared, shared }

// want says that a command has a pseudo-terminal, and sets the mode. It returns
// the one that is to be restored at the end; nil where it is not set yet.
func (m *mode) want(tty *os.File) *unix.Termios {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wanted = true
	m.set(tty)
	if m.before != nil || !m.yields || !foreground(tty) || isAnothers(tty) {
		return m.before
	}
	now, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		return nil
	}
	return now // it is about to be set
}

// settle sets the mode where it is wanted: the others have had time to set
// theirs.
func (m *mode) settle(tty *os.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.yields = false
	if m.wanted {
		m.set(tty)
	}
}

// resume sets the mode where it is wanted, and not set.
func (m *mode) resume(tty *os.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wanted {
		m.set(tty)
	}
}

func (m *mode) set(tty *os.File) {
	if m.yields || !foreground(tty) || m.shared && isAnothers(tty) {
		return
	}
	now, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil || m.before != nil && isRaw(*now, *m.before) {
		return
	}
	quiet := raw(*now)
	if unix.IoctlSetTermios(int(tty.Fd()), setTermios, &quiet) == nil {
		m.before = now
	}
}

// keyOf returns how a terminal shows the key that sends a signal, such as ^C; ""
// where it does not, or the mode is not set.
func (m *mode) keyOf(s os.Signal) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := map[os.Signal]int{unix.SIGINT: unix.VINTR, unix.SIGTSTP: unix.VSUSP}[s]
	if !ok || m.before == nil {
		return ""
	}
	const shows = unix.ISIG | unix.ECHO | unix.ECHOCTL
	key := m.before.Cc[at]
	if m.before.Lflag&shows != shows || key >= ' ' {
		return ""
	}
	return "^" + string(rune(key+'@'))
}

// suspend restores the mode until resume sets it again.
func (m *mode) suspend(tty *os.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.yields = m.shared
	m.unset(tty)
}

// end restores the mode: the command has ended.
func (m *mode) end(tty *os.File) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wanted = false
	m.unset(tty)
}

func (m *mode) unset(tty *os.File) {
	if m.before != nil && foreground(tty) {
		restore(int(tty.Fd()), *m.before)
	}
	m.before = nil
}

// restore restores the mode before, unless somebody has changed it meanwhile: a
// pager that reads a pipe from here, or a shell.
func restore(fd int, before unix.Termios) {
	now, err := unix.IoctlGetTermios(fd, getTermios)
	if err == nil && isRaw(*now, before) {
		_ = unix.IoctlSetTermios(fd, setTermios, &before) // a terminal that is gone has no mode
	}
}

// CanBeContinued reports whether there is a shell that lets the program go on
// once it is stopped: each job of a shell is a process group of its own. The
// group that a session begins with has none, and the system would not stop it
// (POSIX.1-2024, section 2.4.3, orphaned process groups): ssh -t host corsproxy,
// a terminal's tab, the first process of a container.
func CanBeContinued() bool {
	session, err := unix.Getsid(0)
	return err != nil || session != unix.Getpgrp()
}
