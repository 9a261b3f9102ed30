package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6024 to CP6028: OPTIONS methods written by hand.
func optionsRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6024", Name: "options-without-headers", Severity: SeverityError,
		Title: "An OPTIONS method answers without CORS headers",
		Text: "A MOCK integration says nothing but what its responses say. Without Access-Control-Allow-Origin among their parameters the answer is no permission, and the browser sends no request. " +
			"SAM local answers 502 where the method is an AWS::ApiGateway::Method. " +
			"An HTTP API has no MOCK integrations: it has a CORS configuration in their place.",
		Fix:   "Add the headers to the integration's response, and declare them in the method's. Of an HTTP API take the method out, and write the CORS configuration.",
		Since: "0.2.0",
	}, find: optionsWithoutHeaders}, {Info: Info{
		Code: "CP6025", Name: "response-header-undeclared", Severity: SeverityError,
		Title: "A method sets a header that its response does not declare",
		Text: "An integration response may set only those headers that the method's response of the same status declares. API Gateway refuses the others when it deploys: \"Invalid mapping expression parameter specified\". " +
			"In an OpenAPI document, the responses of the operation are the method's. SAM local does not look at the declaration.",
		Fix:   "Declare each header in the method's response, beside those that are declared there.",
		Since: "0.2.0",
	}, find: undeclaredHeaders}, {Info: Info{
		Code: "CP6026", Name: "mock-preflight-dropped", Severity: SeverityInfo,
		Title: "SAM local does not mount MOCK methods of an OpenAPI document",
		Text: "Of an OpenAPI document SAM local mounts what goes to a Lambda function, and nothing else. OPTIONS with a MOCK integration, the usual way to write CORS by hand, is right on AWS; " +
			"locally each preflight gets 403 Missing Authentication Token, or goes to a function that has a route for it.",
		Fix:   "Nothing in the template: corsproxy answers the preflights, with --cors-source template as the document says.",
		Since: "0.2.0",
	}, find: droppedMocks}, {Info: Info{
		Code: "CP6027", Name: "options-function-bypassed", Severity: SeverityInfo,
		Title: "SAM local does not call the function for OPTIONS",
		Text: "Where an OPTIONS route goes to a function, AWS calls the function. Cors of a REST API has no effect on that path. " +
			"An HTTP API with a CORS configuration removes the CORS headers of the function's answer and sets its own; the status is the function's, and browsers want one of 200 to 299. " +
			"SAM local answers OPTIONS itself as soon as the application has a CORS setting: the function's answer is never tried. " +
			"An OPTIONS route that keeps preflights from an authorizer is told of only where the function's code does not mention OPTIONS.",
		Fix:   "Of a REST API choose one of the two; to try the function, remove the CORS setting. Of an HTTP API remove the route, or, where it keeps preflights from an authorizer, have the function answer OPTIONS with 204.",
		Since: "0.2.0",
	}, find: bypassedOptions}, {Info: Info{
		Code: "CP6028", Name: "path-without-preflight", Severity: SeverityWarning,
		Title: "A path has no preflight, and the API's other paths have",
		Text: "The API's OPTIONS methods are written by hand, path by path, and this path has none. " +
			"AWS answers its preflights with 403 Missing Authentication Token. Where no page calls the path, ignore the finding.",
		Fix:   "Add an OPTIONS method to the path.",
		Since: "0.2.0",
	}, find: pathsWithoutPreflight}}
}

func optionsWithoutHeaders(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if r.method != http.MethodOptions || r.integration != "mock" || r.isNoProxy() {
			continue
		}
		answers := slices.ContainsFunc(v.policies, func(p *policy) bool { _, ok := p.settings["AllowOrigin"]; return p.route == r && ok })
		if answers || r.setsHeadersElsewhere() {
			continue
		}
		all = append(all, problem{
			pos: r.at, what: r.String() + " answers without Access-Control-Allow-Origin",
			why: "no browser takes that for a permission", fix: r.optionsHeaders(),
		})
	}
	return append(all, v.mocksOfHTTP()...)
}

// setsHeadersElsewhere reports whether a method's response cannot be told: a
// mapping template may set headers, and a function may stand for them.
func (r *route) setsHeadersElsewhere() bool {
	found := sam.OverridesAnswer(r.mapping())
	walk(r.mapping(), func(v *tree.Value) { found = found || isFunction(v) })
	return found
}

// mapping is the integration of a method.
func (r *route) mapping() *tree.Value {
	if r.operation.local == nil {
		return r.properties.get("Integration").deployed
	}
	return r.operation.get("x-amazon-apigateway-integration").local
}

// walk calls visit for v and every value in it.
func walk(v *tree.Value, visit func(*tree.Value)) {
	if v == nil {
		return
	}
	visit(v)
	for _, item := range v.Items() {
		walk(item, visit)
	}
	for _, e := range v.Entries() {
		walk(e.Value, visit)
	}
}

