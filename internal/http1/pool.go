package http1

import (
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// A pool keeps connections for reuse, and knows all that are open. Its zero
// value is ready.
type pool struct {
	mu    sync.Mutex
	idle  []*upstreamConn // the latest used last
	open  map[ends]*upstreamConn
	sweep *time.Timer // runs while there are idle ones

	retired bool // none is kept any more
	ended   bool // by end
}

const (
	// maxIdle bounds the connections kept.
	maxIdle = 512
	// sweepEvery is how long a connection that the upstream has closed may hold
	// its descriptor.
	sweepEvery = 2 * time.Second
)

// take returns a kept connection that is still open, or nil. A request that
// cannot be sent again gets one only where the upstream has announced how long
// it keeps it: any other may be closed just as the request is on its way, and
// then nobody could tell whether the request was acted upon.
func (p *pool) take(repeatable bool) *upstreamConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		c := p.idle[n-1]
		if !repeatable && c.keepFor == 0 {
			return nil
		}
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		if c.usable(now) {
			c.reused = true
			return c
		}
		p.closeLocked(c)
	}
	return nil
}

// put keeps c for reuse. One that carried a request that take gives none to is
// not added to others: they would become ever more, each a thread of the
// upstream perhaps.
func (p *pool) put(c *upstreamConn, repeatable bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); p.retired || n >= maxIdle || n > 0 && !repeatable && c.keepFor == 0 {
		p.closeLocked(c)
		return
	}
	c.idleSince = time.Now()
	p.idle = append(p.idle, c)
	if p.sweep == nil {
		p.sweep = time.AfterFunc(sweepEvery, p.sweepIdle)
	} else if len(p.idle) == 1 {
		p.sweep.Reset(sweepEvery)
	}
}

// sweepIdle closes kept connections that have been idle for too long, or that
// the upstream has closed.
func (p *pool) sweepIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	kept := p.idle[:0]
	for _, c := range p.idle {
		if c.usable(now) {
			kept = append(kept, c)
		} else {
			p.closeLocked(c)
		}
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	if len(kept) > 0 {
		p.sweep.Reset(sweepEvery)
	}
}

// closeIdle closes the kept connections, and returns how many there were.
func (p *pool) closeIdle() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	p.closeIdleLocked()
	return n
}

// retire closes the kept connections, and keeps no other.
func (p *pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	p.closeIdleLocked()
}

func (p *pool) closeIdleLocked() {
	for _, c := range p.idle {
		p.closeLocked(c)
	}
	p.idle = nil
}

// ends are the addresses of a connection, which tell it from all others.
type ends struct{ client, server string }

func between(client, server net.Addr) ends { return ends{client.String(), server.String()} }

// opened notes a new connection. It is false where no other is wanted.
func (p *pool) opened(c *upstreamConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	if p.open == nil {
		p.open = make(map[ends]*upstreamConn)
	}
	p.open[c.ends] = c
	return true
}

// end closes all connections, those that carry an exchange too, and has no other
// opened.
func (p *pool) end() {
	p.mu.Lock()
	p.retired, p.ended = true, true
	p.closeIdleLocked()
	busy := slices.Collect(maps.Values(p.open))
	p.mu.Unlock() // a call has a lock of its own, within which it uses the pool
	for _, c := range busy {
		c.cut()
	}
}

func (p *pool) hasEnded() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

func (p *pool) owns(e ends) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.open[e]
	return ok
}

// close ends c. It may be called more than once.
func (p *pool) close(c *upstreamConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLocked(c)
}

func (p *pool) closeLocked(c *upstreamConn) {
	if !c.closed {
		c.closed = true
		delete(p.open, c.ends)
		if _, ok := c.nc.(*tlsConn); ok {
			go c.nc.Close() // what TLS says at the end may have to wait for room
			return
		}
		_ = c.nc.Close()
	}
}
