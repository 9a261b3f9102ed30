package langext

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const (
	forEach    = "Fn::ForEach::"
	maxNesting = 5 // CloudFormation's limit
)

// section returns a map with the loops in it expanded. The outer identifiers
// are those of the loops around.
func (x *expander) section(v *tree.Value, outer []string) (*tree.Value, error) {
	if !v.Is(tree.Map) {
		return v, nil
	}
	result := tree.NewMap(v.Pos())
	for _, e := range v.Entries() {
		if !strings.HasPrefix(e.Name(), forEach) {
			result.SetEntry(e.Key, e.Value)
			continue
		}
		if err := x.loop(result, e, outer); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// loop adds what a loop produces to result.
func (x *expander) loop(result *tree.Value, e tree.Entry, outer []string) error {
	layout := fail(e.Key.Pos(), fmt.Sprintf("%s is not laid out as a loop", e.Name()), "write a list of three: an identifier, a collection and a map of what to repeat")
	if len(outer) == maxNesting {
		return fail(e.Key.Pos(), fmt.Sprintf("loops nest deeper than %d levels", maxNesting), "loop over fewer collections")
	}
	if !e.Value.Is(tree.List) || e.Value.Len() != 3 {
		return layout
	}
	identifier, _ := e.Value.Items()[0].Str()
	body := e.Value.Items()[2]
	if identifier == "" || !body.Is(tree.Map) {
		return layout
	}
	name := strings.TrimPrefix(e.Name(), forEach)
	if x.parameters.Has(identifier) || x.parameters.Has(name) || slices.Contains(outer, identifier) {
		return fail(e.Key.Pos(), fmt.Sprintf("%s has the name, or the identifier %q, of a parameter or of a loop around it", e.Name(), identifier), "rename it")
	}
	items, err := x.collection(e, e.Value.Items()[1])
	if err != nil {
		return err
	}
	inner := append(slices.Clone(outer), identifier)
	for _, item := range items {
		repeated, err := x.substitute(body, identifier, text(item))
		if err != nil {
			return err
		}
		if repeated, err = x.section(repeated, inner); err != nil {
			return err
		}
		for _, r := range repeated.Entries() {
			if result.Has(r.Name()) && r.Key.Is(tree.String) {
				return fail(r.Key.Pos(), fmt.Sprintf("%s makes %q a second time", e.Name(), r.Name()), fmt.Sprintf("put ${%s} into its name", identifier))
			}
			result.SetEntry(r.Key, r.Value)
		}
	}
	return nil
}

var dynamicReference = regexp.MustCompile(`(?i)\{\{resolve:(?:ssm|ssm-secure|secretsmanager):[^}]+\}\}`)

// collection returns what a loop goes over.
func (x *expander) collection(e tree.Entry, v *tree.Value) ([]*tree.Value, error) {
	if known := v.Items(); v.Is(tree.List) {
		for _, item := range known {
			if err := checkLocal(e, item); err != nil {
				return nil, err
			}
		}
		return known, nil
	}
	if err := checkLocal(e, v); err != nil {
		return nil, err
	}
	resolved, err := x.resolve(v)
	if err != nil {
		return nil, err
	}
	if s, ok := resolved.Str(); ok && strings.Contains(s, ",") {
		return splitList(resolved.Pos(), s), nil
	}
	if !resolved.Is(tree.List) {
		return nil, fail(v.Pos(), fmt.Sprintf("the collection of %s is %s, not a list", e.Name(), resolved.Kind()), "write a list, or !Ref of a parameter of type CommaDelimitedList")
	}
	return resolved.Items(), nil
}

// checkLocal refuses a collection that only AWS can tell.
func checkLocal(e tree.Entry, v *tree.Value) error {
	name, _, _ := function(v)
	s, _ := v.Str()
	if name == "Fn::GetAtt" || name == "Fn::ImportValue" || dynamicReference.MatchString(s) {
		return fail(v.Pos(), fmt.Sprintf("the collection of %s is known to AWS alone", e.Name()), "use a parameter of type CommaDelimitedList, and give it with --parameter-overrides")
	}
	return nil
}

var notAlphanumeric = regexp.MustCompile(`[^a-zA-Z0-9]`)

// substitute returns a copy of a loop's body with an item in place of the
// identifier: ${Name}, &{Name} for its letters and digits alone, and
// {"Ref": Name}.
func (x *expander) substitute(v *tree.Value, identifier, item string) (*tree.Value, error) {
	s, _ := v.Str()
	size := len(s) + strings.Count(s, "{"+identifier+"}")*len(item)
	if err := x.grow(v.Pos(), size); err != nil {
		return nil, err
	}
	switch v.Kind() {
	case tree.String:
		s = strings.ReplaceAll(s, "${"+identifier+"}", item)
		s = strings.ReplaceAll(s, "&{"+identifier+"}", notAlphanumeric.ReplaceAllString(item, ""))
		return tree.NewString(v.Pos(), s), nil
	case tree.List:
		list := tree.NewList(v.Pos())
		for _, i := range v.Items() {
			copied, err := x.substitute(i, identifier, item)
			if err != nil {
				return nil, err
			}
			list.Append(copied)
		}
		return list, nil
	case tree.Map:
		if v.Len() == 1 && v.Get("Ref").EqualsString(identifier) {
			return tree.NewString(v.Pos(), item), nil
		}
		result := tree.NewMap(v.Pos())
		for _, e := range v.Entries() {
			key, err := x.substitute(e.Key, identifier, item)
			if err != nil {
				return nil, err
			}
			value, err := x.substitute(e.Value, identifier, item)
			if err != nil {
				return nil, err
			}
			result.SetEntry(key, value)
		}
		return result, nil
	}
	return v, nil
}
