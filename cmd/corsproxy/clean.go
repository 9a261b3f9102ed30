package main

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/redact"
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

// query finds the query of a URL within a sentence: what is in double quotes,
// as all that comes from outside is, may have blanks in it.
var query = regexp.MustCompile(`("[^\s"]*://[^"?]*\?)[^"]+|(://[^\s"?]*\?)[^\s"]+`)

// tell returns a sentence that may repeat a header field, for the log: without
// secrets, and without the queries of URLs, as the log has no query at all.
func tell(s string) string {
	s = redact.Text(s)
	if strings.Contains(s, "?") { // few do, and each line of the log has several texts
		s = query.ReplaceAllString(s, "${1}${2}…")
	}
	return clean(s)
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
