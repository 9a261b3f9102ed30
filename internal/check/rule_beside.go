package check

import (
	"fmt"
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6008: what stands beside Properties in place of in it.
func besideRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6008", Name: "key-beside-properties", Severity: SeverityError,
		Title: "A property stands outside of Properties",
		Text: "Events, Cors, CorsConfiguration and Auth are properties: of one of SAM's resources, and of an event, they count within Properties alone. " +
			"What stands beside it, which takes no more than a wrong indentation, SAM and SAM local pass over without a word: the route, the CORS setting or the authorizer is missing on both sides.",
		Fix:   "Move it into Properties.",
		Since: "0.2.0",
	}, find: besideProperties}}
}

// propertiesOf are the properties of SAM's resources that bear on routes and on who
// may call them.
var propertiesOf = map[string][]string{
	transform.Function:     {"Events", "FunctionUrlConfig"},
	transform.StateMachine: {"Events"},
	transform.API:          {"Cors", "Auth", "DefinitionBody", "DefinitionUri", "GatewayResponses"},
	transform.HTTPAPI:      {"CorsConfiguration", "Auth", "DefinitionBody", "DefinitionUri"},
}

func besideProperties(v *view) []problem {
	var all []problem
	find := func(owner string, whole *tree.Value, properties []string) {
		for _, e := range whole.Entries() {
			if !slices.Contains(properties, e.Name()) {
				continue
			}
			why := "SAM and SAM local pass over it without a word"
			if (e.Name() == "Path" || e.Name() == "Method") && !whole.Get("Properties").Has(e.Name()) {
				why = "SAM and SAM CLI refuse the template"
			}
			all = append(all, problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("%s of %s stands outside of its Properties", e.Name(), owner),
				why: why, fix: "move it into Properties",
			})
		}
	}
	for _, r := range v.resources {
		if !v.sees(r) || hasMacro(r.stack.Template) { // which may look there
			continue
		}
		find(quote(r.id), r.whole, propertiesOf[r.kind])
		for _, e := range r.get("Events").written.Entries() {
			if kind, _ := e.Value.Get("Type").Str(); e.Value.Get("Properties").Is(tree.Map) && slices.Contains(propertiesOf[r.kind], "Events") {
				find(fmt.Sprintf("event %s of %s", quote(e.Name()), quote(r.id)), e.Value, eventProperties[kind])
			}
		}
	}
	return all
}
