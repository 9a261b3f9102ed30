package diagnosis

import (
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// queryInPath turns into a query what a client has made part of the path.
func queryInPath(_ *question, path string) []repair {
	const fix = "build the URL with URL and URLSearchParams"
	if i := encodedMark.FindStringIndex(path); i != nil {
		return []repair{{code: QueryInPath, path: path[:i[0]] + "?" + path[i[1]:], why: "%3F belongs to the path and starts no query", fix: fix}}
	}
	before, after, ok := strings.Cut(path, "&")
	if !ok || before == "/" || !strings.Contains(after, "=") {
		return nil
	}
	return []repair{{code: QueryInPath, path: before + "?" + after, why: "& belongs to the path where no question mark stands before it", fix: fix}}
}

var encodedMark = regexp.MustCompile(`%3[fF]`)

// doubleSlash makes one of slashes that follow each other.
func doubleSlash(_ *question, path string) []repair {
	inner := "/" + strings.TrimLeft(path, "/") // SAM local takes leading slashes for one
	once := collapse(inner)
	if once == inner {
		return nil
	}
	return []repair{{
		code: DoubleSlash, path: once, why: "two slashes follow each other",
		fix: "take the slash off the end of the client's base URL",
	}}
}

// collapse replaces slashes that follow each other by one.
func collapse(path string) string { return slashes.ReplaceAllString(path, "/") }

var slashes = regexp.MustCompile(`/{2,}`)

var encodedSlashes = regexp.MustCompile(`%2[fF]`)

// encodedSlash keeps %2F from becoming a slash.
func encodedSlash(q *question, path string) []repair {
	kept := encodedSlashes.ReplaceAllString(path, "%252F")
	if kept == path {
		return nil
	}
	r := repair{
		code: EncodedSlash, path: kept, why: "SAM local, unlike AWS, takes %2F for a slash before it looks for a route",
		fix: "send the value in the query instead, or encode it twice and have the function decode it once more",
	}
	if l, ok := q.land(kept); ok {
		r.widen = greedyAtEnd(l.Path)
	}
	return []repair{r}
}

// greedyAtEnd makes a variable at the end of a path greedy. It is "" where
// there is none.
func greedyAtEnd(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 || !isParameter(path[i+1:]) {
		return ""
	}
	return strings.TrimSuffix(path, "}") + "+}"
}

// letterCase gives the literals of a path the case that they have in a route.
func letterCase(q *question, path string) []repair {
	all := segments(path)
	var repairs []repair
	for r := range q.folded.Matches(strings.ToLower(pathpattern.Decode(path))) {
		corrected := slices.Clone(all)
		for i, s := range splitRoute(r).segments {
			if i < len(corrected) && strings.EqualFold(s, unescape(corrected[i])) {
				corrected[i] = s
			}
		}
		same := func(r repair) bool { return r.path == join(corrected) }
		if slices.Equal(corrected, all) || slices.ContainsFunc(repairs, same) {
			continue
		}
		repairs = append(repairs, repair{
			code: CaseMismatch, path: join(corrected), why: "paths are case-sensitive", fix: "write the path as the template does",
		})
		if len(repairs) == maxPrefixes {
			break
		}
	}
	return repairs
}

// unset is what scripts write for a variable that has no value.
var unset = []string{"undefined", "null", "NaN", "[object Object]"}

func isUnset(segment string) bool { return slices.Contains(unset, unescape(segment)) }

// placeholder is a variable that nobody has filled: {id}, {{id}}, ${id}, :id.
var placeholder = regexp.MustCompile(`^:[A-Za-z_][A-Za-z0-9_]*$|^\{[^{}/]+\}$|\{\{[^{}/]+\}\}|\$\{[^{}/]*\}`)

func isPlaceholder(segment string) bool { return placeholder.MatchString(unescape(segment)) }

func unsetWhy(segment string) string {
	return "the segment " + show(unescape(segment)) + " is what a script writes for a variable without a value"
}

func placeholderWhy(segment string) string {
	return show(unescape(segment)) + " is a placeholder that was not filled"
}

// unsetSegment removes a segment without a value.
func unsetSegment(_ *question, path string) []repair {
	return without(path, isUnset, func(s string) repair {
		return repair{code: UndefinedInPath, why: unsetWhy(s), fix: "check the variable that the client builds the URL of, or leave the segment out"}
	})
}

// placeholderSegment removes a placeholder.
func placeholderSegment(_ *question, path string) []repair {
	return without(path, isPlaceholder, func(s string) repair {
		return repair{code: PlaceholderNotFilled, why: placeholderWhy(s), fix: "check what fills the placeholders of the client's URL, or leave this one out"}
	})
}

// without removes the first segment that is such as is says.
func without(path string, is func(string) bool, because func(string) repair) []repair {
	all := segments(path)
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return nil
	}
	r := because(all[i])
	r.path = join(slices.Delete(slices.Clone(all), i, i+1))
	return []repair{r}
}

// misspelt corrects one literal of a path by a route that has all else.
func misspelt(q *question, path string) []repair {
	all := segments(path)
	decoded := make([]string, len(all))
	for i, s := range all {
		decoded[i] = unescape(s)
	}
	best, at, route := len(path), 0, sam.Route{}
	for _, s := range q.routes {
		if !serves(s.Route, q.Method) {
			continue
		}
		if i, ok := onlyDifference(decoded, s.segments); ok {
			if d := distance(decoded[i], s.segments[i]); d < best && d <= tolerance(s.segments[i]) {
				best, at, route = d, i, s.Route
			}
		}
	}
	if route.Path == "" {
		return nil
	}
	corrected := slices.Clone(all)
	corrected[at] = segments(route.Path)[at]
	return []repair{{code: RouteNotFound, path: join(corrected), why: show(decoded[at]) + " may be misspelt", fix: "correct " + show(decoded[at])}}
}

// onlyDifference returns the one literal of a route in which a path differs
// from it.
func onlyDifference(path, route []string) (int, bool) {
	if len(path) != len(route) {
		return 0, false
	}
	at, ok := 0, false
	for i, s := range route {
		switch {
		case s == path[i] || isParameter(s) && path[i] != "":
		case ok || isVariable(s):
			return 0, false
		default:
			at, ok = i, true
		}
	}
	return at, ok
}

// tolerance is how many letters of a word may be wrong.
func tolerance(word string) int { return min(2, (len(word)+1)/3) }

// distance is the number of letters in which two words differ. Words that are
// too different in length are not compared.
func distance(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return len(a) + len(b)
	}
	return levenshtein.ComputeDistance(strings.ToLower(a), strings.ToLower(b))
}
