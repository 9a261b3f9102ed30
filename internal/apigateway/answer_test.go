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

func TestUnresolved(t *testing.T) {
	t.Parallel()
	run(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: !ImportValue Origin, MaxAge: !ImportValue Age}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: !Split [",", !ImportValue Origin], MaxAge: !ImportValue Age}}
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

const several = `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: "'https://r.example'"}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [https://a.example]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/rest/{id}", Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/http/{id}", Method: get}}
        C: {Type: Api, Properties: {Path: /implicit, Method: get}}
        D: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/both/{a}", Method: get}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/both/{b}", Method: get}}
        G: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /split, Method: get}}
        H: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /split, Method: put}}
`

// Locally all APIs have one address; the path, then the method that a
// preflight asks for, tell which one is meant.
func TestSeveral(t *testing.T) {
	t.Parallel()
	run(t, several, map[string]string{
		"OPTIONS /rest/1" + from + "GET":   "Rest /rest/{id}: mock 200 Allow-Methods=GET,OPTIONS Allow-Origin=https://r.example (5)",
		"OPTIONS /http/1" + from + "GET":   "Http /http/{id}: cors 204 Allow-Origin=https://a.example (8)",
		"OPTIONS /implicit" + from + "GET": `ServerlessRestApi /implicit: nothing 403 {"message":"Missing Authentication Token"} (18)`,
		"OPTIONS /split" + from + "GET":    "Rest /split: mock 200 Allow-Methods=GET,OPTIONS Allow-Origin=https://r.example (5)",
		"OPTIONS /split" + from + "PUT":    "Http /split: cors 204 Allow-Origin=https://a.example (8)",
		"OPTIONS /nowhere" + from + "GET":  " : nothing unknown: which of several APIs is meant, of which none has the path ()",
		"GET /nowhere":                     " : nothing unknown: which of several APIs is meant, of which none has the path ()",
		"PATCH /rest/1":                    `Rest /rest/{id}: nothing 403 {"message":"Missing Authentication Token"} (3)`,
	})
	g := load(t, several)
	a := ask(g, "OPTIONS /both/1"+from+"GET")
	if len(a.Others) != 1 || a.Certain() || a.API == a.Others[0] {
		t.Errorf("two APIs have the path, and the answer is %s", describe(a))
	}
}

// SAM local serves of two APIs with the same route the one that overrides the
// other: that is the one that a client reaches.
func TestTheServedAPIGoesFirst(t *testing.T) {
	t.Parallel()
	const events = `Transform: AWS::Serverless-2016-10-31
Resources:
  First:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: "'https://first.example'"}
  Second:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: "'https://second.example'"}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref %s, Path: /x, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref %s, Path: /x, Method: get}}
`
	for _, order := range [][2]string{{"First", "Second"}, {"Second", "First"}} {
		text := fmt.Sprintf(events, order[0], order[1])
		name := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		app, err := sam.Load(name, sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		served, ok := sam.NewTable(app.Local.Routes).Match("GET", "/x")
		got := ask(apigateway.New(app), "OPTIONS /x"+from+"GET")
		if !ok || got.API != served.API || len(got.Others) != 1 {
			t.Errorf("SAM local serves %s, and the answer is %s", served.API, describe(got))
		}
	}
}

// Apply gives a response the headers with which it leaves API Gateway.
func TestApply(t *testing.T) {
	t.Parallel()
	g := load(t, several)
	for request, want := range map[string]string{
		"GET /rest/1, Origin: https://a.example": "map[Access-Control-Allow-Credentials:[true] Access-Control-Allow-Origin:[*] Vary:[Origin]]",
		"GET /http/1, Origin: https://a.example": "map[Access-Control-Allow-Origin:[https://a.example] Vary:[Origin]]",
		"GET /http/1, Origin: https://b.example": "map[Vary:[Origin]]",
		"GET /http/1":                            "map[Vary:[Origin]]",
	} {
		h := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Credentials": {"true"}, "Vary": {"Origin"}}
		ask(g, request).Apply(h)
		if got := fmt.Sprint(h); got != want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
}

// SAM local sets the headers of the last API's policy on the responses of all.
func TestRestore(t *testing.T) {
	t.Parallel()
	const two = `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'https://r.example'", AllowCredentials: true, AllowMethods: "'GET'"}}
  Bare:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, DefinitionBody: {swagger: "2.0", paths: {/bare: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !GetAtt F.Arn}}}}}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [https://a.example]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest, Method: get}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http, Method: get}}
`
	g := load(t, two)
	for _, c := range []struct{ request, origin, want string }{
		{"GET /rest", "https://a.example", "map[Access-Control-Allow-Credentials:[true] Access-Control-Allow-Origin:[https://r.example]]"},
		{"GET /rest", "https://function.example", "map[Access-Control-Allow-Methods:[GET] Access-Control-Allow-Origin:[https://function.example]]"},
		{"GET /bare", "https://a.example", "map[Access-Control-Allow-Methods:[GET] Access-Control-Allow-Origin:[https://a.example]]"},
		{"GET /http", "https://a.example", "map[Access-Control-Allow-Methods:[GET] Access-Control-Allow-Origin:[https://a.example]]"},
	} {
		h := http.Header{"Access-Control-Allow-Origin": {c.origin}, "Access-Control-Allow-Methods": {"GET"}}
		ask(g, c.request+", Origin: https://r.example").Mixed.Restore(h)
		if got := fmt.Sprint(h); got != c.want {
			t.Errorf("%s with %s: got %s, want %s", c.request, c.origin, got, c.want)
		}
	}
	if a := ask(load(t, two[:strings.Index(two, "  Bare:")]+two[strings.Index(two, "  F:"):strings.Index(two, "        B:")]), "GET /rest"); !a.ReplacedLocally || a.Mixed != nil {
		t.Errorf("of one API SAM local sets the headers of that: %+v", a)
	}
}

// BenchmarkAnswer shows that the number of routes does not count.
func BenchmarkAnswer(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			api := sam.API{ID: "Http", Type: sam.HTTP, CORS: &sam.CORS{AllowOrigins: []string{"*"}}}
			for i := range n {
				path := fmt.Sprintf("/r%d/{id}", i)
				api.Routes = append(api.Routes, sam.Route{Method: "GET", Path: path, Function: "F", API: "Http"})
				api.Preflights = append(api.Preflights, sam.Preflight{Path: path, By: sam.ByCORS, CORS: api.CORS})
			}
			g := apigateway.New(&sam.Application{Local: sam.Local{Routes: api.Routes}, Deployed: []sam.API{api}})
			r := apigateway.Request{Method: "OPTIONS", Path: "/r7/1", Header: http.Header{"Origin": {"https://a.example"}, "Access-Control-Request-Method": {"GET"}}}
			for b.Loop() {
				if g.Answer(r).Path != "/r7/{id}" {
					b.Fatal("no answer")
				}
			}
		})
	}
}
