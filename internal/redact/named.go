package redact

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
)

// named replaces what a text calls a secret, percent-encoded or not: what stands
// behind a name and a colon (members of JSON within other text, arguments of
// GraphQL, header fields), and behind the two schemes of Authorization that
// people write about.
func named(s string) string {
	if !strings.ContainsAny(s, ": \t+%") {
		return s
	}
	v := view{text: s}.decoded(true)
	edits := namedValues(v.text)
	if strings.ContainsAny(v.text, " \t\n\r+") {
		edits = append(edits, credentials(v.text)...)
	}
	if edits == nil {
		return s
	}
	return v.apply(s, 0, edits)
}

// quotes are the characters that may stand around a name or a value.
const quotes = "\"'`"

// isQuote reports whether c is one, or stands before one in a text that is quoted
// itself.
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' || c == '\\' }

// namedValues finds secrets behind a name and a colon.
func namedValues(s string) []edit {
	var edits []edit
	for at := 0; ; {
		i := strings.IndexByte(s[at:], ':')
		if i < 0 {
			return edits
		}
		n := nameBefore(s, at+i)
		at += i + 1
		begin := skipBlanks(s, at)
		if n.text == "" || begin == len(s) || !n.isAhead(s, begin) || !isSecretField(n.text) || !n.isQuoted && slices.Contains(templateKeys[:], n.text) {
			continue
		}
		if begin, end := n.value(s, begin); end > begin && !saysWhether(s[begin:end]) {
			edits = append(edits, edit{begin, end, Mark})
			at = end
		}
	}
}

// templateKeys are keys of a SAM template that name an authorizer, or what is
// asked of it, as sentences on templates write them.
var templateKeys = [...]string{"Authorizer", "Authorizers", "DefaultAuthorizer", "AuthorizerId", "AuthorizerType", "AuthorizationType", "AuthorizationScopes"}

// isAhead reports whether the name may be one of a value at a place, which is none
// of a URL.
func (n name) isAhead(s string, at int) bool {
	switch {
	case strings.HasPrefix(s[at:], "//"):
		return false
	case n.isQuoted, isQuote(s[at]), n.isArgument(s):
		return true
	}
	return n.beginsField(s) && (isSpace(s[at-1]) || isFieldName(n.text)) // else a host and its port
}

// value returns where the value of the name begins and ends, which stands at a
// place; at once where it is none that is known.
func (n name) value(s string, at int) (begin, end int) {
	switch c := s[at]; {
	case isQuote(c):
		if n.isProse(s) {
			return at, at
		}
		if begin, end = quotedValue(s, at); end > begin {
			return begin, end
		}
	case n.isQuoted && (c == '{' || c == '['):
		return at, closing(s, at)
	case (n.isQuoted || n.isArgument(s)) && ('0' <= c && c <= '9' || c == '-'):
		return at, len(s) - len(strings.TrimLeft(s[at:], "0123456789+-.eE"))
	}
	if n.isQuoted {
		return at, at
	}
	return fieldValue(s, n, at)
}

// saysWhether reports whether a value is one of those that are no secrets.
func saysWhether(value string) bool {
	switch strings.Trim(value, quotes) {
	case "", "true", "false", "null":
		return true
	}
	return false
}

// A name stands before a colon.
type name struct {
	text     string
	start    int
	isQuoted bool
}

