package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// Code that lies beside the template's folder is the functions', under one name
// however it is reached.
func TestCodeBesideTheTemplate(t *testing.T) {
	t.Parallel()
	const function = "    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      Handler: app.handler\n" +
		"      Events: {E: {Type: Api, Properties: {Path: /PATH, Method: get}}}\n      CodeUri: "
	dir := t.TempDir()
	for name, text := range map[string]string{
		"services/template.yaml": "Transform: AWS::Serverless-2016-10-31\nGlobals: {Api: {Cors: \"'https://app.example.com'\"}}\nResources:\n" +
			"  Far:\n" + strings.Replace(function, "PATH", "far", 1) + "../code\n" +
			"  Near:\n" + strings.Replace(function, "PATH", "near", 1) + "../services/near\n",
		"code/app.py":          "def handler(event, context):\n    return {'statusCode': 200, 'headers': {'Access-Control-Allow-Origin': 'https://app.example.com'}}\n",
		"services/near/app.py": "def handler(event, context):\n    return {'statusCode': 200}\n",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	findings, err := check.Run(check.Options{Template: filepath.Join(dir, "services", "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range findings {
		if f.Code == "CP6081" {
			got = append(got, f.Message)
		}
	}
	if len(got) != 1 || !slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, "Near") && !strings.Contains(text, "Far") }) {
		t.Errorf("functions without the header are %q, want Near alone", got)
	}
}
