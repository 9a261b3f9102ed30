package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// isNoProxy reports whether a route of an HTTP API has an integration that such an
// API has not.
func (r *route) isNoProxy() bool {
	return !r.api.rest && sam.IsNoProxy(r.integration)
}

// targeted returns the type of the integration that a raw route has, in lower case.
func (v *view) targeted(route *resource) string {
	target, _ := route.get("Target").deployed.Str()
	_, id, _ := strings.Cut(target, "/")
	kind, _ := route.stack.Deployed.Get(strings.TrimSpace(id)).Get("Properties").Get("IntegrationType").Str()
	return strings.ToLower(kind)
}

// mocksOfHTTP finds preflights of HTTP APIs that are written as those of REST APIs.
func (v *view) mocksOfHTTP() []problem {
	return v.eachAPI((*route).isMockOfHTTP, func(r *route, names []string) problem {
		found := problem{pos: r.at, what: r.ofNoProxy(names), why: r.noProxy(), fix: "take OPTIONS out, and " + r.corsOfHTTP()}
		configured := slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api })
		taker := r.api.taker()
		switch {
		case configured && taker == nil:
			found.fix = "take OPTIONS out: the CORS configuration answers preflights"
		case configured && taker.method == http.MethodOptions:
			found.fix = "take OPTIONS out: " + taker.String() + " takes its preflights, with the headers of the CORS configuration"
		case configured:
			found.fix = "take OPTIONS out" + v.asksPreflights(taker)
		case taker != nil && taker.method == "ANY":
			found.fix += v.asksPreflights(taker)
		}
		return found
	})
}

func (r *route) isMockOfHTTP() bool { return r.method == http.MethodOptions && r.isNoProxy() }

// taker returns the route that takes the preflights of an HTTP API's MOCK methods where
// these are taken out: one for OPTIONS, or one for any method that asks for
// authorization. It is nil for none.
func (a *api) taker() *route {
	var others pathpattern.Index[*route]
	for _, method := range []string{http.MethodOptions, "ANY"} { // of equal paths the first counts
		for _, r := range a.all {
			if pattern, err := pathpattern.Parse(r.path); err == nil && r.method == method && !r.isMockOfHTTP() {
				others.Insert(pattern, r)
			}
		}
	}
	for _, mock := range a.all {
		r, ok := others.Best(mock.path)
		if !ok || !mock.isMockOfHTTP() {
			continue
		}
		if _, asks, _ := r.authorization(); r.method == http.MethodOptions || asks != "" {
			return r
		}
	}
	return nil
}

// asksPreflights says that preflights will be asked for authorization by a route.
func (v *view) asksPreflights(r *route) string {
	text := "\n# preflights then go to " + r.String() + ", which asks for authorization: add an OPTIONS route beside it that asks for none"
	if v.mixesAdded(r, r.path) {
		text += ", with " + r.ownMount() + ", since " + oneAuthorizer
	}
	return text
}

func (r *route) ofNoProxy(names []string) string {
	return fmt.Sprintf("the integration of %s is %s, and an HTTP API has proxies alone", firstOf(names, 2), strings.ToUpper(r.integration))
}

// noProxy says what becomes of an integration that an HTTP API has not.
func (r *route) noProxy() string {
	switch {
	case r.operation.local == nil:
		return "API Gateway refuses to deploy it"
	case r.api.get("FailOnWarnings").deployed.IsTrue():
		return "API Gateway refuses the definition"
	}
	return "API Gateway takes the definition with a warning, and nothing answers by it"
}

// corsOfHTTP is a CORS configuration that allows what a preflight of a REST API's
// form says, and what the routes need.
func (r *route) corsOfHTTP() string {
	origins, headers, credentials := []string{"*"}, (&policy{api: r.api, form: formConfiguration}).needed(), false
	for _, mock := range r.responses() {
		if list := mock.list("AllowOrigin"); list != nil {
			origins = list
		}
		headers = withHeaders(mock.list("AllowHeaders"), headers)
		credentials = credentials || mock.credentials()
	}
	methods := []string{"*"}
	if credentials { // with which * is a name, or refused
		isAll := func(word string) bool { return word == "*" }
		if origins = slices.DeleteFunc(origins, isAll); len(origins) == 0 {
			origins = []string{"https://app.example.com"}
		}
		headers, methods = slices.DeleteFunc(headers, isAll), strings.Split(namedWords["AllowMethods"], ",")
	}
	lead, key, name := "write in the Properties of "+printable.Line(r.api.id)+":", "CorsConfiguration", strings.Clone
	if r.api.get("DefinitionUri").isSet() { // beside which SAM takes none
		lead, key, name = "write in the definition:", "x-amazon-apigateway-cors", func(s string) string { return strings.ToLower(s[:1]) + s[1:] }
	}
	lines := []string{lead, key + ":", "  " + name("AllowOrigins") + ": " + flowList(origins), "  " + name("AllowMethods") + ": " + flowList(methods)}
	if len(headers) > 0 {
		lines = append(lines, "  "+name("AllowHeaders")+": "+flowList(headers))
	}
	if credentials {
		lines = append(lines, "  "+name("AllowCredentials")+": true")
	}
	return strings.Join(lines, "\n")
}
