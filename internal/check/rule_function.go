package check

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP608x: the headers of answers that are no preflights.
func functionRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6080", Name: "gateway-responses-without-cors", Severity: SeverityInfo,
		Title: "Refusals of API Gateway carry no CORS headers",
		Text: "What a REST API answers by itself, such as 401 and 403 of an authorizer, 429 and 504, has no Access-Control-Allow-Origin. " +
			"The browser hides the status from the page and reports a CORS error instead. Cors is for preflights only. SAM local does not enforce most authorizers, so that it does not show there.",
		Fix:   "Set the header in the gateway responses DEFAULT_4XX and DEFAULT_5XX.",
		Since: "0.2.0",
	}, find: gatewayResponses}, {Info: Info{
		Code: "CP6081", Name: "function-sends-no-cors", Severity: SeverityWarning,
		Title: "The function sends no CORS headers of its own",
		Text: "Cors of a REST API is for preflights only: the function has to send Access-Control-Allow-Origin with every answer. SAM local adds the header to each answer itself, so that a function that forgets it works locally and fails on AWS. " +
			"No file of the function's code mentions CORS.",
		Fix:   "Return the header from the function, in errors, too.",
		Since: "0.2.0",
	}, find: silentFunctions}, {Info: Info{
		Code: "CP6082", Name: "function-cors-discarded", Severity: SeverityInfo,
		Title: "An HTTP API discards the function's CORS headers",
		Text: "Once an HTTP API has a CORS configuration, API Gateway ignores the CORS headers that the function returns and sets its own. " +
			"The function's code names Access-Control-Allow-Origin: what it decides there has no effect.",
		Fix:   "Remove the headers from what the function answers, or the CORS configuration from the API. A function that serves a REST API too needs them there, and is not reported.",
		Since: "0.2.0",
	}, find: discardedHeaders}}
}

func gatewayResponses(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		a := p.api
		if p.form != formCors || !v.refuses(a) || v.hasGatewayHeaders(a) {
			continue
		}
		origin, ok := p.originText()
		fields := "Access-Control-Allow-Origin: " + origin
		if p.credentials() {
			fields += ", Access-Control-Allow-Credentials: " + yamlQuoted("true")
		}
		note := ""
		if !ok {
			note = "\n# … is what AllowOrigin has in Cors"
		}
		const responses = "GatewayResponses"
		pos := p.pos
		if e, ok := a.written.Entry(responses); ok && e.Value.Truthy() {
			pos, note = e.Key.Pos(), note+"\n# put together with what is there"
		}
		all = append(all, problem{
			pos: pos, what: fmt.Sprintf("API %s refuses requests without CORS headers", a.name()),
			why: "a page cannot read its 401 and 403: the browser reports a CORS error",
			fix: responses + ":" + headed("DEFAULT_4XX", fields) + headed("DEFAULT_5XX", fields) + note,
		})
	}
	return all
}

// headed is a gateway response with headers. Both are written out: CloudFormation
// itself takes no aliases.
func headed(response, fields string) string {
	return "\n  " + response + ":\n    ResponseParameters:\n      Headers: {" + fields + "}"
}

// originText writes the origin that a REST API's policy allows as YAML. It is
// false where that is a function too long to be written out.
func (p *policy) originText() (string, bool) {
	s, given := p.settings["AllowOrigin"]
	if origin, ok := s.written.Str(); ok || !given {
		return yamlQuoted(p.oneOrigin(unquote(origin))), true
	}
	return s.written.Inline()
}

// oneOrigin returns the origin to send where a policy allows text: one of
// several, and with credentials not *.
func (p *policy) oneOrigin(text string) string {
	text = cmp.Or(oneOrigin(text), "*")
	if text == "*" && p.credentials() {
		return "https://app.example.com"
	}
	return text
}

// refuses reports whether an API refuses requests before any function sees
// them.
func (v *view) refuses(a *api) bool {
	if a.defaultAuthorizer() != "" || a.rest && a.auth().get("ApiKeyRequired").deployed.Truthy() {
		return true
	}
	return slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && len(r.asks()) > 0 })
}

