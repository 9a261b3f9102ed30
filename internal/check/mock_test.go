package check_test

import (
	"strings"
	"testing"
)

// A MOCK for any method with CORS headers takes preflights, unless the path has an
// OPTIONS method or asks for a token before that.
func TestMockOfAnyMethod(t *testing.T) {
	t.Parallel()
	const options = `
  Options:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: OPTIONS, AuthorizationType: NONE,
      Integration: {Type: MOCK, RequestTemplates: {application/json: '{"statusCode": 200}'}}}
`
	const headers = `, IntegrationResponses: [{StatusCode: 200, ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}]`
	for _, tt := range []struct {
		authorization, headers, beside string
		want                           bool
	}{
		{"NONE", headers, "", true},
		{"NONE", "", "", false},
		{"NONE", headers, options, false},
		{"AWS_IAM", headers, "", false},
	} {
		found := false
		for _, f := range findingsOf(t, `Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}
  Any:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: ANY, AuthorizationType: `+tt.authorization+`, Integration: {Type: MOCK`+tt.headers+`}}
`+tt.beside) {
			found = found || f.Code == "CP6097" && strings.Contains(f.Message, "ANY /")
		}
		if found != tt.want {
			t.Errorf("%+v: found %v", tt, found)
		}
	}
}
