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

// TestGuarded checks which routes Lambda authorizers guard, and which of them SAM local
// may ask for another's; what is wanted is what its own code groups.
func TestGuarded(t *testing.T) {
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
		want     string // method, authorizer, its headers and "passed" of each
		lasting  bool   // with --disable-authorizer, too
	}{
		"the default":     {events(event("A", "get", "") + event("B", "post", "")), "GET T by Authorization, POST T by Authorization", false},
		"another":         {events(event("A", "get", "") + event("B", "post", ", Auth: {Authorizer: U}")), "mixed GET T by Authorization, POST U by X-T", false},
		"none":            {events(event("A", "get", ", Auth: {Authorizer: NONE}") + event("B", "post", "")), "mixed GET , POST T by Authorization", false},
		"any":             {events(event("A", "any", "") + event("B", "get", ", Auth: {Authorizer: NONE}")), "mixed ANY T by Authorization, GET ", false},
		"not SAM local's": {events(event("A", "get", ", Auth: {Authorizer: C}") + event("B", "post", "")), "mixed GET  passed, POST T by Authorization", false},
		"neither is":      {events(event("A", "get", ", Auth: {Authorizer: C}") + event("B", "post", ", Auth: {Authorizer: NONE}")), "", false},
		"a document":      {fmt.Sprintf(document, "security: []", "summary: x"), "mixed GET , POST S", false},
		"schemes":         {fmt.Sprintf(document, "security: [{J: []}]", "security: [{S: []}]"), "mixed GET  passed, POST S", false},
		"the same":        {fmt.Sprintf(document, "summary: x", "security: [{S: []}]"), "GET S, POST S", false},
		"operations":      {fmt.Sprintf(document, "operationId: a, security: []", "operationId: b"), "POST S", false},
		"raw routes":      {raw, "mixed GET , POST Au by Authorization", false},
		"a raw body":      {body, "mixed GET , POST T by Authorization", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			local := loadText(t, c.template).Local
			if got := written(local.Guarded); got != c.want {
				t.Errorf("the routes ask for %q, want %q", got, c.want)
			}
			want := ""
			if c.lasting {
				want = c.want
			}
			without := loadWith(t, c.template, sam.Options{DisableAuthorizer: true}).Local
			if got := written(without.Guarded); got != want {
				t.Errorf("with --disable-authorizer they ask for %q, want %q", got, want)
			}
			if lasting := slices.ContainsFunc(local.Guarded, func(g sam.Guarded) bool { return g.Lasting }); lasting != c.lasting {
				t.Errorf("Lasting is %v", lasting)
			}
		})
	}
}

func written(guarded []sam.Guarded) string {
	var all []string
	kind := ""
	for _, g := range guarded {
		if g.IsMixed() {
			kind = "mixed "
		}
		for _, a := range g.Asked {
			s := a.Method + " " + a.Authorizer
			if len(a.Headers) > 0 {
				s += " by " + strings.Join(a.Headers, ", ")
			}
			if a.Passed {
				s += " passed"
			}
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return kind + strings.Join(all, ", ")
}
