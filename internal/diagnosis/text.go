package diagnosis

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown bounds what a diagnosis repeats of a request, in bytes.
const maxShown = 200

// show makes foreign text fit for a line of a log or a terminal: what does not
// print is escaped as in Go, and what is long is cut.
func show(s string) string {
	var b strings.Builder
	for i, r := range s {
		if b.Len() >= maxShown {
			return b.String() + "…"
		}
		switch {
		case r == utf8.RuneError:
			quoted := strconv.QuoteToASCII(s[i : i+1])
			if strings.HasPrefix(s[i:], "\uFFFD") {
				quoted = `"\ufffd"`
			}
			b.WriteString(quoted[1 : len(quoted)-1])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// shellWord returns s as one word of a POSIX shell's command line. It is
// false where s is too long or holds what does not print, a comma (which
// separates the values of a flag), or a quote: nobody should paste that.
func shellWord(s string) (string, bool) {
	if s == "" || len(s) > maxShown || strings.HasPrefix(s, "-") {
		return "", false
	}
	plain := true
	for _, r := range s {
		switch {
		case r <= ' ' || r > '~' || strings.ContainsRune("',\"\\`$!", r):
			return "", false
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(":/._-@+%", r):
		default:
			plain = false
		}
	}
	if plain {
		return s, true
	}
	return "'" + s + "'", true
}

// list joins words as in "GET, PUT and POST".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
