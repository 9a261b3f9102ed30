package sam

import "github.com/corsproxy/corsproxy/internal/sam/tree"

// Translated returns a property as SAM's translator sees it, which goes by what
// is written, and resolves references to the template's parameters alone. Any
// other function is a map to it, and true. What is resolved is the same
// property as CloudFormation resolves it.
func Translated(template, written, resolved *tree.Value) *tree.Value {
	switch {
	case isParameter(template, written):
		return resolved
	case isFunction(written) || !written.Is(tree.Map):
		return written
	}
	seen := tree.NewMap(written.Pos())
	for _, e := range written.Entries() {
		seen.SetEntry(e.Key, Translated(template, e.Value, resolved.Get(e.Name())))
	}
	return seen
}

// isParameter reports whether v is a reference to a parameter.
func isParameter(template, v *tree.Value) bool {
	name, _ := v.Get("Ref").Str()
	return isFunction(v) && template.Get("Parameters").Has(name)
}
