package sam

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// httpAPI takes the routes in the body of an AWS::ApiGatewayV2::Api, or the
// one of a quick-created API, which has but a target. With a body SAM CLI
// ignores the CorsConfiguration.
func (c *collector) httpAPI(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	written := s.template.Get("Resources").Get(e.Name()).Get("Properties").Get("CorsConfiguration")
	cors, err := c.httpCORS(properties.Get("CorsConfiguration"), corsSource{stack: s, written: written}, s.qualify(e.Name()))
	if err != nil {
		return err
	}
	body, location := properties.Get("Body"), properties.Get("BodyS3Location")
	if body.Truthy() || location.Truthy() {
		return c.document(s, e, body, location, true)
	}
	if cors != nil {
		c.cors = cors
	}
	target := properties.Get("Target")
	if properties.Get("ProtocolType").EqualsString("WEBSOCKET") {
		c.loader.skip(s, e.Key.Pos(), ReasonWebSocket, e.Name(), nil)
	}
	if !target.Truthy() || !properties.Get("ProtocolType").EqualsString("HTTP") {
		return nil
	}
	method, path, err := routeKey(e, properties.Get("RouteKey"))
	if err != nil {
		return err
	}
	return c.add(&mountable{
		methods: methodsOf(method), path: path, function: openapi.FunctionName(target),
		api: e.Name(), apiType: HTTP, stack: s, pos: e.Key.Pos(),
	})
}

// httpRoute takes the route of an AWS::ApiGatewayV2::Route.
func (c *collector) httpRoute(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	target := properties.Get("Target")
	if !target.Truthy() {
		return nil
	}
	text, ok := target.Str()
	_, id, hasSlash := strings.Cut(text, "/")
	if !ok || !hasSlash {
		return crash(e, target.Pos(), "has a Target that does not resolve to integrations/NAME", `write "Target: !Sub integrations/${MyIntegration}"`)
	}
	id, _, _ = strings.Cut(id, "/")
	if !properties.Get("RouteKey").Truthy() {
		return crash(e, e.Key.Pos(), "has no RouteKey", `write "RouteKey: GET /items"`)
	}
	method, path, err := routeKey(e, properties.Get("RouteKey"))
	if err != nil {
		return err
	}
	m := &mountable{methods: methodsOf(method), path: path, apiType: HTTP, stack: s, pos: e.Key.Pos()}
	integration := s.resources.Get(strings.TrimSpace(id))
	if integration.Get("Type").EqualsString(typeHTTPIntegration) {
		if uri := integration.Get("Properties").Get("IntegrationUri"); uri.Is(tree.String) {
			m.function = openapi.FunctionName(uri)
		}
	}
	m.operation, _ = properties.Get("OperationName").Str()
	m.authorizer = properties.Get("AuthorizerId")
	if err := checkID(e, "ApiId"); err != nil {
		return err
	}
	m.api, _ = properties.Get("ApiId").Str()
	return c.add(m)
}

// routeKey takes a route key apart. "$default" is every method.
func routeKey(e tree.Entry, key *tree.Value) (method, path string, err error) {
	if !key.Truthy() || key.EqualsString(DefaultPath) {
		return "ANY", DefaultPath, nil
	}
	text, _ := key.Str()
	fields := strings.Fields(text)
	if len(fields) != 2 {
		fix := `write a method, a blank and a path, such as "GET /items"`
		if strings.HasPrefix(text, "$") {
			fix = "SAM local does not know WebSocket APIs; take the API out of the template that it starts with"
		}
		return "", "", crash(e, key.Pos(), fmt.Sprintf("has a RouteKey %q that is no method and path", key.Text()), fix)
	}
	return fields[0], fields[1], nil
}
