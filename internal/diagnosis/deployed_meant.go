package diagnosis

import (
	"path"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// An event that names no API belongs to one that SAM makes, without the CORS
// setting of the API that it was meant for.

// isImplicit reports whether an API is one that SAM makes of events.
func isImplicit(api sam.API) bool {
	name := path.Base(api.ID)
	return name == transform.ImplicitREST || name == transform.ImplicitHTTP
}

// withSetting returns the APIs of SAM's in an API's template that have a CORS
// setting and take events, be they of its kind or of the other.
func withSetting(api sam.API, apis []sam.API) []sam.API {
	return slices.DeleteFunc(slices.Clone(apis), func(other sam.API) bool {
		return other.ID == api.ID || path.Dir(other.ID) != path.Dir(api.ID) || other.Property == "" || other.OwnDocument || other.Elsewhere != ""
	})
}

// meant returns the one API that an event of an API that SAM makes may have been
// meant for. It is false where there is none, or more than one.
func (b blocked) meant() (sam.API, bool) {
	api, _ := b.gateway.API(b.answer.API)
	others := withSetting(api, b.gateway.APIs())
	if !isImplicit(api) || len(others) != 1 {
		return sam.API{}, false
	}
	return others[0], true
}

// settingElsewhere says where the template has the CORS setting that the API of
// a path lacks.
func (b blocked) settingElsewhere() string {
	api, _ := b.gateway.API(b.answer.API)
	other, ok := b.meant()
	kind := map[string]string{sam.REST: "a REST API", sam.HTTP: "an HTTP API"}[other.Type]
	switch {
	case ok && len(other.Routes) == 0 && other.Type == api.Type:
		return "; " + other.Property + " is set for " + show(other.ID) + at(other.Source) + ", which has no route"
	case ok && len(other.Routes) == 0:
		return "; " + other.Property + " is set for " + show(other.ID) + at(other.Source) + ", which is " + kind + " and has no route"
	case ok && other.Type == api.Type:
		return "; " + other.Property + " is set for " + show(other.ID) + at(other.Source) + ", to which the path does not belong"
	case api.OtherGlobals != "" && !slices.ContainsFunc(b.gateway.APIs(), func(o sam.API) bool { return o.Type != api.Type && len(o.Routes) > 0 }):
		property, kinds := "CorsConfiguration", "HTTP APIs"
		if api.Type == sam.HTTP {
			property, kinds = "Cors", "REST APIs"
		}
		return "; " + property + " in Globals" + at(api.OtherGlobals) + " counts for " + kinds + " alone"
	}
	return ""
}

// referenceHint is the line that gives events the API that they may have been
// meant for. Where that has no other route, nothing else is worth a hint: it is
// of no use as it is, and AWS refuses a REST API without methods.
func (b blocked) referenceHint() (hint []string, only bool) {
	api, _ := b.gateway.API(b.answer.API)
	other, ok := b.meant()
	auth, same := openAs(api, other)
	if !ok || other.Type != api.Type || !same {
		return nil, false
	}
	key := "ApiId"
	if api.Type == sam.REST {
		key = "RestApiId"
	}
	asked := b.answer.Path
	only = len(other.Routes) == 0
	_, answered := answersItself(api, asked) // on other paths, which are to stay as they are
	place := show(other.ID) + at(other.Source)
	lead, events := "to have "+place+" answer preflights when deployed", "each event without "+key
	if !only || answered {
		events = "each event of " + show(asked)
	}
	if !only {
		lead = "or, if the path was meant for " + place
		if slices.ContainsFunc(other.Routes, func(r sam.Route) bool {
			return r.Path == asked || strings.Contains(r.Path, "{") && strings.Contains(asked, "{")
		}) {
			return nil, false // one API may have no two such routes
		}
	}
	emptied := only && !answered || !slices.ContainsFunc(api.Routes, func(r sam.Route) bool { return r.Path != asked })
	text := lead + ", write in the Properties of " + events + besideGuards(other)
	if name := path.Base(api.ID); api.Referred && emptied {
		text += ", and name " + show(path.Base(other.ID)) + " and its stage where the template names " + name
	}
	if api.Type == sam.HTTP {
		text += "; its CORS headers then take the place of those that functions send"
	}
	line := key + ": !Ref " + show(path.Base(other.ID))
	if auth != "" { // in the same line, which is all that a log has
		return []string{text + ": " + line + "; and, to leave them as open as they are, in those without Auth: " + auth}, only
	}
	return []string{text + ":\n" + line}, only
}

// openAs is a line with the Auth of an event that leaves it as open in another API as
// it is in the one that SAM makes, "" where that needs none. It is false where that
// cannot be had, or not be told.
func openAs(api, other sam.API) (line string, ok bool) {
	var open []string
	if other.DefaultAuthorizer && !api.DefaultAuthorizer {
		open = append(open, "Authorizer: NONE")
	}
	if other.DefaultKey && !api.DefaultKey {
		open = append(open, "ApiKeyRequired: false")
	}
	if len(open) > 0 {
		line = "Auth: {" + strings.Join(open, ", ") + "}"
	}
	opened := api.DefaultAuthorizer && !other.DefaultAuthorizer || api.DefaultKey && !other.DefaultKey
	return line, !opened && (!other.Restricted || api.Restricted)
}
