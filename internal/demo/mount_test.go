package demo_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/demo"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// mount mounts the routes of functions in a template.
func mount(t *testing.T, template string) (http.Handler, sam.Local) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte("Transform: AWS::Serverless-2016-10-31\n"+template), 0o644); err != nil {
		t.Fatal(err)
	}
	application, err := sam.Load(name, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return demo.Mount(application.Local), application.Local
}

const (
	restAPI = `Globals:
  Api:
    Cors: {AllowOrigin: "'https://app.example.com'", AllowHeaders: "'Content-Type'", AllowCredentials: true, MaxAge: "'600'"}
Resources:
`
	httpAPI = `Globals:
  HttpApi:
    CorsConfiguration: {AllowOrigins: [https://app.example.com, "http://localhost:5173"], AllowMethods: [GET], ExposeHeaders: [X-Total]}
Resources:
`
	shop = `  Items:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: TYPE, Properties: {Path: "/items/{id}", Method: get}}
        New: {Type: TYPE, Properties: {Path: /items/new, Method: get}}
        Put: {Type: TYPE, Properties: {Path: "/items/{id}", Method: put}}
        Picture: {Type: TYPE, Properties: {Path: "/pictures/{name}.png", Method: get}}
  Files:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Any: {Type: TYPE, Properties: {Path: "/files/{proxy+}", Method: any}}
`
)

func shopOf(api, kind string) string { return api + strings.ReplaceAll(shop, "TYPE", kind) }

