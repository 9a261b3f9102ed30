package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
)

// TestOriginOfAPathWithoutRoute holds that an HTTP API that refuses an origin on a
// path that it does not have is told without the path.
func TestOriginOfAPathWithoutRoute(t *testing.T) {
	t.Parallel()
	whole := load(t, []byte(`Transform: AWS::Serverless-2016-10-31
Resources:
  H: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET]}}}
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: nodejs22.x, Handler: a.b, Events: {A: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /a, Method: get}}}}}
`))
	for path, want := range map[string]string{
		"/a":       "does not allow origin https://b.example for /a; it allows https://a.example",
		"/nowhere": "does not allow origin https://b.example; it allows https://a.example",
	} {
		d, ok := compared{Request: "OPTIONS " + path, Served: true, Fields: []string{"Origin: https://b.example", "Access-Control-Request-Method: GET"}}.diagnose(apigateway.New(whole))
		if !ok || !strings.HasSuffix(d.Detail, want) {
			t.Errorf("%s: got %s %q, want the end %q", path, d.Code, d.Detail, want)
		}
	}
}
