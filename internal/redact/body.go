package redact

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxWithin bounds how deep JSON is looked for in the strings of JSON.
const maxWithin = 4

// Form replaces secrets in a body of the type application/x-www-form-urlencoded,
// which is written as the query of a URL.
func Form(s string) string { return Value(s) }

// JSON replaces secrets in a JSON text, or in the beginning of one whose rest was
// not kept: the values of members that are named like a secret, with all that is
// in them, and what is secret in other strings, which may be URLs or JSON
// themselves. What stays true, false or null says whether, and no secret. All
// else is left byte by byte as it is.
func JSON(s string) string { return jsonWithin(s, 0) }

func jsonWithin(s string, within int) string {
	r := jsonReader{s: s, within: within, hidden: -1}
	for r.at < len(s) {
		r.step()
	}
	if r.done == 0 {
		return s
	}
	return r.out.String() + s[r.done:]
}

// A jsonReader reads tokens, and minds neither what is missing at the end nor
// what is wrong.
type jsonReader struct {
	s      string
	at     int
	within int // strings of JSON

	out  strings.Builder // all before done
	done int

	named  bool // the next value is that of a member with a secret name
	depth  int  // of maps and lists
	hidden int  // the depth of the outermost one that is a secret; -1 for none
}

func (r *jsonReader) step() {
	switch c := r.s[r.at]; {
	case c == '"':
		r.text()
		return
	case c == '{' || c == '[':
		r.depth++
		if r.named && r.hidden < 0 {
			r.hidden = r.depth
		}
		r.named = false
	case c == '}' || c == ']':
		if r.depth == r.hidden {
			r.hidden = -1
		}
		r.depth--
		r.named = false
	case c == ',':
		r.named = false
	case c == '-' || '0' <= c && c <= '9':
		end := r.at + 1
		for end < len(r.s) && strings.IndexByte("0123456789+-.eE", r.s[end]) >= 0 {
			end++
		}
		if r.isSecret() {
			r.replace(end, `"`+Mark+`"`)
		}
		r.at = end
		return
	}
	r.at++
}

func (r *jsonReader) isSecret() bool { return r.named || r.hidden >= 0 }

// text reads a string, which may be the name of a member.
func (r *jsonReader) text() {
	end, closed := r.at+1, false
	for ; end < len(r.s) && !closed; end++ {
		switch r.s[end] {
		case '\\':
			end++
		case '"':
			closed = true
		}
	}
	end = min(end, len(r.s))
	raw := r.s[r.at:end]
	switch {
	case closed && strings.HasPrefix(strings.TrimLeftFunc(r.s[end:min(end+maxBlanks, len(r.s))], isBlank), ":"):
		r.named = isSecretField(unquoted(raw, true))
	case r.isSecret():
		if len(raw) > len(`""`) || !closed {
			r.replace(end, `"`+Mark+`"`)
		}
		r.named = false
	default:
		if shown := r.string(raw, closed); shown != raw {
			r.replace(end, shown)
		}
	}
	r.at = end
}

// maxBlanks bounds how far a colon may be from a name.
const maxBlanks = 256

// isBlank reports whether r is white space, or nothing that belongs to JSON
// outside of a string.
func isBlank(r rune) bool { return r <= ' ' || r > '~' }

// string replaces what is secret in a string that itself is none.
func (r *jsonReader) string(raw string, closed bool) string {
	if !strings.ContainsAny(raw, `=%@{[\`) && !strings.Contains(raw, "eyJ") {
		return raw
	}
	text := unquoted(raw, closed)
	shown := text
	if start := strings.TrimLeftFunc(text, isBlank); r.within < maxWithin && start != "" && (start[0] == '{' || start[0] == '[') {
		shown = jsonWithin(text, r.within+1)
	}
	if shown = Value(shown); shown == text {
		return raw
	}
	return quoted(shown)
}

// replace has text in place of what lies before end.
func (r *jsonReader) replace(end int, text string) {
	r.out.WriteString(r.s[r.done:r.at])
	r.out.WriteString(text)
	r.done = end
}

// unquoted returns what a string says. An escape that there is none of stands for
// its character, and one that is cut for nothing, so that what is wrong within a
// string hides no name in it.
func unquoted(raw string, closed bool) string {
	text := raw[1:]
	if closed {
		text = text[:len(text)-1]
	}
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `\`)
		b.WriteString(before)
		if !found || rest == "" {
			return b.String()
		}
		switch i := strings.IndexByte("bfnrt", rest[0]); {
		case rest[0] == 'u':
			r, n := codePoint(rest)
			b.WriteRune(r)
			text = rest[n:]
			continue
		case i >= 0:
			b.WriteByte("\b\f\n\r\t"[i])
		default:
			b.WriteByte(rest[0])
		}
		text = rest[1:]
	}
}

// codePoint reads uXXXX, or two of these that are one character, and returns how
// many bytes that is.
func codePoint(s string) (r rune, length int) {
	const one, two = len("uXXXX"), len(`uXXXX\uXXXX`)
	first, ok := unit(s)
	if !ok {
		return utf8.RuneError, min(one, len(s))
	}
	if len(s) >= two && s[one] == '\\' && s[one+1] == 'u' {
		if second, ok := unit(s[one+1:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, two
			}
		}
	}
	return first, one // WriteRune makes U+FFFD of half a character
}

// unit reads uXXXX.
func unit(s string) (rune, bool) {
	const length = len("uXXXX")
	if len(s) < length {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:length], 16, 16)
	return rune(n), err == nil
}

// quoted is the reverse. Bytes that are no UTF-8 do not come back.
func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // of a string, into memory: it cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
