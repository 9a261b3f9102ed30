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
	stopLooking := lookOut(x, func(p presence) bool { return p != present }, f)
	return sync.OnceFunc(func() {
		stopLooking()
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
	return lookOut(x, func(p presence) bool { return p == gone }, x.conn.cancel)
}

// lookOut calls f, once, when the presence of x's client is what is looked for.
func lookOut(x *exchange, is func(presence) bool, f func()) (stop func()) {
	stopped := make(chan struct{})
	go func() {
		tick := time.NewTicker(leftInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if is(presenceOf(x.conn.nc)) {
					f()
					return
				}
			case <-stopped:
				return
			}
		}
	}()
	return func() { close(stopped) }
}

// A presence is what the system knows of a peer.
type presence uint8

const (
	present    presence = iota
	halfClosed          // its sending side is
	gone                // the connection was reset
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