// nameBefore returns the name before a place.
func nameBefore(s string, end int) name {
	for end > 0 && isSpace(s[end-1]) {
		end--
	}
	if end == 0 {
		return name{}
	}
	if q := s[end-1]; strings.IndexByte(quotes, q) >= 0 {
		inner := strings.TrimRight(s[:end-1], `\`)
		start := strings.LastIndexByte(inner, q)
		return name{inner[start+1:], max(start, 0), true}
	}
	start := end
	for start > 0 && isNameByte(s[start-1]) {
		start--
	}
	return name{s[start:end], start, false}
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '+' }

func skipBlanks(s string, at int) int {
	for at < len(s) && isSpace(s[at]) {
		at++
	}
	return at
}

// isArgument reports whether the name is that of an argument or a member, as
// what stands before it says. None has a dot, which a file has: (auth.yaml:8).
func (n name) isArgument(s string) bool {
	if strings.Contains(n.text, ".") {
		return false
	}
	for i := n.start - 1; i >= 0; i-- {
		if !isSpace(s[i]) {
			return s[i] == '(' || s[i] == '{' || s[i] == ','
		}
	}
	return false
}

// beginsField reports whether the name stands where that of a header field does:
// at the beginning of a line, or of what is in quotation marks.
func (n name) beginsField(s string) bool {
	return n.start == 0 || s[n.start-1] == '\n' || strings.IndexByte(quotes, s[n.start-1]) >= 0
}

// isProse reports whether the name is a word of a sentence: parsers say
// "unexpected token: 'x'" and "duplicate key: 'x'" of any text.
func (n name) isProse(s string) bool {
	if n.isQuoted || n.start < 2 || s[n.start-1] != ' ' || !unicode.IsLetter(rune(s[n.start-2])) {
		return false
	}
	return strings.EqualFold(n.text, "token") || strings.EqualFold(n.text, "key")
}

// quotedValue returns where the text within the quotation marks at a place begins
// and ends. Each of them may have the same number of "\" before it, as in a text
// that is quoted itself.
func quotedValue(s string, at int) (begin, end int) {
	begin = at
	for begin < len(s) && s[begin] == '\\' {
		begin++
	}
	if begin == len(s) || strings.IndexByte(quotes, s[begin]) < 0 {
		return at, at
	}
	escapes, mark := begin-at, s[begin:begin+1]
	if block := strings.Repeat(mark, len(`"""`)); escapes == 0 && strings.HasPrefix(s[begin:], block) {
		mark = block // of GraphQL, and of Python
	}
	begin += len(mark)
	for end = begin; ; end += len(mark) {
		i := strings.Index(s[end:], mark)
		if i < 0 {
			return begin, len(s)
		}
		end += i
		inner := strings.TrimRight(s[begin:end], `\`)
		// What is quoted so often has twice as many and one before a mark of its own.
		if before := end - begin - len(inner); before%(2*(escapes+1)) == escapes {
			return begin, end - escapes
		}
	}
}

// closing returns where the map or list ends that begins at a place.
func closing(s string, at int) int {
	depth := 0
	for at < len(s) {
		switch c := s[at]; c {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		case '"', '\'', '\\':
			if _, end := quotedValue(s, at); end > at {
				at = end + escapes(s[end:]) // before the mark
			} else {
				at += escapes(s[at:]) - 1
			}
		}
		at++
	}
	return len(s)
}

// escapes returns how many "\" s begins with.
func escapes(s string) int { return len(s) - len(strings.TrimLeft(s, `\`)) }

// fieldValue returns where the value of a header field is that a line, or a text
// within quotation marks, begins with; without the scheme of Authorization. One
// word as a name may also begin a sentence.
func fieldValue(s string, n name, at int) (begin, end int) {
	if !n.beginsField(s) {
		return at, at
	}
	stops := "\r\n"
	if n.start > 0 {
		stops += s[n.start-1 : n.start]
	}
	end = until(s, at, stops)
	value := strings.TrimRight(s[at:end], `\`)
	end = at + len(value)
	if !isFieldName(n.text) {
		isHost := !isSpace(s[at-1]) // and its port; or an image and its tag
		if isHost || !strings.Contains(n.text, "-") && (strings.ContainsAny(value, " \t") || isWord(value)) {
			return at, at
		}
	}
	if hasScheme(value) {
		at += strings.IndexByte(value, ' ') + 1
	}
	return at, end
}

// isFieldName reports whether a name is one that nothing but header fields have.
func isFieldName(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(lower, "x-") || strings.HasSuffix(lower, "authorization") || strings.HasSuffix(lower, "cookie")
}

// isWord reports whether s is a word of a sentence: small letters, of which the
// first may be a capital one.
func isWord(s string) bool {
	s = strings.TrimRight(s, "=.,;:!")
	return s != "" && strings.Trim(s[1:], "abcdefghijklmnopqrstuvwxyz_") == "" && unicode.IsLetter(rune(s[0]))
}

// token68 are the characters of credentials in one word (RFC 9110, section 11.2).
const token68 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/="

// maxUser bounds how long a name of a user is looked for that is in Base64 and has
// a password behind it, in characters of that.
const maxUser = 1024

// credentials finds what follows "Bearer" (RFC 6750) or "Basic" (RFC 7617) and is
// no word of a sentence, and what follows another scheme in a text of two words.
func credentials(s string) []edit {
	var edits []edit
	for start, i := 0, 0; i < len(s); i++ {
		if isNameByte(s[i]) {
			continue
		}
		scheme, isAll := s[start:i], start == 0
		start = i + 1
		isBearer, isBasic := strings.EqualFold(scheme, "bearer"), strings.EqualFold(scheme, "basic")
		if scheme == "" || !isSpace(s[i]) || !isAll && !isBearer && !isBasic {
			continue
		}
		begin := skipBlanks(s, i)
		ahead := len(s)
		if isBasic && !isAll {
			ahead = min(ahead, begin+maxUser) // a word may have many of these in it
		}
		end := ahead - len(strings.TrimLeft(s[begin:ahead], token68))
		word, hides := s[begin:end], false
		isAll = isAll && end == len(s)
		switch {
		case word == "":
		case isBearer:
			hides = !isWord(word) || isAll && word != "token" && word != "authentication"
		case isBasic:
			hides = !isWord(word) && hasPassword(word)
		case isAll && hasScheme(scheme+" "+word):
			hides = strings.ContainsAny(word, "0123456789")
		}
		if hides {
			end = len(s) - len(strings.TrimLeft(s[end:], token68))
			edits = append(edits, edit{begin, end, Mark})
			i, start = end-1, end
		}
	}
	return edits
}

// hasPassword reports whether a word is a user and a password in Base64, or the
// beginning of it.
func hasPassword(word string) bool {
	word = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(word, "="))
	if len(word)%4 == 1 {
		word = word[:len(word)-1] // no whole byte
	}
	text, err := base64.RawStdEncoding.DecodeString(word)
	return err == nil && bytes.IndexByte(text, ':') >= 0
}
