package langext

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

func (x *expander) ifElse(arg *tree.Value) (*tree.Value, error) {
	if !arg.Is(tree.List) || arg.Len() != 3 {
		return nil, badLayout(arg, "Fn::If")
	}
	name, ok := arg.Items()[0].Str()
	if !ok {
		return nil, badLayout(arg, "Fn::If")
	}
	condition, err := x.condition(arg.Pos(), name)
	if err != nil {
		return nil, err
	}
	taken := arg.Items()[2]
	if condition {
		taken = arg.Items()[1]
	}
	if isNoValue(taken) {
		return tree.NewNull(arg.Pos()), nil
	}
	return x.resolve(taken)
}

// condition evaluates a condition of the template, once.
func (x *expander) condition(pos tree.Pos, name string) (bool, error) {
	if b, ok := x.decided[name]; ok {
		return b, nil
	}
	definition, ok := x.conditions.Entry(name)
	if !ok {
		return false, fail(pos, fmt.Sprintf("the template has no condition %q", name), "declare it in Conditions")
	}
	if x.deciding[name] {
		return false, fail(definition.Key.Pos(), fmt.Sprintf("condition %q depends on itself", name), "break the circle")
	}
	x.deciding[name] = true
	defer delete(x.deciding, name)
	b, err := x.boolean(definition.Value)
	if err == nil {
		x.decided[name] = b
	}
	return b, err
}

// boolean evaluates an operand of a condition.
func (x *expander) boolean(v *tree.Value) (bool, error) {
	if err := x.grow(v.Pos(), 0); err != nil {
		return false, err
	}
	name, arg, _ := function(v)
	switch name {
	case "Condition":
		if s, ok := arg.Str(); ok {
			return x.condition(v.Pos(), s)
		}
		return false, badLayout(v, name)
	case "Fn::Not":
		if !arg.Is(tree.List) || arg.Len() != 1 {
			return false, badLayout(v, name)
		}
		b, err := x.boolean(arg.Items()[0])
		return !b, err
	case "Fn::And", "Fn::Or":
		if !arg.Is(tree.List) || arg.Len() < 2 || arg.Len() > 10 {
			return false, badLayout(v, name)
		}
		for _, operand := range arg.Items() {
			b, err := x.boolean(operand)
			if err != nil || b == (name == "Fn::Or") {
				return b, err
			}
		}
		return name == "Fn::And", nil
	case "Fn::Equals":
		return x.equals(v, arg)
	}
	resolved, err := x.resolve(v)
	if err != nil {
		return false, err
	}
	if s, ok := resolved.Str(); ok && strings.EqualFold(s, "false") {
		return false, nil
	}
	return resolved.Truthy(), nil
}

func (x *expander) equals(v, arg *tree.Value) (bool, error) {
	if !arg.Is(tree.List) || arg.Len() != 2 {
		return false, badLayout(v, "Fn::Equals")
	}
	var sides [2]string
	for i, side := range arg.Items() {
		resolved, err := x.resolve(side)
		if err != nil {
			return false, err
		}
		sides[i] = text(resolved)
	}
	return sides[0] == sides[1], nil
}

// text returns a value as CloudFormation writes it into a text.
func text(v *tree.Value) string {
	switch v.Kind() {
	case tree.Bool:
		return strconv.FormatBool(v.IsTrue())
	case tree.Null:
		return ""
	case tree.List:
		parts := make([]string, v.Len())
		for i, item := range v.Items() {
			parts[i] = item.Text()
		}
		return strings.Join(parts, ",")
	}
	return v.Text()
}

func (x *expander) toJSON(arg *tree.Value) (*tree.Value, error) {
	if !arg.Is(tree.Map, tree.List) {
		return nil, badLayout(arg, "Fn::ToJsonString")
	}
	resolved, err := x.resolve(arg)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	writeJSON(&b, resolved)
	return tree.NewString(arg.Pos(), b.String()), x.grow(arg.Pos(), b.Len())
}

func writeJSON(b *strings.Builder, v *tree.Value) {
	if b.Len() > tree.MaxSize {
		return
	}
	switch v.Kind() {
	case tree.List:
		b.WriteByte('[')
		for i, item := range v.Items() {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case tree.Map:
		b.WriteByte('{')
		for i, e := range v.Entries() {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, tree.NewString(e.Key.Pos(), e.Key.Text()))
			b.WriteByte(':')
			writeJSON(b, e.Value)
		}
		b.WriteByte('}')
	case tree.String:
		s, _ := v.Str()
		quoted, _ := json.Marshal(s) // a string always marshals
		b.Write(quoted)
	case tree.Null:
		b.WriteString("null")
	case tree.Bool:
		b.WriteString(strconv.FormatBool(v.IsTrue()))
	default:
		b.WriteString(v.Text())
	}
}
