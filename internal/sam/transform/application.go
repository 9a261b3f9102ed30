package transform

import (
	"fmt"

	"github.com/corsproxy/corsproxy/internal/sam/intrinsic"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// checkApplications resolves the ids and versions of applications from the
// Serverless Application Repository, as far as SAM does so this early: by
// Ref of a parameter and by Fn::FindInMap.
func checkApplications(template *tree.Value, values map[string]*tree.Value) error {
	none := func(string) *tree.Value { return nil }
	resolver := intrinsic.New(template, values, none, intrinsic.NewBudget())
	for _, e := range template.Get("Resources").Entries() {
		location := e.Value.Get("Properties").Get("Location")
		if !e.Value.Get("Type").EqualsString(Application) || !location.Is(tree.Map) {
			continue
		}
		for _, name := range []string{"ApplicationId", "SemanticVersion"} {
			v := location.Get(name)
			ref, _ := v.Get("Ref").Str()
			if values[ref] != nil || v.Has("Fn::FindInMap") {
				location.Set(name, resolver.Resolve(v))
			}
		}
	}
	return nil
}

// checkLocation refuses applications whose place is not known.
func checkLocation(e tree.Entry, properties *tree.Value) error {
	fail := func(at *tree.Value, what, fix string) error {
		return &tree.Error{Pos: posOf(at, e.Key), What: fmt.Sprintf("application %q ", e.Name()) + what, Why: refused, Fix: fix}
	}
	location, ok := properties.Entry("Location")
	if !ok {
		return fail(nil, "has no Location", `write the path of its template: "Location: ./child/template.yaml"`)
	}
	if !location.Value.Is(tree.Map) {
		return nil
	}
	for _, name := range []string{"ApplicationId", "SemanticVersion"} {
		switch v := location.Value.Get(name); {
		case !v.Truthy():
			return fail(location.Key, "has a Location without "+name, "add it, or write the path of a template")
		case v.Is(tree.Map):
			return fail(v, "has "+name+" that cannot be resolved", "write it out, or use !Ref of a parameter with a Default or !FindInMap")
		case !v.Is(tree.String):
			return fail(v, "has "+name+" that is "+v.Kind().String()+", not a string", "put it in quotes")
		}
	}
	return nil
}
