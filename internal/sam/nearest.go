package sam

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// What it costs to turn a request into a route. Only the relations between
// them matter: a spelling mistake is cheaper than another method, another
// method than a missing segment, and a variable takes any segment but loses
// to the literal that the request meant.
const (
	costUnrelated = 120 // a segment replaced by one that has nothing in common with it
	costSegment   = 60  // a segment too many, or a literal one missing
	costParameter = 50  // a variable segment missing
	costMethod    = 45
	costGreedy    = 35 // the whole tail that a greedy variable takes
	costVariable  = 30 // the segment that a variable takes
	costCase      = 2  // a segment that differs in case alone
	costOptions   = 1  // OPTIONS, beside costMethod
)

// Paths are compared by their first segments and the segments by their first
// bytes, so that neither a request nor a template can make a comparison
// expensive.
const (
	maxSegments   = 12
	maxSegmentLen = 32
)

// A shape is a path taken apart for comparison.
type shape struct {
	segments []segment
	greedy   bool // the last segment takes all that follows
}

type segment struct {
	text     string // as written, cut to maxSegmentLen bytes
	folded   string // text in lower case
	variable bool
}

// shapeOf takes a route's path apart.
func shapeOf(path string) shape {
	if path == DefaultPath {
		return shape{segments: []segment{{variable: true}}, greedy: true}
	}
	var s shape
	for _, text := range splitSegments(path) {
		if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
			s.segments = append(s.segments, literal(text))
			continue
		}
		s.segments = append(s.segments, segment{variable: true})
		if strings.HasSuffix(text, "+}") {
			s.greedy = true
			break
		}
	}
	return s
}

func literal(text string) segment {
	if len(text) > maxSegmentLen {
		text = text[:maxSegmentLen]
	}
	return segment{text: text, folded: strings.ToLower(text)}
}

// splitSegments returns the first maxSegments segments of path. Slashes at
// either end count for nothing.
func splitSegments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	parts := strings.SplitN(path, "/", maxSegments+1)
	return parts[:min(len(parts), maxSegments)]
}

// Nearest returns at most n routes, those first that come nearest to the
// request: paths are compared segment by segment, by edit distance, and
// another method costs a little, and OPTIONS, which SAM adds to routes, a bit
// more. Routes of one path and function, such as ANY's seven, count as one, of
// which the one with the request's method stands for all. Equally near routes
// keep the table's order.
func (t *Table) Nearest(method, path string, n int) []Route {
	if n <= 0 {
		return nil
	}
	var request []segment
	for _, text := range splitSegments(path) {
		request = append(request, literal(text))
	}
	d := newDistancer(request)
	type near struct{ index, cost int }
	type place struct{ path, function string }
	best := make(map[place]near)
	for i, r := range t.routes {
		cost := d.distance(t.shapes[i])
		if !strings.EqualFold(r.Method, method) {
			cost += costMethod
			if r.Method == http.MethodOptions {
				cost += costOptions
			}
		}
		at := place{r.Path, r.Function}
		if known, ok := best[at]; !ok || cost < known.cost {
			best[at] = near{i, cost}
		}
	}
	order := make([]near, 0, len(best))
	for _, v := range best {
		order = append(order, v)
	}
	slices.SortFunc(order, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.index, b.index))
	})
	routes := make([]Route, 0, min(n, len(order)))
	for _, v := range order[:min(n, len(order))] {
		routes = append(routes, t.routes[v.index])
	}
	return routes
}

// A distancer measures how far routes are from one request. It remembers the
// distances of literals, because routes of one API share most of them.
type distancer struct {
	request  []segment
	known    map[string][]int // literal → what it costs in place of each of request
	variable []int            // the same for a variable
	row      []int
}

func newDistancer(request []segment) *distancer {
	return &distancer{
		request:  request,
		known:    make(map[string][]int),
		variable: slices.Repeat([]int{costVariable}, len(request)),
		row:      make([]int, len(request)+1),
	}
}

// distance aligns the request's segments with the route's: the edit distance
// of two sequences, in which replacing a segment costs what the two differ.
func (d *distancer) distance(s shape) int {
	n := len(d.request)
	for j := range d.row {
		d.row[j] = j * costSegment
	}
	for i, seg := range s.segments {
		if s.greedy && i == len(s.segments)-1 {
			return d.greedy()
		}
		costs, missing := d.costs(seg), costSegment
		if seg.variable {
			missing = costParameter
		}
		diagonal := d.row[0]
		d.row[0] += missing
		for j := range n {
			above := d.row[j+1]
			d.row[j+1] = min(diagonal+costs[j], above+missing, d.row[j]+costSegment)
			diagonal = above
		}
	}
	return d.row[n]
}

// greedy ends an alignment with a variable that takes all segments left, of
// which there must be one.
func (d *distancer) greedy() int {
	n := len(d.request)
	best := d.row[n] + costParameter // nothing is left for it
	for _, cost := range d.row[:n] {
		best = min(best, cost+costGreedy)
	}
	return best
}

// costs returns what it costs to put seg in place of each of the request's
// segments.
func (d *distancer) costs(seg segment) []int {
	if seg.variable {
		return d.variable
	}
	costs, ok := d.known[seg.text]
	if !ok {
		costs = make([]int, len(d.request))
		for j, r := range d.request {
			costs[j] = segmentDistance(r, seg)
		}
		d.known[seg.text] = costs
	}
	return costs
}

// segmentDistance is between 0, equal, and costUnrelated.
func segmentDistance(a, b segment) int {
	if a.text == b.text {
		return 0
	}
	if a.folded == b.folded {
		return costCase
	}
	edits, length := levenshtein.ComputeDistance(a.folded, b.folded), max(len(a.folded), len(b.folded))
	if 2*edits > length {
		return costUnrelated // what two words have in common by chance brings them no nearer
	}
	return costCase + (costUnrelated-costCase)*edits/length
}
