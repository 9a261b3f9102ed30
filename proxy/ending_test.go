package proxy_test

import (
	"strings"
	"testing"
	"time"
)

// TestUploadCutShort has a client close its sending side in the middle of its
// body: the upstream sees the end, and what it says of it is passed on.
func TestUploadCutShort(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]string{
		"length":  "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
		"chunked": "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
	} {
		u := newUpstream(t, func(c *wire) {
			if got := c.rest(); got != request+"<EOF>" {
				t.Errorf("%s: the upstream saw %q", name, got)
			}
			c.send("HTTP/1.1 400 Too Short\r\nContent-Length: 5\r\n\r\nshort")
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(request)
		c.closeWrite()
		if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 400 Too Short\r\n") || !strings.HasSuffix(got, "\r\n\r\nshort<EOF>") {
			t.Errorf("%s: answered %q", name, got)
		}
	}
}

// TestLeniencyDoesNotWait ends a chunked response with bare LFs on a connection
// that stays open: no byte more may be waited for.
func TestLeniencyDoesNotWait(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		c.head()
		c.send("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n")
		c.rest()
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	c.send(get)
	_ = c.SetReadDeadline(time.Now().Add(patience / 2)) // before the upstream gives up
	if got, want := c.until("0\r\n\r\n"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"; got != want {
		t.Errorf("answered %q, want %q", got, want)
	}
}

// TestLeftBodyEndsTheConnection holds that an answer says so where the rest of
// the request's body is not going to be read after it.
func TestLeftBodyEndsTheConnection(t *testing.T) {
	t.Parallel()
	const expect = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
	const no = "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct {
		name, request, answer string
		closes                bool
	}{
		{"expectation refused", expect, no, true},
		{"body sent all the same", expect + "hello", no, false},
		{"upstream ends its connection", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", true},
		{"body is still to come", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(w *wire) {
				w.head()
				if strings.HasSuffix(c.request, "hello") {
					w.until("hello")
				}
				w.send(c.answer)
				w.rest()
			})
			p := serve(t, u.url())
			w := dial(t, p.addr)
			w.send(c.request)
			if got := w.head(); strings.Contains(got, "\r\nConnection: close\r\n") != c.closes {
				t.Errorf("answered %q", got)
			}
		})
	}
}
