package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP609x: what corsproxy's configuration allows and the deployed API does not.
func configRules() []rule {
	list := []rule{{Info: Info{
		Code: "CP6090", Name: "origin-not-deployed", Severity: SeverityWarning,
		Title: "corsproxy allows an origin that the deployed API does not",
		Text: "The configuration names an origin that is none of this machine's, and the template does not allow it: pages of that origin work through corsproxy, and not on AWS. " +
			"Origins on loopback addresses are left out; they are for development.",
		Fix:   "Add the origin to the template, or take it out of cors.allow_origins.",
		Since: "0.2.0",
	}, find: originsNotDeployed}, {Info: Info{
		Code: "CP6091", Name: "header-not-deployed", Severity: SeverityWarning,
		Title: "corsproxy allows a request header that the deployed API does not",
		Text:  "The configuration names a request header, and the template does not allow it: a browser sends it to corsproxy, and not to AWS.",
		Fix:   "Add the header to AllowHeaders in the template.",
		Since: "0.2.0",
	}, find: headersNotDeployed}, {Info: Info{
		Code: "CP6092", Name: "credentials-not-deployed", Severity: SeverityWarning,
		Title: "corsproxy allows credentials, and the deployed API does not",
		Text:  "The configuration allows requests with cookies, and the template does not: on AWS the browser refuses their answers.",
		Fix:   "Set AllowCredentials: true in the template, with an origin that is named.",
		Since: "0.2.0",
	}, find: credentialsNotDeployed}, {Info: Info{
		Code: "CP6093", Name: "exposed-header-not-deployed", Severity: SeverityWarning,
		Title: "corsproxy exposes a response header that the deployed API does not",
		Text:  "The configuration lets scripts read a response header, and the template's HTTP API does not: on AWS headers.get returns null.",
		Fix:   "Add the header to ExposeHeaders in the template.",
		Since: "0.2.0",
	}, find: exposedNotDeployed}, {Info: Info{
		Code: "CP6094", Name: "cors-not-deployed", Severity: SeverityWarning,
		Title: "corsproxy answers preflights that the deployed API does not",
		Text: "corsproxy is configured to allow cross-origin requests, and the template says nothing of CORS for this API: pages work through corsproxy, and not on AWS. " +
			"Where no page calls the API, ignore the finding.",
		Fix:   "Set Cors for a REST API, CorsConfiguration for an HTTP API.",
		Since: "0.2.0",
	}, find: corsNotDeployed}}
	for i := range list {
		list[i].needsConfig = true
	}
	return list
}

// eachProperty states a problem of each API's CORS setting that has one. OPTIONS
// methods written by hand are mostly alike: the first of an API stands for all.
func (v *view) eachProperty(state func(p *policy) (problem, bool)) []problem {
	var all []problem
	type first struct{ at, others int } // of the MOCKs of an API, in all
	mocks := make(map[*api]*first)
	for _, p := range v.policies {
		if !v.isCompared(p) {
			continue
		}
		found, ok := state(p)
		if !ok {
			continue
		}
		if told := mocks[p.api]; told != nil && p.form == formMock {
			told.others++
			continue
		}
		if p.form == formMock {
			mocks[p.api] = &first{at: len(all)}
		}
		all = append(all, found)
	}
	for _, m := range mocks {
		switch {
		case m.others == 1:
			all[m.at].what += ", nor does another OPTIONS"
		case m.others > 1:
			all[m.at].what += fmt.Sprintf(", nor do %d other OPTIONS", m.others)
		}
	}
	return all
}

// notAllowed returns the configured words that a setting does not list.
func (v *view) notAllowed(p *policy, name string, configured []string) (missing []string) {
	_, from, given := v.setting(p, name)
	if given && !from.known(name) || p.misspells(name) {
		return nil
	}
	allowed := from.list(name)
	if name == "AllowOrigin" && !given && (p.form == formCors || !p.whole.written.Is(tree.Map)) {
		allowed = []string{"*"}
	}
	for _, word := range configured {
		if word != "*" && !slices.ContainsFunc(allowed, func(a string) bool { return a == "*" || strings.EqualFold(a, word) }) {
			missing = append(missing, word)
		}
	}
	return missing
}

