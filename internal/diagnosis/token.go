package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// Evidence is a request, and the upstream's answer to it.
type Evidence struct {
	Method  string
	Path    string // decoded as SAM decodes it, without the query
	RawPath string // as it stands in the request line, without the query
	Query   string // raw, without the question mark
	Header  http.Header
	Length  int64 // of the body; -1 where it is not known

	UpstreamStatus int
	UpstreamHeader http.Header
	UpstreamBody   string // decoded
}

// withoutSecrets returns e with the path that is talked about. What is said of
// it has parts of it, by which nobody could tell any more that one is a secret:
// the password of a URL, without the slashes before it.
// A path that is too long for a search is cut, as it is where it is shown.
func (e Evidence) withoutSecrets() Evidence {
	if len(e.RawPath) > maxPath {
		e.RawPath = e.RawPath[:maxPath+1] // still too long
		e.Path = pathpattern.Decode(e.RawPath)
	}
	if shown := redact.Path(e.RawPath); shown != e.RawPath {
		e.RawPath, e.Path = shown, pathpattern.Decode(shown)
	}
	return e
}

// nearest is how many routes a diagnosis lists beside those of its own path.
const nearest = 3

// MissingToken explains the answer 403 Missing Authentication Token, which
// [IsMissingToken] finds.
//
// It is false where the route is mounted: then the answer is not SAM local's
// own and goes to the client unchanged, and the diagnosis is for the log.
func (x *Explainer) MissingToken(e Evidence) (Diagnosis, bool) {
	d, own := x.missingToken(e)
	d.Status = e.UpstreamStatus
	if info, _ := Lookup(d.Code); info.Status != 0 {
		d.Status = info.Status
	}
	if len(d.Allow) > 0 {
		d.Status = http.StatusMethodNotAllowed
	}
	d.Upstream = e.upstream()
	return d, own
}

func (e Evidence) upstream() *Upstream {
	return &Upstream{Status: e.UpstreamStatus, Body: strings.TrimSpace(e.UpstreamBody)}
}

func (x *Explainer) missingToken(e Evidence) (Diagnosis, bool) {
	known := x != nil && x.table != nil
	var route sam.Route
	var methods []string
	mounted := false
	if known {
		route, mounted = x.table.Match(e.Method, e.Path)
		methods = x.table.Methods(e.Path)
	}
	isUnmounted := mounted && x.unmounted(e)
	e = e.withoutSecrets()
	switch foreign := notSAM(e.UpstreamHeader); {
	case foreign != "":
		return upstreamIsNotSAM(e, foreign), !mounted
	case isUnmounted:
		return templateNewer(&question{Evidence: e, Explainer: x}, route), true
	case mounted:
		return saidByTheFunction(e, x, route), false
	}
	q := &question{Evidence: e, Explainer: x, methods: methods}
	for _, explain := range []func(*question) (Diagnosis, bool){webSocket, methodNotSupported, browserNoise} {
		if d, ok := explain(q); ok {
			d.Allow = q.methods
			return d, true
		}
	}
	if !known {
		return q.unexplained(), true
	}
	d := q.explain()
	d.Allow = q.methods
	return d, true
}

// explain finds why a known table has no route for the request. What leads is,
// in this order: that the template declares this very route; that the path is
// right and the method is not; one fault of the path; two faults of it. What
// takes any path, such as /{proxy+}, speaks for none of these as long as
// something else does.
func (q *question) explain() Diagnosis {
	declared, declaration, isDeclared := q.declared()
	if d, ok := q.colonInRoute(); ok && !isDeclared {
		return d
	}
	singles := q.singles()
	var d Diagnosis
	switch {
	case isDeclared && (hasLiteral(declaration.Path) || declaration.Path == "/"):
		d = declared
	case q.methodIsWrong(singles):
		d = q.methodNotDefined()
		q.note(&d, singles)
	case len(singles) > 0:
		d = q.diagnosis(singles[0])
		q.note(&d, singles[1:])
	case len(q.methods) > 0:
		d = q.methodNotDefined()
	case isDeclared:
		d = declared
	default:
		d = q.several()
	}
	q.remarks(&d)
	return d
}

// several explains what no single fault does: by the route's path and method, by two
// faults of the path, or by a guess.
func (q *question) several() Diagnosis {
	if d, ok := q.colonForOthers(); ok {
		return d
	}
	if f, ok := q.pair(); ok {
		return q.diagnosis(f)
	}
	return q.guess()
}

