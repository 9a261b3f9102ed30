package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6045 to CP6047: events whose routes one side takes and the other does not.
func eventRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6045", Name: "route-declared-twice", Severity: SeverityError,
		Title: "Two events declare the same method on the same path",
		Text:  "SAM refuses to deploy an API with a method that is \"defined multiple times\". SAM local mounts the later one without a word.",
		Fix:   "Remove one of the events, or change its path or method.",
		Since: "0.2.0",
	}, find: doubleRoutes}, {Info: Info{
		Code: "CP6046", Name: "event-without-operation", Severity: SeverityError,
		Title: "An event's route is missing from the API's own definition",
		Text: "Where a REST API has an OpenAPI document of its own, SAM adds nothing to it: an event gives no more than the permission to invoke the function. " +
			"SAM local mounts the event's route all the same; on AWS it gets 403 Missing Authentication Token.",
		Fix:   "Add the operation to the document, or set MergeDefinitions: true on the API.",
		Since: "0.2.0",
	}, find: eventsWithoutOperation}, {Info: Info{
		Code: "CP6047", Name: "event-of-other-kind", Severity: SeverityError,
		Title: "An event of type HttpApi names a REST API",
		Text: "SAM writes the route of an HttpApi event into an OpenAPI 3 document, and that of a REST API is Swagger: \"Invalid values or missing keys for 'openapi' or 'paths'\". It refuses to deploy the template. " +
			"SAM local mounts the route, and an event of type Api that names an HTTP API it refuses.",
		Fix:   "Write the event as one of the API's kind, or name the other API.",
		Since: "0.2.0",
	}, find: eventsOfOtherKind}}
}

func doubleRoutes(v *view) []problem {
	type key struct {
		api          *api
		method, path string
	}
	first := make(map[key]*route)
	var all []problem
	for _, r := range v.routes {
		if r.function == nil || !r.api.managed {
			continue
		}
		k := key{r.api, r.method, r.path}
		other := first[k]
		if other == nil {
			first[k] = r
			continue
		}
		if hasCondition(r.function) || hasCondition(other.function) {
			continue // one of them may be there at a time
		}
		all = append(all, problem{
			pos: r.at, what: fmt.Sprintf("%s is declared in line %d, too, for %s", r, other.at.Line, quote(other.function.id)),
			why: "SAM refuses to deploy it; SAM local calls the later one",
			fix: "remove one of the two events",
		})
	}
	return all
}

func hasCondition(r *resource) bool { return r.whole.Has("Condition") }

func eventsWithoutOperation(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		a := r.api
		if r.function == nil || !a.rest || r.ofHTTP() || a.managed || a.definition == nil || a.get("MergeDefinitions").deployed.IsTrue() {
			continue
		}
		if !a.definition.Get("paths").Is(tree.Map) || declares(a.definition, r) {
			continue
		}
		found := problem{
			pos: r.at, what: fmt.Sprintf("the definition of API %s has no %s", a.name(), r),
			why: "SAM adds no route to a definition of your own: it works locally, and is missing on AWS",
			fix: "in the Properties of " + a.name() + ":\nMergeDefinitions: true",
		}
		if a.get("DefinitionUri").isSet() {
			found.fix = "add the operation to the definition"
		}
		all = append(all, found)
	}
	return all
}

// ofHTTP reports whether an event of type HttpApi declares the route.
func (r *route) ofHTTP() bool {
	return r.function != nil && r.event.Value.Get("Type").EqualsString("HttpApi")
}

func eventsOfOtherKind(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		body := r.api.get("DefinitionBody").written
		if !r.ofHTTP() || !r.api.rest || !body.Get("paths").Is(tree.Map) || body.Has("openapi") {
			continue
		}
		all = append(all, problem{
			pos: r.at, what: fmt.Sprintf("event %s is of type HttpApi, and %s is a REST API", quote(r.event.Name()), r.api.name()),
			why: "SAM local serves it, and SAM refuses to deploy it",
			fix: fmt.Sprintf("Type: Api\nProperties:\n  RestApiId: !Ref %s\n  Path: %s\n  Method: %s", r.api.id, flowSafe(r.path), strings.ToLower(r.method)),
		})
	}
	return all
}

// declares reports whether a document has a route's path and method, or a
// path that takes it in.
func declares(document *tree.Value, r *route) bool {
	return slices.ContainsFunc(document.Get("paths").Entries(), func(path tree.Entry) bool {
		pattern, err := pathpattern.Parse(path.Key.Text())
		if path.Key.Text() != r.path && (err != nil || !pattern.Match(r.path)) {
			return false
		}
		return isFunction(path.Value) || slices.ContainsFunc(path.Value.Entries(), func(op tree.Entry) bool {
			name := op.Key.Text()
			return strings.EqualFold(name, r.method) || strings.EqualFold(name, openapi.AnyMethod) || strings.EqualFold(name, "any")
		})
	})
}
