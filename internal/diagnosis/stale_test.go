package diagnosis_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// withOrigins is a template with a REST API and an HTTP API.
func withOrigins(t *testing.T, rest, http string) *sam.Application {
	t.Helper()
	return load(t, fmt.Appendf(nil, `Transform: AWS::Serverless-2016-10-31
Resources:
  %s
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events: {A: %s}
`, map[bool]string{
		true:  "Api: {Type: AWS::Serverless::Api, Properties: {StageName: prod, Cors: {AllowOrigin: \"'" + rest + "'\"}}}",
		false: "Api: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [" + http + "]}}}",
	}[rest != ""], map[bool]string{
		true:  "{Type: Api, Properties: {RestApiId: !Ref Api, Path: /x, Method: get}}",
		false: "{Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /x, Method: get}}",
	}[rest != ""]))
}

const staleField, stalePage = "Access-Control-Allow-Origin", "http://localhost:5173"

func TestSetByAnEarlierTemplate(t *testing.T) {
	t.Parallel()
	rest := diagnosis.NewExplainer(diagnosis.Knowledge{
		Template: withOrigins(t, stalePage, ""), Earlier: []*sam.Application{withOrigins(t, "https://b.example", ""), withOrigins(t, "*", "")},
	})
	http := diagnosis.NewExplainer(diagnosis.Knowledge{
		Template: withOrigins(t, "", "https://a.example,"+stalePage), Earlier: []*sam.Application{withOrigins(t, "", "https://a.example")},
	})
	for name, c := range map[string]struct {
		explainer *diagnosis.Explainer
		lines     []string
		want      diagnosis.Setter
	}{
		"REST, the first one":    {rest, []string{"*"}, diagnosis.SetByEarlier},
		"REST, the last but one": {rest, []string{"https://b.example"}, diagnosis.SetByEarlier},
		"REST, the present one":  {rest, []string{stalePage}, diagnosis.SetBySAM},
		"REST, neither":          {rest, []string{"https://c.example"}, diagnosis.SetByFunction},
		"REST, none":             {rest, nil, diagnosis.SetByFunction},
		"HTTP, none":             {http, nil, diagnosis.SetByEarlier},
		"HTTP, the present one":  {http, []string{stalePage}, diagnosis.SetBySAM},
	} {
		if got := c.explainer.SetBy("GET", "/x", stalePage, staleField, c.lines); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	d, ok := http.Blocked(diagnosis.Blocked{
		Verdict: browser.Verdict{Chrome: "MissingAllowOriginHeader", Header: staleField, Stage: browser.StageActual},
		Origin:  stalePage, Method: "GET", Path: "/x", Status: 200, SetBy: diagnosis.SetByEarlier,
	})
	if !ok || !strings.Contains(d.Step, "start SAM local again") || len(d.Hints) > 0 {
		t.Errorf("%v, the hints %q", d, d.Hints)
	}
}

// TestUnbuilt has the template say what the build does not say yet.
func TestUnbuilt(t *testing.T) {
	t.Parallel()
	build, source := withOrigins(t, "", "https://a.example"), withOrigins(t, "", "https://a.example,"+stalePage)
	blocked := diagnosis.Blocked{
		Verdict: browser.Verdict{Chrome: "MissingAllowOriginHeader", Header: staleField, Stage: browser.StageActual},
		Origin:  stalePage, Method: "GET", Path: "/x", Status: 200, SetBy: diagnosis.SetByFunction,
	}
	for name, c := range map[string]struct {
		source *sam.Application
		stale  bool
	}{"no build": {nil, false}, "the same": {build, false}, "another": {source, true}} {
		x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: build, Source: c.source})
		d, _ := x.Blocked(blocked)
		if got := strings.Contains(d.Step, "run sam build"); got != c.stale {
			t.Errorf("%s: %s", name, d.Step)
		}
		of := x.ForBuild(diagnosis.Diagnosis{Hints: []string{"x"}}, apigateway.New(build), apigateway.Request{Method: "GET", Path: "/x"})
		if got := strings.HasPrefix(of.Hints[0], "run sam build first"); got != c.stale {
			t.Errorf("%s, of the deployed API: %q", name, of.Hints)
		}
	}
}

