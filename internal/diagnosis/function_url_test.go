package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestFunctionURLHints holds that a function with a URL of its own is served locally
// without an API that SAM local would lose the CORS setting of the others to.
func TestFunctionURLHints(t *testing.T) {
	t.Parallel()
	const (
		function = "Type: AWS::Serverless::Function, Properties: {CodeUri: src, Handler: a.b, Runtime: nodejs22.x"
		url      = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Hook: {" + function + ", FunctionUrlConfig: {AuthType: NONE}}}\n"
		rest     = "  G: {" + function + ", Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}}}\n"
		http     = "  G: {" + function + ", Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /a, Method: get}}}}}\n"
		api      = "  H: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}\n"
		jwt      = "  H: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true, Auth: {DefaultAuthorizer: T, Authorizers: {T: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: https://a.example, audience: [a]}}}}}}\n"
		lead     = "mount it for SAM local alone, not to be deployed: add below Events in the Properties of the function that is to answer:\nGetHook:\n  Type: HttpApi\n  Properties:\n    Path: /hook\n    Method: get"
		words    = "call its deployed URL: an event would add an API, and SAM local would lose the CORS setting of the others to that"
	)
	for name, tt := range map[string]struct{ template, want string }{
		"no CORS":                   {url + rest, lead},
		"Cors":                      {url + rest + "Globals: {Api: {Cors: \"'*'\"}}\n", words},
		"CORS of HTTP APIs to come": {url + rest + "Globals: {HttpApi: {CorsConfiguration: true}}\n", words},
		"an HTTP API":               {url + http + api, lead + "\n    ApiId: !Ref H"},
		"an HTTP API with a token":  {url + http + jwt, lead + "\n    ApiId: !Ref H\n    Auth: {Authorizer: NONE}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(tt.template))})
			d, _ := x.MissingToken(tokenEvidence("GET /hook"))
			if d.Code != diagnosis.FunctionURLOnly || len(d.Hints) == 0 || d.Hints[0] != tt.want {
				t.Errorf("got %s\n%s\nwant the first hint\n%s", d, strings.Join(d.Hints, "\n\n"), tt.want)
			}
		})
	}
}
