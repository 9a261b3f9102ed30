package diagnosis

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxCodings bounds how often a body may be compressed.
	maxCodings = 4

	// maxBetween bounds what one decoder may hand to the next, in bytes. A body
	// within [MatchLimit] stays far below.
	maxBetween = 16 * MatchLimit

	// maxWindow is the largest window of the zstd content coding (RFC 9659,
	// section 3), in bytes.
	maxWindow = 8 << 20
)

var (
	errMore     = errors.New("more of the body is to come")
	errBomb     = errors.New("the body grows too large while it is decoded")
	errTrailing = errors.New("bytes follow the end of the compressed body")
)

// contentCodings returns the codings of a body in the order in which they were
// applied (RFC 9110, section 8.4). It is false where one is not known.
func contentCodings(header http.Header) ([]string, bool) {
	var codings []string
	for name := range strings.SplitSeq(strings.Join(header.Values("Content-Encoding"), ","), ",") {
		switch name = strings.ToLower(strings.Trim(name, " \t")); name {
		case "", "identity":
		case "gzip", "x-gzip", "deflate", "br", "zstd":
			codings = append(codings, name)
		default:
			return nil, false
		}
	}
	return codings, len(codings) <= maxCodings
}

// matchCoded compares a coded body, or its beginning, with the answer. It
// decodes from the beginning each time: what it holds is at most MatchLimit
// bytes and usually arrives in one piece.
//
// deflate is zlib by the standard and bare by habit (RFC 9110, section
// 8.4.1.2). Both are tried, since the first bytes do not always tell.
func matchCoded(codings []string, raw []byte, eof bool) State {
	i := slices.Index(codings, "deflate")
	if i < 0 {
		return matchExactly(codings, raw, eof)
	}
	best := Mismatch
	for _, form := range []string{"zlib", "bare deflate"} {
		codings := slices.Clone(codings)
		codings[i] = form
		switch matchCoded(codings, raw, eof) {
		case Match:
			return Match
		case Undecided:
			best = Undecided
		}
	}
	return best
}

// matchExactly is matchCoded for codings that can be read in one way only.
func matchExactly(codings []string, raw []byte, eof bool) State {
	decoding <- struct{}{}
	defer func() { <-decoding }()
	var r io.Reader = &source{rest: raw, eof: eof}
	for _, coding := range slices.Backward(codings) {
		r = newDecoder(coding, r)
	}
	var m Matcher
	buf := make([]byte, 512)
	for {
		n, err := r.Read(buf)
		if m.Feed(buf[:n]) == Mismatch {
			return Mismatch
		}
		switch {
		case err == nil:
		case err == io.EOF:
			return m.End()
		case errors.Is(err, errMore):
			return Undecided
		default:
			return Mismatch
		}
	}
}

// decoding bounds how many bodies are decoded at once: by a few bytes of a body
// its decoder takes some megabytes.
var decoding = make(chan struct{}, 2)

// source is the body so far.
type source struct {
	rest []byte
	eof  bool // rest is the end of the body
}

func (s *source) Read(p []byte) (int, error) {
	switch {
	case len(s.rest) > 0:
		n := copy(p, s.rest)
		s.rest = s.rest[n:]
		return n, nil
	case s.eof:
		return 0, io.EOF
	default:
		return 0, errMore
	}
}

// decoder undoes one coding. It is stricter than those it is made of: nothing
// may follow the end of what was compressed. An error stays.
type decoder struct {
	coding string
	in     *bufio.Reader
	out    io.Reader // nil until the first Read
	size   int
	err    error
}

func newDecoder(coding string, in io.Reader) *decoder {
	return &decoder{coding: coding, in: bufio.NewReaderSize(in, MatchLimit)}
}

func (d *decoder) Read(p []byte) (n int, err error) {
	if d.out == nil && d.err == nil {
		d.err = d.open()
	}
	if d.err != nil {
		return 0, d.err
	}
	n, d.err = d.out.Read(p)
	if d.err == io.EOF {
		d.err = d.end()
	}
	if d.size += n; d.size > maxBetween {
		d.err = errBomb
	}
	return n, d.err
}

// end returns io.EOF where the input ends with the output.
func (d *decoder) end() error {
	if _, err := d.in.ReadByte(); err != nil {
		return err // io.EOF, or errMore: something may still follow
	}
	return errTrailing
}

func (d *decoder) open() (err error) {
	switch d.coding {
	case "gzip", "x-gzip":
		d.out, err = gzip.NewReader(d.in)
	case "zlib":
		d.out, err = zlib.NewReader(d.in)
	case "bare deflate":
		d.out = flate.NewReader(d.in)
	case "br":
		d.out = brotli.NewReader(d.in)
	case "zstd":
		d.out = &zstdReader{in: d.in}
	}
	return err
}

// A zstdReader decodes what there is all at once, into memory of its size: a
// decoder of streams takes as much as the frame says that its window is.
type zstdReader struct {
	in   io.Reader
	rest []byte
	err  error // of what follows; nil until the first Read
}

func (z *zstdReader) Read(p []byte) (int, error) {
	if z.err == nil {
		z.rest, z.err = z.decode()
	}
	if n := copy(p, z.rest); n > 0 {
		z.rest = z.rest[n:]
		return n, nil
	}
	return 0, z.err
}

func (z *zstdReader) decode() ([]byte, error) {
	raw, end := io.ReadAll(z.in)
	if end == nil {
		end = io.EOF
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxWindow))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	out, err := decoder.DecodeAll(raw, nil)
	if err != nil && (end == io.EOF || !errors.Is(err, io.ErrUnexpectedEOF)) {
		return out, err
	}
	return out, end
}
