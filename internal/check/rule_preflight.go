package check

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6020 to CP6023: what stands in the way of a preflight.
func preflightRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6020", Name: "cors-without-definition", Severity: SeverityError,
		Title: "SAM cannot add CORS to a definition in another file",
		Text: "SAM adds preflights by writing into the API's OpenAPI document, for which that has to stand in the template: as DefinitionBody, or not at all. " +
			"With a DefinitionUri it refuses to deploy. SAM local applies the CORS setting all the same. A DefinitionBody that includes a file with AWS::Include is fine.",
		Fix:   "Move the document into DefinitionBody, or include it there; or remove the setting and write the OPTIONS methods into the document.",
		Since: "0.2.0",
	}, find: corsWithoutDefinition, unconditional: true}, {Info: Info{
		Code: "CP6021", Name: "authorizer-on-preflight", Severity: SeverityError,
		Title: "The default authorizer guards the preflights, too",
		Text: "SAM puts a REST API's DefaultAuthorizer on the OPTIONS methods that Cors adds, and on those of a DefinitionBody, unless told otherwise. A preflight never carries a token: AWS answers 401 or 403, and the browser reports a CORS error. " +
			"SAM local answers preflights before any authorizer.",
		Fix:   "Add AddDefaultAuthorizerToCorsPreflight: false beside DefaultAuthorizer.",
		Since: "0.2.0",
	}, find: authorizerOnPreflight}, {Info: Info{
		Code: "CP6022", Name: "api-key-on-preflight", Severity: SeverityError,
		Title: "The API key is required of preflights, too",
		Text: "SAM puts a REST API's ApiKeyRequired on the OPTIONS methods that Cors adds, and on those of a DefinitionBody, unless told otherwise. A preflight never carries X-Api-Key: AWS answers 403, and the browser reports a CORS error. " +
			"SAM local does not know API keys.",
		Fix:   "Add AddApiKeyRequiredToCorsPreflight: false beside ApiKeyRequired.",
		Since: "0.2.0",
	}, find: keyOnPreflight}, {Info: Info{
		Code: "CP6023", Name: "options-authorized", Severity: SeverityError,
		Title: "An OPTIONS method asks for authorization",
		Text: "A preflight never carries a token, a signature or a key. An OPTIONS method that wants one refuses every preflight on AWS. " +
			"So does a route for any method, where the function behind it is to answer the preflights.",
		Fix: "Leave the OPTIONS method open. Beside a route for any method add one, which goes before it. " +
			"Where SAM local runs the authorizer of the function's other methods on the path, give it a function of its own (CP6075).",
		Since: "0.2.0",
	}, find: authorizedOptions}}
}

func corsWithoutDefinition(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		a := p.api
		if p.form != formCors && p.form != formConfiguration || !a.inOtherFile() {
			continue
		}
		all = append(all, problem{
			pos: p.pos, what: "CORS is set, but API " + a.name() + " has a DefinitionUri",
			why: "SAM refuses to deploy it; SAM local does not mind",
			fix: a.included(),
		})
	}
	return all
}

// included is how the definition of an API that DefinitionUri names becomes a part of
// the template, so that SAM can write into it.
func (a *api) included() string {
	file, ok := a.get("DefinitionUri").written.Str()
	if !ok {
		file = "openapi.yaml"
	}
	return "in place of DefinitionUri:\nDefinitionBody:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: " + yamlWord(file) + "}}"
}

// inOtherFile reports whether the definition of an API of SAM's is no part of the
// template, so that SAM refuses a CORS setting. A DefinitionBody that includes a
// file is whole when SAM sees it: CloudFormation runs inner transforms before
// outer ones.
func (a *api) inOtherFile() bool {
	return a.serverless && !a.managed && !a.get("DefinitionBody").written.Truthy() && a.get("DefinitionUri").isSet()
}

// hasRESTCors reports whether SAM adds preflights to a REST API.
func (a *api) hasRESTCors() bool { return a.rest && a.serverless && a.get("Cors").isSet() }

func authorizerOnPreflight(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		name, guarded := a.defaultAuthorizer(), "the preflights of Cors"
		if !a.hasRESTCors() {
			guarded = a.guardedByDefault(func(g sam.Guard) bool { return g.Kind != sam.GuardKey })
		}
		if name == "" || name == "NONE" || guarded == "" || a.opensPreflights("AddDefaultAuthorizerToCorsPreflight") {
			continue
		}
		all = append(all, problem{
			pos: a.placeOf("AddDefaultAuthorizerToCorsPreflight", "DefaultAuthorizer"), what: fmt.Sprintf("authorizer %s guards %s, too", quote(name), guarded),
			why: "a preflight carries no token: AWS refuses it, SAM local does not",
			fix: "AddDefaultAuthorizerToCorsPreflight: false",
		})
	}
	return all
}

