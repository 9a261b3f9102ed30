// Package intrinsic resolves CloudFormation's intrinsic functions as SAM CLI
// does before it looks for APIs: Ref, Fn::Sub, Fn::If and the like, from
// parameters and from names made up, without asking AWS.
//
// What cannot be resolved stays as written. Where SAM CLI deviates from
// CloudFormation, this package deviates with it: conditions on resources are
// not looked at, Ref of any resource is its logical id, and the second
// AWS::NoValue of a template is an error.
package intrinsic

import "github.com/corsproxy/corsproxy/internal/sam/tree"

// maxDepth bounds conditions that depend on themselves.
const maxDepth = 400

// A Budget bounds the work done for a template and all that it includes, so
// that none can keep a reader busy. A usual template takes a few thousand
// steps.
type Budget struct{ left int }

// NewBudget returns a budget for one application.
func NewBudget() *Budget { return &Budget{left: 4 * tree.MaxValues} }

// spend takes n steps. It returns false when there are none left.
func (b *Budget) spend(n int) bool {
	b.left -= n
	return b.left >= 0
}

// Err returns an error once the budget is spent. The place is that of the
// template.
func (b *Budget) Err(pos tree.Pos) error {
	if b.left >= 0 {
		return nil
	}
	return &tree.Error{
		Pos:  pos,
		What: "resolving the template's functions takes too many steps",
		Why:  "maps, lists or conditions multiply each other",
		Fix:  "include less, and use fewer functions within functions",
	}
}

// A Resolver resolves the functions of one template. It is not safe for
// concurrent use.
type Resolver struct {
	resources, parameters, mappings, conditions *tree.Value

	values   map[string]*tree.Value
	include  func(location string) *tree.Value
	budget   *Budget
	deployed bool // resolve as CloudFormation does
	depth    int
}

// New returns a resolver for a template. The values are those of parameters
// and pseudo parameters; see [Values]. For Fn::Transform's AWS::Include it
// calls include, which returns nil where there is no such file.
func New(template *tree.Value, values map[string]*tree.Value, include func(location string) *tree.Value, b *Budget) *Resolver {
	section := func(name string) *tree.Value {
		if v := template.Get(name); v != nil {
			return v
		}
		return tree.NewMap(tree.Pos{})
	}
	return &Resolver{
		resources:  section("Resources"),
		parameters: section("Parameters"),
		mappings:   section("Mappings"),
		conditions: section("Conditions"),
		values:     values,
		include:    include,
		budget:     b,
	}
}

// AsDeployed makes the resolver resolve as CloudFormation does when it
// deploys, where SAM CLI does not: of Fn::If only the branch taken counts,
// what is AWS::NoValue is removed from maps and lists, and an index may be a
// string.
func (r *Resolver) AsDeployed() *Resolver {
	r.deployed = true
	return r
}

// Resources returns the template's resources with all functions resolved that
// can be. The error says that the template asks for too much.
func (r *Resolver) Resources() (*tree.Value, error) {
	resolved := tree.NewMap(r.resources.Pos())
	for _, e := range r.resources.Entries() {
		value, ok := r.resolve(e.Value)
		if !ok {
			value = e.Value
		}
		key := e.Key
		if t, ok := r.translation(e.Name(), "Ref"); ok && t.Truthy() && t.Is(tree.String) {
			key = t // a resource with a parameter's name goes by the parameter's value
		}
		resolved.SetEntry(key, value)
	}
	return resolved, r.budget.Err(r.resources.Pos())
}

// Resolve returns v with all functions resolved, or v itself if it cannot be.
func (r *Resolver) Resolve(v *tree.Value) *tree.Value {
	if resolved, ok := r.resolve(v); ok {
		return resolved
	}
	return v
}

// Condition evaluates a condition of the template. The second result is false
// where it cannot be.
func (r *Resolver) Condition(name string) (value, ok bool) {
	return r.namedCondition(tree.NewString(tree.Pos{}, name))
}

// charge counts what a function returns as if it was written there: what it
// refers to may be large, and referred to often.
func (r *Resolver) charge(v *tree.Value) bool {
	if !r.budget.spend(1) {
		return false
	}
	for _, item := range v.Items() {
		if !r.charge(item) {
			return false
		}
	}
	for _, e := range v.Entries() {
		if !r.charge(e.Value) {
			return false
		}
	}
	return true
}

// resolve returns the value of v. The result is false where SAM CLI raises
// an exception; the closest map around then keeps its value as written.
func (r *Resolver) resolve(v *tree.Value) (*tree.Value, bool) {
	if !r.budget.spend(1) || r.depth > maxDepth {
		return nil, false
	}
	r.depth++
	defer func() { r.depth-- }()
	switch v.Kind() {
	case tree.Absent, tree.Null:
		return v, r.deployed
	case tree.List:
		return r.resolveList(v)
	case tree.Map:
		if v.Len() > 0 {
			return r.resolveMap(v)
		}
	}
	return v, true
}

func (r *Resolver) resolveList(v *tree.Value) (*tree.Value, bool) {
	items := make([]*tree.Value, 0, v.Len())
	for _, item := range v.Items() {
		resolved, ok := r.resolve(item)
		if !ok {
			return nil, false
		}
		if !r.deployed || !resolved.Is(tree.Null) {
			items = append(items, resolved)
		}
	}
	return tree.NewList(v.Pos(), items...), true
}

// resolveMap calls the function that a map's first key names. In a map
// without one each value is resolved on its own; those under keys that are no
// strings are not.
func (r *Resolver) resolveMap(v *tree.Value) (*tree.Value, bool) {
	first := v.Entries()[0]
	if result, isFunction, ok := r.call(first.Name(), first.Value); isFunction {
		return result, ok && r.charge(result)
	}
	resolved := tree.NewMap(v.Pos())
	for _, e := range v.Entries() {
		value := e.Value
		if e.Key.Is(tree.String) || r.deployed {
			if result, ok := r.resolve(e.Value); ok {
				value = result
			}
		}
		if r.deployed && value.Is(tree.Null) {
			continue
		}
		resolved.SetEntry(e.Key, value)
	}
	return resolved, true
}

// call calls a function. An argument's place is the result's, so that what a
// function makes can be found in the template.
func (r *Resolver) call(name string, arg *tree.Value) (result *tree.Value, isFunction, ok bool) {
	switch name {
	case "Ref":
		result, ok = r.ref(arg)
	case "Fn::Sub":
		result, ok = r.sub(arg)
	case "Fn::GetAtt":
		result, ok = r.getAtt(arg)
	case "Fn::Join":
		result, ok = r.join(arg)
	case "Fn::Split":
		result, ok = r.split(arg)
	case "Fn::Select":
		result, ok = r.selectItem(arg)
	case "Fn::FindInMap":
		result, ok = r.findInMap(arg)
	case "Fn::Base64":
		result, ok = r.base64(arg)
	case "Fn::Transform":
		result, ok = r.transform(arg)
	case "Fn::If":
		result, ok = r.ifElse(arg)
	case "Fn::Equals":
		result, ok = r.equals(arg)
	case "Fn::Not":
		result, ok = r.not(arg)
	case "Fn::And":
		result, ok = r.andOr(arg, false)
	case "Fn::Or":
		result, ok = r.andOr(arg, true)
	case "Fn::ImportValue", "Fn::GetAZs":
		// The one needs AWS; on the other, a list of zones, nothing depends
		// that answers requests.
	default:
		return nil, false, false
	}
	return result, true, ok
}
