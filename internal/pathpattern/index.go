package pathpattern

import (
	"iter"
	"slices"
)

// An Index holds a value for each of many patterns and finds those that match
// a path. It is a trie over the segments of the patterns: in the time of one
// lookup the length of the path counts, not the number of patterns. Patterns
// made to force it, such as all mixtures of "a" and "{x}" at every depth, can
// at worst make a lookup visit each node of the trie once.
//
// The zero Index is empty and ready to use. It may be read by several
// goroutines at once while none inserts.
type Index[V any] struct {
	// MindSlash has, of patterns that are equal but for a slash at the end, that
	// which ends as the path does go before the other in [Index.Matches].
	MindSlash bool

	root     node[V]
	defaults []entry[V] // values of $default
	size     int
}

// An end is how a pattern or a path ends.
type end uint8

const (
	anyEnd end = iota // of no pattern
	bareEnd
	slashEnd
)

func endOf(path string) end {
	if len(path) > 1 && path[len(path)-1] == '/' {
		return slashEnd
	}
	return bareEnd
}

type entry[V any] struct {
	number int // how many were inserted earlier
	value  V
	end    end // of the pattern
}

// A node stands for the patterns that begin alike.
type node[V any] struct {
	first    int // number of the earliest entry in this node and below it
	values   []entry[V]
	greedy   []entry[V]
	literals map[string]*node[V]
	mixed    mixedNodes[V]
	variable *node[V]
}

// Len returns the number of values inserted.
func (x *Index[V]) Len() int { return x.size }

// Insert adds a value for a pattern. A pattern may have several values.
func (x *Index[V]) Insert(p Pattern, v V) {
	e := entry[V]{x.size, v, endOf(p.text)}
	x.size++
	if p.any {
		x.defaults = append(x.defaults, e)
		return
	}
	if p.text == "" {
		return // the zero Pattern matches nothing
	}
	n := &x.root
	for _, s := range p.segments {
		n = n.child(s, e.number)
	}
	if p.greedy {
		n.greedy = append(n.greedy, e)
	} else {
		n.values = append(n.values, e)
	}
}

// child returns the node below n for a segment, which it makes if there is
// none. Numbers only grow, so a node's first is the one it was made with.
func (n *node[V]) child(s segment, number int) *node[V] {
	switch {
	case s.literal():
		c := n.literals[s[0]]
		if c == nil {
			c = &node[V]{first: number}
			if n.literals == nil {
				n.literals = make(map[string]*node[V])
			}
			n.literals[s[0]] = c
		}
		return c
	case s.variable():
		if n.variable == nil {
			n.variable = &node[V]{first: number}
		}
		return n.variable
	default:
		return n.mixed.child(s, number)
	}
}

// First returns the value that was inserted earliest, of those whose pattern
// matches path. The path is decoded; see [Decode].
func (x *Index[V]) First(path string) (V, bool) {
	var best *entry[V]
	if len(x.defaults) > 0 {
		best = &x.defaults[0]
	}
	if rest, ok := trimPath(path); ok {
		best = x.root.earliest(rest, best)
	}
	if best == nil {
		var none V
		return none, false
	}
	return best.value, true
}

// earliest returns the earliest of best and the entries below n that match
// path. It looks only where an earlier one may be.
func (n *node[V]) earliest(path string, best *entry[V]) *entry[V] {
	consider := func(entries []entry[V]) {
		if len(entries) > 0 && (best == nil || entries[0].number < best.number) {
			best = &entries[0]
		}
	}
	if path == "" {
		consider(n.values)
		return best
	}
	if len(path) > 1 {
		consider(n.greedy)
	}
	name, rest := cutSegment(path)
	n.children(name, func(c *node[V]) bool {
		if best == nil || c.first < best.number {
			best = c.earliest(rest, best)
		}
		return true
	})
	return best
}

// Best returns the value whose pattern describes path most closely: at the
// first segment where patterns differ, text goes before text with parameters,
// that before a lone parameter, and a greedy parameter comes last but for
// $default. This is SAM local's choice and API Gateway's. Of equal patterns
// the earliest inserted wins. The path is decoded; see [Decode].
func (x *Index[V]) Best(path string) (V, bool) {
	for v := range x.Matches(path) {
		return v, true
	}
	var none V
	return none, false
}

