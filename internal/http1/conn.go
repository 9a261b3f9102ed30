package http1

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// The states of a connection, for Shutdown: an idle one may be closed.
const (
	stateIdle int32 = iota
	stateActive
	stateAnswered // the client has to close it, and has nothing more to send
	stateUnread   // the same, and it may still send
	stateClosed
)

// A conn is a client's connection: it reads a request, has it answered, and
// reads the next.
type conn struct {
	server *Server
	nc     net.Conn
	lazy   *lazyReader
	state  atomic.Int32
	// idleSince is when the last request was awaited, as Unix time in nanoseconds.
	idleSince atomic.Int64
	*workspace

	remote   string // address of the client
	ends     ends
	deadline time.Time // of reads, as it was set last; zero is none

	ctx    context.Context // ends when the client is gone
	cancel context.CancelFunc
	watch  watch
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{server: s, nc: nc, ends: between(nc.RemoteAddr(), nc.LocalAddr())}
	c.remote = c.ends.client
	c.idleSince.Store(time.Now().UnixNano())
	c.lazy = newLazyReader(nc, c.takeAhead, c.giveAhead)
	c.ctx, c.cancel = context.WithCancel(context.WithValue(context.Background(), http.LocalAddrContextKey, nc.LocalAddr()))
	c.watch.conn = c
	return c
}

// serve answers requests until the connection has to end.
func (c *conn) serve() {
	defer c.server.forget(c)
	defer c.cancel()
	for {
		switch c.serveOne() {
		case keepOpen:
		case closeAnswered:
			c.linger(stateAnswered)
			c.end()
			return
		case closeUnread:
			c.linger(stateUnread)
			c.end()
			return
		case closeAtOnce:
			c.end()
			return
		case takenOver:
			return
		}
	}
}

// end closes the connection and gives its buffers back.
func (c *conn) end() {
	c.state.Store(stateClosed)
	_ = c.nc.Close()
	c.giveWorkspace()
}

// An after says what becomes of a connection after an exchange.
type after uint8

const (
	keepOpen      after = iota
	closeAnswered       // after a request that was read to its end
	closeUnread         // after one that was not
	closeAtOnce
	takenOver // by Hijack
)

func (c *conn) serveOne() after {
	raw, err := c.readRequestHead()
	if err != nil {
		return c.refuse(raw, err)
	}
	x := &exchange{Context: c.ctx, conn: c}
	hs := c.headers.take()
	f, perr := x.parse(x, string(raw), hs.request)
	r := &x.request
	if perr != nil {
		return c.refuseRequest(r, perr)
	}
	r.RemoteAddr = c.remote
	x.body = requestBody{exchange: x, request: r, frameReader: newFrameReader(c.br, strict, f)}
	r.Body = &x.body
	w := &x.writer
	*w = responseWriter{conn: c, request: r, header: hs.response}
	c.watch.begin(x)
	if x.body.complete() {
		x.body.ended.Store(true)
	} else {
		c.readWithin(0)
	}
	ok := c.call(w, r)
	if w.hijacked {
		return takenOver
	}
	x.release()
	if !ok {
		return c.abort(w)
	}
	next := c.finish(w, &x.body)
	if next == keepOpen {
		c.headers = hs.cleared()
	}
	return next
}

// readRequestHead waits for a request, and reads its head. The connection is
// idle until the first byte.
func (c *conn) readRequestHead() ([]byte, error) {
	if c.workspace != nil {
		c.skipBlank()
	}
	for blank := 0; c.workspace == nil || c.br.Buffered() == 0; blank++ {
		c.state.Store(stateIdle)
		if c.server.isClosing() {
			return nil, io.EOF
		}
		first, err := c.await()
		if err != nil || !c.state.CompareAndSwap(stateIdle, stateActive) {
			return nil, io.EOF
		}
		if first == tlsHandshake {
			return nil, errTLS
		}
		if blank < mostBlank {
			c.skipBlank()
		}
	}
	if !c.headIsHere() {
		c.readWithin(c.server.HeadTimeout)
	}
	limit := c.server.MaxHeadBytes
	if limit == 0 {
		limit = DefaultMaxHeadBytes
	}
	var err error
	c.buf, err = strict.readHead(c.br, c.buf, limit)
	return c.buf, err
}

// mostBlank is how many empty lines may precede a request.
const mostBlank = 4

// skipBlank skips empty lines behind which nothing has come: they begin no request
// (RFC 9112, section 2.2), and the connection is idle still.
func (c *conn) skipBlank() {
	b, _ := c.br.Peek(c.br.Buffered())
	if len(b) <= mostBlank*len(crlf) && len(bytes.ReplaceAll(b, crlf, nil)) == 0 {
		_, _ = c.br.Discard(len(b))
	}
}

