package diagnosis

import (
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Setting is what to write in a template.
type Setting struct {
	Type  string // of the API: sam.REST or sam.HTTP
	Where string // "below Cors of Shop (template.yaml:7)"
	Text  string // YAML
}

// Settings returns what to write in a template so that the API that a request
// is for allows w. Where the request does not tell the API, it is of all. What
// a template says already stays: a list is repeated with what it lacks, and a
// REST API's origin that is a site's is left alone.
func Settings(g *apigateway.Gateway, apis []sam.API, r apigateway.Request, w Wish) []Setting {
	if !mayBeWritten("AllowOrigin", w.Origin) {
		w.Origin = ""
	}
	a := g.Answer(r)
	var all []Setting
	for _, api := range apis {
		own := a.Path != "" && len(a.Others) == 0
		if own && api.ID != a.API {
			continue
		}
		p, _ := api.Preflight(a.Path)
		all = append(all, w.settings(api, apis, p, own, r)...)
	}
	return all
}

// settings are for one API. The preflight is that of the path, where own says
// that the path is known to be the API's.
func (w Wish) settings(api sam.API, apis []sam.API, p sam.Preflight, own bool, r apigateway.Request) []Setting {
	if own && (p.By == sam.ByFunction || p.By == sam.ByIntegration) && (api.Type != sam.HTTP || api.CORS == nil && len(w.Expose) == 0) {
		return nil // the template has no part in the answer
	}
	if api.CORS == nil {
		w = w.withCookies(api)
		s, ok := w.missing(api, apis, p.Path)
		if !ok {
			return nil
		}
		return append(w.unlessTaken(api, apis), s)
	}
	cors := *api.CORS // with the methods of all paths, which a list is for
	change, write := Wish.httpChanges, httpSetting
	if api.Type == sam.REST {
		switch {
		case own && p.By == sam.ByMock && p.CORS != nil && !p.Generated:
			cors = *p.CORS
		case !api.Serverless || own && !p.Generated || !own && slices.ContainsFunc(api.Preflights, func(p sam.Preflight) bool { return !p.Generated }):
			return nil
		}
		change, write = Wish.restChanges, func(c *sam.CORS, changes []any) (Setting, bool) {
			return restSetting(c, p.Source, slices.Clone(changes))
		}
	}
	w = w.byName(api, &cors)
	changes := change(w, cors)
	if len(changes) > 0 && !own {
		p.Path = ""
	}
	if len(changes) > 0 {
		enough := w.withCookies(api).sufficient(api, cors, p.Path, r).byName(api, &cors)
		changes = change(enough, cors)
	}
	parts := [][]any{changes}
	if isComputed(&cors, changes) { // each value has a source of its own
		parts = slices.Collect(slices.Chunk(changes, 2))
	}
	var all []Setting
	for _, part := range parts {
		if s, ok := write(&cors, part); ok {
			s.Where = w.counting(s.Where)
			all = append(all, s)
		}
	}
	if s := changing(p, changes); api.Type == sam.REST && len(all) > 0 && s.Text != "" {
		all = append(all, s)
	}
	return all
}

// missing is the whole setting of an API that has none. Only an origin calls
// for it: what else an API lacks, another has answered.
func (w Wish) missing(api sam.API, apis []sam.API, asked string) (Setting, bool) {
	if w.page() == "" || api.Type == sam.REST && (!api.Serverless || api.Elsewhere != "") {
		return Setting{}, false
	}
	switch {
	case api.Type == sam.REST && api.Property == "" && w.unsent(api.ID):
		return Setting{sam.REST, "below Cors of " + show(api.ID) + at(w.Local.Source), marshal(mapping("AllowOrigin", quotedValue(w.page())))}, true
	case api.Property != "" || api.Refused != "" && api.Elsewhere == "": // it has one, with what is to stay
		return Setting{}, false
	}
	where, harmless := settingPlace(api, apis)
	if p, ok := endedBySetting(api, apis, asked); ok || !harmless {
		itself := ", which answers preflights of "
		if _, either := takenByAny(api, apis); either {
			itself = ", if it answers preflights of "
		}
		event, ok := optionsEvent(api, asked)
		return Setting{api.Type, belowEvents(p) + itself + show(p.Path) + at(p.Source) + " itself" + unmixed(api, p, asked), event}, ok && w.Preflight && p.Function != ""
	}
	return w.whole(api, where), true
}

// whole is a whole setting, and where it goes.
func (w Wish) whole(api sam.API, where string) Setting {
	property, values, headers := "Cors", []any{"AllowOrigin", quotedValue(w.page())}, w.headers(api)
	if api.Type == sam.HTTP {
		property, values = "CorsConfiguration", []any{"AllowOrigins", sequence([]string{w.page()}), "AllowMethods", sequence(methodsOf(api))}
	}
	switch {
	case len(headers) > 0 && api.Type == sam.HTTP:
		values = append(values, "AllowHeaders", sequence(headers))
	case len(headers) > 0:
		values = append(values, "AllowHeaders", quotedValue(strings.Join(headers, ",")))
	}
	if w.Credentials {
		values = append(values, "AllowCredentials", &yaml.Node{Kind: yaml.ScalarNode, Value: "true"})
	}
	if api.Elsewhere != "" {
		property, values = extensionOf(values)
	}
	where += besideGuards(api)
	if w.Origin == "" {
		where += ", with the page's own origin"
	}
	where = w.counting(where)
	return Setting{api.Type, where, marshal(mapping(property, mapping(values...)))}
}

// counting says where a CORS setting counts that goes somewhere.
func (w Wish) counting(where string) string {
	if w.OnlyDeployed {
		return "for AWS, " + where
	}
	return where
}

// unlessTaken is the whole setting where functions may answer preflights, and the
// template does not tell.
func (w Wish) unlessTaken(api sam.API, apis []sam.API) []Setting {
	unless, either := takenByAny(api, apis)
	if !either || w.page() == "" || !w.Preflight {
		return nil
	}
	where, _ := settingPlace(api, apis)
	s := w.whole(api, where)
	s.Where += ", if " + unless + " itself"
	return []Setting{s}
}

// methodsOf returns the methods of an API's routes, sorted.
func methodsOf(api sam.API) []string {
	var all []string
	for _, r := range api.Routes {
		if r.Method != http.MethodOptions {
			all = append(all, r.Method)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// restSetting is where a REST API's values stand, and how they are written: of
// a Cors property, which SAM makes OPTIONS methods of, or of such a method, which
// stands at source.
func restSetting(c *sam.CORS, source string, changes []any) (Setting, bool) {
	if c == nil { // the method sends none of them
		c = &sam.CORS{APIType: sam.REST, ByHand: true}
	}
	switch {
	case len(changes) == 0:
		return Setting{}, false
	case isComputed(c, changes):
		return computedSetting(c, changes)
	case c.ByHand:
		return byHand(c, source, changes), true
	case c.Short:
		if !slices.Contains(changes, any("AllowOrigin")) {
			changes = append([]any{"AllowOrigin", quotedValue(strings.Join(c.AllowOrigins, ","))}, changes...)
		}
		return Setting{sam.REST, "in place of Cors of " + show(c.API) + at(c.Source) + ofBuild(at(c.Source)), marshal(mapping("Cors", flow(mapping(changes...))))}, true
	}
	return Setting{sam.REST, within("below Cors of ", c, changes), marshal(mapping(changes...))}, true
}

// ofBuild names what is to be changed in place of a build, which the next one
// overwrites; "" where the place is in none.
func ofBuild(where string) string {
	if strings.Contains(where, "("+sam.BuildFolder) {
		return ", in the template that this was built from"
	}
	return ""
}

// httpSetting is the same for an HTTP API.
func httpSetting(c *sam.CORS, changes []any) (Setting, bool) {
	switch {
	case len(changes) == 0:
		return Setting{}, false
	case isComputed(c, changes):
		return computedSetting(c, changes)
	case c.Extension:
		_, changes = extensionOf(changes)
		return Setting{sam.HTTP, "in " + corsExtension + " of " + show(c.API) + at(c.Source) + ", in place of what has the name", marshal(mapping(changes...))}, true
	case c.Short:
		if !slices.Contains(changes, any("AllowOrigins")) {
			changes = append([]any{"AllowOrigins", sequence(c.AllowOrigins)}, changes...)
		}
		return Setting{sam.HTTP, "in place of CorsConfiguration of " + show(c.API) + at(c.Source) + ofBuild(at(c.Source)), marshal(mapping("CorsConfiguration", flow(mapping(changes...))))}, true
	}
	return Setting{sam.HTTP, within("in the CORS configuration of ", c, changes), marshal(mapping(changes...))}, true
}

// corsExtension is the CORS setting of an HTTP API in an OpenAPI document.
const corsExtension = "x-amazon-apigateway-cors"

// extensionOf returns the key of that setting, and keys and values as they are
// written there.
func extensionOf(values []any) (key string, written []any) {
	written = slices.Clone(values)
	for i := 0; i < len(written); i += 2 {
		written[i] = lowerFirst(written[i].(string))
	}
	return corsExtension, written
}

func lowerFirst(key string) string { return strings.ToLower(key[:1]) + key[1:] }

// within says where the changes go. Of a key that is there the line is named: if
// it stood twice, one would not count.
func within(lead string, c *sam.CORS, changes []any) string {
	var there []string
	for i := 0; i < len(changes); i += 2 {
		if key := changes[i].(string); c.Places[key] != "" {
			there = append(there, key+at(c.Places[key]))
		}
	}
	if len(there) == 0 {
		lead += show(c.API) + at(c.Source)
	} else {
		lead = "in place of " + list(there) + ", " + lead + show(c.API)
	}
	return lead + ofBuild(lead)
}
