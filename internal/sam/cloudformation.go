package sam

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The types of raw API resources.
const (
	typeRestAPI         = "AWS::ApiGateway::RestApi"
	typeResource        = "AWS::ApiGateway::Resource"
	typeMethod          = "AWS::ApiGateway::Method"
	typeStage           = "AWS::ApiGateway::Stage"
	typeAuthorizer      = "AWS::ApiGateway::Authorizer"
	typeGatewayResponse = "AWS::ApiGateway::GatewayResponse"
	typeHTTPAPI         = "AWS::ApiGatewayV2::Api"
	typeHTTPRoute       = "AWS::ApiGatewayV2::Route"
	typeHTTPIntegration = "AWS::ApiGatewayV2::Integration"
	typeHTTPStage       = "AWS::ApiGatewayV2::Stage"
	typeHTTPAuthorizer  = "AWS::ApiGatewayV2::Authorizer"
)

// crash is the error for a resource that SAM CLI crashes on.
func crash(e tree.Entry, pos Pos, what, fix string) error {
	if pos.Line == 0 {
		pos = e.Key.Pos()
	}
	return &TemplateError{Pos: pos, What: fmt.Sprintf("resource %q ", e.Name()) + what, Why: "SAM CLI crashes on it", Fix: fix}
}

// checkID refuses a reference to an API that does not resolve to a name.
func checkID(e tree.Entry, key string) error {
	v := e.Value.Get("Properties").Get(key)
	if v.Is(tree.Map, tree.List) {
		return crash(e, v.Pos(), "has a "+key+" that cannot be resolved", "refer to an API of this template: \""+key+": !Ref MyApi\"")
	}
	return nil
}

// restAPI takes the routes in the body of a REST API.
func (c *collector) restAPI(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	body, location := properties.Get("Body"), properties.Get("BodyS3Location")
	if !body.Truthy() && !location.Truthy() {
		return nil
	}
	return c.document(s, e, body, location, false)
}

// stage refuses stages of APIs that the template does not have.
func (c *collector) stage(s *stack, e tree.Entry) error {
	key, kind := "RestApiId", typeRestAPI
	if e.Value.Get("Type").EqualsString(typeHTTPStage) {
		key, kind = "ApiId", typeHTTPAPI
	}
	if err := checkID(e, key); err != nil {
		return err
	}
	id := e.Value.Get("Properties").Get(key)
	name, _ := id.Str()
	if name == "" || !s.resources.Get(name).Get("Type").EqualsString(kind) {
		pos := e.Key.Pos()
		if id != nil {
			pos = id.Pos()
		}
		return &TemplateError{
			Pos:  pos,
			What: fmt.Sprintf("stage %q has no %s that names an %s of this template", e.Name(), key, kind),
			Why:  "SAM CLI does not start",
			Fix:  fmt.Sprintf("write \"%s: !Ref MyApi\"", key),
		}
	}
	return nil
}

// method takes the route of an AWS::ApiGateway::Method, whatever its
// integration, and the CORS headers that it sets itself.
func (c *collector) method(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	path, err := s.methodPath(e, properties.Get("ResourceId"))
	if err != nil {
		return err
	}
	integration, ok := properties.Entry("Integration")
	if ok && !integration.Value.Is(tree.Map) {
		return crash(e, integration.Key.Pos(), "has an Integration that is "+integration.Value.Kind().String(), "fill it or remove it")
	}
	cors, err := c.methodCORS(s, e, integration.Value)
	if err != nil {
		return err
	}
	method, isText := properties.Get("HttpMethod").Str()
	if !isText {
		return crash(e, properties.Get("HttpMethod").Pos(), "has no HttpMethod that is a string", `write "HttpMethod: GET"`)
	}
	m := &mountable{
		methods: methodsOf(method), path: path, function: openapi.FunctionName(integration.Value.Get("Uri")),
		apiType: REST, stack: s, pos: e.Key.Pos(),
	}
	m.operation, _ = properties.Get("OperationName").Str()
	m.authorizer = properties.Get("AuthorizerId")
	switch {
	case cors == nil:
	case method == "OPTIONS":
		m.cors = cors
	default:
		c.cors = cors
	}
	if err := checkID(e, "RestApiId"); err != nil {
		return err
	}
	m.api, _ = properties.Get("RestApiId").Str()
	return c.add(m)
}

