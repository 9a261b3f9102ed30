package langext

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// function takes a call of a function apart: a map of one key, {"Ref": x} or
// {"Fn::Sub": x}.
func function(v *tree.Value) (name string, arg *tree.Value, ok bool) {
	if !v.Is(tree.Map) || v.Len() != 1 {
		return "", nil, false
	}
	e := v.Entries()[0]
	name = e.Name()
	if name != "Ref" && name != "Condition" && !strings.HasPrefix(name, "Fn::") {
		return "", nil, false
	}
	return name, e.Value, true
}

// resolve resolves the functions that parameters alone decide. What depends
// on resources stays as it is.
func (x *expander) resolve(v *tree.Value) (*tree.Value, error) {
	if err := x.grow(v.Pos(), 0); err != nil {
		return nil, err
	}
	if name, arg, ok := function(v); ok {
		return x.call(v, name, arg)
	}
	switch v.Kind() {
	case tree.List:
		list := tree.NewList(v.Pos())
		for _, item := range v.Items() {
			resolved, err := x.resolve(item)
			if err != nil {
				return nil, err
			}
			list.Append(resolved)
		}
		return list, nil
	case tree.Map:
		result := tree.NewMap(v.Pos())
		for _, e := range v.Entries() {
			resolved, err := x.resolve(e.Value)
			if err != nil {
				return nil, err
			}
			result.SetEntry(e.Key, resolved)
		}
		return result, nil
	}
	return v, nil
}

func (x *expander) call(v *tree.Value, name string, arg *tree.Value) (*tree.Value, error) {
	switch name {
	case "Ref":
		return x.ref(v, arg)
	case "Fn::If":
		return x.ifElse(arg)
	case "Fn::Sub":
		return x.sub(arg)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Condition":
		b, err := x.boolean(v)
		return tree.NewBool(v.Pos(), b), err
	case "Fn::ToJsonString":
		return x.toJSON(arg)
	case "Fn::FindInMap":
		return x.findInMap(arg)
	}
	resolved, err := x.resolve(arg)
	if err != nil {
		return nil, err
	}
	unresolved := tree.NewIntrinsic(v.Pos(), name, resolved)
	switch name {
	case "Fn::Join":
		return x.join(unresolved, resolved)
	case "Fn::Split":
		return x.split(unresolved, resolved)
	case "Fn::Select":
		return x.selectItem(unresolved, resolved)
	case "Fn::Length":
		return x.length(unresolved, resolved)
	case "Fn::Base64":
		if s, ok := resolved.Str(); ok {
			return tree.NewString(v.Pos(), base64.StdEncoding.EncodeToString([]byte(s))), nil
		}
	}
	return unresolved, nil
}

func badLayout(v *tree.Value, name string) error {
	return fail(v.Pos(), name+" does not have the arguments it needs", "check its list of arguments")
}

// isCall reports whether v is a function that is not resolved.
func isCall(v *tree.Value) bool {
	_, _, ok := function(v)
	return ok
}

// lookup returns the value of a parameter or pseudo parameter, or nil.
func (x *expander) lookup(name string) *tree.Value {
	if v := x.values[name]; v != nil {
		return v
	}
	if d := x.parameters.Get(name).Get("Default"); !d.Is(tree.Absent, tree.Null) {
		return d
	}
	return nil
}

func (x *expander) ref(v, arg *tree.Value) (*tree.Value, error) {
	name, ok := arg.Str()
	if !ok {
		return nil, badLayout(v, "Ref")
	}
	value := x.lookup(name)
	if value == nil {
		return v, nil
	}
	kind, _ := x.parameters.Get(name).Get("Type").Str()
	if s, ok := value.Str(); ok && (kind == "CommaDelimitedList" || strings.Contains(kind, "List<")) {
		return tree.NewList(v.Pos(), splitList(v.Pos(), s)...), nil
	}
	return value, nil
}

func splitList(pos tree.Pos, s string) []*tree.Value {
	var items []*tree.Value
	for item := range strings.SplitSeq(s, ",") {
		items = append(items, tree.NewString(pos, strings.TrimSpace(item)))
	}
	return items
}

var placeholder = regexp.MustCompile(`\$\{([^}]+)\}`)

