package child_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// role is the variable that makes the test binary something else than a test.
const role = "CHILD_TEST_ROLE"

func TestMain(m *testing.M) {
	if child.IsGuard(os.Args) {
		os.Exit(child.Guard(os.Args))
	}
	if r := os.Getenv(role); r != "" {
		os.Exit(roles[r]())
	}
	os.Exit(m.Run())
}

// command returns the test binary in a role, with more variables.
func command(t *testing.T, r string, more ...string) child.Command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return child.Command{
		Args: []string{self},
		// The race detector would have each process sleep a second at its end.
		Env:    append(append(os.Environ(), role+"="+r, "GORACE=atexit_sleep_ms=0"), more...),
		Output: child.NewWeave(io.Discard, io.Discard, 0),
		Grace:  child.Grace{Gentle: time.Second, Firm: time.Second},
	}
}

// start starts a command, and ends it with the test.
func start(t *testing.T, c child.Command) *child.Process {
	t.Helper()
	p, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		exit(t, p)
	})
	return p
}

// exit waits for the end.
func exit(t *testing.T, p *child.Process) child.Exit {
	t.Helper()
	select {
	case <-p.Done():
		return p.Exit()
	case <-time.After(transcript.Patience):
		t.Fatal("the tree does not end")
		panic("unreachable")
	}
}

// A register is where processes of a test report to. Each keeps its connection
// for as long as it lives.
type register struct {
	t        *testing.T
	listener net.Listener
}

const registerAt = "CHILD_TEST_REGISTER"

func newRegister(t *testing.T) *register {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &register{t, l}
}

// env returns the variable that tells processes of the register.
func (r *register) env() string { return registerAt + "=" + r.listener.Addr().String() }

// A member is a process that has reported.
type member struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	name string
	pid  int
}

// members waits for as many processes and returns them by name.
func (r *register) members(n int) map[string]*member {
	r.t.Helper()
	all := map[string]*member{}
	_ = r.listener.(*net.TCPListener).SetDeadline(time.Now().Add(transcript.Patience))
	for range n {
		conn, err := r.listener.Accept()
		if err != nil {
			r.t.Fatalf("of %d processes, these have reported: %v", n, all)
		}
		r.t.Cleanup(func() { conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(transcript.Patience))
		m := &member{t: r.t, conn: conn, in: bufio.NewReader(conn)}
		if _, err := fmt.Fscanln(m.in, &m.name, &m.pid); err != nil {
			r.t.Fatal(err)
		}
		all[m.name] = m
	}
	return all
}

// gone waits for the process to end.
func (m *member) gone() {
	m.t.Helper()
	_, err := io.Copy(io.Discard, m.in)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		m.t.Fatalf("%s (process %d) lives on", m.name, m.pid)
	}
}

// report is called by a process: it tells the register of it.
func report(name string) net.Conn {
	conn, err := net.Dial("tcp", os.Getenv(registerAt))
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(conn, name, os.Getpid())
	return conn
}
