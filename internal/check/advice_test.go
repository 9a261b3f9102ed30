package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestFixesAgree holds that what is proposed for several findings of one
// template goes together.
func TestFixesAgree(t *testing.T) {
	t.Parallel()
	const namedAll = "AllowOrigin: \"'https://app.example.com'\"\nAllowMethods: \"'GET,POST,PUT,DELETE,OPTIONS'\"\nAllowHeaders: \"'Content-Type,Authorization,X-Api-Key'\"\nAllowCredentials: true"
	const sent = "    ResponseParameters:\n      Headers: {Access-Control-Allow-Origin: \"'https://app.example.com'\", Access-Control-Allow-Credentials: \"'true'\"}"
	const withCookies = "GatewayResponses:\n  DEFAULT_4XX:\n" + sent + "\n  DEFAULT_5XX:\n" + sent
	const function = `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
`
	document := func(cors string) string {
		return `Resources:
  H:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody: {openapi: 3.0.1, x-amazon-apigateway-cors: {` + cors + `}, paths: {/a: {put: {x-amazon-apigateway-integration: {type: http_proxy}}}}}
` + strings.TrimPrefix(function, "Resources:\n") + `        A: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /a, Method: get}}
`
	}
	for name, tt := range map[string]struct {
		template string
		want     map[check.Code]string // fixes
	}{
		"a variable that SAM local does not take, and another in its place": {
			function + `        A: {Type: Api, Properties: {Path: "/users/{user-id}", Method: get}}
        B: {Type: Api, Properties: {Path: "/users/{id}/x", Method: get}}
`, map[check.Code]string{"CP6040": `Path: "/users/{user_id}"`, "CP6043": `Path: "/users/{user_id}/x"`},
		},
		"a variable of an event, and another in a definition that SAM local drops": {
			`Resources:
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody: {openapi: 3.0.1, paths: {"/users/{user-id}": {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Alias}/invocations"}}}}}
` + strings.TrimPrefix(function, "Resources:\n") + `        A: {Type: Api, Properties: {RestApiId: !Ref A, Path: "/users/{user_id}", Method: get}}
`, map[check.Code]string{"CP6043": `/users/{user_id}:`},
		},
		"methods and headers that a condition makes": {
			`Conditions: {C: !Equals [a, b]}
Globals:
  Api:
    Cors: {AllowOrigin: "'https://app.example.com'", AllowMethods: !If [C, "'GET'", "'POST'"], AllowHeaders: !If [C, "'X-A'", "'X-B'"]}
    Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6029": "have the value list PUT, too, whatever the condition or parameter",
				"CP6031": "have the value list X-Api-Key, too, whatever the condition or parameter",
			},
		},
		"credentials by a function, to any origin": {
			`Conditions: {C: !Equals [a, b]}
Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [GET], AllowCredentials: !If [C, true, false]}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6036": "AllowOrigins: [https://app.example.com]\nAllowCredentials: true"},
		},
		"an origin that is a text, with credentials": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: "*", AllowMethods: [GET], AllowCredentials: true}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": `AllowOrigins: ["https://app.example.com"]`},
		},
		"headers to be exposed that are a text": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowMethods: [GET], ExposeHeaders: "X-Total,X-Page"}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": `ExposeHeaders: ["X-Total", "X-Page"]`, "CP6033": ""},
		},
		"and that AWS alone knows": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowMethods: [GET], ExposeHeaders: !Split [",", !ImportValue x]}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6033": "list them as expose_headers below cors in corsproxy's configuration, beside response_headers: fill"},
		},
		"and that stand in single quotes": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowMethods: [GET], ExposeHeaders: ["'X-Total'", X-Page]}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": `ExposeHeaders: [X-Total, X-Page]`},
		},
		"an HTTP API's headers in single quotes": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["https://app.example.com"], AllowMethods: [GET], AllowHeaders: ["'content-type,x-a'", authorization]}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": `AllowHeaders: [content-type, x-a, authorization]`},
		},
		"a name that is misspelt in a text, and begins with an API's": {
			`Parameters: {ApiOrigin: {Type: String, Default: "https://app.example.com"}}
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1, Cors: {AllowOrigin: !Sub "'${ApiOrgin}'", AllowHeaders: "'X-A'"}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: s, Events: {A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}}}
Outputs: {A: {Value: !Sub "${Api.Stage} ${ApiDeployment} ${Apiv1Stage}"}}
`, map[check.Code]string{"CP6070": "write ${ApiOrigin} in place of ${ApiOrgin}"},
		},
		"credentials by a text, to any origin": {
			`Parameters: {Credentials: {Type: String, Default: "true"}}
Conditions: {IsProd: !Equals [!Ref Credentials, "true"]}
Globals:
  Api:
    Cors: {AllowOrigin: "'*'", AllowMethods: "'*'", AllowHeaders: "'*'", AllowCredentials: "'true'"}
    Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6012": namedAll,
				"CP6080": withCookies,
			},
		},
		"credentials by a parameter, to any origin": {
			`Parameters: {Credentials: {Type: String, Default: "true"}}
Conditions: {IsProd: !Equals [!Ref Credentials, "true"]}
Globals:
  Api:
    Cors: {AllowOrigin: "'*'", AllowMethods: "*", AllowHeaders: "'*'", AllowCredentials: !Ref Credentials}
    Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6036": namedAll,
				"CP6010": "AllowMethods: \"'GET,POST,PUT,DELETE,OPTIONS'\"",
				"CP6080": withCookies,
			},
		},
		"credentials by a branch, to any origin": {
			`Parameters: {Credentials: {Type: String, Default: "true"}}
Conditions: {IsProd: !Equals [!Ref Credentials, "true"]}
Globals:
  Api:
    Cors: {AllowOrigin: "'*'", AllowMethods: "'*'", AllowHeaders: "'*'", AllowCredentials: !If [IsProd, true, false]}
    Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6036": namedAll,
				"CP6080": withCookies,
			},
		},
		"credentials by a text, and an origin with a stray quote": {
			`Globals: {Api: {Cors: {AllowOrigin: "'*''", AllowHeaders: "'X-A'", AllowCredentials: "'true'"}}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6012": "AllowCredentials: true", "CP6016": `AllowOrigin: "'https://app.example.com'"`},
		},
		"and that lacks one": {
			`Globals: {Api: {Cors: {AllowOrigin: "*'", AllowHeaders: "'X-A'"}}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6010": `AllowOrigin: "'*'"`},
		},
		"credentials of an HTTP API by a text": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [GET], AllowCredentials: "true"}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": "AllowOrigins: [https://app.example.com]\nAllowCredentials: true"},
		},
		"and none by a text": {
			`Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: [GET], AllowCredentials: "false"}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6014": "AllowCredentials: false"},
		},
		"a branch that is not taken": {
			`Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsDev: !Equals [!Ref Stage, dev]}
Globals: {Api: {Cors: {AllowOrigin: !If [IsDev, "'http://localhost:5173'", "'https://app.example.com/'"], AllowHeaders: "'X-A'"}}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6016": "write in its place: \"'https://app.example.com'\""},
		},
		"an example that a parameter has by default": {
			`Parameters: {Site: {Type: String, Default: "REPLACE-ME"}, Other: {Type: String, Default: "https://<your-id>.cloudfront.net"}}
Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [!Ref Site, !Ref Other, !Sub "${Site}.example"]}}}
` + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: get}}
`, map[check.Code]string{"CP6016": ""},
		},
		"a map in an origin": {
			`Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {IsDev: !Equals [!Ref Stage, dev]}
Globals: {Api: {Cors: {AllowOrigin: !If [IsDev, {AllowOrigin: "'https://dev.example.com'"}, !Ref AWS::NoValue], AllowHeaders: "'X-A'"}}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: post}}
`, map[check.Code]string{"CP6035": `AllowOrigin: !If [IsDev, "'https://dev.example.com'", !Ref AWS::NoValue]`},
		},
		"a Cors of one stage, of which headers are no matter of another": {
			`Parameters: {Stage: {Type: String, Default: prod}}
Conditions: {IsDev: !Equals [!Ref Stage, dev]}
Globals: {Api: {Cors: !If [IsDev, {AllowOrigin: "'https://dev.example.com'"}, !Ref AWS::NoValue]}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: post}}
`, map[check.Code]string{"CP6035": "Cors:\n  AllowOrigin: !If [IsDev, \"'https://dev.example.com'\", !Ref AWS::NoValue]", "CP6030": ""},
		},
		"a Cors that is a function": {
			`Parameters: {Site: {Type: String, Default: "'https://app.example.com'"}}
Globals: {Api: {Cors: !Ref Site}}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: post}}
`, map[check.Code]string{"CP6030": "write a map in place of the function, with the function as its AllowOrigin, and beside that\nAllowHeaders: \"'Content-Type'\""},
		},
		"a bare true": {
			"Globals: {HttpApi: {CorsConfiguration: true}}\n" + function + `        A: {Type: HttpApi, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6029": "CorsConfiguration:\n  AllowOrigins: [\"*\"]\n  AllowMethods: [\"*\"]\n  AllowHeaders: [Content-Type]",
				"CP6030": "CorsConfiguration:\n  AllowOrigins: [\"*\"]\n  AllowMethods: [\"*\"]\n  AllowHeaders: [Content-Type]",
			},
		},
		"a setting in a document": {
			document("allowOrigins: [https://a.example], allowMethods: [GET]"), map[check.Code]string{"CP6029": "allowMethods: [GET, PUT]"},
		},
		"a document without an origin": {
			document("allowMethods: [GET, PUT]"), map[check.Code]string{"CP6039": `allowOrigins: ["*"]`},
		},
		"with a key of CorsConfiguration": {
			document("allowOrigins: [https://a.example], AllowMethods: [GET, PUT]"), map[check.Code]string{"CP6029": "allowMethods: [GET, POST, PUT]"},
		},
		"headers of an OPTIONS method that are not declared, and one to be added": {
			`Resources:
  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: v1
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a:
            put: {x-amazon-apigateway-integration: {type: http, httpMethod: PUT, uri: "https://a.example"}}
            options:
              responses: {204: {description: none}}
              x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: 204, responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}}}
