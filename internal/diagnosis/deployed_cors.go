package diagnosis

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// corsHint is the CORS setting that an API lacks, or what does without it.
func (b blocked) corsHint() []string {
	a := b.answer
	if !a.Serverless && a.Type == sam.REST {
		return []string{fmt.Sprintf("add an OPTIONS method with a MOCK integration to %s: a raw REST API has no CORS setting", show(a.Path))}
	}
	lead, hints := "to have preflights answered when deployed", b.besideOthers()
	if len(hints) > 0 {
		lead = "or to have API Gateway answer all preflights of the API, in place of its functions"
	}
	if !mayBeWritten("AllowOrigin", b.Origin) || !mayBeWritten("AllowMethods", b.Method) || !mayBeWritten("AllowHeaders", b.Headers...) {
		return hints
	}
	property, beside, values := "Cors", "in place of", []any{"AllowOrigin", quotedValue(b.Origin)}
	if len(b.Headers) > 0 {
		values = append(values, "AllowHeaders", quotedValue(strings.Join(b.Headers, ",")))
	}
	if a.Type == sam.HTTP {
		property, beside, values = "CorsConfiguration", "beside", []any{"AllowOrigins", sequence([]string{b.Origin}), "AllowMethods", sequence(b.methods())}
		if len(b.Headers) > 0 {
			values = append(values, "AllowHeaders", sequence(b.Headers))
		}
	}
	where := "below Properties of " + show(a.API) + at(a.APISource)
	switch path.Base(a.API) {
	case transform.ImplicitREST:
		where = "below Api in Globals (write the two where they are missing)"
	case transform.ImplicitHTTP:
		where = "below HttpApi in Globals (write the two where they are missing)"
	}
	if u, err := url.Parse(b.Origin); err == nil && isLoopback(u.Hostname()) {
		where += ", with the origin of the deployed page " + beside + " this page's"
	}
	return append(hints, lead+", write "+where+":\n"+marshal(mapping(property, flow(mapping(values...)))))
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

// besideOthers is what has a path's preflights answered as another's are,
// which a CORS setting would put an end to. It is nil where there is none.
func (b blocked) besideOthers() []string {
	api, _ := b.gateway.API(b.answer.API)
	p, ok := answersItself(api, b.answer.Path)
	if !ok {
		return nil
	}
	lead := "to have preflights there answered when deployed as for " + show(p.Path) + at(p.Source) + ", add "
	if event, ok := optionsEvent(api, b.answer.Path); ok && p.Function != "" {
		return []string{lead + belowEvents(p) + ":\n" + event}
	}
	return []string{lead + "OPTIONS " + show(b.answer.Path) + " to " + show(api.ID)}
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
