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
		Text: "SAM puts a REST API's DefaultAuthorizer on the OPTIONS methods that Cors adds, unless told otherwise. A preflight never carries a token: AWS answers 401 or 403, and the browser reports a CORS error. " +
			"SAM local answers preflights before any authorizer.",
		Fix:   "Add AddDefaultAuthorizerToCorsPreflight: false beside DefaultAuthorizer.",
		Since: "0.2.0",
	}, find: authorizerOnPreflight}, {Info: Info{
		Code: "CP6022", Name: "api-key-on-preflight", Severity: SeverityError,
		Title: "The API key is required of preflights, too",
		Text: "SAM puts a REST API's ApiKeyRequired on the OPTIONS methods that Cors adds, unless told otherwise. A preflight never carries X-Api-Key: AWS answers 403, and the browser reports a CORS error. " +
			"SAM local does not know API keys.",
		Fix:   "Add AddApiKeyRequiredToCorsPreflight: false beside ApiKeyRequired.",
		Since: "0.2.0",
	}, find: keyOnPreflight}, {Info: Info{
		Code: "CP6023", Name: "options-authorized", Severity: SeverityError,
		Title: "An OPTIONS method asks for authorization",
		Text: "A preflight never carries a token, a signature or a key. An OPTIONS method that wants one refuses every preflight on AWS. " +
			"So does a route for any method, where the function behind it is to answer the preflights.",
		Fix:   "Leave the OPTIONS method open. Beside a route for any method add one, which goes before it.",
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
		file, ok := a.get("DefinitionUri").written.Str()
		if !ok {
			file = "openapi.yaml"
		}
		all = append(all, problem{
			pos: p.pos, what: "CORS is set, but API " + a.name() + " has a DefinitionUri",
			why: "SAM refuses to deploy it; SAM local does not mind",
			fix: "in place of DefinitionUri:\nDefinitionBody:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: " + yamlWord(file) + "}}",
		})
	}
	return all
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
		name := a.defaultAuthorizer()
		if name == "" || !a.hasRESTCors() || a.opensPreflights("AddDefaultAuthorizerToCorsPreflight") {
			continue
		}
		all = append(all, problem{
			pos: a.placeOf("AddDefaultAuthorizerToCorsPreflight", "DefaultAuthorizer"), what: fmt.Sprintf("authorizer %s guards the preflights of Cors, too", quote(name)),
			why: "a preflight carries no token: AWS refuses it, SAM local does not",
			fix: "AddDefaultAuthorizerToCorsPreflight: false",
		})
	}
	return all
}

func isFalse(v *tree.Value) bool { return v.Is(tree.Bool) && !v.IsTrue() }

func keyOnPreflight(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		if !a.auth().get("ApiKeyRequired").deployed.Truthy() || !a.hasRESTCors() || a.opensPreflights("AddApiKeyRequiredToCorsPreflight") {
			continue
		}
		all = append(all, problem{
			pos: a.placeOf("AddApiKeyRequiredToCorsPreflight", "ApiKeyRequired"), what: "ApiKeyRequired is for the preflights of Cors, too",
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
			all = append(all, problem{pos: pos, what: r.String() + " " + what, why: "a preflight carries neither token nor key, and AWS refuses it", fix: fix})
		}
	}
	return append(all, v.guardedAnswers()...)
}

var namesCORS = regexp.MustCompile(`access-control-allow|cors`)

// guardedAnswers finds functions that answer preflights themselves, behind a
// route for any method that asks for authorization. A CORS setting answers in
// their place; where there is none, only a function whose code names CORS is
// sure to be called by pages.
func (v *view) guardedAnswers() []problem {
	code := newCode(v)
	defer code.close()
	return v.eachAPI(func(r *route) bool {
		if r.api.deployed == nil || r.method != "ANY" || r.function == nil || slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api && p.form != formMock }) {
			return false
		}
		p, ok := r.api.deployed.Preflight(r.path)
		asks := ok && p.Method == "ANY" && p.Guard.Kind != sam.GuardNone && !p.Guard.Unsure
		if !asks {
			return false
		}
		_, answers := code.owned(r.function, namesCORS, func(place) bool { return true })
		return answers
	}, func(r *route, names []string) problem {
		return problem{
			pos: r.pos, what: "OPTIONS goes to " + firstOf(names, 2) + ", where authorization is asked for",
			why: "a preflight carries neither token nor key: AWS refuses it before the function answers; SAM local calls the function",
			fix: r.open(r.path),
		}
	})
}

