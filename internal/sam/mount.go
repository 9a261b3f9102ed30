package sam

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// mount returns the routes as SAM local mounts them: those of one function on
// one path become one, OPTIONS is added to all if the application has a CORS
// policy, and of several handlers of one method and path the last answers.
func (c *collector) mount() (Local, error) {
	local := Local{CORS: c.cors, CORSOf: c.corsOf, RouteCORS: make(map[string]*LocalCORS)}
	groups := c.join()
	for _, g := range groups {
		if err := checkPath(g[0]); err != nil {
			return Local{}, err
		}
		routes := g.routes(c.cors != nil)
		local.Routes = append(local.Routes, routes...)
		for _, r := range routes {
			local.RouteCORS[r.String()] = g.cors()
		}
		if guarded, ok := c.guarded(g); ok {
			local.Guarded = append(local.Guarded, guarded)
		}
	}
	mounted := slices.Clone(local.Routes)
	local.Routes = lastOfEach(local.Routes)
	local.Rivals = c.rivals(mounted, local.Routes)
	maps.DeleteFunc(local.RouteCORS, func(_ string, own *LocalCORS) bool { return own == nil })
	return local, nil
}

// A group is the routes of one function on one path.
type group []*mountable

// join groups routes as SAM CLI does, in order of first appearance.
func (c *collector) join() []group {
	type key struct {
		stack                     *stack
		function, path, operation string
	}
	index := make(map[key]int)
	var groups []group
	for _, m := range c.routes {
		k := key{m.stack, m.function, m.path, m.operation}
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// routes returns a route for each method of the group, sorted by method. SAM
// gives all of them the type of the last.
func (g group) routes(withOptions bool) []Route {
	last := g[len(g)-1]
	byMethod := make(map[string]Route)
	for _, m := range g {
		for _, method := range m.methods {
			r := m.route(method)
			r.APIType = last.apiType
			byMethod[method] = r
		}
	}
	if _, ok := byMethod[http.MethodOptions]; withOptions && !ok {
		byMethod[http.MethodOptions] = last.route(http.MethodOptions)
	}
	if last.path == DefaultPath {
		for _, method := range anyMethods { // whatever methods it was given
			byMethod[method] = last.route(method)
		}
	}
	routes := make([]Route, 0, len(byMethod))
	for method, r := range byMethod {
		if last.path != DefaultPath || slices.Contains(anyMethods[:], method) {
			routes = append(routes, r)
		}
	}
	slices.SortFunc(routes, func(a, b Route) int { return cmp.Compare(a.Method, b.Method) })
	return routes
}

// cors returns the group's own policy: the last one set.
func (g group) cors() *LocalCORS {
	for _, m := range slices.Backward(g) {
		if m.cors != nil {
			return m.cors
		}
	}
	return nil
}

// lastOfEach keeps, of routes with the same method and path, the last one.
func lastOfEach(routes []Route) []Route {
	type key struct{ method, path string }
	last := make(map[key]int, len(routes))
	for i, r := range routes {
		last[key{r.Method, r.Path}] = i
	}
	kept := routes[:0]
	for i, r := range routes {
		if last[key{r.Method, r.Path}] == i {
			kept = append(kept, r)
		}
	}
	return kept
}

// rivals returns the routes that have the method and path of one that answers,
// and another function.
func (c *collector) rivals(mounted, answering []Route) map[string][]Rival {
	function := make(map[string]string, len(answering))
	for _, r := range answering {
		function[r.String()] = r.Function
	}
	rivals := make(map[string][]Rival)
	add := func(r Route, byChance bool) {
		if name := r.String(); function[name] != r.Function {
			rivals[name] = append(rivals[name], Rival{Route: r, ByChance: byChance})
		}
	}
	for _, r := range mounted {
		add(r, c.unordered)
	}
	for _, m := range c.overridden {
		for _, method := range m.methods {
			add(m.route(method), false)
		}
	}
	return rivals
}

var (
	// greedy is how SAM CLI finds a path's greedy variable: the last one, and
	// only after a slash.
	greedy = regexp.MustCompile(`(.*/){(.*)\+}`)
	// rulePart is a part of a rule of Werkzeug, SAM's router.
	rulePart = regexp.MustCompile(`^(?:/|[^</]+|<(?:(?:default|string|any|path|int|float|uuid)(?:\(.*?\))?:)?([a-zA-Z_][a-zA-Z0-9_]*)>)`)
)

// checkPath refuses paths that SAM local crashes on when it mounts them.
func checkPath(m *mountable) error {
	if m.path == DefaultPath {
		return nil
	}
	fail := func(what, fix string) error {
		return &TemplateError{
			Pos:  m.pos,
			What: fmt.Sprintf("path %q ", m.path) + what,
			Why:  "SAM CLI crashes when it mounts the route",
			Fix:  fix,
		}
	}
	if !strings.HasPrefix(m.path, "/") {
		return fail("does not begin with a slash", fmt.Sprintf("write %q", "/"+m.path))
	}
	rule := greedy.ReplaceAllString(m.path, "${1}<path:${2}>")
	rule = strings.NewReplacer("{", "<", "}", ">").Replace(rule)
	seen := make(map[string]bool)
	for rest := rule; rest != ""; {
		part := rulePart.FindStringSubmatch(rest)
		if part == nil {
			return fail("is no path to SAM local, whatever AWS makes of it", "name each variable with letters, digits and underscores, close its brace, and keep {name+} alone for the last segment")
		}
		if name := part[1]; name != "" {
			if seen[name] {
				return fail(fmt.Sprintf("has two variables %q", name), "rename one of them")
			}
			seen[name] = true
		}
		rest = rest[len(part[0]):]
	}
	return nil
}
