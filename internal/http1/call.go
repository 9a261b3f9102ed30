package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// A call is one exchange with the upstream. Its request may still be on its
// way when the response arrives.
type call struct {
	conn          *upstreamConn
	request       *http.Request
	stopCancel    func() bool
	stopHalfClose func()

	mu         sync.Mutex
	sending    chan struct{} // closed when nothing more is written; nil where nothing waited
	sent       bool          // the whole request is written
	reset      bool          // by the upstream, which the one who wrote was told
	bodyErr    error         // of reading the request's body
	halfClosed bool          // the client has closed its sending side
	toldOf     bool          // which an upstream was told that had not closed its own
	answered   bool          // a final response head has been read
	ended      bool
}

// halfCloseGrace is how long the upstream may be silent after the client has
// closed its sending side. API Gateway itself waits for 29 seconds.
const halfCloseGrace = 30 * time.Second

// halfClose passes the end of the client's sending side on: only the upstream
// can know whether the answer is still wanted.
func (x *call) halfClose() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.halfClosed = true
	if x.sent && !x.ended {
		x.closeWrite()
	}
}

func (x *call) closeWrite() {
	x.toldOf = x.toldOf || presenceOf(withoutTLS(x.conn.nc)) == present
	if hc, ok := x.conn.nc.(interface{ CloseWrite() error }); ok {
		_ = hc.CloseWrite()
	}
	_ = x.conn.nc.SetReadDeadline(time.Now().Add(halfCloseGrace))
}

// send writes the request. A body that is not here yet is copied by another
// goroutine, since the upstream may answer first.
func (x *call) send() {
	c, r := x.conn, x.request
	c.buf = appendRequestHead(c.buf[:0], r)
	_, _ = c.bw.Write(c.buf) // bufio keeps the error for Flush
	if !hasBody(r) {
		x.sendDone(c.bw.Flush())
		return
	}
	if r.ContentLength > 0 && int64(buffered(r.Body)) >= r.ContentLength {
		x.sendDone(x.copyBody(c.bw))
		return
	}
	bw := c.bw // a tunnel takes it off the connection
	done := make(chan struct{})
	x.sending = done
	go func() {
		defer close(done)
		stop := endOnReset(r.Context())
		err := x.copyBody(bw)
		stop()
		x.sendDone(err)
	}()
}

// sendDone notes the end of sending. An error of writing is not one of the
// exchange: the upstream may have answered before it closed.
func (x *call) sendDone(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var be *RequestBodyError
	if errors.As(err, &be) {
		x.bodyErr = err
		// The upstream must see that the body is cut short. Where the client has
		// but closed its sending side, the upstream may have something to say.
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			x.conn.close()
		} else if !x.ended {
			x.halfClosed = true
			x.closeWrite()
		}
		return
	}
	if err != nil || x.ended {
		x.reset = errors.Is(err, syscall.ECONNRESET) // after the upstream's end it is EPIPE
		return
	}
	x.sent = true
	if x.halfClosed {
		x.closeWrite()
	} else if d := x.conn.t.ResponseHeaderTimeout; d > 0 && !x.answered {
		_ = x.conn.nc.SetReadDeadline(time.Now().Add(d))
	}
}

// buffered returns how many bytes of body can be read without waiting, as far
// as that is known.
func buffered(body io.Reader) int {
	if b, ok := body.(interface{ Buffered() int }); ok {
		return b.Buffered()
	}
	return 0
}

var copyBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// copyBody writes the request's body with the framing that its head announces.
// What has been read is sent before more is waited for.
func (x *call) copyBody(bw *bufio.Writer) error {
	r := x.request
	defer func() { _ = r.Body.Close() }()
	buf := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(buf)
	var size [20]byte
	for {
		if buffered(r.Body) == 0 {
			if err := bw.Flush(); err != nil {
				return err
			}
		}
		n, err := r.Body.Read(buf[:])
		if n > 0 {
			if r.ContentLength < 0 {
				_, _ = bw.Write(appendChunkHead(size[:0], n))
			}
			_, werr := bw.Write(buf[:n])
			if r.ContentLength < 0 {
				_, werr = bw.Write(crlf)
			}
			if werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return &RequestBodyError{err}
		}
	}
	if r.ContentLength < 0 {
		_, _ = bw.WriteString("0\r\n")
		_, _ = bw.Write(appendRequestTrailer(nil, r))
		_, _ = bw.Write(crlf)
	}
	return bw.Flush()
}

// appendRequestTrailer appends the trailers of r, which are known once its
// body has been read.
func appendRequestTrailer(b []byte, r *http.Request) []byte {
	from := r.Body
	if tap, ok := from.(*Tap); ok {
		from = tap.ReadCloser
	}
	if body, ok := from.(*requestBody); ok {
		for _, f := range body.trailer {
			b = appendField(b, f.Name, f.Value)
		}
		return b
	}
	return appendFields(b, r.Trailer, nil)
}

