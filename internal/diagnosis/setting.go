package diagnosis

import (
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Wish is what the CORS settings of a template are to allow.
type Wish struct {
	Origin      string
	Methods     []string
	Headers     []string
	Expose      []string
	Credentials bool // with Origin
	Preflight   bool // the answer to one is what lacks it
}

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
		if s, ok := w.setting(api, apis, p, own); ok {
			all = append(append(all, w.unlessTaken(api, apis)...), s)
		}
	}
	return all
}

// setting is for one API. The preflight is that of the path, where own says
// that the path is known to be the API's.
func (w Wish) setting(api sam.API, apis []sam.API, p sam.Preflight, own bool) (Setting, bool) {
	if own && (p.By == sam.ByFunction || p.By == sam.ByIntegration) && (api.Type != sam.HTTP || len(w.Expose) == 0) {
		return Setting{}, false // the template has no part in the answer
	}
	if api.CORS == nil {
		return w.missing(api, apis, p.Path)
	}
	if api.Type == sam.HTTP {
		return httpSetting(api.CORS, w.httpChanges(*api.CORS))
	}
	cors := *api.CORS // with the methods of all paths, which a list is for
	if own && p.By == sam.ByMock && p.CORS != nil && !p.Generated {
		cors = *p.CORS
	} else if !api.Serverless || own && !p.Generated || !own && slices.ContainsFunc(api.Preflights, func(p sam.Preflight) bool { return !p.Generated }) {
		return Setting{}, false
	}
	changes := w.restChanges(cors)
	s, ok := restSetting(&cors, p.Source, slices.Clone(changes))
	s.Where += changing(p, changes)
	return s, ok
}

// missing is the whole setting of an API that has none. Only an origin calls
// for it: what else an API lacks, another has answered.
func (w Wish) missing(api sam.API, apis []sam.API, asked string) (Setting, bool) {
	if w.Origin == "" || api.Type == sam.REST && (!api.Serverless || api.Elsewhere != "") {
		return Setting{}, false
	}
	where, harmless := settingPlace(api, apis)
	if p, ok := endedBySetting(api, apis, asked); ok || !harmless {
		itself := ", which answers preflights of "
		if _, either := takenByAny(api, apis); either {
			itself = ", if it answers preflights of "
		}
		event, ok := optionsEvent(api, asked)
		return Setting{api.Type, belowEvents(p) + itself + show(p.Path) + at(p.Source) + " itself", event}, ok && w.Preflight && p.Function != ""
	}
	return w.whole(api, where), true
}

// whole is a whole setting, and where it goes.
func (w Wish) whole(api sam.API, where string) Setting {
	property, values := "Cors", []any{"AllowOrigin", quotedValue(w.Origin)}
	if api.Type == sam.HTTP {
		property, values = "CorsConfiguration", []any{"AllowOrigins", sequence([]string{w.Origin}), "AllowMethods", sequence(methodsOf(api))}
	}
	if w.Credentials {
		values = append(values, "AllowCredentials", &yaml.Node{Kind: yaml.ScalarNode, Value: "true"})
	}
	if api.Elsewhere != "" {
		property, values = extensionOf(values)
	}
	return Setting{api.Type, where + besideGuards(api), marshal(mapping(property, mapping(values...)))}
}

// unlessTaken is the whole setting where functions may answer preflights, and the
// template does not tell.
func (w Wish) unlessTaken(api sam.API, apis []sam.API) []Setting {
	unless, either := takenByAny(api, apis)
	if !either || w.Origin == "" || !w.Preflight {
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

// restChanges are the keys of a Cors that change, and their values.
func (w Wish) restChanges(c sam.CORS) []any {
	var changes []any
	switch o := w.Origin; {
	case o == "" || slices.Contains(c.Unresolved, "AllowOrigin"):
	case isOriginList(sam.REST, c.AllowOrigins):
		changes = append(changes, "AllowOrigin", quotedValue(oneOrigin(c.AllowOrigins, o)))
	case !w.allows(c.AllowOrigins) && (miswritten(c.AllowOrigins, o) != "" || !slices.ContainsFunc(c.AllowOrigins, isSite)):
		changes = append(changes, "AllowOrigin", quotedValue(o))
	}
	for _, l := range []struct {
		key       string
		has, want []string
	}{{"AllowMethods", c.AllowMethods, w.Methods}, {"AllowHeaders", c.AllowHeaders, w.Headers}} {
		if all, ok := extended(c, l.key, l.has, l.want); ok {
			changes = append(changes, l.key, quotedValue(strings.Join(all, ",")))
		}
	}
	return w.withCredentials(c, changes)
}

// httpChanges are the keys of a CorsConfiguration that change.
func (w Wish) httpChanges(c sam.CORS) []any {
	var changes []any
	if o := w.Origin; o != "" && !slices.Contains(c.Unresolved, "AllowOrigins") && !w.allows(c.AllowOrigins) {
		others := slices.DeleteFunc(slices.Clone(c.AllowOrigins), func(listed string) bool { return listed == "*" || isMeantFor(listed, o) })
		changes = append(changes, "AllowOrigins", sequence(with(others, o)))
	}
	for _, l := range []struct {
		key       string
		has, want []string
	}{{"AllowMethods", c.AllowMethods, w.Methods}, {"AllowHeaders", c.AllowHeaders, w.Headers}, {"ExposeHeaders", c.ExposeHeaders, w.Expose}} {
		if all, ok := extended(c, l.key, l.has, l.want); ok {
			changes = append(changes, l.key, sequence(all))
		}
	}
	return w.withCredentials(c, changes)
}

// allows reports whether a list of origins has what is wished for: with
// credentials, * is not enough.
func (w Wish) allows(origins []string) bool {
	return slices.Contains(origins, w.Origin) || !w.Credentials && slices.Contains(origins, "*")
}

func (w Wish) withCredentials(c sam.CORS, changes []any) []any {
	if w.Credentials && !c.AllowCredentials && !slices.Contains(c.Unresolved, "AllowCredentials") {
		changes = append(changes, "AllowCredentials", &yaml.Node{Kind: yaml.ScalarNode, Value: "true"})
	}
	return changes
}

// extended returns the names of a list, and those that it lacks. It is false
// where it lacks none and all of it are names, or where it is not known.
func extended(c sam.CORS, key string, has, want []string) ([]string, bool) {
	all := readable(has, headerValue)
	if slices.Contains(has, "*") {
		all = slices.Insert(slices.DeleteFunc(all, func(name string) bool { return name == "*" }), 0, "*")
	}
	found := len(all)
	for _, word := range want {
		if _, ok := headerValue(word); ok && !slices.ContainsFunc(all, func(a string) bool { return strings.EqualFold(a, word) }) {
			all = append(all, word)
		}
	}
	broken := slices.ContainsFunc(has, func(h string) bool { return h != "*" && !aName.MatchString(h) })
	return all, len(want) > 0 && (len(all) > found || broken) && !slices.Contains(c.Unresolved, key)
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
