package sam

import (
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// Asked is a route as it is declared, with the Lambda authorizer that it asks for.
type Asked struct {
	Method     string // ANY for all
	Path       string
	Authorizer string // its name; "" for none that SAM local runs
	Passed     bool   // it asks for another, over which SAM local passes
	Source     string // where it was read: "template.yaml:12"
}

// String returns "POST /items".
func (a Asked) String() string { return Route{Method: a.Method, Path: a.Path}.String() }

// A Mix is what the routes of one function on one path ask for, where that is not
// the same of all. SAM local makes one route of them, with the authorizer of one:
// the last, in an order that differs from start to start where the template has
// SAM's own resources.
type Mix struct {
	Function string
	Asked    []Asked
	// Lasting says that --disable-authorizer changes nothing about it, as in the
	// Body of a raw REST API.
	Lasting bool
}

func isRawREST(resource *tree.Value) bool { return resource.Get("Type").EqualsString(typeRestAPI) }

// Mixed returns what a route of l asks for by the template, and what others of its
// function on its path do, which SAM local may ask for in its place. It is false
// where all ask for the same.
func (l Local) Mixed(method, path string) (own Asked, others []Asked, lasting, ok bool) {
	i := slices.IndexFunc(l.Routes, func(r Route) bool { return r.Method == method && r.Path == path })
	if i < 0 {
		return Asked{}, nil, false, false
	}
	for _, m := range l.Mixes {
		if m.Function != l.Routes[i].Function || m.Asked[0].Path != path {
			continue
		}
		for _, a := range m.Asked {
			if a.Method == method || a.Method == "ANY" && own.Method == "" {
				own = a
			}
		}
		if own.Method != "" && slices.ContainsFunc(m.Asked, func(a Asked) bool { return a.Source == l.Routes[i].Source }) {
			return own, slices.DeleteFunc(slices.Clone(m.Asked), func(a Asked) bool { return a.Authorizer == own.Authorizer }), m.Lasting, true
		}
	}
	return Asked{}, nil, false, false
}

// runs notes that SAM local runs an authorizer of an API, by their names.
func (c *collector) runs(api, authorizer string) { c.authorizers[[2]string{api, authorizer}] = true }

// linked returns the name of the authorizer by which SAM local asks for m, "" for
// none: it passes over what is no Lambda authorizer.
func (c *collector) linked(m *mountable) string {
	name := m.named(c)
	if text, ok := name.Str(); ok && c.authorizers[[2]string{m.api, text}] {
		return text
	}
	return ""
}

// named returns the authorizer that a route names, or its API for it.
func (m *mountable) named(c *collector) *tree.Value {
	if m.authorizer.Truthy() || m.open {
		return m.authorizer
	}
	return c.defaultAuthorizers[m.api]
}

// mix returns what the routes of a group ask for. It is false where all ask for the
// same.
func (c *collector) mix(g group) (Mix, bool) {
	mix := Mix{Function: g[0].function}
	differ := false
	for _, m := range g {
		a := Asked{Method: m.methods[0], Path: m.path, Authorizer: c.linked(m), Source: sourceOf(m.pos)}
		a.Passed = a.Authorizer == "" && m.named(c).Truthy()
		if len(m.methods) > 1 {
			a.Method = "ANY"
		}
		mix.Asked = append(mix.Asked, a)
		api := m.stack.resources.Get(m.api)
		mix.Lasting = mix.Lasting || a.Authorizer != "" && isRawREST(api) && api.Get("Properties").Get("Body").Truthy()
		differ = differ || a.Authorizer != mix.Asked[0].Authorizer
	}
	return mix, differ && mix.Function != ""
}
