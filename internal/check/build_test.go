package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestBuild checks what sam build has written: findings are where the next build
// takes them from, comments there count, and the code is that of the build.
func TestBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"template.yaml": `Transform: AWS::Serverless-2016-10-31
# two lines that
# the build has not
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: [https://app.example.com/] # corsproxy:ignore
        AllowMethods: [GET]
  Things:
    Type: AWS::Serverless::Function
    Properties:
      Handler: things.handler
      Runtime: nodejs22.x
      CodeUri: things/ # corsproxy:ignore
      Events:
        List: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /things, Method: get}}
        Drop: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /things, Method: delete}}
`,
		".aws-sam/build/template.yaml": `Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins:
        - https://app.example.com/
        AllowMethods:
        - GET
  Things:
    Type: AWS::Serverless::Function
    Properties:
      Handler: things.handler
      Runtime: nodejs22.x
      CodeUri: Things
      Events:
        List: {Type: HttpApi, Properties: {ApiId: {Ref: Web}, Path: /things, Method: get}}
        Drop: {Type: HttpApi, Properties: {ApiId: {Ref: Web}, Path: /things, Method: delete}}
    Metadata: {SamResourceId: Things}
`,
		".aws-sam/build/Things/things.js": "headers['Access-Control-Allow-Origin'] = '*'",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	findings, err := check.Run(check.Options{Template: filepath.Join(dir, ".aws-sam", "build", "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	want := map[check.Code]int{"CP6029": 10, "CP6082": 18}
	for _, f := range findings {
		if f.Line != want[f.Code] || f.File != filepath.ToSlash(filepath.Join(dir, "template.yaml")) {
			t.Errorf("%s:%d: %s [%s]", f.File, f.Line, f.Message, f.Code)
		}
		delete(want, f.Code)
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}
