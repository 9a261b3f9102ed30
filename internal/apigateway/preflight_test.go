package apigateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
)

// What is said of a path is what the API answers there: a guard that refuses
// preflights goes before the CORS setting.
func TestPreflight(t *testing.T) {
	t.Parallel()
	g := load(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["*"]}
      Auth:
        DefaultAuthorizer: Jwt
        Authorizers:
          Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: "https://i.example", audience: [a]}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      Cors: "'*'"
      Auth: {DefaultAuthorizer: C, Authorizers: {C: {UserPoolArn: arn:aws:cognito-idp:us-east-1:1:userpool/p}}}
  Bare: {Type: AWS::Serverless::HttpApi}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Http}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /one, Method: get}}
        C: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /two, Method: get}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Bare, Path: /three, Method: get}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Bare, Path: "/any/{proxy+}", Method: any}}
        G: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /own, Method: options}}
        H: {Type: HttpApi, Properties: {ApiId: !Ref Bare, Path: /own, Method: options}}
`)
	for _, tt := range []struct{ api, path, want string }{
		{"Http", "$default", "401"},
		{"Http", "/one", "401"}, // $default takes the OPTIONS
		{"Rest", "/two", "401"},
		{"Bare", "/three", "404"},
		{"Bare", "/any/{proxy+}", "function"},
		{"Http", "/own", "function *"}, // its status, and the API's headers
		{"Bare", "/own", "function"},
		{"Bare", "/none", "-"},
		{"None", "/one", "-"},
	} {
		if got := g.Preflight(tt.api, tt.path); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.api, tt.path, got, tt.want)
		}
	}
}

// An origin that only AWS knows is not said to be one, and no answer that
// depends on it is certain.
func TestPreflightUnknown(t *testing.T) {
	t.Parallel()
	const template = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /web/origin}
  Given: {Type: String}
Resources:
  Site: {Type: AWS::S3::Bucket}
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Cors: {AllowOrigin: ORIGIN}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [https://app.example.com, ITEM]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http, Method: get}}
`
	for _, tt := range []struct{ origin, item string }{
		{`!Sub "'${Stored}'"`, "!Ref Stored"},
		{`!Sub "'https://${Given}'"`, "!Ref Given"},
		{`"'{{resolve:ssm:/web/origin}}'"`, `"{{resolve:ssm:/web/origin}}"`},
		{`!Sub "'https://${Site}.example.com'"`, `!Sub "https://${Site.DomainName}"`},
		{`!Join ["", ["'https://", !Ref AWS::StackName, ".example.com'"]]`, `!Sub "https://${AWS::AccountId}.example.com"`},
		{"!ImportValue origin", "!Ref Site"},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			t.Parallel()
			g := load(t, strings.NewReplacer("ORIGIN", tt.origin, "ITEM", tt.item).Replace(template))
			if got, want := g.Preflight("Rest", "/rest"), "200 unclear"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got, want := g.Preflight("Http", "/http"), "204 https://app.example.com,unclear"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			for _, path := range []string{"/rest", "/http"} {
				a := g.Answer(apigateway.Request{Method: http.MethodOptions, Path: path, Header: http.Header{
					"Origin": {"https://web.example.com"}, "Access-Control-Request-Method": {"GET"},
				}})
				if a.Certain() || a.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s: the answer is certain, with %v", path, a.Header)
				}
			}
		})
	}
}

