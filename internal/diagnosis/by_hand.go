package diagnosis

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// byHand is the setting in an OPTIONS method that the template has itself.
func byHand(c *sam.CORS, source string, changes []any) Setting {
	keys := []string{}
	for i := 0; i < len(changes); i += 2 {
		key := changes[i].(string)
		keys = append(keys, key)
		changes[i] = "method.response.header." + parameterOf(c, key)
		if value := changes[i+1].(*yaml.Node); value.Value == "true" {
			changes[i+1] = quotedValue("true")
		}
	}
	where := "in the response parameters of that OPTIONS method" + at(source)
	if c.Places == nil {
		where += ", which you add where there are none"
	}
	return Setting{sam.REST, where + inPlace(c, keys), marshal(mapping(changes...))}
}

// inPlace says that a value takes the place of another, where the setting has one of
// the keys.
func inPlace(c *sam.CORS, keys []string) string {
	if slices.ContainsFunc(keys, func(key string) bool { return c.Places[key] != "" }) {
		return ", in place of what has the name"
	}
	return ""
}

// inPlace is the same of the fields that the route's own API lacks.
func (b *obstacle) inPlace(fields []wanted) string {
	var keys []string
	for _, w := range fields {
		keys = append(keys, w.key(sam.REST))
	}
	return inPlace(b.api.CORS, keys)
}

// changing says what is to be declared for the changes of a REST API's setting.
func changing(p sam.Preflight, changes []any) string {
	var names []string
	for i := 0; i < len(changes); i += 2 {
		names = append(names, parameterOf(&sam.CORS{ByHand: true}, changes[i].(string)))
	}
	return declaring(p, names...)
}

// declaring says what the response of an OPTIONS method that the template has
// itself is to declare, where headers are added that it does not declare; else "".
func declaring(p sam.Preflight, names ...string) string {
	missing := p.Response.Lacks(names...)
	adds := slices.ContainsFunc(names, func(name string) bool { return !p.Response.Sets(name) && slices.Contains(missing, name) })
	if p.By != sam.ByMock || p.Generated || !adds {
		return ""
	}
	where, lines := p.Response.Declaration(missing)
	lead := ", and, so that it deploys, "
	if p.Response.Unknown {
		lead = ", and, if it is not there yet, "
	}
	return lead + list(lines) + " " + where + at(p.Response.Source())
}

// declaring is the same of the path of the route that is blocked, where its OPTIONS
// method is the template's own.
func (b *obstacle) declaring(fields []wanted) string {
	if !b.byHand() {
		return ""
	}
	p, _ := b.api.Preflight(b.route.Path)
	var names []string
	for _, w := range fields {
		names = append(names, w.header)
	}
	return declaring(p, names...)
}

// preflight is what the template has of the answer that blocks.
func (b blocked) preflight() sam.Preflight {
	api, _ := b.gateway.API(b.answer.API)
	p, _ := api.Preflight(b.answer.Path)
	return p
}
