package apigateway_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

func load(tb testing.TB, text string) *apigateway.Gateway {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	app, err := sam.Load(name, sam.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return apigateway.New(app)
}

// ask answers a request that is written as its line, with header fields after
// it: "OPTIONS /items, Origin: https://a.example".
func ask(g *apigateway.Gateway, text string) apigateway.Answer {
	line, fields, _ := strings.Cut(text, ", ")
	method, path, _ := strings.Cut(line, " ")
	r := apigateway.Request{Method: method, Path: path, Header: make(http.Header)}
	for field := range strings.SplitSeq(fields, ", ") {
		if name, value, ok := strings.Cut(field, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	return g.Answer(r)
}

// describe writes an answer in one line, with header names by their initials.
func describe(a apigateway.Answer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s", a.API, a.Path, a.By)
	if a.By == apigateway.ByGuard {
		b.WriteString(" " + a.Guard.Kind)
	}
	if a.Function != "" {
		b.WriteString(" " + a.Function)
	}
	if a.Status != 0 {
		fmt.Fprintf(&b, " %d", a.Status)
	}
	if a.Body != "" {
		b.WriteString(" " + a.Body)
	}
	if a.DropsCORS {
		b.WriteString(" drops")
	}
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		fmt.Fprintf(&b, " %s=%s", strings.TrimPrefix(name, "Access-Control-"), a.Header.Get(name))
	}
	if a.Unknown != nil {
		fmt.Fprintf(&b, " unknown: %s", strings.Join(a.Unknown, ", "))
	}
	if a.Others != nil {
		fmt.Fprintf(&b, " or %s", strings.Join(a.Others, ", "))
	}
	return b.String() + " (" + strings.TrimPrefix(a.Source, "template.yaml:") + ")"
}

const from = ", Origin: https://a.example, Access-Control-Request-Method: "

func run(t *testing.T, template string, cases map[string]string) {
	t.Helper()
	g := load(t, template)
	for request, want := range cases {
		t.Run(request, func(t *testing.T) {
			t.Parallel()
			if got := describe(ask(g, request)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestREST(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: {AllowOrigin: "'https://b.example'", AllowCredentials: true, MaxAge: "'600'"}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/items/{id}", Method: put}}
        B: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /own, Method: options}}
        C: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/any/{proxy+}", Method: any}}
`, map[string]string{
		// The same answer whatever is asked, and by whom.
		"OPTIONS /items/1" + from + "PUT":    "Rest /items/{id}: mock 200 Allow-Credentials=true Allow-Methods=OPTIONS,PUT Allow-Origin=https://b.example Max-Age=600 (7)",
		"OPTIONS /items/1/" + from + "PATCH": "Rest /items/{id}: mock 200 Allow-Credentials=true Allow-Methods=OPTIONS,PUT Allow-Origin=https://b.example Max-Age=600 (7)",
		"OPTIONS /items/1":                   "Rest /items/{id}: mock 200 Allow-Credentials=true Allow-Methods=OPTIONS,PUT Allow-Origin=https://b.example Max-Age=600 (7)",
		"OPTIONS /any/a/b" + from + "GET":    "Rest /any/{proxy+}: mock 200 Allow-Credentials=true Allow-Methods=DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT Allow-Origin=https://b.example Max-Age=600 (7)",
		"OPTIONS /own" + from + "GET":        "Rest /own: function F (16)",
		"OPTIONS /none" + from + "GET":       `Rest : nothing 403 {"message":"Missing Authentication Token"} (3)`,
		"PUT /items/1, Origin: https://b":    "Rest /items/{id}: function F (15)",
		"GET /items/1, Origin: https://b":    `Rest /items/{id}: nothing 403 {"message":"Missing Authentication Token"} (3)`,
		"HEAD /any/x":                        "Rest /any/{proxy+}: function F (17)",
	})
}

func TestRESTWithoutCors(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Globals:
  Api:
    GatewayResponses:
      MISSING_AUTHENTICATION_TOKEN: {StatusCode: 404, ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}}
      DEFAULT_4XX: {StatusCode: 418, ResponseParameters: {Headers: {Access-Control-Allow-Origin: method.request.header.Origin, X-Id: context.requestId}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {Path: /a, Method: get}}
        B: {Type: Api, Properties: {Path: /b, Method: any}}
        C: {Type: Api, Properties: {Path: /c, Method: options, Auth: {ApiKeyRequired: true}}}
`, map[string]string{
		"OPTIONS /a" + from + "GET":          `ServerlessRestApi /a: nothing 404 {"message":"Missing Authentication Token"} Allow-Origin=* (15)`,
		"OPTIONS /b" + from + "GET":          "ServerlessRestApi /b: function F (16)",
		"OPTIONS /c" + from + "GET":          `ServerlessRestApi /c: guard api-key 403 {"message":"Forbidden"} Allow-Origin=https://a.example unknown: the value of X-Id (17)`,
		"GET /nowhere, Origin: https://a":    `ServerlessRestApi : nothing 404 {"message":"Missing Authentication Token"} Allow-Origin=* (8)`,
		"DELETE /a, Origin: https://a":       `ServerlessRestApi /a: nothing 404 {"message":"Missing Authentication Token"} Allow-Origin=* (15)`,
		"OPTIONS /c, X-Nothing: in the way ": `ServerlessRestApi /c: guard api-key 403 {"message":"Forbidden"} unknown: the value of X-Id (17)`,
	})
}

func TestGuardedPreflights(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Token:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      Auth: {DefaultAuthorizer: Pool, Authorizers: {Pool: {UserPoolArn: arn}}}
  Sig:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: "'*'", Auth: {DefaultAuthorizer: AWS_IAM}}
  Query:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      Auth: {DefaultAuthorizer: Q, Authorizers: {Q: {FunctionArn: !GetAtt F.Arn, FunctionPayloadType: REQUEST, Identity: {QueryStrings: [t]}}}}
  Open:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      Auth: {DefaultAuthorizer: Pool, AddDefaultAuthorizerToCorsPreflight: false, Authorizers: {Pool: {UserPoolArn: arn}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Token, Path: /token, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Sig, Path: /sig, Method: get}}
        C: {Type: Api, Properties: {RestApiId: !Ref Query, Path: /query, Method: get}}
        D: {Type: Api, Properties: {RestApiId: !Ref Open, Path: /open, Method: get}}
`, map[string]string{
		"OPTIONS /token" + from + "GET": `Token /token: guard authorizer 401 {"message":"Unauthorized"} (8)`,
		"OPTIONS /sig" + from + "GET":   `Sig /sig: guard iam 403 {"message":"Missing Authentication Token"} (11)`,
		"OPTIONS /query" + from + "GET": "Query /query: mock 200 Allow-Methods=GET,OPTIONS Allow-Origin=* unknown: authorizer Q may let preflights pass (16)",
		"OPTIONS /open" + from + "GET":  "Open /open: mock 200 Allow-Methods=GET,OPTIONS Allow-Origin=* (22)",
	})
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: [https://a.example, "http://*"]
        AllowMethods: [get, PUT]
        AllowHeaders: [X-A]
        ExposeHeaders: [X-E]
        AllowCredentials: true
        MaxAge: 60
      Auth:
        Authorizers:
          Jwt: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://i.example, audience: [a]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/items/{id}", Method: put}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /own, Method: options}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /any, Method: any}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /locked, Method: any, Auth: {Authorizer: Jwt}}}
`, map[string]string{
		"OPTIONS /items/1" + from + "PUT":                                         "Http /items/{id}: cors 204 Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=https://a.example Expose-Headers=X-E Max-Age=60 (7)",
		"OPTIONS /any, Origin: http://x:1, Access-Control-Request-Method: DELETE": "Http /any: cors 204 Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=http://x:1 Expose-Headers=X-E Max-Age=60 (7)",
		"OPTIONS /items/1, Origin: https://x, Access-Control-Request-Method: PUT": "Http /items/{id}: cors 204 (7)",
		"OPTIONS /items/1, Origin: https://a.example":                             "Http /items/{id}: cors 204 (7)",
		"OPTIONS /items/1":                        "Http /items/{id}: cors 204 (7)",
		"OPTIONS /nowhere" + from + "PUT":         "Http : cors 204 Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=https://a.example Expose-Headers=X-E Max-Age=60 (7)",
		"OPTIONS /own" + from + "PUT":             "Http /own: function F drops Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=https://a.example Expose-Headers=X-E Max-Age=60 (24)",
		"OPTIONS /locked" + from + "PUT":          `Http /locked: guard authorizer 401 {"message":"Unauthorized"} Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=https://a.example Expose-Headers=X-E Max-Age=60 (26)`,
		"PUT /items/1, Origin: https://a.example": "Http /items/{id}: function F drops Allow-Credentials=true Allow-Origin=https://a.example Expose-Headers=X-E (23)",
		"PUT /items/1, Origin: https://x.example": "Http /items/{id}: function F drops (23)",
		"PUT /items/1/":                           "Http /items/{id}: function F drops unknown: whether /items/{id} takes the path, for its trailing slash (23)",
		"GET /nowhere, Origin: https://a.example": `Http : nothing 404 {"message":"Not Found"} Allow-Credentials=true Allow-Origin=https://a.example Expose-Headers=X-E (3)`,
		"OPTIONS /own, Origin: http://y.example, Access-Control-Request-Method: GET": "Http /own: function F drops Allow-Credentials=true Allow-Headers=X-A Allow-Methods=GET,PUT Allow-Origin=http://y.example Expose-Headers=X-E Max-Age=60 (24)",
	})
}

func TestHTTPWithoutCORS(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: HttpApi, Properties: {Path: /items, Method: get}}
        B: {Type: HttpApi, Properties: {Path: "/any/{proxy+}", Method: any}}
`, map[string]string{
		"OPTIONS /items" + from + "PUT": `ServerlessHttpApi /items: nothing 404 {"message":"Not Found"} (10)`,
		"OPTIONS /any/x" + from + "PUT": "ServerlessHttpApi /any/{proxy+}: function F (11)",
		"GET /items, Origin: https://a": "ServerlessHttpApi /items: function F (10)",
		"GET /x, Origin: https://a":     `ServerlessHttpApi : nothing 404 {"message":"Not Found"} (3)`,
	})
}

func TestHTTPDocument(t *testing.T) {
	t.Parallel()
	run(t, `Resources:
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body:
        openapi: "3.0.1"
        x-amazon-apigateway-cors: {allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"], maxAge: 5}
        paths:
          /a:
            get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: arn:aws:lambda:us-east-1:123456789012:function:F, payloadFormatVersion: "2.0"}}
`, map[string]string{
		"OPTIONS /a" + from + "GET": "Http /a: cors 204 Allow-Headers=* Allow-Methods=* Allow-Origin=* Max-Age=5 (7)",
		"GET /a, Origin: https://b": "Http /a: function F drops Allow-Origin=* (10)",
	})
}

// TestSchemeWildcard allows every origin of a scheme, and nothing that is not
// one origin as browsers write it.
func TestSchemeWildcard(t *testing.T) {
	t.Parallel()
	g := load(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["https://*"]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /a, Method: get}}
`)
	for origin, allowed := range map[string]bool{
		"https://a.example":              true,
		"https://a.example:8443":         true,
		"https://[::1]":                  true,
		"https://*":                      true, // as it is listed
		"":                               false,
		"null":                           false,
		"http://a.example":               false,
		"https://":                       false,
		"https://a.example:443":          false,
		"https://a.example/":             false,
		"https://A.example":              false,
		"https://a.example https://b":    false,
		"https://a.example, http://evil": false,
		"https://a.example,http://evil":  false,
		"https://user@a.example":         false,
		"https:a.example":                false,
	} {
		a := g.Answer(apigateway.Request{Method: http.MethodGet, Path: "/a", Header: http.Header{"Origin": {origin}}})
		want := ""
		if allowed {
			want = origin
		}
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != want || !a.ByOrigin {
			t.Errorf("%q: answered %q, by its origin: %v; want %q", origin, got, a.ByOrigin, want)
		}
	}
}

