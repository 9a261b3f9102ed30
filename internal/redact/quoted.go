package redact

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

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