func undeclaredHeaders(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if p.form != formMock || !p.api.rest || p.route.integration == "http_proxy" {
			continue
		}
		declared := p.route.declared(p.response)
		missing := declared.Lacks()
		if declared.Unknown || len(missing) == 0 {
			continue
		}
		where, lines := declared.Declaration(missing)
		all = append(all, problem{
			pos: p.placeOf(missing[0]), what: fmt.Sprintf("the method's response %s does not declare %s", declared.Status, and(missing)),
			why: "API Gateway refuses to deploy it; SAM local does not look", fix: where + ":\n" + strings.Join(lines, "\n"),
		})
	}
	return all
}

// droppedMocks finds the preflights of OpenAPI documents that SAM local does
// not mount, once an API.
func droppedMocks(v *view) []problem {
	if v.Refused != nil || v.Local.CORS != nil {
		return nil
	}
	mounted := make(map[string]bool)
	for _, r := range v.Local.Routes {
		if r.Method == http.MethodOptions {
			mounted[r.Path] = true
		}
	}
	return v.eachAPI(func(r *route) bool {
		return r.api.rest && r.method == http.MethodOptions && r.integration == "mock" && r.operation.local != nil && r.api.serverless == v.serverless && !mounted[r.path] && !r.failsPreflights() && r.guard().Kind == sam.GuardNone
	}, func(r *route, names []string) problem {
		return problem{
			pos: r.at, what: "SAM local does not mount " + firstOf(names, 2),
			why: "it drops MOCK methods of OpenAPI documents, and " + v.answersUnmounted(names) + "; AWS does answer preflights",
			fix: "corsproxy --cors-source template",
		}
	})
}

// eachAPI states one problem for those routes of an API that match.
func (v *view) eachAPI(match func(*route) bool, state func(first *route, names []string) problem) []problem {
	var all []problem
	for _, a := range v.apis {
		var first *route
		var names []string
		named := make(map[string]bool) // an operation may be an event, too
		for _, r := range a.all {
			if !match(r) {
				continue
			}
			if first == nil {
				first = r
			}
			if name := r.String(); !named[name] {
				named[name] = true
				names = append(names, name)
			}
		}
		if first != nil {
			all = append(all, state(first, names))
		}
	}
	return all
}

func bypassedOptions(v *view) []problem {
	if v.Refused != nil || v.Local.CORS == nil {
		return nil
	}
	code := newCode(v)
	defer code.close()
	return v.eachAPI(func(r *route) bool {
		if r.method != http.MethodOptions || !r.mounted || r.integration != "aws_proxy" {
			return false
		}
		return !v.opens(r) || r.function != nil && !v.isForOptions(r.function) && code.lacks(r.function, "options")
	}, func(r *route, names []string) problem {
		found := problem{
			pos: r.at, what: "SAM local answers " + firstOf(names, 2) + " without the function",
			why: "AWS calls the function, and no CORS setting counts there",
			fix: "remove the OPTIONS route, or the CORS setting",
		}
		if !r.api.rest && slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api }) {
			found.why = "AWS calls the function for the status, and sets the headers of the CORS configuration"
			found.fix = "remove the OPTIONS route: the CORS configuration answers without it"
			if v.opens(r) {
				found.fix = "have the function answer OPTIONS without looking further: {\"statusCode\": 204}"
			}
		}
		return found
	})
}

// isForOptions reports whether a function answers nothing but OPTIONS, for which it does
// not have to look at the method.
func (v *view) isForOptions(function *resource) bool {
	return !slices.ContainsFunc(v.routes, func(r *route) bool { return r.function == function && r.method != http.MethodOptions })
}

// opens reports whether an OPTIONS route is there to keep preflights from a
// route for any method that asks for authorization.
func (v *view) opens(r *route) bool {
	_, asks, _ := r.authorization()
	return asks == "" && !r.api.rest && slices.ContainsFunc(v.routes, func(o *route) bool {
		_, asks, _ := o.authorization()
		return o.api == r.api && o.method == "ANY" && asks != ""
	})
}

func pathsWithoutPreflight(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		if !a.rest || a.deployed == nil {
			continue
		}
		answered, without := make(map[string]bool), []string{}
		for _, p := range a.deployed.Preflights {
			if p.By == sam.ByMock && p.CORS != nil {
				answered[strings.TrimRight(p.Path, "/")] = true
			}
		}
		for _, p := range a.deployed.Preflights {
			if p.By == sam.ByNothing && !answered[strings.TrimRight(p.Path, "/")] {
				without = append(without, p.Path)
			}
		}
		if len(answered) == 0 || len(without) == 0 {
			continue
		}
		at := slices.IndexFunc(v.routes, func(r *route) bool { return r.api == a && r.path == without[0] })
		if at < 0 {
			continue
		}
		all = append(all, problem{
			pos: v.routes[at].pos, what: fmt.Sprintf("%s of API %s has no OPTIONS method, and other paths have", firstOf(without, 3), a.name()),
			why: "its preflights get 403 Missing Authentication Token",
			fix: "add an OPTIONS method with a MOCK integration and the headers of the others, which its response declares",
		})
	}
	return all
}