// mostOpened is for how many paths OPTIONS is written out. The others are told
// once these are there.
const mostOpened = 10

// open is how the API of a route for any method gets routes for OPTIONS which ask for
// nothing: where that is declared, events, an operation or a Route.
func (r *route) open(paths ...string) string {
	paths = paths[:min(len(paths), mostOpened)]
	var parts []string
	switch {
	case r.operation.local != nil || r.api.inOtherFile() || r.api.rest && !r.api.managed && !r.api.get("MergeDefinitions").deployed.IsTrue():
		for _, path := range paths {
			parts = append(parts, "OPTIONS "+printable.Line(path))
		}
		return "write " + and(parts) + " into the definition, with the integration of the other and without security"
	case r.function != nil:
		names := freeNames(r.function.get("Events").written, paths)
		for i, path := range paths {
			parts = append(parts, r.openEvent(names[i], path))
		}
		return "below Events, beside the other:\n" + strings.Join(parts, "\n")
	}
	api, _ := r.properties.get("ApiId").written.Inline()
	target, _ := r.properties.get("Target").written.Inline()
	names := freeNames(r.api.stack.Template.Get("Resources"), paths)
	for i, path := range paths {
		parts = append(parts, fmt.Sprintf("%s:\n  Type: %s\n  Properties:\n    ApiId: %s\n    RouteKey: %s\n    Target: %s", names[i], typeHTTPRoute, api, yamlWord("OPTIONS "+path), target))
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

// authorization says what a route asks for, or "".
func (r *route) authorization() (pos tree.Pos, what, fix string) {
	if r.operation.local != nil {
		security := r.operation.get("security")
		for _, item := range security.local.Items() {
			if item.Len() > 0 && !item.Has("NONE") {
				fix = "security: []"
				if r.api.rest && r.api.get("Auth", "DefaultAuthorizer").isSet() {
					fix = "security: [{NONE: []}]" // an empty one gets the default
				}
				return security.pos(), "asks for " + quote(item.Entries()[0].Key.Text()), fix
			}
		}
		return pos, "", ""
	}
	if r.function == nil {
		kind := r.properties.get("AuthorizationType")
		if name, ok := kind.deployed.Str(); ok && name != "NONE" {
			return kind.pos(), "asks for " + name, "AuthorizationType: NONE"
		}
		if key := r.properties.get("ApiKeyRequired"); key.deployed.IsTrue() {
			return key.pos(), "asks for an API key", "ApiKeyRequired: false"
		}
		return pos, "", ""
	}
	own, auth := r.properties.get("Auth"), r.api.get("Auth")
	byDefault, isName := auth.get("DefaultAuthorizer").deployed.Str()
	isName = isName && byDefault != ""
	name, ok := own.get("Authorizer").deployed.Str()
	switch {
	case ok && name == "NONE":
		return pos, "", ""
	case ok && isName:
		return own.get("Authorizer").pos(), "asks for authorizer " + quote(name), "Authorizer: NONE"
	case ok: // without a default to turn off, SAM refuses NONE
		return own.get("Authorizer").pos(), "asks for authorizer " + quote(name), "take Authorizer out of the event, and Auth where nothing is left below it"
	case !isName:
		return pos, "", ""
	case !r.api.rest && r.method == http.MethodOptions && !own.isSet():
		return pos, "", "" // which SAM gives no default
	case r.method == "ANY" || !r.api.rest || !isFalse(auth.get("AddDefaultAuthorizerToCorsPreflight").deployed):
		fix = "Auth: {Authorizer: NONE}"
		if own.isSet() {
			fix = "below Auth:\nAuthorizer: NONE"
		}
		return r.at, "asks for the default authorizer " + quote(byDefault), fix
	}
	return pos, "", ""
}
