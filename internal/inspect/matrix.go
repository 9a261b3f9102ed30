package inspect

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/proxy"
)

// A matrix says what a preflight for each route gets: from SAM local, from
// corsproxy, and from the deployed API.
type matrix struct {
	Origin   string      `json:"origin"`
	Headers  string      `json:"headers"`
	Known    bool        `json:"known"`    // routes are known
	Template string      `json:"template"` // that was read; "" where none was
	Rows     []matrixRow `json:"rows"`
	More     int         `json:"more"` // rows that were left out
}

type matrixRow struct {
	Method   string `json:"method"`
	Path     string `json:"path"`
	Function string `json:"function"`
	API      string `json:"api"`
	Source   string `json:"source"`
	Local    cell   `json:"local"`
	Here     cell   `json:"here"`
	Deployed cell   `json:"deployed"`
}

// A cell is the answer of one side, and what a browser makes of it.
type cell struct {
	Known   bool     `json:"known"`
	Status  int      `json:"status"` // 0 where a function says
	By      string   `json:"by"`
	Allowed bool     `json:"allowed"`
	Verdict string   `json:"verdict"` // the browser's name for what blocks it
	Detail  string   `json:"detail"`
	Fields  []string `json:"fields"`
}

const (
	usualOrigin = "http://localhost:5173"
	// maxRows bounds the answer: a template may have thousands of routes.
	maxRows = 1000
)

// listRoutes answers with the matrix for the origin and the header names that
// the query gives.
func (in *Inspector) listRoutes(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	origin := cmp.Or(query.Get("origin"), in.lastOrigin(), usualOrigin)
	writeJSON(w, in.matrix(origin, query.Get("headers")))
}

// lastOrigin returns the origin that has called last.
func (in *Inspector) lastOrigin() string {
	for _, e := range slices.Backward(in.ring.all()) {
		if e.Origin != "" && e.Origin != "null" && redact.Value(e.Origin) == e.Origin {
			return e.Origin
		}
	}
	return ""
}

func (in *Inspector) matrix(origin, headers string) matrix {
	m := matrix{Origin: origin, Headers: headers, Rows: []matrixRow{}}
	rules := in.rules.Load()
	if rules == nil {
		return m
	}
	asker := newAsker(rules, origin, splitNames(headers))
	if app := rules.app(); app != nil {
		m.Template = app.Template
	}
	routes := asker.routes()
	m.Known = len(routes) > 0
	if len(routes) > maxRows {
		m.More, routes = len(routes)-maxRows, routes[:maxRows]
	}
	for _, r := range routes {
		m.Rows = append(m.Rows, matrixRow{
			Method: r.Method, Path: r.Path, Function: r.Function, API: r.API, Source: r.Source,
			Local: asker.locally(r), Here: asker.here(r), Deployed: asker.deployed(r),
		})
	}
	return m
}

