package apigateway_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
)

// TestRefusal asks what API Gateway answers in place of a function that is guarded.
func TestRefusal(t *testing.T) {
	t.Parallel()
	g := load(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      Auth: {DefaultAuthorizer: Token, Authorizers: {Token: {FunctionArn: !GetAtt F.Arn}}}
      GatewayResponses: {DEFAULT_4XX: {ResponseParameters: {Headers: {Access-Control-Allow-Origin: "'*'"}}}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth: {EnableIamAuthorizer: true}
      CorsConfiguration: {AllowOrigins: [https://a.example]}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: src
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /a, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /b, Method: any, Auth: {Authorizer: AWS_IAM}}}
        C: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /c, Method: get, Auth: {Authorizer: NONE, ApiKeyRequired: true}}}
        D: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /d, Method: get, Auth: {Authorizer: NONE}}}
        E: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /e, Method: get, Auth: {Authorizer: AWS_IAM}}}
        F: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /f, Method: get}}
`)
	for path, want := range map[string]string{
		"/a":    "authorizer Token 401 *",
		"/b":    "iam AWS_IAM 403 *",
		"/c":    "api-key  403 *",
		"/d":    "",
		"/e":    "iam AWS_IAM 403 https://a.example",
		"/f":    "",
		"/none": "",
	} {
		a, ok := g.Refusal(apigateway.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Origin": {"https://a.example"}}})
		got := ""
		if ok {
			got = fmt.Sprintf("%s %s %d %s", a.Guard.Kind, a.Guard.Name, a.Status, a.Header.Get("Access-Control-Allow-Origin"))
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