// guardedByDefault names the OPTIONS methods of an API's own document that ask for
// what is the default of its Auth, if that is of a kind.
func (a *api) guardedByDefault(kind func(sam.Guard) bool) string {
	var names []string
	for _, r := range a.all {
		if g := r.guard(); r.operation.local != nil && r.method == http.MethodOptions && g.Default && kind(g) {
			names = append(names, r.String())
		}
	}
	if names == nil {
		return ""
	}
	return firstOf(names, 2)
}

// guard is what AWS asks of the preflights that a route answers, as far as it is known.
func (r *route) guard() sam.Guard {
	if r.api.deployed == nil {
		return sam.Guard{}
	}
	p, ok := r.api.deployed.Preflight(r.path)
	if !ok || p.Method != r.method || p.Guard.Unsure {
		return sam.Guard{}
	}
	return p.Guard
}

func isFalse(v *tree.Value) bool { return v.Is(tree.Bool) && !v.IsTrue() }

func keyOnPreflight(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		guarded := "the preflights of Cors"
		if !a.hasRESTCors() {
			guarded = a.guardedByDefault(func(g sam.Guard) bool { return g.Kind == sam.GuardKey })
		}
		if !a.auth().get("ApiKeyRequired").deployed.Truthy() || guarded == "" || a.opensPreflights("AddApiKeyRequiredToCorsPreflight") {
			continue
		}
		all = append(all, problem{
			pos: a.placeOf("AddApiKeyRequiredToCorsPreflight", "ApiKeyRequired"), what: "ApiKeyRequired is for " + guarded + ", too",
			why: "a preflight carries no X-Api-Key: AWS refuses it, SAM local does not",
			fix: "AddApiKeyRequiredToCorsPreflight: false",
		})
	}
	return all
}

func authorizedOptions(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if r.method != http.MethodOptions {
			continue
		}
		if pos, what, fix := r.authorization(); what != "" {
			if v.asksLocally(r) && v.mixesOptions(r, "", r.path) {
				fix += "\n# and give it " + r.ownMount() + ", since " + oneAuthorizer
			}
			all = append(all, problem{pos: pos, what: r.String() + " " + what, why: "a preflight carries neither token nor key, and AWS refuses it", fix: fix})
		}
	}
	return append(all, v.guardedAnswers()...)
}

// namesCORS is what code has that sends CORS headers: their names, also as constants
// have them, and what frameworks call it, some of which do not say CORS.
var namesCORS = regexp.MustCompile(`access[-_]?control[-_]?allow|cors|@crossorigin|crossorigin(filter|handler)`)

// guardedAnswers finds functions that answer preflights themselves, behind a
// route for any method that asks for authorization. A CORS setting answers in
// their place; where there is none, only a function whose code names CORS is
// sure to be called by pages.
func (v *view) guardedAnswers() []problem {
	code := newCode(v)
	defer code.close()
	return v.eachAPI(func(r *route) bool {
		if r.guard().Kind == sam.GuardNone || r.method != "ANY" || r.function == nil || slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api && p.form != formMock }) {
			return false
		}
		_, answers := code.owned(r.function, namesCORS, func(place) bool { return true })
		return answers
	}, func(r *route, names []string) problem {
		locally := "SAM local calls the function"
		if v.asksLocally(r) {
			locally = "SAM local asks its authorizer, too"
		}
		return problem{
			pos: r.pos, what: "OPTIONS goes to " + firstOf(names, 2) + ", where authorization is asked for",
			why: "a preflight carries neither token nor key: AWS refuses it before the function answers; " + locally,
			fix: v.open(r, r.path),
		}
	})
}

// mostOpened is for how many paths OPTIONS is written out. The others are told
// once these are there.
const mostOpened = 10

// oneAuthorizer is why OPTIONS that asks for nothing is kept apart in SAM local.
const oneAuthorizer = "SAM local takes one authorizer for all of a function's methods on a path"

// mixesAdded reports whether SAM local would mix OPTIONS that is added beside a route
// with what is asked for there. It has the API's default for what says nothing of it.
func (v *view) mixesAdded(r *route, paths ...string) bool {
	authorizer := ""
	if !r.api.rest || r.opensInDefinition() {
		authorizer, _ = r.api.get("Auth", "DefaultAuthorizer").deployed.Str()
	}
	return v.mixesOptions(r, authorizer, paths...)
}

// mixesOptions reports whether SAM local would mix OPTIONS with an authorizer, "" for
// none, that the function of a route answers on paths, with what its other methods ask for.
func (v *view) mixesOptions(r *route, authorizer string, paths ...string) bool {
	return slices.ContainsFunc(v.Local.Guarded, func(g sam.Guarded) bool {
		return g.MixesOptions(authorizer) && slices.Contains(paths, g.Asked[0].Path) &&
			(r.function != nil && g.Function == r.function.id || slices.ContainsFunc(g.Asked, r.isAsked))
	})
}

