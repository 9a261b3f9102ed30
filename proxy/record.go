package proxy

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// A Recorder has each exchange carry a [Record]. It changes nothing of what is
// forwarded, and nothing of when.
type Recorder struct {
	// Begin is called when an exchange begins, from the goroutine that serves
	// it; nil is no call. What it gets has the request's head and no more.
	// Each exchange that begins is given to [Config.Observe] when it has ended,
	// under the same ID.
	Begin func(Exchange)
	// MaxBody is how many bytes are kept of one body.
	MaxBody int
	// MaxBodies is how many bytes are kept of the bodies of all exchanges under
	// way. Those that would need more are kept in part.
	MaxBodies int64
}

// A Record is an exchange as it went over the wire. It must not be modified.
type Record struct {
	Request  Message // as received
	Upstream Message // the upstream's answer as it came, before anything was applied to it
	Answer   Message // as sent

	// FirstByte is how long after the start the head of the upstream's answer
	// had come; 0 where there was none.
	FirstByte time.Duration
	// Route is the path of the [Route] whose rule was used; "" for the default.
	Route string
}

// A Message is a request or a response. The zero Message is none.
type Message struct {
	Line   string  // the start line
	Fields []Field // in the order and spelling of the wire, as far as these are known
	Body   Body    // without transfer coding; of Upstream only where it was replaced, and otherwise Answer's
}

// A Field is one line of a header.
type Field struct{ Name, Value string }

// A Body is what was kept of a message's body.
type Body struct {
	Data  []byte // its beginning
	Size  int64  // of what went by
	Whole bool   // Data is all of it
}

// A recording is a Record that is being made. The request's body may be read
// by another goroutine, and for longer than the exchange lasts.
type recording struct {
	Record
	request, answer capture
	cut             bool // the answer ended before its end

	mu    sync.Mutex
	ended bool // of the exchange; what is read of the request from then on is not kept
	whole bool // the request's body has been read to its end
}

// record begins the record of x, where one is wanted.
func (x *exchange) record(r *http.Request) {
	recorder := x.proxy.config.Record
	if recorder == nil {
		return
	}
	rec := &recording{whole: r.ContentLength == 0}
	kept := &x.proxy.bodies
	rec.request = capture{kept: kept, max: recorder.MaxBody, maxAll: recorder.MaxBodies}
	rec.answer = rec.request
	rec.Request = requestMessage(r)
	x.recording = rec
	if recorder.Begin != nil {
		begun := x.Exchange
		begun.Record = &Record{Request: rec.Request}
		recorder.Begin(begun)
	}
}

func requestMessage(r *http.Request) Message {
	if head := http1.HeadOf(r.Context()); head != nil {
		return Message{Line: head.Line, Fields: fieldsOf(head.Fields)}
	}
	h := r.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if r.Host != "" {
		h["Host"] = []string{r.Host}
	}
	line := ""
	if r.Method != "" {
		line = r.Method + " " + r.RequestURI + " " + r.Proto
	}
	return Message{Line: line, Fields: fieldsOf(http1.Written(h, nil))}
}

func fieldsOf(from []http1.Field) []Field {
	out := make([]Field, len(from))
	for i, f := range from {
		out[i] = Field{f.Name, f.Value}
	}
	return out
}

// tapRequest has the record keep what is read of the body of r, which is on
// its way to the upstream.
func (x *exchange) tapRequest(r *http.Request) {
	if x.recording != nil && r.Body != nil && r.ContentLength != 0 {
		r.Body = &http1.Tap{ReadCloser: r.Body, Note: x.recording.requestRead}
	}
}

// recordUpstream notes the head of the upstream's response.
func (x *exchange) recordUpstream(resp *http.Response) {
	rec := x.recording
	if rec == nil {
		return
	}
	rec.FirstByte = time.Since(x.Start)
	if x.head != nil {
		rec.Upstream.Line, rec.Upstream.Fields = x.head.Line, fieldsOf(x.head.Fields)
		return
	}
	rec.Upstream.Line = resp.Proto + " " + resp.Status
	rec.Upstream.Fields = fieldsOf(http1.Written(resp.Header, nil))
}

// recordAnswer notes the head of the answer once it has been written to the
// server, which adds the fields of the connection.
func (x *exchange) recordAnswer(h http.Header) {
	rec := x.recording
	if rec == nil {
		return
	}
	var like *http1.Head
	reason := http.StatusText(x.Status)
	if x.head != nil && x.answer == nil {
		like = x.head
		if code, phrase, ok := splitStatusLine(like.Line); ok && code == strconv.Itoa(x.Status) {
			reason = phrase
		}
	}
	rec.Answer.Line = "HTTP/1.1 " + strconv.Itoa(x.Status) + " " + reason
	rec.Answer.Fields = fieldsOf(http1.Written(h, like))
}

// recordWrite notes a part of the answer's body, or that it could not be
// written.
func (x *exchange) recordWrite(p []byte, err error) {
	if rec := x.recording; rec != nil {
		rec.answer.add(p)
		rec.cut = rec.cut || err != nil
	}
}

func splitStatusLine(line string) (code, reason string, ok bool) {
	_, rest, ok := strings.Cut(line, " ")
	code, reason, _ = strings.Cut(rest, " ")
	return code, reason, ok
}

// recorded ends the record of x and returns it with the number of bytes that it
// holds; nil where there is none.
func (x *exchange) recorded() (*Record, int64) {
	rec := x.recording
	if rec == nil {
		return nil, 0
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.ended = true
	// What reads on may write where the capture ends, and never before.
	rec.Request.Body = rec.request.body(rec.whole)
	rec.Answer.Body = rec.answer.body(x.Status != 0 && !rec.cut)
	if x.answer != nil && x.body != nil {
		rec.Upstream.Body = Body{Data: x.body.ahead, Size: x.body.n, Whole: x.body.eof}
	}
	rec.Route = x.rules.pathOf(x.rule)
	return &rec.Record, rec.request.held + rec.answer.held
}

func (rec *recording) requestRead(p []byte, err error) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if rec.ended {
		return
	}
	rec.request.add(p)
	rec.whole = rec.whole || err == io.EOF
}

// A capture keeps the beginning of a body, within bounds.
type capture struct {
	kept   *atomic.Int64 // by all captures
	max    int
	maxAll int64

	data []byte
	held int64 // what it has added to kept
	size int64
	full bool // something was left out, so nothing may follow
}

func (c *capture) add(p []byte) {
	c.size += int64(len(p))
	if c.full || len(p) == 0 {
		return
	}
	n := min(len(p), c.max-len(c.data))
	if n < len(p) {
		c.full = true
	}
	if n > 0 && c.grow(n) {
		c.data = append(c.data, p[:n]...)
	}
}

// grow makes room for n more bytes, if there may be as many.
func (c *capture) grow(n int) bool {
	need := len(c.data) + n
	if need <= cap(c.data) {
		return true
	}
	size := min(max(need, 2*cap(c.data), 512), c.max)
	more := int64(size - cap(c.data))
	if c.kept.Add(more) > c.maxAll {
		c.kept.Add(-more)
		c.full = true
		return false
	}
	c.held += more
	grown := make([]byte, len(c.data), size)
	copy(grown, c.data)
	c.data = grown
	return true
}

func (c *capture) body(complete bool) Body {
	return Body{Data: slices.Clip(c.data), Size: c.size, Whole: complete && !c.full}
}
