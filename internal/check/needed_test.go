package check_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestNeeded holds that the headers of a setting that an API does not have yet are
// those of its own routes, so that check misses none once it is there.
func TestNeeded(t *testing.T) {
	t.Parallel()
	const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth: {DefaultAuthorizer: Pool, ApiKeyRequired: true, Authorizers: {Pool: {UserPoolArn: arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_a}}}
  Open:
    Type: AWS::Serverless::Api
    Properties: {StageName: prod}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties: {Auth: {DefaultAuthorizer: T, Authorizers: {T: {AuthorizerPayloadFormatVersion: "2.0", FunctionArn: !GetAtt F.Arn, Identity: {Headers: [X-Token, Cookie, Origin, Accept-Language, X-Forwarded-For, Sec-Fetch-Site]}}}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: .
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /a, Method: get}}
        B: {Type: Api, Properties: {RestApiId: !Ref Shop, Path: /b, Method: patch}}
        C: {Type: Api, Properties: {RestApiId: !Ref Open, Path: /c, Method: get}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Http, Path: /d, Method: get}}
        E: {Type: HttpApi, Properties: {Path: /e, Method: post}}
`
	file := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := check.Needed(check.Options{Template: file})
	want := check.Needs{
		Headers: map[string][]string{"Shop": {"Content-Type", "Authorization", "X-Api-Key"}, "Http": {"X-Token"}, "ServerlessHttpApi": {"Content-Type"}},
		Cookies: map[string]bool{"Http": true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v\nwant %v", got, err, want)
	}
	if _, err := check.Needed(check.Options{Template: file + ".missing"}); err == nil {
		t.Error("a template that is not there needs nothing")
	}
}
