package diagnosis_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// compared is a request, as a fixture has it, with the answer here; or Served
// as the deployed API does.
type compared struct {
	Request  string   // method and path
	Fields   []string // of the request
	Served   bool
	Status   int
	Answered []string // fields of the answer
	Upstream []string // fields of the upstream's; null where there is none
	Allows   *diagnosis.Allowance
	Rule     string
}

func (c compared) diagnose(g *apigateway.Gateway) (diagnosis.Diagnosis, bool) {
	method, path, _ := strings.Cut(c.Request, " ")
	r := apigateway.Request{Method: method, Path: pathpattern.Decode(path), Header: fields(c.Fields)}
	if c.Served {
		a := g.Answer(r)
		if !a.Certain() {
			return diagnosis.TemplateUnclear(a), true
		}
		return diagnosis.PreflightAsDeployed(g, r, a)
	}
	comparison := diagnosis.Comparison{Request: r, Target: path, Status: c.Status, Header: fields(c.Answered)}
	if c.Upstream != nil {
		comparison.Upstream = fields(c.Upstream)
	}
	if c.Allows != nil {
		comparison.Allows, comparison.Rule = func() diagnosis.Allowance { return *c.Allows }, c.Rule
	}
	return diagnosis.Differs(g, comparison)
}

const compareTemplate = `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'https://a.example'", AllowHeaders: "'x-a'"}}
  Bare:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [PUT], AllowCredentials: true}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest, Method: put}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http, Method: put}}
        C: {Type: Api, Properties: {RestApiId: !Ref Bare, Path: /bare, Method: put}}
        D: {Type: Api, Properties: {RestApiId: !Ref Bare, Path: /any, Method: any}}
`

