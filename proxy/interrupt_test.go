package proxy_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestInterruptedChunk has an answer end the reading of an upload in the middle
// of the line with a chunk's size. What of the line has been read by then is
// not forgotten: the chunk must not be taken for anything else.
func TestInterruptedChunk(t *testing.T) {
	t.Parallel()
	const evil = "0\r\n\r\nGET /evil HTTP/1.1\r\nHost: h\r\n\r\n"
	for range 20 { // the answer must come while the line is being read
		u := newUpstream(t, func(c *wire) {
			c.until("hello\r\n")
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			c.rest()
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n%x", len(evil)))
		c.until("ok")
		c.send("\r\n" + evil + "\r\n0\r\n\r\n")
		c.closeWrite()
		if got := c.rest(); got != "<EOF>" {
			t.Fatalf("a part of the body was answered: %q", got)
		}
	}
}

// TestEarlyUpgrade has an upstream switch protocols before the request has been
// sent.
func TestEarlyUpgrade(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		c.send(upgraded + "x")
		c.rest()
	})
	p := serve(t, u.url())
	for range 50 {
		c := dial(t, p.addr)
		c.send(strings.Replace(upgrade, "\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n", 1))
		if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 101 ") {
			t.Fatalf("answered %q", got)
		}
		_ = c.Close()
	}
}

// TestInterimIsAnAnswer has a kept connection end after an interim response: the
// upstream has begun to act on the request, which is not sent again.
func TestInterimIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, ends := range []func(*wire){func(*wire) {}, (*wire).reset, func(c *wire) { c.send("garbage") }} {
		u := newUpstream(t, func(c *wire) {
			for {
				r, err := http.ReadRequest(c.br)
				if err != nil {
					return
				}
				if r.Method == http.MethodDelete {
					c.send("HTTP/1.1 102 Processing\r\n\r\n")
					ends(c)
					return
				}
				c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(get)
		c.until("ok")
		c.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n")
		c.head()
		if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 502 ") {
			t.Errorf("answered %q", got)
		}
		if n := strings.Count(u.received(), "DELETE"); n != 1 {
			t.Errorf("the upstream saw it %d times", n)
		}
	}
}

// TestReplacedUpstream has a response end after its upstream was replaced: the
// connection is not kept for anything.
func TestReplacedUpstream(t *testing.T) {
	t.Parallel()
	proceed, ended := make(chan struct{}), make(chan string, 1)
	first := newUpstream(t, func(c *wire) {
		c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
		<-proceed
		c.send("k")
		ended <- c.rest()
	})
	second := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"))
	p := serve(t, first.url())
	c := dial(t, p.addr)
	c.send(get)
	c.until("\r\n\r\no")
	if err := p.SetUpstream(second.url()); err != nil {
		t.Fatal(err)
	}
	close(proceed)
	c.until("k")
	if got := <-ended; got != "<EOF>" {
		t.Errorf("the first upstream saw %q", got)
	}
	c.send(get)
	c.until("second")
}

// TestRefusedHEAD has a request refused that is too malformed for anything but
// its method to be read: the answer to a HEAD has no body.
func TestRefusedHEAD(t *testing.T) {
	t.Parallel()
	p := serve(t, newUpstream(t, answer("")).url())
	for _, start := range []string{"HEAD /a\x7f HTTP/1.1", "HEAD /  HTTP/1.1", "HEAD / HTTP/2.0"} {
		c := dial(t, p.addr)
		c.send(start + "\r\nHost: h\r\n\r\n")
		if got := c.rest(); !strings.HasSuffix(got, "\r\n\r\n<EOF>") || strings.Count(got, "\r\n\r\n") != 1 {
			t.Errorf("%q: answered %q", start, got)
		}
	}
}

// TestLargeHeadsAreForgotten keeps connections that have carried a large head.
func TestLargeHeadsAreForgotten(t *testing.T) {
	const connections, size = 20, 500_000
	var together sync.WaitGroup
	together.Add(connections)
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		together.Done()
		together.Wait() // so that each request has a connection of its own
		c.send("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", size) + "\r\nContent-Length: 2\r\n\r\nok")
		c.rest()
	})
	p := serve(t, u.url(), forwardsOptions)
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	var wg sync.WaitGroup
	for range connections {
		c := dial(t, p.addr)
		wg.Go(func() {
			c.send(get)
			c.until("ok")
			_ = c.Close()
		})
	}
	wg.Wait()
	eventually(t, "large heads are forgotten", func() bool { return heap() < before+connections*size/2 })
}
