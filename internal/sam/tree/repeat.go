package tree

import "go.yaml.in/yaml/v3"

// A Repeat is a key that stands in a map for the second time. Its value counts
// in place of the first one's.
type Repeat struct {
	Key   string
	First Pos
	Again Pos
}

// Repeats returns the keys that stand in a map more than once, with another
// value each time.
func (v *Value) Repeats() []Repeat {
	if v.Kind() != Map {
		return nil
	}
	return v.dict.passed
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
