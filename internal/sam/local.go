package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A mountable is a route while SAM CLI collects routes. It may have several
// methods.
type mountable struct {
	methods   []string // upper-case; ANY expanded
	path      string
	function  string
	operation string // operationId or OperationName
	api       string // logical id of the API
	apiType   string // REST or HTTP
	stack     *stack
	pos       Pos
	cors      *LocalCORS // of the route alone

	authorizer *tree.Value // the one it names, if any
	open       bool        // it goes without the API's default authorizer
}

// A collector collects what SAM CLI finds in a template's resources.
type collector struct {
	loader  *loader
	lenient bool // take what can be read, and pass over errors
	routes  []*mountable
	cors    *LocalCORS // the application's: the last API's
	corsOf  string     // the last API of SAM's own

	overridden []*mountable // what merge has dropped
	unordered  bool         // the order of routes is that of a set

	defaultAuthorizers map[string]*tree.Value // by logical id of the API
	authorizers        map[[2]string]reads    // those that SAM local runs, by logical id of the API and name
}

func newCollector(l *loader) *collector {
	return &collector{loader: l, defaultAuthorizers: make(map[string]*tree.Value), authorizers: make(map[[2]string]reads)}
}

// An extractor takes what it knows from one resource.
type extractor func(c *collector, s *stack, e tree.Entry) error

// extractors are SAM CLI's two API providers by resource type. Only one of
// them runs: that which the first resource with a type of either selects.
func extractors() (serverless, cloudFormation map[string]extractor) {
	nothing := func(*collector, *stack, tree.Entry) error { return nil }
	serverless = map[string]extractor{
		transform.Function: (*collector).function,
		transform.API:      (*collector).serverlessAPI,
		transform.HTTPAPI:  (*collector).serverlessAPI,
	}
	cloudFormation = map[string]extractor{
		typeRestAPI:         (*collector).restAPI,
		typeResource:        nothing,
		typeMethod:          (*collector).method,
		typeStage:           (*collector).stage,
		typeAuthorizer:      (*collector).authorizer,
		typeHTTPAPI:         (*collector).httpAPI,
		typeHTTPRoute:       (*collector).httpRoute,
		typeHTTPIntegration: nothing,
		typeHTTPStage:       (*collector).stage,
		typeHTTPAuthorizer:  (*collector).httpAuthorizer,
	}
	return serverless, cloudFormation
}

// local returns what SAM local mounts.
func (l *loader) local() (Local, error) {
	serverless, cloudFormation := extractors()
	used, other := serverless, cloudFormation
	isServerless := true
	if l.selects(serverless, cloudFormation) {
		used, other, isServerless = cloudFormation, serverless, false
	}
	c := newCollector(l)
	if err := c.extract(used); err != nil {
		return Local{}, err
	}
	if err := c.checkLinks(); err != nil {
		return Local{}, err
	}
	if isServerless {
		c.merge()
	}
	if err := l.skipOthers(other); err != nil {
		return Local{}, err
	}
	if err := l.skipMachines(); err != nil {
		return Local{}, err
	}
	local, err := c.mount()
	if err != nil {
		return Local{}, err
	}
	l.skipped = withoutMounted(l.skipped, local.Routes)
	return local, nil
}

// withoutMounted drops what another declaration mounts: most often an
// operation without integration, for which a function has an event.
func withoutMounted(skipped []Unmounted, routes []Route) []Unmounted {
	type key struct{ method, path string }
	mounted := make(map[key]bool, len(routes))
	for _, r := range routes {
		mounted[key{r.Method, r.Path}] = true
	}
	return slices.DeleteFunc(skipped, func(u Unmounted) bool { return mounted[key{u.Route.Method, u.Route.Path}] })
}

// selects reports whether the first API resource is one of b's, not of a's.
func (l *loader) selects(a, b map[string]extractor) bool {
	for _, s := range l.stacks {
		for _, e := range s.resources.Entries() {
			kind, _ := e.Value.Get("Type").Str()
			if a[kind] != nil {
				return false
			}
			if b[kind] != nil {
				return true
			}
		}
	}
	return false
}

func (c *collector) extract(known map[string]extractor) error {
	for _, s := range c.loader.stacks {
		for _, e := range s.resources.Entries() {
			kind, _ := e.Value.Get("Type").Str()
			if extract := known[kind]; extract != nil {
				if err := extract(c, s, e); err != nil && (!c.lenient || c.loader.routes.exceeded != nil) {
					return err
				}
			}
		}
	}
	return nil
}

