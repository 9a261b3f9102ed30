package main

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// isExecuteAPI reports whether a URL has the host that AWS gives an API, whose paths
// begin with the stage. Those of a custom domain begin with whatever it maps.
func isExecuteAPI(u *url.URL) bool { return strings.Contains(u.Hostname(), ".execute-api.") }

// cutStage takes the first segment off the path of a URL. It is false where no other
// follows.
func cutStage(u *url.URL) (stage string, short *url.URL, ok bool) {
	stage, rest, ok := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	short, err := u.Parse("/" + rest)
	if err != nil {
		return "", u, false
	}
	short.RawQuery = u.RawQuery
	return stage, short, ok
}

// stageless adds that a URL of AWS lacks the stage, and what it is with it. It does
// nothing where that cannot be told, or where the message is about another answer than
// AWS gives then.
func (t messageTemplate) stageless(to *console.Template, m console.Message, u *url.URL) bool {
	stage, short, further := cutStage(u)
	path := cmp.Or(u.Path, "/")
	if !isExecuteAPI(u) || !t.literal(path) || further && t.literal(short.Path) || len(t.staged(stage)) > 0 {
		return false
	}
	var of, statuses []string
	var bases []console.Paste
	for _, api := range t.gateway.WithPath(path) {
		stages, status := api.NamedStages(), http.StatusForbidden
		if len(stages) == 0 || len(stages) < len(api.Stages) {
			return false
		}
		if api.Type == sam.HTTP {
			status = http.StatusNotFound
		}
		if !m.RefusedBare(status) {
			continue
		}
		of = append(of, fmt.Sprintf("of %s (%s), at stage %s", clean(api.ID), api.Source, strings.Join(stages, " or ")))
		if text := strconv.Itoa(status); !slices.Contains(statuses, text) {
			statuses = append(statuses, text)
		}
		bases = withBases(bases, u, api)
	}
	if to.Staged = bases; len(of) > 0 {
		to.Note = fmt.Sprintf("the URL lacks the stage: %s is a path %s; without it API Gateway answers with %s, whatever the CORS setting",
			path, strings.Join(of, ", and "), strings.Join(statuses, " or "))
	}
	return len(of) > 0
}

// withBases adds the base URLs of an API, of which another may have the same.
func withBases(all []console.Paste, u *url.URL, api sam.API) []console.Paste {
	name := clean(api.ID)
	if api.StageComputed {
		name += " (with the parameters as they are here)"
	}
	for _, stage := range api.NamedStages() {
		base := (&url.URL{Scheme: u.Scheme, Host: u.Host}).JoinPath(stage).String()
		if i := slices.IndexFunc(all, func(p console.Paste) bool { return p.Text == base }); i >= 0 {
			all[i].For += ", " + name
			continue
		}
		all = append(all, console.Paste{For: "in the page, as the base URL of " + name, Text: base})
	}
	return all
}

// literal reports whether an API has a path, and one of its routes begins with the
// very segment that the path begins with: a parameter may as well be a stage.
func (t messageTemplate) literal(path string) bool {
	first := func(path string) string {
		segment, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		return segment
	}
	return slices.ContainsFunc(t.gateway.WithPath(path), func(api sam.API) bool {
		return slices.ContainsFunc(api.Routes, func(r sam.Route) bool { return first(r.Path) == first(path) })
	})
}

// staged returns the APIs that have a stage, in words.
func (t messageTemplate) staged(stage string) []string {
	var ids []string
	for _, api := range t.Deployed {
		if slices.Contains(api.Stages, stage) {
			ids = append(ids, clean(api.ID))
		}
	}
	return ids
}

// unrouted says that no API has the path of a URL of AWS, be its first segment the stage
// or not; "" where one has, or may have.
func (t messageTemplate) unrouted(u *url.URL) string {
	stage, short, _ := cutStage(u)
	path := cmp.Or(u.Path, "/")
	if !isExecuteAPI(u) || t.mayHave(path) || t.mayHave(short.Path) {
		return ""
	}
	const list = "; corsproxy routes --as deployed lists what there is"
	if ids := t.staged(stage); stage != "" && len(ids) > 0 {
		return fmt.Sprintf("stage %s of %s has no route for %s%s", stage, strings.Join(ids, ", "), short.Path, list)
	}
	nor := ""
	if stage != "" {
		nor = fmt.Sprintf(", nor, if %s is a stage, for %s", stage, short.Path)
	}
	return fmt.Sprintf("no API has a route for %s%s%s", path, nor, list)
}

// mayHave reports whether an API has a path, or may have it: where part of the routes is
// not known, or is deployed with other parameters, or once it is built.
func (t messageTemplate) mayHave(path string) bool {
	unknown := func(u sam.Unmounted) bool {
		return u.Route.Path == "" && slices.Contains([]sam.Reason{sam.ReasonRemoteDefinition, sam.ReasonRemoteStack, sam.ReasonUnreadStack}, u.Reason)
	}
	empty := func(api sam.API) bool { return len(api.Routes) == 0 } // its document is not at hand
	return len(t.Deployed) == 0 || slices.ContainsFunc(t.Deployed, empty) || slices.ContainsFunc(t.Unmounted, unknown) ||
		len(t.gateway.WithPath(path)) > 0 || len(t.local.Methods(path)) > 0 || t.unbuilt != nil && len(t.unbuilt.Methods(path)) > 0
}
