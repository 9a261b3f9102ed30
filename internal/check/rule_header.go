package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// CP6029 to CP6034: what a preflight's answer allows, and HTTP APIs.
func headerRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6029", Name: "method-not-allowed", Severity: SeverityError,
		Title: "AllowMethods omits a method that the API has",
		Text: "A browser sends PUT, DELETE and PATCH only where Access-Control-Allow-Methods lists them; GET, HEAD and POST need no listing. " +
			"A REST API lists the methods of each path if AllowMethods is not given. An HTTP API lists none then, while SAM local lists all. " +
			"Of a route for any method it is a warning: its pages may send nothing else than those three.",
		Fix:   "Add the method to AllowMethods.",
		Since: "0.2.0",
	}, find: omittedMethods}, {Info: Info{
		Code: "CP6030", Name: "allow-headers-missing", Severity: SeverityWarning,
		Title: "No request header is allowed, and the API needs some",
		Text: "Content-Type: application/json and Authorization are request headers that a browser sends only where Access-Control-Allow-Headers names them. " +
			"Without AllowHeaders a page can send no JSON and no token, here or on AWS.",
		Fix:   "Add AllowHeaders with the headers that pages send.",
		Since: "0.2.0",
	}, find: missingAllowHeaders}, {Info: Info{
		Code: "CP6031", Name: "authorizer-header-not-allowed", Severity: SeverityError,
		Title: "The CORS setting does not allow the header that the authorizer reads",
		Text: "The browser may not send the header that the token or key travels in, so that no page can be authorized. " +
			"Locally it goes unnoticed: SAM local knows no authorizers but Lambda functions, and lets calls without a token through. " +
			"A cookie is sent by the browser itself, and needs AllowCredentials in place of AllowHeaders.",
		Fix:   "Add the header to AllowHeaders; for a cookie, set AllowCredentials: true, with origins by name.",
		Since: "0.2.0",
	}, find: func(v *view) []problem { return append(omittedAuthorizerHeaders(v), v.omittedCookies()...) }}, {Info: Info{
		Code: "CP6032", Name: "catch-all-authorized", Severity: SeverityWarning,
		Title: "A route for any method takes the preflights, and asks for authorization",
		Text: "A route of an HTTP API with the method ANY, or $default, takes OPTIONS as well. With an authorizer on it API Gateway asks preflights for a token, which they never carry, instead of answering them by the CORS configuration. " +
			"SAM local answers them before any authorizer.",
		Fix: "Add an OPTIONS route, which goes before ANY and $default, and which SAM gives no DefaultAuthorizer. Its function is called, and has to answer with a status of 200 to 299; the CORS headers are those of the configuration. " +
			"Where the authorizer is a Lambda function that the route names, which SAM local runs, let it be another function (CP6075).",
		Since: "0.2.0",
	}, find: authorizedCatchAlls}, {Info: Info{
		Code: "CP6033", Name: "expose-headers-locally", Severity: SeverityInfo,
		Title: "SAM local never sends Access-Control-Expose-Headers",
		Text:  "An HTTP API tells browsers which response headers a script may read. SAM local ignores ExposeHeaders: headers.get returns null locally, and the value on AWS.",
		Fix:   "Nothing in the template. Set cors.expose_headers in corsproxy's configuration, with response_headers: fill.",
		Since: "0.2.0",
	}, find: exposedHeaders}, {Info: Info{
		Code: "CP6034", Name: "http-cors-not-read", Severity: SeverityInfo,
		Title: "SAM local does not read this CORS setting of an HTTP API",
		Text: "x-amazon-apigateway-cors in an OpenAPI document counts on AWS and is not read by SAM local. Neither is the CorsConfiguration of an AWS::ApiGatewayV2::Api that has a Body. " +
			"Locally each preflight gets 403 Missing Authentication Token.",
		Fix:   "Nothing in the template: corsproxy answers the preflights, with --cors-source template as AWS does.",
		Since: "0.2.0",
	}, find: unreadHTTPCors}}
}

