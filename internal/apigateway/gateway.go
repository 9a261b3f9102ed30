// Package apigateway says what the deployed form of a template answers: which
// API serves a request, who answers it there, with which status and CORS
// headers, and what becomes of the headers of a function's response.
//
// A REST API answers a preflight by an OPTIONS method of its own, most often a
// MOCK whose header fields are fixed, whatever the Origin. An HTTP API with a
// CORS configuration answers by the Origin, and sets the CORS headers of every
// response. Where neither is there, API Gateway refuses.
//
// What is not known for certain is said to be so ([Answer.Unknown],
// [Answer.Others]): values that only AWS has, an authorizer that may look for
// no header, several APIs with the same path.
package apigateway

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Gateway is the APIs that a template deploys, ready for lookups. It is
// immutable and safe for concurrent use. The time of a lookup does not grow
// with the number of routes.
type Gateway struct {
	app      *sam.Application
	apis     []*api
	byID     map[string]*api
	local    *sam.Table
	paths    pathpattern.Index[entry]
	byMethod map[string]*pathpattern.Index[entry]
}

// An api is a deployed API with its routes and preflights by path.
type api struct {
	*sam.API
	origins  originSet // of its CORS configuration
	paths    pathpattern.Index[*sam.Preflight]
	own      pathpattern.Index[*sam.Preflight] // of an HTTP API: those with an OPTIONS route
	any      pathpattern.Index[*sam.Preflight] // of an HTTP API: those with a route for ANY
	byMethod map[string]*pathpattern.Index[*sam.Route]
}

// An entry is a path of an API.
type entry struct {
	api   *api
	shape string // of the path: equal where the same requests match
}

// New returns the deployed form of an application.
func New(app *sam.Application) *Gateway {
	g := &Gateway{
		app:      app,
		byID:     make(map[string]*api, len(app.Deployed)),
		local:    sam.NewTable(app.Local.Routes),
		byMethod: make(map[string]*pathpattern.Index[entry]),
	}
	for i := range app.Deployed {
		a := &api{API: &app.Deployed[i], origins: newOriginSet(app.Deployed[i].CORS), byMethod: make(map[string]*pathpattern.Index[*sam.Route])}
		if a.Type == sam.HTTP { // to which a path with a slash at its end is another
			a.paths.MindSlash, a.own.MindSlash, a.any.MindSlash = true, true, true
		}
		g.apis = append(g.apis, a)
		g.byID[a.ID] = a
		g.index(a)
	}
	return g
}

// APIs returns the deployed APIs, in the order of the templates.
func (g *Gateway) APIs() []sam.API { return g.app.Deployed }

// API returns the deployed API that has a logical id.
func (g *Gateway) API(id string) (sam.API, bool) {
	a, ok := g.byID[id]
	if !ok {
		return sam.API{}, false
	}
	return *a.API, true
}

// WithPath returns the deployed APIs that have routes for a path, whatever their
// methods.
func (g *Gateway) WithPath(path string) []sam.API {
	var all []sam.API
	for e := range g.paths.Matches(path) {
		if !slices.ContainsFunc(all, func(a sam.API) bool { return a.ID == e.api.ID }) {
			all = append(all, *e.api.API)
		}
	}
	return all
}

// index indexes an API's paths and routes. Paths that are no patterns match
// nothing.
func (g *Gateway) index(a *api) {
	for i := range a.Preflights {
		p := &a.Preflights[i]
		pattern, err := pathpattern.Parse(p.Path)
		if err != nil {
			continue
		}
		a.paths.Insert(pattern, p)
		g.paths.Insert(pattern, entry{a, shapeOf(p.Path)})
		switch p.Method {
		case "OPTIONS":
			a.own.Insert(pattern, p)
		case "ANY":
			a.any.Insert(pattern, p)
		}
	}
	for i := range a.Routes {
		r := &a.Routes[i]
		pattern, err := pathpattern.Parse(r.Path)
		if err != nil {
			continue
		}
		index := indexOf(a.byMethod, r.Method)
		index.MindSlash = a.Type == sam.HTTP
		index.Insert(pattern, r)
		indexOf(g.byMethod, r.Method).Insert(pattern, entry{a, shapeOf(r.Path)})
	}
}

func indexOf[V any](m map[string]*pathpattern.Index[V], method string) *pathpattern.Index[V] {
	x := m[method]
	if x == nil {
		x = new(pathpattern.Index[V])
		m[method] = x
	}
	return x
}

// shapeOf returns a path without the names of its parameters.
func shapeOf(path string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return strings.TrimSuffix(b.String(), "/")
		}
		b.WriteByte('{')
		if strings.HasSuffix(name, "+") {
			b.WriteByte('+')
		}
		b.WriteByte('}')
		path = after
	}
}

// choose returns the API that a request is for, and the others that it may
// just as well be for: locally they all have one address. The one whose route
// SAM local serves goes first.
func (g *Gateway) choose(method, path string) (*api, []string) {
	matching := g.closest(g.byMethod[method], path)
	if matching == nil {
		matching = g.closest(&g.paths, path)
	}
	var chosen *api
	if route, ok := g.local.Match(method, path); ok {
		if a := g.byID[route.API]; a != nil {
			if _, has := a.paths.Best(path); has {
				chosen = a
			}
		}
	}
	if chosen == nil && matching != nil {
		chosen = matching[0]
	}
	var others []string
	for _, a := range matching {
		if a != chosen && slices.Contains(matching, chosen) {
			others = append(others, a.ID)
		}
	}
	return chosen, others
}

// closest returns the APIs that share the closest pattern for a path.
func (g *Gateway) closest(index *pathpattern.Index[entry], path string) []*api {
	if index == nil {
		return nil
	}
	var found []*api
	shape := ""
	for e := range index.Matches(path) {
		if found != nil && e.shape != shape {
			break
		}
		shape = e.shape
		if !slices.Contains(found, e.api) {
			found = append(found, e.api)
		}
	}
	return found
}
