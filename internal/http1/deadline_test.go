package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// past is a deadline that has passed: while what was read before was written to
// somebody slow.
func past() time.Time { return time.Now().Add(-time.Second) }

// pair returns both ends of a connection.
func pair(t *testing.T) (here, there *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.Close()
		b.Close()
	})
	return a.(*net.TCPConn), b.(*net.TCPConn)
}

func TestReadAfterTheDeadline(t *testing.T) {
	t.Parallel()
	here, there := pair(t)
	r := newLeanReader(here)
	if _, err := io.WriteString(there, "hi"); err != nil {
		t.Fatal(err)
	}
	buf, n, err := r.read()
	if n != 2 || err != nil {
		t.Fatalf("read %d bytes: %v", n, err)
	}
	giveCopyBuffer(buf)
	if err := here.SetReadDeadline(past()); err != nil {
		t.Fatal(err)
	}
	if _, n, err := r.read(); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: read %d bytes, error %v", n, err)
	}
}

// A slowWriter takes each piece for longer than src may be silent.
type slowWriter struct {
	net.Conn
	src   net.Conn
	got   bytes.Buffer
	ended bool
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	_ = w.src.SetReadDeadline(past())
	return w.got.Write(p)
}

func (w *slowWriter) CloseWrite() error {
	w.ended = true
	return nil
}

// TestTunnelOfASlowReader ends one direction of a tunnel while the other has
// much to send to one who takes it slowly: that is no silence.
func TestTunnelOfASlowReader(t *testing.T) {
	t.Parallel()
	here, there := pair(t)
	sent := strings.Repeat("0123456789", 100_000)
	go func() {
		_, _ = io.WriteString(there, sent)
		_ = there.CloseWrite()
	}()
	w := &slowWriter{Conn: here, src: here}
	r := bufio.NewReader(here)
	if _, err := r.Peek(1); err != nil { // as what came in the packet of a head
		t.Fatal(err)
	}
	if n := pipe(w, here, r); n != int64(len(sent)) || w.got.String() != sent || !w.ended {
		t.Errorf("%d of %d bytes came, the end %v", w.got.Len(), len(sent), w.ended)
	}
}

// TestDownloadOfAHalfClosedClient has the client take what has come for longer
// than the upstream may be silent.
func TestDownloadOfAHalfClosedClient(t *testing.T) {
	t.Parallel()
	const length = 1 << 20
	s := &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		_, _ = w.Write(make([]byte, length))
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close() })
	tr := &Transport{Upstream: &url.URL{Scheme: "http", Host: l.Addr().String()}}
	t.Cleanup(tr.CloseIdleConnections)
	r, err := http.NewRequest(http.MethodGet, "http://"+l.Addr().String()+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	call := resp.Body.(*responseBody).call
	call.mu.Lock()
	call.halfClosed = true
	call.mu.Unlock()
	n, err := io.Copy(io.Discard, readerFunc(func(p []byte) (int, error) {
		_ = call.conn.nc.SetReadDeadline(past())
		return resp.Body.Read(p)
	}))
	if n != length || err != nil {
		t.Errorf("%d of %d bytes came: %v", n, length, err)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestTunnelThatBothHaveEnded has both sides end their sending side while much of
// what one has sent waits for the other, who reads slowly.
func TestTunnelThatBothHaveEnded(t *testing.T) {
	t.Parallel()
	here, there := pair(t)
	to, reader := pair(t)
	sent := strings.Repeat("0123456789", 40_000)
	_ = here.SetReadBuffer(1 << 20) // it all comes, and its end, before the reader begins
	_ = to.SetWriteBuffer(16 << 10)
	_ = reader.SetReadBuffer(16 << 10)
	go func() {
		_, _ = io.WriteString(there, sent)
		_ = there.CloseWrite()
	}()
	if err := here.CloseWrite(); err != nil { // as the other direction does at its end
		t.Fatal(err)
	}
	done := make(chan int64)
	go func() { done <- pipe(to, here, bufio.NewReader(here)) }()
	time.Sleep(3 * leftInterval)
	got, err := io.ReadAll(reader)
	if n := <-done; n != int64(len(sent)) || len(got) != len(sent) || err != nil {
		t.Errorf("%d of %d bytes came: %v", len(got), len(sent), err)
	}
}
