package diagnosis

import (
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// blank stands for a value that the path lacks. No literal of a route can be
// equal to it.
const blank = "{}"

// nothingForGreedy adds something that a greedy variable at the end can take.
func nothingForGreedy(q *question, path string) []repair {
	all := segments(path)
	l, ok := q.land(join(append(slices.Clone(all), blank)))
	if !ok {
		return nil
	}
	route := splitRoute(l.Route).segments
	if len(route) != len(all)+1 || !isGreedy(route[len(all)]) || len(all) > 0 && !hasLiteral(l.Path) {
		return nil
	}
	name := route[len(all)]
	return []repair{{
		code: GreedyNeedsSegment, path: join(append(all, blank)), blank: true,
		why:   name + " takes at least one character, so that " + l.Path + " does not cover the path before it",
		mount: join(route[:len(all)]),
	}}
}

// parameterMissing puts a value where a route has a variable: at the end, or
// further in front.
func parameterMissing(q *question, path string) []repair {
	all := segments(path)
	var repairs []repair
	for i := len(all); i >= 0; i-- {
		filled := join(slices.Insert(slices.Clone(all), i, blank))
		l, ok := q.land(filled)
		if !ok || len(all) > 0 && !hasLiteral(l.Path) {
			continue
		}
		route := splitRoute(l.Route).segments
		if len(route) != len(all)+1 || !isVariable(route[i]) || slices.ContainsFunc(route, isGreedy) {
			continue
		}
		r := repair{code: ParameterMissing, path: filled, blank: true,
			why: "the value of " + route[i] + " is missing",
			fix: "check whether the client builds the URL from an empty value"}
		if i == len(all) {
			r.mount = join(route[:i])
		}
		repairs = append(repairs, r)
	}
	return repairs
}

// emptyParameter puts a value between two slashes where a route has a variable.
// A route that takes the path with single slashes, and of which no fewer
// words stand in it, is as likely.
func emptyParameter(q *question, path string) []repair {
	all := segments(path)
	for i, s := range all {
		if s == "" {
			all[i] = blank
		}
	}
	l, ok := q.land(join(all))
	route := splitRoute(l.Route).segments
	if !ok || !slices.Contains(all, blank) || len(route) != len(all) || slices.ContainsFunc(route, isGreedy) {
		return nil
	}
	if other, ok := q.land(collapse(join(segments(path)))); ok && literals(other.Route) >= literals(l.Route) {
		return nil
	}
	name := route[slices.Index(all, blank)]
	return []repair{{code: ParameterMissing, path: join(all), blank: true,
		why: "the value of " + name + " is missing between two slashes",
		fix: "check whether the client builds the URL from an empty value"}}
}

// literals is how many segments of a route are literals.
func literals(r sam.Route) int {
	return len(slices.DeleteFunc(segments(r.Path), isVariable))
}

// plainWord is a segment that is no value but a name, such as "reviews".
var plainWord = regexp.MustCompile(`^[a-z]{3,}([-_][a-z]+)*$`)

// tooManySegments cuts segments off the end.
func tooManySegments(q *question, path string) []repair {
	all := segments(path)
	for n := len(all) - 1; n > 0; n-- {
		l, ok := q.land(join(all[:n]))
		if !ok {
			continue
		}
		extra := all[n:]
		r := repair{
			code: TooManySegments, path: join(all[:n]),
			why: "the route ends before /" + show(strings.Join(extra, "/")),
		}
		r.mount = strings.TrimSuffix(l.Path, "/") + "/{proxy+}"
		if strings.Contains(l.Path, "{proxy}") {
			r.mount = strings.TrimSuffix(l.Path, "/") + "/{rest+}" // a name may stand once
		}
		if !slices.ContainsFunc(extra, func(s string) bool { return !plainWord.MatchString(s) }) {
			r.mount = strings.TrimSuffix(l.Path, "/") + join(extra)
		}
		return []repair{r}
	}
	return nil
}
