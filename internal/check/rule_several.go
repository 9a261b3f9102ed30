package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// CP606x: several APIs in one template.
func severalRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6060", Name: "cors-lost", Severity: SeverityWarning,
		Title: "SAM local loses the CORS setting to a later API",
		Text: "SAM local has one CORS setting for all APIs: that of the last one, even if it has none. Then OPTIONS is mounted for none, and preflights get 403 Missing Authentication Token, unless an event for OPTIONS, or for any method, has its function take them. " +
			"On AWS each API has its own.",
		Fix:   "Set CORS in Globals, for all APIs; or let corsproxy answer, with --cors-source template.",
		Since: "0.2.0",
	}, find: func(v *view) []problem { return v.lostCORS(false) }}, {Info: Info{
		Code: "CP6061", Name: "implicit-api-erases-cors", Severity: SeverityWarning,
		Title: "The implicit API erases the CORS setting of another",
		Text: "An event without RestApiId or ApiId belongs to an API that SAM adds, ServerlessRestApi or ServerlessHttpApi. It comes last, and SAM local has one CORS setting for all: that of the last API. " +
			"Often the reference was only forgotten, and the route is deployed at another address than the rest.",
		Fix:   "Give the event the API it was meant for, or set CORS in Globals. Where that API has a DefaultAuthorizer, or ApiKeyRequired, and the event is to stay open, its Auth has to say so.",
		Since: "0.2.0",
	}, find: func(v *view) []problem { return v.lostCORS(true) }}, {Info: Info{
		Code: "CP6062", Name: "cors-of-last-api", Severity: SeverityWarning,
		Title: "SAM local answers with the CORS setting of another API",
		Text:  "SAM local has one CORS setting for all APIs, that of the last. This API has another, which counts on AWS: what a page may do locally is not what it may do there.",
		Fix:   "Set CORS in Globals, for all APIs; or let corsproxy answer, with --cors-source template.",
		Since: "0.2.0",
	}, find: otherCORS}, {Info: Info{
		Code: "CP6063", Name: "cors-only-locally", Severity: SeverityWarning,
		Title: "An API without CORS gets another's locally",
		Text: "SAM local has one CORS setting for all APIs, that of the last. This API has none of its own: pages can call it locally, and not on AWS. " +
			"Where no page calls the API, ignore the finding.",
		Fix:   "Set CORS for the API, or in Globals for all.",
		Since: "0.2.0",
	}, find: borrowedCORS}, {Info: Info{
		Code: "CP6064", Name: "provider-ignored", Severity: SeverityWarning,
		Title: "SAM local serves either SAM's own APIs or raw ones",
		Text: "The first resource that is a function or an API decides: one of SAM's types, and raw AWS::ApiGateway resources are not looked at; a raw one, and the events of functions are not. " +
			"AWS deploys both.",
		Fix:   "Write the routes as events of functions, or keep the raw API in a template of its own.",
		Since: "0.2.0",
	}, find: ignoredProvider}}
}

// lastAPI returns the API whose CORS setting SAM local has for all: the last
// of SAM's own types, be it deployed or not.
func (v *view) lastAPI() *api {
	if !v.serverless {
		return nil
	}
	for _, r := range slices.Backward(v.resources) {
		if a := newAPI(r); a != nil && a.serverless && (a.get("DefinitionBody").local.Truthy() || a.get("DefinitionUri").local.Truthy()) {
			return a
		}
	}
	return nil
}

// declared returns the CORS property of an API of SAM's own, or nil.
func (v *view) declared(a *api) *policy {
	for _, p := range v.policies {
		if p.api == a && a.serverless && (p.form == formCors || p.form == formConfiguration) {
			return p
		}
	}
	return nil
}

func (v *view) hasRoutes(a *api) bool {
	return slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && r.mounted })
}

// lostCORS finds the CORS settings that do not count locally, because the
// last API, implicit or not, has none.
func (v *view) lostCORS(implicit bool) []problem {
	last := v.lastAPI()
	if v.Refused != nil || last == nil || v.Local.CORS != nil || last.property() != nil || last.implicit != implicit {
		return nil
	}
	var all []problem
	for _, a := range v.apis {
		p := v.declared(a)
		if p == nil || !v.hasRoutes(a) {
			continue
		}
		found := problem{
			pos: p.pos, what: fmt.Sprintf("SAM local loses the CORS setting of API %s to %s, the last API, which has none", a.name(), last.beside(a)),
			why: v.preflightsWithoutCORS() + "; on AWS each API has its own setting",
			fix: asDeployed,
		}
		m := v.moveTo(a, last)
		if names, lines := m.names(); implicit && len(names) > 0 {
			in := "in line " + lines[0]
			if len(lines) > 1 {
				in = "in lines " + and(lines)
			}
			if last.stack != a.stack {
				in = "of stack " + quote(last.stack.ID)
				if last.stack.ID == "" {
					in = "of the root template"
				}
			}
			found.what = fmt.Sprintf("SAM local loses the CORS setting of API %s to the implicit API of %s %s", a.name(), firstOf(names, 2), in)
			if v.meant(last) == a && !m.answersPages(v) {
				if fix, ok := m.fix(", if its address on AWS may become that of " + a.id + " (else " + asDeployed + ")"); ok {
					found.fix = fix
				}
			}
		}
		all = append(all, found)
	}
	return all
}

