package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Evidence is an exchange whose answer [IsMissingToken].
type Evidence struct {
	Method  string
	Path    string // decoded as SAM decodes it, without the query
	RawPath string // as it stands in the request line, without the query
	Query   string // raw, without the question mark
	Header  http.Header

	UpstreamStatus int
	UpstreamHeader http.Header
	UpstreamBody   string // decoded
}

// nearest is how many routes a diagnosis lists beside those of its own path.
const nearest = 3

// MissingToken explains the answer 403 Missing Authentication Token. t holds
// the routes that SAM local mounts; where it is nil or empty they are not
// known, and the answer says less.
//
// It is false where the route is mounted: then the answer is not SAM local's
// own and goes to the client unchanged, and the diagnosis is for the log.
func MissingToken(e Evidence, t *sam.Table) (Diagnosis, bool) {
	if t == nil || len(t.Routes()) == 0 {
		return e.diagnose(unexplained(e)), true
	}
	if r, ok := t.Match(e.Method, e.Path); ok {
		return e.diagnose(saidByTheFunction(e, r)), false
	}
	var found []Diagnosis
	for _, explain := range causes {
		if d, ok := explain(e, t); ok {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		return e.diagnose(routeNotFound(e, t)), true
	}
	lead := found[0]
	for _, d := range found[1:] {
		lead.Hints = append(lead.Hints, "also: "+d.Detail)
	}
	return e.diagnose(lead), true
}

// causes are what may explain that a known table has no route for a request,
// the most telling first. The first that holds leads, and silences
// route-not-found; the others follow as hints.
var causes = []func(Evidence, *sam.Table) (Diagnosis, bool){
	methodNotDefined,
}

// diagnose adds to d what every diagnosis of the family carries.
func (e Evidence) diagnose(d Diagnosis) Diagnosis {
	if info, _ := Lookup(d.Code); info.Status != 0 {
		d.Status = info.Status
	} else {
		d.Status = e.UpstreamStatus
	}
	d.Upstream = &Upstream{Status: e.UpstreamStatus, Body: strings.TrimSpace(e.UpstreamBody)}
	return d
}

// request names the request as its sender wrote it.
func (e Evidence) request() string { return show(e.Method + " " + e.RawPath) }

func unexplained(e Evidence) Diagnosis {
	return Diagnosis{
		Code: Unexplained,
		Detail: fmt.Sprintf("the upstream answered Missing Authentication Token to %s: the path is not mounted, or it is mounted for methods other than %s, "+
			"or the function itself said so", e.request(), show(e.Method)),
		Hints: append([]string{
			`check whether the "Mounting" lines that sam local start-api printed have this path, spelt just so, with this method and without a stage such as /Prod before it`,
			"let corsproxy read those lines, and it names the cause: sam local start-api 2>&1 | corsproxy --sam-log -",
		}, eventHint("if the route is missing, add to the function's Properties in the template", e.Method, e.templatePath(), "")...),
	}
}

func routeNotFound(e Evidence, t *sam.Table) Diagnosis {
	near := t.Nearest(e.Method, e.Path, nearest)
	d := Diagnosis{Code: RouteNotFound, Routes: routesOf(near)}
	d.Detail = "no route is mounted for " + e.request()
	apiType := ""
	if len(near) > 0 {
		apiType = near[0].APIType
		d.Detail += "; the nearest is " + place(near[0])
		d.Hints = []string{"check whether " + near[0].String() + " is meant"}
	}
	d.Hints = append(d.Hints, eventHint("or mount "+e.request()+": add to the function's Properties in the template", e.Method, e.templatePath(), apiType)...)
	return d
}

// methodNotDefined holds where the path is mounted, and for other methods only.
func methodNotDefined(e Evidence, t *sam.Table) (Diagnosis, bool) {
	methods := t.Methods(e.Path)
	if len(methods) == 0 {
		return Diagnosis{}, false
	}
	var routes []sam.Route
	for _, m := range methods {
		if r, ok := t.Match(m, e.Path); ok {
			routes = append(routes, r)
		}
	}
	d := Diagnosis{Code: MethodNotDefined, Allow: methods, Routes: routesOf(routes)}
	d.Detail = fmt.Sprintf("%s is mounted for %s, not for %s", show(e.RawPath), list(methods), show(e.Method))
	switch {
	case e.Method == http.MethodOptions:
		d.Hints = []string{
			"OPTIONS is forwarded because cors.source is upstream; with cors.source: config corsproxy answers it",
			"or let SAM local answer it: declare Cors (REST API) or CorsConfiguration (HTTP API) in the template",
		}
	case e.Method == http.MethodGet && e.Header.Get("Sec-Fetch-Mode") == "navigate":
		d.Hints = []string{"an address that is opened in a browser is fetched with GET: call " + methods[0] + " from a script, or with curl -X " + methods[0]}
	case e.Method == http.MethodGet && slices.Contains(methods, http.MethodPost):
		d.Hints = []string{
			"check whether the client means to send " + strings.Join(methods, " or "),
			"check whether a redirect made GET of POST: 301, 302 and 303 do",
		}
	default:
		d.Hints = []string{"check whether the client means to send " + strings.Join(methods, " or ")}
	}
	d.Hints = append(d.Hints, eventHint("or mount "+show(e.Method)+" too: add to the function's Properties in the template", e.Method, routes[0].Path, routes[0].APIType)...)
	return d, true
}

func saidByTheFunction(e Evidence, r sam.Route) Diagnosis {
	by := "the function"
	if r.Function != "" {
		by += " " + r.Function
	}
	return Diagnosis{
		Code:   SaidByTheFunction,
		Routes: routesOf([]sam.Route{r}),
		Detail: fmt.Sprintf("%s is mounted, as %s; %s, or an API that it calls, said Missing Authentication Token", e.request(), place(r), by),
		Hints: []string{
			"look inside the function, above all at the URLs that it calls",
			"check whether the route table is up to date: restart sam local start-api after a change of the template",
		},
	}
}

// templatePath is the path as a template would write it.
func (e Evidence) templatePath() string {
	if path := strings.TrimRight(e.Path, "/"); path != "" {
		return path
	}
	return "/"
}

// place names a route and where it stands.
func place(r sam.Route) string {
	if r.Source == "" {
		return r.String()
	}
	return r.String() + " (" + r.Source + ")"
}
