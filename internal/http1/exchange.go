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

// An exchange is what the server knows of a request beyond *http.Request. It is
// the request's context: that of its connection, and the way to itself.
type exchange struct {
	context.Context
	conn *conn
	incoming
	body   requestBody
	writer responseWriter

	watched atomic.Bool // somebody wants to know of the client's end

	mu         sync.Mutex
	halfClosed bool
	onHalf     func()
}

// Value returns the exchange itself for exchangeKey.
func (x *exchange) Value(key any) any {
	if key == (exchangeKey{}) {
		return x
	}
	return x.Context.Value(key)
}

// Done is closed when the client is gone, which is looked out for from now on:
// what is answered without asking costs no watch.
func (x *exchange) Done() <-chan struct{} {
	x.wantWatch()
	return x.Context.Done()
}

func (x *exchange) wantWatch() {
	if !x.watched.Swap(true) && x.body.ended.Load() {
		x.conn.watch.arm(x)
	}
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
		return &x.head
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
	x.wantWatch()
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
	exchange *exchange
	request  *http.Request // gets the trailers
	mu       sync.Mutex    // held while reading
	stopped  atomic.Bool
	ended    atomic.Bool // the whole body has been read
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
		if !b.betweenChunks() { // there, a part of a line may have been read
			b.err = nil // it was stop that interrupted, not the network
		}
		return n, errBodyStopped
	}
	if b.complete() {
		b.request.Trailer = trailerHeader(b.trailer)
		b.ended.Store(true)
		if b.exchange.watched.Load() {
			b.exchange.conn.watch.arm(b.exchange)
		}
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
	c := b.exchange.conn
	_ = c.nc.SetReadDeadline(longAgo)
	b.mu.Lock()
	c.readUntil(time.Time{})
	b.mu.Unlock()
}

var longAgo = time.Unix(1, 0)

// drain reads what is left of a body that its handler did not read, and reports
// whether that was all: the client may have sent it all, and use the connection
// again.
func (b *requestBody) drain() bool {
	c := b.exchange.conn
	c.readWithin(drainTimeout)
	c.discard(&b.frameReader, drainTimeout)
	c.readWithin(0)
	return b.complete()
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
	stop    chan struct{} // closed to have it end
}

// watchDelay is how long an answer may take before anyone looks out.
const watchDelay = 10 * time.Millisecond

// begin has the watch belong to x, until disarm.
func (w *watch) begin(x *exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.exchange = x
}

// arm looks out for x, unless its handler has ended.
func (w *watch) arm(x *exchange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.exchange != x || w.armed {
		return
	}
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
	w.exchange = nil
	if w.armed {
		w.armed = false
		w.timer.Stop()
	}
	looking, stop := w.looking, w.stop
	w.looking, w.stop = nil, nil
	w.mu.Unlock()
	if looking != nil {
		close(stop)
		_ = w.conn.nc.SetReadDeadline(longAgo)
		<-looking
		w.conn.readUntil(time.Time{})
	}
}

// look waits for a byte or the end of the connection.
func (w *watch) look() {
	w.mu.Lock()
	if !w.armed || w.looking != nil {
		w.mu.Unlock()
		return
	}
	done, stop := make(chan struct{}), make(chan struct{})
	w.looking, w.stop = done, stop
	x := w.exchange
	_ = w.conn.nc.SetReadDeadline(time.Time{}) // disarm notes it, and may want another
	w.mu.Unlock()
	defer close(done)
	_, err := w.conn.br.Peek(1)
	switch {
	case err == nil:
		w.lookBehind(x, stop)
	case errors.Is(err, os.ErrDeadlineExceeded):
	case err == io.EOF:
		x.halfClose()
	default:
		w.conn.cancel()
	}
}

// lookBehind looks out for x where the client has sent more than its request,
// until stop is closed.
func (w *watch) lookBehind(x *exchange, stop <-chan struct{}) {
	lookOut(w.conn.nc, stop, func(p presence) bool {
		switch p {
		case halfClosed:
			x.halfClose()
		case gone, cutOff:
			w.conn.cancel()
		}
		return p >= gone
	})
}
