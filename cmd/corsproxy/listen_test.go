package main

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestListenOnConnection has the port of a connection, on which nothing listens.
func TestListenOnConnection(t *testing.T) {
	t.Parallel()
	address := upstream(t, func(http.ResponseWriter, *http.Request) {})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
	in := begin(t, t.TempDir(), "--listen", port)
	if code := in.code(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if text := in.stderr.String(); !strings.Contains(text, "CP5004") || !strings.Contains(text, "nothing listens there, but a connection of this machine has the port") {
		t.Errorf("it says %s", text)
	}
}

// TestListenTaken names a port that is free, where the next one is taken too.
func TestListenTaken(t *testing.T) {
	t.Parallel()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	port := first.Addr().(*net.TCPAddr).Port
	next := net.JoinHostPort("127.0.0.1", strconv.Itoa(port+1))
	if second, err := net.Listen("tcp", next); err == nil { // or else another program has it
		defer second.Close()
	}
	in := begin(t, t.TempDir(), "--listen", strconv.Itoa(port))
	if code := in.code(); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	m := in.stderr.Await(t, `CP5004.*choose another port, such as --listen (\d+)`)
	if m[1] == strconv.Itoa(port+1) {
		t.Errorf("it names %s, which is taken", next)
	}
}