func omittedMethods(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s, from, given := v.setting(p, "AllowMethods")
		if v.overridden(p) || p.misspells("AllowMethods") || !from.known("AllowMethods") || p.form == formCors && !given || isFunction(p.whole.written) {
			continue
		}
		allowed := from.list("AllowMethods")
		if !p.quoted() {
			for i, method := range allowed {
				allowed[i] = strings.ToUpper(method) // API Gateway does so; a REST API sends the text as it is
			}
		}
		if v.refusesSetting(s) {
			allowed = sam.NamesIn("AllowMethods", allowed)
		}
		if slices.Contains(allowed, "*") {
			continue
		}
		var missing, examples []string
		for _, r := range v.holder(p, "AllowMethods").served("AllowMethods") {
			if (r.method == "PUT" || r.method == "DELETE" || r.method == "PATCH") && !slices.Contains(allowed, r.method) && !slices.Contains(missing, r.method) {
				missing = append(missing, r.method)
				examples = append(examples, r.String())
			}
		}
		if found, ok := v.listsNone(p, given, missing); ok {
			all = append(all, found)
		}
		if missing == nil {
			continue
		}
		found := problem{pos: p.pos, why: "a browser does not send it; GET, HEAD and POST alone need no listing"}
		list := slices.Concat(slices.DeleteFunc(sam.NamesIn("AllowMethods", allowed), func(word string) bool {
			return slices.Contains(missing, strings.ToUpper(word)) // patch is not PATCH
		}), missing)
		found.what = "AllowMethods does not list the method of " + and(examples)
		if given {
			found.pos = s.pos()
		} else {
			found.what = "there is no AllowMethods, and the API has " + and(examples)
			if !p.quoted() {
				found.why = "on AWS a browser does not send it then; SAM local allows all methods"
			}
			list = append([]string{"GET", "POST"}, missing...)
		}
		if given && isComputed(s.written) {
			found.fix = "have the value list " + and(missing) + ", too, whatever the condition or parameter"
			all = append(all, found)
			continue
		}
		if len(list) > mostListed {
			found.fix = "add " + and(missing) + " to " + from.key("AllowMethods")
			all = append(all, found)
			continue
		}
		list = slices.DeleteFunc(list, func(word string) bool { return word == "" })
		found.fix = from.key("AllowMethods") + ": " + flowList(list)
		switch {
		case p.form == formConfiguration && !p.whole.written.Is(tree.Map):
			found.fix = v.inPlace(p)
		case p.quoted():
			found.fix = "AllowMethods: " + yamlQuoted(strings.Join(list, ","))
			if p.form == formMock {
				found.fix = headerPrefix + "Access-Control-" + strings.Replace(found.fix, "AllowMethods", "Allow-Methods", 1)
			}
			if !given {
				found.fix += p.declaring("Access-Control-Allow-Methods")
			}
		}
		all = append(all, found)
	}
	return all
}

// listsNone looks at routes for any method of an HTTP API that lists no methods,
// where no route for a single one is missed.
func (v *view) listsNone(p *policy, given bool, missing []string) (problem, bool) {
	routes := p.served("AllowMethods")
	i := slices.IndexFunc(routes, func(r *route) bool { return r.method == "ANY" })
	if given || missing != nil || p.quoted() || i < 0 {
		return problem{}, false
	}
	methods := []string{"*"}
	if v.asksCredentials(p) {
		methods = strings.Split(p.namedWords("AllowMethods"), ",")
	}
	found := problem{
		pos: p.pos, what: fmt.Sprintf("there is no AllowMethods, and %s takes PUT, DELETE and PATCH, too", routes[i]),
		why: "on AWS a browser does not send these then; SAM local allows all methods",
		fix: p.key("AllowMethods") + ": " + flowList(methods), severity: SeverityWarning, // pages may need none of them
	}
	if p.form == formConfiguration && !p.whole.written.Is(tree.Map) {
		found.fix = v.inPlace(p)
	}
	return found, true
}

// isComputed reports whether a value is a function, or a list with one in it.
// What it makes with the given parameters may be one stage's alone, and must
// not be written in its place.
func isComputed(written *tree.Value) bool {
	return isFunction(written) || slices.ContainsFunc(written.Items(), isFunction)
}

func missingAllowHeaders(v *view) []problem {
	var all []problem
	counted := make(map[*api]bool)
	for _, p := range v.policies {
		whole := p.whole.written
		if _, _, given := v.setting(p, "AllowHeaders"); given || v.overridden(p) || p.misspells("AllowHeaders") || counted[p.api] || p.form == formCors && !whole.Is(tree.String, tree.Map) || isFunction(whole) && p.form != formCors || conditionalMap(whole) != nil {
			continue
		}
		needed := p.needed()
		if needed == nil {
			continue
		}
		what := "there is no AllowHeaders, and pages will need " + and(needed)
		needed = withToken(needed)
		if c := v.options.Config; c != nil {
			needed = withHeaders(needed, v.notAllowed(p, "AllowHeaders", c.AllowHeaders))
		}
		found := problem{
			pos: p.pos, what: what,
			why: "a browser sends no JSON, and no token, unless the header is allowed",
			fix: "AllowHeaders: " + yamlQuoted(strings.Join(needed, ",")),
		}
		switch {
		case p.form == formMock:
			counted[p.api] = true // the others are written alike
			found.fix = headerPrefix + "Access-Control-Allow-Headers: " + yamlQuoted(strings.Join(needed, ",")) + p.declaring("Access-Control-Allow-Headers")
		case !whole.Is(tree.Map):
			found.fix = v.inPlace(p)
		case p.form != formCors:
			found.fix = p.key("AllowHeaders") + ": " + flowList(needed)
		case isFunction(whole):
			found.fix = "write a map in place of the function, with the function as its AllowOrigin, and beside that\n" + found.fix
		}
		all = append(all, found)
	}
	return all
}

