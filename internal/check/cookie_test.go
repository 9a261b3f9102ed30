package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestCookies holds that two findings which have the same setting written anew write
// it alike, with the cookies and the headers that the routes need.
func TestCookies(t *testing.T) {
	t.Parallel()
	template := func(kind, event, id, properties string) string {
		return `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::` + kind + `
    Properties:
      ` + properties + `
      Auth:
        AddDefaultAuthorizerToCorsPreflight: false
        DefaultAuthorizer: S
        Authorizers: {S: {FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: "2.0", FunctionPayloadType: REQUEST, Identity: {Headers: [Cookie, X-Shop]}}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: a.h
      CodeUri: .
      Events:
        A: {Type: ` + event + `, Properties: {` + id + `: !Ref Api, Path: /a, Method: post}}
`
	}
	for name, tt := range map[string]struct{ template, want string }{
		"REST": {template("Api", "Api", "RestApiId", `StageName: p
      Cors: "'https://a.example'"`), "Cors:\n  AllowOrigin: \"'https://a.example'\"\n  AllowCredentials: true\n  AllowHeaders: \"'Content-Type,X-Shop'\""},
		"HTTP": {template("HttpApi", "HttpApi", "ApiId", "CorsConfiguration: true"),
			"CorsConfiguration:\n  AllowOrigins: [https://app.example.com]\n  AllowCredentials: true\n  AllowMethods: [GET, POST, PUT, DELETE, OPTIONS]\n  AllowHeaders: [Content-Type, X-Shop]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			if err := os.WriteFile(file, []byte(tt.template), 0o600); err != nil {
				t.Fatal(err)
			}
			findings, err := check.Run(check.Options{Template: file})
			if err != nil {
				t.Fatal(err)
			}
			told := 0
			for _, f := range findings {
				if f.Code != "CP6030" && f.Code != "CP6031" {
					continue
				}
				if told++; f.Fix != tt.want {
					t.Errorf("%s: got %s\nwant %s", f.Code, f.Fix, tt.want)
				}
			}
			if told != 2 {
				t.Errorf("%d findings, want two: %v", told, findings)
			}
		})
	}
}
