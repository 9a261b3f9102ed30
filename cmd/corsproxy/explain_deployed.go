package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// withoutStage takes the stage off the path of a deployed API's URL, or the base
// path of a custom domain, where the path that is left has a route.
func (t messageTemplate) withoutStage(u *url.URL) *url.URL {
	stage, short, ok := cutStage(u)
	if !ok {
		return u
	}
	path := func(u *url.URL) apigateway.Answer {
		return t.gateway.Answer(apigateway.Request{Method: http.MethodOptions, Path: u.Path})
	}
	a := path(short)
	api, _ := t.gateway.API(a.API)
	staged := isExecuteAPI(u) && (api.Type == sam.REST || slices.Contains(api.Stages, stage))
	if a.Path != "" && (staged || path(u).Path == "") {
		return short
	}
	return u
}

// sites returns the origins that are to be named behind APIs, with the APIs that
// each is of. An HTTP API with a CORS configuration takes none of a function.
func (t messageTemplate) sites(apis []sam.API, path, origin string) []console.Site {
	var all []console.Site
	for _, api := range apis {
		if api.Type == sam.HTTP && api.CORS != nil {
			continue
		}
		s := console.Site{Origin: diagnosis.SiteBehind(api, path, origin), For: clean(api.ID), Errors: api.Type == sam.REST}
		if s.Listed, s.Made = diagnosis.OriginsBehind(api, path); s.Listed != "" {
			s.Origin = diagnosis.SiteBehind(api, path, "") // which its errors are for, whatever asks
		}
		if s.Origin == "" && diagnosis.AllowsAny(api, path) && !t.needs.Cookies[api.ID] {
			s.Origin = "*"
		}
		same := func(other console.Site) bool {
			return other.Origin == s.Origin && other.Listed == s.Listed && other.Made == s.Made
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].For += ", " + s.For
			all[i].Errors = all[i].Errors || s.Errors
			continue
		}
		all = append(all, s)
	}
	return all
}

// guard adds what the deployed API asks of the preflights of a path, if that may
// be what the message is about.
func (t messageTemplate) guard(to *console.Template, m console.Message, path string) {
	methods := sam.AnyMethods()
	if m.Method != "" {
		methods = []string{strings.ToUpper(m.Method)}
	}
	for _, method := range methods {
		r := apigateway.Request{Method: http.MethodOptions, Path: path, Header: http.Header{
			"Origin": {cmp.Or(m.Origin, "null")}, "Access-Control-Request-Method": {method},
		}}
		a := t.gateway.Answer(r)
		if a.By != apigateway.ByGuard || a.Refused || len(a.Others) > 0 || !m.RefusedWith(a.Status) {
			continue
		}
		if d, ok := diagnosis.PreflightAsDeployed(t.gateway, r, a); ok {
			t.open(to, d)
			return
		}
	}
}

// guards adds the same of each API, where the message does not tell which.
func (t messageTemplate) guards(to *console.Template, m console.Message) {
	for _, api := range t.Deployed {
		alone := console.Template{}
		for _, p := range api.Preflights {
			path := "/" + strings.TrimPrefix(p.Path, "/") // a pattern matches itself, $default anything
			if t.guard(&alone, m, path); alone.Guard != "" {
				break
			}
		}
		if alone.Guard != "" && !strings.Contains(to.Guard, alone.Guard) {
			to.Guard = strings.TrimPrefix(to.Guard+"; "+alone.Guard, "; ")
			to.Open = append(to.Open, alone.Open...)
		}
	}
}

// answerer adds which function answers the preflights of a path, if the message is
// about one: no CORS setting counts there.
func (t messageTemplate) answerer(to *console.Template, m console.Message, path string) {
	const says = "%s has function %s answer OPTIONS %s (%s): what the preflight is told is what the function returns, and no CORS setting counts there"
	switch {
	case m.Stage != console.Preflight || to.Guard != "" || to.Note != "":
	case onThisMachine(m.URL):
		r, ok := t.local.Match(http.MethodOptions, path)
		if !ok || r.Function == "" || !atSAM(m.URL) {
			return
		}
		p, a := t.preflight(to, m, path)
		if cors := t.Local.Policy(r); cors != nil {
			if a.By == apigateway.ByFunction && a.Function != "" && a.Certain() && !a.Refused {
				to.Denied = fmt.Sprintf("SAM local answers OPTIONS %s itself, by the CORS setting in %s; on AWS, function %s (%s) answers it", a.Path, cors.Source, a.Function, a.Source)
			}
			return
		}
		to.Answerer = fmt.Sprintf(says, "SAM local", r.Function, r.Path, r.Source)
		if d, ok := diagnosis.PreflightAsDeployed(t.gateway, p, a); ok && a.By == apigateway.ByGuard && a.Certain() && !a.Refused {
			to.Answerer += "; " + d.Detail
		}
	default:
		_, a := t.preflight(to, m, path)
		if a.By == apigateway.ByFunction && a.Function != "" && !a.DropsCORS && a.Certain() && !a.Refused {
			to.Answerer = fmt.Sprintf(says, "API Gateway", a.Function, a.Path, a.Source)
		}
	}
}