// methodIsWrong reports whether the path is mounted as it stands, by a route
// that is meant for it, and nothing in it speaks for another one.
func (q *question) methodIsWrong(singles []finding) bool {
	if len(q.methods) == 0 {
		return false
	}
	if len(singles) > 0 && singles[0].last().blank && strings.HasSuffix(q.RawPath, "/") && strings.Trim(q.RawPath, "/") != "" {
		return false // nobody writes a slash to put nothing behind it
	}
	r, _ := q.table.Match(q.methods[0], q.Path)
	return hasLiteral(r.Path) || r.Path == "/" || len(singles) == 0
}

// remarks adds what holds beside the leading cause.
func (q *question) remarks(d *Diagnosis) {
	if d.Code != HTTPAPISays404 && q.isHTTP(*d) && !q.servedByHTTP() {
		d.Hints = append(d.Hints, also(HTTPAPISays404, httpSays))
	}
	if !q.searchable() {
		return
	}
	for _, s := range segments(q.RawPath) {
		if isUnset(s) && d.Code != UndefinedInPath {
			d.Hints = append(d.Hints, also(UndefinedInPath, unsetWhy(s)))
			break
		}
	}
	for _, s := range segments(q.RawPath) {
		if isPlaceholder(s) && d.Code != PlaceholderNotFilled {
			d.Hints = append(d.Hints, also(PlaceholderNotFilled, placeholderWhy(s)))
			break
		}
	}
}

// isHTTP reports whether the routes in question are of HTTP APIs.
func (q *question) isHTTP(d Diagnosis) bool {
	if q.allHTTP || len(d.Routes) == 0 {
		return q.allHTTP
	}
	first := d.Routes[0]
	return slices.ContainsFunc(q.table.Routes(), func(r sam.Route) bool {
		return r.Method == first.Method && r.Path == first.Path && r.APIType == sam.HTTP
	})
}

// request names the request as its sender wrote it.
func (e Evidence) request() string { return show(e.Method + " " + e.RawPath) }

// methodNotDefined holds where the path is mounted, and for other methods only.
func (q *question) methodNotDefined() Diagnosis {
	methods := withoutOptions(q.methods)
	var routes []sam.Route
	for _, m := range methods {
		if r, ok := q.table.Match(m, q.Path); ok {
			routes = append(routes, r)
		}
	}
	d := Diagnosis{Code: MethodNotDefined, Routes: routesOf(routes)}
	d.Detail = fmt.Sprintf("%s is mounted for %s, not for %s", show(q.RawPath), list(q.methods), show(q.Method))
	var shown []string
	for _, m := range methods {
		shown = append(shown, show(m))
	}
	or := strings.Join(shown, " or ")
	switch {
	case q.Method == http.MethodOptions:
		d.Hints = []string{
			"OPTIONS is forwarded because cors.source is upstream; with cors.source: config corsproxy answers it",
			"or let SAM local answer it: declare Cors (REST API) or CorsConfiguration (HTTP API) for each API of the template",
		}
	case q.Method == http.MethodGet && q.Header.Get("Sec-Fetch-Mode") == "navigate":
		d.Hints = []string{"an address that is opened in a browser is fetched with GET: call " + show(methods[0]) + " from a script, or with curl -X " + shell.Word(show(methods[0]))}
	case q.Method == http.MethodGet && slices.Contains(methods, http.MethodPost):
		d.Hints = []string{
			"check whether the client means to send " + or,
			"check whether a redirect made GET of POST: 301, 302 and 303 do",
		}
	default:
		d.Hints = []string{"check whether the client means to send " + or}
	}
	upper := strings.ToUpper(q.Method)
	if upper != q.Method {
		d.Hints = append(d.Hints, "write "+show(upper)+" in capitals: SAM local takes "+show(q.Method)+" for it, and a browser's preflight does not")
	}
	d.Hints = append(d.Hints, q.mountHint("or mount "+show(upper)+" too", upper, routes[0].Path, routes[0])...)
	return d
}

// withoutOptions returns methods but for OPTIONS, which browsers send by
// themselves, unless there is no other.
func withoutOptions(methods []string) []string {
	others := slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return m == http.MethodOptions })
	if len(others) == 0 {
		return methods
	}
	return others
}