// A difference counts only where it changes what the browser does with this
// request; everything else is silence.
func TestDiffersIsSilent(t *testing.T) {
	t.Parallel()
	g := apigateway.New(load(t, []byte(compareTemplate)))
	preflight := func(path, origin, method, headers string) compared {
		fields := []string{"Origin: " + origin, "Access-Control-Request-Method: " + method}
		if headers != "" {
			fields = append(fields, "Access-Control-Request-Headers: "+headers)
		}
		return compared{Request: "OPTIONS " + path, Fields: fields, Status: 200,
			Answered: []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *"}}
	}
	refused := func(c compared) compared {
		c.Status, c.Answered = 403, nil
		return c
	}
	actual := func(path string, answered, upstream []string) compared {
		return compared{Request: "PUT " + path, Fields: []string{"Origin: https://a.example"}, Status: 200, Answered: answered, Upstream: upstream}
	}
	star := []string{"Access-Control-Allow-Origin: *"}
	local := func(path, own string) compared {
		c := actual(path, []string{"Access-Control-Allow-Origin: http://localhost:5173"}, []string{"Access-Control-Allow-Origin: " + own})
		c.Fields = []string{"Origin: http://localhost:5173"}
		return c
	}
	for name, c := range map[string]compared{
		"both allow, with other headers":       preflight("/rest", "https://a.example", "PUT", "x-a"),
		"with credentials neither allows":      preflight("/rest", "https://a.example", "PUT", ""),
		"both allow, with credentials, too":    {Request: "OPTIONS /http", Fields: []string{"Origin: https://a.example", "Access-Control-Request-Method: PUT"}, Status: 200, Answered: []string{"Access-Control-Allow-Origin: https://a.example", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Credentials: true"}},
		"both refuse":                          refused(preflight("/rest", "https://b.example", "PUT", "")),
		"a function answers when deployed":     preflight("/any", "https://b.example", "PUT", ""),
		"no API has the path":                  preflight("/nowhere", "https://b.example", "PUT", ""),
		"an OPTIONS that is no preflight":      {Request: "OPTIONS /bare", Fields: []string{"Origin: https://a.example"}, Status: 200, Answered: star},
		"no origin":                            {Request: "PUT /bare", Status: 200, Upstream: []string{}, Answered: star},
		"what SAM local would not have set":    actual("/rest", star, star),
		"SAM local's headers, unreadable":      actual("/rest", []string{}, []string{"Access-Control-Allow-Origin: https://a.example"}),
		"the function's own headers":           actual("/bare", star, star),
		"unreadable on both sides":             actual("/bare", []string{}, []string{}),
		"as the HTTP API does":                 actual("/http", []string{"Access-Control-Allow-Origin: https://a.example"}, star),
		"an answer that is not the upstream's": actual("/bare", star, nil),
		"an error":                             {Request: "PUT /bare", Fields: []string{"Origin: https://a.example"}, Status: 502, Upstream: []string{}, Answered: star},
		"a preflight that is refused there":    {Request: "PUT /http", Fields: []string{"Origin: https://a.example", "X-A: 1"}, Status: 200, Upstream: []string{}},
		"for a site that only it names":        local("/bare", "https://shop.example"),
		"no such route":                        {Request: "GET /bare", Fields: []string{"Origin: https://a.example"}, Status: 200, Upstream: []string{}, Answered: star},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d, ok := c.diagnose(g); ok {
				t.Errorf("it says %s", d)
			}
		})
	}
}

// With a cookie the request is one that includes credentials, for which an
// answer without Access-Control-Allow-Credentials is unreadable.
func TestDiffersWithCredentials(t *testing.T) {
	t.Parallel()
	g := apigateway.New(load(t, []byte(compareTemplate)))
	c := compared{
		Request: "PUT /http", Fields: []string{"Origin: https://a.example", "Cookie: a=b"}, Status: 200,
		Answered: []string{"Access-Control-Allow-Origin: *"}, Upstream: []string{"Access-Control-Allow-Origin: *"},
	}
	if d, ok := c.diagnose(g); !ok || d.Code != diagnosis.DeployedResponseReadable {
		t.Errorf("got %v %v", d, ok)
	}
	c.Fields = c.Fields[:1]
	if d, ok := c.diagnose(g); ok {
		t.Errorf("without a cookie it says %s", d)
	}
}

// What one setting causes is one cause, on whatever route it shows.
func TestDiffersByCause(t *testing.T) {
	t.Parallel()
	g := apigateway.New(load(t, []byte(compareTemplate+`        E: {Type: Api, Properties: {RestApiId: !Ref Bare, Path: /bare/two, Method: put}}
        F: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest/two, Method: put}}
        G: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http/two, Method: put}}
`)))
	cause := func(path, origin, headers string) string {
		t.Helper()
		d, ok := compared{Request: "OPTIONS " + path, Status: 200,
			Fields:   []string{"Origin: " + origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: " + headers},
			Answered: []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *"}}.diagnose(g)
		if !ok || d.Cause == "" {
			t.Errorf("%s, %s, %s: %v, cause %q", path, origin, headers, d, d.Cause)
		}
		return string(d.Code) + d.Cause
	}
	for _, path := range []string{"/bare", "/rest", "/http"} {
		if a, b := cause(path, "https://b.example", "x-a"), cause(path+"/two", "https://b.example", "x-a"); a != b {
			t.Errorf("%s: the causes are %q and %q", path, a, b)
		}
	}
	if a, b := cause("/rest", "https://a.example", "x-b"), cause("/rest", "https://a.example", "x-c"); a == b {
		t.Errorf("two headers have the one cause %q", a)
	}
}

// What a request says is not pasted into a snippet unless it is what pages
// send.
func TestNothingHostileIsPasted(t *testing.T) {
	t.Parallel()
	g := apigateway.New(load(t, []byte(compareTemplate)))
	silent := apigateway.New(load(t, []byte(strings.NewReplacer("Cors: {", "Tags: {", "{CorsConfiguration: {", "{Tags: {").Replace(compareTemplate)))) // SAM local sets no headers
	for _, origin := range []string{"https://a'; DROP", "https://\x1b[31m", "https://a\nb: c", "*", "'a, *'", "$(id)", "https://a.example, *", "https://a.example/x", "null"} {
		for _, path := range []string{"/bare", "/rest", "/http"} {
			r := apigateway.Request{Method: "OPTIONS", Path: path, Header: fields([]string{"Access-Control-Request-Method: PUT"})}
			r.Header["Origin"] = []string{origin}
			for name, said := range map[string]func() (diagnosis.Diagnosis, bool){
				"here": func() (diagnosis.Diagnosis, bool) {
					here := fields([]string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT"})
					return diagnosis.Differs(g, diagnosis.Comparison{Request: r, Status: 200, Header: here})
				},
				"when deployed": func() (diagnosis.Diagnosis, bool) { return diagnosis.PreflightAsDeployed(g, r, g.Answer(r)) },
			} {
				d, ok := said()
				hints := strings.Join(d.Hints, "\n")
				if !ok || strings.Contains(hints, "AllowOrigin") || len(origin) > 1 && strings.Contains(hints, origin) || strings.ContainsAny(d.Detail, "\x1b\n") {
					t.Errorf("%s, origin %q, told %s: %v %q %q", path, origin, name, ok, d.Detail, d.Hints)
				}
			}
		}
		for path, g := range map[string]*apigateway.Gateway{"/bare": silent, "/http": g} { // a response
			r := apigateway.Request{Method: "PUT", Path: path, Header: http.Header{"Origin": {origin}}}
			d, ok := diagnosis.Differs(g, diagnosis.Comparison{Request: r, Status: 200, Header: fields([]string{"Access-Control-Allow-Origin: *"}), Upstream: http.Header{}})
			if !ok || len(d.Hints) > 0 {
				t.Errorf("a response of %s to origin %q: %v %q", path, origin, ok, d.Hints)
			}
		}
		for _, s := range diagnosis.Settings(g, load(t, []byte(compareTemplate)).Deployed, apigateway.Request{Method: "PUT"}, diagnosis.Wish{Origin: origin}) {
			t.Errorf("wished for origin %q: %s", origin, s.Text)
		}
	}
}

// TestPathDiffers looks at paths that SAM local takes for a route's.
func TestPathDiffers(t *testing.T) {
	t.Parallel()
	template := `Transform: AWS::Serverless-2016-10-31
Resources:
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: ["*"], AllowMethods: ["*"]}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {Path: /rest, Method: get}}
        B: {Type: Api, Properties: {Path: "/all/{proxy+}", Method: get}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /http, Method: get}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /, Method: get}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/more/{proxy+}", Method: get}}
        F: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /end/, Method: get}}
`
	g := apigateway.New(load(t, []byte(template)))
	for path, want := range map[string]bool{
		"/rest": false, "/rest/": false, "//rest": true, "///rest?a=b": true, "/rest?next=//x": false, "//all/x": false,
		"/http": false, "/http/": true, "//http": true, "/http/?a=b": true, "/": false, "/more/x/": false, "/end/": false, "/none/": false,
	} {
		c := compared{Request: "GET " + path, Fields: []string{"Origin: https://a.example"}, Status: 200, Answered: []string{"Access-Control-Allow-Origin: *"}, Upstream: []string{"Access-Control-Allow-Origin: *"}}
		if d, _ := c.diagnose(g); (d.Code == diagnosis.DeployedPath) != want {
			t.Errorf("of %s it is said %q, want CP1215: %t", path, d.Detail, want)
		}
		c.Status = 404
		if d, _ := c.diagnose(g); d.Code == diagnosis.DeployedPath {
			t.Errorf("of an error for %s it is said %q, want nothing", path, d.Detail)
		}
	}
}

// A page of this machine reads the response of a function for the site that the
// MOCK names, too: nothing is to be done.
func TestDiffersForSite(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/CP1210-site.txtar")
	if err != nil {
		t.Fatal(err)
	}
	g := apigateway.New(load(t, section(archive, "template.yaml")))
	for own, want := range map[string]bool{"https://app.example.com": false, "*": false, "https://app.example.com/": true, "https://other.example": true, "null": true} {
		for _, cookie := range []bool{false, true} {
			c := compared{
				Request: "GET /items", Fields: []string{"Origin: http://localhost:5173"}, Status: 200,
				Answered: []string{"Access-Control-Allow-Origin: http://localhost:5173", "Access-Control-Allow-Credentials: true"},
				Upstream: []string{"Access-Control-Allow-Origin: " + own},
			}
			if cookie {
				c.Fields = append(c.Fields, "Cookie: a=b")
			}
			if d, ok := c.diagnose(g); ok != (want || cookie) {
				t.Errorf("of a function that sends %s, with a cookie %v, it says %s", own, cookie, d)
			}
		}
	}
}