func TestUnresolved(t *testing.T) {
	t.Parallel()
	run(t, `Parameters: {Origins: {Type: CommaDelimitedList}}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: !ImportValue Origin, MaxAge: !ImportValue Age}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: !Ref Origins, MaxAge: !ImportValue Age}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /a, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /b, Method: get}}
`, map[string]string{
		"OPTIONS /a" + from + "GET": "Rest /a: mock 200 Allow-Methods=GET,OPTIONS unknown: the value of Access-Control-Allow-Origin (5)",
		"OPTIONS /b" + from + "GET": "Http /b: cors 204 unknown: the value of AllowOrigins (8)",
		"GET /a, Origin: https://a": "Rest /a: function F (16)",
		"GET /b, Origin: https://a": "Http /b: function F drops unknown: the value of AllowOrigins (17)",
	})
}

// TestSlashOfHTTP holds that to an HTTP API two routes that differ in the slash at
// their end are two, and that without the other one its own is not certain.
func TestSlashOfHTTP(t *testing.T) {
	t.Parallel()
	function := func(id, event string) string {
		return "  " + id + ":\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Events: {E: {Type: HttpApi, Properties: {" + event + "}}}}\n"
	}
	g := load(t, "Transform: AWS::Serverless-2016-10-31\nResources:\n"+
		function("F", "Path: /a/, Method: get")+function("G", "Path: /a, Method: get")+function("H", "Path: /b/, Method: get"))
	for path, want := range map[string]struct {
		function string
		certain  bool
	}{"/a": {"G", true}, "/a/": {"F", true}, "/b/": {"H", true}, "/b": {"H", false}} {
		if a := g.Answer(apigateway.Request{Method: http.MethodGet, Path: path, Header: http.Header{}}); a.Function != want.function || a.Certain() != want.certain {
			t.Errorf("%s: %q answers, certain: %v", path, a.Function, a.Certain())
		}
	}
}