func omittedAuthorizerHeaders(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s, from, given := v.setting(p, "AllowHeaders")
		if !given || v.overridden(p) || !from.known("AllowHeaders") {
			continue
		}
		allowed := from.list("AllowHeaders")
		_, identity := from.neededHeaders()
		missing := slices.DeleteFunc(identity, func(name string) bool {
			return slices.ContainsFunc(allowed, func(a string) bool { return a == "*" || strings.EqualFold(a, name) })
		})
		if len(missing) == 0 {
			continue
		}
		list := slices.DeleteFunc(withHeaders(allowed, withToken(missing)), func(word string) bool { return word == "" })
		fix := s.name() + ": " + flowList(list)
		if from.quoted() {
			fix = s.name() + ": " + yamlQuoted(strings.Join(list, ","))
		}
		if len(list) > mostListed {
			fix = "add " + and(missing) + " to " + s.name()
		}
		if isComputed(s.written) {
			fix = "have the value list " + and(missing) + ", too, whatever the condition or parameter"
		}
		them := "it"
		if len(missing) > 1 {
			them = "them"
		}
		all = append(all, problem{
			pos: s.pos(), what: fmt.Sprintf("AllowHeaders does not list %s, which %s authorization reads", and(missing), from.whose("AllowHeaders")),
			why: "no page can send " + them + ", and AWS refuses every call of " + firstOf(from.readers("AllowHeaders", missing...), 2), fix: fix,
		})
	}
	return all
}

func authorizedCatchAlls(v *view) []problem {
	answered := make(map[*api]bool)
	for _, p := range v.policies {
		answered[p.api] = true
	}
	paths, functions := make(map[*api][]string), make(map[*api][]*resource)
	return v.eachAPI(func(r *route) bool {
		_, what, _ := r.authorization()
		taken := []string{r.path}
		if r.path == sam.DefaultPath {
			taken = []string{"/{proxy+}", "/"} // the first does not take /
		}
		if r.api.rest || r.method != "ANY" || what == "" || !answered[r.api] || r.api.hasOptions(taken[0]) {
			return false
		}
		for _, path := range taken {
			if !r.api.hasOptions(path) && !slices.Contains(paths[r.api], path) {
				paths[r.api] = append(paths[r.api], path)
			}
		}
		if r.function != nil && !slices.Contains(functions[r.api], r.function) {
			functions[r.api] = append(functions[r.api], r.function)
		}
		return true
	}, func(r *route, names []string) problem {
		answers, apart := "the function has to answer OPTIONS with 204", v.mixesAdded(r, paths[r.api]...)
		if !apart && r.function != nil && len(functions[r.api]) > 1 {
			answers = "function " + printable.Line(r.function.id) + " then gets OPTIONS for the paths of the others, too, and has to answer it with 204"
		}
		return problem{
			pos: r.pos, what: "OPTIONS goes to " + firstOf(names, 2) + ", where authorization is asked for",
			why: "API Gateway asks preflights for a token; SAM local answers them",
			fix: v.open(r, paths[r.api]...) + "\n# " + answers + "; the CORS configuration sets the headers",
		}
	})
}

// hasOptions reports whether an API has a route of OPTIONS on a path. SAM adds no
// event to a definition in another file.
func (a *api) hasOptions(path string) bool {
	same := func(path string) string { // whatever the names of its variables
		return pathVariable.ReplaceAllStringFunc(path, func(name string) string { return "{" + strings.Repeat("+", strings.Count(name, "+")) + "}" })
	}
	return slices.ContainsFunc(a.all, func(r *route) bool {
		return r.method == http.MethodOptions && same(r.path) == same(path) && (r.function == nil || !a.inOtherFile())
	})
}

func exposedHeaders(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s, ok := p.settings["ExposeHeaders"]
		if !ok || p.form != formConfiguration || !s.deployed.Truthy() || s.written.Is(tree.String) { // a text is of the wrong kind first
			continue
		}
		found := problem{
			pos: s.pos(), what: "SAM local does not send Access-Control-Expose-Headers",
			why: "scripts cannot read these headers locally, but can on AWS",
			fix: "list them as expose_headers below cors in corsproxy's configuration, beside response_headers: fill",
		}
		if names := p.list("ExposeHeaders"); len(names) > 0 {
			found.fix = "corsproxy --response-headers fill --expose-header " + shell.Word(printable.Line(strings.Join(names, ",")))
		}
		all = append(all, found)
	}
	return all
}

func unreadHTTPCors(v *view) []problem {
	if v.Refused != nil || v.Local.CORS != nil {
		return nil
	}
	var all []problem
	for _, p := range v.policies {
		raw := p.form == formConfiguration && !p.api.serverless && p.api.definition != nil
		if (raw || p.form == formExtension && !v.overridden(p)) && p.api.serverless == v.serverless {
			all = append(all, problem{
				pos: p.pos, what: "SAM local does not read the CORS setting of API " + p.api.name(),
				why: v.preflightsWithoutCORS() + "; API Gateway answers them as the setting says",
				fix: "corsproxy --cors-source template",
			})
		}
	}
	return all
}
