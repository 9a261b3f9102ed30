package check

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6045 to CP6048: events whose routes one side takes and the other does not.
func eventRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6045", Name: "route-declared-twice", Severity: SeverityError,
		Title: "Two events declare the same method on the same path",
		Text:  "SAM refuses to deploy an API with a method that is \"defined multiple times\". SAM local mounts the later one without a word. Conditions of the functions make no difference: SAM evaluates none.",
		Fix:   "Remove one of the events, or change its path or method.",
		Since: "0.2.0",
	}, find: doubleRoutes, unconditional: true}, {Info: Info{
		Code: "CP6046", Name: "event-without-operation", Severity: SeverityError,
		Title: "An event's route is missing from its API on AWS",
		Text: "Where a REST API has an OpenAPI document of its own, SAM adds nothing to it: an event gives no more than the permission to invoke the function. " +
			"So it is with a raw API, AWS::ApiGateway::RestApi or AWS::ApiGatewayV2::Api, with a document or without. " +
			"SAM local mounts the event's route all the same, unless the template's first API resource is a raw one; on AWS it gets 403 Missing Authentication Token. To the document of an HTTP API SAM adds nothing where that is in another file, and the route gets 404.",
		Fix:   "Add the operation to the document, or set MergeDefinitions: true on the API. A raw API has no such property: declare the route as a resource beside it, or the API as one of SAM's.",
		Since: "0.2.0",
	}, find: eventsWithoutOperation}, {Info: Info{
		Code: "CP6047", Name: "event-of-other-kind", Severity: SeverityError,
		Title: "An event of type HttpApi names a REST API",
		Text: "SAM writes the route of an HttpApi event into an OpenAPI 3 document, and that of a REST API is Swagger: \"Invalid values or missing keys for 'openapi' or 'paths'\". It refuses to deploy the template. " +
			"SAM local mounts the route, and an event of type Api that names an HTTP API it refuses.",
		Fix:   "Write the event as one of the API's kind, or name the other API.",
		Since: "0.2.0",
	}, find: eventsOfOtherKind, unconditional: true}, {Info: Info{
		Code: "CP6048", Name: "event-auth-refused", Severity: SeverityError,
		Title: "SAM refuses what an event says in Auth",
		Text: "Authorizer: NONE, and ApiKeyRequired: false, turn off what the Auth of the API asks of all its events. Where it asks for nothing, SAM refuses to deploy the template: \"'NONE' is only a valid value when a DefaultAuthorizer on the API is specified\". " +
			"So it does where the authorizer is none of the API's. SAM local mounts the route in each case.",
		Fix: "Leave out what there is nothing to turn off; the route is open without it. Name an authorizer of the API. " +
			"Where the event is meant for another API, which has what it says, name that API.",
		Since: "0.2.0",
	}, find: refusedAuth, unconditional: true}}
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
		found := problem{
			pos: r.at, what: fmt.Sprintf("%s is declared in line %d, too, for %s", r, other.at.Line, quote(other.function.id)),
			why: "SAM refuses to deploy it; SAM local calls the later one",
			fix: "remove one of the two events",
		}
		switch machines := r.startsMachine() || other.startsMachine(); {
		case machines && !r.mounted && !other.mounted:
			found.why = "SAM refuses to deploy it; SAM local mounts neither"
		case machines:
			found.why = "SAM refuses to deploy it; SAM local mounts the function's alone"
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
			fix: fmt.Sprintf("Type: Api\nProperties:\n  RestApiId: !Ref %s\n  Path: %s\n  Method: %s%s", printable.Line(r.api.id), flowSafe(r.path), strings.ToLower(r.method), r.others("Auth", "Stage", "TimeoutInMillis")) + r.otherPayload(),
		})
	}
	return all
}

// otherPayload says what an HttpApi event's function gets, and has to answer, once the
// event is one of a REST API. That has the older payload alone.
func (r *route) otherPayload() string {
	if r.properties.get("PayloadFormatVersion").deployed.Text() == "1.0" {
		return ""
	}
	return "\n# the function then gets the payload of a REST API (httpMethod and path, as in version 1.0) in place of version 2.0, and has to answer with statusCode and body"
}

// others writes further properties that an event has, as lines.
func (r *route) others(names ...string) string {
	lines := ""
	for _, name := range names {
		v := r.properties.get(name).written
		if !v.Truthy() {
			continue
		}
		text, ok := v.Inline()
		if !ok {
			text = "… # as it is"
		}
		lines += "\n  " + name + ": " + text
	}
	return lines
}

