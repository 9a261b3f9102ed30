package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// unlisted is a method or a header that the deployed API's answer does not list.
func (b blocked) unlisted(code Code, noun, key, missing string) Diagnosis {
	a := b.answer
	var allowed []string
	if a.CORS != nil && key == "AllowMethods" {
		allowed = a.CORS.AllowMethods
	} else if a.CORS != nil {
		allowed = a.CORS.AllowHeaders
	}
	named := "it allows none"
	if len(allowed) > 0 {
		named = "it allows " + show(list(firstOf(allowed)))
	}
	if small := b.inOtherCase(missing); code == DeployedMethod && small != "" {
		named = "it says " + show(small) + ", and browsers compare methods with their case"
	}
	d := Diagnosis{
		Code:   code,
		Cause:  a.API + at(a.Source) + " " + missing,
		Detail: fmt.Sprintf("the deployed API %s%s does not allow %s %s for %s; %s", show(a.API), at(a.Source), noun, show(missing), show(a.Path), named),
	}
	if code == DeployedMethod {
		if upper, lower := lowerCase(missing); lower {
			d.Hints = []string{inCapitals(upper)}
			return d
		}
		if refused, ok := b.unrouted(missing); ok {
			d.Detail += ", and has no route for " + show(missing)
			d.Hints = b.routeHints(missing, refused)
			if b.listsItsRoutes(allowed) {
				return d // with the route, SAM lists the method
			}
		}
	}
	if a.Type == sam.HTTP {
		d.Hints = append(d.Hints, httpHint(a, key, missing)...)
		return d
	}
	if api, ok := b.gateway.API(a.API); ok && code == DeployedMethod && a.Generated && api.CORS != nil {
		allowed = api.CORS.AllowMethods // what is written for one path counts for all
	}
	others := slices.DeleteFunc(slices.Clone(allowed), func(word string) bool { return word == missing })
	d.Hints = append(d.Hints, b.mockHint(key, others, missing)...)
	return d
}

// inOtherCase returns a method as the answer lists it, where that is the one that
// is asked for, in other letters; "" where it is not.
func (b blocked) inOtherCase(method string) string {
	for word := range strings.SplitSeq(b.answer.Header.Get("Access-Control-Allow-Methods"), ",") {
		if word = strings.TrimSpace(word); word != method && strings.EqualFold(word, method) {
			return word
		}
	}
	return ""
}

// routed returns the deployed API's answer to the actual request with a method.
// It is false where that is not certain.
func (b blocked) routed(method string) (apigateway.Answer, bool) {
	r := b.request
	r.Method, r.Header = method, http.Header{"Origin": {b.Origin}}
	a := b.gateway.Answer(r)
	return a, a.Certain() && a.API == b.answer.API
}

// unrouted returns the answer of the deployed API to a method that no route of
// the path takes. A method that no template can name is not judged.
func (b blocked) unrouted(method string) (apigateway.Answer, bool) {
	a, ok := b.routed(method)
	return a, ok && a.By == apigateway.ByNothing && slices.Contains(sam.AnyMethods(), method)
}

// listsItsRoutes reports whether the methods that the answer allows are those
// of the path's routes, which SAM lists where the template lists none.
func (b blocked) listsItsRoutes(allowed []string) bool {
	if !b.answer.Generated {
		return false
	}
	for _, m := range sam.AnyMethods() {
		a, ok := b.routed(m)
		if m != http.MethodOptions && (!ok || slices.Contains(allowed, m) == (a.By == apigateway.ByNothing)) {
			return false
		}
	}
	return slices.Contains(allowed, http.MethodOptions)
}

// routeHints are what to do about a method that the API has no route for: a
// list that allows it would let the request through to a refusal.
func (b blocked) routeHints(method string, refused apigateway.Answer) []string {
	a := b.answer
	hints := []string{fmt.Sprintf("check whether the page means to send %s: without a route for it, the deployed API answers the request itself with %d %s", method, refused.Status, refused.Body)}
	api, _ := b.gateway.API(a.API)
	lead := "or give the API that route"
	if !a.Serverless {
		return append(hints, lead+": "+method+" "+show(a.Path))
	}
	return append(hints, mountHint(lead, method, a.Path, sam.Route{API: a.API, APIType: a.Type}, api)...)
}
