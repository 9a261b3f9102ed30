package sam_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const shop = `
Globals:
  HttpApi:
    CorsConfiguration: {AllowOrigins: [http://localhost:5173], AllowCredentials: true, MaxAge: 60}
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, Cors: {AllowOrigin: "'https://app.example.com'", AllowMethods: "'GET'"}}
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        One: {Type: Api, Properties: {Path: "/items/{id}", Method: get, RestApiId: !Ref Rest}}
        All: {Type: Api, Properties: {Path: "/admin/{proxy+}", Method: any, RestApiId: !Ref Rest}}
        Scan: {Type: Api, Properties: {Path: /scanRecords, Method: post}}
        Web: {Type: HttpApi, Properties: {Path: /web, Method: get}}
`

func loadText(tb testing.TB, text string) *sam.Application {
	tb.Helper()
	return loadWith(tb, text, sam.Options{})
}

func loadWith(tb testing.TB, text string, o sam.Options) *sam.Application {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	app, err := sam.Load(name, o)
	if err != nil {
		tb.Fatal(err)
	}
	app.Template = "template.yaml"
	return app
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	app := loadText(t, shop)
	var b strings.Builder
	if err := app.WriteJSON(&b, sam.AsLocal); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Template string
		Routes   []map[string]string
		CORS     []map[string]any
		Warnings []any
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	route := map[string]string{
		"method": "GET", "path": "/items/{id}", "function": "Items",
		"api": "Rest", "apiType": "rest", "source": "template.yaml:13",
	}
	if got.Template != "template.yaml" || fmt.Sprint(got.Routes[0]) != fmt.Sprint(route) {
		t.Errorf("got template %q and first route %v, want %v", got.Template, got.Routes[0], route)
	}
	want := []map[string]any{
		{
			"api": "Rest", "apiType": "rest", "allowOrigins": []any{"https://app.example.com"}, "allowMethods": []any{"GET"},
			"allowHeaders": []any{}, "exposeHeaders": []any{}, "allowCredentials": false, "maxAge": nil, "source": "template.yaml:8",
		},
		{
			"api": "ServerlessHttpApi", "apiType": "http", "allowOrigins": []any{"http://localhost:5173"}, "allowMethods": []any{},
			"allowHeaders": []any{}, "exposeHeaders": []any{}, "allowCredentials": true, "maxAge": 60.0, "source": "template.yaml:4",
		},
	}
	if fmt.Sprint(got.CORS) != fmt.Sprint(want) {
		t.Errorf("got CORS\n%v\nwant\n%v", got.CORS, want)
	}
	if got.Warnings == nil {
		t.Error("no list of warnings, if an empty one")
	}
	if err := app.WriteJSON(&b, "cloud"); err == nil {
		t.Error("form cloud is accepted")
	}
}

func TestWriteTable(t *testing.T) {
	t.Parallel()
	app := loadText(t, shop)
	for as, want := range map[string]string{
		// The implicit HTTP API comes last, so that its policy is everyone's.
		sam.AsLocal: `
METHOD        PATH              FUNCTION   API                 PREFLIGHT SAM LOCAL         PREFLIGHT DEPLOYED            SOURCE
GET OPTIONS   /items/{id}       Items      Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:13
ANY           /admin/{proxy+}   Items      Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:14
OPTIONS POST  /scanRecords      Items      ServerlessRestApi   200 http://localhost:5173   403                           template.yaml:15
GET OPTIONS   /web              Items      ServerlessHttpApi   200 http://localhost:5173   204 http://localhost:5173     template.yaml:16
`,
		sam.AsDeployed: `
METHOD                               PATH              FUNCTION   API                 PREFLIGHT SAM LOCAL         PREFLIGHT DEPLOYED            SOURCE
GET                                  /items/{id}       Items      Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:13
DELETE GET HEAD PATCH POST PUT       /admin/{proxy+}   Items      Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:14
OPTIONS                              /items/{id}       -          Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:8
OPTIONS                              /admin/{proxy+}   -          Rest                200 http://localhost:5173   200 https://app.example.com   template.yaml:8
POST                                 /scanRecords      Items      ServerlessRestApi   200 http://localhost:5173   403                           template.yaml:15
GET                                  /web              Items      ServerlessHttpApi   200 http://localhost:5173   204 http://localhost:5173     template.yaml:16
`,
	} {
		var b strings.Builder
		if err := app.WriteTable(&b, as, apigateway.New(app).Preflight); err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(b.String()); fmt.Sprint(got) != fmt.Sprint(strings.Fields(want)) {
			t.Errorf("%s: got\n%s\nwant%s", as, b.String(), want)
		}
	}
}

func TestDeployedPreflight(t *testing.T) {
	t.Parallel()
	app := loadText(t, `
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /mock: {options: {x-amazon-apigateway-integration: {type: mock}}}
          /http: {options: {x-amazon-apigateway-integration: {type: http_proxy, uri: "https://example.com"}}}
          /none: {get: {}}
  Http: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}
  Plain: {Type: AWS::Serverless::HttpApi}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: HttpApi, Properties: {Path: /a, Method: any, ApiId: !Ref Http}}
        B: {Type: HttpApi, Properties: {Path: /b, Method: options, ApiId: !Ref Http}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Http}}
        D: {Type: HttpApi, Properties: {Path: /d, Method: any, ApiId: !Ref Plain}}
        E: {Type: HttpApi, Properties: {Path: /e, Method: get, ApiId: !Ref Plain}}
`)
	want := map[string]string{
		"Rest /mock": sam.ByMock, "Rest /http": sam.ByIntegration, "Rest /none": sam.ByNothing,
		"Http /a": sam.ByCORS, "Http /b": sam.ByFunction, "Http $default": sam.ByCORS,
		"Plain /d": sam.ByFunction, "Plain /e": sam.ByNothing,
	}
	for _, api := range app.Deployed {
		for _, p := range api.Preflights {
			key := api.ID + " " + p.Path
			if by, ok := want[key]; !ok || by != p.By {
				t.Errorf("%s: got %q, want %q", key, p.By, by)
			}
			delete(want, key)
			if got, ok := api.Preflight(p.Path); !ok || !reflect.DeepEqual(got, p) {
				t.Errorf("%s: Preflight returns %+v, %v", key, got, ok)
			}
		}
		if _, ok := api.Preflight("/elsewhere"); ok {
			t.Errorf("%s has an answer for a path that it does not have", api.ID)
		}
	}
	for key := range want {
		t.Errorf("%s is missing", key)
	}
}

// The time must grow with the template, not faster. The first is a template
// as people write them.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 625, 1250, 2500, 5000} {
		var text strings.Builder
		text.WriteString("Globals:\n  Api: {Cors: \"'*'\"}\nResources:\n")
		for i := range n {
			fmt.Fprintf(&text, "  F%d:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: bootstrap\n"+
				"      Environment: {Variables: {TABLE: !Ref Table, ARN: !GetAtt Table.Arn}}\n"+
				"      Events:\n        Get:\n          Type: Api\n          Properties: {Path: \"/items%d/{id}\", Method: get}\n", i, i)
		}
		name := filepath.Join(b.TempDir(), "template.yaml")
		if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				app, err := sam.Load(name, sam.Options{})
				if err != nil || len(app.Local.Routes) != 2*n {
					b.Fatalf("got %d routes, %v", len(app.Local.Routes), err)
				}
			}
		})
	}
}
