package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// judged sends a request with lines to a proxy whose upstream answers with
// response, and returns what is reported.
func judged(t *testing.T, request, response string, change ...func(*proxy.Config)) proxy.Exchange {
	t.Helper()
	u := newUpstream(t, answer(response))
	p := serve(t, u.url(), change...)
	w := dial(t, p.addr)
	w.send(request)
	method, _, _ := strings.Cut(request, " ")
	readResponse(t, w, method)
	return p.exchange(t)
}

func getItems(lines ...string) string {
	return "GET /items HTTP/1.1\r\nHost: h\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

func ok(lines ...string) string {
	return "HTTP/1.1 200 OK\r\n" + strings.Join(append(lines, "Content-Length: 0"), "\r\n") + "\r\n\r\n"
}

const (
	fromPage   = "Origin: http://page.example"
	allowPage  = "Access-Control-Allow-Origin: http://page.example"
	allowAny   = "Access-Control-Allow-Origin: *"
	allowTrue  = "Access-Control-Allow-Credentials: true"
	withCookie = "Cookie: a=b"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	upstreamAnswers := func(c *proxy.Config) { c.Rules.Default.Source = proxy.FromUpstream }
	ask := func(method string, lines ...string) string {
		return "OPTIONS /items HTTP/1.1\r\nHost: h\r\nOrigin: http://page.example\r\nAccess-Control-Request-Method: " + method + "\r\n" + strings.Join(append(lines, ""), "\r\n") + "\r\n"
	}
	for _, c := range []struct {
		name, request, response string
		plain, credentials      string // names; "-" is readable, "" no verdict
		code                    string // of the leading diagnosis
		setBy                   diagnosis.Setter
	}{
		{"no Origin", getItems(), ok(), "", "", "", ""},
		{"own origin", getItems("Origin: http://h"), ok(), "", "", "", ""},
		{"passed on by the page's own server", getItems(fromPage, "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin"), ok(), "", "", "", ""},
		{"navigation", getItems(fromPage, "Sec-Fetch-Mode: navigate"), ok(), "", "", "", ""},
		{"form, image, beacon", getItems(fromPage, "Sec-Fetch-Mode: no-cors"), ok(), "", "", "", ""},
		{"readable", getItems(fromPage), ok(allowPage, allowTrue), "-", "-", "", ""},
		{"readable without credentials", getItems(fromPage), ok(allowAny), "-", "WildcardOriginNotAllowed", "", ""},
		{"a cookie shows that credentials are included", getItems(fromPage, withCookie), ok(allowAny), "", "WildcardOriginNotAllowed", "CP1101", diagnosis.SetByUpstream},
		{"not modified", getItems(fromPage, "Sec-Fetch-Mode: cors", `If-None-Match: "a"`), "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n", "", "", "", ""},
		{"not modified, unasked", getItems(fromPage, "Sec-Fetch-Mode: cors"), "HTTP/1.1 304 Not Modified\r\n\r\n", "MissingAllowOriginHeader", "MissingAllowOriginHeader", "CP1103", diagnosis.SetByUpstream},
		{"missing", getItems(fromPage, "Sec-Fetch-Mode: cors"), ok(), "MissingAllowOriginHeader", "MissingAllowOriginHeader", "CP1103", diagnosis.SetByUpstream},
		{"two lines", getItems(fromPage), ok(allowPage, allowPage), "MultipleAllowOriginValues", "MultipleAllowOriginValues", "CP1105", diagnosis.SetByUpstream},
		{"not true", getItems(fromPage, withCookie), ok(allowPage, "Access-Control-Allow-Credentials: yes"), "", "InvalidAllowCredentials", "CP1111", diagnosis.SetByUpstream},
		{"preflight", ask("PUT"), ok(allowPage, allowTrue), "MethodDisallowedByPreflightResponse", "MethodDisallowedByPreflightResponse", "CP1117", diagnosis.SetByUpstream},
		{"preflight, a star", ask("PUT"), ok(allowPage, allowTrue, "Access-Control-Allow-Methods: *"), "-", "MethodDisallowedByPreflightResponse", "", ""},
		{"preflight, a header", ask("GET", "Access-Control-Request-Headers: x-a"), ok(allowPage, allowTrue), "HeaderDisallowedByPreflightResponse", "HeaderDisallowedByPreflightResponse", "CP1118", diagnosis.SetByUpstream},
		{"preflight, status", ask("PUT"), "HTTP/1.1 401 No\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n", "PreflightInvalidStatus", "PreflightWildcardOriginNotAllowed", "CP1113", diagnosis.SetByUpstream},
		{"preflight, redirected", ask("PUT"), "HTTP/1.1 308 No\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n", "PreflightDisallowedRedirect", "PreflightDisallowedRedirect", "CP1114", diagnosis.SetByUpstream},
		{"redirected", getItems(fromPage), "HTTP/1.1 302 No\r\nAccess-Control-Allow-Origin: *\r\nLocation: http://u:p@x/\r\nContent-Length: 0\r\n\r\n", "RedirectContainsCredentials", "WildcardOriginNotAllowed", "CP1119", diagnosis.SetByUpstream},
		{"a 403 of SAM", getItems(fromPage), samSays, "-", "-", "CP3000", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := judged(t, c.request, c.response, upstreamAnswers)
			code := ""
			if x.Diagnosis != nil {
				code = string(x.Diagnosis.Code)
			}
			if code != c.code {
				t.Errorf("diagnosis %v, want %s", x.Diagnosis, c.code)
			}
			v := x.Verdict
			if (v != nil) != (c.credentials != "") {
				t.Fatalf("verdict %+v", v)
			}
			if v == nil {
				return
			}
			if plain, credentials := outcome(v.Plain.Stage != "", v.Plain.Name()), outcome(true, v.Credentials.Name()); plain != c.plain || credentials != c.credentials {
				t.Errorf("verdicts %q and %q, want %q and %q", plain, credentials, c.plain, c.credentials)
			}
			if got := v.SetBy[v.Decisive().Header]; got != c.setBy {
				t.Errorf("set by %q, want %q", got, c.setBy)
			}
			if strings.HasPrefix(code, "CP11") != (v.Blocked != nil) {
				t.Errorf("blocked %v", v.Blocked)
			}
		})
	}
}

