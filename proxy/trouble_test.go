package proxy_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/loopback"
	"github.com/corsproxy/corsproxy/proxy"
)

func TestUpstreamTrouble(t *testing.T) {
	t.Parallel()
	says := func(s string) func(*testing.T) *url.URL {
		return func(t *testing.T) *url.URL {
			return newUpstream(t, func(c *wire) { c.head(); c.send(s) }).url()
		}
	}
	greets := func(s string) func(*testing.T) *url.URL {
		return func(t *testing.T) *url.URL {
			return newUpstream(t, func(c *wire) { c.send(s); c.rest() }).url()
		}
	}
	for _, c := range []struct {
		name     string
		upstream func(*testing.T) *url.URL
		status   int
		code     string
	}{
		{"refused", func(t *testing.T) *url.URL { return &url.URL{Scheme: "http", Host: loopback.Unused(t)} }, 502, "CP2001"},
		{"no such host", func(*testing.T) *url.URL { return &url.URL{Scheme: "http", Host: "no-such-host.invalid:80"} }, 502, "CP2004"},
		{"closed without an answer", says(""), 502, "CP2005"},
		{"closed within the head", says("HTTP/1.1 200 OK\r\nX: "), 502, "CP2005"},
		{"reset", func(t *testing.T) *url.URL {
			return newUpstream(t, func(c *wire) { c.head(); c.reset() }).url()
		}, 502, "CP2005"},
		{"silent", func(t *testing.T) *url.URL { return newUpstream(t, func(c *wire) { c.rest() }).url() }, 504, "CP2006"},
		{"SSH", greets("SSH-2.0-OpenSSH_9.2\r\n"), 502, "CP2007"},
		{"TLS alert", says("\x15\x03\x01\x00\x02\x02\x46"), 502, "CP2008"},
		{"HTTP/2", greets("\x00\x00\x12\x04\x00\x00\x00\x00\x00"), 502, "CP2007"},
		{"no status", says("HTTP/1.1 abc\r\n\r\n"), 502, "CP2007"},
		{"no version number", says("HTTP/1.x 200 OK\r\nContent-Length: 0\r\n\r\n"), 502, "CP2007"},
		{"protocol switched unasked", says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), 502, "CP2007"},
		{"HTTP/0.9", says("<html>hello</html>"), 502, "CP2007"},
		{"two lengths", says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 502, "CP2007"},
		{"bad length", says("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab"), 502, "CP2007"},
		{"bad field", says("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), 502, "CP2007"},
		{"unknown coding", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), 502, "CP2007"},
		{"unknown coding alone", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx"), 502, "CP2007"},
		{"unknown coding beside a length", says("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\nContent-Length: 1\r\n\r\nx"), 502, "CP2007"},
		{"TLS wanted of plain HTTP", func(t *testing.T) *url.URL {
			u := newPlain(t, func(c *wire) { c.until("\n"); c.send("HTTP/1.1 400 Bad Request\r\n\r\n") }).url()
			u.Scheme = "https"
			return u
		}, 502, "CP2009"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := c.upstream(t)
			p := serve(t, u, func(pc *proxy.Config) { pc.Timeouts.ResponseHeader = 200 * time.Millisecond })
			for _, request := range []string{"GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nContent-Length: 1000\r\n"} {
				w := dial(t, p.addr)
				if c.name == "silent" {
					request = "GET / HTTP/1.1\r\n"
				}
				w.send(request + "Host: h\r\nOrigin: http://a.example\r\n\r\n")
				resp, body := readResponse(t, w, http.MethodGet)
				if resp.StatusCode != c.status || !strings.HasPrefix(resp.Header.Get("Corsproxy-Diagnosis"), c.code+" ") {
					t.Errorf("answered %d %v", resp.StatusCode, resp.Header)
				}
				if resp.Header.Get("Access-Control-Allow-Origin") != "http://a.example" || resp.Header.Get("Access-Control-Allow-Credentials") != "true" || resp.Header.Get("Vary") != "Origin" || resp.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("a script cannot read it: %v", resp.Header)
				}
				if !strings.Contains(body, u.Host) && !strings.Contains(body, u.Hostname()) {
					t.Errorf("the upstream is not named: %s", body)
				}
				if x := p.exchange(t); x.Err == nil || x.UpstreamStatus != 0 || x.Diagnosis == nil {
					t.Errorf("reported %+v", x)
				}
			}
		})
	}
}