// asksLocally reports whether SAM local runs the authorizer of a route.
func (v *view) asksLocally(r *route) bool {
	return slices.ContainsFunc(v.Local.Guarded, func(g sam.Guarded) bool {
		return slices.ContainsFunc(g.Asked, func(a sam.Asked) bool { return r.isAsked(a) && a.Authorizer != "" })
	})
}

func (r *route) isAsked(a sam.Asked) bool {
	return a.String() == r.String() && a.Source == sourceOf(r.at)
}

// ownMount is what keeps a route apart from the others of its function and path in SAM
// local.
func (r *route) ownMount() string {
	switch {
	case r.operation.local != nil:
		return "an operationId of its own"
	case r.function == nil:
		return "an OperationName of its own"
	}
	return "a function of its own"
}

// open is how the API of a route for any method gets routes for OPTIONS which ask for
// nothing. Where SAM local would mix them with what is asked for there, they are kept
// apart.
func (v *view) open(r *route, paths ...string) string {
	apart := v.mixesAdded(r, paths...)
	text := r.opened(apart, paths...)
	if apart && v.Local.CORS == nil { // by which SAM local would answer OPTIONS itself
		text += "\n# and in place of " + printable.Line(r.String()) + " declare each method that it is for, or SAM local may take that for OPTIONS"
	}
	return text
}

// opensInDefinition reports whether OPTIONS beside a route goes into the API's definition.
func (r *route) opensInDefinition() bool {
	return r.operation.local != nil || r.api.inOtherFile() || r.api.rest && !r.api.managed && !r.api.get("MergeDefinitions").deployed.IsTrue()
}

// opened is that where such a route is declared: events, an operation or a Route.
func (r *route) opened(apart bool, paths ...string) string {
	paths = paths[:min(len(paths), mostOpened)]
	var parts []string
	switch {
	case r.opensInDefinition():
		for _, path := range paths {
			parts = append(parts, "OPTIONS "+printable.Line(path))
		}
		text := "write " + and(parts) + " into the definition, with the integration of the other and without security"
		if apart {
			text += ", and with an operationId of its own, since " + oneAuthorizer
		}
		for _, of := range []string{"DefaultAuthorizer", "ApiKeyRequired"} {
			key := "Add" + of + "ToCorsPreflight"
			if r.api.rest && r.api.serverless && r.api.auth().get(of).deployed.Truthy() && !r.api.opensPreflights(key) {
				text += ", and beside " + of + "\n" + key + ": false"
			}
		}
		return text
	case r.function != nil:
		names := freeNames(r.function.get("Events").written, paths)
		for i, path := range paths {
			parts = append(parts, r.openEvent(names[i], path))
		}
		where := "below Events, beside the other"
		if apart {
			where = "below Events of another function, since " + oneAuthorizer
		}
		return where + ":\n" + strings.Join(parts, "\n")
	}
	api, _ := r.properties.get("ApiId").written.Inline()
	target, _ := r.properties.get("Target").written.Inline()
	names := freeNames(r.api.stack.Template.Get("Resources"), paths)
	for i, path := range paths {
		parts = append(parts, fmt.Sprintf("%s:\n  Type: %s\n  Properties:\n    ApiId: %s\n    RouteKey: %s\n    Target: %s", names[i], typeHTTPRoute, api, yamlWord("OPTIONS "+path), target))
		if apart {
			parts[i] += "\n    OperationName: " + names[i] + " # " + oneAuthorizer + " otherwise"
		}
	}
	return "below Resources:\n" + strings.Join(parts, "\n")
}

// freeNames returns names for the preflights of paths, which nothing has yet.
func freeNames(taken *tree.Value, paths []string) []string {
	names := make([]string, len(paths))
	for i, path := range paths {
		name := "Preflight"
		if path == "/" {
			name = "PreflightOfRoot"
		}
		names[i] = name
		for n := 2; taken.Has(names[i]) || slices.Contains(names[:i], names[i]); n++ {
			names[i] = name + strconv.Itoa(n)
		}
	}
	return names
}

// openEvent is an event for OPTIONS of the API of a route, which asks for
// nothing.
func (r *route) openEvent(name, path string) string {
	kind, key := "HttpApi", "ApiId"
	if r.api.rest {
		kind, key = "Api", "RestApiId"
	}
	lines := []string{name + ":", "  Type: " + kind, "  Properties:"}
	if !r.api.implicit {
		lines = append(lines, "    "+key+": !Ref "+printable.Line(r.api.id))
	}
	lines = append(lines, "    Path: "+printable.Line(path), "    Method: options")
	var open []string
	if auth := r.api.get("Auth"); r.api.rest { // of an HTTP API, SAM gives OPTIONS no default
		if auth.get("DefaultAuthorizer").isSet() {
			open = append(open, "Authorizer: NONE")
		}
		if auth.get("ApiKeyRequired").isSet() {
			open = append(open, "ApiKeyRequired: false")
		}
	}
	if len(open) > 0 {
		lines = append(lines, "    Auth: {"+strings.Join(open, ", ")+"}")
	}
	return strings.Join(lines, "\n")
}