// methodCORS returns the CORS headers that the last response of a method's
// integration sets.
func (c *collector) methodCORS(s *stack, e tree.Entry, integration *tree.Value) (*LocalCORS, error) {
	responses := integration.Get("IntegrationResponses")
	if !responses.Truthy() {
		return nil, nil
	}
	if !responses.Is(tree.List) {
		return nil, crash(e, responses.Pos(), "has IntegrationResponses that are no list", "write a list")
	}
	written := s.template.Get("Resources").Get(e.Name()).Get("Properties").Get("Integration").Get("IntegrationResponses").Items()
	var cors *LocalCORS
	api := s.qualify(refersTo(e.Value.Get("Properties").Get("RestApiId"), e.Name()))
	for i, response := range responses.Items() {
		parameters := response.Get("ResponseParameters")
		if !response.Is(tree.Map) || parameters.Truthy() && !parameters.Is(tree.Map) {
			return nil, crash(e, response.Pos(), "has an integration response that is no map", "write a map")
		}
		if !parameters.Truthy() {
			continue
		}
		in := corsSource{stack: s, prefix: responseHeader + "Access-Control-"}
		if i < len(written) {
			in.written = corsParameters(written[i].Get("ResponseParameters"))
		}
		var err error
		if cors, err = c.restCORS(corsParameters(parameters), in, api); err != nil {
			return nil, err
		}
	}
	return cors, nil
}

// corsHeaders are the names of a Cors property's values as response headers.
var corsHeaders = []struct{ property, header string }{
	{"AllowOrigin", "Access-Control-Allow-Origin"},
	{"AllowMethods", "Access-Control-Allow-Methods"},
	{"AllowHeaders", "Access-Control-Allow-Headers"},
	{"AllowCredentials", "Access-Control-Allow-Credentials"},
	{"MaxAge", "Access-Control-Max-Age"},
}

// corsParameters returns response parameters in the form of a Cors property,
// or nil if none is about CORS.
func corsParameters(parameters *tree.Value) *tree.Value {
	var cors *tree.Value
	for _, h := range corsHeaders {
		if v := parameters.Get("method.response.header." + h.header); !v.Is(tree.Absent, tree.Null) {
			if cors == nil {
				cors = tree.NewMap(parameters.Pos())
			}
			cors.Set(h.property, v)
		}
	}
	return cors
}

// maxResources bounds the length of a path of AWS::ApiGateway::Resources.
const maxResources = 100

// methodPath returns the path of a method: the PathParts of its resource and
// of those above it.
func (s *stack) methodPath(e tree.Entry, id *tree.Value) (string, error) {
	name, ok := id.Str()
	if !ok {
		return "/", nil
	}
	if !s.resources.Get(name).Truthy() {
		if !strings.HasPrefix(name, "/") { // which a RootResourceId does
			return "", crash(e, id.Pos(), fmt.Sprintf("belongs to %q, which the template does not have", name), "declare it as an AWS::ApiGateway::Resource")
		}
		return name, nil
	}
	var path strings.Builder
	parts := []string{}
	for {
		resource := s.resources.Get(name)
		part, ok := resource.Get("Properties").Get("PathPart").Str()
		if !ok {
			return "", crash(e, id.Pos(), fmt.Sprintf("belongs to %q, which has no PathPart that is a string", name), "refer to an AWS::ApiGateway::Resource with a PathPart")
		}
		parts = append(parts, part)
		if len(parts) > maxResources {
			return "", crash(e, id.Pos(), fmt.Sprintf("belongs to %q, which is its own parent", name), "correct the ParentId")
		}
		parent := resource.Get("Properties").Get("ParentId")
		if parent.Is(tree.Map, tree.List) {
			return "", crash(e, parent.Pos(), fmt.Sprintf("belongs to %q, whose ParentId cannot be resolved", name), "use !GetAtt MyApi.RootResourceId of an API in this template")
		}
		up, isName := parent.Str()
		if isName && s.resources.Get(up).Truthy() {
			name = up
			continue
		}
		if !parent.Truthy() {
			up = "/"
		}
		path.WriteString(up)
		break
	}
	for i := len(parts) - 1; i >= 0; i-- {
		path.WriteString(parts[i])
		if i > 0 {
			path.WriteByte('/')
		}
	}
	return path.String(), nil
}
