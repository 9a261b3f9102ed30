package diagnosis

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// corsHint is the CORS setting that an API lacks, or what does without it, and
// the API that has one, to which the route may have been meant to belong.
func (b blocked) corsHint() []string {
	hint, only := b.referenceHint()
	if only {
		return hint
	}
	return append(b.lackingHint(), hint...)
}

// lackingHint is the CORS setting that an API lacks, or what does without it.
func (b blocked) lackingHint() []string {
	a := b.answer
	if !a.Serverless && a.Type == sam.REST {
		return []string{fmt.Sprintf("add an OPTIONS method with a MOCK integration to %s: a raw REST API has no CORS setting", show(a.Path))}
	}
	api, _ := b.gateway.API(a.API)
	if api.Elsewhere != "" && a.Type == sam.REST {
		return []string{fmt.Sprintf("add an OPTIONS method with a MOCK integration to %s in %s: SAM refuses Cors beside a DefinitionUri", show(a.Path), show(api.Elsewhere))}
	}
	others := b.besideOthers()
	unless, either := takenByAny(api, b.gateway.APIs())
	if len(others) > 0 && !either {
		return others
	}
	if !mayBeWritten("AllowOrigin", b.Origin) || !mayBeWritten("AllowMethods", b.Method) || !mayBeWritten("AllowHeaders", b.Headers...) {
		return others
	}
	origin, site := b.Origin, SiteBehind(api, a.Path, b.Origin)
	if site != "" {
		origin = site // as the API's other paths have it
	}
	property, beside, values := "Cors", "in place of", []any{"AllowOrigin", quotedValue(origin)}
	if len(b.Headers) > 0 {
		values = append(values, "AllowHeaders", quotedValue(strings.Join(b.Headers, ",")))
	}
	if a.Type == sam.HTTP {
		property, beside, values = "CorsConfiguration", "beside", []any{"AllowOrigins", sequence([]string{b.Origin}), "AllowMethods", sequence(b.methods())}
		if len(b.Headers) > 0 {
			values = append(values, "AllowHeaders", sequence(b.Headers))
		}
	}
	if api.Elsewhere != "" {
		property, values = extensionOf(values)
	}
	where, _ := settingPlace(api, b.gateway.APIs())
	if u, err := url.Parse(b.Origin); err == nil && site == "" && isLoopback(u.Hostname()) {
		where += ", with the origin of the deployed page " + beside + " this page's"
	}
	if a.Type == sam.HTTP {
		where += "; its CORS headers then take the place of those that functions send"
	}
	if either {
		unless = ", if " + unless + " itself (else give OPTIONS " + show(a.Path) + " to the one that does)"
	}
	setting := "to have preflights answered when deployed" + unless + ", write " + where + besideGuards(api) + ":\n" + marshal(mapping(property, flow(mapping(values...))))
	return append([]string{setting}, others...)
}

// besideGuards is what an API's Auth has to say, too, so that it lets the
// preflights pass that a CORS setting adds.
func besideGuards(api sam.API) string {
	text := ""
	for _, g := range api.PreflightGuards {
		beside, open := openDefault(g)
		text += ", and " + open + " " + beside
	}
	return text
}

// settingPlace is where an API that has no CORS setting is given one. For the
// API that SAM makes of events this is Globals, which count for the others of
// its type and template, too. It is false where these would change: the Cors of
// a REST API has to say its origin itself, and the lists of an HTTP API are put
// together with those of Globals.
func settingPlace(api sam.API, apis []sam.API) (where string, harmless bool) {
	if api.Elsewhere != "" {
		return "at the top level of " + show(api.Elsewhere), true
	}
	if !isImplicit(api) {
		return "below Properties of " + show(api.ID) + at(api.Source), true
	}
	section := map[string]string{sam.REST: "Api", sam.HTTP: "HttpApi"}[api.Type]
	if api.SharesGlobals {
		return "", false
	}
	others := besideInGlobals(api, apis)
	globals := "Globals"
	if nested := ofStack(api.ID, api.Source); nested != "" {
		globals += " of" + strings.TrimPrefix(nested, " in")
	}
	return "below " + section + " in " + globals + " (write the two where they are missing)", !slices.ContainsFunc(others, func(other sam.API) bool {
		return api.Type == sam.HTTP || other.CORS == nil || !other.CORS.Short && other.CORS.Places["AllowOrigin"] == ""
	})
}

// besideInGlobals returns the other APIs that the Globals of an API's template
// count for.
func besideInGlobals(api sam.API, apis []sam.API) []sam.API {
	var others []sam.API
	for _, other := range apis {
		if other.ID != api.ID && other.Type == api.Type && other.Serverless && path.Dir(other.ID) == path.Dir(api.ID) {
			others = append(others, other)
		}
	}
	return others
}

