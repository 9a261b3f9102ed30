package diagnosis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const petsDocument = `openapi: 3.0.1
paths:
  /pets:
    delete:
      x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:F/invocations"}
`

// TestDocumentInAnotherFile holds that no CORS setting is proposed beside a
// DefinitionUri, with which SAM refuses to deploy: what is lacking goes into the
// document.
func TestDocumentInAnotherFile(t *testing.T) {
	t.Parallel()
	const origin = "http://localhost:5173"
	for name, tt := range map[string]struct {
		kind, document string
		hint           string // of the log, to a preflight
		setting        string // of explain
	}{
		"REST": {"Api", petsDocument,
			"add an OPTIONS method with a MOCK integration to /pets in openapi.yaml: SAM refuses Cors beside a DefinitionUri", ""},
		"HTTP": {"HttpApi", petsDocument,
			"to have preflights answered when deployed, write at the top level of openapi.yaml, with the origin of the deployed page beside this page's; its CORS headers then take the place of those that functions send:\n" +
				"x-amazon-apigateway-cors: {allowOrigins: ['http://localhost:5173'], allowMethods: [DELETE]}",
			"at the top level of openapi.yaml: x-amazon-apigateway-cors:\n  allowOrigins: ['http://localhost:5173']\n  allowMethods: [DELETE]\n  allowHeaders: [Content-Type]"},
		"HTTP, with a setting": {"HttpApi", "x-amazon-apigateway-cors: {allowOrigins: ['http://localhost:1'], allowMethods: [DELETE]}\n" + petsDocument,
			"to allow it when deployed, write in x-amazon-apigateway-cors of Pets (openapi.yaml:1), in place of what has the name:\nallowOrigins: ['http://localhost:1', 'http://localhost:5173']",
			"in x-amazon-apigateway-cors of Pets (openapi.yaml:1), in place of what has the name: allowOrigins: ['http://localhost:1', 'http://localhost:5173']\nallowHeaders: [Content-Type]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			template := strings.ReplaceAll("Transform: AWS::Serverless-2016-10-31\nResources:\n  Pets: {Type: AWS::Serverless::KIND, Properties: {StageName: dev, DefinitionUri: openapi.yaml}}\n", "KIND", tt.kind)
			for file, text := range map[string]string{"template.yaml": template, "openapi.yaml": tt.document} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			app, err := sam.Load(filepath.Join(dir, "template.yaml"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			g := apigateway.New(app)
			r := apigateway.Request{Method: "OPTIONS", Path: "/pets", Header: fields([]string{"Origin: " + origin, "Access-Control-Request-Method: DELETE"})}
			d, _ := diagnosis.PreflightAsDeployed(g, r, g.Answer(r))
			if len(d.Hints) == 0 || d.Hints[0] != tt.hint {
				t.Errorf("the hints are %q\nwant %q", d.Hints, tt.hint)
			}
			setting := ""
			for _, s := range diagnosis.Settings(g, app.Deployed, r, diagnosis.Wish{Origin: origin, Preflight: true}) {
				setting += s.Where + ": " + s.Text
			}
			if setting != tt.setting {
				t.Errorf("the setting is %q\nwant %q", setting, tt.setting)
			}
		})
	}
}
