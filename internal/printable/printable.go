// Package printable makes the text of others fit for a terminal, a log, or the
// cell of a table.
package printable

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Line returns s in a form that can forge nothing: no line end, no terminal
// sequence, no character that turns the direction of writing or has no width.
// What is not printable is written as in Go's quoted strings.
func Line(s string) string { return escape(s, "") }

// Text is Line for a text of several lines, which may have tabs.
func Text(s string) string { return escape(s, "\n\t") }

// escape escapes what is not printable, but for what is kept.
func escape(s, kept string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if !strings.Contains(kept, s[:size]) && (r == utf8.RuneError && size == 1 || !strconv.IsPrint(r)) {
			b.WriteString(strings.Trim(strconv.Quote(s[:size]), `"`))
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// isPlain reports whether s is printable ASCII, as most is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}
