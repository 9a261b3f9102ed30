package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6057: a route for any method in place of that of a method.
func anyRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6057", Name: "method-taken-by-any", Severity: SeverityWarning,
		Title: "SAM local takes a method for the ANY beside it",
		Text: "On AWS a route of a method goes before one for any method on the same path. To SAM local ANY is seven methods like others, and of two routes with one method and path it calls the one that it mounts last: of raw resources the later in the template; of SAM's own it is chance which one, at each start, unless a later ANY drops the method altogether. " +
			"So the function behind ANY gets the preflights that a MOCK answers on AWS, and blocks them where it does not know OPTIONS. The CDK writes OPTIONS before ANY where an API has defaultCorsPreflightOptions. Where the application has a CORS setting, SAM local answers OPTIONS by that.",
		Fix:   "Put the method's resource below that of ANY; beside events declare each method in place of ANY. Of preflights it is enough that corsproxy answers them.",
		Since: "0.2.0",
	}, find: methodsTakenByAny}}
}

// A taking is what ANY takes at SAM local: routes of an API for which AWS has one and
// the same answerer.
type taking struct {
	first    *route
	by       *route // ANY
	function string // of ANY
	answerer string // on AWS, as a person would say it
	byChance bool
	names    []string
}

func methodsTakenByAny(v *view) []problem {
	if v.Refused != nil {
		return nil
	}
	answering := make(map[string]sam.Route, len(v.Local.Routes))
	for _, r := range v.Local.Routes {
		answering[r.String()] = r
	}
	var all []*taking
	for _, r := range v.routes {
		t, ok := v.takenByAny(r, answering[r.String()])
		if !ok {
			continue
		}
		same := func(o *taking) bool {
			return o.first.api == r.api && o.function == t.function && o.answerer == t.answerer && o.byChance == t.byChance
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].names = append(all[i].names, r.String())
		} else {
			all = append(all, &t)
		}
	}
	problems := make([]problem, len(all))
	for i, t := range all {
		problems[i] = t.problem(v.serverless)
	}
	return problems
}

// takenByAny tells whether ANY takes, or may take, the calls of a route that has them
// on AWS. The other one is what SAM local is taken to have answer.
func (v *view) takenByAny(r *route, local sam.Route) (taking, bool) {
	if r.method == "ANY" || r.api.deployed == nil || r.method == http.MethodOptions && v.Local.Policy(local) != nil {
		return taking{}, false
	}
	onAWS := func(d sam.Route) bool { return d.String() == r.String() && d.Source == sourceOf(r.at) }
	if !slices.ContainsFunc(r.api.deployed.Routes, onAWS) {
		return taking{}, false
	}
	for _, rival := range v.Local.Rivals[r.String()] {
		own, other := rival.Route, local
		if rival.ByChance && local.Source == sourceOf(r.at) {
			own, other = local, rival.Route
		}
		by := slices.IndexFunc(r.api.all, func(o *route) bool {
			return o.method == "ANY" && o.path == r.path && sourceOf(o.at) == other.Source
		})
		if own.Source == sourceOf(r.at) && by >= 0 {
			t := taking{first: r, by: r.api.all[by], function: other.Function, byChance: rival.ByChance, names: []string{r.String()}}
			switch {
			case own.Function != "":
				t.answerer = "function " + quote(own.Function)
			case r.integration == "mock":
				t.answerer = "a MOCK"
			default:
				t.answerer = "another service"
			}
			return t, true
		}
	}
	return taking{}, false
}

// sourceOf is a place as package sam writes it.
func sourceOf(at tree.Pos) string { return fmt.Sprintf("%s:%d", at.File, at.Line) }

func (t *taking) problem(serverless bool) problem {
	at := "ANY (" + printable.Line(sourceOf(t.by.at)) + ")"
	found := problem{
		pos: t.first.at, what: fmt.Sprintf("SAM local takes %s for ANY", firstOf(t.names, 2)),
		why: "of two routes with a method it calls that which is further down, " + at + "; on AWS " + t.answerer + " answers",
	}
	if t.function != "" {
		found.what += " of function " + quote(t.function)
	}
	switch {
	case serverless && t.byChance:
		found.what = strings.Replace(found.what, "takes", "may take", 1)
		found.why = "whether it calls the one or the other, " + at + ", is chance at each start; on AWS " + t.answerer + " answers"
		fallthrough
	case serverless:
		found.fix = "in place of " + at + " declare each method that it is for"
		return found
	}
	found.fix = "put " + t.names[0] + " below " + at
	if len(t.names) > 1 {
		found.fix += ", and so on the other paths"
	}
	if t.answerer == "a MOCK" && t.first.method == http.MethodOptions {
		found.fix += "; or leave it, and start corsproxy with --cors-source template, which answers preflights as AWS does"
	}
	return found
}
