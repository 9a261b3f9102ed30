// Package langext expands CloudFormation's language extensions as SAM CLI
// does when it is told to: the loops of Fn::ForEach, Fn::Length and
// Fn::ToJsonString, and with them, before anything else, all functions that
// parameters alone decide.
package langext

import (
	"fmt"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const transformName = "AWS::LanguageExtensions"

// maxValues bounds how many values an expansion makes: loops in loops
// multiply.
const maxValues = 500_000

// An expander expands one template.
type expander struct {
	values                           map[string]*tree.Value
	parameters, mappings, conditions *tree.Value
	decided                          map[string]bool // conditions evaluated
	deciding                         map[string]bool // conditions under way
	made                             int
}

// Expand returns the template with its language extensions expanded, or the
// template itself if its Transform does not name them. The values are those
// of parameters that are given and of pseudo parameters. The error is a
// *tree.Error.
func Expand(template *tree.Value, values map[string]*tree.Value) (*tree.Value, error) {
	if !uses(template.Get("Transform")) {
		return template, nil
	}
	resources := template.Get("Resources")
	if !resources.Is(tree.Map) {
		return template, nil // refused later
	}
	x := &expander{
		values:     values,
		parameters: template.Get("Parameters"),
		mappings:   template.Get("Mappings"),
		decided:    make(map[string]bool),
		deciding:   make(map[string]bool),
	}
	expanded := tree.NewMap(template.Pos())
	for _, e := range template.Entries() {
		expanded.SetEntry(e.Key, e.Value)
	}
	var err error
	if x.conditions, err = x.section(template.Get("Conditions"), nil); err != nil {
		return nil, err
	}
	if resources, err = x.resources(resources); err != nil {
		return nil, err
	}
	if err := x.checkConditions(resources); err != nil {
		return nil, err
	}
	if resources, err = x.resolveResources(resources); err != nil {
		return nil, err
	}
	if x.conditions.Len() > 0 {
		expanded.Set("Conditions", x.conditions)
	}
	expanded.Set("Resources", resources)
	expanded.Delete("Outputs") // nothing in them answers requests
	return expanded, nil
}

func uses(transform *tree.Value) bool {
	if transform.EqualsString(transformName) {
		return true
	}
	for _, item := range transform.Items() {
		if item.EqualsString(transformName) {
			return true
		}
	}
	return false
}

// resources expands the loops among resources and those at the top of their
// properties.
func (x *expander) resources(section *tree.Value) (*tree.Value, error) {
	looped, err := x.section(section, nil)
	if err != nil {
		return nil, err
	}
	result := tree.NewMap(section.Pos())
	for _, e := range looped.Entries() {
		resource := e.Value
		if properties := resource.Get("Properties"); properties.Is(tree.Map) {
			expanded, err := x.section(properties, nil)
			if err != nil {
				return nil, err
			}
			changed := tree.NewMap(resource.Pos())
			for _, p := range resource.Entries() {
				changed.SetEntry(p.Key, p.Value)
			}
			changed.Set("Properties", expanded)
			resource = changed
		}
		result.SetEntry(e.Key, resource)
	}
	return result, nil
}

// checkConditions refuses conditions that depend on themselves, and resources
// with conditions that the template does not have.
func (x *expander) checkConditions(resources *tree.Value) error {
	for _, e := range x.conditions.Entries() {
		if _, err := x.condition(e.Key.Pos(), e.Name()); err != nil {
			return err
		}
	}
	for _, e := range resources.Entries() {
		name, ok := e.Value.Get("Condition").Str()
		if ok && !x.conditions.Has(name) {
			return fail(e.Value.Get("Condition").Pos(), fmt.Sprintf("resource %q has a Condition %q that the template does not have", e.Name(), name), "declare it in Conditions")
		}
	}
	return nil
}

// resolveResources resolves functions in resources. What a resource with a
// false condition refers to need not exist.
func (x *expander) resolveResources(resources *tree.Value) (*tree.Value, error) {
	result := tree.NewMap(resources.Pos())
	for _, e := range resources.Entries() {
		value, err := x.resolve(e.Value)
		if err != nil {
			name, ok := e.Value.Get("Condition").Str()
			if exists := x.decided[name]; !ok || exists {
				return nil, err
			}
			value = e.Value
		}
		result.SetEntry(e.Key, withoutNoValue(value))
	}
	return result, nil
}

// withoutNoValue removes AWS::NoValue and nulls from maps and lists, but not
// from the arguments of functions.
func withoutNoValue(v *tree.Value) *tree.Value {
	switch v.Kind() {
	case tree.List:
		list := tree.NewList(v.Pos())
		for _, item := range v.Items() {
			if !isNoValue(item) {
				list.Append(withoutNoValue(item))
			}
		}
		return list
	case tree.Map:
		_, _, isFunction := function(v)
		result := tree.NewMap(v.Pos())
		for _, e := range v.Entries() {
			if isFunction || !isNoValue(e.Value) {
				result.SetEntry(e.Key, withoutNoValue(e.Value))
			}
		}
		return result
	}
	return v
}

func isNoValue(v *tree.Value) bool {
	return v.Is(tree.Null) || v.Len() == 1 && v.Get("Ref").EqualsString("AWS::NoValue")
}

func fail(pos tree.Pos, what, fix string) error {
	return &tree.Error{Pos: pos, What: what, Why: "SAM CLI refuses the template", Fix: fix}
}

// grow counts the values made; 64 bytes of text count as one.
func (x *expander) grow(pos tree.Pos, bytes int) error {
	if x.made += 1 + bytes/64; x.made > maxValues {
		return fail(pos, fmt.Sprintf("the template's loops and functions make more than %d values", maxValues), "loop over fewer items")
	}
	return nil
}
