package sam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	invokes = `{type: aws_proxy, httpMethod: POST, payloadFormatVersion: "2.0", uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}`
	asks    = `!Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Asks.Arn}/invocations"`
)

// TestMixes checks which routes SAM local may ask for another's authorizer; what is
// wanted is what its own code groups.
func TestMixes(t *testing.T) {
	t.Parallel()
	events := func(events string) string {
		return `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: a.h, Runtime: python3.13, CodeUri: .}}
Resources:
  Asks: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      Auth:
        DefaultAuthorizer: T
        Authorizers:
          T: {FunctionArn: !GetAtt Asks.Arn}
          U: {FunctionPayloadType: REQUEST, FunctionArn: !GetAtt Asks.Arn, Identity: {Headers: [X-T]}}
          C: {UserPoolArn: "arn:aws:cognito-idp:us-east-1:123456789012:userpool/x"}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
` + events
	}
	event := func(name, method, auth string) string {
		return fmt.Sprintf("        %s: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: %s%s}}\n", name, method, auth)
	}
	document := `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: a.h, Runtime: python3.13, CodeUri: .}}
Resources:
  Asks: {Type: AWS::Serverless::Function}
  F: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        openapi: 3.0.1
        security: [{S: []}]
        components:
          securitySchemes:
            S: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authorizer: {type: request, authorizerPayloadFormatVersion: "2.0", authorizerUri: ` + asks + `}}
            J: {type: oauth2, x-amazon-apigateway-authorizer: {type: jwt, authorizerPayloadFormatVersion: "1.0"}}
        paths:
          /a:
            get: {%s, x-amazon-apigateway-integration: ` + invokes + `}
            post: {%s, x-amazon-apigateway-integration: ` + invokes + `}
`
	raw := `Resources:
  Asks: {Type: AWS::Lambda::Function, Properties: {Handler: a.h, Runtime: python3.13, Code: .}}
  F: {Type: AWS::Lambda::Function, Properties: {Handler: a.h, Runtime: python3.13, Code: .}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}
  Au: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {Name: n, ApiId: !Ref Api, AuthorizerType: REQUEST, IdentitySource: [$request.header.Authorization], AuthorizerUri: ` + asks + `}}
  R1: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /a, Target: !Sub "integrations/${I}"}}
  R2: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: POST /a, AuthorizerId: !Ref Au, Target: !Sub "integrations/${I}"}}
`
	body := `Resources:
  Asks: {Type: AWS::Lambda::Function, Properties: {Handler: a.h, Runtime: python3.13, Code: .}}
  F: {Type: AWS::Lambda::Function, Properties: {Handler: a.h, Runtime: python3.13, Code: .}}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: "2.0"
        securityDefinitions:
          T: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authorizer: {type: token, authorizerUri: ` + asks + `}}
        paths:
          /a:
            get: {x-amazon-apigateway-integration: ` + invokes + `}
            post: {security: [{T: []}], x-amazon-apigateway-integration: ` + invokes + `}
`
	for name, c := range map[string]struct {
		template string
		want     string // method, authorizer and "passed" of each
		lasting  bool   // with --disable-authorizer, too
	}{
		"the default":     {events(event("A", "get", "") + event("B", "post", "")), "", false},
		"another":         {events(event("A", "get", "") + event("B", "post", ", Auth: {Authorizer: U}")), "GET T, POST U", false},
		"none":            {events(event("A", "get", ", Auth: {Authorizer: NONE}") + event("B", "post", "")), "GET , POST T", false},
		"any":             {events(event("A", "any", "") + event("B", "get", ", Auth: {Authorizer: NONE}")), "ANY T, GET ", false},
		"not SAM local's": {events(event("A", "get", ", Auth: {Authorizer: C}") + event("B", "post", "")), "GET  passed, POST T", false},
		"neither is":      {events(event("A", "get", ", Auth: {Authorizer: C}") + event("B", "post", ", Auth: {Authorizer: NONE}")), "", false},
		"a document":      {fmt.Sprintf(document, "security: []", "summary: x"), "GET , POST S", false},
		"schemes":         {fmt.Sprintf(document, "security: [{J: []}]", "security: [{S: []}]"), "GET  passed, POST S", false},
		"the same":        {fmt.Sprintf(document, "summary: x", "security: [{S: []}]"), "", false},
		"operations":      {fmt.Sprintf(document, "operationId: a, security: []", "operationId: b"), "", false},
		"raw routes":      {raw, "GET , POST Au", false},
		"a raw body":      {body, "GET , POST T", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local := loadText(t, c.template).Local
			if got := written(local.Mixes); got != c.want {
				t.Errorf("the routes ask for %q, want %q", got, c.want)
			}
			want := ""
			if c.lasting {
				want = c.want
			}
			without := loadWith(t, c.template, sam.Options{DisableAuthorizer: true}).Local
			if got := written(without.Mixes); got != want {
				t.Errorf("with --disable-authorizer they ask for %q, want %q", got, want)
			}
			if lasting := slices.ContainsFunc(local.Mixes, func(m sam.Mix) bool { return m.Lasting }); lasting != c.lasting {
				t.Errorf("Lasting is %v", lasting)
			}
		})
	}
}

func written(mixes []sam.Mix) string {
	var all []string
	for _, m := range mixes {
		for _, a := range m.Asked {
			s := a.Method + " " + a.Authorizer
			if a.Passed {
				s += " passed"
			}
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
