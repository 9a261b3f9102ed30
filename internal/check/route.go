package check

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A route is a method on a path as it is declared, on an API that AWS
// deploys.
type route struct {
	api    *api
	method string // upper-case; ANY for all
	path   string
	pos    tree.Pos // of the path
	at     tree.Pos // where package sam says that the route is declared

	function    *resource // or state machine that an event stands below, or nil
	event       tree.Entry
	properties  value  // of an event, a Method or a Route
	operation   value  // in an OpenAPI document
	integration string // type in lower case
	mounted     bool   // by SAM local
}

func (r *route) String() string { return r.method + " " + r.path }

// isOptions reports whether the route answers OPTIONS, if only among others.
func (r *route) isOptions() bool { return r.method == http.MethodOptions || r.method == "ANY" }

// startsMachine reports whether an event starts a state machine, and no function
// answers.
func (r *route) startsMachine() bool {
	return r.function != nil && r.function.kind == transform.StateMachine
}

// collectRoutes returns the routes of all APIs: those in OpenAPI documents,
// of events, and raw ones whose path can be told.
func (v *view) collectRoutes() []*route {
	var all []*route
	for _, a := range v.apis {
		all = append(all, v.documentRoutes(a)...)
	}
	for _, f := range v.ofKind(transform.Function) {
		all = append(all, v.eventRoutes(f)...)
	}
	for _, m := range v.ofKind(transform.StateMachine) {
		for _, r := range v.eventRoutes(m) {
			if r.api.managed && !r.ofHTTP() {
				r.integration, r.mounted = "aws", false
				all = append(all, r)
			}
		}
	}
	for _, m := range v.ofKind(typeMethod) {
		if r := v.methodRoute(m); r != nil {
			all = append(all, r)
		}
	}
	for _, e := range v.ofKind(typeHTTPRoute) {
		a := v.api(e.stack, referred(e.get("ApiId").written, ""))
		key := e.get("RouteKey")
		text, _ := key.deployed.Str()
		method, path, ok := strings.Cut(text, " ")
		if text == sam.DefaultPath {
			method, path, ok = "ANY", sam.DefaultPath, true
		}
		if a != nil && ok {
			r := &route{
				api: a, method: strings.ToUpper(method), path: path, pos: key.pos(), at: e.key,
				properties: e.value, integration: v.targeted(e), mounted: !v.serverless,
			}
			if !r.isNoProxy() {
				r.integration = "aws_proxy"
			}
			all = append(all, r)
		}
	}
	return all
}

// documentRoutes returns the operations of an API's OpenAPI document.
func (v *view) documentRoutes(a *api) []*route {
	mounted := make(map[tree.Pos]bool)
	if operations, _, err := (openapi.Document{Root: a.definition, HTTP: !a.rest, API: a.id}).Operations(); err == nil && v.serverless == a.serverless {
		for _, op := range operations {
			mounted[op.Pos] = true
		}
	}
	body := "DefinitionBody"
	if !a.serverless {
		body = "Body"
	}
	written := a.get(body).written.Get("paths")
	var all []*route
	for _, path := range a.definition.Get("paths").Entries() {
		for _, op := range path.Value.Entries() {
			method := strings.ToUpper(op.Key.Text())
			if strings.EqualFold(method, openapi.AnyMethod) {
				method = "ANY"
			}
			if method != "ANY" && !slices.Contains(sam.AnyMethods(), method) || !op.Value.Is(tree.Map) {
				continue
			}
			operation := value{written.Get(path.Name()).Get(op.Name()), op.Value, op.Value}
			if operation.written == nil {
				operation.written = op.Value // in a file of its own
			}
			kind, _ := op.Value.Get(openapi.Integration).Get("type").Str()
			if service, ok := op.Value.Get(openapi.Integration).Get("integrationSubtype").Str(); ok {
				kind = service // such as SQS-SendMessage, of an HTTP API
			}
			all = append(all, &route{
				api: a, method: method, path: path.Key.Text(), pos: path.Key.Pos(), at: op.Key.Pos(),
				operation: operation, integration: strings.ToLower(kind), mounted: mounted[op.Key.Pos()],
			})
		}
	}
	return all
}

// eventRoutes returns the routes that events of a function, or of a state
// machine, declare.
func (v *view) eventRoutes(f *resource) []*route {
	var all []*route
	events := f.get("Events")
	for _, event := range events.written.Entries() {
		properties := events.get(event.Name(), "Properties")
		var id string
		switch kind, _ := event.Value.Get("Type").Str(); kind {
		case "Api":
			id = referred(properties.written.Get("RestApiId"), transform.ImplicitREST)
		case "HttpApi":
			id = referred(properties.written.Get("ApiId"), transform.ImplicitHTTP)
		default:
			continue
		}
		path, ok1 := properties.written.Get("Path").Str()
		method, ok2 := properties.written.Get("Method").Str()
		a := v.api(f.stack, id)
		if !ok1 || !ok2 || a == nil {
			continue
		}
		method = strings.ToUpper(method)
		if strings.EqualFold(method, openapi.AnyMethod) {
			method = "ANY"
		}
		all = append(all, &route{
			api: a, method: method, path: path, pos: properties.get("Path").pos(), at: event.Key.Pos(),
			function: f, event: event, properties: properties, integration: "aws_proxy", mounted: v.serverless,
		})
	}
	return all
}

// methodRoute returns the route of an AWS::ApiGateway::Method, or nil if its
// path cannot be told.
func (v *view) methodRoute(m *resource) *route {
	a := v.api(m.stack, referred(m.get("RestApiId").written, ""))
	method, ok := m.get("HttpMethod").deployed.Str()
	path, known := v.resourcePath(m.stack, m.get("ResourceId").written)
	if a == nil || !ok || !known {
		return nil
	}
	kind, _ := m.get("Integration", "Type").deployed.Str()
	return &route{
		api: a, method: strings.ToUpper(method), path: path, pos: m.key, at: m.key,
		properties: m.value, integration: strings.ToLower(kind), mounted: !v.serverless,
	}
}

// resourcePath returns the path of an AWS::ApiGateway::Resource, given by
// reference.
func (v *view) resourcePath(s *sam.Stack, id *tree.Value) (string, bool) {
	path := ""
	for range 100 {
		if attribute := id.Get("Fn::GetAtt").Items(); len(attribute) == 2 && attribute[1].EqualsString("RootResourceId") {
			if path == "" {
				path = "/"
			}
			return path, true
		}
		resource := s.Template.Get("Resources").Get(referred(id, ""))
		part, ok := s.Deployed.Get(referred(id, "")).Get("Properties").Get("PathPart").Str()
		if !ok || !resource.Get("Type").EqualsString(typeResource) {
			return "", false
		}
		path = "/" + part + path
		id = resource.Get("Properties").Get("ParentId")
	}
	return "", false
}

// groupRoutes tells each API its routes, by path.
func (v *view) groupRoutes() {
	for _, r := range v.routes {
		r.api.all = append(r.api.all, r)
		if _, ok := r.api.routes[r.path]; !ok {
			r.api.paths = append(r.api.paths, r.path)
		}
		r.api.routes[r.path] = append(r.api.routes[r.path], r)
	}
}
