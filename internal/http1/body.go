package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
)

// A framing says where a body ends (RFC 9112, section 6.3).
type framing struct {
	kind   framingKind
	length int64 // of a body framed by Content-Length
}

type framingKind uint8

const (
	noBody framingKind = iota
	byLength
	chunked
	untilClose
)

// frameReader reads one body off a connection and no byte past its end. One
// Read returns bytes of at most one chunk, so that a chunk can be passed on as
// it came.
type frameReader struct {
	br      *bufio.Reader
	dialect dialect
	framing framing

	left    int64 // bytes left of the body, or of the chunk
	started bool  // a chunk has been read
	err     error // sticky; io.EOF once the body is complete
	trailer []Field
}

func newFrameReader(br *bufio.Reader, d dialect, f framing) frameReader {
	r := frameReader{br: br, dialect: d, framing: f, left: f.length}
	if f.kind == noBody || f.kind == byLength && f.length == 0 {
		r.err = io.EOF
	}
	return r
}

// complete reports whether the whole body has been read.
func (r *frameReader) complete() bool { return r.err == io.EOF }

// Buffered returns how many bytes are here already, so that 0 means that a
// Read may wait for the network. Between two chunks it is an upper bound.
func (r *frameReader) Buffered() int {
	if r.err != nil {
		return 0 // the connection may carry another exchange by now
	}
	n := r.br.Buffered()
	switch {
	case r.framing.kind == untilClose:
		return n
	case r.betweenChunks():
		return r.bufferedChunk(n)
	}
	return int(min(int64(n), r.left))
}

// betweenChunks reports whether lines of the chunked coding are read next.
func (r *frameReader) betweenChunks() bool { return r.framing.kind == chunked && r.left == 0 }

// bufferedChunk is Buffered between two chunks, n bytes being in the buffer:
// data follows where the next chunk's size line and a byte of it are there.
func (r *frameReader) bufferedChunk(n int) int {
	_, data := r.sizeAhead(n)
	return len(data)
}

func (r *frameReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if r.betweenChunks() {
		if err := r.awaitSize(); isTimeout(err) {
			return 0, err // nothing was taken, and the next Read goes on
		} // any other nextChunk meets, too
		if r.err = r.nextChunk(); r.err != nil {
			return 0, r.err
		}
	}
	if r.framing.kind != untilClose {
		p = p[:min(int64(len(p)), r.left)]
	}
	n, err := r.br.Read(p)
	r.left -= int64(n)
	switch {
	case r.framing.kind == untilClose:
		r.err = err
	case r.left == 0 && r.framing.kind == byLength:
		r.err = io.EOF // whatever came with the last bytes
	case err == io.EOF && n == 0:
		r.err = io.ErrUnexpectedEOF
	case err != nil && err != io.EOF:
		r.err = err
	case r.left == 0 && r.lastChunkBuffered():
		// The end is already here: say so with the last bytes, so that what
		// copies the body need not come back (and flush) for it.
		r.err = r.nextChunk()
	}
	if n > 0 && r.err != nil && r.err != io.EOF {
		return n, nil // the error comes with the next Read
	}
	return n, r.err
}

const lastChunk = "\r\n0\r\n\r\n"

// lastChunkBuffered reports whether the plain end of a chunked body follows.
func (r *frameReader) lastChunkBuffered() bool {
	if r.br.Buffered() < len(lastChunk) {
		return false
	}
	b, _ := r.br.Peek(len(lastChunk))
	return string(b) == lastChunk
}

var (
	errChunkSize = errors.New("malformed chunk size (RFC 9112 section 7.1)")
	errChunkEnd  = errors.New("a chunk's data is longer than its size (RFC 9112 section 7.1)")
	errChunkExt  = errors.New("chunk extensions too long (RFC 9112 section 7.1.1)")

	// ErrNotChunked says of a response that it has the chunked coding by its header
	// alone.
	ErrNotChunked = errors.New("the body does not begin with a chunk")
)

// awaitSize waits for the lines that nextChunk reads first, so that an interruption
// does not come in their middle.
func (r *frameReader) awaitSize() error {
	for !r.sizeIsHere() {
		if _, err := r.br.Peek(r.br.Buffered() + 1); err != nil {
			return err
		}
	}
	return nil
}

