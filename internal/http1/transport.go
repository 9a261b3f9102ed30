package http1

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// A Transport sends requests to one upstream and keeps what came in with them:
// where a request was read by [Server], its target, the order and spelling of
// its fields and its framing are sent as they were received.
//
// Nothing is sent twice that is not idempotent (RFC 9110, section 9.2.2). A
// request without a body whose method is idempotent is sent once more, on a
// new connection, where a kept one ended before the first byte of an answer.
type Transport struct {
	// Upstream is where to connect: scheme http or https, host and port. The
	// host localhost stands for 127.0.0.1 and ::1, in this order.
	Upstream *url.URL
	// TLS is used for https; nil verifies the upstream against the system's roots.
	TLS *tls.Config

	DialTimeout           time.Duration // TLS handshake included; 0 is none
	ResponseHeaderTimeout time.Duration // after the request's last byte; 0 is none
	IdleTimeout           time.Duration // of a kept connection; 0 is none
	MaxHeadBytes          int           // of a response; 0 is DefaultMaxHeadBytes

	// MakeRoom, if it is set, is called where no descriptor is left for a
	// connection, and reports whether there is room now. Without, it is waited for
	// a little.
	MakeRoom func() bool

	// Forgiving accepts from the upstream what Chromium accepts and a proxy must
	// not forward: a status line without a status, field lines that are none, a
	// head that ends early unless TLS protects it, a 101 that nobody asked for,
	// and a framing that makes no sense, which is read to the connection's end.
	Forgiving bool

	pool pool
}

var _ http.RoundTripper = (*Transport)(nil)

// RoundTrip sends r to the upstream, whatever host r's URL names. Its errors
// are those of a dial (*net.OpError and the like), [*NoResponseError],
// [*ResponseError], [*TimeoutError], [*RequestBodyError], and those of r's
// context.
//
// [ResponseHead] knows the head that the response came with, and [TunnelOf]
// the connection behind a 101.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	repeatable := isRepeatable(r)
	for mayReuse := true; ; mayReuse = false {
		var c *upstreamConn
		if mayReuse {
			c = t.pool.take(repeatable)
		}
		if c == nil {
			var err error
			if c, err = t.dial(r.Context()); err != nil {
				return nil, err
			}
		}
		reused := c.reused
		resp, err := c.roundTrip(r)
		if err == nil || !reused || !repeatable || !isLostConnection(err) {
			return resp, err
		}
	}
}

// isLostConnection reports whether err says that a kept connection was of no
// use: it ended before the first byte of an answer, or had bytes on it that
// belong to none (of a body that a HEAD must not have, say). An upstream that
// closes its side when the client has closed its own would do so again.
func isLostConnection(err error) bool {
	switch e := err.(type) {
	case *NoResponseError:
		return !e.begun && !e.heeded && e.Err != ErrTransportClosed
	case *ResponseError:
		return e.stray
	}
	return false
}

// isRepeatable reports whether r may be sent a second time.
func isRepeatable(r *http.Request) bool { return isIdempotent(r.Method) && !hasBody(r) }

func isIdempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// hasBody reports whether r's framing announces a body, be it empty.
func hasBody(r *http.Request) bool {
	return r.Body != nil && r.Body != http.NoBody && r.ContentLength != 0
}

// OwnsRequest is [Transport.Owns] for the connection that r came over.
func (t *Transport) OwnsRequest(r *http.Request) bool {
	if x := exchangeOf(r.Context()); x != nil {
		return t.pool.owns(x.conn.ends)
	}
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	server, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return err == nil && known && t.Owns(net.TCPAddrFromAddrPort(client), server)
}

// Owns reports whether the connection between client and server, as the server
// sees the addresses, is one of t's: a request that comes over it is t's own.
// Both addresses count, since a port of this end may serve other connections
// to other servers.
func (t *Transport) Owns(client, server net.Addr) bool {
	return t.pool.owns(between(client, server))
}

// CloseIdleConnections closes the connections that are kept for reuse.
func (t *Transport) CloseIdleConnections() { t.pool.closeIdle() }

// Shrink closes the connections that are kept, and reports whether there were any.
func (t *Transport) Shrink() bool { return t.pool.closeIdle() > 0 }

// Retire closes the connections that are kept, and each other one when its
// exchange has ended: t is replaced by another.
func (t *Transport) Retire() { t.pool.retire() }

// Close ends all connections to the upstream, and the exchanges under way with
// them; none begins any more.
func (t *Transport) Close() { t.pool.end() }

// dial opens a connection to the upstream.
func (t *Transport) dial(ctx context.Context) (*upstreamConn, error) {
	if t.pool.hasEnded() {
		return nil, &NoResponseError{Err: ErrTransportClosed}
	}
	if t.DialTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.DialTimeout)
		defer cancel()
	}
	nc, err := Dial(ctx, t.Upstream)
	// Others may be quicker to use the room that is made, or have to end first.
	for range 10 {
		if t.MakeRoom == nil || !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) || ctx.Err() != nil {
			break
		}
		if !t.MakeRoom() {
			time.Sleep(idleFor / 5)
		}
		nc, err = Dial(ctx, t.Upstream)
	}
	if err != nil {
		return nil, err
	}
	ends := between(nc.LocalAddr(), nc.RemoteAddr())
	if t.Upstream.Scheme == "https" {
		remote := nc.RemoteAddr()
		nc, err = t.handshake(ctx, nc)
		if errors.Is(err, context.DeadlineExceeded) {
			err = &net.OpError{Op: "dial", Net: "tcp", Addr: remote, Err: err}
		}
		if err != nil {
			return nil, err
		}
	}
	c := newUpstreamConn(t, nc, ends)
	if !t.pool.opened(c) {
		_ = nc.Close()
		return nil, &NoResponseError{Err: ErrTransportClosed}
	}
	return c, nil
}

// Dial connects to the first address of upstream that answers. Its error is the
// first one's, whose address is the one that people expect.
func Dial(ctx context.Context, upstream *url.URL) (net.Conn, error) {
	var dialer net.Dialer
	var first error
	for _, address := range addresses(upstream) {
		nc, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return nc, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// addresses returns what to dial for upstream, in order.
func addresses(upstream *url.URL) []string {
	port := upstream.Port()
	if port == "" {
		port = "80"
		if upstream.Scheme == "https" {
			port = "443"
		}
	}
	if strings.EqualFold(strings.TrimSuffix(upstream.Hostname(), "."), "localhost") {
		return []string{net.JoinHostPort("127.0.0.1", port), net.JoinHostPort("::1", port)}
	}
	return []string{net.JoinHostPort(upstream.Hostname(), port)}
}
