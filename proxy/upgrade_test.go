package proxy_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	upgrade  = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"
	upgraded = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: y\r\n\r\n"
)

func TestWebSocket(t *testing.T) {
	t.Parallel()
	t.Run("frames in the packet of the upgrade", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, func(c *wire) {
			c.head()
			c.send(upgraded + "early-down")
			c.until("early-up")
			c.send("echo")
			c.until("bye")
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade + "early-up")
		if got := c.until("early-down"); got != upgraded+"early-down" {
			t.Errorf("answered %q", got)
		}
		if got := c.until("echo"); got != "echo" {
			t.Errorf("then %q", got)
		}
		c.send("bye")
		if got := c.rest(); got != "<EOF>" {
			t.Errorf("at the end %q", got)
		}
		_ = c.Close()
		want := strings.Replace(upgrade, "keep-alive, Upgrade", "Upgrade", 1) + "early-upbye"
		if got := u.received(); got != want {
			t.Errorf("the upstream received %q, want %q", got, want)
		}
		if x := p.exchange(t); !x.Upgraded || x.Status != 101 || x.BytesIn != 11 || x.BytesOut != 14 {
			t.Errorf("reported %+v", x)
		}
	})
	t.Run("reset by either side", func(t *testing.T) {
		t.Parallel()
		ended := make(chan string, 2)
		u := newUpstream(t, func(c *wire) {
			c.send(upgraded + "x")
			if c.head(); strings.Contains(c.until("."), "you") {
				c.reset()
				return
			}
			ended <- c.rest()
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade + "I will.")
		c.until("x")
		c.reset()
		if got := <-ended; got != "<RST>" {
			t.Errorf("reset by the client, the upstream saw %q", got)
		}
		c = dial(t, p.addr)
		c.send(upgrade + "you will.")
		c.until("x")
		if got := c.rest(); got != "<RST>" {
			t.Errorf("reset by the upstream, the client saw %q", got)
		}
	})
	t.Run("one side that stays and says nothing", func(t *testing.T) {
		t.Parallel()
		const longer = 30 * time.Second // than is waited for
		u := newUpstream(t, func(c *wire) {
			_ = c.SetDeadline(time.Now().Add(longer))
			c.head()
			c.send(upgraded + "x")
			c.rest()
			_, _ = io.Copy(io.Discard, c.Conn) // the end has come, and it does not close
			<-t.Context().Done()
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		_ = c.SetDeadline(time.Now().Add(longer))
		c.send(upgrade)
		c.until("x")
		c.closeWrite()
		if got := c.rest(); strings.HasSuffix(got, "<open>") {
			t.Errorf("the client sees %q", got)
		}
	})
	t.Run("closed by the upstream", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, func(c *wire) { c.head(); c.send(upgraded + "x") })
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		if got := c.rest(); got != "x<EOF>" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("half-closed by the client", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, func(c *wire) {
			c.head()
			c.send(upgraded)
			if got := c.rest(); got == "last<EOF>" {
				c.send("late answer")
			}
		})
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		c.send("last")
		c.closeWrite()
		if got := c.rest(); got != "late answer<EOF>" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("reset", func(t *testing.T) {
		t.Parallel()
		ended := make(chan string, 1)
		u := newUpstream(t, func(c *wire) { c.head(); c.send(upgraded); ended <- c.rest() })
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		c.reset()
		if got := <-ended; strings.HasSuffix(got, "<open>") {
			t.Errorf("the upstream saw %q", got)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"))
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade)
		if got := c.until("no"); !strings.HasPrefix(got, "HTTP/1.1 400 Bad Request\r\n") {
			t.Errorf("answered %q", got)
		}
	})
	t.Run("ends with the proxy", func(t *testing.T) {
		t.Parallel()
		ended := make(chan string, 1)
		u := newUpstream(t, func(c *wire) { c.head(); c.send(upgraded); ended <- c.rest() })
		p := serve(t, u.url())
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		if err := p.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if got := c.rest(); strings.HasSuffix(got, "<open>") {
			t.Errorf("the client saw %q", got)
		}
		if got := <-ended; strings.HasSuffix(got, "<open>") {
			t.Errorf("the upstream saw %q", got)
		}
	})
}

// TestNoDescriptorIsLeft opens and ends many connections of every kind.
func TestNoDescriptorIsLeft(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("open descriptors are counted in /proc, which only Linux has")
	}
	u := newUpstream(t, func(c *wire) {
		head := c.head()
		switch {
		case strings.Contains(head, "/polite"):
			c.send(upgraded + "x")
			c.rest()
		case strings.Contains(head, "Upgrade"):
			c.send(upgraded + "x")
		case strings.Contains(head, "/cut"):
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
		case strings.Contains(head, "/stall"):
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
			c.rest()
		default:
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
		}
	})
	p := serve(t, u.url())
	open := func() int {
		fds, _ := filepath.Glob("/proc/self/fd/*")
		return len(fds)
	}
	// One that only the collector closes is left.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	first := dial(t, p.addr) // what the proxy opens once is open after this
	first.send("OPTIONS / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	first.rest()
	goroutines, before := runtime.NumGoroutine(), open()
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("no /proc/self/fd here")
	}
	for range 50 {
		for _, request := range []string{upgrade, get, "GET /cut HTTP/1.1\r\nHost: h\r\n\r\n", "GET /stall HTTP/1.1\r\nHost: h\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"} {
			c := dial(t, p.addr)
			c.send(request)
			c.until("x")
			_ = c.Close()
		}
		polite := dial(t, p.addr) // each side ends what it sends, and waits for the other
		polite.send(strings.Replace(upgrade, "/ws", "/polite", 1))
		polite.until("x")
		polite.closeWrite()
		polite.rest()
		_ = polite.Close()
	}
	var together []*wire
	for range 30 {
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		c.until("x")
		together = append(together, c)
	}
	for _, c := range together {
		_ = c.Close()
	}
	p.CloseIdle()
	eventually(t, "descriptors", func() bool { return open() <= before })
	eventually(t, "goroutines", func() bool { return runtime.NumGoroutine() <= goroutines })
}

// TestBusyWebSocketsEnd has both sides send all the time, until the client leaves
// or the proxy is shut down: its connections are closed as they are read.
func TestBusyWebSocketsEnd(t *testing.T) {
	t.Parallel()
	const times = 21
	block := strings.Repeat("0123456789abcdef", 2048)
	flood := func(c *wire) {
		go func() { _, _ = io.Copy(io.Discard, c) }()
		for {
			if _, err := io.WriteString(c, block); err != nil {
				return
			}
		}
	}
	u := newUpstream(t, func(c *wire) {
		c.head()
		c.send(upgraded)
		flood(c)
	})
	p := serve(t, u.url())
	var open sync.WaitGroup
	for i := range times {
		c := dial(t, p.addr)
		c.send(upgrade)
		if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 101 ") {
			t.Fatalf("answered %q", got)
		}
		open.Go(func() { flood(c) })
		leave := []func(*wire){(*wire).reset, func(c *wire) { _ = c.Close() }, func(*wire) {}}[i%3] // the last by Shutdown
		leave(c)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := p.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	open.Wait()
	for range times {
		if x := p.exchange(t); !x.Upgraded || x.Status != 101 {
			t.Errorf("reported is %d, upgraded %v", x.Status, x.Upgraded)
		}
	}
}

// TestWebSocketOfAStalledUpstream has the upstream stop reading while the client
// has more for it than the kernel keeps: nobody reads the client then, and its
// end.
func TestWebSocketOfAStalledUpstream(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *served, *wire){
		"the client resets": func(_ *testing.T, _ *served, c *wire) { c.reset() },
		"a shutdown": func(t *testing.T, p *served, _ *wire) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := p.Shutdown(ctx); err != nil {
				t.Error(err)
			}
		},
		"the proxy is closed": func(_ *testing.T, p *served, _ *wire) { _ = p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "the client resets" && runtime.GOOS != "linux" {
				t.Skip("only Linux tells of an end behind what is not read")
			}
			over := make(chan struct{})
			defer close(over)
			u := newUpstream(t, func(c *wire) {
				c.head()
				c.send(upgraded)
				<-over
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(upgrade)
			if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 101 ") {
				t.Fatalf("answered %q", got)
			}
			_ = c.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
			if _, err := c.Write(make([]byte, 64<<20)); err == nil {
				t.Skip("the kernel's buffers took all of it")
			}
			if n := p.Active(); n != 0 {
				t.Errorf("%d requests are to be waited for", n)
			}
			end(t, p, c)
			if x := p.exchange(t); !x.Upgraded {
				t.Errorf("reported is %+v", x)
			}
		})
	}
}