// receive reads up to the final response's head. Interim ones go to the
// request's httptrace.
func (x *call) receive() (*http.Response, error) {
	c, r := x.conn, x.request
	for begun := false; ; begun = true {
		resp, head, f, err := c.readResponse(r)
		if err != nil {
			return nil, x.receiveError(err, begun || err == errPartialHead)
		}
		if resp.StatusCode == http.StatusSwitchingProtocols && !c.t.Forgiving {
			if len(r.Header["Upgrade"]) == 0 {
				return nil, &ResponseError{Reason: "it switches protocols, which was not asked for (RFC 9110 section 15.2.2)", Got: firstBytes([]byte(head.Line))}
			}
			resp.Body = x.tunnel(head)
			return resp, nil
		}
		if resp.StatusCode < 200 && resp.StatusCode >= 100 {
			if err := interim(r.Context(), resp); err != nil {
				return nil, err
			}
			x.notSilent()
			continue
		}
		if !begun && c.gaveUp(r, resp) {
			return nil, &NoResponseError{Err: errGaveUp}
		}
		c.keepFor = keepAliveTimeout(resp.Header)
		x.headReceived()
		body := &responseBody{call: x, head: head, response: resp, frameReader: newFrameReader(c.br, lenient, f)}
		resp.Body = body
		if body.complete() {
			x.end(!resp.Close)
		}
		return resp, nil
	}
}

// headReceived ends the waiting for a response head.
func (x *call) headReceived() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answered = true
	if x.conn.t.ResponseHeaderTimeout > 0 && !x.halfClosed {
		_ = x.conn.nc.SetReadDeadline(time.Time{})
	}
}

// receiveError says what an error of reading a response head means, of which
// something may have begun to come: an interim response, or a part of a head.
func (x *call) receiveError(err error, begun bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var re *ResponseError
	switch {
	case x.bodyErr != nil:
		return x.bodyErr
	case x.conn.t.pool.hasEnded():
		return &NoResponseError{Err: ErrTransportClosed}
	case isTimeout(err) && x.halfClosed:
		return &RequestBodyError{errClientGone}
	case isTimeout(err):
		return &TimeoutError{x.conn.t.ResponseHeaderTimeout}
	case errors.As(err, &re):
		re.stray = re.stray && !begun
		return err
	}
	if x.halfClosed {
		err = fmt.Errorf("%w: %w", ErrClientLeft, err)
	}
	return &NoResponseError{err, begun, x.toldOf && !errors.Is(err, syscall.ECONNRESET)}
}

var errClientGone = errors.New("the client closed its connection, and the upstream was silent since")

// abandon ends the call, for a client that has gone, say. A request of which a part
// has not been sent is reset: what waits for the upstream to take it would else
// keep the end from being seen.
func (x *call) abandon() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if tc, ok := withoutTLS(x.conn.nc).(*net.TCPConn); ok && !x.sent {
		_ = tc.SetLinger(0)
	}
	x.conn.close()
}

// end is called once the response is complete (then the connection may be
// kept) or has failed.
func (x *call) end(complete bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return
	}
	x.ended = true
	x.stopHalfClose()
	if x.stopCancel() && complete && x.sent && !x.halfClosed && x.conn.br.Buffered() == 0 {
		x.conn.call.Store(nil)
		x.conn.t.pool.put(x.conn, isRepeatable(x.request))
		return
	}
	x.conn.close()
}

// A responseBody is the body of a response, read off the upstream's connection.
type responseBody struct {
	call     *call
	head     *Head
	response *http.Response // gets the trailers
	frameReader
}

func (b *responseBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.call.notSilent() // the time that the client takes for what has come is not the upstream's
	n, err := b.frameReader.Read(p)
	if b.err == nil {
		b.err = err // of time, too: nobody waits for more
	}
	if b.err == io.EOF && b.framing.kind == untilClose {
		switch {
		case b.call.conn.t.pool.hasEnded():
			b.err = ErrTransportClosed
		case b.call.conn.mayBeCut():
			b.err = ErrNoCloseNotify
		case b.call.wasReset():
			b.err = io.ErrUnexpectedEOF
		}
	}
	if b.err == nil {
		return n, nil
	}
	if !b.complete() {
		b.err = b.call.cause(b.err)
	}
	b.response.Trailer, b.head.trailer = trailerHeader(b.trailer), b.trailer
	b.call.end(b.complete() && !b.response.Close)
	if n > 0 && !b.complete() {
		return n, nil // the error comes with the next Read
	}
	return n, b.err
}

// ErrClientLeft is, or is wrapped in, the reason why there is no response, or no
// end of it, for a client that had closed its connection, or its sending side.
var ErrClientLeft = errors.New("the client closed its connection")

// cause returns what an error of reading a response comes from: of the request's
// body, of the client, or of the upstream.
func (x *call) cause(err error) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.bodyErr != nil:
		return x.bodyErr
	case x.conn.t.pool.hasEnded():
		return ErrTransportClosed
	case x.halfClosed || x.request.Context().Err() != nil:
		return fmt.Errorf("%w: %w", ErrClientLeft, err)
	}
	return err
}

// wasReset reports whether the upstream's connection, which has ended for who
// reads it, was reset. The system says so once, and may have said it to the one
// who writes the request's body.
func (x *call) wasReset() bool {
	if x.sending == nil || presenceOf(x.conn.nc) < gone {
		return false
	}
	select {
	case <-x.sending:
	case <-time.After(leftInterval): // it waits for the client, and was told nothing
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.reset
}

// notSilent moves the end of the waiting that begins with the client's half-close.
func (x *call) notSilent() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.halfClosed {
		_ = x.conn.nc.SetReadDeadline(time.Now().Add(halfCloseGrace))
	}
}

// Close ends the exchange. Where the body has not been read to its end, so
// does the connection.
func (b *responseBody) Close() error {
	b.call.end(false)
	return nil
}

// ResponseHead returns the head that resp came with; nil where it did not come
// from a [Transport].
func ResponseHead(resp *http.Response) *Head {
	switch b := resp.Body.(type) {
	case *responseBody:
		return b.head
	case *Tunnel:
		return b.head
	}
	return nil
}
