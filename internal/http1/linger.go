package http1

import (
	"io"
	"time"
)

// linger lets the client read what was sent before the connection is closed:
// closing while its bytes still arrive would reset it (RFC 9112, section 9.6).
// The state says whether it may have more to send.
func (c *conn) linger(state int32) {
	c.readWithin(lingerTimeout)
	c.state.Store(state)
	if c.server.isClosing() {
		c.hurry()
	}
	hc, ok := c.nc.(interface{ CloseWrite() error })
	if !ok || hc.CloseWrite() != nil {
		return
	}
	const limit = 64 << 20
	_, _ = io.CopyN(io.Discard, c.br, limit)
}

// hurry shortens the wait for a client that has had its answer and has nothing
// more to send. Any goroutine may call it.
func (c *conn) hurry() {
	if c.state.Load() == stateAnswered {
		_ = c.nc.SetReadDeadline(time.Now().Add(lastLinger))
	}
}

const (
	lingerTimeout = 2 * time.Second
	// lastLinger is for what a client that pipelines has sent already.
	lastLinger = 250 * time.Millisecond
)
