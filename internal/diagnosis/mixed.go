package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	withoutAuthorizer  = "do without it, by an option of sam local start-api:\n--disable-authorizer"
	withoutAuthorizers = "do without authorizers, by an option of sam local start-api:\n--disable-authorizer"
)

// mixed returns d, which says that a Lambda authorizer has kept a request from its
// function, with what SAM local makes of authorizers: it takes one for all methods
// of a function on a path, be it that of the route or not.
func (x *Explainer) mixed(e Evidence, d Diagnosis) Diagnosis {
	if x == nil || x.table == nil || x.Template == nil || x.newer() {
		return d
	}
	r, _ := x.table.Match(e.Method, e.Path)
	own, others, lasting, ok := x.Template.Local.Mixed(r.Method, r.Path)
	others = slices.DeleteFunc(others, func(a sam.Asked) bool { return a.Authorizer == "" })
	if !ok || len(others) == 0 {
		return d
	}
	const one = "SAM local takes one for all of a function's methods on a path"
	first := located(others[0])
	if own.Authorizer != "" {
		d.Detail += fmt.Sprintf("; it is authorizer %s of %s, or another: %s, and %s has %s",
			show(own.Authorizer), located(own), one, first, show(others[0].Authorizer))
		if d.Code == NoIdentity && !lasting {
			d.Hints = append(d.Hints, "or "+withoutAuthorizers)
		}
		return d
	}
	has := "has no authorizer"
	if own.Passed {
		has += " that SAM local runs"
	}
	named := show(others[0].Authorizer)
	if slices.ContainsFunc(others, func(a sam.Asked) bool { return a.Authorizer != others[0].Authorizer }) {
		named = "one such as " + named
	}
	d.Detail, _, _ = strings.Cut(d.Detail, ": ")
	d.Detail += fmt.Sprintf(": %s %s, but %s, here %s of %s", located(own), has, one, named, first)
	apart := "give " + first + " a function of its own in the template"
	d.Hints = []string{withoutAuthorizers, "or " + apart}
	if lasting {
		d.Hints = []string{apart}
	}
	if x.maybeChanged() {
		d.Hints = append(d.Hints, "check whether SAM local was started after the last change of the template")
	}
	return d
}

// located names a route as it is declared, and where it stands.
func located(a sam.Asked) string {
	return place(sam.Route{Method: a.Method, Path: a.Path, Source: a.Source})
}

// maybeChanged reports whether the template has changed since it was first read, and
// SAM local has perhaps not read it since.
func (x *Explainer) maybeChanged() bool {
	return x.Mounted.IsZero() && !x.Watched.IsZero() && x.TemplateChanged.After(x.Watched)
}
