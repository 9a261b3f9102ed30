package redact

import (
	"bytes"
	"encoding/json"
	"strings"
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
	case closed && strings.HasPrefix(strings.TrimLeft(r.s[end:min(end+maxBlanks, len(r.s))], " \t\r\n"), ":"):
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

// string replaces what is secret in a string that itself is none.
func (r *jsonReader) string(raw string, closed bool) string {
	if !strings.ContainsAny(raw, `=%@{[\`) && !strings.Contains(raw, "eyJ") {
		return raw
	}
	text := unquoted(raw, closed)
	shown := text
	if start := strings.TrimLeft(text, " \t\r\n"); r.within < maxWithin && start != "" && (start[0] == '{' || start[0] == '[') {
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

// unquoted returns what a string says; without its escapes where these cannot be
// read. The end of one that is not closed may lie in an escape.
func unquoted(raw string, closed bool) string {
	if closed && !strings.Contains(raw, `\`) {
		return raw[1 : len(raw)-1]
	}
	whole := raw
	const longest = len(`\ud83d\ude0`) // an escape that is cut
	for cut := 0; ; cut++ {
		if !closed {
			whole = raw[:len(raw)-cut] + `"`
		}
		var text string
		if json.Unmarshal([]byte(whole), &text) == nil {
			return text
		}
		if closed || cut == longest || cut == len(raw)-1 {
			return strings.TrimSuffix(raw[1:], `"`)
		}
	}
}

// quoted is the reverse. Bytes that are no UTF-8 do not come back.
func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // of a string, into memory: it cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