func (x *expander) sub(arg *tree.Value) (*tree.Value, error) {
	template, ok := arg.Str()
	var own *tree.Value
	if arg.Is(tree.List) {
		if arg.Len() != 2 || !arg.Items()[1].Is(tree.Map) {
			return nil, badLayout(arg, "Fn::Sub")
		}
		var err error
		if own, err = x.resolve(arg.Items()[1]); err != nil {
			return nil, err
		}
		template, ok = arg.Items()[0].Str()
	}
	if !ok {
		return nil, badLayout(arg, "Fn::Sub")
	}
	var tooMuch error
	result := placeholder.ReplaceAllStringFunc(template, func(found string) string {
		name := found[2 : len(found)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		value := own.Get(name)
		if value == nil && !strings.Contains(name, ".") {
			value = x.lookup(name)
		}
		if value == nil || tooMuch != nil {
			return found
		}
		s := text(value)
		tooMuch = x.grow(arg.Pos(), len(s))
		return s
	})
	if tooMuch != nil {
		return nil, tooMuch
	}
	if strings.Contains(result, "${") {
		// The rest is for the functions that come later.
		return tree.NewIntrinsic(arg.Pos(), "Fn::Sub", tree.NewString(arg.Pos(), result)), nil
	}
	return tree.NewString(arg.Pos(), result), nil
}

func (x *expander) join(unresolved, args *tree.Value) (*tree.Value, error) {
	if !args.Is(tree.List) || args.Len() != 2 {
		return nil, badLayout(args, "Fn::Join")
	}
	delimiter, items := args.Items()[0], args.Items()[1]
	if isCall(delimiter) || isCall(items) {
		return unresolved, nil
	}
	d, ok := delimiter.Str()
	if !ok || !items.Is(tree.List) {
		return nil, badLayout(args, "Fn::Join")
	}
	var parts []string
	for _, item := range items.Items() {
		if isCall(item) {
			return unresolved, nil
		}
		parts = append(parts, text(item))
		if err := x.grow(args.Pos(), len(parts[len(parts)-1])+len(d)); err != nil {
			return nil, err
		}
	}
	return tree.NewString(args.Pos(), strings.Join(parts, d)), nil
}

func (x *expander) split(unresolved, args *tree.Value) (*tree.Value, error) {
	if !args.Is(tree.List) || args.Len() != 2 {
		return nil, badLayout(args, "Fn::Split")
	}
	delimiter, ok1 := args.Items()[0].Str()
	source, ok2 := args.Items()[1].Str()
	switch {
	case isCall(args.Items()[1]):
		return unresolved, nil
	case !ok1 || !ok2 || delimiter == "":
		return nil, badLayout(args, "Fn::Split")
	}
	list := tree.NewList(args.Pos())
	for part := range strings.SplitSeq(source, delimiter) {
		if err := x.grow(args.Pos(), len(part)); err != nil {
			return nil, err
		}
		list.Append(tree.NewString(args.Pos(), part))
	}
	return list, nil
}

func (x *expander) selectItem(unresolved, args *tree.Value) (*tree.Value, error) {
	if !args.Is(tree.List) || args.Len() != 2 {
		return nil, badLayout(args, "Fn::Select")
	}
	index, items := args.Items()[0], args.Items()[1]
	if isCall(index) || isCall(items) {
		return unresolved, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(index.Text()))
	if err != nil || !items.Is(tree.List) || n < 0 || n >= items.Len() {
		return nil, badLayout(args, "Fn::Select")
	}
	return items.Items()[n], nil
}

func (x *expander) length(unresolved, arg *tree.Value) (*tree.Value, error) {
	switch {
	case arg.Is(tree.List):
		return tree.NewInt(arg.Pos(), int64(arg.Len())), nil
	case isCall(arg):
		return unresolved, nil
	}
	return nil, badLayout(arg, "Fn::Length")
}

func (x *expander) findInMap(arg *tree.Value) (*tree.Value, error) {
	if !arg.Is(tree.List) || arg.Len() < 3 {
		return nil, badLayout(arg, "Fn::FindInMap")
	}
	found := x.mappings
	resolved := tree.NewList(arg.Pos())
	isResolved := true
	for _, key := range arg.Items()[:3] {
		k, err := x.resolve(key)
		if err != nil {
			return nil, err
		}
		resolved.Append(k)
		name, ok := k.Str()
		if !ok && !isCall(k) {
			return nil, badLayout(arg, "Fn::FindInMap")
		}
		isResolved = isResolved && ok
		found = found.Get(name)
	}
	resolved.Append(arg.Items()[3:]...)
	switch {
	case !isResolved:
		return tree.NewIntrinsic(arg.Pos(), "Fn::FindInMap", resolved), nil
	case !found.Is(tree.Absent, tree.Null):
		return found, nil
	case arg.Len() > 3 && arg.Items()[3].Has("DefaultValue"):
		return x.resolve(arg.Items()[3].Get("DefaultValue"))
	}
	return nil, fail(arg.Pos(), fmt.Sprintf("Fn::FindInMap finds nothing under %s", resolved.Text()), "add the keys to Mappings, or a fourth argument {DefaultValue: …}")
}
