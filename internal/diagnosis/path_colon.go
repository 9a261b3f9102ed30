package diagnosis

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// colonVariable is a variable as Express and others write it.
var colonVariable = regexp.MustCompile(`/:([A-Za-z_][A-Za-z0-9_]*)(/|$)`)

// inBraces returns a path with such variables as a template writes them.
func inBraces(path string) string {
	for colonVariable.MatchString(path) { // one ends with the slash of the next
		path = colonVariable.ReplaceAllString(path, "/{$1}$2")
	}
	return path
}

// indexColons indexes the routes that have such variables, as if they had those of
// a template.
func (x *Explainer) indexColons() {
	var meant []sam.Route
	for _, r := range x.table.Routes() {
		written := r
		if r.Path = inBraces(r.Path); r.Path != written.Path {
			if x.colons == nil {
				x.colons = make(map[[2]string]sam.Route)
			}
			x.colons[[2]string{r.Method, r.Path}] = written
			meant = append(meant, r)
		}
	}
	if meant != nil {
		x.meant = sam.NewTable(meant)
	}
}

// colonInRoute holds where a route would take the request if its variables were
// written in braces.
func (q *question) colonInRoute() (Diagnosis, bool) {
	if q.meant == nil {
		return Diagnosis{}, false
	}
	meant, ok := q.meant.Match(q.Method, q.Path)
	if !ok {
		return Diagnosis{}, false
	}
	written := q.colons[[2]string{meant.Method, meant.Path}]
	variable := strings.Trim(colonVariable.FindString(written.Path), "/")
	d := Diagnosis{
		Code:   ColonInRoute,
		Routes: routesOf([]sam.Route{written}),
		Detail: fmt.Sprintf("%s is not mounted; %s is, and %s is text there, both to SAM local and to API Gateway", q.request(), place(written), show(variable)),
	}
	d.Hints = []string{fmt.Sprintf("write in the template, as the path of %s:\n%s", place(written), q.pathAs(written, meant.Path))}
	return d, true
}

// colonForOthers holds where such a route would take the path, for other methods.
func (q *question) colonForOthers() (Diagnosis, bool) {
	if q.meant == nil {
		return Diagnosis{}, false
	}
	methods := withoutOptions(q.meant.Methods(q.Path))
	if len(methods) == 0 {
		return Diagnosis{}, false
	}
	other := *q
	other.Method = methods[0]
	d, ok := other.colonInRoute()
	meant, _ := q.meant.Match(methods[0], q.Path)
	d.Detail = strings.Replace(d.Detail, other.request(), q.request(), 1)
	d.Detail += ", and the route is not for " + show(q.Method)
	d.Hints = append(d.Hints, "then check whether the client means to send "+strings.Join(methods, " or "))
	return Diagnosis{Code: d.Code, Routes: d.Routes, Detail: d.Detail, Hints: append(d.Hints, q.mountHint("or mount "+show(q.Method)+" too", q.Method, meant.Path, meant)...)}, ok
}

// pathAs is how a route's path is written in the template: in an event by its key,
// and elsewhere as a key, or as a part of one.
func (x *Explainer) pathAs(r sam.Route, path string) string {
	if api, known := x.deployed(r.API); known && (!api.Serverless || api.OwnDocument) {
		return path
	}
	return "Path: " + yamlString(path)
}
