package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

const shopTemplate = `Transform: AWS::Serverless-2016-10-31
Resources:
  Shop:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [https://shop.example], AllowMethods: [PUT]}
  Scan:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: provided.al2023
      Handler: bootstrap
      Events:
        Scan: {Type: HttpApi, Properties: {ApiId: !Ref Shop, Path: /scanRecords, Method: put}}
        Bare: {Type: Api, Properties: {Path: /bare, Method: put}}
`

// inFolder returns a folder that has the files.
func inFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSourceTemplate answers each preflight as the deployed API of its route.
func TestSourceTemplate(t *testing.T) {
	t.Parallel()
	up := upstream(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "up") })
	in := startIn(t, inFolder(t, map[string]string{"template.yaml": shopTemplate}), "--cors-source", "template", "--upstream", up)
	in.stderr.Await(t, "preflights are answered as the deployed APIs would")
	if a := in.preflight("https://shop.example"); a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Errorf("an allowed origin got %d %v", a.status, a.header)
	}
	a := in.preflight("http://localhost:5173")
	if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Corsproxy-Diagnosis") != "CP1202 deployed-origin-not-allowed" {
		t.Errorf("another origin got %d %v", a.status, a.header)
	}
	a = in.do("OPTIONS", "/bare", "Origin: http://localhost:5173", "Access-Control-Request-Method: PUT")
	if a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(a.body, `"code": "CP1201"`) {
		t.Errorf("a path without CORS got %d %v %s", a.status, a.header, a.body)
	}
	a = in.do("PUT", "/scanRecords", "Origin: https://shop.example")
	if a.body != "up" || a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
		t.Errorf("the request itself got %d %v %s", a.status, a.header, a.body)
	}
	in.stderr.Await(t, `"detail":"the deployed API Shop \(template.yaml:6\) does not allow origin http://localhost:5173`)
}

// TestDeployedIsNoted says once for each route and origin where the deployed
// API would answer differently, with the line and the fix.
func TestDeployedIsNoted(t *testing.T) {
	t.Parallel()
	up := upstream(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "up") })
	dir := inFolder(t, map[string]string{"template.yaml": shopTemplate})
	in := startIn(t, dir, "--upstream", up, "--log-format", "console")
	ask := func(path, origin string) {
		t.Helper()
		if a := in.do("OPTIONS", path, "Origin: "+origin, "Access-Control-Request-Method: PUT"); a.status != 200 {
			t.Fatalf("a preflight got %d", a.status)
		}
	}
	for range 3 {
		ask("/bare", "http://localhost:5173")
		ask("/bare", "http://localhost:5174")
		ask("/scanRecords", "https://shop.example")
		ask("/scanRecords", "http://localhost:5173")
	}
	const fix = `to have preflights answered when deployed, write below Api in Globals (write the two where they are missing), with the origin of the deployed page in place of this page's: Cors: {AllowOrigin: "'http://localhost:5174'"}`
	in.stderr.Await(t, `warning: CP1201 deployed-without-cors: allowed here, and blocked when deployed: the deployed API ServerlessRestApi has no CORS setting, and answers the preflight of /bare \(template.yaml:15\) with 403 .*`+regexp.QuoteMeta(fix))
	in.do("GET", "/last")
	in.stderr.Await(t, "/last")
	for text, want := range map[string]int{"CP1201": 2, "CP1213": 1} {
		if got := strings.Count(in.stderr.String(), text); got != want {
			t.Errorf("%s is said %d times, want %d", text, got, want)
		}
	}
	// What still holds after a change of the template is said again.
	if err := os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(shopTemplate+"# changed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, "read template.yaml again; its routes are the same")
	ask("/bare", "http://localhost:5173")
	in.stderr.Await(t, `(?s)read template.yaml again; .*CP1201`)
}

// TestSourceTemplateNeedsOne ends with what is missing, and where.
func TestSourceTemplateNeedsOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		args  []string
		want  string
	}{
		"none there": {nil, []string{"--cors-source", "template"},
			`--cors-source: "template" answers as the deployed API would, and no template is here; start corsproxy beside template.yaml, name it with --template FILE, or choose config or upstream here`},
		"none wanted": {map[string]string{"corsproxy.yaml": "template: none\ncors: {source: template}\n"}, nil,
			`corsproxy.yaml:2:16: cors.source: "template" answers as the deployed API would, and the setting template is none; write auto or a file there, or choose config or upstream here`},
		"on a route": {map[string]string{"corsproxy.yaml": "routes:\n  - path: /a\n    cors: {source: template}\n"}, nil,
			`corsproxy.yaml:3:20: routes[0].cors.source: "template" answers`},
		"refused": {map[string]string{"template.yaml": "Resources: {}\n"}, []string{"--cors-source", "template"},
			`and SAM CLI would refuse the template: `},
		"not there": {nil, []string{"--cors-source", "template", "--template", "other.yaml"},
			`and there is no file "other.yaml"; `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := begin(t, inFolder(t, c.files), append(c.args, "--listen", "0")...)
			if code := in.code(); code != exitUsage {
				t.Errorf("exit code %d, want %d", code, exitUsage)
			}
			if text := in.stderr.String(); !strings.Contains(text, c.want) {
				t.Errorf("it says\n%s\nwant\n%s", text, c.want)
			}
		})
	}
}

// TestSourceTemplateOnReload keeps the old rules where there is no template.
func TestSourceTemplateOnReload(t *testing.T) {
	t.Parallel()
	dir := inFolder(t, map[string]string{"corsproxy.yaml": "cors: {source: config}\n"})
	in := startIn(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "corsproxy.yaml"), []byte("cors: {source: template}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `corsproxy.yaml:1:16: cors.source: \\"template\\" answers as the deployed API would, and no template is here`)
	in.stderr.Await(t, `the configuration stays as it was`)
	if a := in.preflight("http://localhost:5173"); a.status != 200 {
		t.Errorf("a preflight got %d", a.status)
	}
}

func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	var n notes
	d := diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin, Detail: "a"}
	for i := range 5 * maxNotes {
		if !n.isNew(fmt.Sprint(i), &d) {
			t.Fatalf("note %d is not new", i)
		}
		if n.isNew(fmt.Sprint(i), &d) {
			t.Fatalf("note %d is new twice", i)
		}
		if len(n.said) > maxNotes {
			t.Fatalf("%d notes are remembered", len(n.said))
		}
	}
}