func TestLocalhostTriesBothFamilies(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skipf("no loopback address of this family: %v", err)
		}
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("here")) })}
		go func() { _ = srv.Serve(l) }()
		t.Cleanup(func() { _ = srv.Close() })
		_, port, _ := net.SplitHostPort(l.Addr().String())
		p := serve(t, &url.URL{Scheme: "http", Host: "localhost:" + port})
		c := dial(t, p.addr)
		c.send(get)
		if resp, body := readResponse(t, c, http.MethodGet); resp.StatusCode != 200 || body != "here" {
			t.Errorf("%s: %d %s", address, resp.StatusCode, body)
		}
	}
}

// TestNothingIsSentTwice has the upstream end a kept connection just as it is
// used again.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	const announced = "Keep-Alive: timeout=5\r\n"
	for _, c := range []struct {
		request string
		status  int
		seen    int // how often the upstream sees the second request
	}{
		{"GET /2 HTTP/1.1\r\nHost: h\r\n\r\n", 200, 2},
		{"DELETE /2 HTTP/1.1\r\nHost: h\r\n\r\n", 200, 2},
		{"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", 502, 1},
		{"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 502, 1},
		{"POST /2 HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\nX-Idempotency-Key: k\r\nContent-Length: 0\r\n\r\n", 502, 1},
		{"PATCH /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", 502, 1},
		{"PUT /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", 502, 1},
	} {
		t.Run(c.request[:4], func(t *testing.T) {
			t.Parallel()
			for _, keepAlive := range []string{announced, ""} {
				sendAgain(t, c.request, keepAlive, c.status, c.seen)
			}
		})
	}
}

// sendAgain sends a request over a connection that may have been kept, and
// that the upstream ends when it is used again. Without a promise to keep it,
// only what may be sent twice is risked on it.
func sendAgain(t *testing.T, request, keepAlive string, status, seen int) {
	t.Helper()
	if keepAlive == "" {
		status = 200
	}
	u := newUpstream(t, func(w *wire) {
		for n := 0; ; n++ {
			r, err := http.ReadRequest(w.br)
			if err != nil || r.URL.Path == "/2" && n > 0 {
				return // the second on a connection gets no answer
			}
			_, _ = io.Copy(io.Discard, r.Body)
			w.send("HTTP/1.1 200 OK\r\n" + keepAlive + "Content-Length: 0\r\n\r\n")
		}
	})
	p := serve(t, u.url())
	w := dial(t, p.addr)
	w.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
	w.head()
	w.send(request)
	if got := w.head(); !strings.Contains(got, " "+http.StatusText(status)+"\r\n") {
		t.Errorf("%q after %q: answered %q, want %d", request, keepAlive, got, status)
	}
	if n := strings.Count(u.received(), " /2 "); n != seen {
		t.Errorf("%q after %q: the upstream saw it %d times, want %d", request, keepAlive, n, seen)
	}
}

// TestKeptConnectionThatTheUpstreamClosed is noticed before it is used.
func TestKeptConnectionThatTheUpstreamClosed(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 1)
	u := newUpstream(t, func(w *wire) {
		readRequest(w)
		w.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_ = w.Close()
		closed <- struct{}{}
	})
	p := serve(t, u.url())
	for range 5 {
		w := dial(t, p.addr)
		w.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
		if got := w.head(); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("answered %q", got)
		}
		<-closed
	}
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(w *wire) {
		for {
			if _, err := http.ReadRequest(w.br); err != nil {
				return
			}
			w.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	p := serve(t, u.url())
	for range 5 {
		w := dial(t, p.addr)
		w.send(get)
		w.head()
	}
	if n := u.conns(); n != 1 {
		t.Errorf("the upstream got %d connections, want 1", n)
	}
}

// TestKeptConnectionsDoNotPileUp sends requests that cannot ride on a kept
// connection: they must not leave one each behind.
func TestKeptConnectionsDoNotPileUp(t *testing.T) {
	t.Parallel()
	var open atomic.Int32
	u := newUpstream(t, func(w *wire) {
		open.Add(1)
		defer open.Add(-1)
		for {
			if _, err := http.ReadRequest(w.br); err != nil {
				return
			}
			w.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}
	})
	p := serve(t, u.url())
	w := dial(t, p.addr)
	for range 20 {
		w.send("POST / HTTP/1.1\r\nHost: h\r\n\r\n")
		w.head()
	}
	eventually(t, "one connection is kept", func() bool { return open.Load() == 1 })
}
