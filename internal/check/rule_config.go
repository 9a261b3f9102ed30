package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

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

// eachProperty states a problem of each API's CORS setting that has one.
func (v *view) eachProperty(state func(p *policy) (problem, bool)) []problem {
	var all []problem
	for _, p := range v.policies {
		if p.form == formMock || v.overridden(p) || isFunction(p.whole.written) {
			continue
		}
		if found, ok := state(p); ok {
			all = append(all, found)
		}
	}
	return all
}

// notAllowed returns the configured words that a setting does not list.
func (v *view) notAllowed(p *policy, name string, configured []string) (missing []string, at setting) {
	at, from, given := v.setting(p, name)
	if given && !from.known(name) {
		return nil, at
	}
	allowed := from.list(name)
	if p.form == formCors && name == "AllowOrigin" && !given {
		allowed = []string{"*"}
	}
	for _, word := range configured {
		if word != "*" && !slices.ContainsFunc(allowed, func(a string) bool { return a == "*" || strings.EqualFold(a, word) }) {
			missing = append(missing, word)
		}
	}
	return missing, at
}

func originsNotDeployed(v *view) []problem {
	configured := slices.DeleteFunc(slices.Clone(v.options.Config.AllowOrigins), func(o string) bool {
		_, host, isOrigin := strings.Cut(o, "://")
		return !isOrigin || strings.Contains(host, "*") || strings.HasPrefix(host, "localhost") || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[::1]")
	})
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing, s := v.notAllowed(p, "AllowOrigin", configured)
		missing = slices.DeleteFunc(missing, func(o string) bool {
			scheme, _, _ := strings.Cut(o, "://")
			return slices.Contains(p.list("AllowOrigin"), scheme+"://*")
		})
		return v.lacks(p, s, missing, "origin", "origins"), len(missing) > 0
	})
}

func headersNotDeployed(v *view) []problem {
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing, s := v.notAllowed(p, "AllowHeaders", v.options.Config.AllowHeaders)
		_, _, given := v.setting(p, "AllowHeaders")
		return v.lacks(p, s, missing, "header", "headers"), given && len(missing) > 0
	})
}

func exposedNotDeployed(v *view) []problem {
	return v.eachProperty(func(p *policy) (problem, bool) {
		missing, s := v.notAllowed(p, "ExposeHeaders", v.options.Config.ExposeHeaders)
		return v.lacks(p, s, missing, "exposed header", "exposed headers"), len(missing) > 0 && !p.quoted()
	})
}

// lacks says that a setting lacks what the configuration has.
func (v *view) lacks(p *policy, s setting, missing []string, one, many string) problem {
	found := problem{pos: s.pos(), why: "what works through corsproxy fails on AWS", fix: "add " + and(missing)}
	if found.pos.Line == 0 {
		found.pos = p.pos
	}
	noun := one
	if len(missing) > 1 {
		noun = many
	}
	found.what = fmt.Sprintf("API %s does not allow the %s %s, which corsproxy allows", p.api.name(), noun, and(missing))
	return found
}

func credentialsNotDeployed(v *view) []problem {
	if !v.options.Config.AllowCredentials {
		return nil
	}
	return v.eachProperty(func(p *policy) (problem, bool) {
		s, from, given := v.setting(p, "AllowCredentials")
		found := problem{
			pos: p.pos, what: fmt.Sprintf("API %s does not allow credentials, which corsproxy allows", p.api.name()),
			why: "on AWS the browser refuses answers to requests with cookies", fix: "AllowCredentials: true",
		}
		if given {
			found.pos = s.pos()
		}
		return found, !from.credentials() && !s.deployed.Is(tree.Map)
	})
}

func corsNotDeployed(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		called := slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && r.method != http.MethodOptions })
		if !called || v.answersPreflights(a) {
			continue
		}
		fix := "Cors:\n  AllowOrigin: \"'https://app.example.com'\"\n  AllowHeaders: \"'Content-Type,Authorization'\""
		switch {
		case a.rest && (!a.serverless || a.inOtherFile()):
			fix = "add an OPTIONS method with a MOCK integration, and its CORS headers, to each path"
		case !a.rest && a.inOtherFile():
			fix = "at the top level of its OpenAPI document:\nx-amazon-apigateway-cors:\n  allowOrigins: [https://app.example.com]\n  allowMethods: [\"*\"]\n  allowHeaders: [Content-Type, Authorization]"
		case !a.rest:
			fix = "CorsConfiguration:\n  AllowOrigins: [https://app.example.com]\n  AllowMethods: [\"*\"]\n  AllowHeaders: [Content-Type, Authorization]"
		}
		all = append(all, problem{
			pos: v.place(a), what: fmt.Sprintf("API %s answers no preflights, and corsproxy does", a.name()),
			why: "pages can call it through corsproxy, and not on AWS", fix: fix,
		})
	}
	return all
}
