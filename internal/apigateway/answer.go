package apigateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Request is what a client asks.
type Request struct {
	Method string
	Path   string // decoded, without the query; see pathpattern.Decode
	Header http.Header
}

// By says who answers.
type By string

// Who answers a request.
const (
	ByMock        By = "mock"        // a REST API's MOCK, with fixed headers
	ByCORS        By = "cors"        // an HTTP API, by the Origin
	ByFunction    By = "function"    // a function
	ByIntegration By = "integration" // another service
	ByGuard       By = "guard"       // API Gateway refuses: a token, a signature or a key is missing
	ByNothing     By = "nothing"     // API Gateway refuses: there is no such route
)

// An Answer is what a deployed API answers to one request.
type Answer struct {
	API  string // logical id; "" where no API has the path
	Type string // sam.REST, sam.HTTP, or "" where neither can be told
	Path string // of the route as the template writes it; "" where there is none
	By   By

	Function string // for ByFunction
	Guard    sam.Guard
	Source   string // where the template says so: "template.yaml:12"

	// Status is 0 where a function or another service answers.
	Status int
	// Header holds what API Gateway sets: of an answer of its own all that
	// bears on CORS, of another's response what it adds.
	Header http.Header
	Body   string

	// DropsCORS says that API Gateway removes the CORS headers of the
	// function's response before it adds its own.
	DropsCORS bool

	// Unknown says in words what of this cannot be told from the template.
	Unknown []string
	// Others are APIs that have the same path, so that the request may as
	// well be for one of them.
	Others []string
}

// Forwarded reports whether a function or another service answers.
func (a Answer) Forwarded() bool { return a.By == ByFunction || a.By == ByIntegration }

// Certain reports whether the deployed API answers so for certain.
func (a Answer) Certain() bool { return len(a.Unknown) == 0 && len(a.Others) == 0 }

// Apply brings the header of a function's response into the form in which the
// deployed API sends it.
func (a Answer) Apply(h http.Header) {
	if a.DropsCORS {
		for name := range h {
			if strings.HasPrefix(name, "Access-Control-") {
				delete(h, name)
			}
		}
	}
	for name, values := range a.Header {
		h[name] = slices.Clone(values)
	}
}

// IsPreflight reports whether r is a preflight: browsers and API Gateway go by
// the same signs (Fetch, "CORS-preflight request").
func (r Request) IsPreflight() bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.requestedMethod() != ""
}

func (r Request) requestedMethod() string { return r.Header.Get("Access-Control-Request-Method") }

// Answer returns what the deployed API answers to r. Several APIs share one
// address only locally; the one that r is for is told by its path, and for a
// preflight by the method that it asks for.
func (g *Gateway) Answer(r Request) Answer {
	method := r.Method
	if requested := r.requestedMethod(); method == http.MethodOptions && requested != "" {
		method = requested
	}
	a, others := g.choose(method, r.Path)
	if a == nil {
		return g.unmatched(r)
	}
	var answer Answer
	switch {
	case r.Method == http.MethodOptions && a.Type == sam.REST:
		answer = a.restOptions(r)
	case r.Method == http.MethodOptions:
		answer = a.httpOptions(r)
	default:
		answer = a.actual(r)
	}
	answer.Others = others
	return answer
}

// unmatched is the answer to a path that no API has.
func (g *Gateway) unmatched(r Request) Answer {
	if len(g.apis) == 1 {
		return g.apis[0].noRoute(r)
	}
	answer := Answer{By: ByNothing, Unknown: []string{"no API has the path, and there are several"}}
	for _, a := range g.apis {
		if answer.Type != "" && answer.Type != a.Type {
			answer.Type = ""
			return answer
		}
		answer.Type = a.Type
	}
	switch answer.Type {
	case sam.REST:
		answer.Status, answer.Body = http.StatusForbidden, missingToken
	case sam.HTTP:
		answer.Status, answer.Body = http.StatusNotFound, notFound
	}
	return answer
}

// noRoute is what an API answers where no route takes a request.
func (a *api) noRoute(r Request) Answer {
	switch {
	case a.Type == sam.REST:
		return a.refuse(r, "MISSING_AUTHENTICATION_TOKEN", Answer{By: ByNothing, Source: a.Source})
	case r.IsPreflight() && a.CORS != nil:
		return a.byCORS(r)
	}
	answer := Answer{API: a.ID, Type: a.Type, By: ByNothing, Source: a.Source, Status: http.StatusNotFound, Body: notFound}
	a.addCORS(&answer, r)
	answer.DropsCORS = false
	return answer
}

// actual is the answer to a request that is no OPTIONS.
func (a *api) actual(r Request) Answer {
	var route *sam.Route
	if index := a.byMethod[r.Method]; index != nil {
		route, _ = index.Best(r.Path)
	}
	if route == nil {
		answer := a.noRoute(r)
		if p, ok := a.paths.Best(r.Path); ok {
			answer.Path = p.Path
		}
		return answer
	}
	answer := Answer{API: a.ID, Type: a.Type, Path: route.Path, By: ByFunction, Function: route.Function, Source: route.Source}
	if route.Function == "" {
		answer.By = ByIntegration
	}
	if a.Type == sam.HTTP {
		answer.checkSlash(r)
		a.addCORS(&answer, r)
	}
	return answer
}