// deployable returns the origins that are none of this machine's.
func deployable(origins []string) []string {
	return slices.DeleteFunc(slices.Clone(origins), func(o string) bool {
		_, host, isOrigin := strings.Cut(o, "://")
		return !isOrigin || strings.Contains(host, "*") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]")
	})
}

func originsNotDeployed(v *view) []problem {
	configured := deployable(v.options.Config.AllowOrigins)
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing := v.notAllowed(p, "AllowOrigin", configured)
		echoed, _ := p.echoed()
		missing = slices.DeleteFunc(missing, func(o string) bool {
			scheme, _, _ := strings.Cut(o, "://")
			return slices.Contains(p.list("AllowOrigin"), scheme+"://*") || slices.ContainsFunc(echoed, func(e sam.Echoed) bool { return e.Is(o) })
		})
		found := v.lacks(p, "AllowOrigin", missing, "origin", "origins")
		if len(echoed) > 0 {
			found.fix = "add " + and(missing) + " to the origins of the mapping template; where the AWS CDK makes that, to allowOrigins"
		}
		return found, len(missing) > 0
	})
}

// echoed returns the origins that a mapping template of a MOCK answers with. It is
// false where the template may do something else.
func (p *policy) echoed() ([]sam.Echoed, bool) {
	if p.form != formMock {
		return nil, true
	}
	return sam.EchoedOrigins(p.route.mapping())
}

func headersNotDeployed(v *view) []problem {
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing := v.notAllowed(p, "AllowHeaders", v.options.Config.AllowHeaders)
		_, _, given := v.setting(p, "AllowHeaders")
		return v.lacks(p, "AllowHeaders", missing, "header", "headers"), len(missing) > 0 && (given || p.needed() == nil) // else CP6030 tells them
	})
}

func exposedNotDeployed(v *view) []problem {
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing := v.notAllowed(p, "ExposeHeaders", v.options.Config.ExposeHeaders)
		return v.lacks(p, "ExposeHeaders", missing, "exposed header", "exposed headers"), len(missing) > 0 && !p.quoted()
	})
}

// lacks says that a setting lacks what the configuration has.
func (v *view) lacks(p *policy, name string, missing []string, one, many string) problem {
	s, from, given := v.setting(p, name)
	found := problem{pos: s.pos(), why: "what works through corsproxy fails on AWS", fix: "add " + and(missing)}
	if found.pos.Line == 0 {
		found.pos = p.pos
	}
	noun := one
	if len(missing) > 1 {
		noun = many
	}
	found.what = fmt.Sprintf("API %s does not allow the %s %s, which corsproxy allows", p.api.name(), noun, and(missing))
	if p.form == formMock {
		found.what = fmt.Sprintf("%s of API %s does not allow the %s %s, which corsproxy allows", p.route, p.api.name(), noun, and(missing))
	}
	_, isText := s.written.Str()
	switch {
	case p.quoted() && name == "AllowOrigin":
		found.fix = "a REST API allows one origin, or all of them without credentials; where a function answers OPTIONS, it can allow more by the request's Origin"
	case p.quoted() && isText && len(from.list(name)) <= mostListed:
		list := slices.DeleteFunc(append(from.list(name), missing...), func(word string) bool { return word == "" })
		found.fix = p.key(name) + ": " + yamlQuoted(strings.Join(list, ","))
	case !given && !p.whole.written.Is(tree.Map):
		found.fix = v.inPlace(p)
	case p.quoted() && !given && p.form == formCors:
		found.fix = p.key(name) + ": " + yamlQuoted(strings.Join(missing, ","))
	case p.quoted():
	case !given:
		found.fix = p.key(name) + ": " + flowList(missing)
	default:
		if list, ok := changed(s.written, asWritten, missing...); ok {
			found.fix = from.key(name) + ": " + list
		}
	}
	return found
}

func credentialsNotDeployed(v *view) []problem {
	return v.eachProperty(func(p *policy) (problem, bool) {
		s, _, given := v.setting(p, "AllowCredentials")
		found := problem{
			pos: p.pos, what: fmt.Sprintf("API %s does not allow credentials, which corsproxy allows", p.api.name()),
			why: "on AWS the browser refuses answers to requests with cookies", fix: v.withCredentials(p),
		}
		if p.form == formMock {
			found.what = fmt.Sprintf("%s of API %s does not allow credentials, which corsproxy allows", p.route, p.api.name())
		}
		if given {
			found.pos = s.pos()
		}
		return found, v.lacksConfigured(p)
	})
}