// refusedAuth follows what SAM's translator checks of the events that it adds
// to a definition.
func refusedAuth(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if found, ok := r.refusedOverride(); ok {
			if v.isOpened(r) {
				found.fix = "take OverrideApiAuth out of Auth, and Auth, too, if nothing else is to be in it"
			}
			all = append(all, found)
			continue
		}
		if r.function == nil || !r.isAuthorized() {
			continue
		}
		own, auth := r.auth(), r.api.auth()
		authorizer := own.get("Authorizer")
		if !own.written.Is(tree.Absent, tree.Null, tree.Map) || own.deployed.Has("Fn::Transform") || isFunction(auth.deployed) || isFunction(auth.get("Authorizers").deployed) {
			continue // only AWS knows it
		}
		name, _ := authorizer.deployed.Str()
		hasDefault := auth.get("DefaultAuthorizer").deployed.Truthy()
		iam := name == "AWS_IAM" && (r.api.rest || auth.get("EnableIamAuthorizer").written.IsTrue())
		scopes := own.get("AuthorizationScopes")
		found := problem{pos: authorizer.pos(), why: "SAM refuses to deploy it; SAM local mounts the route"}
		if r.startsMachine() {
			found.why = "SAM refuses to deploy it"
		}
		switch key := own.get("ApiKeyRequired"); {
		case authorizer.deployed.Truthy() && authorizer.deployed.Is(tree.Map, tree.List):
			found.what = fmt.Sprintf("the Authorizer of %s is %s, not a name", r, authorizer.deployed.Kind())
			if isFunction(authorizer.deployed) {
				found.what = fmt.Sprintf("the Authorizer of %s is a function, which SAM does not resolve there", r)
			}
			if authorizer.local.Is(tree.Map, tree.List) && !r.startsMachine() && !v.options.SAM.DisableAuthorizer {
				found.why, found.refusal = notDeployed+", and SAM local does not start", authorizer.local.Pos()
			}
			found.fix = "write the authorizer's name, or take Authorizer out of the event for the default one"
		case name == "NONE" && !hasDefault:
			found.what = fmt.Sprintf("%s turns off a DefaultAuthorizer, and API %s has none", r, r.api.name())
			found.fix = v.meantFor(r, r.withoutKey("Authorizer"))
		case name != "" && name != "NONE" && !iam && !auth.get("Authorizers").deployed.Has(name):
			found.what = fmt.Sprintf("%s asks for authorizer %s, and API %s has no such", r, quote(name), r.api.name())
			found.fix = "declare it in Authorizers, below Auth of the API, or name one that is there"
			if name == "AWS_IAM" {
				found.fix = "in Auth of the API:\nEnableIamAuthorizer: true"
			}
			found.fix = v.meantFor(r, found.fix)
		case name == "" && !r.api.rest && own.deployed.Truthy() && !hasDefault:
			found.pos, found.what = own.pos(), fmt.Sprintf("Auth of %s names no Authorizer, and API %s has no DefaultAuthorizer", r, r.api.name())
			found.fix = v.meantFor(r, "name an authorizer of the API, or take Auth out of the event")
		case r.api.rest && !key.deployed.Is(tree.Absent, tree.Null) && !key.deployed.Truthy() && !auth.get("ApiKeyRequired").deployed.Truthy():
			found.pos, found.what = key.pos(), fmt.Sprintf("%s turns off ApiKeyRequired, and API %s does not have it", r, r.api.name())
			found.fix = v.meantFor(r, r.withoutKey("ApiKeyRequired"))
		case scopes.deployed.Truthy() && !scopes.deployed.Is(tree.List, tree.Map):
			found.pos, found.what = scopes.pos(), fmt.Sprintf("AuthorizationScopes of %s is %s, not a list", r, scopes.deployed.Kind())
			found.fix = fmt.Sprintf("AuthorizationScopes: [%s]", scopes.written.Text())
		case r.api.rest && name == "" && scopes.deployed.Truthy():
			found.pos, found.what = scopes.pos(), fmt.Sprintf("AuthorizationScopes of %s stand without an Authorizer", r)
			found.fix = "name the authorizer beside them, the default one too"
		default:
			continue
		}
		all = append(all, found)
	}
	return all
}

// isAuthorized reports whether SAM writes what an event says in Auth into the
// API's definition: where it adds the event, or is told to.
func (r *route) isAuthorized() bool {
	body := r.api.get("DefinitionBody").written.Truthy()
	switch {
	case r.ofHTTP() == r.api.rest:
		return false
	case r.api.managed, !r.api.rest && body:
		return true
	}
	return body && (r.api.get("MergeDefinitions").deployed.IsTrue() || r.auth().get("OverrideApiAuth").deployed.Truthy())
}

// refusedOverride looks for an OverrideApiAuth with nothing beside it.
func (r *route) refusedOverride() (problem, bool) {
	own := r.auth()
	override := own.get("OverrideApiAuth")
	if r.function == nil || r.ofHTTP() || !r.api.rest || !override.deployed.Truthy() || !r.api.managed && !r.api.get("DefinitionBody").written.Truthy() {
		return problem{}, false
	}
	for _, key := range []string{"Authorizer", "ApiKeyRequired", "ResourcePolicy"} {
		if own.get(key).deployed.Truthy() {
			return problem{}, false
		}
	}
	return problem{
		pos: override.pos(), what: fmt.Sprintf("OverrideApiAuth of %s stands without Authorizer, ApiKeyRequired and ResourcePolicy", r),
		why: "SAM refuses to deploy it; SAM local mounts the route", fix: r.withoutKey("OverrideApiAuth"),
	}, true
}

// withoutKey says how to take a key out of an event's Auth, with what SAM refuses
// without it. Nothing may be left of an Auth that is empty then.
func (r *route) withoutKey(key string) string {
	auth := r.auth().deployed
	taken, left := []string{key}, 0
	for _, e := range auth.Entries() {
		switch name := e.Name(); {
		case name == key:
		case name == "AuthorizationScopes" && (key == "Authorizer" || !auth.Has("Authorizer")),
			name == "ApiKeyRequired" && !e.Value.Truthy() && !r.api.auth().get(name).deployed.Truthy():
			taken = append(taken, name)
		case name != "OverrideApiAuth":
			left++
		}
	}
	if left == 0 || !r.api.rest {
		return "take Auth out of the event"
	}
	return "take " + and(taken) + " out of Auth"
}
