package proxy_test

import (
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestAborts has one side leave in the middle: the other must see it.
func TestAborts(t *testing.T) {
	t.Parallel()
	t.Run("client in its upload", func(t *testing.T) {
		t.Parallel()
		for name, leave := range map[string]func(*wire){"close": func(c *wire) { _ = c.Close() }, "reset": (*wire).reset} {
			ended := make(chan string, 1)
			u := newUpstream(t, func(c *wire) { ended <- c.rest() })
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
			eventually(t, "upload", func() bool { return strings.HasSuffix(u.received(), "abc") })
			leave(c)
			if got := <-ended; strings.HasSuffix(got, "<open>") {
				t.Errorf("%s: the upstream saw %q", name, got)
			}
		}
	})
	t.Run("client while it waits", func(t *testing.T) {
		t.Parallel()
		for name, leave := range map[string]func(*wire){"close": func(c *wire) { _ = c.Close() }, "reset": (*wire).reset} {
			ended := make(chan string, 1)
			u := newUpstream(t, func(c *wire) { ended <- c.rest() })
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(get)
			eventually(t, "request", func() bool { return u.received() == get })
			leave(c)
			if got := <-ended; strings.HasSuffix(got, "<open>") {
				t.Errorf("%s: the upstream saw %q", name, got)
			}
		}
	})
	t.Run("client in its download", func(t *testing.T) {
		t.Parallel()
		ended := make(chan error, 1)
		u := newUpstream(t, func(c *wire) {
			readRequest(c)
			c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for {
				if _, err := c.Write([]byte("1\r\nx\r\n")); err != nil {
					ended <- err
					return
				}
			}
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(get)
		c.until("x\r\n")
		_ = c.Close()
		if err := <-ended; os.IsTimeout(err) {
			t.Errorf("the upstream saw %v", err)
		}
	})
	t.Run("upstream in its body", func(t *testing.T) {
		t.Parallel()
		for name, body := range map[string]string{
			"chunked":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
			"length":      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
			"until close": "HTTP/1.1 200 OK\r\nX: y\r\n\r\nabc",
		} {
			proceed := make(chan struct{})
			u := newUpstream(t, func(c *wire) {
				c.head()
				c.send(body)
				<-proceed
				c.reset()
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(get)
			c.until("abc")
			close(proceed)
			if got := c.rest(); strings.Contains(got, "0\r\n\r\n") || strings.HasSuffix(got, "<open>") {
				t.Errorf("%s: then %q", name, got)
			}
			if x := p.exchange(t); x.Diagnosis == nil || x.Diagnosis.Code != "CP2012" || x.Err == nil {
				t.Errorf("%s: reported %+v", name, x)
			}
		}
	})
}

// TestHalfClosedClient ends its sending side after the request, and waits.
func TestHalfClosedClient(t *testing.T) {
	t.Parallel()
	sawEnd := make(chan struct{})
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		_, _ = c.br.ReadByte() // the end of the client's sending side
		close(sawEnd)
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	c.send(get)
	c.closeWrite()
	if got := c.rest(); !strings.HasSuffix(got, "\r\n\r\nlate<EOF>") {
		t.Errorf("answered %q", got)
	}
	<-sawEnd
}

// TestLeftBehindTheNextRequest has clients leave that have sent more than their
// request: the end is behind bytes that nobody reads while the first is answered.
func TestLeftBehindTheNextRequest(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of an end behind what is not read")
	}
	for name, leave := range map[string]func(*wire){"reset": (*wire).reset, "half-closed": (*wire).closeWrite} {
		for _, more := range []string{"\r\n", "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				received, sawEnd := make(chan struct{}), make(chan struct{})
				u := newUpstream(t, func(c *wire) {
					readRequest(c)
					close(received)
					c.rest()
					close(sawEnd)
				})
				c := dial(t, serve(t, u.url()).addr)
				c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi" + more)
				<-received
				leave(c)
				select {
				case <-sawEnd:
				case <-time.After(patience):
					t.Error("the upstream is not told")
				}
			})
		}
	}
}

// TestResetWhileTheUpstreamStalls resets an upload that the upstream has stopped
// to read: the upstream is told, and nothing of it stays behind.
func TestResetWhileTheUpstreamStalls(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of an end behind what is not read")
	}
	over := make(chan struct{})
	u := newUpstream(t, func(c *wire) {
		c.head()
		<-over
	})
	defer close(over)
	p := serve(t, u.url())
	c := dial(t, p.addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n")
	_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
	if _, err := c.Write(make([]byte, 64<<20)); err == nil {
		t.Skip("the kernel's buffers took all of it")
	}
	c.reset()
	if x := p.exchange(t); x.Diagnosis == nil || x.Diagnosis.Code != diagnosis.ClientGone {
		t.Errorf("reported is %v", x.Diagnosis)
	}
}

// TestLeftWhileAnswered has clients leave that have the head of their answer, and
// a part of it: the upstream is not said to have cut it.
func TestLeftWhileAnswered(t *testing.T) {
	t.Parallel()
	events := func(c *wire) { // ends its stream when its client does, but does not complete it
		readRequest(c)
		c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n: hello\r\n")
		c.rest()
	}
	large := func(c *wire) {
		readRequest(c)
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + strings.Repeat("x", 20_000_000))
		c.rest()
	}
	stalled := func(c *wire) {
		c.head()
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
		c.rest()
	}
	const upload = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
	for name, c := range map[string]struct {
		upstream script
		request  string
		leave    func(*wire)
	}{
		"an event stream":         {events, get, func(c *wire) { _ = c.Close() }},
		"an event stream, reset":  {events, get, (*wire).reset},
		"a large answer":          {large, get, func(c *wire) { _ = c.Close() }},
		"a large answer, reset":   {large, get, (*wire).reset},
		"an upload":               {stalled, upload, func(c *wire) { _ = c.Close() }},
		"an upload, reset":        {stalled, upload, (*wire).reset},
		"an upload that is wrong": {stalled, upload, func(c *wire) { c.send("x\r\n") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, newUpstream(t, c.upstream).url())
			client := dial(t, p.addr)
			client.send(c.request)
			if got := client.head(); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
				t.Fatalf("answered %q", got)
			}
			c.leave(client)
			if x := p.exchange(t); x.Diagnosis == nil || x.Diagnosis.Code != diagnosis.ClientGone || x.Err == nil {
				t.Errorf("reported is %v, %v", x.Diagnosis, x.Err)
			} else if !strings.Contains(x.Diagnosis.Detail, "bytes of the answer had come") {
				t.Errorf("the detail is %s", x.Diagnosis.Detail)
			}
		})
	}
}