// TestVerdictIsOfThisAnswer has one proxy judge answers that differ in one thing
// each, and each of them twice.
func TestVerdictIsOfThisAnswer(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	var header http.Header
	var got *proxy.Verdict
	p, err := proxy.New(proxy.Config{
		Upstream: &url.URL{Scheme: "http", Host: "h"},
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: header.Clone(), Body: http.NoBody}, nil
		}),
		Rules:   proxy.Rules{Default: proxy.Rule{Policy: newPolicy(t, policy.Default()), Source: proxy.FromUpstream}},
		Observe: func(x *proxy.Exchange) { got = x.Verdict },
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, c := range []struct {
			name, method, cookie string
			status               int
			answer               http.Header
			want                 string
		}{
			{"readable", "GET", "", 200, http.Header{"Access-Control-Allow-Origin": {"*"}}, ""},
			{"with a cookie", "GET", "a=b", 200, http.Header{"Access-Control-Allow-Origin": {"*"}}, "WildcardOriginNotAllowed"},
			{"without permission", "GET", "", 200, http.Header{}, "MissingAllowOriginHeader"},
			{"a preflight", "OPTIONS", "", 200, http.Header{"Access-Control-Allow-Origin": {"*"}}, ""},
			{"a preflight that fails", "OPTIONS", "", 404, http.Header{"Access-Control-Allow-Origin": {"*"}}, "PreflightInvalidStatus"},
		} {
			status, header, got = c.status, c.answer, nil
			r := httptest.NewRequest(c.method, "/", nil)
			r.Header["Origin"] = []string{"http://page.example"}
			r.Header["Access-Control-Request-Method"] = []string{"GET"}
			if c.cookie != "" {
				r.Header["Cookie"] = []string{c.cookie}
			}
			p.ServeHTTP(httptest.NewRecorder(), r)
			if got == nil || got.Decisive().Name() != c.want {
				t.Errorf("%s: %+v, want %q", c.name, got, c.want)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func outcome(there bool, name string) string {
	switch {
	case !there:
		return ""
	case name == "":
		return "-"
	}
	return name
}

// TestVerdictOfThePolicy holds that the policy's own codes lead, and that what
// the policy keeps from an origin is no trouble.
func TestVerdictOfThePolicy(t *testing.T) {
	t.Parallel()
	strict := func(mode proxy.ResponseHeaders) func(*proxy.Config) {
		return func(pc *proxy.Config) {
			config := policy.Default()
			config.AllowOrigins = []string{"http://own.example"}
			pc.Rules.Default = proxy.Rule{Policy: newPolicy(t, config), ResponseHeaders: mode}
		}
	}
	x := judged(t, "OPTIONS /items HTTP/1.1\r\nHost: h\r\nOrigin: http://page.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n", ok(), strict(proxy.KeepHeaders))
	if x.Diagnosis == nil || x.Diagnosis.Code != diagnosis.OriginNotAllowed || x.Verdict.Decisive().Chrome != "PreflightMissingAllowOriginHeader" ||
		x.Verdict.SetBy["Access-Control-Allow-Origin"] != diagnosis.SetByCorsproxy {
		t.Errorf("a refused preflight: %+v", x)
	}
	x = judged(t, getItems(fromPage), ok(allowPage), strict(proxy.ReplaceHeaders))
	if x.Diagnosis != nil || x.Verdict.Blocked == nil || x.Verdict.SetBy["Access-Control-Allow-Origin"] != diagnosis.SetByCorsproxy {
		t.Errorf("a refused origin: %+v %+v", x, x.Verdict)
	}
	x = judged(t, getItems(fromPage), ok(), strict(proxy.FillHeaders))
	if x.Diagnosis != nil || x.Verdict.Blocked == nil {
		t.Errorf("a refused origin: %+v %+v", x, x.Verdict)
	}
}

// TestApplied has the exchange say what corsproxy has set.
func TestApplied(t *testing.T) {
	t.Parallel()
	credentialed := func(mode proxy.ResponseHeaders) func(*proxy.Config) {
		return func(pc *proxy.Config) {
			config := policy.Default()
			config.AllowOrigins, config.AllowCredentials, config.ExposeHeaders = []string{"http://page.example"}, true, []string{"X-A"}
			pc.Rules.Default = proxy.Rule{Policy: newPolicy(t, config), ResponseHeaders: mode}
		}
	}
	const all = "Access-Control-Allow-Credentials Access-Control-Allow-Origin Access-Control-Expose-Headers"
	for _, c := range []struct {
		name, response string
		mode           proxy.ResponseHeaders
		want           string
		blocked        bool
	}{
		{"keep", ok(), proxy.KeepHeaders, "", true},
		{"fill", ok("Vary: Accept"), proxy.FillHeaders, all, false},
		{"fill what is missing", ok(allowPage), proxy.FillHeaders, "Access-Control-Allow-Credentials Access-Control-Expose-Headers", false},
		{"fill nothing beside *", ok(allowAny, "Access-Control-Expose-Headers: X-B"), proxy.FillHeaders, "", true},
		{"fill an error of SAM's", "HTTP/1.1 502 BAD GATEWAY\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n{\"message\":\"Internal server error\" }\n", proxy.FillHeaders, all, false},
		{"replace", ok(allowAny, "Access-Control-Allow-Methods: PUT"), proxy.ReplaceHeaders, "Access-Control-Allow-Credentials Access-Control-Allow-Methods Access-Control-Allow-Origin Access-Control-Expose-Headers", false},
		{"replace by the same", ok(allowPage, allowTrue, "Access-Control-Expose-Headers: X-A"), proxy.ReplaceHeaders, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := judged(t, getItems(fromPage, withCookie), c.response, credentialed(c.mode))
			var fields []string
			if x.Applied != nil {
				fields = x.Applied.Fields
				if x.Applied.Mode != c.mode {
					t.Errorf("mode %v", x.Applied.Mode)
				}
			}
			if got := strings.Join(fields, " "); got != c.want || !slices.IsSorted(fields) {
				t.Errorf("applied %q, want %q", got, c.want)
			}
			if x.Verdict.Decisive().Allowed == c.blocked {
				t.Errorf("verdict %+v", x.Verdict.Decisive())
			}
		})
	}
}

// TestVerdictNamesTheRoute has the template say who sends what.
func TestVerdictNamesTheRoute(t *testing.T) {
	t.Parallel()
	known := func(pc *proxy.Config) { pc.Rules.Known.Template = separateAPIs(t) }
	x := judged(t, "PUT /rest/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://page.example\r\nContent-Length: 0\r\n\r\n", ok(), known)
	if x.Diagnosis == nil || !strings.Contains(x.Diagnosis.Detail, "have function F (") || x.Verdict.SetBy["Access-Control-Allow-Origin"] != diagnosis.SetByFunction {
		t.Errorf("reported %v %+v", x.Diagnosis, x.Verdict)
	}
}

// TestVerdictOfTheTemplate has corsproxy answer in API Gateway's place.
func TestVerdictOfTheTemplate(t *testing.T) {
	t.Parallel()
	x := judged(t, preflightOf("/rest/1", "http://other.example", "PUT"), ok(), follow(separateAPIs(t)))
	if x.Verdict.SetBy["Access-Control-Allow-Origin"] != diagnosis.SetByTemplate || x.Verdict.Decisive().Chrome != "PreflightAllowOriginMismatch" ||
		!strings.HasPrefix(string(x.Diagnosis.Code), "CP12") {
		t.Errorf("reported %v %+v", x.Diagnosis, x.Verdict)
	}
}

// TestVerdictOfAnotherAPI has SAM local apply one API's policy to the routes of
// another, which allows the origin: the fix is in neither.
func TestVerdictOfAnotherAPI(t *testing.T) {
	t.Parallel()
	app := separateAPIs(t)
	app.Local.CORS = &sam.LocalCORS{AllowOrigin: "http://rest.example", AllowMethods: "PUT", API: "Rest", Source: "template.yaml:5"}
	known := func(pc *proxy.Config) {
		pc.Rules.Known.Template = app
		pc.Rules.Default.Source = proxy.FromUpstream
	}
	const fix = "SAM local applies the CORS of API Rest (template.yaml:5) to all APIs; the route's own, Http (template.yaml:8), allows it: --cors-source template"
	for _, request := range []string{
		"PUT /http/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://http.example\r\nContent-Length: 0\r\n\r\n",
		preflightOf("/http/1", "http://http.example", "PUT"),
	} {
		x := judged(t, request, ok(), known)
		if x.Diagnosis == nil || !strings.HasSuffix(x.Diagnosis.Detail, fix) {
			t.Errorf("%q: reported %v", request, x.Diagnosis)
		}
	}
	// Where corsproxy answers for the deployed API, the setting is that API's.
	app.Local.CORS = &sam.LocalCORS{AllowOrigin: "http://http.example", AllowMethods: "PUT", API: "Http", Source: "template.yaml:8"}
	x := judged(t, "PUT /rest/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://page.example\r\nContent-Length: 0\r\n\r\n", ok("Access-Control-Allow-Origin: http://http.example"), follow(app))
	if x.Diagnosis == nil || x.Verdict.SetBy["Access-Control-Allow-Origin"] != diagnosis.SetByTemplate ||
		!strings.Contains(x.Diagnosis.Detail, "; here: --cors-source config --response-headers replace; on AWS function ") {
		t.Errorf("reported %v %+v", x.Diagnosis, x.Verdict)
	}
	// So is what the setting lacks. SAM local's headers come back with the
	// policy of corsproxy's own, which has to take their place.
	x = judged(t, "PUT /rest/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://rest.example\r\nCookie: a=b\r\nContent-Length: 0\r\n\r\n", ok("Access-Control-Allow-Origin: http://http.example"), follow(app))
	if x.Diagnosis == nil || x.Verdict.SetBy["Access-Control-Allow-Credentials"] != diagnosis.SetByTemplate ||
		!strings.Contains(x.Diagnosis.Detail, "; here: --cors-source config --response-headers replace --allow-origin http://rest.example --allow-credentials, or in Cors of the API ") {
		t.Errorf("reported %v %+v", x.Diagnosis, x.Verdict)
	}
}

// TestVerdictOfAnotherServer holds that no function is blamed for what another
// server than SAM local has answered.
func TestVerdictOfAnotherServer(t *testing.T) {
	t.Parallel()
	route := sam.Route{Method: "GET", Path: "/items", Function: "F", API: "Api", APIType: sam.REST, Source: "template.yaml:9"}
	with := func(child bool) func(*proxy.Config) {
		return func(c *proxy.Config) {
			c.Rules.Known = diagnosis.Knowledge{Template: &sam.Application{Local: sam.Local{Routes: []sam.Route{route}}}, Child: child}
		}
	}
	page := func(lines ...string) string {
		return "HTTP/1.1 404 File not found\r\n" + strings.Join(append(lines, "Content-Length: 0"), "\r\n") + "\r\n\r\n"
	}
	const (
		html     = "Content-Type: text/html;charset=utf-8"
		json     = "Content-Type: application/json"
		python   = "Server: SimpleHTTP/0.6 Python/3.11.2"
		werkzeug = "Server: Werkzeug/3.1.9 Python/3.11.7"
	)
	for name, c := range map[string]struct {
		response string
		child    bool
		want     diagnosis.Setter
	}{
		"a file server's 404":               {page(html, python), false, diagnosis.SetByStranger},
		"a server that does not say":        {page("Content-Type: text/plain"), false, diagnosis.SetByStranger},
		"a page for every path":             {ok(html), false, diagnosis.SetByStranger},
		"SAM local's function, with a page": {page(html, werkzeug), false, diagnosis.SetByFunction},
		"a 404 that is JSON":                {page(json), false, diagnosis.SetByFunction},
		"what may be anybody's":             {ok(), false, diagnosis.SetByFunction},
		"an API that is deployed":           {page(html, "Apigw-Requestid: a"), false, diagnosis.SetByFunction},
		"a command of corsproxy's":          {page(html, python), true, diagnosis.SetByFunction},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := judged(t, getItems(fromPage, "Sec-Fetch-Mode: cors"), c.response, with(c.child))
			if got := x.Verdict.SetBy["Access-Control-Allow-Origin"]; got != c.want {
				t.Errorf("set by %q, want %q", got, c.want)
			}
			d := x.Diagnosis.String() + strings.Join(x.Diagnosis.Hints, "\n")
			if told := strings.Contains(d, "; check --upstream: ") && strings.Contains(d, "before SAM local, have corsproxy send what is missing here: --response-headers fill"); told != (c.want == diagnosis.SetByStranger) || told && strings.Contains(d, "function F") {
				t.Errorf("told %s", d)
			}
		})
	}
}
