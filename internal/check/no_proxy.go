package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	return v.eachAPI(func(r *route) bool { return r.method == http.MethodOptions && r.isNoProxy() }, func(r *route, names []string) problem {
		found := problem{pos: r.at, what: r.ofNoProxy(names), why: r.noProxy(), fix: "take OPTIONS out, and " + r.corsOfHTTP()}
		if slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == r.api }) {
			found.fix = "take OPTIONS out: the CORS configuration answers preflights"
		}
		return found
	})
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
