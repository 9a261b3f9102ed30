package proxy

import (
	"io"
	"net/http"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// lookForMissingToken holds a 403 back until it is known whether it is Missing
// Authentication Token: to the first byte that no such answer has.
func (x *exchange) lookForMissingToken(r *http.Request, resp *http.Response) {
	if resp.StatusCode != http.StatusForbidden {
		return
	}
	if r.Method == http.MethodHead {
		if diagnosis.IsMissingTokenHead(resp.StatusCode, resp.Header) {
			x.foundMissingToken(r, resp)
		}
		return
	}
	state := diagnosis.MatchMissingToken(resp.Header, nil, false)
	for state == diagnosis.Undecided && x.body.err == nil {
		eof := x.body.peek()
		state = diagnosis.MatchMissingToken(resp.Header, x.body.ahead, eof)
	}
	if state == diagnosis.Match {
		x.foundMissingToken(r, resp)
	}
	// Trailers that are known before the head is written would be announced
	// there, where the upstream has not; they come with the end of the body.
	x.body.response, x.body.trailer, resp.Trailer = resp, resp.Trailer, nil
}

// foundMissingToken decides what becomes of resp, which is Missing
// Authentication Token.
func (x *exchange) foundMissingToken(r *http.Request, resp *http.Response) {
	e := evidenceOf(r, resp)
	e.UpstreamBody = missingTokenBody
	if r.Method != http.MethodHead && resp.Header["Content-Encoding"] == nil {
		e.UpstreamBody = string(x.body.ahead)
	}
	d, isSAM := x.rules.explainer.MissingToken(e)
	x.Diagnosis = &d
	switch {
	case !isSAM:
		// The function said it, and is to be heard.
	case x.rules.MissingToken == ConvertMissingToken:
		x.answer = &d
	default:
		resp.Header[diagnosis.HeaderName] = []string{d.Header()}
		x.rule.Policy.Apply(resp.Header, r, diagnosis.HeaderName)
	}
}

// missingTokenBody is the upstream's body, decoded and without the white space
// that is left to its sender.
const missingTokenBody = `{"message":"Missing Authentication Token"}`

// An upstreamBody is the body of the upstream's response. It keeps the error
// that ended it, which goproxy does not report.
type upstreamBody struct {
	io.ReadCloser
	out   *responseWriter
	want  int64  // length announced, or −1
	ahead []byte // read by peek and not yet by Read
	n     int64  // bytes read
	err   error  // other than io.EOF
	eof   bool
	keep  int    // how many of the first bytes are kept
	kept  []byte // these

	response *http.Response // gets trailer
	trailer  http.Header    // read by peek, if it has come to the end
}

// peek reads more of the body ahead, and reports whether that was the end.
func (b *upstreamBody) peek() (eof bool) {
	var buf [512]byte
	n, err := b.read(buf[:])
	b.ahead = append(b.ahead, buf[:n]...)
	return err == io.EOF
}

func (b *upstreamBody) read(p []byte) (int, error) {
	if b.eof || b.err != nil {
		return 0, b.end()
	}
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	b.kept = append(b.kept, p[:min(n, b.keep-len(b.kept))]...)
	if err == io.EOF {
		b.eof = true
	} else if err != nil {
		b.err = err
	}
	return n, err
}

func (b *upstreamBody) end() error {
	if b.err != nil {
		return b.err
	}
	if b.trailer != nil {
		b.response.Trailer = b.trailer
	}
	return io.EOF
}

func (b *upstreamBody) Read(p []byte) (int, error) {
	if len(b.ahead) > 0 {
		n := copy(p, b.ahead)
		b.ahead = b.ahead[n:]
		return n, nil
	}
	return b.read(p)
}

// waits reports whether a Read may wait for the network.
func (b *upstreamBody) waits() bool {
	if len(b.ahead) > 0 || b.eof || b.err != nil {
		return false
	}
	known, ok := b.ReadCloser.(interface{ Buffered() int })
	return !ok || known.Buffered() == 0
}

// WriteTo copies the body to w, one write for each read, and has the client
// sent all of it before more is waited for.
func (b *upstreamBody) WriteTo(w io.Writer) (written int64, err error) {
	buf := copyBuffers.Get().(*[copyBufferSize]byte)
	defer copyBuffers.Put(buf)
	for {
		if b.waits() {
			b.out.Flush()
		}
		n, rerr := b.Read(buf[:])
		if n > 0 {
			m, werr := w.Write(buf[:n])
			written += int64(m)
			if werr != nil {
				return written, werr
			}
		}
		if rerr == io.EOF {
			return written, nil
		}
		if rerr != nil {
			return written, rerr
		}
	}
}
