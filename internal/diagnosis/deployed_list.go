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
func (b blocked) unlisted(code Code, key string, missing []string) Diagnosis {
	a := b.answer
	d := Diagnosis{
		Code:   code,
		Cause:  a.API + at(a.Source) + " " + strings.Join(firstOf(missing), " "),
		Detail: fmt.Sprintf("the deployed API %s%s does not allow %s for %s; %s", show(a.API), at(a.Source), nouns(key, missing), show(a.Path), b.listed(key, missing)),
	}
	what, lacks := itOrThem(missing), []lack{{key, missing}}
	if code == DeployedMethod {
		method := missing[0]
		upper, lower := lowerCase(method)
		without := ", and has no route for "
		if lower { // what is to be allowed, and routed, is the method in capitals
			method, what, without = upper, upper, "; it has no route for "
			lacks[0].words = []string{upper}
		}
		if refused, unrouted := b.unrouted(method); unrouted {
			d.Detail += without + show(method)
			d.Hints = b.routeHints(method, refused)
			if b.listsItsRoutes(b.allowed(key)) {
				lacks = nil // with the route, SAM lists the method
			}
		}
		if lower {
			d.Hints = append(d.Hints, inCapitals(upper))
			if b.inOtherCase(missing[0]) == upper {
				lacks = nil
			}
		}
		if next := b.verdict.WithMethod(); len(next.Refused) > 0 { // which would be said after the method is allowed
			also := nouns("AllowHeaders", next.Refused)
			d.Detail += "; nor does it allow " + also
			if what = "them"; len(lacks) == 0 {
				what = also
			}
			lacks = append(lacks, lack{"AllowHeaders", next.Refused})
		}
	}
	if a.Type == sam.HTTP {
		d.Hints = append(d.Hints, httpHint(a, what, lacks...)...)
		return d
	}
	d.Hints = append(d.Hints, b.mockHint(what, lacks...)...)
	return d
}

func itOrThem(words []string) string {
	if len(words) > 1 {
		return "them"
	}
	return "it"
}

// nouns names methods or headers: "header x-a", "headers x-a and x-b".
func nouns(key string, words []string) string {
	noun := map[string]string{"AllowMethods": "method ", "AllowHeaders": "header "}[key]
	if len(words) > 1 {
		noun = strings.TrimSpace(noun) + "s "
	}
	return noun + show(list(firstOf(words)))
}

// allowed is a list of the path's answer.
func (b blocked) allowed(key string) []string {
	switch c := b.answer.CORS; {
	case c == nil:
		return nil
	case key == "AllowMethods":
		return c.AllowMethods
	default:
		return c.AllowHeaders
	}
}

// listed says what a list has in place of what is missing.
func (b blocked) listed(key string, missing []string) string {
	if small := b.inOtherCase(missing[0]); key == "AllowMethods" && small != "" {
		return "it says " + show(small) + ", and browsers compare methods with their case"
	}
	if allowed := b.allowed(key); len(allowed) > 0 {
		return "it allows " + show(list(firstOf(allowed)))
	}
	return "it allows none"
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