// What answers OPTIONS on one of two paths that differ in a slash answers on
// both, and lists the methods of one of them, which cannot be told. A gateway
// response may allow preflights, and a MOCK may fail at all that is binary. Of
// an API that AWS does not deploy as it is, nothing is known.
func TestPreflightOfPaths(t *testing.T) {
	t.Parallel()
	g := load(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Slash:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Cors: {AllowOrigin: "'https://app.example.com'"}}
  Lists:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Cors: {AllowOrigin: "'https://app.example.com'", AllowMethods: "'PUT,DELETE'"}}
  Binary:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Cors: "'*'", BinaryMediaTypes: [image~1png, "*~1*"]}
  Image:
    Type: AWS::Serverless::Api
    Properties: {StageName: p, Cors: "'*'", BinaryMediaTypes: [image~1png]}
  Refused:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["*"], AllowCredentials: true}}
  Several:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      DefinitionBody: {swagger: "2.0", paths: {/h: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {
        statusCode: "204", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://a.example.com'"},
        responseTemplates: {application/json: "#set($origin = $input.params().header.get(\"Origin\"))\n#if($origin == \"https://app.example.com\")\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end"}}}}}}}}
  Echoes:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      DefinitionBody: {swagger: "2.0", paths: {/i: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: '{"statusCode": 200}'}, responses: {default: {
        statusCode: "204", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://a.example.com'"},
        responseTemplates: {application/json: "#set($origin = $input.params().header.get(\"Origin\"))\n#if($origin == \"\")\n  #set($origin = $input.params().header.get(\"origin\"))\n#end\n#if($origin == \"https://app.example.com\")\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end"}}}}}}}}
  Fails:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      GatewayResponses: {DEFAULT_5XX: {ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}}}
      DefinitionBody: {swagger: "2.0", paths: {
        /j: {options: {x-amazon-apigateway-integration: {type: mock, responses: {default: {
          statusCode: "204", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://a.example.com'"}}}}}},
        /k: {options: {x-amazon-apigateway-integration: {type: mock, requestTemplates: {application/json: "$stageVariables.preflight"}, responses: {default: {
          statusCode: "204", responseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://a.example.com'"}}}}}}}}
  Responds:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      GatewayResponses:
        MISSING_AUTHENTICATION_TOKEN: {StatusCode: 200, ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Slash, Path: /a, Method: delete}}
        B: {Type: Api, Properties: {RestApiId: !Ref Slash, Path: /a/, Method: put}}
        C: {Type: Api, Properties: {RestApiId: !Ref Slash, Path: /b, Method: put}}
        D: {Type: Api, Properties: {RestApiId: !Ref Lists, Path: /c, Method: delete}}
        E: {Type: Api, Properties: {RestApiId: !Ref Lists, Path: /c/, Method: put}}
        G: {Type: Api, Properties: {RestApiId: !Ref Responds, Path: /d, Method: put}}
        J: {Type: HttpApi, Properties: {ApiId: !Ref Refused, Path: /g, Method: put}}
        H: {Type: Api, Properties: {RestApiId: !Ref Binary, Path: /e, Method: put}}
        I: {Type: Api, Properties: {RestApiId: !Ref Image, Path: /f, Method: put}}
`)
	for _, tt := range []struct {
		api, path, want string
		certain         bool
	}{
		{"Slash", "/a", "200 https://app.example.com", false},
		{"Slash", "/b", "200 https://app.example.com", true},
		{"Lists", "/c/", "200 https://app.example.com", true},
		{"Responds", "/d", "200 *", true},
		{"Binary", "/e", "unclear", false},
		{"Image", "/f", "200 *", true},
		{"Refused", "/g", "refused", false},
		{"Fails", "/j", "500", true},
		{"Fails", "/k", "unclear", false},
		{"Several", "/h", "unclear", false},
		{"Echoes", "/i", "204 https://a.example.com,https://app.example.com", true},
	} {
		if got := g.Preflight(tt.api, tt.path); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.path, got, tt.want)
		}
		a := g.Answer(apigateway.Request{Method: http.MethodOptions, Path: tt.path, Header: http.Header{
			"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"PUT"},
		}})
		if origin := a.Header.Get("Access-Control-Allow-Origin"); tt.api == "Echoes" && (origin != "https://app.example.com" || !a.ByOrigin) {
			t.Errorf("%s: allows %q, by origin %v", tt.path, origin, a.ByOrigin)
		}
		if a.Certain() != tt.certain {
			t.Errorf("%s: certain %v, for %q", tt.path, a.Certain(), a.Unknown)
		}
	}
}

// What becomes of a preflight that an HTTP API cannot have is not known, and whether a
// route takes a path that differs from its own in the slash at the end.
func TestPreflightOfNoProxy(t *testing.T) {
	t.Parallel()
	g := load(t, `Resources:
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: h, ProtocolType: HTTP, CorsConfiguration: {AllowOrigins: ["*"]}}}
  Mock: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Http, IntegrationType: MOCK}}
  Call: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}
  A: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: OPTIONS /mock, Target: !Sub "integrations/${Mock}"}}
  B: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: OPTIONS /call, Target: !Sub "integrations/${Call}"}}
  C: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /mock, Target: !Sub "integrations/${Call}"}}
  D: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Http, RouteKey: GET /call/, Target: !Sub "integrations/${Call}"}}
  Body:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body:
        openapi: 3.0.1
        paths: {/mock: {options: {x-amazon-apigateway-integration: {type: mock}}}}
  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: a.b, Code: src}}
`)
	for _, tt := range []struct{ api, path, want string }{{"Http", "/mock", "unclear"}, {"Http", "/call", "function *"}, {"Http", "/call/", "unclear"}, {"Body", "/mock", "unclear"}} {
		if got := g.Preflight(tt.api, tt.path); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.api, tt.path, got, tt.want)
		}
		r := apigateway.Request{Method: http.MethodOptions, Path: tt.path, Header: http.Header{"Origin": {"http://localhost"}, "Access-Control-Request-Method": {"GET"}}}
		if a := g.Answer(r); a.Certain() != (tt.want != "unclear") && tt.api == "Http" {
			t.Errorf("%s: got %+v", tt.path, a)
		}
	}
}
