package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6067 and CP6068: APIs that no event belongs to.
func meantRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6067", Name: "rest-api-without-routes", Severity: SeverityError,
		Title: "A REST API has no route",
		Text: "CloudFormation does not deploy a REST API without methods: \"The REST API doesn't contain any methods\". Most often an event was meant for it: one of type Api without RestApiId belongs to an API that SAM adds, ServerlessRestApi, whose settings are those of Globals alone. " +
			"SAM local serves such events all the same.",
		Fix:   "Name the API in the Properties of each event: RestApiId: !Ref MyApi. Or take the API out of the template.",
		Since: "0.2.0",
	}, find: func(v *view) []problem { return v.withoutRoutes(true) }}, {Info: Info{
		Code: "CP6068", Name: "http-api-without-routes", Severity: SeverityWarning,
		Title: "An HTTP API has no route, and events belong to none",
		Text: "An event of type HttpApi without ApiId belongs to an API that SAM adds, ServerlessHttpApi, whose settings are those of Globals alone. The API that the template declares is deployed without routes, " +
			"and what is set for it, such as CorsConfiguration, counts for nothing.",
		Fix:   "Name the API in the Properties of each event: ApiId: !Ref MyApi. Or take the API out of the template.",
		Since: "0.2.0",
	}, find: func(v *view) []problem { return v.withoutRoutes(false) }}}
}

// withoutRoutes finds the APIs of one kind to which nothing belongs: REST APIs, and
// HTTP APIs while events belong to the implicit one.
func (v *view) withoutRoutes(rest bool) []problem {
	if v.isLooped() {
		return nil
	}
	var all []problem
	for _, a := range v.apis {
		if a.rest != rest || !a.serverless || !a.managed || a.implicit || a.absent || len(a.all) > 0 || v.isUsed(a) {
			continue
		}
		if found, ok := v.forgotten(a); ok {
			all = append(all, found)
		} else if rest {
			all = append(all, problem{
				pos: a.key, other: true, what: fmt.Sprintf("API %s has no route", a.name()),
				why: "CloudFormation refuses a REST API without methods" + v.unlessRefused("; SAM local passes over it"),
				fix: "in the Properties of an event of type Api:\nRestApiId: !Ref " + printable.Line(a.id),
			})
		}
	}
	return all
}

// unlessRefused returns what is true where SAM local starts.
func (v *view) unlessRefused(text string) string {
	if v.Refused != nil {
		return ""
	}
	return text
}

// isLooped reports whether a template has loops that are not expanded, whose
// resources are not known.
func (v *view) isLooped() bool {
	return slices.ContainsFunc(v.resources, func(r *resource) bool { return strings.HasPrefix(r.id, "Fn::ForEach::") })
}

// forgotten is about an API without routes where events belong to the implicit one,
// that may be meant for it.
func (v *view) forgotten(a *api) (found problem, ok bool) {
	id, key := transform.ImplicitHTTP, "ApiId"
	if a.rest {
		id, key = transform.ImplicitREST, "RestApiId"
	}
	implicit := v.api(a.stack, id)
	if implicit == nil || !implicit.implicit {
		return problem{}, false
	}
	m := v.moveTo(a, implicit)
	names, _ := m.names()
	if len(names) == 0 || len(v.idle(a)) > 1 || implicit.isNamed(key) {
		return problem{}, false
	}
	found = problem{
		pos: a.key, other: true, what: fmt.Sprintf("API %s has no route, and %s have no %s", a.name(), firstOf(names, 2), key),
		why: "they belong to " + id + ", which has none of its settings; CloudFormation refuses a REST API without methods" + v.unlessRefused(", and SAM local starts"),
	}
	if found.fix, ok = m.fix(""); !ok {
		found.fix = fmt.Sprintf("in the events that are meant for it, which are then called by whom it lets in:\n%s: !Ref %s\nif none is, take it out of the template", key, printable.Line(a.id))
	}
	if len(names) == 1 {
		found.what = fmt.Sprintf("API %s has no route, and %s has no %s", a.name(), names[0], key)
		found.why = strings.Replace(found.why, "they belong", "it belongs", 1)
	}
	if !a.rest {
		found.why, _, _ = strings.Cut(found.why, ";")
	}
	return found, true
}

// idle returns the APIs of an API's stack and kind that SAM writes the definition
// of, and that have no route.
func (v *view) idle(of *api) []*api {
	var all []*api
	for _, a := range v.apis {
		if a.rest == of.rest && a.stack == of.stack && a.serverless && a.managed && !a.implicit && len(a.all) == 0 {
			all = append(all, a)
		}
	}
	return all
}

// isUsed reports whether something adds routes to an API that are none of the
// view's: a raw resource, or an event or function whose condition is false.
func (v *view) isUsed(a *api) bool {
	return slices.ContainsFunc(v.resources, func(r *resource) bool {
		if r.stack != a.stack || r.id == a.id {
			return false
		}
		switch r.kind {
		case transform.Function, transform.StateMachine:
			return slices.ContainsFunc(r.get("Events").written.Entries(), func(e tree.Entry) bool {
				properties := e.Value.Get("Properties")
				return referred(properties.Get("RestApiId"), "") == a.id || referred(properties.Get("ApiId"), "") == a.id
			})
		case typeMethod, typeResource, typeHTTPRoute:
			return referred(r.get("RestApiId").written, "") == a.id || referred(r.get("ApiId").written, "") == a.id
		}
		return false
	})
}

// isNamed reports whether an event names the implicit API itself, and means it.
func (a *api) isNamed(key string) bool {
	return slices.ContainsFunc(a.all, func(r *route) bool {
		return r.function != nil && r.properties.get(key).pos() != r.event.Value.Pos()
	})
}
