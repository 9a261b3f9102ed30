package check

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6083 to CP6088: actual requests that the two sides answer differently.
func requestRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6083", Name: "head-not-served", Severity: SeverityInfo,
		Title: "AllowMethods lists HEAD, and no route serves it",
		Text: "A route for GET serves GET alone. SAM local takes HEAD for it and then finds no function: it answers 502. AWS answers 403 Missing Authentication Token, or 404 where the API is an HTTP API. " +
			"A preflight that allows HEAD promises what neither keeps.",
		Fix:   "Take HEAD out of AllowMethods, or add a route for it.",
		Since: "0.2.0",
	}, find: unservedHead}, {Info: Info{
		Code: "CP6084", Name: "authorizer-not-enforced", Severity: SeverityHint,
		Title: "SAM local does not enforce this authorization",
		Text: "SAM local runs Lambda authorizers and passes over all others: Cognito user pools, JWT, AWS_IAM and API keys. " +
			"A page that forgets the token works locally and gets 401 or 403 on AWS. Nothing in the template is wrong; the finding is shown with --severity hint.",
		Fix:   "Let pages send the token in development, too.",
		Since: "0.2.0",
	}, find: unenforcedAuthorizers}, {Info: Info{
		Code: "CP6085", Name: "timeout-beyond-gateway", Severity: SeverityInfo,
		Title: "The function may run longer than API Gateway waits",
		Text: "API Gateway waits 30 seconds for a function, 29 for a REST API, and then answers 504, which carries no CORS headers for a REST API: the browser reports a CORS error. SAM local waits as long as the function may run. " +
			"The limit of a REST API can be raised; where it was, ignore the finding.",
		Fix:   "Set Timeout to 29, or let the function answer at once and do the work later.",
		Since: "0.2.0",
	}, find: longFunctions}, {Info: Info{
		Code: "CP6086", Name: "stage-in-path", Severity: SeverityWarning,
		Title: "A path begins with the name of the stage",
		Text:  "The URL of a deployed API has the stage before the path, and SAM local's has none. A path that repeats the stage is /Prod/items locally, and /Prod/Prod/items on AWS.",
		Fix:   "Write the path without the stage, and give pages a base URL that has it on AWS.",
		Since: "0.2.0",
	}, find: stageInPaths}, {Info: Info{
		Code: "CP6088", Name: "method-unknown", Severity: SeverityError,
		Title: "A method is none that AWS has there",
		Text: "API Gateway has GET, HEAD, OPTIONS, POST, PUT, PATCH and DELETE, and ANY for all of them. SAM local mounts whatever word stands there, and no request reaches it. AWS passes over it, or refuses to deploy it. " +
			"AllowMethods in the Cors of a function URL takes GET, PUT, HEAD, POST, PATCH, DELETE and *, and no OPTIONS: a function URL answers preflights by itself.",
		Fix:   "Write one of the methods.",
		Since: "0.2.0",
	}, find: unknownMethods}}
}

func unservedHead(v *view) []problem {
	var all []problem
	counted := make(map[*api]bool)
	for _, p := range v.policies {
		s, ok := p.settings["AllowMethods"]
		lists := slices.ContainsFunc(p.list("AllowMethods"), func(m string) bool { return strings.EqualFold(m, http.MethodHead) })
		routes := p.served("AllowMethods")
		get := slices.IndexFunc(routes, func(r *route) bool { return r.method == http.MethodGet })
		served := slices.ContainsFunc(routes, func(r *route) bool { return r.method == http.MethodHead || r.method == "ANY" })
		if !ok || !lists || get < 0 || served || counted[p.api] {
			continue
		}
		counted[p.api] = true
		all = append(all, problem{
			pos: s.pos(), what: fmt.Sprintf("%s lists HEAD, and %s serves no HEAD", s.name(), routes[get]),
			why: "a HEAD request gets 502 from SAM local, and is refused on AWS",
			fix: "take HEAD out of the list",
		})
	}
	return all
}

// unenforced returns what a route asks for that SAM local does not.
func (r *route) unenforced() (ask, bool) {
	asks := r.asks()
	i := slices.IndexFunc(asks, func(a ask) bool { return !a.enforced })
	if i < 0 || !r.mounted {
		return ask{}, false
	}
	return asks[i], true
}

