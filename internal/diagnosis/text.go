package diagnosis

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxShown bounds what a diagnosis repeats of a request, in bytes.
const maxShown = 200

// show makes foreign text fit for a line of a log or a terminal: what does not
// print is escaped as in Go, and what is long is cut.
func show(s string) string {
	rest := ""
	if len(s) > maxShown {
		end := maxShown
		for end > maxShown-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, rest = s[:end], "…"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + rest
}

// list joins words as in "GET, PUT and POST".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
