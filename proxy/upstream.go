package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
)

// An upstream is where requests are forwarded to, and the way there.
type upstream struct {
	url       *url.URL
	transport http.RoundTripper
}

// SetUpstream has requests forwarded to u from now on. Exchanges under way keep
// the upstream that they were forwarded to. On an error the old one stays.
func (p *Proxy) SetUpstream(u *url.URL) error {
	if u == nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("proxy: the upstream must be an http or https URL with a host")
	}
	if u.Path != "" && u.Path != "/" {
		return errors.New("proxy: the upstream's URL must not have a path: targets are forwarded as they are")
	}
	if last := p.upstream.Swap(p.newUpstream(u)); last != nil {
		last.retire()
	}
	return nil
}

func (p *Proxy) newUpstream(u *url.URL) *upstream {
	next := &upstream{url: u, transport: p.config.Transport}
	if next.transport == nil {
		next.transport = &http1.Transport{
			Upstream:              u,
			DialTimeout:           p.config.Timeouts.Dial,
			ResponseHeaderTimeout: p.config.Timeouts.ResponseHeader,
			IdleTimeout:           p.config.Timeouts.Idle,
			MakeRoom:              p.makeRoom,
		}
	}
	return next
}

// Disconnect ends all connections to an upstream that is about to end, and may
// wait for them: those that are kept, WebSockets, and those of exchanges under
// way, whose answers are cut. Exchanges that begin later get new ones.
func (p *Proxy) Disconnect() {
	last := p.upstream.Load()
	for !p.upstream.CompareAndSwap(last, p.newUpstream(last.url)) {
		last = p.upstream.Load()
	}
	p.tunnels.end()
	if t, ok := last.transport.(*http1.Transport); ok {
		t.Close()
		return
	}
	last.closeIdle()
}

// makeRoom closes connections that nobody uses: those to the upstream first, of
// which nobody takes notice. It reports whether there were any.
func (p *Proxy) makeRoom() bool {
	if t, ok := p.upstream.Load().transport.(*http1.Transport); ok && t.Shrink() {
		return true
	}
	return p.server.CloseIdle()
}

// retire lets go of the connections, each when its exchange has ended.
func (u *upstream) retire() {
	if t, ok := u.transport.(*http1.Transport); ok {
		t.Retire()
		return
	}
	u.closeIdle()
}

func (u *upstream) closeIdle() {
	if t, ok := u.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// await waits until the upstream is ready for r, and returns why it is not.
func (x *exchange) await(r *http.Request) (d *diagnosis.Diagnosis) {
	await := x.proxy.config.Await
	if await == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	// Who closes the sending side has most likely gone. Who has not is answered
	// at once.
	defer http1.OnLeft(ctx, cancel)()
	x.over, d = await(ctx)
	x.Ready = time.Now()
	return d
}
