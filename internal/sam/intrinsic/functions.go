package intrinsic

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// list resolves a function's argument to a list of at least n items.
func (r *Resolver) list(arg *tree.Value, n int) ([]*tree.Value, bool) {
	v, ok := r.resolve(arg)
	if !ok || !v.Is(tree.List) || v.Len() < n {
		return nil, false
	}
	return v.Items(), true
}

// exactly is list for functions that count their arguments.
func (r *Resolver) exactly(arg *tree.Value, n int) ([]*tree.Value, bool) {
	items, ok := r.list(arg, n)
	return items, ok && len(items) == n
}

// str resolves a value, which must be a string.
func (r *Resolver) str(v *tree.Value) (string, bool) {
	v, ok := r.resolve(v)
	if !ok {
		return "", false
	}
	return v.Str()
}

func (r *Resolver) ref(arg *tree.Value) (*tree.Value, bool) {
	id, ok := r.str(arg)
	if !ok {
		return nil, false
	}
	return r.symbol(arg.Pos(), id, "Ref", false)
}

func (r *Resolver) getAtt(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.exactly(arg, 2)
	if !ok {
		return nil, false
	}
	id, ok1 := r.str(args[0])
	attribute, ok2 := r.str(args[1])
	if !ok1 || !ok2 {
		return nil, false
	}
	return r.symbol(arg.Pos(), id, attribute, false)
}

// variables are what Fn::Sub takes for a variable: a pseudo parameter, or a
// name with at most one dot. ${!Literal} is none.
var variables = regexp.MustCompile(`\$\{(AWS::.*?||[a-zA-Z0-9]*?\.?[a-zA-Z0-9]*?)\}`)

func (r *Resolver) sub(arg *tree.Value) (*tree.Value, bool) {
	text, own, ok := r.subArguments(arg)
	if !ok {
		return nil, false
	}
	done := make(map[string]bool)
	guess := false
	for _, m := range variables.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if done[name] {
			continue
		}
		done[name] = true
		if s, isText := own.Str(); isText && strings.Contains(s, name) {
			return nil, false // Python looks for the name in the text, and then for its value
		}
		value, ok := r.variable(arg.Pos(), name, own)
		if !ok {
			return nil, false
		}
		guess = guess || value.IsGuess()
		replacement := value.Text()
		if strings.Contains(replacement, `\`) {
			return nil, false
		}
		size := len(text) + strings.Count(text, m[0])*len(replacement)
		if !r.budget.spend(size/64) || size > tree.MaxSize {
			return nil, false
		}
		text = strings.ReplaceAll(text, m[0], replacement)
	}
	return newText(arg.Pos(), text, guess), true
}

// newText returns a text that a function makes, which is a guess where one of
// its parts is.
func newText(pos tree.Pos, text string, guess bool) *tree.Value {
	v := tree.NewString(pos, text)
	if guess {
		return v.AsGuess()
	}
	return v
}

// variable returns the value of a variable of Fn::Sub. SAM CLI looks one that
// is given with it up once more, as a name.
func (r *Resolver) variable(pos tree.Pos, name string, own *tree.Value) (*tree.Value, bool) {
	if v := own.Get(name); v != nil {
		text, ok := v.Str()
		if !ok || r.deployed {
			return v, ok
		}
		name = text
	}
	id, attribute := name, "Ref"
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		id, attribute = name[:i], name[i+1:]
	}
	return r.symbol(pos, id, attribute, true)
}

// subArguments returns the text of Fn::Sub and the variables given with it.
func (r *Resolver) subArguments(arg *tree.Value) (text string, own *tree.Value, ok bool) {
	if text, ok := arg.Str(); ok {
		return text, nil, true
	}
	if arg.Kind() != tree.List || arg.Len() != 2 || !arg.Items()[1].Is(tree.Map) {
		return "", nil, false
	}
	text, ok1 := r.str(arg.Items()[0])
	own, ok2 := r.resolve(arg.Items()[1])
	return text, own, ok1 && ok2 && own.Is(tree.Map, tree.String)
}

func (r *Resolver) join(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.list(arg, 2)
	if !ok {
		return nil, false
	}
	delimiter, ok1 := args[0].Str()
	items, ok2 := r.list(args[1], 0)
	if !ok1 || !ok2 {
		return nil, false
	}
	parts := make([]string, len(items))
	size, guess := 0, args[0].IsGuess()
	for i, item := range items {
		part, _ := r.resolve(item)
		if parts[i], ok = part.Str(); !ok {
			return nil, false
		}
		guess = guess || part.IsGuess()
		if size += len(parts[i]) + len(delimiter); size > tree.MaxSize {
			return nil, false
		}
	}
	if !r.budget.spend(size / 64) {
		return nil, false
	}
	return newText(arg.Pos(), strings.Join(parts, delimiter), guess), true
}

func (r *Resolver) split(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.list(arg, 2)
	if !ok {
		return nil, false
	}
	delimiter, ok1 := args[0].Str()
	whole, _ := r.resolve(args[1])
	source, ok2 := whole.Str()
	if !ok1 || !ok2 || delimiter == "" {
		return nil, false
	}
	if !r.budget.spend(strings.Count(source, delimiter)) {
		return nil, false
	}
	parts := strings.Split(source, delimiter)
	items := make([]*tree.Value, len(parts))
	for i, part := range parts {
		items[i] = newText(arg.Pos(), part, whole.IsGuess())
	}
	return tree.NewList(arg.Pos(), items...), true
}

func (r *Resolver) selectItem(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.list(arg, 2)
	if !ok {
		return nil, false
	}
	index, ok1 := args[0].Int()
	if s, ok := args[0].Str(); ok && r.deployed {
		n, err := strconv.ParseInt(s, 10, 64)
		index, ok1 = n, err == nil
	}
	items, ok2 := r.list(args[1], 0)
	if !ok1 || !ok2 || args[0].Is(tree.Bool) || index < 0 || index >= int64(len(items)) {
		return nil, false
	}
	for i, item := range items {
		if items[i], ok = r.resolve(item); !ok {
			return nil, false
		}
	}
	return items[index], true
}

func (r *Resolver) findInMap(arg *tree.Value) (*tree.Value, bool) {
	args, ok := r.exactly(arg, 3)
	if !ok {
		return nil, false
	}
	found, guess := r.mappings, false
	for _, a := range args {
		key, ok := r.str(a)
		if !ok {
			return nil, false
		}
		found, guess = found.Get(key), guess || a.IsGuess()
	}
	if guess {
		found = found.AsGuess()
	}
	return found, !found.Is(tree.Absent, tree.Null)
}

func (r *Resolver) base64(arg *tree.Value) (*tree.Value, bool) {
	v, _ := r.resolve(arg)
	s, ok := v.Str()
	if !ok {
		return nil, false
	}
	return newText(arg.Pos(), base64.StdEncoding.EncodeToString([]byte(s)), v.IsGuess()), true
}

// transform includes a file where the macro AWS::Include is called.
func (r *Resolver) transform(arg *tree.Value) (*tree.Value, bool) {
	if name, ok := r.str(arg.Get("Name")); !ok || name != "AWS::Include" {
		return nil, false
	}
	location, ok := r.str(arg.Get("Parameters").Get("Location"))
	if !ok {
		return nil, false
	}
	included := r.include(location)
	return included, included != nil
}
