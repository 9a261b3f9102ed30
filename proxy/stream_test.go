package proxy_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

const get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

// TestEachChunkAtOnce has both sides wait for what the other has sent: nothing
// may be held back until there is more.
func TestEachChunkAtOnce(t *testing.T) {
	t.Parallel()
	t.Run("response head before the body", func(t *testing.T) {
		t.Parallel()
		for name, head := range map[string]string{
			"chunked":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			"length":      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
			"events":      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
			"until close": "HTTP/1.1 200 OK\r\nX: y\r\n\r\n",
		} {
			u := newUpstream(t, func(c *wire) {
				readRequest(c)
				c.send(head)
				c.rest()
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(get)
			if got := c.head(); !strings.HasSuffix(got, "\r\n\r\n") {
				t.Errorf("%s: got %q", name, got)
			}
			_ = c.Close()
		}
	})
	for name, parts := range map[string][]string{
		"chunked": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", "1\r\nb\r\n", "3\r\nc\r\n\r\n", "0\r\n\r\n"},
		"events":  {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", "9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n"},
		"length":  {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "a", "b", "c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := make(chan string)
			u := newUpstream(t, func(c *wire) {
				readRequest(c)
				for s := range next {
					c.send(s)
				}
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(get)
			for _, part := range parts {
				next <- part
				if got := c.until(part); !strings.HasSuffix(got, part) {
					t.Fatalf("sent %q, got %q", part, got)
				}
			}
			close(next)
		})
	}
	t.Run("upload", func(t *testing.T) {
		t.Parallel()
		got := make(chan string)
		u := newUpstream(t, func(c *wire) {
			got <- c.head()
			for _, end := range []string{"ab\r\n", "cd\r\n", "0\r\n\r\n"} {
				got <- c.until(end)
			}
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
		<-got // the head goes before there is a body
		for _, part := range []string{"2\r\nab\r\n", "2\r\ncd\r\n", "0\r\n\r\n"} {
			c.send(part)
			if g := <-got; g != part {
				t.Errorf("sent %q, the upstream got %q", part, g)
			}
		}
		if head := c.head(); !strings.HasPrefix(head, "HTTP/1.1 200") {
			t.Errorf("answered %q", head)
		}
	})
	t.Run("both ways", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, func(c *wire) {
			c.head()
			c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for {
				part := c.until("!\r\n")
				if !strings.HasSuffix(part, "!\r\n") {
					return
				}
				c.send(part)
			}
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
		c.head()
		for range 5 {
			c.send("2\r\nx!\r\n")
			if got := c.until("!\r\n"); got != "2\r\nx!\r\n" {
				t.Fatalf("echoed %q", got)
			}
		}
	})
}

func TestExpectContinue(t *testing.T) {
	t.Parallel()
	const request = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
	t.Run("granted", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, func(c *wire) {
			c.head()
			c.send("HTTP/1.1 100 Continue\r\n\r\n")
			if got := c.until("hello"); got == "hello" {
				c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(request)
		if got := c.head(); got != "HTTP/1.1 100 Continue\r\n\r\n" {
			t.Fatalf("answered %q", got)
		}
		c.send("hello")
		if got := c.until("ok"); !strings.HasPrefix(got, "HTTP/1.1 200 OK") {
			t.Errorf("answered %q", got)
		}
	})
	t.Run("refused late", func(t *testing.T) {
		t.Parallel()
		refuse := make(chan struct{})
		u := newUpstream(t, func(c *wire) {
			c.head()
			<-refuse
			c.send("HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(request)
		eventually(t, "forwarded", func() bool { return strings.Contains(u.received(), "\r\n\r\n") })
		close(refuse)
		if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 417 Expectation Failed\r\n") || !strings.HasSuffix(got, "<EOF>") {
			t.Errorf("answered %q", got)
		}
		if got := u.received(); strings.Contains(got, "hello") {
			t.Errorf("the upstream received %q", got)
		}
	})
	t.Run("not waited for", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(request + "hello")
		if got := c.until("ok"); !strings.HasPrefix(got, "HTTP/1.1 200 OK") {
			t.Errorf("answered %q", got)
		}
		if !strings.HasSuffix(u.received(), "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello") {
			t.Errorf("the upstream received %q", u.received())
		}
	})
}

// TestUploadRefusedEarly has an answer come while the client has stalled in
// the middle of its body.
func TestUploadRefusedEarly(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		c.until("par")
		c.send("HTTP/1.1 413 TOO LARGE\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\npar")
	if got := c.until("big"); !strings.HasPrefix(got, "HTTP/1.1 413 TOO LARGE\r\n") {
		t.Errorf("answered %q", got)
	}
	if got := c.rest(); got != "<EOF>" {
		t.Errorf("then %q", got)
	}
}

// TestPipelining sends several requests at once: the answers come in order.
func TestPipelining(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		for {
			r, err := http.ReadRequest(c.br)
			if err != nil {
				return
			}
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + r.URL.Path)
		}
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	var b strings.Builder
	for _, path := range []string{"/a", "/b", "/c", "/d"} {
		b.WriteString("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n")
	}
	c.send(b.String() + "OPTIONS /e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	got := c.rest()
	last := -1
	for _, path := range []string{"\r\n\r\n/a", "\r\n\r\n/b", "\r\n\r\n/c", "\r\n\r\n/d", "Allow: "} {
		i := strings.Index(got, path)
		if i <= last {
			t.Fatalf("%q is missing or out of order in %q", path, got)
		}
		last = i
	}
}

// TestMemoryIsBounded sends 64 MiB to a client that does not read.
func TestMemoryIsBounded(t *testing.T) {
	const size = 64 << 20
	wrote := make(chan int64, 1)
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n")
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		n := int64(0)
		block := make([]byte, 1<<20)
		for n < size {
			m, err := c.Write(block)
			n += int64(m)
			if err != nil {
				break
			}
		}
		wrote <- n
	})
	p := serve(t, u.url())
	c := dial(t, p.addr)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	c.send(get)
	if n := <-wrote; n == size {
		t.Skipf("the kernel's buffers took all of the %d bytes", size)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}
