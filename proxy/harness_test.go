package proxy_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// patience bounds every wait of a test that should not have to wait at all.
const patience = 5 * time.Second

// An upstream is a TCP server that plays a script on each connection and keeps
// what it has read there.
type upstream struct {
	testing.TB
	listener net.Listener
	secure   bool // behind TLS
	mu       sync.Mutex
	got      []*recording
}

// A script answers one connection. The connection is closed when it returns.
type script func(c *wire)

// newUpstream is behind TLS where -upstream.tls says so.
func newUpstream(tb testing.TB, s script) *upstream {
	tb.Helper()
	if listen := upstreamsBehind[*upstreamTLS]; listen != nil {
		return listen(tb, s)
	}
	return newPlain(tb, s)
}

func newPlain(tb testing.TB, s script) *upstream {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	u := &upstream{TB: tb, listener: l}
	u.play(s)
	return u
}

// play has s played on each connection.
func (u *upstream) play(s script) {
	u.Cleanup(func() { _ = u.listener.Close() })
	go func() {
		for {
			nc, err := u.listener.Accept()
			if err != nil {
				return
			}
			rec := &recording{}
			u.mu.Lock()
			u.got = append(u.got, rec)
			u.mu.Unlock()
			go func() {
				defer func() { _ = nc.Close() }()
				s(newWire(u.TB, nc, rec))
			}()
		}
	}()
}

func (u *upstream) addr() string { return u.listener.Addr().String() }

func (u *upstream) url() *url.URL {
	if u.secure {
		return &url.URL{Scheme: "https", Host: u.addr()}
	}
	return &url.URL{Scheme: "http", Host: u.addr()}
}

// received returns all bytes read on all connections, in order of connections.
func (u *upstream) received() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	var b strings.Builder
	for _, rec := range u.got {
		b.WriteString(rec.String())
	}
	return b.String()
}

// conns returns how many connections have been accepted.
func (u *upstream) conns() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.got)
}

// A recording is a buffer that one goroutine fills and another reads.
type recording struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *recording) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *recording) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

// A wire is one end of a connection, used as raw bytes. Every operation
// gives up after a while.
type wire struct {
	testing.TB
	net.Conn
	br *bufio.Reader
}

// newWire wraps nc; what is read is copied to rec, which may be nil.
func newWire(tb testing.TB, nc net.Conn, rec *recording) *wire {
	_ = nc.SetDeadline(time.Now().Add(patience))
	var r io.Reader = nc
	if rec != nil {
		r = io.TeeReader(nc, rec)
	}
	return &wire{tb, nc, bufio.NewReader(r)}
}

// dial connects to addr.
func dial(tb testing.TB, addr string) *wire {
	tb.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = nc.Close() })
	return newWire(tb, nc, nil)
}

// send writes s as it stands.
func (w *wire) send(s string) {
	_, _ = io.WriteString(w.Conn, s)
}

// until reads up to and including end and returns it; less where the
// connection ends or time runs out.
func (w *wire) until(end string) string {
	var b strings.Builder
	for !strings.HasSuffix(b.String(), end) {
		c, err := w.br.ReadByte()
		if err != nil {
			return b.String()
		}
		b.WriteByte(c)
	}
	return b.String()
}

// head reads up to the empty line that ends a head.
func (w *wire) head() string { return w.until("\r\n\r\n") }

// rest reads up to the end of the connection, and says how it ended.
func (w *wire) rest() string {
	b, err := io.ReadAll(w.br)
	switch {
	case err == nil:
		return string(b) + "<EOF>"
	case strings.Contains(err.Error(), "reset"):
		return string(b) + "<RST>"
	}
	return string(b) + "<open>"
}

// closeWrite ends the sending side.
func (w *wire) closeWrite() { _ = w.Conn.(interface{ CloseWrite() error }).CloseWrite() }

// reset ends the connection with a RST.
func (w *wire) reset() { reset(w.Conn) }

func reset(nc net.Conn) {
	tc := tcp(nc)
	_ = tc.SetLinger(0)
	_ = tc.Close()
}

// tcp is nc, or what lies below its TLS.
func tcp(nc net.Conn) *net.TCPConn {
	if tc, ok := nc.(*tls.Conn); ok {
		nc = tc.NetConn()
	}
	return nc.(*net.TCPConn)
}

// answer is a script that reads one request, with its body where it has one,
// writes resp and closes.
func answer(resp string) script {
	return func(c *wire) {
		readRequest(c)
		c.send(resp)
	}
}

// readRequest reads one request with its body, by net/http, which is lenient
// enough for what the tests send.
func readRequest(c *wire) {
	if r, err := http.ReadRequest(c.br); err == nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// A served is a proxy that listens, and the exchanges that it has reported.
type served struct {
	*proxy.Proxy
	addr      string
	exchanges chan proxy.Exchange
}

// serve starts a proxy in front of u.
func serve(tb testing.TB, u *url.URL, edit ...func(*proxy.Config)) *served {
	tb.Helper()
	s := &served{exchanges: make(chan proxy.Exchange, 1000)}
	c := proxy.Config{
		Upstream: u,
		Rules:    proxy.Rules{Default: proxy.Rule{Policy: newPolicy(tb, policy.Default())}},
		Timeouts: proxy.Timeouts{Dial: patience, Idle: patience},
		Observe:  func(x *proxy.Exchange) { s.exchanges <- *x },
		Panicked: func(value any) { tb.Errorf("a request ended in a panic: %v\n%s", value, debug.Stack()) },
	}
	for _, e := range edit {
		e(&c)
	}
	p, err := proxy.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s.Proxy, s.addr = p, l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- p.Serve(l) }()
	tb.Cleanup(func() {
		_ = p.Close()
		if err := <-done; err != http.ErrServerClosed {
			tb.Errorf("Serve returned %v", err)
		}
	})
	return s
}

// exchange returns the next exchange that the proxy reports.
func (s *served) exchange(tb testing.TB) proxy.Exchange {
	tb.Helper()
	select {
	case x := <-s.exchanges:
		return x
	case <-time.After(patience):
		tb.Fatal("no exchange was reported")
		panic("unreachable")
	}
}

func newPolicy(tb testing.TB, c policy.Config) *policy.Policy {
	tb.Helper()
	p, err := policy.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// eventually waits until ok holds.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: not within %v", what, patience)
		}
		time.Sleep(time.Millisecond)
	}
}
