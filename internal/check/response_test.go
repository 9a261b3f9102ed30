package check_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestDeclared holds which headers the responses of an operation declare, and
// that nothing is said of what the template does not tell.
func TestDeclared(t *testing.T) {
	t.Parallel()
	const undeclared = "the method's response 200 does not declare "
	const both = `headers: {Access-Control-Allow-Origin: {type: string}, Access-Control-Allow-Headers: {type: string}}`
	for name, tt := range map[string]struct {
		responses string
		status    string
		want      string // what is found, "" for nothing
	}{
		"both":                  {`{"200": {` + both + `}}`, `"200"`, ""},
		"in other letters":      {`{"200": {` + strings.ToLower(both) + `}}`, `"200"`, ""},
		"numbers":               {`{200: {` + both + `}}`, `200`, ""},
		"one":                   {`{"200": {headers: {Access-Control-Allow-Origin: {type: string}}}}`, `"200"`, undeclared + "Access-Control-Allow-Headers"},
		"of another status":     {`{"200": {description: ok}, "204": {` + both + `}}`, `"200"`, undeclared + "Access-Control-Allow-Origin and Access-Control-Allow-Headers"},
		"the status is missing": {`{"204": {` + both + `}}`, `"200"`, undeclared + "Access-Control-Allow-Origin and Access-Control-Allow-Headers"},
		"none":                  {`{}`, `"200"`, undeclared + "Access-Control-Allow-Origin and Access-Control-Allow-Headers"},
		"default":               {`{default: {description: any}}`, `"200"`, ""},
		"default beside it":     {`{default: {` + both + `}, "200": {description: ok}}`, `"200"`, undeclared + "Access-Control-Allow-Origin and Access-Control-Allow-Headers"},
		"a range":               {`{2XX: {description: any}}`, `"200"`, ""},
		"a reference":           {`{"200": {$ref: "#/responses/Preflight"}}`, `"200"`, ""},
		"a function":            {`{"200": {headers: !ImportValue Headers}}`, `"200"`, ""},
		"which makes all":       {`!ImportValue Responses`, `"200"`, ""},
		"an unknown status":     {`{"200": {description: ok}}`, `!ImportValue Status`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range findingsOf(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        swagger: "2.0"
        paths:
          /a:
            options:
              responses: `+tt.responses+`
              x-amazon-apigateway-integration: {type: mock, responses: {default: {statusCode: `+tt.status+`, responseParameters: {
                method.response.header.Access-Control-Allow-Origin: "'https://a.example'", method.response.header.Access-Control-Allow-Headers: "'Content-Type'"}}}}
`) {
				if f.Code == "CP6025" {
					got = append(got, f.Message)
				}
			}
			if tt.want == "" && got != nil || tt.want != "" && !slices.Equal(got, []string{tt.want}) {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// TestRawDeclared is the same of an AWS::ApiGateway::Method.
func TestRawDeclared(t *testing.T) {
	t.Parallel()
	for responses, found := range map[string]bool{
		`[{StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: true}}]`:                    false,
		`[{StatusCode: "200", ResponseParameters: {method.response.header.access-control-allow-origin: false}}]`:                 false,
		`[{StatusCode: 204, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: true}}, {StatusCode: 200}]`: true,
		`[{StatusCode: 200, ResponseParameters: !ImportValue Parameters}]`:                                                       false,
		`!ImportValue Responses`: false,
		`[]`:                     true,
	} {
		got := slices.ContainsFunc(findingsOf(t, `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Options:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: OPTIONS
      AuthorizationType: NONE
      MethodResponses: `+responses+`
      Integration: {Type: MOCK, IntegrationResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}]}
`), func(f check.Finding) bool { return f.Code == "CP6025" })
		if got != found {
			t.Errorf("%s: found %v, want %v", responses, got, found)
		}
	}
}