// lenient returns a collector that passes over errors, but for too many routes,
// and notes nothing in the loader.
func (l *loader) lenient() *collector {
	c := newCollector(&loader{files: l.files, options: l.options, folder: l.folder, stacks: l.stacks, budget: l.budget, routes: l.routes})
	c.lenient = true
	return c
}

// skipOthers notes the routes that the provider not chosen would mount.
func (l *loader) skipOthers(known map[string]extractor) error {
	c := l.lenient()
	if err := c.extract(known); err != nil {
		return err
	}
	for _, m := range c.routes {
		for _, method := range m.methods {
			l.skipped = append(l.skipped, Unmounted{Route: m.route(method), Reason: ReasonProvider, Detail: m.api})
		}
	}
	return nil
}

// skipMachines notes the routes by which AWS starts state machines: those of
// events whose API has a definition that SAM writes.
func (l *loader) skipMachines() error {
	for _, s := range l.stacks {
		for _, e := range s.resources.Entries() {
			if !e.Value.Get("Type").EqualsString(transform.StateMachine) {
				continue
			}
			for _, event := range e.Value.Get("Properties").Get("Events").Entries() {
				if err := l.skipMachine(s, e, event); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (l *loader) skipMachine(s *stack, machine, event tree.Entry) error {
	properties := event.Value.Get("Properties")
	path, ok1 := properties.Get("Path").Str()
	method, ok2 := properties.Get("Method").Str()
	api := refersTo(properties.Get("RestApiId"), transform.ImplicitREST)
	managed := s.resources.Get(api).Get("Properties").Has(transform.Managed)
	if !event.Value.Get("Type").EqualsString("Api") || !ok1 || !ok2 || !managed {
		return nil
	}
	m := &mountable{path: path, api: api, apiType: REST, stack: s, pos: event.Key.Pos()}
	methods := expandMethod(canonical(method))
	for _, method := range methods {
		l.skipped = append(l.skipped, Unmounted{Route: m.route(method), Reason: ReasonStateMachine, Detail: s.qualify(machine.Name())})
	}
	return l.routes.addLocal(len(methods), m.pos)
}

func (c *collector) add(m *mountable) error {
	c.routes = append(c.routes, m)
	return c.loader.routes.addLocal(len(m.methods), m.pos)
}

// methodsOf returns the methods that a word stands for.
func methodsOf(method string) []string { return slices.Clone(expandMethod(method)) }

// merge drops the routes that others override: of two with the same method
// and path the implicit API's counts, then the one of the outer stack, then
// the later. A route stays whole as long as one of its methods does, and those
// that stay are a set to SAM CLI: they have no order.
func (c *collector) merge() {
	implicit := func(m *mountable) int {
		if m.api == transform.ImplicitREST || m.api == transform.ImplicitHTTP {
			return 1
		}
		return 0
	}
	apis := make(map[string]int) // in order of first appearance
	for _, m := range c.routes {
		if _, ok := apis[m.api]; !ok {
			apis[m.api] = len(apis)
		}
	}
	slices.SortStableFunc(c.routes, func(a, b *mountable) int {
		if d := implicit(a) - implicit(b); d != 0 {
			return d
		}
		if d := b.stack.depth() - a.stack.depth(); d != 0 {
			return d
		}
		return apis[a.api] - apis[b.api]
	})
	owner := make(map[string]*mountable)
	for _, m := range c.routes {
		for _, method := range m.methods {
			owner[m.path+method] = m
		}
	}
	owns := make(map[*mountable]bool)
	for _, m := range owner {
		owns[m] = true
	}
	for _, m := range c.routes {
		if !owns[m] {
			c.overridden = append(c.overridden, m)
		}
	}
	c.routes = slices.DeleteFunc(c.routes, func(m *mountable) bool { return !owns[m] })
	c.unordered = true
}

// depth returns how deep a stack is nested.
func (s *stack) depth() int {
	if s.id == "" {
		return 0
	}
	return strings.Count(s.id, "/") + 1
}

func (m *mountable) route(method string) Route {
	return Route{
		Method:   method,
		Path:     m.path,
		Function: m.function,
		API:      m.stack.qualify(m.api),
		APIType:  m.apiType,
		Source:   sourceOf(m.pos),
	}
}

// qualify returns a logical id that is unique over nested stacks.
func (s *stack) qualify(id string) string {
	if s.id == "" {
		return id
	}
	return s.id + "/" + id
}
