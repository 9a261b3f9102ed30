package check

import (
	"path"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The types of raw API resources.
const (
	typeRestAPI   = "AWS::ApiGateway::RestApi"
	typeResource  = "AWS::ApiGateway::Resource"
	typeMethod    = "AWS::ApiGateway::Method"
	typeHTTPAPI   = "AWS::ApiGatewayV2::Api"
	typeHTTPRoute = "AWS::ApiGatewayV2::Route"
)

// A view is what rules see of a template. They change nothing in it.
type view struct {
	*sam.Inspection
	options   Options
	resources []*resource // of all stacks, in order
	apis      []*api      // those of resources that rules look at
	routes    []*route    // what is declared on all APIs
	policies  []*policy   // the CORS settings of all apis
	gateways  []*policy   // the CORS headers of their gateway responses
	urls      []*policy   // the CORS settings of function URLs
	// serverless reports which of its two readers SAM CLI chooses: the one
	// for its own resources, or the one for raw ones.
	serverless bool
	// unconditional says that conditions do not count for SAM's resources: its
	// translator evaluates none, and refuses a mistake in one that AWS would not
	// deploy, too.
	unconditional bool
}

// sees reports whether rules look at a resource.
func (v *view) sees(r *resource) bool {
	return !r.absent || v.unconditional && strings.HasPrefix(r.kind, "AWS::Serverless::")
}

// A resource is a resource of a template in the forms that it goes through.
type resource struct {
	stack  *sam.Stack
	id     string
	kind   string
	key    tree.Pos    // of the logical id
	absent bool        // AWS does not deploy it: its condition is false
	whole  *tree.Value // as written
	value              // of Properties
}

// A value is a property as it is written, as SAM CLI resolves it and as
// CloudFormation does.
type value struct{ written, local, deployed *tree.Value }

func (v value) get(keys ...string) value {
	for _, key := range keys {
		v = value{v.written.Get(key), v.local.Get(key), v.deployed.Get(key)}
	}
	return v
}

// pos returns where the value is written.
func (v value) pos() tree.Pos {
	for _, form := range []*tree.Value{v.written, v.local, v.deployed} {
		if form != nil {
			return form.Pos()
		}
	}
	return tree.Pos{}
}

func (v value) isSet() bool { return v.written.Truthy() && !isNoValue(v.written) }

// An api is an API that AWS deploys, or SAM's translator looks at.
type api struct {
	*resource
	rest       bool
	serverless bool
	implicit   bool
	managed    bool        // SAM writes its definition
	definition *tree.Value // its OpenAPI document, or nil
	deployed   *sam.API    // nil if SAM CLI refuses the template

	all    []*route            // in order of their declaration
	paths  []string            // of the routes, in order of first appearance
	routes map[string][]*route // by path
}

// name returns what a person calls the API.
func (a *api) name() string { return quote(a.id) }

// place returns where an API is declared: an implicit one by its Globals, or
// by its first route.
func (v *view) place(a *api) tree.Pos {
	if !a.implicit {
		return a.key
	}
	section := "HttpApi"
	if a.rest {
		section = "Api"
	}
	if e, ok := a.stack.Template.Get("Globals").Entry(section); ok {
		return e.Key.Pos()
	}
	for _, r := range v.routes {
		if r.api == a {
			return r.pos
		}
	}
	return a.key
}

func newView(i *sam.Inspection, o Options, unconditional bool) *view {
	v := &view{Inspection: i, options: o, serverless: true, unconditional: unconditional}
	chosen := false
	for n := range i.Stacks {
		s := &i.Stacks[n]
		for _, e := range s.Template.Get("Resources").Entries() {
			r := newResource(s, e)
			v.resources = append(v.resources, r)
			if isServerless, isRaw := provider(r.kind); !chosen && (isServerless || isRaw) {
				chosen, v.serverless = true, isServerless
			}
		}
	}
	for _, r := range v.resources {
		if a := newAPI(r); a != nil && v.sees(r) {
			id := path.Join(r.stack.ID, r.id)
			if at := slices.IndexFunc(i.Deployed, func(d sam.API) bool { return d.ID == id }); at >= 0 {
				a.deployed = &i.Deployed[at]
			}
			v.apis = append(v.apis, a)
		}
	}
	v.routes = v.collectRoutes()
	v.groupRoutes()
	v.policies, v.gateways, v.urls = v.collectPolicies(), v.collectGateways(), v.collectURLs()
	return v
}

// provider reports which of SAM CLI's readers a type of resource selects.
func provider(kind string) (serverless, raw bool) {
	switch kind {
	case transform.Function, transform.API, transform.HTTPAPI:
		return true, false
	case typeRestAPI, typeResource, typeMethod, "AWS::ApiGateway::Stage", "AWS::ApiGateway::Authorizer",
		typeHTTPAPI, typeHTTPRoute, "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Authorizer":
		return false, true
	}
	return false, false
}

func newResource(s *sam.Stack, e tree.Entry) *resource {
	r := &resource{stack: s, id: e.Name(), key: e.Key.Pos(), whole: e.Value}
	r.kind, _ = e.Value.Get("Type").Str()
	r.absent = s.Absent(e.Value)
	r.value = value{e.Value, s.Local.Get(r.id), s.Deployed.Get(r.id)}.get("Properties")
	return r
}

func newAPI(r *resource) *api {
	a := &api{resource: r, definition: r.stack.Definitions[r.id], routes: make(map[string][]*route)}
	switch r.kind {
	case transform.API:
		a.rest, a.serverless = true, true
	case transform.HTTPAPI:
		a.serverless = true
	case typeRestAPI:
		a.rest = true
	case typeHTTPAPI:
		if r.get("ProtocolType").written.EqualsString("WEBSOCKET") {
			return nil
		}
	default:
		return nil
	}
	a.managed = r.written.Has(transform.Managed)
	a.implicit = a.managed && (r.id == transform.ImplicitREST || r.id == transform.ImplicitHTTP)
	return a
}

// complete reports whether all rules could look at all of the template.
func (v *view) complete() bool { return len(v.Stacks) > 0 && v.Stacks[0].Local != nil }

// root is the template itself.
func (v *view) root() *tree.Value {
	if len(v.Stacks) == 0 {
		return nil
	}
	return v.Stacks[0].Template
}

// api returns the API of a stack with a logical id, or nil.
func (v *view) api(s *sam.Stack, id string) *api {
	for _, a := range v.apis {
		if a.stack == s && a.id == id {
			return a
		}
	}
	return nil
}

// ofKind returns the resources of a type that rules look at.
func (v *view) ofKind(kind string) []*resource {
	var all []*resource
	for _, r := range v.resources {
		if r.kind == kind && v.sees(r) {
			all = append(all, r)
		}
	}
	return all
}

// referred returns the logical id that a value is or refers to.
func referred(v *tree.Value, otherwise string) string {
	if ref := v.Get("Ref"); ref != nil {
		v = ref
	}
	if get := v.Get("Fn::GetAtt"); get != nil && get.Len() > 0 && len(get.Items()) > 0 {
		v = get.Items()[0]
	}
	if v == nil {
		return otherwise
	}
	id, _ := v.Str()
	return id
}

// isFunction reports whether v is one of CloudFormation's functions.
func isFunction(v *tree.Value) bool {
	if !v.Is(tree.Map) || v.Len() != 1 {
		return false
	}
	name := v.Entries()[0].Name()
	return name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// isNoValue reports whether v is a !Ref AWS::NoValue.
func isNoValue(v *tree.Value) bool { return v.Get("Ref").EqualsString("AWS::NoValue") }
