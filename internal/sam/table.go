package sam

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// A Table is a set of routes that matches requests as SAM local does. It is
// immutable and safe for concurrent use. A lookup takes the same time in a
// table of ten routes and of five thousand.
//
// SAM local routes with Werkzeug: paths are case-sensitive, a trailing slash
// is ignored both ways, unless there are routes with it and without, and a literal segment goes before a variable, a
// variable before a greedy one. Path and method count together: where GET
// /items/new and POST /items/{id} are mounted, POST /items/new reaches the
// latter.
type Table struct {
	routes   []Route
	byMethod map[string]*pathpattern.Index[Route]
	shapes   []shape // for Nearest; parallel to routes
}

// NewTable returns a table of routes. Of two routes with the same method and
// path the later one answers, as in SAM. A route whose path is no path
// pattern is listed but never matched.
func NewTable(routes []Route) *Table {
	t := &Table{
		routes:   slices.Clone(routes),
		byMethod: make(map[string]*pathpattern.Index[Route]),
		shapes:   make([]shape, len(routes)),
	}
	for i, r := range t.routes {
		t.shapes[i] = shapeOf(r.Path)
	}
	for method, m := range mounts(t.routes) {
		index := &pathpattern.Index[Route]{MindSlash: true}
		for _, path := range m.order {
			if p, err := pathpattern.Parse(path); err == nil {
				index.Insert(p, m.routes[path])
			}
		}
		t.byMethod[method] = index
	}
	return t
}

// mount is what SAM's router knows of one method: a route for each path, in
// the order in which the paths appear.
type mount struct {
	order  []string
	routes map[string]Route
}

func (m *mount) add(path string, r Route) {
	if _, ok := m.routes[path]; !ok {
		m.order = append(m.order, path)
	}
	m.routes[path] = r
}

// fill adds r where path has no route yet.
func (m *mount) fill(path string, r Route) {
	if _, ok := m.routes[path]; !ok {
		m.add(path, r)
	}
}

// mounts groups routes by method and adds what SAM's router adds: a rule for
// GET takes HEAD too, and $default is mounted last, at "/" and at all below
// it, for the methods that it has.
func mounts(routes []Route) map[string]*mount {
	byMethod := make(map[string]*mount)
	of := func(method string) *mount {
		m := byMethod[method]
		if m == nil {
			m = &mount{routes: make(map[string]Route)}
			byMethod[method] = m
		}
		return m
	}
	for _, r := range routes {
		if r.Path == DefaultPath {
			continue
		}
		method := strings.ToUpper(r.Method)
		of(method).add(r.Path, r)
		if method == http.MethodGet {
			of(http.MethodHead).fill(r.Path, r)
		}
	}
	for _, r := range slices.Backward(routes) { // of two catch-alls the later one answers
		if r.Path == DefaultPath {
			m := of(strings.ToUpper(r.Method))
			m.fill("/", r)
			m.fill("/{any_path+}", r)
		}
	}
	return byMethod
}

// Routes returns the routes in the order given to NewTable. The caller must
// not change them.
func (t *Table) Routes() []Route { return t.routes }

// Match returns the route that SAM local takes a request to, if any. The path
// is decoded (see [pathpattern.Decode]) and has no query. Like SAM, Match
// reads the method in any case and takes slashes at the path's beginning for
// one; slashes repeated further on do not match here, because SAM answers
// them with a redirect (308).
//
// The result is true whenever SAM would not answer Missing Authentication
// Token by itself. One such case has no function behind it: HEAD on a path
// that is mounted for GET alone reaches a rule but no handler, and SAM
// answers 502. Match then returns the GET route, so that the route's Method
// tells.
func (t *Table) Match(method, path string) (Route, bool) {
	index := t.byMethod[strings.ToUpper(method)]
	if index == nil {
		return Route{}, false
	}
	return index.Best(collapseLeading(path))
}

// Methods returns the methods mounted for the decoded path, sorted, or nil if
// there are none. HEAD is among them only where it has a route of its own:
// the list is fit for the Allow field of a 405 (RFC 9110, section 10.2.1).
func (t *Table) Methods(path string) []string {
	path = collapseLeading(path)
	var methods []string
	for method, index := range t.byMethod {
		if r, ok := index.Best(path); ok && strings.EqualFold(r.Method, method) {
			methods = append(methods, method)
		}
	}
	slices.Sort(methods)
	return methods
}

// collapseLeading replaces the slashes at the beginning of path by one.
func collapseLeading(path string) string {
	if !strings.HasPrefix(path, "//") {
		return path
	}
	return "/" + strings.TrimLeft(path, "/")
}
