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
