package tree

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// mapping makes a map. Of equal keys the later value counts, at the place of
// the earlier one.
func (b *builder) mapping(n *yaml.Node, depth int) (*Value, error) {
	content, err := b.flatten(n, depth)
	if err != nil {
		return nil, err
	}
	v := NewMap(b.pos(n))
	v.dict.passed = b.repeated(n)
	for i := 0; i+1 < len(content); i += 2 {
		key, err := b.key(content[i], depth+1)
		if err != nil {
			return nil, err
		}
		if key.Is(List, Map) {
			return nil, &Error{
				Pos:  key.Pos(),
				What: fmt.Sprintf("%s is the key of a map", key.Kind()),
				Fix:  "keys are plain words; if this is a value, its key and a colon are missing, or quotes around {…}",
			}
		}
		value, err := b.value(content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		v.SetEntry(key, value)
	}
	return v, nil
}

// key makes the key of an entry. Only there a bare "=" is a string.
func (b *builder) key(n *yaml.Node, depth int) (*Value, error) {
	if n.Kind == yaml.ScalarNode && n.Value == "=" && isPlain(n) && n.Style&yaml.TaggedStyle == 0 {
		return NewString(b.pos(n), n.Value), nil
	}
	return b.value(n, depth)
}

// flatten returns the keys and values of a mapping with those that its merge
// keys ("<<", https://yaml.org/type/merge.html) name in front, where those of
// the mapping itself override them.
func (b *builder) flatten(n *yaml.Node, depth int) ([]*yaml.Node, error) {
	var merged, own []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !isMerge(key) {
			own = append(own, key, value)
			continue
		}
		content, err := b.merge(value, depth+1)
		if err != nil {
			return nil, err
		}
		merged = append(merged, content...)
	}
	if merged == nil {
		return n.Content, nil
	}
	return append(merged, own...), nil
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && isPlain(key) && key.Style&yaml.TaggedStyle == 0
}

// merge returns what a merge key's value brings: a mapping, or several of
// which the first counts most.
func (b *builder) merge(value *yaml.Node, depth int) ([]*yaml.Node, error) {
	if depth > maxDepth {
		return nil, errDeep(b.pos(value))
	}
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	var content []*yaml.Node
	switch value.Kind {
	case yaml.MappingNode:
		var err error
		if content, err = b.flatten(value, depth); err != nil {
			return nil, err
		}
	case yaml.SequenceNode:
		for i := len(value.Content) - 1; i >= 0; i-- {
			item := value.Content[i]
			if item.Kind == yaml.AliasNode {
				item = item.Alias
			}
			if item.Kind != yaml.MappingNode {
				return nil, errMerge(b.pos(value.Content[i]))
			}
			part, err := b.flatten(item, depth+1)
			if err != nil {
				return nil, err
			}
			content = append(content, part...)
		}
	default:
		return nil, errMerge(b.pos(value))
	}
	if b.merged += 1 + len(content)/2; b.merged > maxMerged {
		return nil, &Error{Pos: b.pos(value), What: fmt.Sprintf(`merge keys ("<<") copy more than %d entries`, maxMerged)}
	}
	return content, nil
}

func errMerge(pos Pos) *Error {
	return &Error{Pos: pos, What: `a merge key ("<<") takes a map or a list of maps`}
}
