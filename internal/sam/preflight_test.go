package sam_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// preflights returns what is said of each path that takes OPTIONS, a line
// each: the guard, the fixed answer, and where it stands.
func preflights(app *sam.Application) string {
	var b strings.Builder
	for _, api := range app.Deployed {
		for _, p := range api.Preflights {
			fmt.Fprintf(&b, "%s %s: %s %s", api.ID, p.Path, p.By, p.Method)
			if g := p.Guard; g.Kind != sam.GuardNone {
				fmt.Fprintf(&b, " guard=%s(%s) at %s", g.Kind, g.Name, g.Source)
				if g.Default {
					b.WriteString(" default")
				}
				if g.Unsure {
					b.WriteString(" unsure")
				}
			}
			if p.By == sam.ByMock {
				fmt.Fprintf(&b, " %d %v", p.Answer.Status, p.Answer.Fields)
				if p.Answer.Unresolved != nil {
					fmt.Fprintf(&b, " unresolved=%v", p.Answer.Unresolved)
				}
			}
			fmt.Fprintf(&b, " at %s\n", p.Source)
		}
	}
	return b.String()
}

func TestPreflightsOfEvents(t *testing.T) {
	t.Parallel()
	app := loadText(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Token:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: {AllowOrigin: "'https://a.example'", AllowHeaders: "'X-A, X-B'", MaxAge: "'600'", AllowMethods: "'get,PUT'"}
      Auth:
        DefaultAuthorizer: Lambda
        Authorizers:
          Lambda: {FunctionArn: !GetAtt F.Arn}
          Query: {FunctionArn: !GetAtt F.Arn, FunctionPayloadType: REQUEST, Identity: {QueryStrings: [token]}}
  Open:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: {AllowOrigin: !ImportValue Origin, AllowCredentials: true}
      Auth: {DefaultAuthorizer: AWS_IAM, AddDefaultAuthorizerToCorsPreflight: false, ApiKeyRequired: true}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [https://a.example]}
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://i.example, audience: [a]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Token, Path: /a, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Token, Path: /b, Method: options, Auth: {Authorizer: NONE}}}
        C: {Type: Api, Properties: {RestApiId: !Ref Token, Path: /c, Method: any, Auth: {Authorizer: Query}}}
        D: {Type: Api, Properties: {RestApiId: !Ref Open, Path: /d, Method: get}}
        E: {Type: Api, Properties: {RestApiId: !Ref Open, Path: /e, Method: options, Auth: {ApiKeyRequired: false}}}
        G: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /g, Method: options}}
        H: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /h, Method: any}}
        I: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /i, Method: get}}
`)
	const want = `Token /a: mock OPTIONS guard=authorizer(Lambda) at template.yaml:9 default 200 [{Access-Control-Allow-Origin https://a.example } {Access-Control-Allow-Methods get,PUT } {Access-Control-Allow-Headers X-A, X-B } {Access-Control-Max-Age 600 }] at template.yaml:7
Token /b: function OPTIONS at template.yaml:35
Token /c: mock OPTIONS guard=authorizer(Lambda) at template.yaml:9 default 200 [{Access-Control-Allow-Origin https://a.example } {Access-Control-Allow-Methods get,PUT } {Access-Control-Allow-Headers X-A, X-B } {Access-Control-Max-Age 600 }] at template.yaml:7
Open /d: mock OPTIONS guard=api-key() at template.yaml:18 default 200 [{Access-Control-Allow-Methods GET,OPTIONS } {Access-Control-Allow-Credentials true }] unresolved=[Access-Control-Allow-Origin] at template.yaml:17
Open /e: function OPTIONS at template.yaml:38
Http /g: function OPTIONS at template.yaml:39
Http /h: cors ANY guard=authorizer(Jwt) at template.yaml:24 at template.yaml:22
Http /i: cors  at template.yaml:22
`
	if got := preflights(app); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// SAM cannot write Auth into a document that is not in the template.
func TestAuthOfADocumentElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const document = `swagger: "2.0"
paths:
  /a:
    options: {x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: "200"}}}}
`
	const text = `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: {ApiKeyRequired: true, DefaultAuthorizer: AWS_IAM}
      DefinitionUri: openapi.yaml
`
	for name, content := range map[string]string{"openapi.yaml": document, "template.yaml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app, err := sam.Load(filepath.Join(dir, "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := preflights(app), "Api /a: mock OPTIONS 200 [] at openapi.yaml:4\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPreflightsOfDocumentsAndRawResources(t *testing.T) {
	t.Parallel()
	app := loadText(t, `Resources:
  Doc:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: "2.0"
        securityDefinitions:
          sig: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
          key: {type: apiKey, name: x-api-key, in: header}
          fn: {type: apiKey, name: X-Token, in: header, x-amazon-apigateway-authorizer: {type: token}}
        x-amazon-apigateway-gateway-responses:
          DEFAULT_4XX: {statusCode: 418, responseParameters: {gatewayresponse.header.access-control-allow-origin: "method.request.header.origin", gatewayresponse.path.a: "'b'"}}
        paths:
          /sig:
            options: {security: [{sig: []}], x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: "204", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'", method.response.header.X-Other: context.requestId}}}}}
          /key:
            options: {security: [{key: []}], x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: 200}}}}
          /fn:
            options: {security: [{fn: []}], x-amazon-apigateway-integration: {type: MOCK, responses: {"200": {statusCode: "200", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}}}}
          /auth:
            options: {x-amazon-apigateway-auth: {type: AWS_IAM}, x-amazon-apigateway-integration: {type: http_proxy, uri: "https://x.example"}}
  Raw:
    Type: AWS::ApiGateway::RestApi
  Response:
    Type: AWS::ApiGateway::GatewayResponse
    Properties: {RestApiId: !Ref Raw, ResponseType: UNAUTHORIZED, StatusCode: "403", ResponseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}}
  Items:
    Type: AWS::ApiGateway::Resource
    Properties: {RestApiId: !Ref Raw, ParentId: !GetAtt Raw.RootResourceId, PathPart: items}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Raw
      ResourceId: !Ref Items
      HttpMethod: OPTIONS
      AuthorizationType: AWS_IAM
      Integration: {Type: MOCK, IntegrationResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://a.example'"}}]}
`)
	const want = `Doc /sig: mock OPTIONS guard=iam(sig) at template.yaml:15 204 [{Access-Control-Allow-Origin * }] unresolved=[X-Other] at template.yaml:15
Doc /key: mock OPTIONS guard=api-key() at template.yaml:17 200 [] at template.yaml:17
Doc /fn: mock OPTIONS guard=authorizer(fn) at template.yaml:19 200 [{Access-Control-Allow-Origin * }] at template.yaml:19
Doc /auth: integration OPTIONS guard=iam() at template.yaml:21 at template.yaml:21
Raw /items: mock OPTIONS guard=iam() at template.yaml:36 200 [{Access-Control-Allow-Origin https://a.example }] at template.yaml:30
`
	if got := preflights(app); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	responses := fmt.Sprint(app.Deployed[0].Responses, app.Deployed[1].Responses)
	const wantResponses = `map[DEFAULT_4XX:{{418 [{Access-Control-Allow-Origin  Origin}] [] []} template.yaml:12}] map[UNAUTHORIZED:{{403 [{Access-Control-Allow-Origin * }] [] []} template.yaml:24}]`
	if responses != wantResponses {
		t.Errorf("got %s, want %s", responses, wantResponses)
	}
}