// endedBySetting returns what answers OPTIONS itself and would not any more if
// an API without a CORS setting had one where [settingPlace] says.
func endedBySetting(api sam.API, apis []sam.API, asked string) (sam.Preflight, bool) {
	if p, ok := answersItself(api, asked); ok {
		return p, true
	}
	if _, harmless := settingPlace(api, apis); harmless {
		return sam.Preflight{}, false
	}
	for _, other := range besideInGlobals(api, apis) {
		if p, ok := answersItself(other, asked); ok {
			return p, true
		}
	}
	return sam.Preflight{}, false
}

// answersItself returns what answers OPTIONS on another path of an API without
// a CORS setting and would not any more if it had one: SAM adds an OPTIONS to
// each path where ANY alone takes it, and API Gateway puts its own headers in
// place of those of an HTTP API's functions. What the path's own function
// answers comes first.
func answersItself(api sam.API, path string) (sam.Preflight, bool) {
	if api.CORS != nil || api.Type == sam.REST && !api.Serverless {
		return sam.Preflight{}, false
	}
	var found []sam.Preflight
	for _, p := range api.Preflights {
		if p.By != sam.ByFunction && p.By != sam.ByIntegration || api.Type == sam.REST && p.Method != "ANY" {
			continue
		}
		if slices.ContainsFunc(api.Routes, func(r sam.Route) bool { return r.Path == path && r.Function == p.Function }) {
			return p, true
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		return sam.Preflight{}, false
	}
	return found[0], true
}

// takenByAny says what must not hold for an API to be given a CORS setting without
// any loss: that functions answer the preflights that they get for their ANY alone.
// Most leave them to others, and the template does not tell. It is false where such
// a setting ends nothing, or something else.
func takenByAny(api sam.API, apis []sam.API) (unless string, either bool) {
	if _, harmless := settingPlace(api, apis); !harmless || api.CORS != nil {
		return "", false
	}
	var functions []string
	for _, p := range api.Preflights {
		switch {
		case p.By != sam.ByFunction && p.By != sam.ByIntegration || api.Type == sam.REST && p.Method != "ANY":
		case p.Function == "" || p.Method != "ANY":
			return "", false
		case !slices.Contains(functions, p.Function):
			functions = append(functions, p.Function)
		}
	}
	switch len(functions) {
	case 0:
		return "", false
	case 1:
		return "function " + show(functions[0]) + " does not answer preflights", true
	}
	return "none of the functions " + list(functions) + " answers preflights", true
}

// besideOthers is what has a path's preflights answered where a CORS setting
// would change what others answer. It is nil where it would not.
func (b blocked) besideOthers() []string {
	api, _ := b.gateway.API(b.answer.API)
	asked, apis := b.answer.Path, b.gateway.APIs()
	p, ended := endedBySetting(api, apis, asked)
	if _, harmless := settingPlace(api, apis); harmless && !ended {
		return nil
	}
	lead := "to have preflights there answered when deployed"
	if ended {
		lead += " as for " + show(p.Path) + at(p.Source)
		if _, either := takenByAny(api, apis); either {
			lead += ", if function " + show(p.Function) + " answers them there"
		}
	} else if i := slices.IndexFunc(api.Routes, func(r sam.Route) bool { return r.Path == asked }); i >= 0 {
		p.Function = api.Routes[i].Function
	}
	event, ok := optionsEvent(api, asked)
	switch {
	case !ok || p.Function == "":
		return []string{lead + ", add OPTIONS " + show(asked) + " to " + show(api.ID)}
	case ended:
		return []string{lead + ", add " + belowEvents(p) + unmixed(api, p, asked) + ":\n" + event}
	}
	return []string{lead + ", add " + belowEvents(p) + ", which then has to answer them" + unmixed(api, p, asked) + ":\n" + event}
}

// unmixed says what else is needed where SAM local would mix OPTIONS of a path with the
// function's other methods there.
func unmixed(api sam.API, p sam.Preflight, path string) string {
	if !api.MixesOptions(p.Function, path, api.OptionsAuthorizer) {
		return ""
	}
	return " (" + ofAllMethods + ": start it with --disable-authorizer, or have another function answer OPTIONS)"
}

// belowEvents is where an event goes for the function that answers a preflight.
func belowEvents(p sam.Preflight) string {
	return "below Events in the Properties of function " + show(p.Function)
}

// methods are those of the API's routes, and the one that is asked for.
func (b blocked) methods() []string {
	api, _ := b.gateway.API(b.answer.API)
	all := methodsOf(api)
	if !slices.Contains(all, b.Method) {
		all = append(all, b.Method)
	}
	return all
}
