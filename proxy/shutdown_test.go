package proxy_test

import (
	"context"
	"strings"
	"testing"

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
