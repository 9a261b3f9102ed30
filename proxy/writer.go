package proxy

import (
	"bufio"
	"maps"
	"net"
	"net/http"
	"sync"

	"github.com/corsproxy/corsproxy/internal/http1"
)

const copyBufferSize = 64 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copyBufferSize]byte) }}

// A responseWriter stands between goproxy and the server: it counts, tells the
// server how the upstream spelled its response, and keeps goproxy from writing
// what is to be replaced.
type responseWriter struct {
	http.ResponseWriter
	exchange *exchange
	muted    bool // by respond
}

func (w *responseWriter) WriteHeader(status int) {
	x := w.exchange
	if w.muted || x.Status != 0 {
		return
	}
	x.Status = status
	if x.answer == nil {
		maps.Copy(w.Header(), x.offer)
	}
	if speller, ok := w.ResponseWriter.(http1.Speller); ok && x.head != nil && x.answer == nil {
		speller.Spell(x.head)
	}
	w.ResponseWriter.WriteHeader(status)
	x.judge(w.Header())
	x.recordAnswer(w.Header())
}

func (w *responseWriter) Write(p []byte) (int, error) {
	if w.muted {
		return len(p), nil
	}
	n, err := w.ResponseWriter.Write(p)
	w.exchange.BytesOut += int64(n)
	w.exchange.recordWrite(p[:n], err)
	if err != nil && w.exchange.Err == nil {
		w.exchange.left(err)
	}
	return n, err
}

// Flush has the client sent what has been written. goproxy calls it before it
// sets trailers.
func (w *responseWriter) Flush() {
	if !w.muted {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
	}
}

// finish has the client sent all of a complete answer.
func (w *responseWriter) finish() {
	if f, ok := w.ResponseWriter.(http1.Finisher); ok {
		f.Finish()
	}
}

// Hijack refuses goproxy the connection: the proxy runs a tunnel itself, and so
// ends it from both sides.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrNotSupported
}
