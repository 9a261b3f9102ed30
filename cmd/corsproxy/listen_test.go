package main

import (
	"net"
	"net/http"
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
