package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// inTemplate adds to messages what the template of this folder says of them, if
// there is one.
func (w world) inTemplate(messages []console.Message) []console.Message {
	if len(messages) == 0 {
		return nil
	}
	choice := samtemplate.Choice{Dir: w.dir}
	name, options, err := choice.Resolve()
	if err != nil {
		return messages
	}
	k := newKnown(choice)
	if k.template.Template == nil {
		return messages
	}
	t := templateOf(k)
	for i := range messages {
		if url := t.functionURL(messages[i]); url != "" {
			messages[i].Template = &console.Template{FunctionURL: url}
		}
	}
	if len(t.Deployed) == 0 && k.template.Source == nil {
		return messages
	}
	t.needs, _ = check.Needed(check.Options{Template: name, SAM: options}) // the template has been read already
	for i := range messages {
		if messages[i].Template != nil || console.IsFunctionURL(messages[i].URL) {
			continue
		}
		if of := t.of(messages[i]); len(t.Deployed) > 0 || of.Note != "" {
			messages[i].Template = of
		}
	}
	return messages
}

// A messageTemplate is a template that messages are held against.
type messageTemplate struct {
	*sam.Application
	gateway   *apigateway.Gateway
	local     *sam.Table
	unbuilt   *sam.Table // what SAM local is to mount after sam build; nil where Application is no build
	explainer *diagnosis.Explainer
	needs     check.Needs // what pages need
	build     string      // what else is to be done for a change to count; "" for nothing
}

func templateOf(k known) messageTemplate {
	a := k.template.Template
	t := messageTemplate{
		Application: a, gateway: apigateway.New(a), local: sam.NewTable(a.Local.Routes),
		explainer: diagnosis.NewExplainer(k.knowledge(nil)), build: building(k.template),
	}
	if k.template.Source != nil {
		t.unbuilt = sam.NewTable(k.template.Source.Local.Routes)
	}
	return t
}

// building says that a change of a template that sam build has made another of
// counts after the next sam build, and that the source is another already.
func building(r samtemplate.Reading) string {
	if !sam.IsBuilt(r.Template.Template) {
		return ""
	}
	if ids := otherCORS(r); ids != "" {
		return fmt.Sprintf(", if it is not there after sam build: %s has another CORS setting for %s than the build", named(r, r.Source), ids)
	}
	return ", and run sam build then"
}

// functionURL is the function whose URL a message is about, in words: the one that
// has any, where the message tells that it is one, or there is no API. It is "" where
// that cannot be told.
func (t messageTemplate) functionURL(m console.Message) string {
	var all []string
	for _, u := range t.Unmounted {
		if u.Reason == sam.ReasonFunctionURL {
			all = append(all, fmt.Sprintf("function %s (%s)", clean(u.Route.API), u.Route.Source))
		}
	}
	if len(all) != 1 || !console.IsFunctionURL(m.URL) && (m.URL != "" || len(t.Deployed) > 0) {
		return ""
	}
	return all[0]
}

// of returns what the template says of a message.
func (t messageTemplate) of(m console.Message) *console.Template {
	r := apigateway.Request{Method: http.MethodOptions, Header: http.Header{"Origin": {m.Origin}, "Access-Control-Request-Method": {m.Method}}}
	pastes := &console.Template{Errors: diagnosis.ResponsesPlace(t.Deployed, t.Deployed), Sites: t.sites(t.Deployed, "", m.Origin)}
	pastes.Drops = len(pastes.Sites) == 0
	unrouted := false
	u, err := url.Parse(m.URL)
	switch {
	case m.URL == "":
		t.guards(pastes, m)
	case err == nil && onThisMachine(m.URL):
		r.Path = t.route(pastes, m, u)
		t.answerer(pastes, m, u.Path)
	case err == nil && t.stageless(pastes, m, u):
		return pastes
	case err == nil:
		pastes.Note = t.unrouted(u)
		unrouted = pastes.Note != ""
		u = t.withoutStage(u)
		r.Path = u.Path
		t.route(pastes, m, u)
		t.guard(pastes, m, u.Path)
		t.answerer(pastes, m, u.Path)
		t.first(pastes, m, u.Path)
	}
	byType := map[string]*[]console.Paste{sam.REST: &pastes.REST, sam.HTTP: &pastes.HTTP}
	pastes.Erased = t.erased(m, r)
	m.Template = pastes
	if t.star(pastes, m, r.Path) {
		return pastes
	}
	w := m.Wish()
	wish := diagnosis.Wish{
		Origin: w.Origin, Example: w.Example, Methods: w.Methods, Headers: w.Headers, Expose: w.Expose, Credentials: w.Credentials, Preflight: w.Preflight,
		Needs: t.needs.Headers, Cookies: t.needs.Cookies, OnlyDeployed: pastes.Erased != "",
	}
	if wish.Preflight {
		wish.Local = t.policy(m, http.MethodOptions, r.Path)
	}
	apis := t.Deployed
	if unrouted { // where an HTTP API alone answers preflights, by the setting that it has
		apis = slices.DeleteFunc(slices.Clone(apis), func(api sam.API) bool { return api.Type == sam.REST || api.CORS == nil })
	}
	for _, s := range diagnosis.Settings(t.gateway, apis, r, wish) {
		all := byType[s.Type]
		*all = append(*all, console.Paste{For: "in the template, " + s.Where + t.build, Text: s.Text})
	}
	return pastes
}

