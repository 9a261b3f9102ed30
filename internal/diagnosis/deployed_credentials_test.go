package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// A preflight that the deployed API allows with credentials, too, and the answer
// here does not, comes with the flags that are missing.
func TestDiffersForCredentials(t *testing.T) {
	t.Parallel()
	g := apigateway.New(load(t, []byte(compareTemplate+`  Own:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'http://localhost:5173'", AllowMethods: "'PUT'", AllowCredentials: true}}
  Site:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'https://shop.example'", AllowMethods: "'PUT'", AllowCredentials: true}}
  Open:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod, Cors: {AllowOrigin: "'https://shop.example'", AllowMethods: "'PUT'"}}
  G:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Own, Path: /own, Method: put}}
        B: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /site, Method: put}}
        C: {Type: Api, Properties: {RestApiId: !Ref Open, Path: /open, Method: put}}
`)))
	const toStart = "if the page includes credentials (fetch by 'include', XMLHttpRequest by withCredentials), start corsproxy with:\n"
	any := &diagnosis.Allowance{Origins: []string{"*"}}
	tests := map[string]struct {
		path     string
		allows   *diagnosis.Allowance
		upstream []string
		rule     string
		code     diagnosis.Code
		want     string // the first hint
	}{
		"without configuration":         {"/own", any, nil, "", diagnosis.DeployedAllows, toStart + "--allow-origin http://localhost:5173 --allow-credentials"},
		"beside others":                 {"/own", &diagnosis.Allowance{Origins: []string{"https://b.example", "*"}}, nil, "", diagnosis.DeployedAllows, toStart + "--allow-origin https://b.example,http://localhost:5173 --allow-credentials"},
		"the origin is allowed":         {"/own", &diagnosis.Allowance{Origins: []string{"localhost"}, Origin: true}, nil, "", diagnosis.DeployedAllows, toStart + "--allow-credentials"},
		"SAM local's answer":            {"/own", any, []string{}, "", diagnosis.DeployedAllows, toStart + "--cors-source config --allow-origin http://localhost:5173 --allow-credentials"},
		"a route of the configuration":  {"/own", &diagnosis.Allowance{Origins: []string{"https://b.example"}}, nil, "/own", diagnosis.DeployedAllows, toStart + "--allow-origin http://localhost:5173 --allow-credentials"},
		"settings that are not known":   {"/own", nil, nil, "", diagnosis.DeployedAllows, "to answer each preflight as the deployed API does, start corsproxy with:\n--cors-source template"},
		"for another site":              {"/site", any, nil, "", diagnosis.DeployedForAnotherSite, toStart + "--allow-origin http://localhost:5173 --allow-credentials --response-headers replace"},
		"for another site without them": {"/open", any, nil, "", diagnosis.DeployedForAnotherSite, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := compared{
				Request: "OPTIONS " + tt.path, Fields: []string{"Origin: http://localhost:5173", "Access-Control-Request-Method: PUT"}, Status: 200,
				Answered: []string{"Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT"}, Upstream: tt.upstream, Allows: tt.allows, Rule: tt.rule,
			}
			d, ok := c.diagnose(g)
			if hint := strings.Join(append(d.Hints, "")[:1], ""); !ok || d.Code != tt.code || hint != tt.want {
				t.Errorf("it says %s, and proposes %q", d, hint)
			}
			if d.Code == diagnosis.DeployedAllows && !strings.HasPrefix(d.Cause, "credentials, ") {
				t.Errorf("the cause %q is that of what is blocked without credentials, too", d.Cause)
			}
		})
	}
}

// TestCookiesRefused holds that a request with cookies, which is readable here, is told
// where the deployed API's answer to its preflight allows no credentials.
func TestCookiesRefused(t *testing.T) {
	t.Parallel()
	const (
		site  = "AllowOrigin: \"'https://shop.example'\", AllowMethods: \"'PUT'\", AllowHeaders: \"'x-a'\""
		write = "to allow it with cookies when deployed, write "
	)
	for name, test := range map[string]struct {
		cors, request, origin, more string
		detail, hint                string // the end; "" where nothing is said
	}{
		"no credentials":            {"{" + site + "}", "PUT", "https://shop.example", "Cookie: a=b", "with cookies; the request includes credentials, and the response has no Access-Control-Allow-Credentials", write + "below Cors of Site (template.yaml:5):\nAllowCredentials: true"},
		"for another site":          {"{" + site + "}", "PUT", "http://localhost:5173", "Cookie: a=b", "with cookies for pages of https://shop.example; the request includes credentials, and the response has no Access-Control-Allow-Credentials", write + "below Cors of Site (template.yaml:5):\nAllowCredentials: true"},
		"any origin":                {"\"'*'\"", "PUT", "http://localhost:5173", "Cookie: a=b", "which does not allow a request that includes credentials", "to allow it with cookies when deployed, with the origin of the deployed page in place of this page's, write in place of Cors of Site (template.yaml:5):\nCors: {AllowOrigin: \"'http://localhost:5173'\", AllowCredentials: true}"},
		"any method":                {"{AllowOrigin: \"'https://shop.example'\", AllowMethods: \"'*'\", AllowCredentials: true}", "PUT", "https://shop.example", "Cookie: a=b", "with credentials * is the name of a method and no wildcard", write + "in place of AllowMethods (template.yaml:5), below Cors of Site:\nAllowMethods: \"'GET,PUT'\""},
		"any header":                {"{AllowOrigin: \"'https://shop.example'\", AllowHeaders: \"'*'\", AllowCredentials: true}", "PUT", "https://shop.example", "Cookie: a=b\nX-A: 1", "with credentials * is the name of a header and no wildcard", write + "in place of AllowHeaders (template.yaml:5), below Cors of Site:\nAllowHeaders: \"'*,x-a'\""},
		"credentials":               {"{" + site + ", AllowCredentials: true}", "PUT", "https://shop.example", "Cookie: a=b", "", ""},
		"no cookies":                {"{" + site + "}", "PUT", "https://shop.example", "X-A: 1", "", ""},
		"no preflight":              {"{" + site + "}", "GET", "https://shop.example", "Cookie: a=b", "", ""},
		"refused without them, too": {"{" + site + "}", "PUT", "https://shop.example", "Cookie: a=b\nX-B: 1", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := apigateway.New(load(t, []byte("Transform: AWS::Serverless-2016-10-31\nResources:\n  Site:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: p, Cors: "+test.cors+
				"}\n  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Runtime: python3.13, Handler: a.b, Events: {E: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /items, Method: put}}, G: {Type: Api, Properties: {RestApiId: !Ref Site, Path: /items, Method: get}}}}}\n")))
			answer := []string{"Access-Control-Allow-Origin: " + test.origin, "Access-Control-Allow-Credentials: true"}
			d, _ := compared{Request: test.request + " /items", Fields: append(strings.Split(test.more, "\n"), "Origin: "+test.origin), Status: 200, Answered: answer, Upstream: answer}.diagnose(g)
			said := d.Code == diagnosis.DeployedResponseBlocked
			if said != (test.detail != "") || said && (!strings.HasSuffix(d.Detail, test.detail) || strings.Join(d.Hints, "\n\n") != test.hint) {
				t.Errorf("got %s\n%s\nwant %s\n%s", d, strings.Join(d.Hints, "\n\n"), test.detail, test.hint)
			}
		})
	}
}
