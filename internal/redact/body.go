package redact

import (
	"encoding/json"
	"strings"
)

const (
	maxWithin = 4    // how deep JSON is looked for in the strings of JSON, and in what is encoded
	maxDepth  = 1000 // of maps and lists; what lies deeper is hidden
)

// Form replaces secrets in a body of the type application/x-www-form-urlencoded,
// which is written as the query of a URL.
func Form(s string) string { return Value(s) }

// JSON replaces secrets in a JSON text, or in the beginning of one whose rest was
// not kept: the values of members that are named like a secret, with all that is
// in them, and of names that stand beside their values; and what is secret in
// other strings, which may be URLs or JSON themselves. What stays true, false or
// null says whether, and no secret. All else is left byte by byte as it is. What
// only looks like JSON, as {password: 'x'}, is read as text, too.
func JSON(s string) string {
	shown := apply(s, jsonEdits(s, 0))
	if !json.Valid([]byte(s)) {
		shown = named(shown)
	}
	return shown
}

// isJSON reports whether a text may be a map or a list of JSON. One that is
// quoted is none.
func isJSON(s string) bool {
	s = strings.TrimLeftFunc(s, isBlank)
	return s != "" && (s[0] == '{' || s[0] == '[') && !strings.HasPrefix(strings.TrimLeftFunc(s[1:], isBlank), `\`)
}

// jsonLevel returns how often a text is percent-encoded that may be JSON, or a
// negative number for one that is not.
func jsonLevel(s string) int {
	if s == "" || s[0] > ' ' && s[0] <= '~' && strings.IndexByte("{[%+", s[0]) < 0 {
		return -1
	}
	const enough = 64 // to see the first two characters, whatever stands before them
	v := view{text: strings.TrimLeft(s[:min(len(s), enough)], "+")}
	for level := range maxWithin {
		if isJSON(v.text) {
			return level
		}
		v = v.decoded(false)
	}
	return -1
}

// jsonWithin replaces secrets in a text that may be JSON, percent-encoded or not,
// and lies within so many others. It reports whether it is JSON to its end.
func jsonWithin(s string, within int) (shown string, is bool) {
	level := jsonLevel(s)
	if level < 0 || within > maxWithin {
		return s, false
	}
	v := view{text: s}
	if level > 0 {
		v.text = strings.ReplaceAll(s, "+", " ") // as forms have it
	}
	for range level {
		v = v.decoded(false)
	}
	return v.apply(s, level, jsonEdits(v.text, within)), json.Valid([]byte(v.text))
}

// jsonEdits returns what is to be replaced in a JSON text, which itself lies
// within so many others.
func jsonEdits(s string, within int) []edit {
	r := jsonReader{s: s, within: within, hidden: -1}
	for r.at < len(s) {
		r.step()
	}
	for len(r.levels) > 0 {
		r.close()
	}
	return append(r.late, r.edits...)
}

// A jsonReader reads tokens, and minds neither what is missing at the end nor
// what is wrong.
type jsonReader struct {
	s      string
	at     int
	within int

	edits []edit
	late  []edit // they go before edits in the same place

	member string // whose value is next; "" in a list
	named  bool   // and it is a secret
	depth  int    // of maps and lists
	hidden int    // the depth of the outermost one that is a secret; -1 for none
	levels []level
}

func (r *jsonReader) step() {
	switch c := r.s[r.at]; {
	case c == '"':
		r.text()
		return
	case c == '{' || c == '[':
		r.open(c == '[')
	case c == '}' || c == ']':
		r.at++
		r.close()
		return
	case c == ',':
		r.member, r.named = "", false
	case c == '-' || '0' <= c && c <= '9':
		end := r.at + 1
		for end < len(r.s) && strings.IndexByte("0123456789+-.eE", r.s[end]) >= 0 {
			end++
		}
		if r.isSecret() {
			r.edits = append(r.edits, edit{r.at, end, `"` + Mark + `"`})
		}
		r.value(r.at, end, "")
		r.at = end
		return
	}
	r.at++
}

func (r *jsonReader) isSecret() bool {
	return r.named || r.hidden >= 0 || r.depth > maxDepth || r.level().hidesNext
}

// open begins a map or a list.
func (r *jsonReader) open(isList bool) {
	secret, around := r.isSecret(), r.level()
	if r.depth++; secret && r.hidden < 0 {
		r.hidden = r.depth
	}
	if r.depth <= maxDepth {
		l := level{start: r.at, member: r.member, isList: isList}
		l.alternates = isList && (around.isList || isRaw(r.member))
		l.isParams = !isList && isParams(r.member)
		r.levels = append(r.levels, l)
	}
	r.member, r.named = "", false
}

// close ends the innermost map or list before the place.
func (r *jsonReader) close() {
	if r.depth == 0 {
		return
	}
	if r.depth == r.hidden {
		r.hidden = -1
	}
	r.member, r.named = "", false
	if r.depth--; len(r.levels) <= r.depth {
		return
	}
	l := r.levels[r.depth]
	r.levels = r.levels[:r.depth]
	for i, areSecrets := range l.are {
		for _, s := range l.spans[i] {
			if areSecrets && r.s[s.start:s.end] != `""` {
				r.late = append(r.late, s.hidden(r.s))
			}
		}
	}
	r.member = l.member
	r.value(l.start, r.at, "")
}

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
	start, raw := r.at, r.s[r.at:end]
	r.at = end
	if closed && strings.HasPrefix(strings.TrimLeftFunc(r.s[end:min(end+maxBlanks, len(r.s))], isBlank), ":") {
		r.member = unquoted(raw, true)
		r.named = isSecretField(r.member) || r.level().isParams && isSecretParam(r.member)
		return
	}
	text := unquoted(raw, closed)
	switch {
	case !r.isSecret():
		if shown := value(text, r.within+1); shown != text {
			r.edits = append(r.edits, edit{start + 1, end, quoted(shown)[1:]})
		}
	case text != "" || !closed:
		r.edits = append(r.edits, span{start, end}.hidden(r.s))
	}
	r.value(start, end, text)
	r.named = false
}

// maxBlanks bounds how far a colon may be from a name.
const maxBlanks = 256

// isBlank reports whether r is white space, or nothing that belongs to JSON
// outside of a string.
func isBlank(r rune) bool { return r <= ' ' || r > '~' }
