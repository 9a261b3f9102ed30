package proxy_test

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/proxy"
)

// hidden is a request that must never reach an upstream.
const hidden = "GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"

// TestGuard sends what could make a second request out of one, or reach
// another host, and looks at all that the upstream has received.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, request string
		status        int
		code          string
	}{
		{"CONNECT", "CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n" + hidden, 405, "CP2103"},
		{"CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 405, "CP2103"},
		{"absolute form of another host", "GET http://127.0.0.1:9/evil HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n" + hidden, 421, "CP2104"},
		{"absolute form that the Host field denies", "GET http://evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 421, "CP2104"},
		{"absolute form with user info", "GET http://localhost@evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 421, "CP2104"},
		{"absolute form of this host as user", "GET http://PROXY@evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 421, "CP2104"},
		{"absolute form in another scheme", "GET ftp://PROXY/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 421, "CP2104"},
		{"OPTIONS for another host", "OPTIONS http://evil.example/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 421, "CP2104"},
		{"length and coding", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"coding and length", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n" + hidden, 400, "CP2101"},
		{"two equal lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n" + hidden, 400, "CP2101"},
		{"lengths in a list", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 44\r\n\r\n" + hidden, 400, "CP2101"},
		{"equal lengths in a list", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0, 0\r\n\r\n" + hidden, 400, "CP2101"},
		{"signed length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n" + hidden, 400, "CP2101"},
		{"negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n" + hidden, 400, "CP2101"},
		{"hexadecimal length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x0\r\n\r\n" + hidden, 400, "CP2101"},
		{"empty length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n" + hidden, 400, "CP2101"},
		{"length beyond 64 bits", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551616\r\n\r\n" + hidden, 400, "CP2101"},
		{"unknown coding", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n" + hidden, 501, "CP2108"},
		{"chunked twice", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"chunked not last", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"chunked in two fields", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"coding with a vertical tab", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 400, "CP2101"},
		{"blank before the colon", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 44\r\n\r\n" + hidden, 400, "CP2101"},
		{"folded field", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n Content-Length: 44\r\n\r\n" + hidden, 400, "CP2101"},
		{"folded first field", "GET / HTTP/1.1\r\n Host: h\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"bare LF in the head", "GET / HTTP/1.1\nHost: h\nX: y\n\n" + hidden, 400, "CP2101"},
		{"bare LF ends the head", "GET / HTTP/1.1\r\nHost: h\r\n\n" + hidden, 400, "CP2101"},
		{"bare CR in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rContent-Length: 44\r\n\r\n" + hidden, 400, "CP2101"},
		{"NUL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n" + hidden, 400, "CP2101"},
		{"no colon", "GET / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n" + hidden, 400, "CP2101"},
		{"empty field name", "GET / HTTP/1.1\r\nHost: h\r\n: v\r\n\r\n" + hidden, 400, "CP2101"},
		{"no host", "GET / HTTP/1.1\r\nX: y\r\n\r\n" + hidden, 400, "CP2101"},
		{"two hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with a blank", "GET / HTTP/1.1\r\nHost: h i\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with user info", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with a query", "GET / HTTP/1.1\r\nHost: h?x\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with a fragment", "GET / HTTP/1.1\r\nHost: h#x\r\n\r\n" + hidden, 400, "CP2101"},
		{"host with a backslash", "GET / HTTP/1.1\r\nHost: h\\x\r\n\r\n" + hidden, 400, "CP2101"},
		{"hosts in a list", "GET / HTTP/1.1\r\nHost: h,i\r\n\r\n" + hidden, 400, "CP2101"},
		{"two blanks in the request line", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"blank in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"control character in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"no version", "GET /\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"blank after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"bare CR after the version", "GET / HTTP/1.1\rX: y\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"bad method", "G{T / HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"asterisk with GET", "GET * HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"relative target", "GET a/b HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 400, "CP2101"},
		{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, 505, "CP2106"},
		{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n" + hidden, 505, "CP2106"},
		{"HTTP/0.9 with a version", "GET / HTTP/0.9\r\nHost: h\r\n\r\n" + hidden, 505, "CP2106"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" + hidden, 400, "CP2101"},
		{"too many empty lines", strings.Repeat("\r\n", 50) + hidden, 400, "CP2101"},
		{"head of 2 MiB", "GET / HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n" + hidden, 431, "CP2107"},
		{"target of 2 MiB", "GET /" + strings.Repeat("x", 2<<20) + " HTTP/1.1\r\nHost: h\r\n\r\n" + hidden, 431, "CP2107"},
		{"10,000 fields", "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Repeat("X: y\r\n", 10_000) + "\r\n" + hidden, 431, "CP2107"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			p := serve(t, u.url())
			client := dial(t, p.addr)
			client.send(strings.ReplaceAll(c.request, "PROXY", p.addr))
			got := client.rest()
			if want := fmt.Sprintf("HTTP/1.1 %d ", c.status); !strings.HasPrefix(got, want) {
				t.Errorf("answered %.300q, want %q", got, want)
			}
			if !strings.Contains(got, "\r\nCorsproxy-Diagnosis: "+c.code+" ") {
				t.Errorf("answered %.600q, want the code %s", got, c.code)
			}
			if strings.Count(got, "\r\nContent-Length: ") > 1 {
				t.Errorf("answered twice: %q", got)
			}
			if !strings.HasSuffix(got, "<EOF>") {
				t.Errorf("the connection did not end cleanly: %.300q", got[max(0, len(got)-300):])
			}
			if r := u.received(); r != "" {
				t.Errorf("the upstream received %q", r)
			}
			if x := p.exchange(t); x.Status != c.status || !x.Answered || string(x.Diagnosis.Code) != c.code {
				t.Errorf("reported %+v", x)
			}
		})
	}
}

// TestChunkedBodyGuard sends bodies whose chunked coding is malformed: the
// upstream may get the beginning, but neither an end nor what follows.
func TestChunkedBodyGuard(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"bare LF":              "5\nhello\n0\n\n",
		"size is no number":    "zz\r\nhello\r\n0\r\n\r\n",
		"size with sign":       "+5\r\nhello\r\n0\r\n\r\n",
		"size with 0x":         "0x5\r\nhello\r\n0\r\n\r\n",
		"size too large":       "ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
		"size of many digits":  "0000000000000005\r\nhello\r\n0\r\n\r\n",
		"words after the size": "5 x\r\nhello\r\n0\r\n\r\n",
		"bare LF at the end":   "5\r\nhello\r\n0\r\n\n",
		"data longer":          "3\r\nhello\r\n0\r\n\r\n",
		"bare CR after size":   "5\rhello\r\n0\r\n\r\n",
		"no size":              "\r\nhello\r\n0\r\n\r\n",
		"NUL in an extension":  "5;\x00\r\nhello\r\n0\r\n\r\n",
		"endless extension":    "5;" + strings.Repeat("x", 64<<10) + "\r\nhello\r\n0\r\n\r\n",
		"trailer without name": "5\r\nhello\r\n0\r\n: x\r\n\r\n",
		"folded trailer":       "5\r\nhello\r\n0\r\nA: x\r\n y\r\n\r\n",
		"large trailer":        "5\r\nhello\r\n0\r\nA: " + strings.Repeat("x", 128<<10) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(c *wire) { c.rest() })
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + body + hidden)
			if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.HasSuffix(got, "<EOF>") {
				t.Errorf("answered %q", got)
			}
			if r := u.received(); strings.Contains(r, "\r\n0\r\n") || strings.Contains(r, "hidden") {
				t.Errorf("the upstream received %q", r)
			}
		})
	}
}

// TestChunkedBodyGuardDoesNotWait has an upstream that does not care that the
// body is cut short.
func TestChunkedBodyGuardDoesNotWait(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	defer close(done)
	u := newUpstream(t, func(c *wire) {
		c.rest()
		<-done
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 400 ") || !strings.HasSuffix(got, "<EOF>") {
		t.Errorf("answered %q", got)
	}
}

func TestAbsoluteFormOfThisHost(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	p := serve(t, u.url())
	_, port, _ := net.SplitHostPort(p.addr)
	for target, want := range map[string]string{
		"http://localhost:" + port + "/a?b#c":  "GET /a?b#c HTTP/1.1\r\nHost: localhost:" + port,
		"http://127.0.0.1:" + port:             "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port,
		"HTTP://App.LocalHost:" + port + "?q":  "GET /?q HTTP/1.1\r\nHost: App.LocalHost:" + port,
		"http://[::1]:" + port + "/%zz/../{x}": "GET /%zz/../{x} HTTP/1.1\r\nHost: [::1]:" + port,
	} {
		c := dial(t, p.addr)
		c.send("GET " + target + " HTTP/1.1\r\nHost: other\r\n\r\n")
		if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
			t.Errorf("%s: answered %q", target, got)
		}
		if got := u.received(); !strings.HasSuffix(got, want+"\r\n\r\n") {
			t.Errorf("%s: the upstream received %q, want %q", target, got, want)
		}
	}
}

func TestLoopToItself(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	self := &url.URL{Scheme: "http", Host: l.Addr().String()}
	p := serve(t, self)
	go func() { _ = p.Serve(l) }()
	c := dial(t, p.addr)
	c.send("GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\nConnection: close\r\n\r\n")
	if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 508 ") || !strings.Contains(got, "CP2105") {
		t.Errorf("answered %q", got)
	}
}

// TestLoopByOthers has the upstream send requests here again, over connections of
// its own: through one that passes bytes on, or another proxy that adds to Via.
func TestLoopByOthers(t *testing.T) {
	t.Parallel()
	const long = time.Minute // for so many rounds on a busy machine
	via := regexp.MustCompile(`(?m)^(Via: .*)\r$`)
	for name, pass := range map[string]func(fields string) string{
		"as it is":              func(fields string) string { return fields },
		"with a Via of its own": func(fields string) string { return fields + "Via: 1.1 other\r\n" },
		"in one list":           func(fields string) string { return via.ReplaceAllString(fields, "$1, 1.1 other\r") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var here string
			var hops atomic.Int64
			u := newUpstream(t, func(c *wire) {
				request := c.head()
				hops.Add(1)
				nc, err := net.Dial("tcp", here)
				if err != nil {
					return
				}
				defer nc.Close()
				again := newWire(t, nc, nil)
				_ = c.SetDeadline(time.Now().Add(long))
				_ = again.SetDeadline(time.Now().Add(long))
				again.send(pass(strings.TrimSuffix(request, "\r\n")) + "Connection: close\r\n\r\n")
				c.send(again.rest())
			})
			p := serve(t, u.url())
			here = p.addr
			c := dial(t, p.addr)
			_ = c.SetDeadline(time.Now().Add(long))
			c.send("GET /round HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
			if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 508 ") || !strings.Contains(got, "CP2105") {
				t.Errorf("answered %q", got)
			}
			if n := hops.Load(); n > 200 {
				t.Errorf("it went round %d times", n)
			}
		})
	}
}

func TestUnfinishedHeadIsDropped(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) { c.rest() })
	p := serve(t, u.url(), func(c *proxy.Config) { c.Timeouts.Idle = 50e6 })
	idle := dial(t, p.addr)
	if got := idle.rest(); got != "<EOF>" {
		t.Errorf("an idle connection got %q", got)
	}
}
