package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// eventsWithoutOperation finds the events that give a function no more than a
// permission, for a route that the API does not have.
func eventsWithoutOperation(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		a := r.api
		if r.function == nil || a.rest == r.ofHTTP() {
			continue
		}
		if found, ok := r.mergedAsAny(); ok {
			all = append(all, found)
		}
		if r.isAdded() || !v.isWhole(a) || declares(a.definition, r) || a.takes(r) {
			continue
		}
		found := problem{
			pos: r.at, what: fmt.Sprintf("the definition of API %s has no %s", a.name(), r),
			why: "SAM adds no route to a definition of your own: it works locally, and is missing on AWS",
			fix: "in the Properties of " + a.name() + ":\nMergeDefinitions: true",
		}
		if !a.serverless || a.get("DefinitionUri").isSet() {
			found.fix = "add the operation to the definition"
		}
		if a.definition == nil {
			found.what = fmt.Sprintf("API %s has no %s", a.name(), r)
			found.why = "SAM adds no route to a raw API: it works locally, and is missing on AWS"
			found.fix = v.declaredBeside(r)
		}
		if !r.mounted {
			found.why = strings.Replace(found.why, "it works locally, and is missing on AWS", "it is missing on AWS, and here, too, since the template's first API resource is a raw one", 1)
		}
		all = append(all, found)
	}
	return all
}

// mergedAsAny is about an event that SAM merges under a name that is no method.
func (r *route) mergedAsAny() (problem, bool) {
	method := r.properties.get("Method")
	if !r.api.rest || r.api.managed || r.api.definition == nil || !r.isAdded() || !strings.EqualFold(method.written.Text(), "any") {
		return problem{}, false
	}
	return problem{
		pos: method.pos(), what: fmt.Sprintf("SAM merges %s into the definition of API %s as a method any", r, r.api.name()),
		why: "OpenAPI has no such method: it works locally, and is missing on AWS",
		fix: "Method: " + openapi.AnyMethod,
	}, true
}

// isAdded reports whether AWS has a route as it is declared. An event is no route of
// a raw API, nor of one with a definition of its own that SAM leaves as it is.
func (r *route) isAdded() bool {
	switch a := r.api; {
	case r.function == nil || a.managed:
		return true
	case !a.serverless:
		return false
	case a.rest:
		return a.get("MergeDefinitions").deployed.IsTrue()
	}
	return !r.api.inOtherFile()
}

// isWhole reports whether all that AWS has of an API with a definition of its own, or
// of a raw one, is known.
func (v *view) isWhole(a *api) bool {
	if a.definition != nil {
		return a.definition.Get("paths").Is(tree.Map)
	}
	for _, key := range []string{"Body", "BodyS3Location", "CloneFrom", "Target"} {
		if a.get(key).isSet() {
			return false
		}
	}
	isPart := func(r *resource) bool {
		return r.stack == a.stack && (r.kind == typeMethod && v.methodRoute(r) == nil || r.kind == typeHTTPRoute && !r.get("RouteKey").deployed.Is(tree.String))
	}
	return !a.serverless && !isFunction(a.whole.Get("Properties")) && !v.isLooped() && !slices.ContainsFunc(v.resources, isPart)
}

// takes reports whether one of an API's raw routes takes what an event declares.
func (a *api) takes(r *route) bool {
	return slices.ContainsFunc(a.all, func(other *route) bool {
		return other.function == nil && other.takes(r)
	})
}

// declaredBeside is how a raw API gets the route of an event: as its others are
// declared, or, where it has none, by being one of SAM's.
func (v *view) declaredBeside(r *route) string {
	a := r.api
	raw, kind, with := typeMethod, transform.API, "with a StageName and no other properties than that type has"
	if !a.rest {
		raw, kind, with = typeHTTPRoute, transform.HTTPAPI, "with no other properties than that type has"
	}
	if slices.ContainsFunc(v.resources, func(part *resource) bool { return part.kind == raw && part.stack == a.stack }) {
		return "declare the route as an " + raw + ", as the others are"
	}
	return fmt.Sprintf("make %s an %s, %s", a.name(), kind, with)
}

// matches reports whether a path takes another in.
func matches(path, other string) bool {
	if path == other || path == sam.DefaultPath || path == "/"+sam.DefaultPath {
		return true
	}
	pattern, err := pathpattern.Parse(path)
	return err == nil && pattern.Match(other)
}

// declares reports whether a document has a route's path and method, or a
// path that takes it in.
func declares(document *tree.Value, r *route) bool {
	return slices.ContainsFunc(document.Get("paths").Entries(), func(path tree.Entry) bool {
		name := path.Key.Text()
		if name == sam.DefaultPath || name == "/"+sam.DefaultPath {
			return true
		}
		return matches(name, r.path) && (isFunction(path.Value) || slices.ContainsFunc(path.Value.Entries(), func(op tree.Entry) bool {
			name := op.Key.Text()
			return strings.EqualFold(name, r.method) || strings.EqualFold(name, openapi.AnyMethod) || strings.EqualFold(name, "any")
		}))
	})
}