func unenforcedAuthorizers(v *view) []problem {
	var kinds []string
	for _, r := range v.routes {
		if asked, ok := r.unenforced(); ok && !slices.Contains(kinds, asked.what) {
			kinds = append(kinds, asked.what)
		}
	}
	var all []problem
	for _, kind := range kinds {
		all = append(all, v.eachAPI(func(r *route) bool {
			asked, ok := r.unenforced()
			return ok && asked.what == kind && v.answersPreflights(r.api) // else no page is to call
		}, func(r *route, names []string) problem {
			asked, _ := r.unenforced()
			return problem{
				pos: asked.at, what: fmt.Sprintf("SAM local does not ask for %s on %s", kind, firstOf(names, 2)),
				why: "a call without a token works locally, and gets 401 or 403 on AWS",
				fix: "send the token in development, too",
			}
		})...)
	}
	return all
}

// gatewayWaits is how long API Gateway waits for an integration at most, in
// seconds. A REST API waits a second less; who writes 30 knows the limit.
const gatewayWaits = 30

func longFunctions(v *view) []problem {
	names := make(map[tree.Pos][]string) // by the place of Timeout, which may be in Globals
	limits := make(map[tree.Pos]int)
	var order []tree.Pos
	for _, r := range v.routes {
		f := r.function
		if f == nil {
			continue
		}
		timeout := f.get("Timeout")
		at := timeout.pos()
		seconds, err := strconv.Atoi(timeout.deployed.Text())
		if err != nil || seconds <= gatewayWaits || !calledByPages(f) || slices.Contains(names[at], quote(f.id)) {
			continue
		}
		if names[at] == nil {
			order = append(order, at)
		}
		names[at], limits[at] = append(names[at], quote(f.id)), seconds
	}
	var all []problem
	for _, at := range order {
		noun := "function"
		if len(names[at]) > 1 {
			noun = "functions"
		}
		all = append(all, problem{
			pos: at, what: fmt.Sprintf("%s %s may run %d seconds, and API Gateway waits %d at most", noun, firstOf(names[at], 2), limits[at], gatewayWaits),
			why: "then it answers 504, which a page may see as a CORS error; SAM local goes on waiting",
			fix: "Timeout: 29",
		})
	}
	return all
}

// calledByPages reports whether all events of a function are routes.
func calledByPages(f *resource) bool {
	for _, e := range f.get("Events").written.Entries() {
		if kind, _ := e.Value.Get("Type").Str(); kind != "Api" && kind != "HttpApi" {
			return false
		}
	}
	return true
}

func stageInPaths(v *view) []problem {
	return v.eachAPI(func(r *route) bool {
		stage, ok := r.api.get("StageName").deployed.Str()
		return ok && stage != "" && stage != "$default" && (r.path == "/"+stage || strings.HasPrefix(r.path, "/"+stage+"/"))
	}, func(r *route, names []string) problem {
		stage, _ := r.api.get("StageName").deployed.Str()
		bare := strings.TrimPrefix(r.path, "/"+stage)
		if bare == "" {
			bare = "/"
		}
		return problem{
			pos: r.pos, what: fmt.Sprintf("the path of %s begins with the stage %s", firstOf(names, 2), quote(stage)),
			why: fmt.Sprintf("on AWS the URL has it twice: /%s%s", stage, r.path),
			fix: r.written(bare),
		}
	})
}

func unknownMethods(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if r.function == nil || r.method == "ANY" || slices.Contains(sam.AnyMethods(), r.method) {
			continue
		}
		fix := "write one of " + strings.ToLower(strings.Join(sam.AnyMethods(), ", ")) + ", or any for all of them"
		if near, ok := nearestMethod(r.method); ok {
			fix = "Method: " + strings.ToLower(near)
		}
		method := r.properties.get("Method")
		all = append(all, problem{
			pos: method.pos(), what: fmt.Sprintf("%s is no method that API Gateway has", quote(method.written.Text())),
			why: "no request reaches the route, here or on AWS", fix: fix,
		})
	}
	return append(all, unknownURLMethods(v)...)
}

// nearestMethod returns the one method that a word is short for, or from which
// it differs by a letter, or two that have changed places. Others say it of all.
func nearestMethod(written string) (string, bool) {
	if written == "*" || written == "ALL" {
		return "ANY", true
	}
	sorted := func(s string) string { return string(slices.Sorted(slices.Values([]byte(s)))) }
	near := slices.DeleteFunc(slices.Clone(sam.AnyMethods()), func(m string) bool {
		isShort := len(written) > 2 && strings.HasPrefix(m, written)
		return !isShort && levenshtein.ComputeDistance(written, m) != 1 && sorted(written) != sorted(m)
	})
	if len(near) != 1 {
		return "", false
	}
	return near[0], true
}
