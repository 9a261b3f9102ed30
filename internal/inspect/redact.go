package inspect

import (
	"bytes"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/proxy"
)

// Redacted stands in place of a secret.
const Redacted = redact.Mark

// A redactor replaces secrets, or nothing if it is false. In bodies it does so
// where they are JSON, a form or GraphQL, which have names: what is a secret in others
// only their function knows.
type redactor bool

// text replaces secrets in a sentence.
func (r redactor) text(s string) string {
	if !r {
		return s
	}
	return redact.Text(s)
}

// line replaces secrets in a start line or a target.
func (r redactor) line(s string) string {
	if !r {
		return s
	}
	return redact.Line(s)
}

// value replaces what is secret in the value of a field.
func (r redactor) value(name, value string) string {
	if !r {
		return value
	}
	return redact.Field(name, value)
}

// fields replaces secrets in header fields.
func (r redactor) fields(fields []proxy.Field) []proxy.Field {
	out := make([]proxy.Field, len(fields))
	for i, f := range fields {
		out[i] = proxy.Field{Name: f.Name, Value: r.value(f.Name, f.Value)}
	}
	return out
}

// data returns what was kept of the body of m, with its secrets replaced; where
// its end was cut off, without a rune that was cut with it. What is JSON or a
// form need not be text: one byte that is none, as "ü" in ISO 8859-1, does not
// make what stands around it public.
func (r redactor) data(m proxy.Message) []byte {
	data := cutRune(m.Body)
	if !bool(r) || isCompressed(m, data) {
		return data
	}
	mediaType, _, _ := mime.ParseMediaType(fieldOf(m, "Content-Type")) // one with a wrong parameter is returned, too
	switch start := bytes.TrimLeftFunc(data, isBlank); {
	case mediaType == "application/x-www-form-urlencoded":
		return []byte(redact.Form(string(data)))
	case strings.HasSuffix(mediaType, "json"), bytes.HasPrefix(start, []byte("{")), bytes.HasPrefix(start, []byte("[")):
		return []byte(redact.JSON(string(data)))
	case mediaType == "application/graphql":
		return []byte(redact.Value(string(data)))
	}
	return data
}

// isBlank reports whether r may stand before JSON: white space, or a byte order
// mark.
func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }

// isCompressed reports whether the body of m has no names to read, since it is
// coded, as its Content-Encoding says and its bytes do: about half of compressed
// ones are no text.
func isCompressed(m proxy.Message, data []byte) bool {
	if fieldOf(m, "Content-Encoding") == "" || isText(data) {
		return false
	}
	odd, most := 0, len(data)/4
	for rest := data; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) && !unicode.IsSpace(r) {
			odd++
		}
		rest = rest[n:]
	}
	return odd > most
}

// hides reports whether anything in e is a secret.
func hides(e *entry) bool {
	all := redactor(true)
	if all.line(e.Target) != e.Target {
		return true
	}
	if e.Record == nil {
		return false
	}
	for _, m := range []proxy.Message{e.Record.Request, e.Record.Upstream, e.Record.Answer} {
		if all.line(m.Line) != m.Line || !bytes.Equal(all.data(m), cutRune(m.Body)) {
			return true
		}
		for _, f := range m.Fields {
			if all.value(f.Name, f.Value) != f.Value {
				return true
			}
		}
	}
	return false
}
