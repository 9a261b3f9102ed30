package check_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestLinkedCode holds that code which several names lead to is found by each.
func TestLinkedCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "src"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a/src/app.js", `exports.handler = async () => ({headers: {"Access-Control-Allow-Origin": "*"}})`)
	write("template.yaml", `Transform: AWS::Serverless-2016-10-31
Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [https://app.example.com]}}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: src/app.handler, CodeUri: a, Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: get}}}}}
  B: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: src/app.handler, CodeUri: link, Events: {E: {Type: HttpApi, Properties: {Path: /b, Method: get}}}}}
`)
	findings, err := check.Run(check.Options{Template: filepath.Join(dir, "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range findings {
		all.WriteString(f.Message + "\n")
	}
	for _, want := range []string{"(a/src/app.js:1)", "(link/src/app.js:1)"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("found\n%s\nwant the code at %s", all.String(), want)
		}
	}
}

// TestCodeOfLinkedTemplate holds that the code of a template that is a link is
// looked for beside the file that it leads to, as SAM CLI does.
func TestCodeOfLinkedTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		".git":         "",
		"a/src/app.js": "exports.handler = async () => ({})",
		"b/src/app.js": `exports.handler = async () => ({headers: {"Access-Control-Allow-Origin": "*"}})`,
		"b/template.yaml": `Transform: AWS::Serverless-2016-10-31
Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: [https://app.example.com]}}}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: app.handler, CodeUri: src, Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: get}}}}}
`,
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join("..", "b", "template.yaml"), filepath.Join(dir, "a", "template.yaml")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	findings, err := check.Run(check.Options{Template: filepath.Join(dir, "a", "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range findings {
		all.WriteString(f.Message + "\n")
	}
	if !strings.Contains(all.String(), "(../b/src/app.js:1)") {
		t.Errorf("found\n%s\nwant the code at ../b/src/app.js:1", all.String())
	}
}

// TestNamesOfCORS holds by what code is known to send CORS headers: their names, and
// what frameworks have in place of them.
func TestNamesOfCORS(t *testing.T) {
	t.Parallel()
	const java, header = "class App {}", `"Access-Control-Allow-Origin"`
	for name, tt := range map[string]struct {
		files map[string]string
		sends bool
	}{
		"nothing":                       {map[string]string{"App.java": java}, false},
		"Spring":                        {map[string]string{"App.java": `@CrossOrigin(origins = "*") ` + java}, true},
		"Jetty":                         {map[string]string{"App.java": "new CrossOriginFilter()"}, true},
		"an attribute of HTML":          {map[string]string{"app.jsx": "<img crossOrigin='anonymous'/>"}, false},
		"a constant of Java or Rust":    {map[string]string{"App.java": "HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN"}, true},
		"a constant of ASP.NET":         {map[string]string{"App.cs": "HeaderNames.AccessControlAllowOrigin"}, true},
		"Quarkus":                       {map[string]string{"App.java": java, "application.properties": "quarkus.http.cors=true"}, true},
		"Quarkus, in a comment":         {map[string]string{"App.java": java, "application.properties": "# quarkus.http.cors=true"}, false},
		"Micronaut":                     {map[string]string{"App.java": java, "application-prod.yml": "micronaut: {server: {cors: {enabled: true}}}"}, true},
		"a test beside the code":        {map[string]string{"App.java": java, "app.test.js": header}, false},
		"a test in Python":              {map[string]string{"app.py": "pass", "test_app.py": header}, false},
		"a tool's configuration":        {map[string]string{"App.java": java, "vite.config.ts": header}, false},
		"a name that ends so":           {map[string]string{"latest.py": header}, true},
		"another file, such as the API": {map[string]string{"App.java": java, "openapi.yaml": "x-amazon-apigateway-cors: {}"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if told := sendsNoCORS(t, tt.files); told == tt.sends {
				t.Errorf("CP6081 is told: %v, of %v", told, tt.files)
			}
		})
	}
	if sendsNoCORS(t, map[string]string{"application.yml": "a: b"}) {
		t.Error("CP6081 is told of settings alone, whose code is elsewhere")
	}
}
