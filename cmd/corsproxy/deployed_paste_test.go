package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Templates with an OPTIONS method of their own, in a document and raw. DECLARED
// is what its response declares, and SENT what its integration's response sends.
const (
	optionsInDocument = `Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersApi:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /orders/{orderId}:
            put: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}
            options:
              DECLARED
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: {application/json: '{"statusCode": 200}'}
                responses: {default: {statusCode: "200", responseParameters: {SENT}}}
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src}}
`
	optionsInMethod = `Resources:
  OrdersApi: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Orders: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref OrdersApi, ParentId: !GetAtt OrdersApi.RootResourceId, PathPart: orders}}
  Order: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref OrdersApi, ParentId: !Ref Orders, PathPart: "{orderId}"}}
  Put: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref OrdersApi, ResourceId: !Ref Order, HttpMethod: PUT, Integration: {Type: AWS_PROXY, Uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref OrdersApi
      ResourceId: !Ref Order
      HttpMethod: OPTIONS
      DECLARED
      Integration:
        Type: MOCK
        RequestTemplates: {application/json: '{"statusCode": 200}'}
        IntegrationResponses: [{StatusCode: 200, ResponseParameters: {SENT}}]
  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Code: src}}
`
)

// TestEventsToOpen holds that the log tells the API that events are to name beside
// what leaves them open, each as one line of YAML, whoever answers the preflight.
func TestEventsToOpen(t *testing.T) {
	t.Parallel()
	const text = `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowHeaders: [content-type], AllowMethods: [POST]}
      Auth: {DefaultAuthorizer: J, Authorizers: {J: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://i.example.com", audience: [a]}}}}
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {Post: {Type: HttpApi, Properties: {Path: /items, Method: post}}}}}
`
	up := upstream(t, func(http.ResponseWriter, *http.Request) {})
	for _, source := range []string{"config", "template"} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			in := startIn(t, inFolder(t, map[string]string{"template.yaml": text}), "--cors-source", source, "--log-format", "console", "--upstream", up)
			in.do("OPTIONS", "/items", "Origin: https://app.example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
			in.stderr.Await(t, `CP1201 .*write in the Properties of each event without ApiId; .*: ApiId: !Ref Http; and, to leave them as open as they are, in those without Auth: Auth: {Authorizer: NONE}\n`)
		})
	}
}

// TestPasteIsWhole holds that a line of the log has all that an OPTIONS method of
// the template's own lacks: the place once, the values, and what declares them.
func TestPasteIsWhole(t *testing.T) {
	t.Parallel()
	const (
		parameter = "method.response.header."
		origin    = parameter + `Access-Control-Allow-Origin: "'https://app.example.com'"`
		methods   = parameter + "Access-Control-Allow-Methods: "
		headers   = parameter + `Access-Control-Allow-Headers: "'authorization,content-type'"`
		inPlace   = ", in place of what has the name"
		schema    = ": {schema: {type: string}}"
	)
	up := upstream(t, func(http.ResponseWriter, *http.Request) {})
	for name, c := range map[string]struct {
		template, declared, sent string
		inPlace                  string
		methods                  string
		declare                  string
	}{
		"a document that has the origin": {optionsInDocument,
			`responses: {"200": {description: OK, headers: {Access-Control-Allow-Origin: {schema: {type: string}}}}}`, origin, "", "PUT",
			"beside what is there below headers of response 200 of the operation (template.yaml:13): Access-Control-Allow-Methods" + schema + " and Access-Control-Allow-Headers" + schema},
		"a document that has the methods": {optionsInDocument,
			`responses: {"200": {description: OK, headers: {Access-Control-Allow-Origin: {schema: {type: string}}, Access-Control-Allow-Methods: {schema: {type: string}}}}}`, origin + ", " + methods + `"'GET,OPTIONS'"`, inPlace, "GET,OPTIONS,PUT",
			"beside what is there below headers of response 200 of the operation (template.yaml:13): Access-Control-Allow-Headers" + schema},
		"a document that declares none": {optionsInDocument, "", origin, "", "PUT",
			`in the operation, beside x-amazon-apigateway-integration (template.yaml:14): responses: {"200": {description: OK, headers: {Access-Control-Allow-Origin` + schema + ", Access-Control-Allow-Methods" + schema + ", Access-Control-Allow-Headers" + schema + "}}}"},
		"a method that declares none": {optionsInMethod, "", origin, "", "PUT",
			`in the Properties of the method (template.yaml:9): MethodResponses: [{StatusCode: "200", ResponseParameters: {` + parameter + "Access-Control-Allow-Origin: true, " + parameter + "Access-Control-Allow-Methods: true, " + parameter + "Access-Control-Allow-Headers: true}}]"},
		"a method that has the origin": {optionsInMethod,
			"MethodResponses: [{StatusCode: 200, ResponseParameters: {" + parameter + "Access-Control-Allow-Origin: true}}]", origin, "", "PUT",
			"beside what is there below ResponseParameters of StatusCode 200 in MethodResponses (template.yaml:12): " + parameter + "Access-Control-Allow-Methods: true and " + parameter + "Access-Control-Allow-Headers: true"},
		"a method that has the methods": {optionsInMethod,
			"MethodResponses: [{StatusCode: 200, ResponseParameters: {" + parameter + "Access-Control-Allow-Origin: true, " + parameter + "Access-Control-Allow-Methods: true}}]", origin + ", " + methods + `"'GET,OPTIONS'"`, inPlace, "GET,OPTIONS,PUT",
			"beside what is there below ResponseParameters of StatusCode 200 in MethodResponses (template.yaml:12): " + parameter + "Access-Control-Allow-Headers: true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer("DECLARED", c.declared, "SENT", c.sent).Replace(c.template)
			in := startIn(t, inFolder(t, map[string]string{"template.yaml": text}), "--cors-source", "template", "--log-format", "console", "--upstream", up)
			in.do("OPTIONS", "/orders/1", "Origin: https://app.example.com", "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: authorization,content-type")
			in.stderr.Await(t, `CP1204 .*; to allow them when deployed, write in the response parameters of that OPTIONS method \(template\.yaml:\d+\)`+
				regexp.QuoteMeta(c.inPlace+": "+methods+`"'`+c.methods+`'" and `+headers+"; and, so that it deploys, "+c.declare)+"\n")
		})
	}
}
