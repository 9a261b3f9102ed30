//go:build unix

package child_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

func TestExit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		role, code string
		want       child.Exit
	}{
		{"exit", "0", child.Exit{}},
		{"exit", "3", child.Exit{Code: 3}},
		{"signal", "15", child.Exit{Code: 143, Signal: "SIGTERM"}},
		{"signal", "9", child.Exit{Code: 137, Signal: "SIGKILL"}},
	}
	for _, tt := range tests {
		t.Run(tt.role+" "+tt.code, func(t *testing.T) {
			t.Parallel()
			if got := exit(t, start(t, command(t, tt.role, "CODE="+tt.code))); got != tt.want {
				t.Errorf("it ended with %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestArguments gives a command its arguments byte for byte, and its path.
func TestArguments(t *testing.T) {
	t.Parallel()
	c := command(t, "args")
	path := filepath.Join(t.TempDir(), "caf\xe9")
	if err := os.Symlink(c.Args[0], path); err != nil {
		path = c.Args[0] // not every file system has such names
	}
	args := []string{"", "caf\xe9-\xff", "<>&\u2028\n", strings.Repeat("<", 100_000), strings.Repeat("x", 100_000)}
	c.Args = append([]string{path}, args...)
	var got bytes.Buffer
	c.Output = child.NewWeave(&got, io.Discard, 0)
	if exit(t, start(t, c)); got.String() != fmt.Sprintf("%q", args) {
		t.Errorf("the command got %.100s…", got.String())
	}
}

// TestOutput has each byte arrive where it belongs, and in the copy.
func TestOutput(t *testing.T) {
	t.Parallel()
	out, errOut := "\x1b[32mgreen\x1b[0m\r\nno end", strings.Repeat("e\xff\n", 50_000)
	var gotOut, gotErr, copied bytes.Buffer
	c := command(t, "write", "OUT="+out, "ERR="+errOut[:100_000])
	c.Output = child.NewWeave(&gotOut, &gotErr, 0)
	c.Copy = &copied
	exit(t, start(t, c))
	if gotOut.String() != out {
		t.Errorf("standard output is %q, want %q", gotOut.String(), out)
	}
	if gotErr.String() != errOut[:100_000] {
		t.Errorf("standard error has %d bytes, and not those written", gotErr.Len())
	}
	if copied.Len() != len(out)+100_000 {
		t.Errorf("the copy has %d bytes", copied.Len())
	}
}

// A slowReader takes no bytes until it is told to.
type slowReader struct {
	bytes.Buffer
	asked, ready chan struct{}
}

func (s *slowReader) Write(p []byte) (int, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	<-s.ready
	return s.Buffer.Write(p)
}

// TestSlowReader has the output wait for who reads it, though the command has
// ended: what it wrote last says why.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	s := &slowReader{asked: make(chan struct{}, 1), ready: make(chan struct{})}
	want := strings.Repeat("line\n", 12_000) + "the reason\n" // more than is read at once, and less than a pipe holds
	c := command(t, "write", "OUT="+want)
	c.Output = child.NewWeave(s, io.Discard, 0)
	p := start(t, c)
	<-s.asked
	select {
	case <-p.Over():
	case <-time.After(transcript.Patience):
		t.Fatal("it does not end")
	}
	select {
	case <-p.Done():
		t.Error("nobody waits for the reader")
	case <-time.After(1500 * time.Millisecond): // longer than for what holds the pipe
	}
	close(s.ready)
	if exit(t, p); s.String() != want {
		t.Errorf("of %d bytes %d were passed on", len(want), s.Len())
	}
}

// TestAbandon has nobody wait for a reader that does not read.
func TestAbandon(t *testing.T) {
	t.Parallel()
	s := &slowReader{asked: make(chan struct{}, 1), ready: make(chan struct{})}
	defer close(s.ready)
	c := command(t, "write", "OUT=text")
	c.Output = child.NewWeave(s, io.Discard, 0)
	p := start(t, c)
	<-s.asked
	_, _ = io.WriteString(c.Output.Lines(), "lines do not wait, either\n")
	p.Abandon()
	exit(t, p)
}

// TestOwnLinesUnread has the end, and the next start, wait for nobody to read the
// program's own lines.
func TestOwnLinesUnread(t *testing.T) {
	t.Parallel()
	s := &slowReader{asked: make(chan struct{}, 1), ready: make(chan struct{})}
	defer close(s.ready)
	c := command(t, "exit")
	c.Output = child.NewWeave(io.Discard, s, 0)
	go func() { _, _ = io.WriteString(c.Output.Lines(), "a line\n") }()
	<-s.asked
	exit(t, start(t, c))
	exit(t, start(t, c))
}

// TestCopyUnread has the copy wait for no reader of the output, and end where
// nobody wants it.
func TestCopyUnread(t *testing.T) {
	t.Parallel()
	s := &slowReader{asked: make(chan struct{}, 1), ready: make(chan struct{})}
	c := command(t, "copy")
	copied := transcript.New()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	c.Output, c.Copy, c.Input = child.NewWeave(s, io.Discard, 0), copied, child.NewInput(r)
	p := start(t, c)
	_, _ = io.WriteString(w, "one\n")
	<-s.asked
	for _, line := range []string{"two\n", "three\n"} {
		_, _ = io.WriteString(w, line)
		copied.AwaitText(t, line)
	}
	p.Leave()
	_, _ = io.WriteString(w, "four\n")
	w.Close()
	close(s.ready)
	exit(t, p)
	if got, want := s.String(), "one\ntwo\nthree\nfour\n"; got != want {
		t.Errorf("passed on is %q, want %q", got, want)
	}
	if got, want := copied.String(), "one\ntwo\nthree\n"; got != want {
		t.Errorf("the copy is %q, want %q", got, want)
	}
}

// TestOutputInOrder has standard output and error in order where both lead to
// one pipe.
func TestOutputInOrder(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := command(t, "write", "OUT=first ", "ERR=second")
	c.Output = child.NewWeave(w, w, 0)
	exit(t, start(t, c))
	w.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || got.String() != "first second" {
		t.Errorf("the pipe got %q, %v", got.String(), err)
	}
}

func TestInputFromPipe(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got bytes.Buffer
	c := command(t, "copy")
	c.Output = child.NewWeave(&got, &got, 0)
	c.Input = child.NewInput(r)
	p := start(t, c)
	_, _ = w.WriteString("typed\n")
	w.Close()
	if exit(t, p); got.String() != "typed\n" {
		t.Errorf("the command read %q", got.String())
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("plain", "#!/bin/sh\n", 0o600)
	write("nothing", "no program", 0o700)
	write("lost", "#!/no/such/interpreter\n", 0o700)
	write("fine", "#!/bin/sh\nexit 5\n", 0o700)
	tests := []struct {
		program string
		code    int
		is      error
	}{
		{"no-such-program", child.ExitNotFound, os.ErrNotExist},
		{"./no-such-program", child.ExitNotFound, os.ErrNotExist},
		{"plain", child.ExitCannotRun, os.ErrPermission},
		{"./plain", child.ExitCannotRun, os.ErrPermission},
		{"./", child.ExitCannotRun, nil},
		{"./plain/below", child.ExitCannotRun, syscall.ENOTDIR},
		{"nothing", child.ExitCannotRun, syscall.ENOEXEC},
		{"lost", child.ExitNotFound, os.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.program, func(t *testing.T) {
			t.Parallel()
			c := command(t, "exit", "PATH="+dir)
			c.Dir, c.Args = dir, []string{tt.program}
			_, err := c.Start()
			var start *child.StartError
			if !errors.As(err, &start) || start.Code != tt.code || start.Program != tt.program || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v, want a StartError with %d for %v", err, tt.code, tt.is)
			}
		})
	}
	c := command(t, "exit", "PATH="+dir)
	c.Dir, c.Args = dir, []string{"fine"}
	if got := exit(t, start(t, c)); got.Code != 5 {
		t.Errorf("a script in PATH ended with %+v", got)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	p := start(t, command(t, "polite", r.env()))
	all := r.members(2)
	p.Interrupt()
	if got := exit(t, p); got != (child.Exit{Code: 7}) {
		t.Errorf("it ended with %+v", got)
	}
	all["deaf"].gone() // what it left behind
}

// TestKill ends a tree that hears of nothing else.
func TestKill(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	p := start(t, command(t, "parent", r.env()))
	all := r.members(2)
	p.Interrupt()
	p.Terminate()
	p.Kill()
	if got := exit(t, p); got.Signal != "SIGKILL" {
		t.Errorf("it ended with %+v", got)
	}
	all["parent"].gone()
	all["deaf"].gone()
}

func TestTerminate(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	p := start(t, command(t, "wait", r.env()))
	r.members(1)
	p.Terminate()
	if got := exit(t, p); got != (child.Exit{Code: 143, Signal: "SIGTERM"}) {
		t.Errorf("it ended with %+v", got)
	}
}

func adopts(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED: " + runtime.GOOS + " has nobody adopt the orphans of a tree")
	}
}

// TestDaemons ends what has left the command's session and lost its parent.
func TestDaemons(t *testing.T) {
	t.Parallel()
	adopts(t)
	r := newRegister(t)
	p := start(t, command(t, "daemons", r.env()))
	all := r.members(2)
	p.Interrupt()
	exit(t, p)
	all["deaf"].gone()
}

// TestProgramKilled ends the tree of a program that was killed.
func TestProgramKilled(t *testing.T) {
	t.Parallel()
	for role, n := range map[string]int{"wait": 2, "polite": 3, "parent": 3, "daemons": 3} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			if role == "daemons" {
				adopts(t)
			}
			r := newRegister(t)
			c := command(t, "program", r.env(), "CHILD="+role)
			cmd := exec.Command(c.Args[0])
			cmd.Env = c.Env
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			all := r.members(n)
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			for _, m := range all {
				m.gone()
			}
		})
	}
}

// TestGuardKilled ends the command though its guard cannot.
func TestGuardKilled(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	p := start(t, command(t, "parent", r.env()))
	all := r.members(2)
	if err := syscall.Kill(guardOf(t, all["parent"].pid), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := exit(t, p); got.Code != 137 {
		t.Errorf("it ended with %+v", got)
	}
	all["parent"].gone()
	all["deaf"].gone()
}

// guardOf returns the parent of a command.
func guardOf(t *testing.T, pid int) int {
	t.Helper()
	out, err := exec.Command("ps", "-o", "ppid=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// TestOrdersAfterTheEnd has late orders do no harm.
func TestOrdersAfterTheEnd(t *testing.T) {
	t.Parallel()
	p := start(t, command(t, "exit", "CODE=4"))
	exit(t, p)
	p.Interrupt()
	p.Terminate()
	p.Suspend()
	p.Continue()
	p.Resize()
	p.Kill()
	if got := exit(t, p); got.Code != 4 {
		t.Errorf("it ended with %+v", got)
	}
}
