package http1

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// An exchange is what the server knows of a request beyond *http.Request.
type exchange struct {
	conn *conn
	head *Head
	body *requestBody

	mu         sync.Mutex
	halfClosed bool
	onHalf     func()
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// HeadOf returns the head of the request that ctx belongs to, as it was
// received; nil where another server than [Server] received it.
func HeadOf(ctx context.Context) *Head {
	if x := exchangeOf(ctx); x != nil {
		return x.head
	}
	return nil
}

// OnHalfClose arranges for f to be called, once, when the client has closed its
// sending side after a complete request: it may be gone, or wait for the
// answer (RFC 9112, section 9.6, leaves both open). The returned function
// takes f back.
func OnHalfClose(ctx context.Context, f func()) (stop func()) {
	x := exchangeOf(ctx)
	if x == nil {
		return func() {}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.halfClosed {
		go f()
		return func() {}
	}
	x.onHalf = f
	return func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.onHalf = nil
	}
}

func (x *exchange) halfClose() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.halfClosed = true
	if x.onHalf != nil {
		go x.onHalf()
		x.onHalf = nil
	}
}

// release takes the connection back from the handler: when it returns, nobody
// else reads it.
func (x *exchange) release() {
	x.body.stop() // first, since the end of a body arms the watch
	x.conn.watch.disarm()
}

// A requestBody is the body of a request. Its Read may be interrupted by stop
// from another goroutine, so that a handler can end while its transport still
// waits for a slow upload.
type requestBody struct {
	conn    *conn
	request *http.Request // gets the trailers
	mu      sync.Mutex    // held while reading
	stopped atomic.Bool
	ended   atomic.Bool // the whole body has been read
	frameReader
}

// errBodyStopped is returned by Read after the handler has ended.
var errBodyStopped = errors.New("request body read after its exchange ended")

func (b *requestBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped.Load() {
		return 0, errBodyStopped
	}
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.frameReader.Read(p)
	if b.stopped.Load() && errors.Is(b.err, os.ErrDeadlineExceeded) {
		b.err = nil // it was stop that interrupted, not the network
		return n, errBodyStopped
	}
	if b.complete() {
		b.ended.Store(true)
		b.request.Trailer = trailerHeader(b.trailer)
		b.conn.watch.arm()
	}
	return n, err
}

// Buffered returns how many bytes are here already, as [frameReader.Buffered]
// has it.
func (b *requestBody) Buffered() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped.Load() {
		return 0
	}
	return b.frameReader.Buffered()
}

// A Tap is a request's body of which Note gets what is read, as it is read. A
// [Transport] treats it as it does the body within.
type Tap struct {
	io.ReadCloser
	Note func(p []byte, err error)
}

func (t *Tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.Note(p[:n], err)
	return n, err
}

// Buffered returns how many bytes are here already, as far as that is known.
func (t *Tap) Buffered() int { return buffered(t.ReadCloser) }

// Close lets the server go on: what is left unread is its business.
func (b *requestBody) Close() error { return nil }

// stop ends reading by the handler, and waits until nobody reads.
func (b *requestBody) stop() {
	b.stopped.Store(true)
	if b.mu.TryLock() {
		b.mu.Unlock()
		return
	}
	_ = b.conn.nc.SetReadDeadline(longAgo)
	b.mu.Lock()
	_ = b.conn.nc.SetReadDeadline(time.Time{})
	b.mu.Unlock()
}

var longAgo = time.Unix(1, 0)

// drain reads what is left of a small body, and reports whether that was all
// of it, so that the connection can be used on.
func (b *requestBody) drain() bool {
	const limit, patience = 256 << 10, 200 * time.Millisecond
	b.conn.readWithin(patience)
	_, err := io.CopyN(io.Discard, &b.frameReader, limit)
	b.conn.readWithin(0)
	return err == io.EOF || b.complete()
}

// A watch looks out for the client's end of a connection while a request is
// being answered. Most are answered before it starts to look.
type watch struct {
	conn     *conn
	exchange *exchange

	mu      sync.Mutex
	timer   *time.Timer
	armed   bool
	looking chan struct{} // closed when the look has ended
}

// watchDelay is how long an answer may take before anyone looks out.
const watchDelay = 10 * time.Millisecond

func (w *watch) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = true
	if w.timer == nil {
		w.timer = time.AfterFunc(watchDelay, w.look)
	} else {
		w.timer.Reset(watchDelay)
	}
}

// disarm ends the watch: when it returns, nobody reads the connection.
func (w *watch) disarm() {
	w.mu.Lock()
	w.armed = false
	if w.timer != nil {
		w.timer.Stop()
	}
	looking := w.looking
	w.looking = nil
	w.mu.Unlock()
	if looking != nil {
		_ = w.conn.nc.SetReadDeadline(longAgo)
		<-looking
		_ = w.conn.nc.SetReadDeadline(time.Time{})
	}
}

// look waits for a byte or the end of the connection.
func (w *watch) look() {
	w.mu.Lock()
	if !w.armed || w.looking != nil {
		w.mu.Unlock()
		return
	}
	done := make(chan struct{})
	w.looking = done
	x := w.exchange
	w.mu.Unlock()
	defer close(done)
	_, err := w.conn.br.Peek(1)
	switch {
	case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
	case err == io.EOF:
		x.halfClose()
	default:
		w.conn.cancel()
	}
}