// TestLeftBeforeTheAnswer has clients leave a server that ends its side when theirs
// has ended, as Node's does: the upstream has not failed, and is asked no second
// time.
func TestLeftBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, request := range []string{get, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"} {
		first := make(chan struct{}, 9)
		u := newUpstream(t, func(c *wire) {
			readRequest(c)
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=60\r\n\r\nok")
			readRequest(c)
			first <- struct{}{}
			c.rest()
		})
		p := serve(t, u.url())
		warm(t, p)
		c := dial(t, p.addr)
		c.send(request)
		<-first
		_ = c.Close()
		if x := p.exchange(t); x.Diagnosis == nil || x.Diagnosis.Code != diagnosis.ClientGone {
			t.Errorf("reported is %v", x.Diagnosis)
		}
		if n := u.conns(); n != 1 {
			t.Errorf("the upstream got %d connections", n)
		}
	}
}

// warm has a connection to the upstream kept.
func warm(t *testing.T, p *served) {
	t.Helper()
	c := dial(t, p.addr)
	c.send(get)
	c.head()
	p.exchange(t)
}

// TestHalfClosedOverLostConnection has a client that has closed its sending side
// meet a kept connection that is of no use.
func TestHalfClosedOverLostConnection(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	u := newUpstream(t, func(c *wire) {
		for range 2 {
			readRequest(c)
			if asked.Add(1) == 2 {
				c.reset()
				return
			}
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=60\r\n\r\nok")
		}
	})
	p := serve(t, u.url())
	warm(t, p)
	c := dial(t, p.addr)
	c.send(get)
	c.closeWrite()
	if head := c.head(); !strings.HasPrefix(head, "HTTP/1.1 200") {
		t.Errorf("answered %q", head)
	}
}
