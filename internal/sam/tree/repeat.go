package tree

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// A Repeat is a key that stands in a map for the second time. Its value counts
// in place of the first one's.
type Repeat struct {
	Key   string
	First Pos
	Again Pos
}

// Fault words what is wrong with the first of the two.
func (r Repeat) Fault() *Error {
	return &Error{
		Pos: r.First, What: fmt.Sprintf("%s stands again in line %d of the same map", quoted(r.Key), r.Again.Line),
		Why: "the later one counts, and what stands here is lost",
		Fix: "put both together, or rename one",
	}
}

// Repeats returns the keys in v that stand in one map more than once, with
// another value each time. Aliases may lead to one of them several times.
func (v *Value) Repeats() []Repeat {
	var all []Repeat
	for _, item := range v.Items() {
		all = append(all, item.Repeats()...)
	}
	if v.Kind() == Map {
		all = append(all, v.dict.passed...)
	}
	for _, e := range v.Entries() {
		all = append(all, e.Value.Repeats()...)
	}
	return all
}

// repeated returns the repeats of a mapping. What a
// merge key brings may be overridden, and counts for nothing.
func (b *builder) repeated(n *yaml.Node) []Repeat {
	var all []Repeat
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	values := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || isMerge(key) {
			continue
		}
		before, value := values[key.Value], n.Content[i+1]
		if before != nil && (before.Kind != yaml.ScalarNode || before.Value != value.Value) {
			all = append(all, Repeat{key.Value, b.pos(seen[key.Value]), b.pos(key)})
		}
		seen[key.Value], values[key.Value] = key, value
	}
	return all
}