// hasGatewayHeaders reports whether a gateway response of an API sets
// Access-Control-Allow-Origin, or cannot be told.
func (v *view) hasGatewayHeaders(a *api) bool {
	found := false
	look := func(responses *tree.Value) {
		walk(responses, func(v *tree.Value) {
			found = found || isFunction(v)
			for _, e := range v.Entries() {
				found = found || strings.HasSuffix(strings.ToLower(e.Key.Text()), "access-control-allow-origin")
			}
		})
	}
	look(a.get("GatewayResponses").written)
	look(a.definition.Get("x-amazon-apigateway-gateway-responses"))
	for _, r := range v.ofKind("AWS::ApiGateway::GatewayResponse") {
		if referred(r.get("RestApiId").written, "") == a.id {
			look(r.get("ResponseParameters").written)
		}
	}
	return found
}

func silentFunctions(v *view) []problem {
	var all []problem
	code := newCode(v)
	defer code.close()
	seen := make(map[*resource]bool)
	headers := v.functionHeaders()
	silent := func(f *resource) bool {
		found, ok := code.of(f)
		return ok && !found.has("access-control-allow", "cors")
	}
	for _, p := range v.policies {
		if !p.quoted() {
			continue
		}
		for _, r := range p.covered() {
			if r.function == nil || seen[r.function] || r.method == http.MethodOptions || !silent(r.function) {
				continue
			}
			names, does, returns := []string{}, "function %s does not", "the function returns"
			for _, other := range p.covered() {
				f := other.function
				if f == nil || seen[f] || other.method == http.MethodOptions || f != r.function && !code.shared(f, r.function) || headers[f] != headers[r.function] {
					continue
				}
				seen[f] = true
				names = append(names, quote(f.id))
			}
			if len(names) > 1 {
				does, returns = "functions %s, which share their code, do not", "they return"
			}
			all = append(all, problem{
				pos: r.at, what: fmt.Sprintf(does+" seem to send Access-Control-Allow-Origin", firstOf(names, 4)),
				why: "SAM local adds it to every answer, and a REST API on AWS does not: check whether " + returns + " it",
				fix: headers[r.function],
			})
		}
	}
	return all
}

// functionHeaders returns the headers that each function of a REST API with a
// CORS policy is to send: the origin as the policy has it, if it is written
// there and no other API has another.
func (v *view) functionHeaders() map[*resource]string {
	const origin, credentials = `"Access-Control-Allow-Origin": `, `, "Access-Control-Allow-Credentials": "true"`
	all := make(map[*resource]string)
	for _, p := range v.policies {
		if !p.quoted() {
			continue
		}
		more := ""
		if p.credentials() {
			more = credentials
		}
		text := "headers: {" + origin + "…" + more + "}, with the origin that Cors allows in place of …: pass it to the function as an environment variable"
		if s, given := p.settings["AllowOrigin"]; !given && p.form == formCors || s.written.Is(tree.String) && !s.written.IsGuess() {
			value, _ := s.written.Str()
			text = fmt.Sprintf("headers: {%s%q%s}", origin, p.oneOrigin(unquote(value)), more)
		}
		for _, r := range p.covered() {
			if other, ok := all[r.function]; ok && other != text {
				text = "headers: {" + origin + "…}, with the origin that the Cors of the request's API allows in place of …"
			}
			all[r.function] = text
		}
	}
	return all
}

var allowOrigin = regexp.MustCompile(`access-control-allow-origin`)

func discardedHeaders(v *view) []problem {
	code := newCode(v)
	defer code.close()
	return v.eachOwned(code, allowOrigin, func(a *api) bool {
		return slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == a && !p.quoted() })
	}, func(f *resource) bool { return !v.answersElsewhere(f) }, func(r *route, p place, owners []*resource) problem {
		answers := "they answer"
		if len(owners) == 1 {
			answers = quote(owners[0].id) + " answers"
		}
		return problem{
			pos: r.at, what: fmt.Sprintf("%s names Access-Control-Allow-Origin, which API Gateway discards in the answers of API %s", p.mentions(owners), r.api.name()),
			why: "the API's CORS configuration alone counts",
			fix: fmt.Sprintf("take the header out of what %s, if it is there", answers),
		}
	})
}

// answersElsewhere reports whether a function's own CORS headers count somewhere:
// at its URL, or in an API that is none of HTTP with a CORS configuration.
func (v *view) answersElsewhere(function *resource) bool {
	return function.get("FunctionUrlConfig").isSet() || slices.ContainsFunc(v.routes, func(r *route) bool {
		return r.function == function && !slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api && !p.quoted() })
	})
}
