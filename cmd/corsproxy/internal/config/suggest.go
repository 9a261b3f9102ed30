package config

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns the candidate that word most likely stands for, or "" if
// none is near. Case, separators and a plural's s do not count: AllowOrigin
// is allow_origins. A candidate is also met by its last part alone, so that
// allow_origins at the top level finds cors.allow_origins.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", max(2, len(word)/4)+1
	folded := fold(word)
	if folded == "" || len(folded) > maxQuoted {
		return ""
	}
	for _, c := range candidates {
		if fold(c) == folded {
			return c
		}
		d := levenshtein.ComputeDistance(folded, fold(c))
		if last := c[strings.LastIndexByte(c, '.')+1:]; last != c {
			// A hit in another section counts for a little less.
			d = min(d, levenshtein.ComputeDistance(folded, fold(last))+1)
		}
		if d < bestDistance && d < len(folded) {
			best, bestDistance = c, d
		}
	}
	return best
}

// Nearest returns the candidate that name is most likely meant for, or "".
func Nearest(name string, candidates []string) string { return nearest(name, candidates) }

func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(s))
	return strings.TrimSuffix(s, "s")
}

// enumerate returns "a, b or c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " or " + words[n]
}

// unknown says what is wrong with a name that is not in the schema. The
// names that would be right are given by what, such as "key".
func unknown(what, name, short string, candidates []string) string {
	text := "unknown " + what + " " + quote(name)
	if short == "port" && slices.Contains(candidates, "upstream") {
		return text + "; the port of SAM local is upstream: PORT, and corsproxy's own is listen: PORT"
	}
	if s := nearest(short, candidates); s != "" {
		return text + "; did you mean " + s + "?"
	}
	return text + "; there are " + strings.Join(candidates, ", ")
}
