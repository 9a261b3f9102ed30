package proxy_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

const twoAPIs = `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'http://rest.example'", AllowHeaders: "'x-a'", MaxAge: "'600'"}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {CorsConfiguration: {AllowOrigins: [http://http.example], AllowMethods: [PUT], AllowCredentials: true, ExposeHeaders: [X-E]}}
  Unclear:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: !ImportValue Origin}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: "/rest/{id}", Method: put}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: "/http/{id}", Method: put}}
        C: {Type: Api, Properties: {Path: /bare, Method: put}}
        D: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /own, Method: options}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /httpown, Method: options}}
        G: {Type: Api, Properties: {RestApiId: !Ref Unclear, Path: /unclear, Method: put}}
`

func separateAPIs(tb testing.TB) *sam.Application {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(twoAPIs), 0o600); err != nil {
		tb.Fatal(err)
	}
	app, err := sam.Load(name, sam.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return app
}

func follow(app *sam.Application) func(*proxy.Config) {
	return func(c *proxy.Config) {
		c.Rules.Known.Template = app
		c.Rules.Default.Source = proxy.FromTemplate
	}
}

// fieldsOf returns the fields of an answer that bear on CORS, and its status.
func fieldsOf(resp *http.Response) string {
	var b strings.Builder
	fmt.Fprint(&b, resp.StatusCode)
	for _, name := range []string{"Allow-Origin", "Allow-Credentials", "Allow-Methods", "Allow-Headers", "Expose-Headers", "Max-Age"} {
		for _, v := range resp.Header["Access-Control-"+name] {
			b.WriteString(" " + name + "=" + v)
		}
	}
	if v := resp.Header.Values("Vary"); v != nil {
		fmt.Fprintf(&b, " Vary=%s", v)
	}
	if v := resp.Header.Get("Corsproxy-Diagnosis"); v != "" {
		b.WriteString(" " + v[:6])
	}
	return b.String()
}

func preflightOf(path, origin, method string) string {
	return "OPTIONS " + path + " HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + "\r\nAccess-Control-Request-Method: " + method + "\r\n\r\n"
}

// TestTemplateAnswersPreflights has each API answer by itself, with the status
// and the fields of the deployed one, and nothing of it reach the upstream.
func TestTemplateAnswersPreflights(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"))
	p := serve(t, u.url(), follow(separateAPIs(t)))
	c := dial(t, p.addr)
	for _, step := range []struct{ request, want, body string }{
		{preflightOf("/rest/1", "http://rest.example", "PUT"), "200 Allow-Origin=http://rest.example Allow-Methods=OPTIONS,PUT Allow-Headers=x-a Max-Age=600", ""},
		{preflightOf("/rest/1", "http://http.example", "PUT"), "200 Allow-Origin=http://rest.example Allow-Methods=OPTIONS,PUT Allow-Headers=x-a Max-Age=600 CP1202", ""},
		{preflightOf("/rest/1", "http://rest.example", "DELETE"), "200 Allow-Origin=http://rest.example Allow-Methods=OPTIONS,PUT Allow-Headers=x-a Max-Age=600 CP1204", ""},
		{preflightOf("/http/1", "http://http.example", "PUT"), "204 Allow-Origin=http://http.example Allow-Credentials=true Allow-Methods=PUT Expose-Headers=X-E Vary=[Origin]", ""},
		{preflightOf("/http/1", "http://rest.example", "PUT"), "204 Vary=[Origin] CP1202", ""},
		{preflightOf("/bare", "http://rest.example", "PUT"), "403 CP1201", `"code": "CP1201"`},
		{"OPTIONS /bare HTTP/1.1\r\nHost: h\r\n\r\n", "403 CP1201", `"code": "CP1201"`},
		{"OPTIONS /rest/1 HTTP/1.1\r\nHost: h\r\n\r\n", "200 Allow-Origin=http://rest.example Allow-Methods=OPTIONS,PUT Allow-Headers=x-a Max-Age=600", ""},
		{"OPTIONS /http/1 HTTP/1.1\r\nHost: h\r\n\r\n", "204", ""},
	} {
		c.send(step.request)
		resp, body := readResponse(t, c, http.MethodOptions)
		if got := fieldsOf(resp); got != step.want || !strings.Contains(body, step.body) || step.body == "" && body != "" {
			t.Errorf("%q\ngot  %s %q\nwant %s", step.request, got, body, step.want)
		}
		x := p.exchange(t)
		_, code, _ := strings.Cut(step.want, " CP")
		if !x.Answered || (x.Diagnosis != nil) != (code != "") || x.Deployed != nil {
			t.Errorf("%q: reported %+v", step.request, x)
		}
		if x.Diagnosis != nil && !strings.Contains(x.Diagnosis.Detail, "template.yaml:") {
			t.Errorf("%q: the template's line is not in %q", step.request, x.Diagnosis.Detail)
		}
	}
	if n := u.conns(); n != 0 {
		t.Errorf("the upstream got %d connections", n)
	}
}