`, map[check.Code]string{
				"CP6025": "in response 204 of the operation:\nheaders: {Access-Control-Allow-Origin: {type: string}}",
				"CP6029": "method.response.header.Access-Control-Allow-Methods: \"'GET,POST,PUT'\"\nand, so that it deploys, where the method's response is to declare the others:\nAccess-Control-Allow-Methods: {type: string}",
				"CP6030": "method.response.header.Access-Control-Allow-Headers: \"'Content-Type'\"\nand, so that it deploys, where the method's response is to declare the others:\nAccess-Control-Allow-Headers: {type: string}",
			},
		},
		"a list in one text": {
			`Globals:
  Api:
    Cors: "'http://localhost:5173,https://app.example.com'"
    Auth: {ApiKeyRequired: true, AddApiKeyRequiredToCorsPreflight: false}
` + function + `        A: {Type: Api, Properties: {Path: /a, Method: put}}
`, map[check.Code]string{
				"CP6011": "Cors: \"'https://app.example.com'\"\n# a REST API allows one; a function that answers OPTIONS can allow more, by the request's Origin",
				"CP6030": "Cors:\n  AllowOrigin: \"'https://app.example.com'\"\n  AllowHeaders: \"'Content-Type,X-Api-Key'\"",
				"CP6080": "GatewayResponses:\n  DEFAULT_4XX:\n    ResponseParameters:\n      Headers: {Access-Control-Allow-Origin: \"'https://app.example.com'\"}\n  DEFAULT_5XX:\n    ResponseParameters:\n      Headers: {Access-Control-Allow-Origin: \"'https://app.example.com'\"}",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, "Transform: AWS::Serverless-2016-10-31\n"+tt.template)
			for code, want := range tt.want {
				i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == code })
				if i < 0 && want != "" || i >= 0 && findings[i].Fix != want {
					t.Errorf("%s: got %+v\nwant the fix %q", code, findings, want)
				}
			}
		})
	}
}
