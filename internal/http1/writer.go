package http1

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Speller is a response writer that can be told how a response was spelled
// by its sender: the reason phrase, and the order and spelling of the fields
// that the handler's header still has. It is to be told before WriteHeader.
type Speller interface {
	Spell(head *Head)
}

// A Finisher is a response writer that can be told, before the handler returns,
// that the response is complete.
type Finisher interface {
	Finish()
}

// A responseWriter writes one response. Nothing is held back for longer than
// the handler runs, and Flush sends what there is.
type responseWriter struct {
	conn    *conn
	request *http.Request
	header  http.Header
	like    *Head // may be nil

	status    int // 0 until WriteHeader, interim responses apart
	framing   framingKind
	left      int64    // bytes that a body framed by length still lacks
	announced []string // trailers named in the head and not yet set there
	closes    bool     // the connection ends after this response
	continued bool     // 100 Continue has been sent
	hijacked  bool
	finished  bool
	err       error // of writing to the client; sticky
}

func (w *responseWriter) Header() http.Header { return w.header }

// Spell implements [Speller].
func (w *responseWriter) Spell(head *Head) { w.like = head }

// WriteHeader writes the head of the response. A status of 1xx other than 101
// is an interim response, sent at once (RFC 9110, section 15.2).
func (w *responseWriter) WriteHeader(status int) {
	if w.hijacked || w.status != 0 {
		return
	}
	if status >= 100 && status < 200 && status != http.StatusSwitchingProtocols {
		w.writeInterim(status)
		return
	}
	w.status = status
	w.decideFraming()
	w.closes = w.closes || w.request.Close || hasToken(w.header["Connection"], "close") || w.conn.server.isClosing() || w.leavesBody()
	b := w.appendStatusLine(w.conn.scratch[:0], status)
	b = appendFields(b, w.headFields(), w.likeFields())
	w.conn.scratch = append(b, '\r', '\n')
	w.write(w.conn.scratch)
	if status == http.StatusSwitchingProtocols {
		w.Flush()
	}
}

// leavesBody reports whether this response is final before the request's body
// has been read, and the rest is not going to be: the client waits with it for
// 100 Continue, or the upstream has ended its own connection.
func (w *responseWriter) leavesBody() bool {
	x := exchangeOf(w.request.Context())
	if x == nil || x.body.ended.Load() {
		return false
	}
	if w.request.Header.Get("Expect") != "" && !w.continued {
		return true
	}
	return w.like != nil && hasToken(w.like.Header()["Connection"], "close")
}

// writeInterim sends an interim response, which a client of HTTP/1.0 would not
// understand.
func (w *responseWriter) writeInterim(status int) {
	if w.request.ProtoMinor == 0 {
		return
	}
	b := w.appendStatusLine(w.conn.scratch[:0], status)
	b = appendFields(b, w.header, nil)
	w.conn.scratch = append(b, '\r', '\n')
	w.write(w.conn.scratch)
	_ = w.flush()
	w.continued = w.continued || status == http.StatusContinue
}

func (w *responseWriter) appendStatusLine(b []byte, status int) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	return append(append(b, w.reason(status)...), '\r', '\n')
}

// reason is the phrase that the response came with, or the registered one.
func (w *responseWriter) reason(status int) string {
	if w.like != nil {
		_, rest, _ := strings.Cut(w.like.Line, " ")
		code, reason, _ := strings.Cut(rest, " ")
		if code == strconv.Itoa(status) {
			return reason
		}
	}
	return http.StatusText(status)
}

func (w *responseWriter) likeFields() []Field {
	if w.like == nil {
		return nil
	}
	return w.like.Fields
}

// decideFraming finds how the body will be delimited from the status, the
// request and the handler's Content-Length (RFC 9112, section 6.3).
func (w *responseWriter) decideFraming() {
	length, known := int64(0), false
	if v, ok := w.header["Content-Length"]; ok && v != nil {
		if length, known = parseLength(v); !known {
			delete(w.header, "Content-Length")
		}
	}
	switch {
	case w.bodiless():
		w.framing = noBody
	case known:
		w.framing, w.left = byLength, length
	case w.request.ProtoMinor == 0:
		w.framing, w.closes = untilClose, true
	default:
		w.framing = chunked
	}
}

func (w *responseWriter) bodiless() bool {
	return w.request.Method == http.MethodHead || w.status < 200 || w.status == http.StatusNoContent || w.status == http.StatusNotModified
}