// lacksConfigured reports whether the configuration allows credentials, and a policy
// does not.
func (v *view) lacksConfigured(p *policy) bool {
	s, from, _ := v.setting(p, "AllowCredentials")
	return v.isCompared(p) && v.options.Config.AllowCredentials && !from.credentials() && !s.deployed.Is(tree.Map) && !p.misspells("AllowCredentials")
}

// isCompared reports whether what a policy says is compared with the configuration.
func (v *view) isCompared(p *policy) bool {
	_, known := p.echoed()
	return known && v.options.Config != nil && !v.overridden(p) && !isFunction(p.whole.written)
}

func corsNotDeployed(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		called := slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && r.method != http.MethodOptions })
		if !called || v.answersPreflights(a) {
			continue
		}
		all = append(all, problem{
			pos: v.place(a), what: fmt.Sprintf("API %s answers no preflights, and corsproxy does", a.name()),
			why: "pages can call it through corsproxy, and not on AWS", fix: v.newSetting(a),
		})
	}
	return all
}

// newSetting is a CORS setting for an API that has none, and where it belongs.
func (v *view) newSetting(a *api) string {
	if fix, ok := v.moveToCORS(a); ok {
		return fix
	}
	if a.rest && (!a.serverless || a.inOtherFile()) {
		return "add an OPTIONS method with a MOCK integration, and its CORS headers, which its response declares, to each path"
	}
	c := v.options.Config
	headers := c.AllowHeaders
	if len(headers) == 0 || slices.Contains(headers, "*") {
		headers = []string{"Content-Type", "Authorization"}
	}
	var section, name string
	var lines []string
	if a.rest {
		section, name = "Api", "Cors:"
		lines = []string{"AllowOrigin: " + yamlQuoted(v.site()), "AllowHeaders: " + yamlQuoted(strings.Join(headers, ","))}
	} else {
		section, name = "HttpApi", "CorsConfiguration:"
		origins, methods := deployable(c.AllowOrigins), []string{"*"}
		if len(origins) == 0 {
			origins = []string{v.site()}
		}
		if c.AllowCredentials { // beside them * is not known to stand for all
			methods = withMethods(strings.Split(namedWords["AllowMethods"], ","), a.all)
		}
		lines = []string{"AllowOrigins: " + flowList(origins), "AllowMethods: " + flowList(methods), "AllowHeaders: " + flowList(headers)}
		if len(c.ExposeHeaders) > 0 {
			lines = append(lines, "ExposeHeaders: "+flowList(c.ExposeHeaders))
		}
	}
	if c.AllowCredentials {
		lines = append(lines, "AllowCredentials: true")
	}
	above := ""
	switch {
	case a.inOtherFile():
		above, name = "at the top level of its OpenAPI document:\n", "x-amazon-apigateway-cors:"
		for i, line := range lines {
			lines[i] = strings.ToLower(line[:1]) + line[1:]
		}
	case a.implicit && !a.stack.Template.Get("Globals").Has(section):
		above = "Globals:\n  " + section + ":\n"
		name = "    " + name
		for i, line := range lines {
			lines[i] = "    " + line
		}
	}
	return above + name + "\n  " + strings.Join(lines, "\n  ")
}

// moveToCORS is what the events of an implicit API are to say where they are most
// likely meant for another one that has a CORS setting. Other findings say the same.
func (v *view) moveToCORS(a *api) (string, bool) {
	if !a.implicit {
		return "", false
	}
	to := v.meant(a)
	if to == nil || v.declared(to) == nil {
		return "", false
	}
	m := v.moveTo(to, a)
	if len(m.events) == 0 || m.answersPages(v) {
		return "", false
	}
	section := "CorsConfiguration below HttpApi"
	if a.rest {
		section = "Cors below Api"
	}
	return m.fix(", if its address on AWS may become that of " + to.id + " (else " + section + " in Globals)")
}
