//go:build unix

package child_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/corsproxy/corsproxy/internal/child"
)

// A screen is a terminal that a test looks at and types on.
type screen struct {
	*transcript
	tty      *os.File
	keyboard *os.File
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("NOT TESTED: no pseudo-terminal: %v", err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 33, Cols: 111}); err != nil {
		t.Fatal(err)
	}
	s := &screen{newTranscript(), slave, master}
	go func() { _, _ = io.Copy(s, master) }()
	// Reads that still wait, here and of the keyboard, end with the test binary.
	t.Cleanup(func() {
		slave.Close()
		master.Close()
	})
	return s
}

// TestTerminal has a command believe that it writes to the terminal itself.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	c := command(t, "terminal", "RESIZE=1")
	copied := newTranscript()
	c.Output, c.Copy, c.Input = child.NewWeave(s.tty, s.tty, 0), copied, child.NewInput(s.tty)
	p := start(t, c)
	for _, want := range []string{"stdin: true", "stdout: true", "stderr: true", "size: 111 33", "controlled"} {
		s.await(t, want+"\r\n")
	}
	if err := pty.Setsize(s.keyboard, &pty.Winsize{Rows: 44, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	p.Resize()
	s.await(t, "size: 99 44\r\n")

	_, _ = s.keyboard.WriteString("hello\n")
	s.await(t, `read: "hello\n"`)
	_, _ = s.keyboard.Write([]byte{4})
	s.await(t, "end: EOF\r\n")
	exit(t, p)
	if got := copied.String(); !strings.Contains(got, "end: EOF\n") || strings.Contains(got, "\r") {
		t.Errorf("the bytes that the command wrote are changed: %q", got)
	}
	if got := strings.Count(s.String(), "hello\r\n"); got != 1 {
		t.Errorf("what is typed is shown %d times", got)
	}
}

// TestHalfATerminal has each stream be what the program's is.
func TestHalfATerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	out := newTranscript()
	c := command(t, "terminal")
	c.Output = child.NewWeave(out, s.tty, 0)
	p := start(t, c)
	s.await(t, "stderr: true\r\n")
	out.await(t, "stdout: false\n")
	s.await(t, "end: EOF")
	exit(t, p)
}

// TestTerminalKept has the real terminal in the state that it was in.
func TestTerminalKept(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	before, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	c := command(t, "exit", "CODE=0")
	c.Output, c.Input = child.NewWeave(s.tty, s.tty, 0), child.NewInput(s.tty)
	exit(t, start(t, c))
	after, err := term.GetState(int(s.tty.Fd()))
	if err != nil || *after != *before {
		t.Errorf("the terminal's mode has changed: %v", err)
	}
}
