package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestCookies holds that findings on an API whose routes need credentials propose
// what goes together: where one has a setting written anew, all write it alike, and
// none has * sent, or the credentials left out.
func TestCookies(t *testing.T) {
	t.Parallel()
	template := func(kind, event, id, properties, method string) string {
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
      Handler: index.h
      InlineCode: "exports.h = async () => ({statusCode: 204})"
      Events:
        A: {Type: ` + event + `, Properties: {` + id + `: !Ref Api, Path: /a, Method: ` + method + `}}
`
	}
	rest := func(cors string) string {
		return template("Api", "Api", "RestApiId", "StageName: p\n      "+cors, "put")
	}
	http := func(cors, method string) string { return template("HttpApi", "HttpApi", "ApiId", cors, method) }
	const (
		credentials   = ", Access-Control-Allow-Credentials: \"'true'\"}"
		fields        = "\n    ResponseParameters:\n      Headers: {Access-Control-Allow-Origin: \"'https://app.example.com'\"" + credentials
		gateway       = "GatewayResponses:\n  DEFAULT_4XX:" + fields + "\n  DEFAULT_5XX:" + fields
		returned      = `headers: {"Access-Control-Allow-Origin": "https://app.example.com", "Access-Control-Allow-Credentials": "true"}`
		cors          = "Cors:\n  AllowOrigin: \"'https://app.example.com'\"\n  AllowCredentials: true\n  AllowHeaders: \"'Content-Type,X-Shop'\""
		configuration = "CorsConfiguration:\n  AllowOrigins: [https://app.example.com]\n  AllowCredentials: true\n  AllowMethods: [GET, POST, PUT, DELETE, OPTIONS"
		allowHeaders  = "\n  AllowHeaders: [Content-Type, X-Shop]"
	)
	asksToo := &check.Config{AllowOrigins: []string{"http://localhost:5173"}, AllowCredentials: true}
	for name, tt := range map[string]struct {
		template string
		config   *check.Config
		want     map[check.Code]string
	}{
		"REST":             {rest(`Cors: "'https://app.example.com'"`), nil, map[check.Code]string{"CP6030": cors, "CP6031": cors, "CP6080": gateway, "CP6081": returned}},
		"REST, any origin": {rest(`Cors: "'*'"`), asksToo, map[check.Code]string{"CP6030": cors, "CP6031": cors, "CP6080": gateway, "CP6081": returned, "CP6092": cors}},
		"REST, a map": {rest(`Cors: {AllowOrigin: "'*'", AllowHeaders: "'Content-Type,X-Shop'"}`), nil, map[check.Code]string{
			"CP6031": "AllowOrigin: \"'https://app.example.com'\"\nAllowCredentials: true", "CP6080": gateway, "CP6081": returned,
		}},
		"HTTP": {http("CorsConfiguration: true", "put"), asksToo, map[check.Code]string{
			"CP6029": configuration + "]" + allowHeaders, "CP6030": configuration + "]" + allowHeaders, "CP6031": configuration + "]" + allowHeaders, "CP6092": configuration + "]" + allowHeaders,
		}},
		"HTTP, any method": {http("CorsConfiguration: true", "any"), nil, map[check.Code]string{
			"CP6029": configuration + ", PATCH, HEAD]\n  AllowHeaders: [Content-Type, X-Shop]", "CP6030": configuration + ", PATCH, HEAD]\n  AllowHeaders: [Content-Type, X-Shop]", "CP6031": configuration + ", PATCH, HEAD]\n  AllowHeaders: [Content-Type, X-Shop]",
		}},
		"HTTP, a map": {http(`CorsConfiguration: {AllowOrigins: ["*"], AllowHeaders: ["*"]}`, "any"), nil, map[check.Code]string{
			"CP6029": "AllowMethods: [GET, POST, PUT, DELETE, OPTIONS, PATCH, HEAD]",
			"CP6031": "AllowOrigins: [https://app.example.com]\nAllowHeaders: [Content-Type, Authorization, X-Shop]\nAllowCredentials: true",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			if err := os.WriteFile(file, []byte(tt.template), 0o600); err != nil {
				t.Fatal(err)
			}
			findings, err := check.Run(check.Options{Template: file, Config: tt.config})
			if err != nil {
				t.Fatal(err)
			}
			told := 0
			for _, f := range findings {
				want, ok := tt.want[f.Code]
				if !ok {
					continue
				}
				if told++; f.Fix != want {
					t.Errorf("%s: got %s\nwant %s", f.Code, f.Fix, want)
				}
			}
			if told != len(tt.want) {
				t.Errorf("%d findings, want %d: %v", told, len(tt.want), findings)
			}
		})
	}
}
