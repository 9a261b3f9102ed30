package intrinsic

import "github.com/corsproxy/corsproxy/internal/sam/tree"

func (r *Resolver) ifElse(arg *tree.Value) (*tree.Value, bool) {
	if r.deployed {
		return r.taken(arg)
	}
	args, ok := r.exactly(arg, 3)
	if !ok {
		return nil, false
	}
	// To SAM CLI both branches must resolve, whichever is taken.
	then, ok1 := r.resolve(args[1])
	otherwise, ok2 := r.resolve(args[2])
	if !ok1 || !ok2 {
		return nil, false
	}
	condition, ok := r.namedCondition(args[0])
	if !ok {
		return nil, false
	}
	if condition {
		return then, true
	}
	return otherwise, true
}

// taken returns the branch that CloudFormation takes.
func (r *Resolver) taken(arg *tree.Value) (*tree.Value, bool) {
	if arg.Kind() != tree.List || arg.Len() != 3 {
		return nil, false
	}
	condition, ok := r.namedCondition(arg.Items()[0])
	if !ok {
		return nil, false
	}
	if condition {
		return r.resolve(arg.Items()[1])
	}
	return r.resolve(arg.Items()[2])
}

// namedCondition evaluates the condition of the template that v names.
func (r *Resolver) namedCondition(v *tree.Value) (value, ok bool) {
	name, ok := v.Str()
	if !ok {
		return false, false
	}
	definition := r.conditions.Get(name)
	if !definition.Is(tree.Map) {
		return false, false
	}
	return r.boolean(definition)
}

// boolean resolves v to a boolean.
func (r *Resolver) boolean(v *tree.Value) (value, ok bool) {
	v, ok = r.resolve(v)
	return v.IsTrue(), ok && v.Is(tree.Bool)
}

// operand evaluates an operand of Fn::And, Fn::Or or Fn::Not, which may be
// {"Condition": name}.
func (r *Resolver) operand(v *tree.Value) (value, ok bool) {
	if name, isCondition := v.Entry("Condition"); isCondition {
		return r.namedCondition(name.Value)
	}
	return r.boolean(v)
}

func (r *Resolver) not(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.exactly(arg, 1)
	if !ok {
		return nil, false
	}
	value, ok := r.operand(args[0])
	return tree.NewBool(arg.Pos(), !value), ok
}

// andOr evaluates Fn::And, or Fn::Or, whose outcome the first operand decides
// that equals or.
func (r *Resolver) andOr(arg *tree.Value, or bool) (*tree.Value, bool) {
	args, ok := r.list(arg, 0)
	if !ok {
		return nil, false
	}
	for _, a := range args {
		value, ok := r.operand(a)
		if !ok {
			return nil, false
		}
		if value == or {
			return tree.NewBool(arg.Pos(), or), true
		}
	}
	return tree.NewBool(arg.Pos(), !or), true
}

func (r *Resolver) equals(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.exactly(arg, 2)
	if !ok {
		return nil, false
	}
	a, ok1 := r.resolve(args[0])
	b, ok2 := r.resolve(args[1])
	if !ok1 || !ok2 || r.deployed && (a.IsGuess() || b.IsGuess()) {
		return nil, false
	}
	return tree.NewBool(arg.Pos(), tree.Equal(a, b)), true
}