// TestTemplateUnclear has the policy answer where the template does not tell.
func TestTemplateUnclear(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"))
	p := serve(t, u.url(), follow(separateAPIs(t)))
	c := dial(t, p.addr)
	for _, path := range []string{"/unclear", "/nowhere"} {
		c.send(preflightOf(path, "http://a.example", "PUT"))
		resp, _ := readResponse(t, c, http.MethodOptions)
		if resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: answered %s, want the policy's answer", path, fieldsOf(resp))
		}
		if x := p.exchange(t); x.Diagnosis != nil || x.Deployed == nil || x.Deployed.Code != diagnosis.DeployedUnclear {
			t.Errorf("%s: reported %+v", path, x)
		}
	}
	c.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
	if resp, _ := readResponse(t, c, http.MethodOptions); resp.StatusCode != 200 {
		t.Errorf("a ping got %d", resp.StatusCode)
	}
}

// TestTemplateForwards has an OPTIONS method of the API's own reach it, and
// responses leave as the deployed API sends them.
func TestTemplateForwards(t *testing.T) {
	t.Parallel()
	const functionSays = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: http://function.example\r\nAccess-Control-Max-Age: 1\r\nContent-Length: 2\r\n\r\nup"
	app := separateAPIs(t)
	put := func(path, origin string) string {
		return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + "\r\nContent-Length: 0\r\n\r\n"
	}
	for request, want := range map[string]string{
		preflightOf("/own", "http://rest.example", "PUT"):              "200 Allow-Origin=http://function.example Max-Age=1",
		preflightOf("/httpown", "http://http.example", "PUT"):          "200 Allow-Origin=http://http.example Allow-Credentials=true Allow-Methods=PUT Expose-Headers=X-E Vary=[Origin]",
		put("/rest/1", "http://rest.example"):                          "200 Allow-Origin=http://function.example Max-Age=1",
		put("/http/1", "http://http.example"):                          "200 Allow-Origin=http://http.example Allow-Credentials=true Expose-Headers=X-E Vary=[Origin]",
		put("/http/1", "http://rest.example"):                          "200 Vary=[Origin]",
		"PUT /http/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n": "200 Vary=[Origin]",
	} {
		u := newUpstream(t, answer(functionSays))
		p := serve(t, u.url(), follow(app))
		c := dial(t, p.addr)
		c.send(request)
		method, _, _ := strings.Cut(request, " ")
		resp, body := readResponse(t, c, method)
		if got := fieldsOf(resp); got != want || body != "up" {
			t.Errorf("%q\ngot  %s %q\nwant %s", request, got, body, want)
		}
		if !strings.HasPrefix(u.received(), method) {
			t.Errorf("%q: the upstream got %q", request, u.received())
		}
		x := p.exchange(t)
		if x.Answered || x.Deployed != nil {
			t.Errorf("%q: reported %+v", request, x)
		}
		readable := !strings.Contains(request, "Origin: http://rest.example")
		if readable != (x.Diagnosis == nil) || !readable && !strings.HasPrefix(string(x.Diagnosis.Code), "CP11") {
			t.Errorf("%q: a browser's verdict is %+v", request, x.Diagnosis)
		}
	}
}

