package http1

import (
	"context"
	"net"
	"sync"
	"time"
)

// leftInterval is how often a connection is looked at whose body waits.
const leftInterval = 100 * time.Millisecond

// OnLeft is [OnHalfClose] for a request that waits before its body is read. On
// Linux f is called, too, when the client has closed its sending side behind
// what nobody has read yet, or in the middle of the body.
func OnLeft(ctx context.Context, f func()) (stop func()) {
	stopHalf := OnHalfClose(ctx, f)
	x := exchangeOf(ctx)
	if x == nil || x.body.ended.Load() {
		return stopHalf
	}
	stopped := make(chan struct{})
	go lookOut(x.conn.nc, stopped, func(p presence) bool {
		if p != present {
			f()
		}
		return p != present
	})
	return sync.OnceFunc(func() {
		close(stopped)
		stopHalf()
	})
}

// endOnReset ends the connection of a client that has reset it while its body
// waits for the upstream to take more, so that nobody reads it. A client that
// has closed its sending side is no other than one that reaches the upstream.
func endOnReset(ctx context.Context) (stop func()) {
	x := exchangeOf(ctx)
	if x == nil {
		return func() {}
	}
	stopped := make(chan struct{})
	go lookOut(x.conn.nc, stopped, func(p presence) bool {
		if p >= gone {
			x.conn.cancel()
		}
		return p >= gone
	})
	return func() { close(stopped) }
}

// lookOut tells seen of a peer's presence now and then, until that is enough or
// stop is closed.
func lookOut(nc net.Conn, stop <-chan struct{}, seen func(presence) (enough bool)) {
	tick := time.NewTicker(leftInterval)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			if seen(presenceOf(nc)) {
				return
			}
		}
	}
}

// A presence is what the system knows of a peer.
type presence uint8

const (
	present    presence = iota
	halfClosed          // its sending side is
	gone                // so is this one's; or the connection was reset, as somebody has been told
	cutOff              // the connection was reset
)

// presenceOf asks the system, whatever waits to be read before an end. Where
// that does not tell, the peer is present.
func presenceOf(nc net.Conn) presence {
	raw, ok := rawConn(nc)
	if !ok {
		return present
	}
	var p presence
	if err := raw.Control(func(fd uintptr) { p = presenceAt(fd) }); err != nil {
		return present
	}
	return p
}
