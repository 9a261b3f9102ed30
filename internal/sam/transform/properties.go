package transform

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A shape is what a property may be. SAM checks no more than this; what is
// inside is for CloudFormation to refuse.
type shape struct {
	kinds    []tree.Kind // nil is anything
	items    []tree.Kind // of a list; nil is anything
	values   []tree.Kind // of a map, whose keys are then strings; nil is anything
	required bool
	literal  bool // no function may stand for it
	words    []string
}

func one(kinds ...tree.Kind) shape { return shape{kinds: kinds} }

func (s shape) must() shape  { s.required = true; return s }
func (s shape) plain() shape { s.literal = true; return s }

func lists(items ...tree.Kind) shape { return shape{kinds: []tree.Kind{tree.List}, items: items} }
func maps(values ...tree.Kind) shape { return shape{kinds: []tree.Kind{tree.Map}, values: values} }

var (
	anything = shape{}
	text     = one(tree.String)
	object   = one(tree.Map)
	boolean  = one(tree.Bool)
	list     = one(tree.List)
	integer  = one(tree.Int, tree.Bool)
	either   = one(tree.String, tree.Map)
	texts    = lists(tree.String, tree.Map)
	anyKind  = []tree.Kind{tree.Null, tree.Bool, tree.Int, tree.Float, tree.String, tree.List, tree.Map}
)

var logicalID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// checkProperties refuses SAM resources with a property that SAM does not
// know, that is of another kind than it must be, or that is missing.
func checkProperties(resources *tree.Value) error {
	for _, e := range resources.Entries() {
		kind, _ := e.Value.Get("Type").Str()
		known, ok := resourceTypes[kind]
		if !ok {
			continue
		}
		if !logicalID.MatchString(e.Name()) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("logical id %q has other characters than letters and digits", e.Name()),
				Why:  refused,
				Fix:  "rename the resource",
			}
		}
		if err := checkResource(e, kind, known); err != nil {
			return err
		}
	}
	return nil
}

func checkResource(e tree.Entry, kind string, known map[string]shape) error {
	properties := e.Value.Get("Properties")
	if kind == Application {
		if err := checkLocation(e, properties); err != nil {
			return err
		}
	}
	if kind == Function || kind == StateMachine {
		if err := checkPolicies(e.Name(), properties.Get("Policies")); err != nil {
			return err
		}
	}
	for _, p := range properties.Entries() {
		s, ok := known[p.Name()]
		if !ok {
			return &tree.Error{
				Pos:  p.Key.Pos(),
				What: fmt.Sprintf("resource %q has a property %q, which %s does not have", e.Name(), p.Key.Text(), kind),
				Why:  refused,
				Fix:  cmp.Or(corsOfOtherKind(strings.TrimPrefix(kind, serverless), p.Name()), suggest(p.Name(), known)),
			}
		}
		if !s.accepts(p.Value) {
			at, what := s.offender(p.Value)
			fix := "it must be " + s.String()
			if kind == API && p.Name() == "Cors" { // of an HTTP API true allows any origin
				fix += `: Cors: "'*'" allows any origin; leave Cors out to allow none`
			}
			return &tree.Error{
				Pos:  at.Pos(),
				What: fmt.Sprintf("property %q of %q %s", p.Name(), e.Name(), what),
				Why:  refused,
				Fix:  fix,
			}
		}
	}
	for _, name := range requiredOf(known) {
		if properties.Get(name).Is(tree.Absent, tree.Null) {
			return &tree.Error{
				Pos:  e.Key.Pos(),
				What: fmt.Sprintf("resource %q (%s) has no %s", e.Name(), kind, name),
				Why:  refused,
				Fix:  "add it to its Properties",
			}
		}
	}
	return nil
}

// namesOf returns the keys of a map in order.
func namesOf[V any](m map[string]V) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func requiredOf(known map[string]shape) []string {
	var names []string
	for name, s := range known {
		if s.required {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// suggest returns the known property that name is a spelling of, if any.
func suggest(name string, known map[string]shape) string {
	if near := nearest(name, namesOf(known)); near != "" {
		return fmt.Sprintf("write %q", near)
	}
	return "remove it, or check its spelling and indentation"
}

// accepts reports whether v has the shape. A null counts as absent.
func (s shape) accepts(v *tree.Value) bool {
	switch {
	case s.kinds == nil || v.Is(tree.Null):
		return true
	case !s.literal && v.Is(tree.Map) && v.Len() == 1:
		return true // taken for a function
	}
	at, _ := s.offender(v)
	return at == nil
}

// offender returns what in v does not have the shape, and says so.
func (s shape) offender(v *tree.Value) (at *tree.Value, what string) {
	switch {
	case !v.Is(s.kinds...):
		return v, "is " + v.Kind().String()
	case s.words != nil && v.Is(tree.String) && !slices.ContainsFunc(s.words, v.EqualsString):
		return v, fmt.Sprintf("is %q", v.Text())
	}
	if s.items != nil {
		for _, item := range v.Items() {
			if !item.Is(s.items...) {
				return item, "holds " + item.Kind().String()
			}
		}
	}
	if s.values != nil {
		for _, e := range v.Entries() {
			switch {
			case !e.Key.Is(tree.String):
				return e.Key, fmt.Sprintf("has a key that is %s, %s", e.Key.Kind(), e.Key.Text())
			case !e.Value.Is(s.values...):
				return e.Key, fmt.Sprintf("holds %q, which is %s", e.Name(), e.Value.Kind())
			}
		}
	}
	return nil, ""
}

// String returns what the property must be: "a string or a map".
func (s shape) String() string {
	if s.words != nil {
		return "one of " + strings.Join(s.words, ", ")
	}
	var names []string
	for _, k := range s.kinds {
		if k == tree.Bool && slices.Contains(s.kinds, tree.Int) {
			continue // Python takes booleans for integers
		}
		name := k.String()
		switch {
		case k == tree.List && s.items != nil:
			name += " of strings"
		case k == tree.Map && len(s.values) == 1:
			name += ", in which each key is a string and each value " + s.values[0].String()
		}
		names = append(names, name)
	}
	return strings.Join(names, " or ")
}