// TestMount holds the handler to what sam local start-api was seen to answer.
func TestMount(t *testing.T) {
	t.Parallel()
	const app, vite = "https://app.example.com", "http://localhost:5173"
	allSeven := "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	templates := map[string]string{
		"rest": shopOf(restAPI, "Api"),
		"http": shopOf(httpAPI, "HttpApi"),
		"none": shopOf("Resources:\n", "Api"),
		// The implicit REST API has no Cors, and comes last.
		"lost": "Resources:\n  Own: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}\n" + strings.ReplaceAll(shop, "TYPE", "Api"),
		"default": "Resources:\n  All: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: HttpApi}}}}\n" +
			"  Root: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: HttpApi, Properties: {Path: /, Method: get}}}}}\n",
		"raw": `Resources:
  Shop: {Type: AWS::ApiGateway::RestApi, Properties: {Name: shop}}
  Items: {Type: AWS::ApiGateway::Resource, Properties: {RestApiId: !Ref Shop, ParentId: !GetAtt Shop.RootResourceId, PathPart: items}}
  Mock: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref Shop, ResourceId: !Ref Items, HttpMethod: GET, Integration: {Type: MOCK}}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Shop
      ResourceId: !Ref Items
      HttpMethod: OPTIONS
      Integration:
        Type: MOCK
        IntegrationResponses:
          - {StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'https://app.example.com'"}}
`,
	}
	tests := []struct {
		name, template, method, target, origin string
		status                                 int
		cors                                   []string // Allow-Origin, Allow-Methods
		route                                  string   // of the echo
		parameters                             map[string]string
	}{
		{name: "a preflight", template: "rest", method: "OPTIONS", target: "/items/7", origin: vite, status: 200, cors: []string{app, allSeven}},
		{name: "OPTIONS without Origin", template: "rest", method: "OPTIONS", target: "/items/7", status: 200, cors: []string{app, allSeven}},
		{name: "a preflight of ANY", template: "rest", method: "OPTIONS", target: "/files/a", origin: app, status: 200, cors: []string{app, allSeven}},
		{name: "headers with every answer", template: "rest", method: "PUT", target: "/items/7", status: 200, cors: []string{app, allSeven}, route: "/items/{id}", parameters: map[string]string{"id": "7"}},
		{name: "another method", template: "rest", method: "POST", target: "/items/7", origin: app, status: 403},
		{name: "another path", template: "rest", method: "OPTIONS", target: "/item", origin: app, status: 403},
		{name: "HEAD on GET", template: "rest", method: "HEAD", target: "/items/7", status: 502},
		{name: "HEAD on ANY", template: "rest", method: "HEAD", target: "/files/a", status: 200, cors: []string{app, allSeven}},
		{name: "a method in lower case", template: "none", method: "put", target: "/items/7", status: 200, route: "/items/{id}", parameters: map[string]string{"id": "7"}},
		{name: "a method outside the seven", template: "none", method: "PROPFIND", target: "/files/a", status: 403},

		{name: "HTTP: a listed origin", template: "http", method: "OPTIONS", target: "/items/7", origin: vite, status: 200, cors: []string{vite, "GET,OPTIONS"}},
		{name: "HTTP: another origin", template: "http", method: "OPTIONS", target: "/items/7", origin: "http://localhost:3000", status: 200},
		{name: "HTTP: no origin", template: "http", method: "OPTIONS", target: "/items/7", status: 200},
		{name: "HTTP: an answer", template: "http", method: "GET", target: "/items/7", origin: vite, status: 200, cors: []string{vite, "GET,OPTIONS"}, route: "/items/{id}", parameters: map[string]string{"id": "7"}},
		{name: "HTTP: an answer without origin", template: "http", method: "GET", target: "/items/7", status: 200, route: "/items/{id}", parameters: map[string]string{"id": "7"}},

		{name: "no Cors: a preflight", template: "none", method: "OPTIONS", target: "/items/7", origin: app, status: 403},
		{name: "no Cors: OPTIONS of ANY", template: "none", method: "OPTIONS", target: "/files/a", origin: app, status: 200, route: "/files/{proxy+}", parameters: map[string]string{"proxy": "a"}},
		{name: "the last API has none", template: "lost", method: "OPTIONS", target: "/items/7", origin: app, status: 403},

		{name: "a slash at the end", template: "none", method: "GET", target: "/items/7/", status: 200, route: "/items/{id}", parameters: map[string]string{"id": "7"}},
		{name: "slashes at the beginning", template: "none", method: "GET", target: "//items/7", status: 200, route: "/items/{id}", parameters: map[string]string{"id": "7"}},
		{name: "a literal before a variable", template: "none", method: "GET", target: "/items/new", status: 200, route: "/items/new"},
		{name: "path and method together", template: "none", method: "PUT", target: "/items/new", status: 200, route: "/items/{id}", parameters: map[string]string{"id": "new"}},
		{name: "case", template: "none", method: "GET", target: "/Items/7", status: 403},
		{name: "an encoded slash", template: "none", method: "GET", target: "/items/a%2Fb", status: 403},
		{name: "a part of a segment", template: "none", method: "GET", target: "/pictures/cat.png", status: 200, route: "/pictures/{name}.png", parameters: map[string]string{"name": "cat"}},
		{name: "greedy", template: "none", method: "GET", target: "/files/a/b%2Fc", status: 200, route: "/files/{proxy+}", parameters: map[string]string{"proxy": "a/b/c"}},
		{name: "greedy with a slash at the end", template: "none", method: "GET", target: "/files/a/b/", status: 200, route: "/files/{proxy+}", parameters: map[string]string{"proxy": "a/b/"}},
		{name: "greedy without a segment", template: "none", method: "GET", target: "/files/", status: 403},
		{name: "slashes within", template: "none", method: "GET", target: "/items//7?q=1", status: 308},
		{name: "slashes within, a preflight", template: "rest", method: "OPTIONS", target: "/items//7", origin: app, status: 308},
		{name: "slashes within, no route", template: "none", method: "GET", target: "/nothing//here", status: 403},

		{name: "$default", template: "default", method: "POST", target: "/any/thing", status: 200, route: "$default"},
		{name: "$default at the root", template: "default", method: "POST", target: "/", status: 200, route: "$default"},
		{name: "beside $default", template: "default", method: "GET", target: "/", status: 200, route: "/"},

		{name: "a raw MOCK", template: "raw", method: "GET", target: "/items", status: 502},
		{name: "a raw OPTIONS", template: "raw", method: "OPTIONS", target: "/items", status: 200, cors: []string{app, allSeven}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, _ := mount(t, templates[tt.template])
			r := httptest.NewRequest(tt.method, "http://127.0.0.1:3000/", strings.NewReader(""))
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "", "", ""
			path, query, _ := strings.Cut(tt.target, "?")
			parsed := strings.ReplaceAll(path, "%2F", "/")
			r.URL.Path, r.URL.RawPath, r.URL.RawQuery = parsed, path, query
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			header := w.Header()
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d; %s", w.Code, tt.status, w.Body)
			}
			var cors []string
			if header.Get("Access-Control-Allow-Methods") != "" {
				cors = []string{header.Get("Access-Control-Allow-Origin"), header.Get("Access-Control-Allow-Methods")}
			}
			if !slices.Equal(cors, tt.cors) || header.Get("Access-Control-Expose-Headers") != "" || header.Get("Vary") != "" {
				t.Errorf("CORS %q, want %q; %v", cors, tt.cors, header)
			}
			if header.Get("Server") != "Werkzeug/3.1.9 Python/3.11.7" || header.Get("Connection") != "close" {
				t.Errorf("header %v", header)
			}
			checkBody(t, w, tt.route, tt.parameters)
		})
	}
}

