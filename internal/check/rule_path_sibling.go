package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A sibling is a variable in a path, and the one that stands in its place in another.
type sibling struct {
	api            *api
	path, segment  string
	above          string // the path of the place
	first, instead string // the other path, and its variable
}

// siblingVariables finds the variables of REST APIs that stand where others do.
func siblingVariables(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		if !a.rest {
			continue
		}
		for _, s := range a.siblings() {
			if found, ok := s.problem(); ok {
				all = append(all, found)
			}
		}
	}
	return all
}

// siblings compares the paths of an API that AWS has with each other, and those of
// events that SAM does not add with these.
func (a *api) siblings() []sibling {
	// Places are numbered, since their paths may be long.
	type child struct{ segment, path string }
	type step struct {
		from    int
		segment string
	}
	variables := make(map[int]child) // by the place above
	places := make(map[step]int)     // by the one above, which is 0 at the root
	var all []sibling
	isAdded := func(path string) bool { return slices.ContainsFunc(a.routes[path], (*route).isAdded) }
	added, others := make([]string, 0, len(a.paths)), []string(nil)
	for _, path := range a.paths {
		if isAdded(path) {
			added = append(added, path)
		} else {
			others = append(others, path)
		}
	}
	for n, path := range append(added, others...) {
		place := 0
		segments := strings.Split(strings.Trim(path, "/"), "/")
		for i, segment := range segments {
			first, ok := variables[place]
			isVariable := strings.HasPrefix(segment, "{")
			if ok && isVariable && segment != first.segment {
				all = append(all, sibling{a, path, segment, strings.Join(append([]string{""}, segments[:i]...), "/"), first.path, first.segment})
				break
			}
			if !ok && isVariable && n < len(added) {
				variables[place] = child{segment, path}
			}
			next := step{place, segment}
			if places[next] == 0 {
				places[next] = len(places) + 1
			}
			place = places[next]
		}
	}
	return all
}

// problem says what becomes of two variables in a place. It is false where nothing
// does, or where another rule's fix puts it right.
func (s sibling) problem() (problem, bool) {
	routes, others := s.api.routes[s.path], s.api.routes[s.first]
	if !slices.ContainsFunc(routes, (*route).isAdded) {
		return s.ofEvent()
	}
	mounted, otherMounted := isMounted(routes), isMounted(others)
	agreed := s.instead
	if mounted || otherMounted {
		agreed = mountableVariables(agreed)
	}
	switch {
	case agreed == s.instead:
	case otherMounted && agreed == s.segment:
		return problem{}, false // once that has a name which SAM local takes
	case !otherMounted && mountableVariables(s.segment) == s.segment:
		s = s.reversed()
		agreed = s.instead
	}
	why := "API Gateway allows one variable in a place, and refuses to deploy two"
	switch {
	case mountableVariables(s.segment) != s.segment || mountableVariables(s.instead) != s.instead:
	case mounted && otherMounted:
		why += "; SAM local serves both"
	}
	return problem{pos: s.pos(), what: s.what(), why: why, fix: s.with(agreed)}, true
}

// ofEvent is about the path of an event that SAM does not add, whose route the API has
// by another.
func (s sibling) ofEvent() (problem, bool) {
	routes, others := s.api.routes[s.path], s.api.routes[s.first]
	has := func(r *route) bool { return declares(s.api.definition, r) || s.api.takes(r) }
	if !slices.ContainsFunc(routes, has) || !isMounted(routes) || mountableVariables(s.segment) != s.segment {
		return problem{}, false
	}
	of, deployed, local := "a definition of your own", s.instead, "SAM local gives it "+s.segment
	if s.api.definition == nil {
		of = "a raw API"
	}
	if isMounted(others) {
		local = "SAM local has both paths, and may give it " + s.segment
	}
	agreed := mountableVariables(s.instead)
	if agreed != s.instead && !isMounted(others) {
		s = s.reversed()
		agreed = s.instead
	}
	if agreed == s.segment {
		return problem{}, false
	}
	return problem{
		pos: s.pos(), what: s.what(), severity: SeverityWarning,
		why: fmt.Sprintf("SAM adds no event's path to %s: on AWS the function gets %s; %s", of, deployed, local),
		fix: s.with(agreed),
	}, true
}

// reversed tells of the other path what a sibling tells of its own.
func (s sibling) reversed() sibling {
	s.path, s.first, s.segment, s.instead = s.first, s.path, s.instead, s.segment
	return s
}

func (s sibling) pos() tree.Pos { return s.api.routes[s.path][0].pos }

func (s sibling) what() string {
	return fmt.Sprintf("%s in %s stands where %s stands in %s", s.segment, quote(s.path), s.instead, quote(s.first))
}

// with writes the path with another variable in its place.
func (s sibling) with(segment string) string {
	return s.api.routes[s.path][0].written(strings.Replace(s.path, s.above+"/"+s.segment, s.above+"/"+segment, 1))
}

// isMounted reports whether SAM local serves one of some routes.
func isMounted(routes []*route) bool {
	return slices.ContainsFunc(routes, func(r *route) bool { return r.mounted })
}