// Matches returns the values of all patterns that match path, the best first;
// see [Index.Best]. A router that finds its best pattern of no use, because
// another method is needed, goes on to the next in this order.
func (x *Index[V]) Matches(path string) iter.Seq[V] {
	return func(yield func(V) bool) {
		end := anyEnd
		if x.MindSlash {
			end = endOf(path)
		}
		if rest, ok := trimPath(path); ok && !x.root.matches(rest, end, yield) {
			return
		}
		yieldAll(x.defaults, yield)
	}
}

// matches yields the values below n that match path, the best first: of equal ones
// those that end as end says. It returns false once yield has.
func (n *node[V]) matches(path string, end end, yield func(V) bool) bool {
	if path == "" {
		return yieldEnding(n.values, end, false, yield) && yieldEnding(n.values, end, true, yield)
	}
	name, rest := cutSegment(path)
	if !n.children(name, func(c *node[V]) bool { return c.matches(rest, end, yield) }) {
		return false
	}
	return len(path) == 1 || yieldAll(n.greedy, yield)
}

// yieldEnding yields the values of the patterns that end as end says, or, if others,
// of the others.
func yieldEnding[V any](entries []entry[V], end end, others bool, yield func(V) bool) bool {
	for i := range entries {
		if (entries[i].end != end) == others && !yield(entries[i].value) {
			return false
		}
	}
	return true
}

func yieldAll[V any](entries []entry[V], yield func(V) bool) bool {
	for i := range entries {
		if !yield(entries[i].value) {
			return false
		}
	}
	return true
}

// children calls visit with each node below n whose segment matches name, the
// closest first, until visit returns false. It reports whether none did.
func (n *node[V]) children(name string, visit func(*node[V]) bool) bool {
	if c := n.literals[name]; c != nil && !visit(c) {
		return false
	}
	if name == "" {
		return true // parameters are never empty
	}
	for _, c := range n.mixed.matching(name) {
		if !visit(c.node) {
			return false
		}
	}
	return n.variable == nil || visit(n.variable)
}

// mixedNodes holds the nodes for segments of text and parameters. To keep
// lookups flat among many of them ("{name}.v1", "{name}.v2", …), nodes are
// found by their prefix and suffix; only the pairs of lengths that occur are
// tried, which are few.
type mixedNodes[V any] struct {
	byKey   map[string]*mixedNode[V]
	byAffix map[affixes][]*mixedNode[V]
	lengths []affixLengths
}

type affixLengths struct{ prefix, suffix int }

type affixes struct{ prefix, suffix string }

type mixedNode[V any] struct {
	segment segment
	order   int // how many were made earlier, to break ties
	node    *node[V]
}

func (m *mixedNodes[V]) child(s segment, number int) *node[V] {
	key := s.key()
	if c := m.byKey[key]; c != nil {
		return c.node
	}
	if m.byKey == nil {
		m.byKey = make(map[string]*mixedNode[V])
		m.byAffix = make(map[affixes][]*mixedNode[V])
	}
	c := &mixedNode[V]{segment: s, order: number, node: &node[V]{first: number}}
	m.byKey[key] = c
	a := affixes{s.prefix(), s.suffix()}
	m.byAffix[a] = append(m.byAffix[a], c)
	if l := (affixLengths{len(a.prefix), len(a.suffix)}); !slices.Contains(m.lengths, l) {
		m.lengths = append(m.lengths, l)
	}
	return c.node
}

// matching returns the nodes whose segment matches name, the closest first.
func (m *mixedNodes[V]) matching(name string) []*mixedNode[V] {
	var found []*mixedNode[V]
	for _, l := range m.lengths {
		if len(name) <= l.prefix+l.suffix {
			continue
		}
		a := affixes{name[:l.prefix], name[len(name)-l.suffix:]}
		for _, c := range m.byAffix[a] {
			if c.segment.match(name) {
				found = append(found, c)
			}
		}
	}
	slices.SortFunc(found, func(a, b *mixedNode[V]) int {
		if d := a.segment.compare(b.segment); d != 0 {
			return d
		}
		return a.order - b.order
	})
	return found
}