// headIsHere reports whether a whole head, most likely, need not be waited for.
func (c *conn) headIsHere() bool {
	b, _ := c.br.Peek(c.br.Buffered())
	return len(b) > 0 && b[0] != '\r' && bytes.HasSuffix(b, []byte("\r\n\r\n"))
}

// await waits for the first byte of a request, and returns it. It stays to be
// read.
func (c *conn) await() (byte, error) {
	now := time.Now()
	c.idleSince.Store(now.UnixNano())
	c.readWithinIdle(now)
	if c.lazy.raw != nil {
		_, n, err := c.lazy.read()
		if err != nil {
			return 0, err
		}
		c.source.ahead = c.ahead[:n]
	} else {
		c.takeWorkspace()
	}
	first, err := c.br.Peek(1)
	if err != nil {
		return 0, err
	}
	return first[0], nil
}

// readWithinIdle bounds the waiting for a request, to a second or an eighth less
// than it should: a deadline is not moved for every request, since that costs
// more than it is worth.
func (c *conn) readWithinIdle(now time.Time) {
	idle := c.server.IdleTimeout
	if idle <= 0 {
		c.readWithin(0)
		return
	}
	until := now.Add(idle)
	if late := until.Sub(c.deadline); c.deadline.IsZero() || late < 0 || late > min(time.Second, idle/8) {
		c.readUntil(until)
	}
}

// tlsHandshake is the first byte of a TLS connection (RFC 8446, section 5.1).
// It would wait for an answer, not for the end of a head.
const tlsHandshake = 0x16

var errTLS = errors.New("it is a TLS handshake, and plain HTTP is spoken here: use http:// in place of https://")

// readWithin bounds the reads that follow to d from now; 0 is no bound.
func (c *conn) readWithin(d time.Duration) {
	if d > 0 {
		c.readUntil(time.Now().Add(d))
	} else if !c.deadline.IsZero() {
		c.readUntil(time.Time{})
	}
}

func (c *conn) readUntil(t time.Time) {
	c.deadline = t
	_ = c.nc.SetReadDeadline(t)
}

// refuse ends the connection where no whole head could be read.
func (c *conn) refuse(raw []byte, err error) after {
	var e *ProtocolError
	switch {
	case err == errHeadTooLarge:
		e = headTooLarge
	case err == errBareLF, err == errTooManyLines, err == errTLS:
		e = badRequest(err.Error())
	case errors.Is(err, os.ErrDeadlineExceeded) && len(raw) > 0:
		e = &ProtocolError{http.StatusRequestTimeout, "the request head did not arrive in time"}
	default:
		return closeAtOnce // the client is gone, and nobody would read an answer
	}
	var in incoming
	_, _ = in.parse(c.ctx, string(raw), make(http.Header))
	return c.refuseRequest(&in.request, e)
}

func (c *conn) refuseRequest(r *http.Request, e *ProtocolError) after {
	c.readWithin(0)
	r.Close = true
	r.RemoteAddr = c.remote
	r = r.WithContext(c.ctx)
	w := &responseWriter{conn: c, request: r, header: make(http.Header)}
	refuse := c.server.Refuse
	if refuse == nil {
		refuse = func(w http.ResponseWriter, _ *http.Request, e *ProtocolError) {
			http.Error(w, e.Error(), e.Status)
		}
	}
	refuse(w, r, e)
	w.Finish()
	return closeUnread
}

// call runs the handler, and reports whether it ended as it should.
func (c *conn) call(w *responseWriter, r *http.Request) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler && c.server.Panicked != nil {
				c.server.Panicked(v)
			}
		}
	}()
	c.server.Handler.ServeHTTP(w, r)
	return true
}

// abort ends the connection so that the client cannot take for complete what
// is not: where only the end of the connection would end the body, it is reset.
func (c *conn) abort(w *responseWriter) after {
	_ = c.bw.Flush()
	if tc, ok := c.nc.(*net.TCPConn); ok && w.framing == untilClose {
		_ = tc.SetLinger(0)
	}
	return closeAtOnce
}

// finish ends the response, and deals with what is left of the request.
func (c *conn) finish(w *responseWriter, body *requestBody) after {
	w.Finish()
	switch {
	case w.err != nil:
		return closeAtOnce
	case w.short():
		return c.abort(w)
	case w.closes && body.complete():
		return closeAnswered
	case w.closes:
		return closeUnread
	case body.complete():
		return keepOpen
	case body.drain():
		return keepOpen
	}
	return closeUnread
}