// route adds what is known of the route that a URL is for, or why a URL of this
// machine is for none. It returns the path that is asked for, which is that of the
// route that is named where there is none.
func (t messageTemplate) route(to *console.Template, m console.Message, u *url.URL) (asked string) {
	raw := u.EscapedPath()
	path := pathpattern.Decode(raw)
	for _, method := range sam.AnyMethods() {
		if _, ok := t.local.Match(method, path); ok {
			to.Methods = append(to.Methods, method)
		}
	}
	method := strings.ToUpper(m.Method)
	if (len(to.Methods) == 0 || method != "" && !slices.Contains(to.Methods, method)) && onThisMachine(m.URL) {
		if method == "" {
			method = t.likely(path)
		}
		refused := func(method string) (diagnosis.Diagnosis, bool) {
			return t.explainer.MissingToken(diagnosis.Evidence{
				Method: method, Path: path, RawPath: raw, Query: u.RawQuery,
				UpstreamStatus: http.StatusForbidden, UpstreamBody: `{"message":"Missing Authentication Token"}`,
			})
		}
		d, ok := refused(method)
		if m.Method == "" && len(d.Routes) > 0 && !slices.Contains([]string{method, "ANY"}, d.Routes[0].Method) {
			d, ok = refused(d.Routes[0].Method) // nobody says that it was GET
		}
		if ok {
			if len(d.Routes) > 0 && strings.Contains(d.Detail, d.Routes[0].Source) {
				path = d.Routes[0].Path
			}
			to.Note = d.String()
			if len(d.Hints) > 0 {
				if line, ok := inOneLine(d.Hints[0]); ok {
					to.Note += "; " + line
				}
			}
		}
		return path
	}
	if onThisMachine(m.URL) && m.Stage != console.Preflight {
		to.Denied = t.explainer.Guarded(method, path, m.Status)
	}
	to.Sends = t.sends(m, path)
	to.NoOptions = onThisMachine(m.URL) && !slices.Contains(to.Methods, http.MethodOptions)
	for _, method := range to.Methods {
		a := t.gateway.Answer(apigateway.Request{Method: method, Path: path, Header: http.Header{"Origin": {m.Origin}}})
		if method != http.MethodOptions && a.Path != "" && len(a.Others) == 0 {
			to.Drops = a.DropsCORS
			policy := t.policy(m, method, path)
			to.Replaces = policy != nil && policy.AllowOrigin != ""
			if api, ok := t.gateway.API(a.API); ok {
				to.Sites = t.sites([]sam.API{api}, a.Path, m.Origin)
				to.Refused = api.Refused
				to.Errors = diagnosis.ResponsesPlace([]sam.API{api}, t.Deployed)
			}
			return path
		}
	}
	return path
}

// policy is what SAM local sets in place of the headers of the function behind a
// route, where a message is about a URL of this machine; nil for nothing.
func (t messageTemplate) policy(m console.Message, method, path string) *sam.LocalCORS {
	if r, ok := t.local.Match(method, path); ok && r.APIType == sam.REST && onThisMachine(m.URL) {
		return t.Local.Policy(r)
	}
	return nil
}

// sends says where the template has the origin that a message names, if SAM local
// sends it.
func (t messageTemplate) sends(m console.Message, path string) string {
	for _, method := range sam.AnyMethods() {
		if (method == http.MethodOptions) != (m.Stage == console.Preflight) {
			continue
		}
		if p := t.policy(m, method, path); p != nil && p.AllowOrigin != "" && p.AllowOrigin == m.Value {
			return fmt.Sprintf("SAM local sends that value, which %s declares (%s), whatever a function returns", p.API, p.Source)
		}
	}
	return ""
}

// likely is the method of a request for a path that SAM local does not mount,
// where the message does not tell it: one that the build lacks, or GET.
func (t messageTemplate) likely(path string) string {
	if t.unbuilt == nil {
		return http.MethodGet
	}
	methods := slices.DeleteFunc(t.unbuilt.Methods(path), func(method string) bool { return method == http.MethodOptions })
	if len(methods) == 0 || slices.Contains(methods, http.MethodGet) {
		return http.MethodGet
	}
	return methods[0]
}
