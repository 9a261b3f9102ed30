package fetch_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A rawServer answers each request with bytes, one after the other, and closes
// the connection.
type rawServer struct {
	url string

	mu      sync.Mutex
	answers []string
	seen    []*http.Request
	bodies  []string
}

// serveRaw answers with these bytes; \n stands for a line end.
func serveRaw(t *testing.T, answers ...string) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{url: "http://" + l.Addr().String(), answers: answers}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(conn)
		}
	}()
	return s
}

func (s *rawServer) serve(conn net.Conn) {
	defer conn.Close()
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen, s.bodies = append(s.seen, r), append(s.bodies, string(body))
	if len(s.answers) == 0 {
		return
	}
	answer := strings.ReplaceAll(s.answers[0], "{here}", s.url)
	s.answers = s.answers[1:]
	_, _ = io.WriteString(conn, strings.ReplaceAll(answer, "\n", "\r\n"))
}

func (s *rawServer) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// serveHello answers the beginning of a TLS handshake with text, and returns
// its address.
func serveHello(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		header := make([]byte, 5) // of a TLS record
		if _, err := io.ReadFull(conn, header); err == nil {
			_, _ = io.CopyN(io.Discard, conn, int64(header[3])<<8|int64(header[4]))
		}
		_, _ = io.WriteString(conn, answer)
	}()
	return l.Addr().String()
}
