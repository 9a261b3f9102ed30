package check

import (
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
)

// quote returns s in double quotes, short enough to be read.
func quote(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return strconv.Quote(s)
}

// and joins words as people do: "a", "a and b", "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// firstOf names the first of several and counts the rest: "GET /a and 3 more".
func firstOf(words []string, shown int) string {
	if len(words) <= shown+1 {
		return and(words)
	}
	return strings.Join(words[:shown], ", ") + " and " + strconv.Itoa(len(words)-shown) + " more"
}

// yamlWord returns s as a YAML string, in quotes where it needs them in one line.
func yamlWord(s string) string {
	if strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/") == "" {
		return s
	}
	return strconv.Quote(s)
}

// yamlQuoted returns s as a YAML string that holds single quotes: "'s'".
func yamlQuoted(s string) string { return `"'` + printable.Line(s) + `'"` }
