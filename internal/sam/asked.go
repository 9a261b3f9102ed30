package sam

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// Asked is a route as it is declared, with the Lambda authorizer that it asks for.
type Asked struct {
	Method     string // ANY for all
	Path       string
	Authorizer string   // its name; "" for none that SAM local runs
	Headers    []string // in which that looks
	Queries    []string // the query parameters in which it looks
	Passed     bool     // it asks for another, over which SAM local passes
	Source     string   // where it was read: "template.yaml:12"
}

// String returns "POST /items".
func (a Asked) String() string { return Route{Method: a.Method, Path: a.Path}.String() }

// Guarded is what the routes of one function on one path ask for, where any asks
// for a Lambda authorizer. SAM local makes one route of them, with the authorizer of
// one: the last, in an order that differs from start to start where the template has
// SAM's own resources.
type Guarded struct {
	Function string
	Asked    []Asked
	// Lasting says that --disable-authorizer changes nothing about it, as in the
	// Body of a raw REST API.
	Lasting bool
}

// IsMixed reports whether the routes do not all ask for the same.
func (g Guarded) IsMixed() bool {
	return slices.ContainsFunc(g.Asked, func(a Asked) bool { return a.Authorizer != g.Asked[0].Authorizer })
}

// MixesOptions reports whether another method has a Lambda authorizer other than the one
// that SAM local would take for OPTIONS, "" for none.
func (g Guarded) MixesOptions(authorizer string) bool {
	return slices.ContainsFunc(g.Asked, func(a Asked) bool {
		return a.Authorizer != "" && a.Authorizer != authorizer && a.Method != http.MethodOptions
	})
}

// MixesOptions reports whether SAM local would mix OPTIONS of a function on a path, with
// an authorizer or "" for none, with what other methods ask for.
func (a *API) MixesOptions(function, path, authorizer string) bool {
	function = function[strings.LastIndexByte(function, '/')+1:]
	return slices.ContainsFunc(a.guarded, func(g Guarded) bool {
		return g.Function == function && g.Asked[0].Path == path && g.MixesOptions(authorizer)
	})
}

func isRawREST(resource *tree.Value) bool { return resource.Get("Type").EqualsString(typeRestAPI) }

// Asks returns what a route of l asks for by the template, if only for none, where
// it is among guarded ones.
func (l Local) Asks(method, path string) (Asked, Guarded, bool) {
	i := slices.IndexFunc(l.Routes, func(r Route) bool { return r.Method == method && r.Path == path })
	if i < 0 {
		return Asked{}, Guarded{}, false
	}
	for _, g := range l.Guarded {
		if g.Function != l.Routes[i].Function || g.Asked[0].Path != path {
			continue
		}
		var own Asked
		for _, a := range g.Asked {
			if a.Method == method || a.Method == "ANY" && own.Method == "" {
				own = a
			}
		}
		if own.Method != "" && slices.ContainsFunc(g.Asked, func(a Asked) bool { return a.Source == l.Routes[i].Source }) {
			return own, g, true
		}
	}
	return Asked{}, Guarded{}, false
}

// reads is where an authorizer looks.
type reads struct{ headers, queries []string }

// runs notes that SAM local runs an authorizer of an API, by their names, and where
// it looks.
func (c *collector) runs(api, authorizer string, in reads) {
	c.authorizers[[2]string{api, authorizer}] = in
}

// readsOf returns where identity sources look, as method.request.querystring.token
// does.
func readsOf(sources *tree.Value) reads {
	return reads{IdentityHeaders(sources), identityNames(sources, "method.request.querystring.", "$request.querystring.")}
}

// named returns the authorizer that a route names, or its API for it.
func (m *mountable) named(c *collector) *tree.Value {
	if m.authorizer.Truthy() || m.open {
		return m.authorizer
	}
	return c.defaultAuthorizers[m.api]
}

// guarded returns what the routes of a group ask for. It is false where none asks
// for a Lambda authorizer.
func (c *collector) guarded(g group) (Guarded, bool) {
	all := Guarded{Function: g[0].function}
	found := false
	for _, m := range g {
		a := Asked{Method: m.methods[0], Path: m.path, Source: sourceOf(m.pos)}
		if len(m.methods) > 1 {
			a.Method = "ANY"
		}
		name, _ := m.named(c).Str()
		in, runs := c.authorizers[[2]string{m.api, name}]
		if runs {
			api := m.stack.resources.Get(m.api)
			a.Authorizer, a.Headers, a.Queries, found = name, in.headers, in.queries, true
			all.Lasting = all.Lasting || isRawREST(api) && api.Get("Properties").Get("Body").Truthy()
		}
		a.Passed = !runs && m.named(c).Truthy()
		all.Asked = append(all.Asked, a)
	}
	return all, found && all.Function != ""
}
