package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/shell"
)

func functionURLs(v *view) []problem {
	served := make(map[*resource]bool)
	for _, r := range v.routes {
		served[r.function] = true
	}
	var called []*resource
	for _, f := range v.ofKind(transform.Function) {
		if f.written.Has("FunctionUrlConfig") && !served[f] {
			called = append(called, f)
		}
	}
	var all []problem
	for _, f := range called {
		url, _ := f.written.Entry("FunctionUrlConfig")
		all = append(all, problem{
			pos: url.Key.Pos(), what: fmt.Sprintf("function %s is called by its URL alone", quote(f.id)),
			why: "SAM local does not serve function URLs, nor their Cors",
			fix: v.localEvent(f, len(called) == 1),
		})
	}
	return all
}

// collectURLs returns the CORS settings of function URLs.
func (v *view) collectURLs() []*policy {
	var all []*policy
	add := func(r *resource, cors value) {
		p := &policy{api: &api{resource: r}, form: formURL, whole: cors, pos: cors.pos(), settings: make(map[string]setting)}
		p.add(cors, func(key string) string {
			switch key {
			case "AllowOrigins":
				return "AllowOrigin"
			case "AllowOrigin":
				return "" // is none
			}
			return key
		})
		all = append(all, p)
	}
	for _, f := range v.ofKind(transform.Function) {
		add(f, f.get("FunctionUrlConfig", "Cors"))
	}
	for _, u := range v.ofKind("AWS::Lambda::Url") {
		add(u, u.get("Cors"))
	}
	return all
}

// urlMethods are what Cors of a function URL takes in AllowMethods.
var urlMethods = [...]string{"GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"}

// unknownURLMethods finds what the AllowMethods of function URLs may not have.
func unknownURLMethods(v *view) []problem {
	var all []problem
	look := func(methods *tree.Value) {
		var wrong []*tree.Value
		var words []string
		for _, item := range methods.Items() {
			text, ok := item.Str()
			switch i := slices.IndexFunc(urlMethods[:], func(m string) bool { return strings.EqualFold(m, text) }); {
			case i >= 0:
				words = append(words, urlMethods[i])
			case ok:
				wrong = append(wrong, item)
			}
		}
		if len(words) == 0 {
			words = []string{"*"}
		}
		for _, item := range wrong {
			found := problem{
				pos: item.Pos(), what: fmt.Sprintf("%s is no method that AllowMethods of a function URL takes", quote(item.Text())),
				why: "AWS refuses to deploy it", fix: "AllowMethods: " + flowList(words),
			}
			if item.EqualsString(http.MethodOptions) {
				found.why += "; a function URL with Cors answers preflights by itself"
			}
			if isComputed(methods) || len(words) > len(urlMethods) {
				found.fix = "take it out"
			}
			all = append(all, found)
		}
	}
	for _, p := range v.urls {
		look(p.settings["AllowMethods"].written)
	}
	return all
}

// localEvent is an event that has SAM local serve a function which is called by its
// URL. It makes no API beside others with a CORS setting, which SAM local would lose
// to it, and takes all paths only where no other event has any.
func (v *view) localEvent(f *resource, alone bool) string {
	a, ok := v.localAPI(f)
	guarded, open := a != nil && a.defaultAuthorizer() != "", f.get("FunctionUrlConfig", "AuthType").deployed.EqualsString("NONE")
	if !ok || !v.serverless || guarded && !open {
		return "call its deployed URL; or, without a page, sam local invoke " + shell.Word(f.id)
	}
	lead, lines := "for SAM local alone, not to be deployed:", []string{"Local:", "  Type: HttpApi"}
	if !alone || slices.ContainsFunc(v.routes, func(r *route) bool { return r.mounted }) {
		path := "/" + f.id
		for slices.ContainsFunc(v.routes, func(r *route) bool { return r.path == path }) {
			path += "-url"
		}
		lines = append(lines, "  Properties:", "    Path: "+path, "    Method: any")
		if a != nil && !a.implicit {
			lines = append(lines, "    ApiId: !Ref "+a.id)
		}
		if guarded {
			lines = append(lines, "    Auth: {Authorizer: NONE}")
		}
	}
	if f.get("Events").isSet() {
		return "below Events, " + lead + "\n" + strings.Join(lines, "\n")
	}
	return lead + "\nEvents:\n  " + strings.Join(lines, "\n  ")
}

// localAPI returns the HTTP API to which an event of a function goes, nil for one
// that SAM makes of it. It is false where that would have a CORS setting get lost, or
// count for others.
func (v *view) localAPI(f *resource) (*api, bool) {
	var found *api
	for _, a := range v.apis {
		if a.stack == f.stack && a.serverless && !a.rest && a.managed && !a.absent && v.hasRoutes(a) && (found == nil || a.implicit) {
			found = a
		}
	}
	if found != nil || !slices.ContainsFunc(v.apis, v.hasRoutes) {
		return found, true
	}
	_, sets := f.stack.Template.Get("Globals").Get("HttpApi").Entry("CorsConfiguration")
	return nil, !sets && !slices.ContainsFunc(v.apis, func(a *api) bool { return v.declared(a) != nil })
}
