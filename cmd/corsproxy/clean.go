package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxLogged bounds the bytes of a request's text in a log line.
const maxLogged = 512

// clean returns text that a client or an upstream chose in a form that can
// forge nothing in a log: no line end, no terminal sequence, no character that
// turns the direction of writing. What is not printable is written as in Go's
// quoted strings; what is too long is cut.
func clean(s string) string {
	cut := ""
	if len(s) > maxLogged {
		end := maxLogged
		for end > maxLogged-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, cut = s[:end], "…"
	}
	if isPlain(s) {
		return s + cut
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
			b.WriteString(strings.Trim(strconv.Quote(s[:size]), `"`))
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String() + cut
}

// isPlain reports whether s stands in a log as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}
