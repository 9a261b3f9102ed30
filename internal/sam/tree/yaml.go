package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A scalarReader makes the value of a scalar that has neither quotes nor tag.
// Versions of YAML differ in that.
type scalarReader func(Pos, string) *Value

// parseYAML reads a document in YAML. An empty one is nil. The error is an
// *Error.
func parseYAML(name string, data []byte, plain scalarReader) (*Value, error) {
	v, err := parseDocument(name, data, plain)
	if err != nil && strings.Contains(err.Error(), "unknown escape character") {
		if unescaped := unescapeSlashes(data); len(unescaped) < len(data) {
			return parseDocument(name, unescaped, plain)
		}
	}
	return v, err
}

// unescapeSlashes writes a slash for each "\\/" in double quotes, as JSON and
// PyYAML have it and the parser does not. A scalar in quotes is looked for in
// its line alone; columns behind it are one less.
func unescapeSlashes(data []byte) []byte {
	plain := make([]byte, 0, len(data))
	quoted := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '\n':
			quoted = false
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && i+1 < len(data) && data[i+1] != '\n':
			if data[i+1] != '/' {
				plain = append(plain, c)
			}
			i++
		}
		plain = append(plain, data[i])
	}
	return plain
}

func parseDocument(name string, data []byte, plain scalarReader) (*Value, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, yamlError(name, data, err)
	}
	if err := dec.Decode(new(yaml.Node)); err == nil {
		return nil, &Error{
			Pos:  Pos{File: name},
			What: "the file holds more than one YAML document",
			Fix:  `keep one and remove the "---" lines`,
		}
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(name, data, err)
	}
	if err := checkTabs(name, data, &doc); err != nil {
		return nil, err
	}
	b := builder{name: name, plain: plain, done: make(map[*yaml.Node]anchored), anchors: make(map[string]*yaml.Node)}
	return b.value(&doc, 0)
}

// A builder makes Values of yaml.Nodes. Aliases become the Value that their
// anchor became, so that they cost nothing.
type builder struct {
	name    string
	plain   scalarReader
	done    map[*yaml.Node]anchored
	anchors map[string]*yaml.Node
	merged  int // entries copied by "<<"
	values  int // made so far, with aliases written out
}

// anchored is what an anchored node became. The value is nil while the node
// is under way.
type anchored struct {
	value *Value
	size  int // number of values in it
}

// maxMerged bounds the entries that merge keys copy: merges of merges grow
// exponentially.
const maxMerged = 100_000

func (b *builder) pos(n *yaml.Node) Pos { return Pos{File: b.name, Line: n.Line, Column: n.Column} }

func (b *builder) value(n *yaml.Node, depth int) (*Value, error) {
	switch {
	case n.Kind == yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return b.value(n.Content[0], depth)
	case n.Kind == yaml.AliasNode:
		n = n.Alias
		a, ok := b.done[n]
		if a.value == nil && ok {
			return nil, &Error{Pos: b.pos(n), What: fmt.Sprintf("anchor &%s holds an alias of itself", n.Anchor)}
		}
		if ok {
			return a.value, b.grow(n, a.size)
		}
	case n.Anchor != "":
		if first := b.anchors[n.Anchor]; first != nil && first != n {
			return nil, &Error{
				Pos:  b.pos(n),
				What: fmt.Sprintf("anchor &%s is set twice, first in line %d", n.Anchor, first.Line),
				Fix:  "rename one of the two",
			}
		}
		b.anchors[n.Anchor] = n
	}
	if depth > maxDepth {
		return nil, errDeep(b.pos(n))
	}
	before := b.values
	if n.Anchor != "" {
		b.done[n] = anchored{}
	}
	if err := b.grow(n, 1); err != nil {
		return nil, err
	}
	v, err := b.tagged(n, depth)
	if n.Anchor != "" && err == nil {
		b.done[n] = anchored{v, b.values - before}
	}
	return v, err
}

// grow counts values made at a node.
func (b *builder) grow(n *yaml.Node, values int) error {
	if b.values += values; b.values > MaxValues {
		return errLarge(b.pos(n))
	}
	return nil
}

// tagged makes the value of a node that may have a tag.
func (b *builder) tagged(n *yaml.Node, depth int) (*Value, error) {
	if n.Style&yaml.TaggedStyle == 0 {
		return b.untagged(n, depth)
	}
	if name, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(name, "!") {
		return b.shortTag(n, name, depth)
	}
	return b.standardTag(n, depth)
}

func (b *builder) untagged(n *yaml.Node, depth int) (*Value, error) {
	pos := b.pos(n)
	switch n.Kind {
	case yaml.SequenceNode:
		v := NewList(pos)
		for _, c := range n.Content {
			item, err := b.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
		return v, nil
	case yaml.MappingNode:
		return b.mapping(n, depth)
	}
	if !isPlain(n) {
		return NewString(pos, n.Value), nil
	}
	if n.Value == "=" || n.Value == "<<" {
		return nil, &Error{Pos: pos, What: fmt.Sprintf("a bare %q has a meaning of its own in YAML 1.1", n.Value), Fix: fmt.Sprintf("put it in quotes: %q", n.Value)}
	}
	return b.plain(pos, n.Value), nil
}

func isPlain(n *yaml.Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// shortTag makes the long form of CloudFormation's short one. A scalar below
// a tag stays a string, whatever it looks like.
func (b *builder) shortTag(n *yaml.Node, name string, depth int) (*Value, error) {
	pos := b.pos(n)
	if name != "Ref" && name != "Condition" {
		name = "Fn::" + name
	}
	if n.Kind != yaml.ScalarNode {
		v, err := b.untagged(n, depth+1)
		if err != nil {
			return nil, err
		}
		return NewIntrinsic(pos, name, v), nil
	}
	if name == "Fn::GetAtt" {
		v := NewList(pos)
		for _, part := range strings.SplitN(n.Value, ".", 2) {
			v.items = append(v.items, NewString(pos, part))
		}
		return NewIntrinsic(pos, name, v), nil
	}
	return NewIntrinsic(pos, name, NewString(pos, n.Value)), nil
}

// standardTag reads the tags of YAML itself, such as !!str.
func (b *builder) standardTag(n *yaml.Node, depth int) (*Value, error) {
	pos := b.pos(n)
	tag := n.ShortTag()
	bad := &Error{Pos: pos, What: fmt.Sprintf("tag %s does not fit %q", tag, n.Value), Fix: "remove the tag, or correct the value"}
	switch {
	case n.Kind == yaml.MappingNode && tag == "!!map", n.Kind == yaml.SequenceNode && tag == "!!seq":
		return b.untagged(n, depth)
	case n.Kind != yaml.ScalarNode:
		return nil, &Error{Pos: pos, What: fmt.Sprintf("tag %s means nothing in a template", tag), Fix: "remove the tag"}
	}
	switch tag {
	case "!!str", "!!timestamp":
		return NewString(pos, n.Value), nil
	case "!!null":
		return NewNull(pos), nil
	case "!!bool":
		if v, ok := yamlBool(strings.ToLower(n.Value)); ok {
			return NewBool(pos, v), nil
		}
		return nil, bad
	case "!!int":
		if v := parseInt(pos, n.Value); v != nil && n.Value != "" {
			return v, nil
		}
		return nil, bad
	case "!!float":
		if v := parseFloat(pos, n.Value); v != nil {
			return v, nil
		}
		return nil, bad
	}
	return nil, &Error{Pos: pos, What: fmt.Sprintf("tag %s means nothing in a template", tag), Fix: "remove the tag"}
}