// That SAM local hides what a function sends is said where it has the template's
// setting, for certain: else what came may be the function's own.
func TestFunctionUnseenByTheTemplateThatSAMHas(t *testing.T) {
	t.Parallel()
	const allMethods = "Access-Control-Allow-Methods: DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	now, before := withOrigins(t, stalePage, ""), withOrigins(t, "https://b.example", "")
	changed := time.Unix(1e9, 0)
	for name, c := range map[string]struct {
		upstream []string
		earlier  []*sam.Application
		mounted  time.Time
		said     bool
	}{
		"SAM local's headers":                  {[]string{staleField + ": " + stalePage, allMethods}, nil, time.Time{}, true},
		"the function's, of the same origin":   {[]string{staleField + ": " + stalePage}, nil, time.Time{}, false},
		"mounted before the change":            {[]string{staleField + ": " + stalePage, allMethods}, []*sam.Application{before}, changed.Add(-1), false},
		"mounted after the change":             {[]string{staleField + ": " + stalePage, allMethods}, []*sam.Application{before}, changed.Add(1), true},
		"mounted before a change of no policy": {[]string{staleField + ": " + stalePage, allMethods}, nil, changed.Add(-1), true},
		"mounted who knows when":               {[]string{staleField + ": " + stalePage, allMethods}, []*sam.Application{before}, time.Time{}, true},
	} {
		x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: now, Earlier: c.earlier, TemplateChanged: changed, Mounted: c.mounted})
		h := fields(c.upstream)
		d, ok := diagnosis.Differs(apigateway.New(now), diagnosis.Comparison{
			Request: apigateway.Request{Method: "GET", Path: "/x", Header: fields([]string{"Origin: " + stalePage})},
			Target:  "/x", Status: 200, Header: h, Upstream: h, Behind: x.Behind(),
		})
		if ok != c.said || ok && d.Code != diagnosis.FunctionHeadersUnseen {
			t.Errorf("%s: %v, %s", name, ok, d)
		}
	}
	var unknown *diagnosis.Explainer
	if unknown.Behind() {
		t.Error("of an upstream of which nothing is known it is said to have another template")
	}
}

// TestBuildWithoutRoutes holds that a build that has no routes at all is told as stale
// where the template has some, and that nobody is told to have the template read.
func TestBuildWithoutRoutes(t *testing.T) {
	t.Parallel()
	const function = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: python3.13, Handler: a.b"
	build := load(t, []byte(function+"}}\n"))
	source := load(t, []byte(function+", Events: {E: {Type: Api, Properties: {Path: /items, Method: get}}}}}\n"))
	for name, c := range map[string]struct {
		knowledge diagnosis.Knowledge
		request   string
		code      diagnosis.Code
		hint      string
	}{
		"a route of the template":   {diagnosis.Knowledge{Template: build, Source: source}, "GET /items", diagnosis.BuildIsStale, "build again"},
		"the same, with SAM's log":  {diagnosis.Knowledge{Template: build, Source: source, Table: sam.NewTable([]sam.Route{{Method: "GET", Path: "/a"}})}, "GET /items", diagnosis.BuildIsStale, "build again"},
		"no route of the template":  {diagnosis.Knowledge{Template: build, Source: source}, "GET /nowhere", diagnosis.Unexplained, "the build " + build.Template + " has no routes, and the template that it was made of has; build again"},
		"neither has routes":        {diagnosis.Knowledge{Template: build, Source: build}, "GET /items", diagnosis.Unexplained, "check whether the \"Mounting\" lines"},
		"a template without routes": {diagnosis.Knowledge{Template: build}, "GET /items", diagnosis.Unexplained, "check whether the \"Mounting\" lines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, ok := diagnosis.NewExplainer(c.knowledge).MissingToken(tokenEvidence(c.request))
			if !ok || d.Code != c.code || !strings.HasPrefix(d.Hints[0], c.hint) {
				t.Errorf("got %s\n%s", d, strings.Join(d.Hints, "\n"))
			}
			if asks := strings.Contains(strings.Join(d.Hints, "\n"), "let corsproxy read the template"); asks && strings.HasPrefix(c.hint, "the build") {
				t.Errorf("it has read the template, and says\n%s", strings.Join(d.Hints, "\n"))
			}
		})
	}
}
