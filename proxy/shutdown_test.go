package proxy_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/proxy"
)

// TestShutdown lets a request in flight finish, and closes what is idle.
func TestShutdown(t *testing.T) {
	t.Parallel()
	proceed := make(chan struct{})
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		<-proceed
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
	})
	p := serve(t, u.url())
	idle := dial(t, p.addr)
	idle.send("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n")
	idle.head()
	busy := dial(t, p.addr)
	busy.send(get)
	eventually(t, "request", func() bool { return u.received() == get })
	eventually(t, "one active", func() bool { return p.Active() == 1 })
	ended := make(chan error, 1)
	go func() { ended <- p.Shutdown(context.Background()) }()
	if got := idle.rest(); got != "<EOF>" {
		t.Errorf("the idle connection got %q", got)
	}
	close(proceed)
	if got := busy.rest(); !strings.HasSuffix(got, "\r\nConnection: close\r\n\r\ndone<EOF>") {
		t.Errorf("the busy connection got %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestShutdownGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) { c.rest() })
	p := serve(t, u.url(), func(c *proxy.Config) { c.Observe = nil })
	c := dial(t, p.addr)
	c.send(get)
	eventually(t, "request", func() bool { return u.received() == get })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Shutdown(ctx); err != context.Canceled {
		t.Errorf("Shutdown returned %v", err)
	}
}

// TestCloseCutsAnswers has the proxy closed in the middle of an answer, of which
// the client takes all that has come, or but a part.
func TestCloseCutsAnswers(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"all": "data: 1\n\n", "a part": strings.Repeat("x", 64<<20)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(c *wire) {
				readRequest(c)
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"+body)
				c.rest()
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			c.send(get)
			c.head()
			if _, err := io.ReadFull(c.br, make([]byte, min(len(body), 1<<20))); err != nil {
				t.Fatal(err)
			}
			_ = p.Close()
			if x := p.exchange(t); x.Diagnosis == nil || x.Diagnosis.Code != diagnosis.ShuttingDown {
				t.Errorf("reported is %v, %v", x.Diagnosis, x.Err)
			}
		})
	}
}
