package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/url"

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
	if last := p.upstream.Swap(next); last != nil {
		last.retire()
	}
	return nil
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
	return d
}
