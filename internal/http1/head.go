package http1

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on one head (request or response, each; a trailer section too).
const (
	// DefaultMaxHeadBytes bounds a head, start line included. It is what
	// net/http allows, and 16 times what browsers and API Gateway send.
	DefaultMaxHeadBytes = 1 << 20
	maxFields           = 2000
)

// A Field is one field line as it was received: the name in its sender's
// spelling, the value without the white space around it (RFC 9112, section 5).
type Field struct {
	Name, Value string
	key         string // Name in canonical form
}

// A Head is a start line and the fields below it, in the order received.
type Head struct {
	Line   string
	Fields []Field

	trailer []Field // of a response whose body has been read to its end
}

// Header returns the fields of h as a map, in the form net/http uses.
func (h *Head) Header() http.Header { return h.fill(make(http.Header, len(h.Fields))) }

// fill puts the fields of h into header, which is empty, and returns it.
func (h *Head) fill(header http.Header) http.Header {
	// One backing array for the single values, as net/textproto does it.
	values := make([]string, len(h.Fields))
	for i, f := range h.Fields {
		if vv, ok := header[f.key]; ok {
			header[f.key] = append(vv, f.Value)
			continue
		}
		values[i] = f.Value
		header[f.key] = values[i : i+1 : i+1]
	}
	return header
}

var (
	errHeadTooLarge = errors.New("head too large")
	errTooManyLines = errors.New("more than four empty lines stand before the request line")
	errBareLF       = errors.New("a line ends in LF without CR (RFC 9112 section 2.2)")
)

// A dialect says how strictly a head is read.
type dialect int

const (
	strict    dialect = iota // requests: anything ambiguous is an error
	lenient                  // responses: what a browser accepts and can be forwarded
	forgiving                // responses: what a browser accepts, see Transport.Forgiving
)

// readHead reads up to and including the empty line that ends a head, and
// returns it without that line. It appends to buf, which may be reused. Empty
// lines before the start line are skipped (RFC 9112, section 2.2).
//
// The error is io.EOF where the connection ended before the first byte, and
// io.ErrUnexpectedEOF where it ended within the head.
func (d dialect) readHead(br *bufio.Reader, buf []byte, limit int) ([]byte, error) {
	buf = buf[:0]
	lineStart, skipped := 0, 0
	for {
		part, err := br.ReadSlice('\n')
		if len(buf)+len(part) > limit {
			return append(buf, part...)[:limit], errHeadTooLarge
		}
		buf = append(buf, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(buf) > 0:
			return buf, io.ErrUnexpectedEOF
		case err != nil:
			return buf, err
		}
		line := buf[lineStart:]
		if len(line) > 2 || (len(line) == 2 && line[0] != '\r') {
			lineStart = len(buf)
			continue
		}
		if d == strict && len(line) == 1 {
			return buf, errBareLF
		}
		if lineStart > 0 {
			return buf[:lineStart], nil
		}
		buf = buf[:0]
		if skipped++; skipped > mostBlank {
			return buf, errTooManyLines
		}
	}
}

// parseHead splits raw into its start line and its fields. Where not even the
// line could be read, it is empty.
func (d dialect) parseHead(raw string) (h Head, err error) {
	line, rest, err := d.cutLine(raw)
	if err != nil {
		return h, err
	}
	h.Line = line
	h.Fields, err = d.parseFields(rest)
	h.own(raw)
	return h, err
}

// parseFields reads field lines up to the end of raw. On an error it returns
// the fields before it.
func (d dialect) parseFields(raw string) ([]Field, error) {
	fields := make([]Field, 0, min(strings.Count(raw, "\n"), maxFields))
	for n := 1; raw != ""; n++ {
		line, rest, err := d.cutLine(raw)
		if err != nil {
			return fields, err
		}
		raw = rest
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if len(fields) == 0 && d == forgiving {
				continue
			}
			if d == strict || len(fields) == 0 {
				return fields, fieldError("a field line starts with white space (obsolete line folding, RFC 9112 section 5.2)")
			}
			last := &fields[len(fields)-1]
			last.Value = trimOWS(last.Value + " " + trimOWS(line))
			continue
		}
		f, err := d.parseField(line)
		if err != nil && d == forgiving {
			continue
		}
		if err != nil {
			return fields, fieldError(fmt.Sprintf("field line %d: %v", n, err))
		}
		if len(fields) == maxFields {
			return fields, errHeadTooLarge
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// A fieldError says what is wrong with a field line.
type fieldError string

func (e fieldError) Error() string { return string(e) }

func (d dialect) parseField(line string) (Field, error) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return Field{}, fieldError("there is no colon")
	}
	if d != strict {
		name = strings.TrimRight(name, " \t")
	}
	key, ok := keyOf(name)
	if !ok {
		return Field{}, badName(name)
	}
	value = trimOWS(value)
	for i := range len(value) {
		if c := value[i]; c == 0 || c == '\r' || d == strict && (c < ' ' && c != '\t' || c == 0x7f) {
			return Field{}, fieldError("a field value has a control character (RFC 9110 section 5.5)")
		}
	}
	return Field{name, value, key}, nil
}

// badName says what is wrong with a field name. It names one character of it alone.
func badName(name string) fieldError {
	i := strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf || !tokenChar[r] })
	if i < 0 {
		return "a field name is empty (RFC 9110 section 5.1)"
	}
	c, n := utf8.DecodeRuneInString(name[i:])
	if n == 1 {
		c = rune(name[i]) // in Latin-1, if it is no ASCII
	}
	has := strconv.QuoteRuneToASCII(c)
	if c == ' ' {
		has = "a blank"
	}
	return fieldError("a field name has " + has + ", which no field name may have (RFC 9110 section 5.1)")
}

// keyOf returns the canonical form of a field name, which is mostly what it has
// already. It is false for what is no token.
func keyOf(name string) (key string, ok bool) {
	canonical, first := true, true // the first letter of a word
	for i := range len(name) {
		c := name[i]
		if !tokenChar[c] {
			return "", false
		}
		if first && 'a' <= c && c <= 'z' || !first && 'A' <= c && c <= 'Z' {
			canonical = false
		}
		first = c == '-'
	}
	if canonical {
		return name, name != ""
	}
	return textproto.CanonicalMIMEHeaderKey(name), true
}

// cutLine returns the first line of raw without its end, and what follows.
func (d dialect) cutLine(raw string) (line, rest string, err error) {
	line, rest, _ = strings.Cut(raw, "\n")
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1], rest, nil
	}
	if d == strict {
		return line, rest, errBareLF
	}
	return line, rest, nil
}

func trimOWS(s string) string { return strings.Trim(s, " \t") }

// isToken reports whether s is a token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !tokenChar[s[i]] {
			return false
		}
	}
	return s != ""
}

// tokenChar[c] reports whether c may stand in a token.
var tokenChar = func() (t [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		t[c] = true
	}
	return t
}()

// hasToken reports whether one of the comma-separated lists in values has
// token, whatever its case.
func hasToken(values []string, token string) bool {
	for _, v := range values {
		for e := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(trimOWS(e), token) {
				return true
			}
		}
	}
	return false
}
