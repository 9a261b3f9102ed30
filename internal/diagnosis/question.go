package diagnosis

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// maxDepth and maxPath bound the paths whose faults are looked for, in segments
// and in bytes. No route is as long.
const (
	maxDepth = 32
	maxPath  = 2 << 10
)

// A question is a request that no route takes: why?
type question struct {
	Evidence
	*Explainer
	methods []string // those that the path is mounted for
}

// A landing is where another path would have led.
type landing struct {
	sam.Route
	methods []string // mounted for the path; the question's is not among them
}

// land follows a raw path. It prefers a route for the question's method; for
// others the result has methods.
func (q *question) land(path string) (landing, bool) {
	decoded := pathpattern.Decode(path)
	if r, ok := q.table.Match(q.Method, decoded); ok && serves(r, q.Method) {
		return landing{Route: r}, true
	}
	methods := withoutOptions(q.table.Methods(decoded)) // which SAM local may have added
	if len(methods) == 0 {
		return landing{}, false
	}
	r, _ := q.table.Match(methods[0], decoded)
	return landing{r, methods}, true
}

// serves reports whether a function stands behind a route for method: SAM
// local takes HEAD to a route for GET, and fails.
func serves(r sam.Route, method string) bool { return strings.EqualFold(r.Method, method) }

// segments returns the segments of a raw path, without a slash at its end.
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// join is the reverse of segments.
func join(segments []string) string { return "/" + strings.Join(segments, "/") }

// unescape returns a segment as SAM local sees it.
func unescape(segment string) string { return strings.TrimPrefix(pathpattern.Decode("/"+segment), "/") }

// A repair is a path that the client may have meant.
type repair struct {
	code Code
	path string // raw
	why  string // a clause on what is wrong with the path that was sent
	fix  string // how to get the right one; "" where the client is not to change

	// mount is the path of a route that would take the request as it is, and
	// widen what the path of the route would have to be.
	mount, widen string

	// blank says that path has a variable in place of a value.
	blank bool
}

// A fault is a way in which a path can be wrong. Its repair returns what the
// path may have been, the likeliest first.
type fault struct {
	repair func(q *question, path string) []repair

	// visible says that the path alone shows the fault. Such a fault explains a
	// request together with another one; two that do not show explain anything.
	visible bool

	// anywhere says that the repaired path may lead to a route of variables
	// alone, or to the root.
	anywhere bool
}

// faults are tried in this order.
func faults() []fault {
	return []fault{
		{repair: queryInPath, visible: true},
		{repair: emptyParameter, visible: true},
		{repair: doubleSlash, visible: true, anywhere: true},
		{repair: encodedSlash},
		{repair: ownStage, visible: true, anywhere: true},
		{repair: basePath, visible: true, anywhere: true},
		{repair: usualStage, visible: true},
		{repair: unsetSegment, visible: true},
		{repair: placeholderSegment, visible: true},
		{repair: usualPrefix, visible: true},
		{repair: letterCase},
		{repair: nothingForGreedy, anywhere: true},
		{repair: parameterMissing, anywhere: true},
		{repair: misspelt},
		{repair: otherPrefix},
		{repair: prefixMissing},
		{repair: tooManySegments},
	}
}

// A finding is a set of faults that together explain why no route took the
// request, the first to be repaired first.
type finding struct {
	repairs []repair
	landing landing
}

func (f finding) last() repair { return f.repairs[len(f.repairs)-1] }

// searchable reports whether the path is short enough for a search.
func (q *question) searchable() bool {
	return len(q.RawPath) <= maxPath && strings.Count(q.RawPath, "/") <= maxDepth
}

// singles returns the faults that alone explain the request.
func (q *question) singles() []finding {
	if !q.searchable() {
		return nil
	}
	var found []finding
	for _, f := range faults() {
		for _, r := range f.repair(q, q.RawPath) {
			l, ok := q.land(r.path)
			if !ok || len(l.methods) > 0 || !f.accepts(l) {
				continue
			}
			// What leads to the same route is the same trouble once more.
			if !slices.ContainsFunc(found, func(g finding) bool { return g.landing.Path == l.Path }) {
				found = append(found, finding{[]repair{r}, l})
			}
		}
	}
	return found
}

// pair returns two faults that explain the request together: one that shows
// and the method, one that shows and another, or any one and the method.
func (q *question) pair() (finding, bool) {
	if !q.searchable() {
		return finding{}, false
	}
	all := faults()
	for _, f := range all {
		if !f.visible {
			continue
		}
		for _, r := range f.repair(q, q.RawPath) {
			if l, ok := q.land(r.path); ok && f.accepts(l) {
				return finding{[]repair{r}, l}, true
			}
			if found, ok := q.second(r, all); ok {
				return found, true
			}
		}
	}
	for _, f := range all {
		for _, r := range f.repair(q, q.RawPath) {
			if l, ok := q.land(r.path); ok && f.accepts(l) {
				return finding{[]repair{r}, l}, true
			}
		}
	}
	return finding{}, false
}

// second returns the fault that explains the request together with the one
// that r repairs.
func (q *question) second(r repair, all []fault) (finding, bool) {
	for _, g := range all {
		for _, s := range g.repair(q, r.path) {
			if l, ok := q.land(s.path); ok && len(l.methods) == 0 && s.code != r.code && g.accepts(l) {
				return finding{[]repair{r, s}, l}, true
			}
		}
	}
	return finding{}, false
}

// visible returns a fault that the path shows, although it leads nowhere
// without it.
func (q *question) visible() (repair, bool) {
	if !q.searchable() {
		return repair{}, false
	}
	for _, f := range faults() {
		if !f.visible {
			continue
		}
		if repairs := f.repair(q, q.RawPath); len(repairs) > 0 {
			return repairs[0], true
		}
	}
	return repair{}, false
}

// accepts reports whether a landing says anything: a route that would take any
// path does not.
func (f fault) accepts(l landing) bool { return f.anywhere || hasLiteral(l.Path) }