// preflight is the preflight that a message may be about, and what the deployed API
// answers to it.
func (t messageTemplate) preflight(to *console.Template, m console.Message, path string) (apigateway.Request, apigateway.Answer) {
	r := apigateway.Request{Method: http.MethodOptions, Path: path, Header: http.Header{
		"Origin": {cmp.Or(m.Origin, "null")}, "Access-Control-Request-Method": {cmp.Or(m.Method, append(to.Methods, http.MethodGet)[0])},
	}}
	return r, t.gateway.Answer(r)
}

// first adds what the deployed API asks of the request before its function is called,
// where a refusal of that would look to the page as the message says.
func (t messageTemplate) first(to *console.Template, m console.Message, path string) {
	if m.Stage == console.Preflight || to.Guard != "" || !m.LacksPermission() {
		return
	}
	methods := to.Methods
	if m.Method != "" {
		methods = []string{strings.ToUpper(m.Method)}
	}
	said := ""
	for _, method := range methods {
		if method == http.MethodOptions || method == http.MethodHead && m.Method == "" { // which SAM local mounts with GET
			continue
		}
		a, ok := t.gateway.Refusal(apigateway.Request{Method: method, Path: path, Header: http.Header{"Origin": {m.Origin}}})
		if !ok || a.CORS != nil || a.Header.Get("Access-Control-Allow-Origin") != "" || m.Status != 0 && m.Status != a.Status {
			return
		}
		says := fmt.Sprintf("on AWS, %s (%s) comes before the function of %s; where that refuses a request, API Gateway answers with %d, and without Access-Control-Allow-Origin",
			guardName(a.Guard), a.Source, a.Path, a.Status)
		if said = cmp.Or(said, says); said != says {
			return
		}
	}
	to.Denied = said
}

// guardName is a guard in words.
func guardName(g sam.Guard) string {
	switch g.Kind {
	case sam.GuardIAM:
		return "the check of the AWS_IAM signature"
	case sam.GuardKey:
		return "the check of the API key"
	}
	return "authorizer " + clean(g.Name)
}

// open adds what a diagnosis of a guarded preflight says, and what it has to write.
func (t messageTemplate) open(to *console.Template, d diagnosis.Diagnosis) {
	to.Guard = d.Detail
	for _, hint := range d.Hints {
		where, text, ok := strings.Cut(hint, ":\n")
		if !ok {
			to.Guard += "; " + hint
			continue
		}
		to.Open = append(to.Open, console.Paste{For: where + t.build, Text: text})
	}
}

// atSAM reports whether a URL is where SAM local listens if it is not told.
func atSAM(address string) bool {
	u, err := url.Parse(address)
	return err == nil && onThisMachine(address) && u.Port() == "3000"
}

// erased says why SAM local does not have the CORS setting of the API that a request
// to it is for; "" where it has, or another answers the preflight.
func (t messageTemplate) erased(m console.Message, r apigateway.Request) string {
	a := t.gateway.Answer(r)
	api, ok := t.gateway.API(a.API)
	if _, mounted := t.local.Match(http.MethodOptions, r.Path); mounted || !ok || !atSAM(m.URL) || a.Path == "" || len(a.Others) > 0 {
		return ""
	}
	return diagnosis.Erased(t.Application, api)
}

// allowsAlready is what a template says whose setting allows what was refused.
const allowsAlready = "its CORS setting allows that already; SAM local has it once it is started again, and AWS once it is deployed"

// star looks whether the setting that answers a preflight has a * in place of what
// the message says is refused. Then only a request with credentials is refused, if
// the setting allows these at all; or else the answer was not made by it.
// Authorization it does not cover in any case.
func (t messageTemplate) star(to *console.Template, m console.Message, path string) (allows bool) {
	method := cmp.Or(m.Method, append(to.Methods, http.MethodGet)[0])
	a := t.gateway.Answer(apigateway.Request{Method: http.MethodOptions, Path: path, Header: http.Header{
		"Origin": {cmp.Or(m.Origin, "null")}, "Access-Control-Request-Method": {method},
	}})
	if m.URL == "" || a.Path == "" || a.CORS == nil || !a.Certain() || a.Forwarded() {
		return false
	}
	w := m.Wish()
	withCredentials := a.CORS.AllowCredentials && !slices.Contains(a.CORS.AllowOrigins, "*")
	switch {
	case len(w.Methods) > 0:
		allows = slices.Contains(a.CORS.AllowMethods, "*")
		withCredentials = withCredentials && !atSAM(m.URL) // which lists all in its place
	case len(w.Headers) > 0 && m.Header != "" && !strings.EqualFold(m.Header, "Authorization"):
		allows = slices.Contains(a.CORS.AllowHeaders, "*")
	}
	if to.Wild = allows && withCredentials; allows && !to.Wild && to.Note == "" {
		to.Note = cmp.Or(to.Erased, allowsAlready)
	}
	return allows && !to.Wild
}