// checkBody holds a body to the status: an echo, or SAM local's own.
func checkBody(t *testing.T, w *httptest.ResponseRecorder, route string, parameters map[string]string) {
	t.Helper()
	body := w.Body.String()
	switch w.Code {
	case http.StatusForbidden:
		if body != missingToken || len(body) != 43 {
			t.Errorf("body %q", body)
		}
	case http.StatusBadGateway:
		if body != `{"message":"Internal server error"}`+"\n" {
			t.Errorf("body %q", body)
		}
	case http.StatusPermanentRedirect:
		if l := w.Header().Get("Location"); l != "http://127.0.0.1:3000/items/7?q=1" && l != "http://127.0.0.1:3000/items/7" || !strings.Contains(body, "Redirecting...") {
			t.Errorf("to %q, body %q", l, body)
		}
	case http.StatusOK:
		if route == "" {
			return
		}
		var echo struct {
			Route          string
			PathParameters map[string]string
		}
		if err := json.Unmarshal([]byte(body), &echo); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		if parameters == nil {
			parameters = map[string]string{}
		}
		if echo.Route != route || !reflect.DeepEqual(echo.PathParameters, parameters) {
			t.Errorf("route %q with %v, want %q with %v", echo.Route, echo.PathParameters, route, parameters)
		}
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	h, _ := mount(t, shopOf("Resources:\n", "Api"))
	for _, tt := range []struct {
		body, want string
		encoded    bool
	}{{"{\"a\": \"ü\"}", "{\"a\": \"ü\"}", false}, {"\xff\x00", "/wA=", true}, {"", "", false}} {
		r := httptest.NewRequest("PUT", "/items/a%20b?x=1&x=2&y", strings.NewReader(tt.body))
		r.Header.Set("Authorization", "Bearer t")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var got struct {
			Function, Method, Path, Route, Body string
			PathParameters                      map[string]string
			Query, Headers                      map[string][]string
			IsBase64Encoded                     bool
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if got.Function != "Items" || got.Method != "PUT" || got.Path != "/items/a b" || got.PathParameters["id"] != "a b" {
			t.Errorf("%+v", got)
		}
		if !slices.Equal(got.Query["x"], []string{"1", "2"}) || !slices.Equal(got.Headers["Authorization"], []string{"Bearer t"}) || !slices.Equal(got.Headers["Host"], []string{"example.com"}) {
			t.Errorf("%+v", got)
		}
		if got.Body != tt.want || got.IsBase64Encoded != tt.encoded {
			t.Errorf("body %q, encoded %v, want %q, %v", got.Body, got.IsBase64Encoded, tt.want, tt.encoded)
		}
	}
}

// TestTooLarge has more than Lambda takes answered as SAM local does, after all of
// it was read.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	h, _ := mount(t, shopOf("Resources:\n", "Api"))
	for text, status := range map[string]int{
		strings.Repeat("a", 7<<20):    502,
		strings.Repeat("a", 5<<20):    200,
		strings.Repeat("\xff", 5<<20): 502, // which are 6.7 MiB in Base64
		strings.Repeat("\xff", 4<<20): 200,
	} {
		body := strings.NewReader(text)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("PUT", "/items/1", body))
		if w.Code != status || status == 502 && w.Body.String() != `{"message":"Internal server error"}`+"\n" || body.Len() > 0 {
			t.Errorf("%d %.1q: %d %.100q, and %d bytes are not read", len(text), text, w.Code, w.Body, body.Len())
		}
	}
}

// TestMounting checks that the lines are those that SAM prints: what reads
// SAM's log reads them.
func TestMounting(t *testing.T) {
	t.Parallel()
	_, local := mount(t, shopOf(restAPI, "Api"))
	lines := demo.Mounting(local, "http://127.0.0.1:3000")
	want := []string{
		"Mounting Items at http://127.0.0.1:3000/items/{id} [GET, OPTIONS, PUT]",
		"Mounting Items at http://127.0.0.1:3000/items/new [GET, OPTIONS]",
		"Mounting Items at http://127.0.0.1:3000/pictures/{name}.png [GET, OPTIONS]",
		"Mounting Files at http://127.0.0.1:3000/files/{proxy+} [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	n := 0
	for _, line := range lines {
		routes, _, ok := sam.ParseMounting(line)
		if !ok {
			t.Errorf("%q is not read as SAM's", line)
		}
		n += len(routes)
	}
	if n != len(local.Routes) {
		t.Errorf("the lines have %d routes, want %d", n, len(local.Routes))
	}
}