// TestRouteFollowsTemplate mixes the sources.
func TestRouteFollowsTemplate(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"))
	app := separateAPIs(t)
	p := serve(t, u.url(), func(c *proxy.Config) {
		c.Rules.Known.Template = app
		c.Rules.Routes = []proxy.Route{{Path: "/http/{proxy+}", Rule: proxy.Rule{Policy: c.Rules.Default.Policy, Source: proxy.FromTemplate}}}
	})
	c := dial(t, p.addr)
	for path, want := range map[string]string{
		"/http/1": "204 Vary=[Origin] CP1202",
		"/rest/1": "200 Allow-Origin=* Allow-Methods=PUT Max-Age=5 Vary=[Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network]",
	} {
		c.send(preflightOf(path, "http://other.example", "PUT"))
		resp, _ := readResponse(t, c, http.MethodOptions)
		got := fieldsOf(resp)
		got = strings.Replace(got, " Allow-Headers="+resp.Header.Get("Access-Control-Allow-Headers"), "", 1)
		if got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// TestWithoutTemplate is refused: there is nothing to follow.
func TestWithoutTemplate(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer(""))
	rule := proxy.Rule{Policy: newPolicy(t, policy.Default()), Source: proxy.FromTemplate}
	for _, rules := range []proxy.Rules{
		{Default: rule},
		{Default: proxy.Rule{Policy: rule.Policy}, Routes: []proxy.Route{{Path: "/a", Rule: rule}}},
	} {
		if _, err := proxy.New(proxy.Config{Upstream: u.url(), Rules: rules}); err == nil || !strings.Contains(err.Error(), "no template is known") {
			t.Errorf("New returned %v", err)
		}
	}
}

// TestDeployedIsCompared reports in every mode what the deployed API would do
// otherwise.
func TestDeployedIsCompared(t *testing.T) {
	t.Parallel()
	app := separateAPIs(t)
	const noCORS = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"
	const samRefuses = "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n" + `{"message":"Missing Authentication Token"}` + "\n"
	put := func(path string) string {
		return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nOrigin: http://http.example\r\nContent-Length: 0\r\n\r\n"
	}
	for name, c := range map[string]struct {
		request, says string
		rule          proxy.Rule
		want          diagnosis.Code
	}{
		"allowed here, no CORS there":       {preflightOf("/bare", "http://a.example", "PUT"), noCORS, proxy.Rule{}, diagnosis.DeployedWithoutCORS},
		"allowed here, another site there":  {preflightOf("/http/1", "http://localhost:5173", "PUT"), noCORS, proxy.Rule{}, diagnosis.DeployedForAnotherSite},
		"allowed on both sides":             {preflightOf("/rest/1", "http://rest.example", "PUT"), noCORS, proxy.Rule{}, ""},
		"with credentials there alone":      {preflightOf("/http/1", "http://http.example", "PUT"), noCORS, proxy.Rule{}, diagnosis.DeployedAllows},
		"SAM refuses, allowed there":        {preflightOf("/http/1", "http://http.example", "PUT"), samRefuses, proxy.Rule{Source: proxy.FromUpstream}, diagnosis.DeployedAllows},
		"SAM answers, another origin there": {preflightOf("/rest/1", "http://b.example", "PUT"), "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\nContent-Length: 0\r\n\r\n", proxy.Rule{Source: proxy.FromUpstream}, diagnosis.DeployedOrigin},
		"the HTTP API would add headers":    {put("/http/1"), noCORS, proxy.Rule{}, diagnosis.DeployedResponseReadable},
		"filled in, which is as there":      {put("/http/1"), noCORS, proxy.Rule{ResponseHeaders: proxy.FillHeaders}, ""},
		"a path of a REST API, kept":        {put("/bare"), noCORS, proxy.Rule{}, ""},
		"a path of a REST API, filled in":   {put("/bare"), noCORS, proxy.Rule{ResponseHeaders: proxy.FillHeaders}, diagnosis.FunctionSendsNoCORS},
		"no page":                           {"PUT /http/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", noCORS, proxy.Rule{}, ""},
		"a page of the same origin":         {"PUT /http/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nContent-Length: 0\r\n\r\n", noCORS, proxy.Rule{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer(c.says))
			p := serve(t, u.url(), func(config *proxy.Config) {
				config.Rules.Known.Template = app
				c.rule.Policy = config.Rules.Default.Policy
				config.Rules.Default = c.rule
			})
			w := dial(t, p.addr)
			w.send(c.request)
			method, _, _ := strings.Cut(c.request, " ")
			readResponse(t, w, method)
			x := p.exchange(t)
			var got diagnosis.Code
			if x.Deployed != nil {
				got = x.Deployed.Code
			}
			if got != c.want {
				t.Errorf("reported %q, want %q: %+v", got, c.want, x.Deployed)
			}
		})
	}
}
