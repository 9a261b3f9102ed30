package http1

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Server reads requests off connections and calls a handler for each, one at
// a time per connection. Its requests and response writers are net/http's, with
// more behind them: see [HeadOf], [OnHalfClose] and [Speller].
//
// A malformed request never reaches the handler, and nothing after it on the
// same connection is read. Unlike net/http's server, this one adds no field of
// its own but Connection and Transfer-Encoding, and sends no 100 Continue
// unless the handler does.
type Server struct {
	// Handler answers requests. When it returns, the maps of the request's and
	// the response's header are used for the next request; their values are not.
	Handler http.Handler
	// Refuse answers a request that is not well formed. r has what could be read.
	// Without it, the answer is one line of plain text.
	Refuse func(w http.ResponseWriter, r *http.Request, err *ProtocolError)
	// Panicked, if it is set, is told of a panic in Handler other than
	// http.ErrAbortHandler, while its stack is there.
	Panicked func(value any)
	// MakeRoom, if it is set, is called where no descriptor is left for a client's
	// connection, and reports whether another attempt is worth it. CloseIdle makes
	// room, for one.
	MakeRoom func() bool
	// Exhausted is told, now and then, that no descriptor is left and connections
	// are refused.
	Exhausted func()

	HeadTimeout  time.Duration // from a head's first byte to its last; 0 is none
	IdleTimeout  time.Duration // without a request; 0 is none
	MaxHeadBytes int           // 0 is DefaultMaxHeadBytes

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	closing   atomic.Bool   // set under mu
	drained   chan struct{} // made by Shutdown, closed with the last connection
}

// Serve accepts connections on l until Shutdown or Close, and then returns
// [http.ErrServerClosed]. Where file descriptors run out, it has MakeRoom called.
// Where that does not help, it waits for a while, since those who hold descriptors
// will let them go. Then connections that wait are refused, since it may be their
// own requests that hold them: two proxies that lead to each other.
func (s *Server) Serve(l net.Listener) error {
	if !s.track(l) {
		_ = l.Close()
		return http.ErrServerClosed
	}
	defer func() { _ = l.Close() }()
	var backoff time.Duration
	var told time.Time
	spare := newSpare()
	defer spare.release()
	for {
		nc, err := l.Accept()
		switch {
		case err == nil:
			backoff = 0
			s.start(nc)
		case s.isClosing():
			return http.ErrServerClosed
		case !isTemporary(err):
			return err
		case s.MakeRoom != nil && s.MakeRoom():
		case backoff < maxBackoff:
			backoff = min(max(2*backoff, 5*time.Millisecond), maxBackoff)
			time.Sleep(backoff)
		default:
			if s.Exhausted != nil && time.Since(told) > tellEvery {
				told = time.Now()
				s.Exhausted()
			}
			time.Sleep(refuseEvery)
			s.acceptWith(spare, l)
		}
	}
}

const (
	// idleAtOnce is how many idle connections make room together: a request needs
	// a descriptor for the upstream, too, and others will follow it.
	idleAtOnce = 8
	// idleFor is how long a connection must have had no request to be closed for
	// others: one that was just opened is about to send one.
	idleFor = 250 * time.Millisecond
	// maxBackoff is the longest wait between two attempts to accept a
	// connection. It is reached after about as long.
	maxBackoff = 500 * time.Millisecond
	// refuseEvery is the time between two refusals after that: who waits behind
	// many others should not wait for long.
	refuseEvery = 20 * time.Millisecond
	// tellEvery is the shortest time between two calls of Exhausted.
	tellEvery = 10 * time.Second
)

// CloseIdle closes some connections that have had no request for a while, as a
// server may at any time (RFC 9112, section 9.5), those first that have waited for
// longest. It reports whether there were any.
func (s *Server) CloseIdle() bool {
	before := time.Now().Add(-idleFor).UnixNano()
	s.mu.Lock()
	defer s.mu.Unlock()
	var idle []*conn
	for c := range s.conns {
		if c.state.Load() == stateIdle && c.idleSince.Load() < before {
			idle = append(idle, c)
		}
	}
	slices.SortFunc(idle, func(a, b *conn) int { return cmp.Compare(a.idleSince.Load(), b.idleSince.Load()) })
	closed := 0
	for _, c := range idle {
		if closed < idleAtOnce && newQuietness(c.nc).isSilent() && c.state.CompareAndSwap(stateIdle, stateClosed) {
			_ = c.nc.Close()
			closed++
		}
	}
	return closed > 0
}

// acceptWith accepts one connection with the spare descriptor. Where there is
// none for the next, the connection is closed.
func (s *Server) acceptWith(spare *spare, l net.Listener) {
	spare.release()
	nc, err := l.Accept()
	if full := !spare.take(); err == nil && full {
		_ = nc.Close()
		spare.take()
	} else if err == nil {
		s.start(nc)
	}
}

// A spare is a file descriptor held back for when there is no other.
type spare struct{ file *os.File }

func newSpare() *spare {
	s := new(spare)
	s.take()
	return s
}

// take reports whether there is a descriptor to hold back.
func (s *spare) take() bool {
	s.file, _ = os.Open(os.DevNull)
	return s.file != nil
}

func (s *spare) release() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}

// isTemporary reports whether Accept may succeed later: descriptors or buffers
// ran out, or the client was gone before it was accepted.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return false
	}
	if s.listeners == nil {
		s.listeners = make(map[net.Listener]struct{})
	}
	s.listeners[l] = struct{}{}
	return true
}

func (s *Server) start(nc net.Conn) {
	c := newConn(s, nc)
	s.mu.Lock()
	if s.closing.Load() {
		s.mu.Unlock()
		_ = nc.Close()
		return
	}
	if s.conns == nil {
		s.conns = make(map[*conn]struct{})
	}
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	go c.serve()
}

// forget is called once by each connection, when it has ended.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if len(s.conns) == 0 && s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
}

func (s *Server) isClosing() bool { return s.closing.Load() }

// Active returns how many requests are being answered, hijacked connections
// included. A connection that only waits for its client to close it has none.
func (s *Server) Active() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.conns {
		if c.state.Load() == stateActive {
			n++
		}
	}
	return n
}

// Shutdown stops accepting, closes idle connections and waits until the others
// have ended, each after the request that it is answering. A client that has its
// answer, and does not close its connection, is not waited for long. Where ctx ends
// first, its error is returned and the connections stay.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing.Store(true)
	for l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.conns {
		if c.state.CompareAndSwap(stateIdle, stateClosed) {
			_ = c.nc.Close()
		}
		c.hurry()
	}
	if len(s.conns) == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.drained == nil {
		s.drained = make(chan struct{})
	}
	drained := s.drained
	s.mu.Unlock()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends all listeners and connections at once.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing.Store(true)
	for l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.conns {
		if tc, ok := c.nc.(*net.TCPConn); ok && c.state.Load() == stateActive {
			_ = tc.SetLinger(0) // its answer may be one that only the end of the connection ends
		}
		_ = c.nc.Close()
	}
	return nil
}
