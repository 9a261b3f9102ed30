package apigateway_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

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
	if a := ask(load(t, two[:strings.Index(two, "  Bare:")]+two[strings.Index(two, "  F:"):strings.Index(two, "        B:")]), "GET /rest"); a.Local == nil || a.Mixed != nil {
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
