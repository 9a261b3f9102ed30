package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestFalseConditions checks that what SAM's translator refuses is found where
// the condition of its resource is false, and what AWS alone would refuse or
// do otherwise is not.
func TestFalseConditions(t *testing.T) {
	t.Parallel()
	const head = `Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String, Default: dev}}
Conditions: {P: !Equals [!Ref Stage, prod], N: !Not [!Equals [!Ref Stage, prod]]}
Resources:
`
	function := func(id, condition, events string) string {
		return "  " + id + ": {Type: AWS::Serverless::Function, Condition: " + condition + ", Properties: {Runtime: python3.12, Handler: a.b, CodeUri: ./a, Events: {" + events + "}}}\n"
	}
	api := func(properties string) string {
		return "  R: {Type: AWS::Serverless::Api, Condition: P, Properties: {StageName: x, " + properties + "}}\n"
	}
	http := func(properties string) string {
		return "  H: {Type: AWS::Serverless::HttpApi, Condition: P, Properties: {" + properties + "}}\n"
	}
	const one = "A: {Type: Api, Properties: {Path: /a, Method: get}}"
	for name, test := range map[string]struct {
		resources string
		want      []check.Code
	}{
		"nothing":              {function("F", "P", one), nil},
		"authorizer":           {function("F", "P", "A: {Type: HttpApi, Properties: {Path: /a, Method: get, Auth: {Authorizer: J}}}"), []check.Code{"CP6048"}},
		"of an absent API":     {http("FailOnWarnings: true") + function("F", "N", "A: {Type: HttpApi, Properties: {ApiId: !Ref H, Path: /a, Method: get, Auth: {Authorizer: J}}}"), []check.Code{"CP6048"}},
		"one or the other":     {function("F", "P", one) + function("G", "N", one), []check.Code{"CP6045"}},
		"type of event":        {function("F", "P", "A: {Type: Apix}"), []check.Code{"CP6049"}},
		"other kind":           {api("Tags: {a: b}") + function("F", "P", "A: {Type: HttpApi, Properties: {ApiId: !Ref R, Path: /a, Method: get}}"), []check.Code{"CP6047"}},
		"default authorizer":   {http("Auth: {DefaultAuthorizer: X}"), []check.Code{"CP6072"}},
		"key":                  {api("Cors: {AllowOrigins: \"'*'\"}"), []check.Code{"CP6017"}},
		"credentials":          {api("Cors: {AllowOrigin: \"'*'\", AllowCredentials: true}"), []check.Code{"CP6013"}},
		"HTTP credentials":     {http("CorsConfiguration: {AllowOrigins: ['*'], AllowCredentials: true}"), []check.Code{"CP6013"}},
		"not refused by SAM":   {http("CorsConfiguration: {AllowOrigins: ['*', 'https://a.example'], AllowCredentials: true}"), nil},
		"definition elsewhere": {api("DefinitionUri: s3://b/k, Cors: {AllowOrigin: \"'*'\"}"), []check.Code{"CP6020"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := findingsOf(t, head+test.resources)
			var got []check.Code
			for _, f := range findings {
				if f.Severity == check.SeverityError && f.Code != "CP6001" {
					got = append(got, f.Code)
				}
				if f.Code == "CP6056" && strings.Contains(f.Why, "deploys nothing") != (test.want != nil) {
					t.Errorf("of the false condition it says: %s", f.Why)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

// TestCrashBesideFault holds that what SAM CLI crashes on is told beside another fault
// in the same line.
func TestCrashBesideFault(t *testing.T) {
	t.Parallel()
	findings := findingsOf(t, `Transform: AWS::Serverless-2016-10-31
Conditions: {P: !Equals [a, b]}
Resources:
  Items:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins:
          - https://app.example.com
          - !If [P, !Ref AWS::NoValue, "http://localhost:5173/"]
`)
	var got []check.Code
	for _, f := range findings {
		if f.Line == 10 {
			got = append(got, f.Code)
		}
	}
	if want := []check.Code{"CP6001", "CP6016"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}