// sizeIsHere reports whether these lines are in the buffer, or more than it holds.
func (r *frameReader) sizeIsHere() bool {
	n := r.br.Buffered()
	whole, _ := r.sizeAhead(n)
	return whole || n == r.br.Size()
}

// sizeAhead looks whether these lines are whole in n bytes of the buffer, and
// returns what follows them.
func (r *frameReader) sizeAhead(n int) (whole bool, data []byte) {
	b, _ := r.br.Peek(n)
	if r.started {
		_, b, _ = bytes.Cut(b, []byte("\n"))
	}
	_, data, whole = bytes.Cut(b, []byte("\n"))
	return whole, data
}

// nextChunk reads what stands between two chunks: the end of the last one and
// the size of the next. It returns io.EOF after the last chunk and its
// trailers.
func (r *frameReader) nextChunk() error {
	if r.started {
		line, err := r.line()
		if err != nil {
			return err
		}
		if len(line) > 0 {
			return errChunkEnd
		}
	} else if b, _ := r.br.Peek(1); r.dialect != strict && len(b) > 0 && !isHex(b[0]) {
		return ErrNotChunked
	}
	r.started = true
	line, err := r.line()
	if err != nil {
		return err
	}
	if r.left, err = r.dialect.parseChunkSize(line); err != nil || r.left > 0 {
		return err
	}
	return r.readTrailer()
}

// line reads one line of the chunked coding, without its end.
func (r *frameReader) line() ([]byte, error) {
	line, err := r.br.ReadSlice('\n')
	switch err {
	case nil:
	case io.EOF:
		return nil, io.ErrUnexpectedEOF
	case bufio.ErrBufferFull:
		return nil, errChunkExt
	default:
		return nil, err
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1], nil
	}
	if r.dialect == strict {
		return nil, errBareLF
	}
	return line, nil
}

// parseChunkSize reads a chunk's size in bytes, up to its extensions.
func (d dialect) parseChunkSize(line []byte) (int64, error) {
	i := 0
	for i < len(line) && isHex(line[i]) {
		i++
	}
	if i == 0 || i > 15 { // 15 digits cannot overflow
		return 0, errChunkSize
	}
	rest := line[i:]
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		rest = rest[1:]
	}
	if len(rest) > 0 && rest[0] != ';' {
		return 0, errChunkSize
	}
	for _, c := range rest {
		if d == strict && (c < ' ' && c != '\t' || c == 0x7f) {
			return 0, errChunkSize
		}
	}
	return strconv.ParseInt(string(line[:i]), 16, 64)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// readTrailer reads the trailer section and returns io.EOF after it.
func (r *frameReader) readTrailer() error {
	raw, err := r.dialect.readTrailerSection(r.br)
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	fields, err := r.dialect.parseFields(string(raw))
	if err != nil {
		return err
	}
	r.trailer = slices.DeleteFunc(fields, func(f Field) bool { return !mayTrail(f.key) })
	return io.EOF
}

// maxTrailerBytes bounds a trailer section.
const maxTrailerBytes = 64 << 10

// readTrailerSection is readHead for a section that has no start line, and so
// may be empty.
func (d dialect) readTrailerSection(br *bufio.Reader) ([]byte, error) {
	b, err := br.Peek(1)
	if err == nil && b[0] == '\r' {
		b, err = br.Peek(2)
	}
	switch {
	case err != nil:
		return nil, err
	case string(b) == "\n" && d == strict:
		return nil, errBareLF
	case string(b) == "\n", string(b) == "\r\n":
		_, err = br.Discard(len(b))
		return nil, err
	}
	return d.readHead(br, nil, maxTrailerBytes)
}

// trailerHeader returns fields as a map, nil where there are none.
func trailerHeader(fields []Field) http.Header {
	if len(fields) == 0 {
		return nil
	}
	return (&Head{Fields: fields}).Header()
}

// appendChunkHead appends the size line of a chunk of n bytes. It must not be
// called with 0: an empty chunk ends the body.
func appendChunkHead(dst []byte, n int) []byte {
	dst = strconv.AppendInt(dst, int64(n), 16)
	return append(dst, '\r', '\n')
}
