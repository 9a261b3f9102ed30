package redact

import (
	"slices"
	"strings"
)

// A level is a map or a list of JSON that is read. What tells that a value is a
// secret may stand beside it, or behind it.
type level struct {
	start  int
	member string // of the map around it that it is the value of

	isList     bool
	alternates bool // names and values follow each other
	atValue    bool // and a value is next
	hidesNext  bool // which is a secret

	isParams bool // its members are the parameters of a URL

	spans [2][]span // the values of these members
	are   [2]bool   // whether they are secrets
}

// What spans has.
const (
	pairValue = iota // of {"name": …, "value": …}
	oauthCode        // of {"grant_type": …, "code": …}
)

// A span is a value with its quotation marks or brackets.
type span struct{ start, end int }

// hidden hides a value. A string keeps its first quotation mark.
func (s span) hidden(text string) edit {
	if text[s.start] == '"' {
		return edit{s.start + 1, s.end, Mark + `"`}
	}
	return edit{s.start, s.end, `"` + Mark + `"`}
}

// level returns the innermost level.
func (r *jsonReader) level() *level {
	if len(r.levels) == 0 || len(r.levels) < r.depth {
		return &level{}
	}
	return &r.levels[len(r.levels)-1]
}

// value takes note of the value that was read. Text is what it says, if it is a
// string.
func (r *jsonReader) value(start, end int, text string) {
	l := r.level()
	if l.isList {
		l.hidesNext = l.alternates && !l.atValue && isSecretField(text)
		l.atValue = !l.atValue
		return
	}
	all := words(r.member)
	if r.member = ""; len(all) == 0 {
		return
	}
	bare := strings.Join(all, "")
	switch last := all[len(all)-1]; {
	case last == "value" || last == "values":
		l.spans[pairValue] = append(l.spans[pairValue], span{start, end})
	case last == "name" || last == "key":
		l.are[pairValue] = l.are[pairValue] || isSecretField(text)
	case bare == "path": // to the value, of a JSON Patch (RFC 6902, section 4)
		l.are[pairValue] = l.are[pairValue] || strings.HasPrefix(text, "/") && slices.ContainsFunc(strings.Split(text, "/"), isSecretField)
	case bare == "code":
		l.spans[oauthCode] = append(l.spans[oauthCode], span{start, end})
	case bare == "granttype" || bare == "redirecturi" || bare == "codeverifier": // RFC 6749, section 4.1.3; RFC 7636
		l.are[oauthCode] = true
	}
}

// isRaw reports whether a member has header fields as Node.js has them in a list:
// a name, its value, a name.
func isRaw(member string) bool {
	return slices.Contains([]string{"rawheaders", "rawtrailers"}, strings.ToLower(member))
}

// isParams reports whether a member has the parameters of a URL or of a form, as
// events of API Gateway and echoes do. Those of a path are others.
func isParams(member string) bool {
	all := words(member)
	if len(all) == 0 || slices.Contains(all, "path") {
		return false
	}
	return slices.Contains([]string{"parameters", "params", "query", "args", "form"}, all[len(all)-1])
}
