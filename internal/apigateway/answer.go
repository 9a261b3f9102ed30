package apigateway

import (
	"maps"
	"net/http"
	"reflect"
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
	API        string // logical id; "" where no API has the path
	Type       string // sam.REST, sam.HTTP, or "" where neither can be told
	Serverless bool   // the API is SAM's
	APISource  string // where the API is declared
	Path       string // of the route as the template writes it; "" where there is none
	By         By

	Function string    // for ByFunction
	Guard    sam.Guard // of the operation that takes OPTIONS
	CORS     *sam.CORS // that the answer is made of; nil where there is none
	Source   string    // where the template says so: "template.yaml:12"
	// NoStatus says that the request template of a MOCK gives no status, with which
	// API Gateway fails.
	NoStatus bool
	// Generated says that SAM makes a MOCK, of a Cors property.
	Generated bool

	// Status is 0 where a function or another service answers.
	Status int
	// Header holds what API Gateway sets: of an answer of its own all that
	// bears on CORS, of another's response what it adds.
	Header http.Header
	Body   string

	// ByOrigin says that the CORS headers, or that there are none, depend on
	// the Origin of the request.
	ByOrigin bool
	// DropsCORS says that API Gateway removes the CORS headers of the
	// function's response before it adds its own.
	DropsCORS bool
	// Local is the policy by which SAM local sets CORS headers on the function's
	// response: what the function sends cannot be seen. It is nil where SAM local
	// sets no Access-Control-Allow-Origin.
	Local *sam.LocalCORS
	// Mixed says that these are the headers of another API, which API Gateway
	// never does; nil where they are not.
	Mixed *Mixed

	// Refused says that AWS refuses to deploy the CORS setting of the API.
	Refused bool
	// Unknown says in words what of this cannot be told from the template.
	Unknown []string
	// Others are APIs that have the same path, so that the request may as
	// well be for one of them.
	Others []string
}

// A Mixed is a REST API's route on whose responses SAM local sets the headers
// of another API's policy: it has one for all.
type Mixed struct {
	Origin string      // the Access-Control-Allow-Origin that SAM local sets
	Own    http.Header // what it would set by the policy of the route's own API
}

// Restore gives a response the headers of its own API where it has those of
// another. What the function had sent, SAM local has thrown away.
func (m *Mixed) Restore(h http.Header) {
	if got := h["Access-Control-Allow-Origin"]; m == nil || len(got) != 1 || got[0] != m.Origin {
		return
	}
	removeCORS(h)
	maps.Copy(h, m.Own.Clone())
}

// In reports whether the CORS headers of a response are those of the route's
// own API: what they lack, it lacks.
func (m *Mixed) In(h http.Header) bool {
	const field = "Access-Control-Allow-Origin"
	return m != nil && slices.Equal(m.Own[field], h[field])
}

func removeCORS(h http.Header) {
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			delete(h, name)
		}
	}
}

// Forwarded reports whether a function or another service answers.
func (a Answer) Forwarded() bool { return a.By == ByFunction || a.By == ByIntegration }

// Certain reports whether the deployed API answers so for certain.
func (a Answer) Certain() bool { return len(a.Unknown) == 0 && len(a.Others) == 0 }

// Apply brings the header of a function's response into the form in which the
// deployed API sends it.
func (a Answer) Apply(h http.Header) {
	if a.DropsCORS {
		removeCORS(h)
	}
	maps.Copy(h, a.Header.Clone())
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
	answer.Serverless, answer.APISource, answer.Others = a.Serverless, a.Source, others
	answer.notDeployed(a.API)
	if c := g.app.Local.Policy(sam.Route{Method: r.Method, Path: answer.Path}); answer.Forwarded() && c != nil && c.AllowOrigin != "" {
		answer.Local = c
		answer.Mixed = a.mixed(c, r)
	}
	return answer
}

// mixed returns what SAM local sets by c, where that is another API's policy,
// and the route's own REST API has one.
func (a *api) mixed(c *sam.LocalCORS, r Request) *Mixed {
	p, ok := a.paths.Best(r.Path)
	id := a.ID[strings.LastIndexByte(a.ID, '/')+1:]
	if a.Type != sam.REST || c.API == id || !ok || p.By != sam.ByMock {
		return nil
	}
	own := make(http.Header)
	for _, field := range p.Answer.Fields {
		if field.Name == "Access-Control-Allow-Origin" || field.Name == "Access-Control-Allow-Credentials" {
			own.Set(field.Name, field.Value)
		}
	}
	if own.Get("Access-Control-Allow-Origin") == "" {
		return nil
	}
	return &Mixed{Origin: c.AllowOrigin, Own: own}
}

// unmatched is the answer to a path that no API has. Of several APIs it is
// known where each gives the same.
func (g *Gateway) unmatched(r Request) Answer {
	if len(g.apis) == 0 {
		return Answer{By: ByNothing, Unknown: []string{"the template has no API"}}
	}
	first := g.apis[0].noRoute(r)
	for _, a := range g.apis[1:] {
		other := a.noRoute(r)
		if other.By != first.By || other.Status != first.Status || other.Body != first.Body || !reflect.DeepEqual(other.Header, first.Header) {
			return Answer{By: ByNothing, Unknown: []string{"which of several APIs is meant, of which none has the path"}}
		}
	}
	for _, a := range g.apis {
		first.notDeployed(a.API)
	}
	if len(g.apis) > 1 {
		first.API, first.Source, first.CORS = "", "", nil
	}
	return first
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

// noMethod is the same, for a path that may have routes of other methods.
func (a *api) noMethod(r Request) Answer {
	answer := a.noRoute(r)
	if p, ok := a.paths.Best(r.Path); ok {
		answer.Path = p.Path
		if answer.By == ByNothing && p.By == sam.ByNothing {
			answer.Source = p.Source // no OPTIONS: where the path is
		}
	}
	return answer
}

// actual is the answer to a request that is no OPTIONS.
func (a *api) actual(r Request) Answer {
	var route *sam.Route
	if index := a.byMethod[r.Method]; index != nil {
		route, _ = index.Best(r.Path)
	}
	if route == nil {
		return a.noMethod(r)
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