// headFields is the handler's header with the fields that are the connection's
// own.
func (w *responseWriter) headFields() http.Header {
	h := w.header
	if w.framing != noBody {
		delete(h, "Transfer-Encoding")
	}
	if w.framing == chunked {
		h["Transfer-Encoding"] = []string{"chunked"}
	}
	switch {
	case w.status == http.StatusSwitchingProtocols:
	case w.closes:
		h["Connection"] = []string{"close"}
	case w.request.ProtoMinor == 0:
		h["Connection"] = []string{"keep-alive"}
	case !hasToken(h["Connection"], "upgrade"):
		delete(h, "Connection")
	}
	w.announced = announcedTrailers(h)
	return h
}

// announcedTrailers are the fields that h names in Trailer and does not have.
func announcedTrailers(h http.Header) (keys []string) {
	for _, list := range h["Trailer"] {
		for name := range strings.SplitSeq(list, ",") {
			key := http.CanonicalHeaderKey(trimOWS(name))
			if _, ok := h[key]; !ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

var errTooLong = errors.New("handler wrote more than its Content-Length")

// Write writes a part of the body; with the chunked coding, as one chunk.
func (w *responseWriter) Write(p []byte) (int, error) {
	if w.hijacked {
		return 0, http.ErrHijacked
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if len(p) == 0 || w.err != nil {
		return 0, w.err
	}
	switch w.framing {
	case noBody:
		return 0, http.ErrBodyNotAllowed
	case byLength:
		if int64(len(p)) > w.left {
			return 0, errTooLong
		}
		w.left -= int64(len(p))
		w.write(p)
	case chunked:
		w.conn.scratch = appendChunkHead(w.conn.scratch[:0], len(p))
		w.write(w.conn.scratch)
		w.write(p)
		w.write(crlf)
	case untilClose:
		w.write(p)
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

var crlf = []byte("\r\n")

func (w *responseWriter) write(p []byte) {
	if w.err != nil {
		return
	}
	if _, err := w.conn.bw.Write(p); err != nil {
		w.fail(err)
	}
}

// fail notes that the client cannot be written to, and so is gone.
func (w *responseWriter) fail(err error) {
	w.err = err
	w.conn.cancel()
}

// Flush sends what has been written so far.
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError is Flush with its error.
func (w *responseWriter) FlushError() error {
	if w.status == 0 && w.conn.bw.Buffered() == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.flush()
}

// flush sends what is in the buffer.
func (w *responseWriter) flush() error {
	if w.err == nil {
		if err := w.conn.bw.Flush(); err != nil {
			w.fail(err)
		}
	}
	return w.err
}

// Finish writes the end of the body and sends everything.
func (w *responseWriter) Finish() {
	if w.finished {
		return
	}
	w.finished = true
	if w.status == 0 {
		if w.header["Content-Length"] == nil {
			w.header.Set("Content-Length", "0")
		}
		w.WriteHeader(http.StatusOK)
	}
	if w.framing == chunked {
		b := append(w.conn.scratch[:0], "0\r\n"...)
		var like []Field
		if w.like != nil {
			like = w.like.trailer
		}
		b = appendFields(b, w.trailers(), like)
		w.conn.scratch = append(b, '\r', '\n')
		w.write(w.conn.scratch)
	}
	_ = w.FlushError()
}

// trailers are the fields that the handler has set under [http.TrailerPrefix],
// or has announced in the head and set since.
func (w *responseWriter) trailers() http.Header {
	t := make(http.Header)
	for _, key := range w.announced {
		if vv, ok := w.header[key]; ok {
			t[key] = vv
		}
	}
	for key, vv := range w.header {
		if name, ok := strings.CutPrefix(key, http.TrailerPrefix); ok {
			t[http.CanonicalHeaderKey(name)] = vv
		}
	}
	return t
}

// short reports whether the handler has written less than it has promised.
func (w *responseWriter) short() bool { return w.framing == byLength && w.left > 0 }

// Hijack hands the connection over, with what has been read of it beyond the
// request.
func (w *responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.hijacked {
		return nil, nil, http.ErrHijacked
	}
	if err := w.conn.bw.Flush(); err != nil {
		return nil, nil, err
	}
	exchangeOf(w.request.Context()).release()
	w.hijacked = true
	c := w.conn
	c.readWithin(0)
	rw := bufio.NewReadWriter(c.br, c.bw)
	c.workspace = nil // it is the caller's now, like the connection
	return c.nc, rw, nil
}

// EnableFullDuplex does nothing: a request can always be read while its
// response is written.
func (w *responseWriter) EnableFullDuplex() error { return nil }

// SetWriteDeadline bounds the writes of the response.
func (w *responseWriter) SetWriteDeadline(t time.Time) error {
	return w.conn.nc.SetWriteDeadline(t)
}

var (
	_ http.Flusher  = (*responseWriter)(nil)
	_ http.Hijacker = (*responseWriter)(nil)
	_ Finisher      = (*responseWriter)(nil)
	_ io.Writer     = (*responseWriter)(nil)
)
