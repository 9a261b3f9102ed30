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
	c.discard(c.br, lingerTimeout)
}

// discard reads what the client goes on to send after its answer, within the read
// deadline, which it moves with each part: a client may read its answer only when
// it has sent all. A server that is closing waits no longer than it began to.
func (c *conn) discard(r io.Reader, silence time.Duration) {
	buf := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(buf)
	end := time.Now().Add(longestDiscard)
	for left := mostDiscarded; left > 0; {
		n, err := r.Read(buf[:])
		if left -= n; err != nil {
			return
		}
		until := time.Now().Add(silence)
		if until.Before(end) && !c.server.isClosing() {
			c.readUntil(until)
		}
	}
}

// hurry shortens the wait for a client that has had its answer and has nothing
// more to send. Any goroutine may call it.
func (c *conn) hurry() {
	if c.state.Load() == stateAnswered {
		_ = c.nc.SetReadDeadline(time.Now().Add(lastLinger))
	}
}

const (
	// drainTimeout is for a client that may use its connection again.
	drainTimeout = 200 * time.Millisecond

	longestDiscard = 30 * time.Second
	mostDiscarded  = 64 << 20 // bytes

	lingerTimeout = 2 * time.Second
	// lastLinger is for what a client that pipelines has sent already.
	lastLinger = 250 * time.Millisecond
)