const asDeployed = "corsproxy --cors-source template"

// preflightsWithoutCORS says what SAM local answers preflights with where it has no
// CORS setting: an event for OPTIONS, or for any method, has its function answer.
func (v *view) preflightsWithoutCORS() string {
	table := sam.NewTable(v.Local.Routes)
	var paths, functions []string
	refused := false
	for _, r := range v.Local.Routes {
		path := r.Path
		if path == sam.DefaultPath {
			path = "/"
		}
		to, ok := table.Match(http.MethodOptions, path)
		refused = refused || !ok
		if !ok || slices.Contains(paths, to.Path) {
			continue
		}
		paths = append(paths, to.Path)
		name := "function " + quote(to.Function)
		if to.Function == "" {
			name = "a MOCK"
		}
		if !slices.Contains(functions, name) {
			functions = append(functions, name)
		}
	}
	switch {
	case len(paths) == 0:
		return "locally preflights of all APIs get 403"
	case refused:
		return "locally preflights get 403, but for those of " + firstOf(paths, 2) + ", which go to " + firstOf(functions, 2)
	}
	return "locally preflights of all APIs go to " + firstOf(functions, 2)
}

// beside names an API where another is named, which may have its logical id in
// another stack.
func (a *api) beside(other *api) string {
	switch {
	case a.id != other.id || a.stack == other.stack:
		return a.name()
	case a.stack.ID == "":
		return a.name() + " of the root template"
	}
	return a.name() + " of stack " + quote(a.stack.ID)
}

func otherCORS(v *view) []problem {
	last := v.lastAPI()
	if v.Refused != nil || last == nil || v.Local.CORS == nil {
		return nil
	}
	used := last.property()
	var all []problem
	for _, a := range v.apis {
		p := v.declared(a)
		if p == nil || used == nil || a.resource == last.resource || !v.hasRoutes(a) || p.summary() == used.summary() {
			continue
		}
		all = append(all, problem{
			pos: p.pos, what: fmt.Sprintf("SAM local answers for API %s with the CORS setting of %s", a.name(), last.beside(a)),
			why: "it has one for all APIs, that of the last; on AWS this one counts",
			fix: asDeployed,
		})
	}
	return all
}

// summary returns what two policies that say the same have in common.
func (p *policy) summary() string {
	var b strings.Builder
	for _, h := range headers {
		words := p.list(h.setting)
		if h.setting == "AllowCredentials" || words == nil {
			words = []string{unquote(p.settings[h.setting].deployed.Text())}
		}
		slices.Sort(words)
		fmt.Fprintf(&b, "%s=%s\n", h.setting, strings.ToLower(strings.Join(words, ",")))
	}
	return b.String()
}

func borrowedCORS(v *view) []problem {
	last := v.lastAPI()
	if v.Refused != nil || last == nil || v.Local.CORS == nil {
		return nil
	}
	var all []problem
	for _, a := range v.apis {
		if !a.serverless || a.resource == last.resource || !v.hasRoutes(a) || v.answersPreflights(a) {
			continue
		}
		all = append(all, problem{
			pos: v.place(a), what: fmt.Sprintf("API %s has no CORS setting, and SAM local gives it that of %s", a.name(), last.beside(a)),
			why: "pages can call it locally, and not on AWS",
			fix: "set Cors, or CorsConfiguration, for this API or in Globals",
		})
	}
	return all
}

// answersPreflights reports whether an API has any CORS of its own, if by its
// functions.
func (v *view) answersPreflights(a *api) bool {
	return slices.ContainsFunc(v.policies, func(p *policy) bool { return p.api == a }) ||
		slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && r.isOptions() })
}

func ignoredProvider(v *view) []problem {
	type group struct {
		first sam.Route
		names []string
	}
	var order []string
	groups := make(map[string]*group)
	for _, u := range v.Unmounted {
		if u.Reason != sam.ReasonProvider || u.Route.Path == "" || u.Route.Method == http.MethodOptions || !v.isDeployed(u.Route) {
			continue
		}
		g := groups[u.Route.API]
		if g == nil {
			g = &group{first: u.Route}
			groups[u.Route.API] = g
			order = append(order, u.Route.API)
		}
		g.names = append(g.names, u.Route.String())
	}
	var all []problem
	for _, id := range order {
		g := groups[id]
		why := "the template's first function or API is one of SAM's own, and raw APIs are not looked at"
		if !v.serverless {
			why = "the template's first API resource is a raw one, and the events of functions are not looked at"
		}
		all = append(all, problem{
			pos: v.placeOf(g.first.Source), what: "SAM local does not serve " + firstOf(g.names, 2), why: why + "; AWS serves both",
			fix: "keep the raw API, with its resources, in a template of its own",
		})
	}
	return all
}

// isDeployed reports whether AWS has a route that SAM local passes over.
func (v *view) isDeployed(passed sam.Route) bool {
	at := posOf(passed.Source)
	return !slices.ContainsFunc(v.routes, func(r *route) bool {
		return r.at.File == at.File && r.at.Line == at.Line && r.path == passed.Path && (r.method == passed.Method || r.method == "ANY") && !r.isAdded()
	})
}