// routeNotFound is all that is left to say. likely is the route that the
// request most likely meant, if there is one.
func (q *question) routeNotFound(likely *sam.Route) Diagnosis {
	near := q.table.Nearest(q.Method, q.Path, nearest)
	if likely != nil {
		near = slices.DeleteFunc(near, func(r sam.Route) bool { return r == *likely })
		near = slices.Insert(near, 0, *likely)
		near = near[:min(len(near), nearest)]
	}
	d := Diagnosis{Code: RouteNotFound, Routes: routesOf(near)}
	d.Detail = "no route is mounted for " + q.request()
	var like sam.Route
	if len(near) > 0 {
		like = near[0]
		if likely != nil || q.isNear(d) {
			d.Detail += "; the nearest is " + place(like)
			if r, ok := q.table.Match(q.Method, like.Path); !ok || !serves(r, q.Method) {
				d.Detail += ", which is not mounted for " + show(q.Method)
			}
		}
	}
	mount := "mount "
	if likely != nil || q.isNear(d) {
		mount = "or mount "
		d.Hints = []string{"check whether " + show(like.String()) + " is meant"}
	}
	if likely != nil {
		return d
	}
	path := q.templatePath()
	if r, ok := q.visible(); ok {
		d.Hints = append(d.Hints, "check the path: "+r.why)
		path = pathpattern.Decode(r.path)
	}
	d.Hints = append(d.Hints, q.mountHint(mount+show(q.Method+" "+path), q.Method, path, like)...)
	return d
}

// unexplained holds where no route is known. A build without any is told, where the
// template that it was made of has some.
func (q *question) unexplained() Diagnosis {
	d := unexplained(q.Evidence)
	if q.Explainer == nil || q.Template == nil || q.source == nil {
		return d
	}
	if r, ok := match(q.source, q.Evidence); ok {
		return buildIsStale(q, r)
	}
	d.Hints[0], d.Hints[1] = "the build "+show(q.Template.Template)+" has no routes, and the template that it was made of has; "+q.rebuild(), d.Hints[0]
	return d
}

func unexplained(e Evidence) Diagnosis {
	if all := segments(e.RawPath); len(all) > 1 && slices.Contains(usualStages, strings.ToLower(all[0])) {
		return Diagnosis{
			Code: Unexplained,
			Detail: fmt.Sprintf("the upstream answered Missing Authentication Token to %s; /%s looks like a stage, which SAM local leaves out of its paths",
				e.request(), show(all[0])),
			Hints: []string{
				"take /" + show(all[0]) + " off the base URL that the client has for SAM local; the path is then:\n" + show(join(all[1:])),
				"let corsproxy read the template, by --template FILE, and it names the cause",
			},
		}
	}
	return Diagnosis{
		Code: Unexplained,
		Detail: fmt.Sprintf("the upstream answered Missing Authentication Token to %s: the path is not mounted, or it is mounted for methods other than %s, "+
			"or the function itself said so", e.request(), show(e.Method)),
		Hints: append([]string{
			`check whether the "Mounting" lines that sam local start-api printed have this path, spelt just so, with this method and without a stage such as /Prod before it`,
			"let corsproxy read the template, by --template FILE, or those lines, and it names the cause: sam local start-api 2>&1 | corsproxy --sam-log -",
		}, eventHint("if the route is missing, mount it", e.Method, e.templatePath(), sam.Route{}, "")...),
	}
}

func saidByTheFunction(e Evidence, x *Explainer, r sam.Route) Diagnosis {
	by := "the function"
	if r.Function != "" {
		by += " " + show(r.Function)
	}
	d := Diagnosis{
		Code:   SaidByTheFunction,
		Routes: routesOf([]sam.Route{r}),
		Detail: fmt.Sprintf("%s is mounted, as %s; %s, or an API that it calls, said Missing Authentication Token", e.request(), place(r), by),
	}
	again := "restart sam local start-api"
	if x != nil && x.Child {
		again = "restart corsproxy, and SAM local with it"
	}
	restart := "check whether the route table is up to date: " + again + " after a change of the template"
	if x.newer() {
		restart = "check whether SAM local knows this route: the template changed after SAM local mounted its routes; " + again
	}
	d.Hints = []string{"look inside the function, above all at the URLs that it calls", restart}
	return d
}

// newer reports whether the template is known to have changed since SAM local
// read it.
func (x *Explainer) newer() bool {
	return x != nil && !x.Mounted.IsZero() && x.TemplateChanged.After(x.Mounted)
}

// unmounted reports whether the route is known by the template alone, and the
// answer is to the byte what SAM local says of a path that it does not mount: then
// it has another template, or has not read what was changed in this one.
func (x *Explainer) unmounted(e Evidence) bool {
	_, declared := match(x.template, e)
	return declared && x.Mounted.IsZero() && ofSAM(e.UpstreamHeader) && e.UpstreamBody == tokenAnswer && e.Method != http.MethodHead
}

// tokenAnswer is the answer as SAM local writes it.
const tokenAnswer = `{"message":"Missing Authentication Token"}` + "\n"

// templatePath is the path as a template would write it.
func (e Evidence) templatePath() string {
	if path := strings.TrimRight(e.Path, "/"); path != "" {
		return path
	}
	return "/"
}

// place names a route and where it stands.
func place(r sam.Route) string {
	name := show(r.String())
	if r.Source == "" {
		return name
	}
	return name + " (" + r.Source + ")"
}
