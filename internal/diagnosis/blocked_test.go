package diagnosis_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// answered is a request with an Origin, as a fixture has it, and the answer.
type answered struct {
	Request     string   // method and path; for a preflight, what it asks for
	Preflight   bool     // the answer is to its preflight
	Headers     []string // that the preflight asks for; fields of another request
	Origin      string
	Credentials bool

	Status   int
	Answered []string // fields of the answer
	SetBy    diagnosis.Setter
	Rule     string

	SAMError, AsDeployed bool
}

// verdict judges the answer as a browser does.
func (a answered) verdict(t *testing.T) browser.Verdict {
	t.Helper()
	method, _, _ := strings.Cut(a.Request, " ")
	h := fields(a.Answered)
	if a.Preflight {
		return browser.Preflight{Origin: a.Origin, Method: method, Headers: a.Headers, Credentials: a.Credentials}.Check(a.Status, h)
	}
	if browser.IsRedirect(a.Status, h) {
		r := browser.Request{Origin: a.Origin, Method: method, URL: &url.URL{Scheme: "http", Host: "localhost:8080", Path: "/"}, Credentials: a.Credentials}
		return browser.CheckRedirect(r, a.Status, h)
	}
	return browser.CheckActual(a.Origin, a.Credentials, a.Status, h)
}

// evidence is what Blocked is given, where the template is app, or nil.
func (a answered) evidence(t *testing.T, app *sam.Application) diagnosis.Blocked {
	t.Helper()
	method, path, _ := strings.Cut(a.Request, " ")
	b := diagnosis.Blocked{
		Verdict: a.verdict(t), Origin: a.Origin, Method: method, Path: path,
		Credentials: a.Credentials, Status: a.Status, SetBy: a.SetBy, Rule: a.Rule,
		SAMError: a.SAMError, AsDeployed: a.AsDeployed,
		Request: apigateway.Request{Method: method, Path: path, Header: http.Header{}},
	}
	if a.Preflight {
		b.Request.Method = http.MethodOptions
		b.Request.Header.Set("Access-Control-Request-Method", method)
		if len(a.Headers) > 0 {
			b.Request.Header.Set("Access-Control-Request-Headers", strings.Join(a.Headers, ","))
		}
	} else {
		b.Request.Header = fields(a.Headers)
	}
	b.Request.Header.Set("Origin", a.Origin)
	if app != nil {
		b.Gateway = apigateway.New(app)
	}
	return b
}

func TestBlockedSaysNothingOfWhatIsRead(t *testing.T) {
	t.Parallel()
	a := answered{Request: "GET /items", Origin: "http://localhost:5173", Status: 200, Answered: []string{"Access-Control-Allow-Origin: *"}}
	var x *diagnosis.Explainer
	if d, ok := x.Blocked(a.evidence(t, nil)); ok {
		t.Errorf("said %+v", d)
	}
	if d, ok := x.Blocked(diagnosis.Blocked{}); ok {
		t.Errorf("said %+v of nothing", d)
	}
}

// TestBlockedHostile holds that nothing of a stranger's bytes reaches a line of
// the log or a command unescaped.
func TestBlockedHostile(t *testing.T) {
	t.Parallel()
	for _, a := range []answered{
		{Request: "GET /items", Origin: "http://x\n$(reboot)", Status: 200, Answered: []string{"Access-Control-Allow-Origin: \x1b[31m\n$(reboot)"}},
		{Request: "a\nb /items", Preflight: true, Origin: "http://a", Status: 200, Answered: []string{"Access-Control-Allow-Origin: *"}},
		{Request: "GET /items", Preflight: true, Headers: []string{"a\nb;reboot"}, Origin: "http://a", Status: 200, Answered: []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: x\ty\x1b"}},
		{Request: "GET /items", Origin: "http://a", Status: 302, Answered: []string{"Access-Control-Allow-Origin: *", "Location: foo:\x1b[31m"}},
	} {
		var x *diagnosis.Explainer
		d, ok := x.Blocked(a.evidence(t, nil))
		if !ok {
			t.Errorf("%+v is not blocked", a)
			continue
		}
		for _, s := range append(d.Hints, d.Detail) {
			head, snippet, _ := strings.Cut(s, "\n")
			if strings.ContainsAny(head, "\n\x1b") || strings.Contains(snippet, "\x1b") || strings.Contains(snippet, "reboot") {
				t.Errorf("%+v: %q", a, s)
			}
		}
	}
}

const corsTemplate = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: a.b, CodeUri: src}}
Resources:
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: Prod, Cors: {AllowOrigin: "'https://app.example.com'"}}}
  List: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /items, Method: get}}}}}
`

func TestSetBy(t *testing.T) {
	t.Parallel()
	const field = "Access-Control-Allow-Origin"
	x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(corsTemplate))})
	listed := sam.NewTable([]sam.Route{{Method: http.MethodGet, Path: "/items"}, {Method: http.MethodGet, Path: "/else"}})
	more := diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(corsTemplate)), Table: listed})
	for _, c := range []struct {
		explainer    *diagnosis.Explainer
		method, path string
		lines        []string
		want         diagnosis.Setter
	}{
		{x, http.MethodGet, "/items", []string{"https://app.example.com"}, diagnosis.SetBySAM},
		{x, http.MethodGet, "/items", []string{"*"}, diagnosis.SetByFunction},
		{x, http.MethodGet, "/items", nil, diagnosis.SetByFunction},
		{x, http.MethodOptions, "/items", []string{"*"}, diagnosis.SetBySAM},
		{x, http.MethodGet, "/else", nil, diagnosis.SetByUpstream},
		{more, http.MethodGet, "/items", []string{"*"}, diagnosis.SetByFunction},
		{more, http.MethodGet, "/else", []string{"*"}, diagnosis.SetByUpstream},
		{nil, http.MethodGet, "/items", nil, diagnosis.SetByUpstream},
	} {
		if got := c.explainer.SetBy(c.method, c.path, "http://localhost:5173", field, c.lines); got != c.want {
			t.Errorf("%s %s %q: %s, want %s", c.method, c.path, c.lines, got, c.want)
		}
	}
}
