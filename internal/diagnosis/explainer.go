package diagnosis

import (
	"slices"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// Knowledge is what is known of the upstream beyond one exchange. Any field may
// be zero; the less is known, the less is said.
type Knowledge struct {
	// Table holds the routes that SAM local mounts, as its log or the user has
	// them. Without it, Template's are taken.
	Table *sam.Table

	// Template is the template that SAM local takes; see [sam.Find].
	Template *sam.Application

	// Source is the template that `sam build` made Template of; nil where
	// Template is no build.
	Source *sam.Application

	// Earlier are readings of Template, since Watched, with another CORS setting,
	// which SAM local may have.
	Earlier []*sam.Application

	// TemplateChanged is when Template's files were last changed, and Mounted
	// when SAM local mounted its routes.
	TemplateChanged, Mounted time.Time

	// Watched is since when changes of Template have been seen.
	Watched time.Time

	// Echo says that the upstream is the demo, which answers with an echo of the
	// request in place of each function, and restarts with corsproxy.
	Echo bool

	// Child says that corsproxy has started SAM local and ends with it, and
	// Restarts that it starts it again when the template changes.
	Child, Restarts bool

	// BasePaths are those of custom domains: "/shop".
	BasePaths []string
}

// An Explainer explains answers of the upstream by what is known of it. It is
// immutable and safe for concurrent use. A nil Explainer knows nothing.
type Explainer struct {
	Knowledge

	table    *sam.Table                     // nil where the routes are not known
	routes   []split                        // table's, for comparisons segment by segment
	folded   pathpattern.Index[sam.Route]   // by the path in lower case
	tails    pathpattern.Index[sam.Route]   // by the path without its first segment, if literals are first and second
	heads    map[string]bool                // the literals that paths begin with
	stages   []string                       // names of the deployed APIs' stages
	template *sam.Table                     // what Template has SAM local mount
	source   *sam.Table                     // what Source would
	skipped  *sam.Table                     // what Template declares and SAM local passes over
	reasons  map[[2]string]sam.Unmounted    // why, by method and path
	whole    map[sam.Reason][]sam.Unmounted // APIs and stacks that are passed over as a whole
	meant    *sam.Table                     // the routes with :id, as if they had {id}
	colons   map[[2]string]sam.Route        // they as they stand, by method and path of those
	allHTTP  bool                           // all routes are of HTTP APIs

	deployedHTTP []deployedHTTP // the HTTP APIs of the templates
}

// MountedRoutes returns the routes that the upstream mounts, as far as they are
// known.
func (x *Explainer) MountedRoutes() []sam.Route {
	if x == nil || x.table == nil {
		return nil
	}
	return x.table.Routes()
}

// NewExplainer returns an explainer for an upstream of which k is known.
func NewExplainer(k Knowledge) *Explainer {
	x := &Explainer{Knowledge: k, heads: make(map[string]bool)}
	x.template, x.source = tableOf(k.Template), tableOf(k.Source)
	x.table = k.Table
	if x.table == nil || len(x.table.Routes()) == 0 {
		x.table = x.template
	}
	if x.table != nil {
		x.table = x.located(x.table)
	}
	if x.table != nil {
		x.index()
	}
	x.noteSkipped()
	x.indexDeployed()
	return x
}

// tableOf returns the routes that SAM local mounts for a template; nil where
// there are none.
func tableOf(a *sam.Application) *sam.Table {
	if a == nil || len(a.Local.Routes) == 0 {
		return nil
	}
	return sam.NewTable(a.Local.Routes)
}

// located returns t with what the templates know of its routes: the log names
// neither lines nor APIs. A route that they have no more, since they have been
// edited, is of the only API that there is, or of one that is not known.
func (x *Explainer) located(t *sam.Table) *sam.Table {
	known := make(map[[2]string]sam.Route)
	for _, a := range []*sam.Application{x.Template, x.Source} {
		if a == nil {
			continue
		}
		for _, r := range a.Local.Routes {
			known[[2]string{r.Method, r.Path}] = r
		}
	}
	if x.Template == nil && x.Source == nil {
		return t
	}
	kind, only := x.commonAPI()
	routes := slices.Clone(t.Routes())
	for i, r := range routes {
		d, ok := known[[2]string{r.Method, r.Path}]
		if !ok {
			routes[i].APIType, routes[i].API = kind, only
			continue
		}
		routes[i].Source, routes[i].API, routes[i].APIType = d.Source, d.API, d.APIType
		if r.Function == "" {
			routes[i].Function = d.Function
		}
	}
	return sam.NewTable(routes)
}

// commonAPI returns the type that all APIs of the template have, and the API where
// it is the only one; "" where there are several.
func (x *Explainer) commonAPI() (kind, only string) {
	if x.Template == nil || len(x.Template.Deployed) == 0 {
		return "", ""
	}
	all := x.Template.Deployed
	if slices.ContainsFunc(all, func(a sam.API) bool { return a.Type != all[0].Type }) {
		return "", ""
	}
	if len(all) == 1 {
		only = all[0].ID
	}
	return all[0].Type, only
}

func (x *Explainer) index() {
	x.allHTTP = true
	x.indexColons()
	for _, r := range x.table.Routes() {
		x.allHTTP = x.allHTTP && r.APIType == sam.HTTP
		s := splitRoute(r)
		x.routes = append(x.routes, s)
		insert(&x.folded, strings.ToLower(r.Path), r)
		if len(s.segments) == 0 || isVariable(s.segments[0]) {
			continue
		}
		x.heads[s.segments[0]] = true
		if len(s.segments) > 1 && !isVariable(s.segments[1]) {
			insert(&x.tails, "/"+strings.Join(s.segments[1:], "/"), r)
		}
	}
	if x.Template != nil {
		for _, api := range x.Template.Deployed {
			x.stages = append(x.stages, api.NamedStages()...)
		}
	}
}

func insert(index *pathpattern.Index[sam.Route], path string, r sam.Route) {
	if p, err := pathpattern.Parse(path); err == nil {
		index.Insert(p, r)
	}
}

// noteSkipped sorts what SAM local passes over into routes and wholes.
func (x *Explainer) noteSkipped() {
	if x.Template == nil {
		return
	}
	x.reasons = make(map[[2]string]sam.Unmounted)
	x.whole = make(map[sam.Reason][]sam.Unmounted)
	var routes []sam.Route
	for _, u := range x.Template.Unmounted {
		switch {
		case u.Route.Path != "":
			routes = append(routes, u.Route)
			x.reasons[[2]string{u.Route.Method, u.Route.Path}] = u
		case u.Reason == sam.ReasonFunctionURL && hasRoute(x.Template, u.Route.API):
			// It has events too, and is reached by them.
		default:
			x.whole[u.Reason] = append(x.whole[u.Reason], u)
		}
	}
	x.skipped = sam.NewTable(routes)
}

// hasRoute reports whether a function has a route. The logical id of one in a
// nested stack stands behind the stack's.
func hasRoute(a *sam.Application, function string) bool {
	id := function[strings.LastIndexByte(function, '/')+1:]
	return slices.ContainsFunc(a.Local.Routes, func(r sam.Route) bool { return r.Function == id })
}

// A split is a route with the segments of its path.
type split struct {
	sam.Route
	segments []string
}

func splitRoute(r sam.Route) split {
	path := strings.Trim(r.Path, "/")
	if path == "" || r.Path == sam.DefaultPath {
		return split{Route: r}
	}
	return split{r, strings.Split(path, "/")}
}

// isVariable reports whether a segment of a route's path is a parameter, or
// has one.
func isVariable(segment string) bool { return strings.Contains(segment, "{") }

// isParameter reports whether a segment is a parameter that takes one segment,
// and nothing else.
func isParameter(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.IndexByte(segment, '}') == len(segment)-1 && !isGreedy(segment)
}

func isGreedy(segment string) bool { return strings.HasSuffix(segment, "+}") }

// hasLiteral reports whether a path has a segment of text. A route without
// one, such as /{id}, takes what others were meant to take.
func hasLiteral(path string) bool {
	if path == sam.DefaultPath {
		return false
	}
	return slices.ContainsFunc(strings.Split(strings.Trim(path, "/"), "/"), func(s string) bool { return s != "" && !isVariable(s) })
}
