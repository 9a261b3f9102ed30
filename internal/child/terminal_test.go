//go:build unix

package child_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// A screen is a terminal that a test looks at and types on.
type screen struct {
	*transcript.Transcript
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
	s := &screen{transcript.New(), slave, master}
	go func() { _, _ = io.Copy(s, master) }()
	// Reads that still wait, here and of the keyboard, end with the test binary.
	t.Cleanup(func() {
		slave.Close()
		master.Close()
	})
	return s
}

// run starts a command on the screen.
func (s *screen) run(t *testing.T, role string) *child.Process {
	t.Helper()
	c := command(t, role)
	c.Output, c.Input = child.NewWeave(s.tty, s.tty, 0), child.NewInput(s.tty)
	return start(t, c)
}

// mode returns how the terminal treats what is typed.
func (s *screen) mode(t *testing.T) unix.Termios {
	t.Helper()
	mode, err := unix.IoctlGetTermios(int(s.tty.Fd()), child.GetTermios)
	if err != nil {
		t.Fatal(err)
	}
	mode.Lflag &^= unix.PENDIN // the system's own note
	return *mode
}

// TestTerminal has a command believe that it writes to the terminal itself.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	c := command(t, "terminal", "RESIZE=1")
	copied := transcript.New()
	c.Output, c.Copy, c.Input = child.NewWeave(s.tty, s.tty, 0), copied, child.NewInput(s.tty)
	p := start(t, c)
	for _, want := range []string{"stdin: true", "stdout: true", "stderr: true", "size: 111 33", "controlled"} {
		s.AwaitText(t, want+"\r\n")
	}
	if err := pty.Setsize(s.keyboard, &pty.Winsize{Rows: 44, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	p.Resize()
	s.AwaitText(t, "size: 99 44\r\n")

	_, _ = s.keyboard.WriteString("hello\n")
	s.AwaitText(t, `read: "hello\n"`)
	_, _ = s.keyboard.Write([]byte{4})
	s.AwaitText(t, "end: EOF\r\n")
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
	out := transcript.New()
	c := command(t, "terminal")
	c.Output = child.NewWeave(out, s.tty, 0)
	p := start(t, c)
	s.AwaitText(t, "stderr: true\r\n")
	out.AwaitText(t, "stdout: false\n")
	s.AwaitText(t, "end: EOF")
	exit(t, p)
}

// TestHiddenPrompt shows what is typed where the command does, and only there.
func TestHiddenPrompt(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	s.run(t, "secret")
	s.AwaitText(t, "password: ")
	_, _ = s.keyboard.WriteString("s3cret\n")
	s.AwaitText(t, "read 7 bytes\r\nname: ")
	_, _ = s.keyboard.WriteString("Ada\n")
	s.AwaitText(t, "name: Ada\r\nread 4 bytes\r\n")
	if strings.Contains(s.String(), "s3cret") {
		t.Errorf("the password is shown: %q", s)
	}
}

// TestKeys has a command get each key at once that asks for that, and no line
// edited by anybody else.
func TestKeys(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	p := s.run(t, "keys")
	s.AwaitText(t, "keys: ")
	for key, want := range map[string]string{"a": `"a"`, "\r": `"\r"`, "\x7f": `"\x7f"`, "\x16": `"\x16"`, "\x04": `"\x04"`} {
		_, _ = s.keyboard.WriteString(key)
		s.AwaitText(t, want)
	}
	_, _ = s.keyboard.WriteString("q")
	exit(t, p)
	if strings.Contains(s.String(), "keys: a") {
		t.Errorf("a key is shown: %q", s)
	}
}

// TestEditing has a line edited with the keys that the user has chosen.
func TestEditing(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	mode := s.mode(t)
	mode.Cc[unix.VERASE] = '#'
	s.set(t, mode)
	s.run(t, "terminal")
	s.AwaitText(t, "controlled\r\n")
	_, _ = s.keyboard.WriteString("hellx#o\n")
	s.AwaitText(t, `read: "hello\n"`)
	s.AwaitText(t, "hellx\b \bo\r\n")
}

// TestTerminalKept has the real terminal in the mode that it was in whenever
// the command has not got it.
func TestTerminalKept(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	before := s.mode(t)
	c := command(t, "terminal")
	c.Output, c.Input = child.NewWeave(s.tty, s.tty, 0), child.NewInput(s.tty)
	p := start(t, c)
	s.AwaitText(t, "controlled")
	during := s.mode(t)
	c.Input.Suspend()
	suspended := s.mode(t)
	c.Input.Resume()
	resumed := s.mode(t)
	_, _ = s.keyboard.Write([]byte{4})
	exit(t, p)
	if during == before || resumed != during {
		t.Errorf("the terminal echoes, too: %+v, after a pause %+v", during, resumed)
	}
	if after := s.mode(t); suspended != before || after != before {
		t.Errorf("the terminal's mode was %+v, is %+v in a pause, %+v at the end", before, suspended, after)
	}
}

// TestTerminalOfAnother leaves a mode alone that somebody has set meanwhile.
func TestTerminalOfAnother(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	p := s.run(t, "keys")
	s.AwaitText(t, "keys: ")
	mode := s.mode(t)
	mode.Lflag &^= unix.ISIG
	s.set(t, mode)
	_, _ = s.keyboard.WriteString("q")
	if exit(t, p); s.mode(t) != mode {
		t.Errorf("a pager's mode %+v became %+v", mode, s.mode(t))
	}
}

// TestTerminalAfterKill has the terminal in its mode again after the program was
// killed, which could not restore it.
func TestTerminalAfterKill(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	before := s.mode(t)
	r := newRegister(t)
	c := command(t, "program", r.env(), "CHILD=wait")
	cmd := exec.Command(c.Args[0])
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, s.tty, s.tty, s.tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	all := r.members(2)
	if s.mode(t) == before {
		t.Error("the terminal echoes, too")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	all["child"].gone()
	if after := s.mode(t); after != before {
		t.Errorf("the terminal's mode was %+v, and is %+v", before, after)
	}
}

// TestEcho shows the keys that send signals, while the terminal itself does not.
func TestEcho(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	c := command(t, "terminal")
	c.Output, c.Input = child.NewWeave(s.tty, s.tty, 0), child.NewInput(s.tty)
	c.Input.Echo(syscall.SIGINT)
	p := start(t, c)
	s.AwaitText(t, "controlled\r\n")
	c.Input.Echo(syscall.SIGTERM)
	c.Input.Echo(syscall.SIGTSTP)
	s.AwaitText(t, "controlled\r\n^Z")
	c.Input.Echo(syscall.SIGINT)
	s.AwaitText(t, "^Z^C")
	_, _ = s.keyboard.Write([]byte{4})
	exit(t, p)
	c.Input.Echo(syscall.SIGINT)
	if strings.Count(s.String(), "^C") != 1 {
		t.Errorf("the screen shows %q", s)
	}
}

// TestPager leaves each key to a pager that reads the output by a pipe, and none
// after its end.
func TestPager(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		terminal bool // standard error is one
		late     bool // the pager begins when the command has the terminal
	}{
		{"of standard output", true, false},
		{"of standard output, begun late", true, true},
		{"of both", false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newScreen(t)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			typed, err := unix.Dup(int(s.tty.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			c := command(t, "copy")
			// One of its own, which stays open: it is looked at until the terminal is gone.
			c.Output, c.Input = child.NewWeave(w, w, 0), child.NewInput(os.NewFile(uintptr(typed), "terminal"))
			if tt.terminal {
				c.Output = child.NewWeave(w, s.tty, 0)
			}
			before := s.mode(t)
			begin := func() {
				before = s.mode(t)
				mode := before
				mode.Lflag &^= unix.ICANON | unix.ECHO
				mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
				s.set(t, mode)
			}
			if !tt.late {
				begin()
			}
			start(t, c)
			if tt.late {
				for deadline := time.Now().Add(transcript.Patience); s.mode(t) == before; time.Sleep(time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatal("the command does not get the terminal")
					}
				}
				begin()
			}
			s.page(t, 30)
			s.set(t, before)
			_, _ = s.keyboard.WriteString("line\n")
			got := make([]byte, len("line\n"))
			_ = r.SetReadDeadline(time.Now().Add(transcript.Patience))
			if _, err := io.ReadFull(r, got); err != nil || string(got) != "line\n" {
				t.Errorf("the command got %q: %v", got, err)
			}
			w.Close()
		})
	}
}

// page types n keys, one after the other, and reads each from the terminal.
func (s *screen) page(t *testing.T, n int) {
	t.Helper()
	keys := make(chan byte)
	go func() {
		var key [1]byte
		for range n {
			if _, err := s.tty.Read(key[:]); err != nil {
				return
			}
			keys <- key[0]
		}
	}()
	for i := range n {
		want := byte('a' + i%26)
		_, _ = s.keyboard.Write([]byte{want})
		select {
		case got := <-keys:
			if got != want {
				t.Fatalf("of the keys, %q is lost", want)
			}
		case <-time.After(transcript.Patience):
			t.Fatalf("of the keys, %q is lost", want)
		}
		time.Sleep(50 * time.Millisecond) // in all, longer than the command waits for a pager
	}
}

func (s *screen) set(t *testing.T, mode unix.Termios) {
	t.Helper()
	if err := unix.IoctlSetTermios(int(s.tty.Fd()), child.SetTermios, &mode); err != nil {
		t.Fatal(err)
	}
}
