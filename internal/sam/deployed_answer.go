package sam

import (
	"net/textproto"
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A Field is a header field that API Gateway sends.
type Field struct {
	Name  string // in canonical form
	Value string
	// Request is the request header whose value is sent instead, "" for none.
	Request string
}

// Fixed is an answer that is the same for every request.
type Fixed struct {
	Status int // 0 where the template does not say
	Fields []Field
	// Unresolved are the names of fields with values that only AWS knows.
	Unresolved []string
	// Unquoted are the names of those whose values are no expressions to API
	// Gateway: a text without single quotes, which it refuses, or no text at all.
	Unquoted []string
}

// A GatewayResponse is an answer of a REST API's own, such as DEFAULT_4XX.
type GatewayResponse struct {
	Fixed
	Source string
}

const (
	responseHeader = "method.response.header."
	gatewayHeader  = "gatewayresponse.header."
)

// fixedAnswer reads the parameters of an integration's response.
func fixedAnswer(status, parameters *tree.Value) Fixed {
	a := Fixed{Status: statusOf(status)}
	for _, e := range parameters.Entries() {
		if name, ok := strings.CutPrefix(e.Name(), responseHeader); ok {
			a.add(name, e.Value)
		}
	}
	return a
}

// corsAnswer reads the values that SAM sets for a Cors property.
func corsAnswer(values *tree.Value) Fixed {
	a := Fixed{Status: 200}
	for _, h := range corsHeaders {
		if v := values.Get(h.property); v != nil {
			a.add(h.header, v)
		}
	}
	return a
}

// add adds a field by the expression that its value is. A text that lacks the
// single quotes which it needs is taken as it is meant.
func (a *Fixed) add(name string, v *tree.Value) {
	name = textproto.CanonicalMIMEHeaderKey(name)
	text, ok := v.Str()
	switch {
	case v.IsGuess():
		a.Unresolved = append(a.Unresolved, name)
	case ok && len(text) > 1 && strings.HasPrefix(text, "'") && strings.HasSuffix(text, "'"):
		a.Fields = append(a.Fields, Field{Name: name, Value: text[1 : len(text)-1]})
	case ok && strings.HasPrefix(text, "method.request.header."):
		request := textproto.CanonicalMIMEHeaderKey(strings.TrimPrefix(text, "method.request.header."))
		a.Fields = append(a.Fields, Field{Name: name, Request: request})
	case v.Is(tree.Null): // as if it was not there
	case v.Is(tree.List) && !isFunction(v):
		a.Unquoted = append(a.Unquoted, name)
		a.Unresolved = append(a.Unresolved, name)
	case v.Is(tree.Map), ok && isMapping.MatchString(text):
		a.Unresolved = append(a.Unresolved, name)
	default:
		a.Unquoted = append(a.Unquoted, name)
		a.Fields = append(a.Fields, Field{Name: name, Value: v.Text()})
	}
}

// isMapping matches what stands for a value that only a request has.
var isMapping = regexp.MustCompile(`^(integration\.response|context|stageVariables|method)\.`)

func statusOf(v *tree.Value) int {
	n := seconds(v)
	if n == nil || *n < 100 || *n > 599 {
		return 0
	}
	return int(*n)
}

// documentResponses reads a document's x-amazon-apigateway-gateway-responses.
func (a *API) documentResponses(root *tree.Value) {
	for _, e := range root.Get("x-amazon-apigateway-gateway-responses").Entries() {
		a.respond(e.Name(), e.Value.Get("statusCode"), e.Value.Get("responseParameters"), gatewayHeader, e.Key.Pos())
	}
}

// serverlessResponses reads GatewayResponses of an AWS::Serverless::Api.
func (a *API) serverlessResponses(v *tree.Value) {
	for _, e := range v.Entries() {
		a.respond(e.Name(), e.Value.Get("StatusCode"), e.Value.Get("ResponseParameters").Get("Headers"), "", e.Key.Pos())
	}
}

// rawResponse reads an AWS::ApiGateway::GatewayResponse.
func (a *API) rawResponse(e tree.Entry) {
	properties := e.Value.Get("Properties")
	if kind, ok := properties.Get("ResponseType").Str(); ok {
		a.respond(kind, properties.Get("StatusCode"), properties.Get("ResponseParameters"), gatewayHeader, e.Key.Pos())
	}
}

func (a *API) respond(kind string, status, parameters *tree.Value, prefix string, pos Pos) {
	r := GatewayResponse{Fixed: Fixed{Status: statusOf(status)}, Source: sourceOf(pos)}
	for _, e := range parameters.Entries() {
		if name, ok := strings.CutPrefix(e.Name(), prefix); ok {
			r.add(name, e.Value)
		}
	}
	if a.Responses == nil {
		a.Responses = make(map[string]GatewayResponse)
	}
	a.Responses[kind] = r
}
