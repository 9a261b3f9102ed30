package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestRoutesThatTheTemplateLost has a template that was edited while SAM local runs
// on: what it still mounts is of the only API, or of none that is known.
func TestRoutesThatTheTemplateLost(t *testing.T) {
	t.Parallel()
	const (
		head  = "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: python3.13, Handler: a.b, CodeUri: src}}\nResources:\n"
		web   = "  Web: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [https://app.example.com], AllowMethods: [GET]}}}\n"
		shop  = "  Shop: {Type: AWS::Serverless::HttpApi}\n"
		rest  = "  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}\n"
		tasks = "  F: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /tasks, Method: get}}}}}\n"
		other = "  G: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref Shop, Path: /shop, Method: get}}}}}\n"
		third = "  H: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /rest, Method: get}}}}}\n"
		page  = "http://localhost:5173"
	)
	mounted := []string{"GET /todos F log:3", "OPTIONS /todos F log:3"}
	for name, tt := range map[string]struct {
		template, hint string
		code           diagnosis.Code
		aws            string
	}{
		"one API":            {head + web + tasks, "    Path: /nope\n    Method: get\n    ApiId: !Ref Web\n", diagnosis.HTTPAPISays404, ""},
		"several":            {head + web + shop + tasks + other, "", diagnosis.HTTPAPISays404, ""},
		"of different types": {head + web + rest + tasks + third, "", diagnosis.RouteNotFound, ""},
		"no template":        {"", "    Path: /nope\n    Method: get\n", diagnosis.RouteNotFound, ", or have function F (log:3) send "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := diagnosis.Knowledge{Table: tableFrom(t, mounted...)}
			if tt.template != "" {
				k.Template = load(t, []byte(tt.template))
			}
			x := diagnosis.NewExplainer(k)
			d, _ := x.MissingToken(tokenEvidence("GET /nope"))
			if got := strings.Join(d.Hints, "\n") + "\n"; d.Code != tt.code || !strings.Contains(got, tt.hint) || tt.hint == "" && strings.Contains(got, "Type: ") {
				t.Errorf("got %s, want %s with %q: %s", d, tt.code, tt.hint, got)
			}
			blocked := answered{Request: "GET /todos", Origin: page, Status: 200, SetBy: diagnosis.SetByUpstream}.evidence(t, k.Template)
			d, _ = x.Blocked(blocked)
			_, step, _ := strings.Cut(d.Detail, "; here: --response-headers fill")
			if !strings.HasPrefix(step, tt.aws) || tt.aws == "" && step != "" {
				t.Errorf("got %q, want %q", step, tt.aws)
			}
			for _, hint := range d.Hints {
				if tt.hint == "" && !strings.Contains(hint, "corsproxy") {
					t.Errorf("a hint is %q", hint)
				}
			}
		})
	}
}
