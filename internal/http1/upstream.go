package http1

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// An upstreamConn is a connection to the upstream. It carries one exchange at
// a time.
type upstreamConn struct {
	t    *Transport
	nc   net.Conn
	br   *bufio.Reader
	bw   *bufio.Writer
	ends ends
	calm *quietness
	buf  []byte // of the head being read or written

	reused    bool
	idleSince time.Time
	keepFor   time.Duration // idle time that the upstream has announced; 0 is none
	closed    bool          // guarded by the pool

	call atomic.Pointer[call] // nil while it is kept
}

func newUpstreamConn(t *Transport, nc net.Conn, e ends) *upstreamConn {
	return &upstreamConn{
		t: t, nc: nc, ends: e, calm: newQuietness(nc),
		br: bufio.NewReaderSize(nc, 4<<10),
		bw: bufio.NewWriterSize(nc, 4<<10),
	}
}

func (c *upstreamConn) close() { c.t.pool.close(c) }

// cut ends the connection, and the exchange that it carries.
func (c *upstreamConn) cut() {
	if x := c.call.Load(); x != nil {
		x.abandon()
	}
	c.close()
}

// usable reports whether a kept connection can carry a request.
func (c *upstreamConn) usable(now time.Time) bool {
	idle := now.Sub(c.idleSince)
	if c.t.IdleTimeout > 0 && idle > c.t.IdleTimeout || c.keepFor > 0 && idle > c.keepFor {
		return false
	}
	if tc, ok := c.nc.(*tlsConn); ok {
		return c.br.Buffered() == 0 && tc.isQuiet(c.br)
	}
	return c.br.Buffered() == 0 && c.calm.isQuiet()
}

// mayBeCut reports whether what has ended with the connection may have been
// more. A browser does not ask.
func (c *upstreamConn) mayBeCut() bool {
	tc, ok := c.nc.(*tlsConn)
	return ok && tc.below.ended && !c.t.Forgiving
}

// roundTrip sends r and reads the head of its response.
func (c *upstreamConn) roundTrip(r *http.Request) (*http.Response, error) {
	x := &call{conn: c, request: r}
	c.call.Store(x)
	x.stopCancel = context.AfterFunc(r.Context(), x.abandon)
	x.stopHalfClose = OnHalfClose(r.Context(), x.halfClose)
	x.send()
	resp, err := x.receive()
	if err != nil {
		x.end(false)
		if ctxErr := context.Cause(r.Context()); ctxErr != nil {
			return nil, ctxErr
		}
	}
	return resp, err
}

// appendRequestHead appends the head of r as it goes to the upstream.
func appendRequestHead(b []byte, r *http.Request) []byte {
	target := r.URL.Opaque
	if target == "" {
		target = r.URL.RequestURI()
	}
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = append(b, target...)
	b = append(b, " HTTP/1.1\r\n"...)

	head := HeadOf(r.Context())
	host := r.Host // which may be empty (RFC 9112, section 3.2)
	var like []Field
	switch {
	case hasField(head, "Host"):
		like = head.Fields
	case host == "":
		host = r.URL.Host // HTTP/1.0
		fallthrough
	default:
		like = []Field{{Name: "Host", key: "Host"}}
		if head != nil {
			like = append(like, head.Fields...)
		}
	}
	var buf [3]override
	fields := append(buf[:0], override{"Host", []string{host}})
	// The framing is what was read, whatever an edit has left in the header.
	if r.ContentLength < 0 {
		fields = append(fields, override{"Transfer-Encoding", []string{"chunked"}}, override{"Content-Length", nil})
	} else {
		fields = append(fields, override{"Transfer-Encoding", nil})
		if _, ok := r.Header["Content-Length"]; ok || r.ContentLength > 0 {
			fields = append(fields, override{"Content-Length", []string{strconv.FormatInt(r.ContentLength, 10)}})
		}
	}
	b = appendFields(b, r.Header, like, fields...)
	return append(b, '\r', '\n')
}

var errPartialHead = errors.New("connection ended within a response head")

// begins reports whether what comes begins like a response. Whoever does not
// speak HTTP may wait for us to speak first, so the first bytes are looked at
// before the rest is waited for.
func (c *upstreamConn) begins() (bool, error) {
	if c.t.Forgiving {
		return skipSlop(c.br)
	}
	const prefix = "HTTP/"
	start, err := c.br.Peek(len(prefix))
	if !bytes.HasPrefix([]byte(prefix), start) {
		return false, nil
	}
	if len(start) > 0 && err == io.EOF {
		err = errPartialHead
	}
	return true, err
}

