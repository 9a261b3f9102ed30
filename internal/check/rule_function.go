package check

import (
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
			"The browser hides the status from the page and reports a CORS error instead. Cors is for preflights only. SAM local does not enforce most authorizers, so that it does not show there. " +
			"With AllowCredentials a browser asks for an origin by name and for Access-Control-Allow-Credentials there, too.",
		Fix:   "Set the header in the gateway responses DEFAULT_4XX and DEFAULT_5XX.",
		Since: "0.2.0",
	}, find: gatewayResponses}, {Info: Info{
		Code: "CP6081", Name: "function-sends-no-cors", Severity: SeverityWarning,
		Title: "The function sends no CORS headers of its own",
		Text: "Cors of a REST API is for preflights only: the function has to send Access-Control-Allow-Origin with every answer. SAM local adds the header to each answer itself, so that a function that forgets it works locally and fails on AWS. " +
			"No file of the function's code mentions CORS, but in comments; or, where credentials are allowed, none mentions them beside Access-Control-Allow-Origin.",
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

func silentFunctions(v *view) []problem {
	var all []problem
	code := newCode(v)
	defer code.close()
	seen := make(map[*resource]bool)
	wanted, adds := v.functionHeaders(), "SAM local adds it to every answer, and a REST API on AWS does not"
	if v.Refused == nil && v.Local.CORS == nil { // of MOCK methods in a document SAM local knows nothing
		adds = "neither SAM local nor a REST API on AWS adds it"
	}
	for _, p := range v.policies {
		if !p.quoted() {
			continue
		}
		for _, r := range p.covered() {
			if r.function == nil || seen[r.function] || r.method == http.MethodOptions {
				continue
			}
			lacks := code.lackingHeader(r.function, p)
			if lacks == "" {
				continue
			}
			names, does, returns := []string{}, "function %s does not", "the function returns"
			for _, other := range p.covered() {
				f := other.function
				if f == nil || seen[f] || other.method == http.MethodOptions || f != r.function && !code.shared(f, r.function) || wanted[f] != wanted[r.function] {
					continue
				}
				seen[f] = true
				names = append(names, quote(f.id))
			}
			if len(names) > 1 {
				does, returns = "functions %s, which share their code, do not", "they return"
			}
			all = append(all, problem{
				pos: r.at, what: fmt.Sprintf(does+" seem to send %s", firstOf(names, 4), lacks),
				why: adds + ": check whether " + returns + " it",
				fix: wanted[r.function],
			})
		}
	}
	return append(all, v.anyOriginSent(code, wanted)...)
}

// anyOriginSent finds code that sends * as the origin where credentials are allowed.
func (v *view) anyOriginSent(code *code, wanted map[*resource]string) []problem {
	var cors *policy
	return v.eachOwned(code, sentAnyOrigin, func(a *api) bool {
		i := slices.IndexFunc(v.policies, func(p *policy) bool { return p.api == a && p.quoted() && p.credentials() })
		if i >= 0 {
			cors = v.policies[i]
		}
		return i >= 0
	}, func(f *resource) bool { return code.lackingHeader(f, cors) == "" }, func(r *route, p place, owners []*resource) problem {
		return problem{
			pos: r.at, what: p.mentions(owners) + " seems to send Access-Control-Allow-Origin: *, and credentials are allowed",
			why: "with cookies no browser accepts *, and a REST API on AWS puts nothing in its place: check whether pages send them there",
			fix: wanted[r.function],
		}
	})
}

// lackingHeader returns the header that a policy has its functions send and that no
// file of a function's code names, or "".
func (c *code) lackingHeader(function *resource, p *policy) string {
	found, ok := c.of(function)
	switch {
	case !ok:
		return ""
	case !slices.ContainsFunc(found, func(f sourceFile) bool { return namesCORS.MatchString(f.text) }):
		return headers[0].header
	case p.credentials() && found.has("access-control-allow-origin") && !found.has("credentials"):
		return headers[4].header
	}
	return "" // which a library may send
}

// What a function is to send, as its code may write it.
const sendOrigin, sendCredentials = `"Access-Control-Allow-Origin": `, `, "Access-Control-Allow-Credentials": "true"`

// functionHeaders returns the headers that each function of a REST API with a
// CORS policy is to send: the origin as the policy has it, if it is written
// there and no other API has another.
func (v *view) functionHeaders() map[*resource]string {
	texts := make(map[*resource][]string)
	for _, p := range v.policies {
		if !p.quoted() {
			continue
		}
		more := ""
		if v.asksCredentials(p) {
			more = sendCredentials
		}
		text := "headers: {" + sendOrigin + "…" + more + "}, with the origin that Cors allows in place of …: pass it to the function as an environment variable"
		if s, given := p.settings["AllowOrigin"]; !given && p.form == formCors || s.written.Is(tree.String) && !s.written.IsGuess() {
			value, _ := s.written.Str()
			text = fmt.Sprintf("headers: {%s%q%s}", sendOrigin, v.oneOrigin(p, unquote(value)), more)
		}
		for _, r := range p.covered() {
			if !slices.Contains(texts[r.function], text) {
				texts[r.function] = append(texts[r.function], text)
			}
		}
	}
	all := make(map[*resource]string, len(texts))
	for function, of := range texts {
		all[function] = oneOfEach(of)
	}
	return all
}

// oneOfEach is what a function is to send that several policies want different
// headers of.
func oneOfEach(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	const each = "}, with the origin that the Cors of the request's API allows in place of …"
	with := 0
	for _, text := range texts {
		if strings.Contains(text, sendCredentials) {
			with++
		}
	}
	switch with {
	case 0:
		return "headers: {" + sendOrigin + "…" + each
	case len(texts):
		return "headers: {" + sendOrigin + "…" + sendCredentials + each
	}
	return "headers: {" + sendOrigin + "…" + sendCredentials + each + ", and the second where that allows credentials"
}

var (
	allowOrigin   = regexp.MustCompile(`access-control-allow-origin`)
	sentAnyOrigin = regexp.MustCompile("access-control-allow-origin[\"'`]?\\]?\\s*[:=,]>?\\s*[\"'`]?\\*[\"'`]")
)

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
