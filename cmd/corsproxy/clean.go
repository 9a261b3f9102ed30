package main

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/redact"
)

// maxLogged bounds the bytes of a request's text in a log line.
const maxLogged = 512

// clean returns text that a client or an upstream chose in a form that can
// forge nothing in a log (see [printable.Line]). What is too long is cut.
func clean(s string) string {
	cut := ""
	if len(s) > maxLogged {
		end := maxLogged
		for end > maxLogged-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, cut = s[:end], "…"
	}
	return printable.Line(s) + cut
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