func splitNames(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// An asker asks all three sides the same preflights.
type asker struct {
	*ruleBook
	byPath  pathpattern.Index[*proxy.Rule]
	gateway *apigateway.Gateway // nil where no template is known
	origin  string
	headers []string
}

func newAsker(b *ruleBook, origin string, headers []string) *asker {
	a := &asker{ruleBook: b, origin: origin, headers: headers}
	for i := range b.rules.Routes {
		if p, err := pathpattern.Parse(b.rules.Routes[i].Path); err == nil {
			a.byPath.Insert(p, &b.rules.Routes[i].Rule)
		}
	}
	if app := b.app(); app != nil {
		a.gateway = apigateway.New(app)
	}
	return a
}

// routes returns what is mounted or deployed, each method and path once.
func (a *asker) routes() []sam.Route {
	var all []sam.Route
	if a.rules.Known.Table != nil {
		all = append(all, a.rules.Known.Table.Routes()...)
	}
	if app := a.app(); app != nil {
		all = append(all, app.Local.Routes...)
		for _, api := range app.Deployed {
			all = append(all, api.Routes...)
		}
	}
	type key struct{ method, path string }
	first := make(map[key]sam.Route)
	var order []key
	for _, r := range all {
		k := key{r.Method, r.Path}
		known, ok := first[k]
		if !ok {
			order = append(order, k)
		}
		if !ok || known.API == "" && r.API != "" || known.Function == "" && r.Function != "" {
			r.Function = cmp.Or(r.Function, known.Function)
			first[k] = r // the log and the configuration name no place in the template
		}
	}
	out := make([]sam.Route, 0, len(order))
	for _, k := range order {
		if k.method != http.MethodOptions { // no browser asks for it
			out = append(out, first[k])
		}
	}
	return out
}

// preflight is what a browser asks before it sends the route's request.
func (a *asker) preflight(r sam.Route) browser.Preflight {
	return browser.Preflight{Origin: a.origin, Method: r.Method, Headers: a.headers}
}

// request is the preflight as a server receives it.
func (a *asker) request(r sam.Route) *http.Request {
	return &http.Request{
		Method: http.MethodOptions, RequestURI: example(r), URL: nil, Host: "localhost", Header: a.preflight(r).Header(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

// example is a path that the route takes: a pattern matches itself.
func example(r sam.Route) string {
	if r.Path == sam.DefaultPath {
		return "/"
	}
	return r.Path
}

// judge completes a cell with what a browser makes of the answer.
func (a *asker) judge(c cell, r sam.Route, h http.Header) cell {
	c.Known = true
	v := a.preflight(r).Check(c.Status, h)
	c.Allowed, c.Verdict, c.Detail = v.Allowed, v.Name(), v.Detail
	c.Fields = []string{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if bearsOnCORS(name) {
			c.Fields = append(c.Fields, name+": "+strings.Join(h[name], ", "))
		}
	}
	return c
}

// here is the answer by the rules of the proxy.
func (a *asker) here(r sam.Route) cell {
	rule, ok := a.byPath.First(example(r))
	if !ok {
		rule = &a.rules.Default
	}
	if rule.Source == proxy.FromTemplate {
		return a.deployed(r)
	}
	if rule.Source == proxy.FromUpstream || rule.Policy == nil {
		c := a.locally(r)
		c.By = "upstream"
		return c
	}
	h := make(http.Header)
	decision, status := rule.Policy.Answer(h, a.request(r))
	c := a.judge(cell{Status: status, By: "policy"}, r, h)
	if !decision.Allowed {
		c.Detail = decision.Detail
	}
	return c
}

// locally is SAM local's own answer, as far as the template tells.
func (a *asker) locally(r sam.Route) cell {
	if a.app() == nil {
		return cell{}
	}
	mounted, cors, ok := a.localCORS(http.MethodOptions, example(r))
	switch {
	case !ok:
		return a.judge(cell{Status: http.StatusForbidden, By: "nothing"}, r, http.Header{})
	case cors == nil:
		return cell{Known: true, By: "function", Detail: saysOptions(mounted.Function)}
	}
	return a.judge(cell{Status: http.StatusOK, By: "SAM local"}, r, cors.Headers(mounted.APIType, a.origin))
}

// deployed is the answer of the deployed API.
func (a *asker) deployed(r sam.Route) cell {
	if a.gateway == nil {
		return cell{}
	}
	answer := a.gateway.Answer(apigateway.Request{Method: http.MethodOptions, Path: example(r), Header: a.preflight(r).Header()})
	by := string(answer.By)
	if answer.Forwarded() {
		return cell{Known: true, By: by, Detail: strings.Join(append(answer.Unknown, saysOptions(answer.Function)), "; ")}
	}
	if answer.Status == 0 {
		return cell{Known: true, By: by, Detail: strings.Join(answer.Unknown, "; ")}
	}
	c := a.judge(cell{Status: answer.Status, By: by}, r, answer.Header)
	if len(answer.Unknown) > 0 {
		c.Detail = strings.Join(answer.Unknown, "; ")
	}
	return c
}

// saysOptions says that a preflight's answer is a function's to give.
func saysOptions(function string) string {
	if function == "" {
		return "what is behind the route answers OPTIONS"
	}
	return "the function " + function + " answers OPTIONS"
}
