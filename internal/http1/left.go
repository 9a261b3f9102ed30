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
	go func() {
		tick := time.NewTicker(leftInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if hasLeft(x.conn.nc) {
					f()
					return
				}
			case <-stopped:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(stopped)
		stopHalf()
	})
}

// hasLeft reports whether the peer has closed its sending side, or reset the
// connection, whatever waits to be read before that. It is false where the
// system does not tell.
func hasLeft(nc net.Conn) bool {
	raw, ok := rawConn(nc)
	if !ok {
		return false
	}
	left := false
	err := raw.Control(func(fd uintptr) { left = isLeft(fd) })
	return err == nil && left
}
