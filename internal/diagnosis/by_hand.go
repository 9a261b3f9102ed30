package diagnosis

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// responseParameter is what the names of headers follow in an integration's
// response.
const responseParameter = "method.response.header."

// byHand is the setting in an OPTIONS method that the template has itself.
func byHand(c *sam.CORS, source string, changes []any) Setting {
	keys := []string{}
	for i := 0; i < len(changes); i += 2 {
		key := changes[i].(string)
		keys = append(keys, key)
		changes[i] = responseParameter + parameterOf(c, key)
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

// changing is what is to be declared for the changes of a REST API's setting.
func changing(p sam.Preflight, changes []any) Setting {
	var names []string
	for i := 0; i < len(changes); i += 2 {
		names = append(names, parameterOf(&sam.CORS{ByHand: true}, changes[i].(string)))
	}
	return declaring(p, names...)
}

// declaring is what the response of an OPTIONS method that the template has
// itself is to declare, where headers are added that it does not declare; else the
// zero Setting.
func declaring(p sam.Preflight, names ...string) Setting {
	missing := p.Response.Lacks(names...)
	adds := slices.ContainsFunc(names, func(name string) bool { return !p.Response.Sets(name) && slices.Contains(missing, name) })
	if p.By != sam.ByMock || p.Generated || !adds {
		return Setting{}
	}
	where, lines := p.Response.Declaration(missing)
	lead := "so that it deploys, "
	if p.Response.Unknown {
		lead = "if it is not there yet, "
	}
	return Setting{sam.REST, lead + where + at(p.Response.Source()), strings.Join(lines, "\n")}
}

// then is a setting behind another, in its line. It comes last, so that what is
// to be written first stands beside its place. It is "" for the zero Setting.
func then(s Setting) string {
	if s.Text == "" {
		return ""
	}
	return "; and, " + s.Where + ": " + s.entries()
}

// entries is the text in one line.
func (s Setting) entries() string { return list(strings.Split(s.Text, "\n")) }

// written is where a setting goes and what it is, and what is to be declared for
// it, if anything, as a hint has it: a snippet where that is one line of YAML.
func (s Setting) written(declared Setting) string {
	if declared.Text == "" && !strings.Contains(s.Text, "\n") {
		return s.Where + ":\n" + s.Text
	}
	return s.Where + ": " + s.entries() + then(declared)
}

// declaring is the same of the path of the route that is blocked, where its OPTIONS
// method is the template's own.
func (b *obstacle) declaring(fields []wanted) Setting {
	if !b.byHand() {
		return Setting{}
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