// readResponse reads one response head, interim or final.
func (c *upstreamConn) readResponse(r *http.Request) (*http.Response, *Head, framing, error) {
	switch begins, err := c.begins(); {
	case err != nil:
		return nil, nil, framing{}, err
	case !begins:
		start, _ := c.br.Peek(c.br.Buffered())
		return nil, nil, framing{}, &ResponseError{Reason: "it does not start with an HTTP status line", Got: firstBytes(start), stray: true}
	}
	reading := lenient
	if c.t.Forgiving {
		reading = forgiving
	}
	limit := c.t.MaxHeadBytes
	if limit == 0 {
		limit = DefaultMaxHeadBytes
	}
	var err error
	c.buf, err = reading.readHead(c.br, c.buf, limit)
	if err == io.ErrUnexpectedEOF && reading == forgiving && c.t.Upstream.Scheme == "http" {
		err = nil
	}
	switch {
	case err == errHeadTooLarge:
		return nil, nil, framing{}, &ResponseError{Reason: "its head is larger than " + strconv.Itoa(limit) + " bytes", Got: firstBytes(c.buf), TooLarge: true}
	case err == io.ErrUnexpectedEOF:
		return nil, nil, framing{}, errPartialHead
	case err != nil:
		return nil, nil, framing{}, err
	}
	resp, head, f, reason := parseResponse(string(c.buf), r.Method, reading)
	if reason != "" {
		return nil, nil, framing{}, &ResponseError{Reason: reason, Got: firstBytes(c.buf)}
	}
	if cap(c.buf) > mostHeld {
		c.buf = nil
	}
	resp.Request = r
	return resp, head, f, nil
}

// parseResponse reads a response head. A reason that is not empty says what is
// wrong with it.
func parseResponse(raw, method string, reading dialect) (*http.Response, *Head, framing, string) {
	if reading == forgiving {
		raw = forgivenBytes.Replace(raw)
	}
	head, err := reading.parseHead(raw)
	if err != nil {
		return nil, nil, framing{}, err.Error()
	}
	var resp *http.Response
	if reading == forgiving {
		resp = forgivenStatus(head.Line)
	} else if resp = parseStatus(head.Line); resp == nil {
		return nil, nil, framing{}, "its status line is not HTTP/1.1, three digits and a reason (RFC 9112 section 4)"
	}
	resp.Header = head.Header()
	f, reason := responseFraming(resp, method)
	if reason != "" && reading == forgiving {
		resp.Close, resp.ContentLength = true, -1
		f, reason = framing{kind: untilClose}, ""
	}
	return resp, &head, f, reason
}

// parseStatus reads a status line (RFC 9112, section 4). It returns nil for what
// is none.
func parseStatus(line string) *http.Response {
	proto, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	if len(proto) != len("HTTP/1.1") || proto[:7] != "HTTP/1." || proto[7] < '0' || proto[7] > '9' || len(code) != 3 || err != nil || status < 100 {
		return nil
	}
	return &http.Response{Status: rest, StatusCode: status, Proto: proto, ProtoMajor: 1, ProtoMinor: int(proto[7] - '0')}
}

// responseFraming finds where resp's body ends (RFC 9112, section 6.3).
func responseFraming(resp *http.Response, method string) (framing, string) {
	codings := resp.Header["Transfer-Encoding"]
	delete(resp.Header, "Transfer-Encoding")
	resp.Close = closesAfter(resp.ProtoMinor, resp.Header)
	lengths, hasLength := resp.Header["Content-Length"]
	resp.ContentLength = -1
	if resp.ProtoMinor > 0 && hasToken(codings, "chunked") {
		if len(codings) > 1 || strings.Contains(codings[0], ",") {
			return framing{}, "it has a transfer coding beside chunked (RFC 9112 section 6.1)"
		}
		resp.TransferEncoding = []string{"chunked"}
		if hasLength {
			delete(resp.Header, "Content-Length") // chunked prevails, and the connection is not to be trusted further
			resp.Close = true
		}
	} else if hasLength {
		n, ok := parseLength(lengths)
		if !ok {
			return framing{}, "its Content-Length is not one decimal number (RFC 9112 section 6.3)"
		}
		resp.ContentLength = n
		resp.Header["Content-Length"] = lengths[:1]
		if strings.Contains(lengths[0], ",") {
			resp.Header["Content-Length"] = []string{strconv.FormatInt(n, 10)}
		}
	}
	switch {
	case method == http.MethodHead, resp.StatusCode < 200, resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusNotModified:
		return framing{}, ""
	case resp.TransferEncoding != nil:
		return framing{kind: chunked}, ""
	case resp.ProtoMinor > 0 && isCoded(codings):
		return framing{}, "it has a transfer coding other than chunked (RFC 9112 section 6.1)"
	case resp.ContentLength >= 0:
		return framing{byLength, resp.ContentLength}, ""
	}
	resp.Close = true
	return framing{kind: untilClose}, ""
}

// isCoded reports whether codings change the body: identity, which was one, does not.
func isCoded(codings []string) bool {
	for _, list := range codings {
		for coding := range strings.SplitSeq(list, ",") {
			if coding = trimOWS(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				return true
			}
		}
	}
	return false
}

// keepAliveTimeout is how long the upstream keeps an idle connection, as it
// says itself, less a margin; 0 where it says nothing.
func keepAliveTimeout(h http.Header) time.Duration {
	for _, list := range h["Keep-Alive"] {
		for param := range strings.SplitSeq(list, ",") {
			if v, ok := strings.CutPrefix(strings.ToLower(trimOWS(param)), "timeout="); ok {
				if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 1<<20 {
					return max(time.Duration(n)*time.Second-500*time.Millisecond, 500*time.Millisecond)
				}
			}
		}
	}
	return 0
}

// interim hands an interim response to whoever has asked for it.
func interim(ctx context.Context, resp *http.Response) error {
	trace := httptrace.ContextClientTrace(ctx)
	if trace == nil || trace.Got1xxResponse == nil {
		return nil
	}
	return trace.Got1xxResponse(resp.StatusCode, textproto.MIMEHeader(resp.Header))
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
