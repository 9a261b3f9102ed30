package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "a configuration that the demo must not read")
	in := begin(t, dir, "demo", "--listen", "0")
	page := in.stdout.Await(t, `^Open (http://127\.0\.0\.1:[0-9]+) in a browser`)[1]
	in.url = "http://" + in.stderr.Await(t, `"address":"([^"]*)"`)[1]
	upstream := in.stderr.Await(t, `"upstream":"([^"]*)","answers":true`)[1]

	response, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the page: %s", response.Status)
	}
	in.allowed("http://localhost:5173", false) // any origin is "*"
	if a := in.do("POST", "/scanRecords"); a.status != http.StatusOK {
		t.Errorf("POST: %d %s", a.status, a.body)
	}
	if a := in.do("GET", "/scanRecord"); a.status != http.StatusNotFound {
		t.Errorf("GET: %d %s", a.status, a.body)
	}
	if n := strings.Count(in.stdout.String(), "\n  curl "); n != 3 {
		t.Errorf("%d curl lines:\n%s", n, in.stdout)
	}
	if !strings.Contains(in.stdout.String(), upstream) || !strings.Contains(in.stdout.String(), in.url) {
		t.Errorf("the curl lines do not call both servers:\n%s", in.stdout)
	}
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestDemoOfTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	template := `Transform: AWS::Serverless-2016-10-31
Parameters:
  Origin: {Type: String}
Globals:
  Api: {Cors: {AllowOrigin: !Sub "'${Origin}'"}}
Resources:
  GetItem:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: "/items/{id}", Method: get}}
`
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(template), 0o644); err != nil {
		t.Fatal(err)
	}
	in := begin(t, dir, "demo", "--listen", "0", "--template", "shop.yaml", "--parameter-overrides", "Origin=http://localhost:5173",
		"--allow-origin", "http://localhost:5173", "--allow-credentials", "--response-headers", "replace", "--inspect", "0")
	in.stdout.Await(t, `^Mounting GetItem at http://127\.0\.0\.1:[0-9]+/items/\{id\} \[GET, OPTIONS\]`)
	in.url = in.stdout.Await(t, `Call (http://127\.0\.0\.1:[0-9]+) from a frontend`)[1]
	if a := in.do("GET", "/items/7"); a.status != http.StatusOK || !strings.Contains(a.body, `"pathParameters":{"id":"7"}`) {
		t.Errorf("GET: %d %s", a.status, a.body)
	}
	in.allowed("http://localhost:5173", true)
	if a := in.do("GET", "/items/7", "Origin: http://localhost:5173", "Cookie: a=b"); a.header.Get("Access-Control-Allow-Credentials") != "true" {
		t.Errorf("GET with a cookie: %v", a.header)
	}
	if a := in.do("POST", "/items/7"); a.status != http.StatusMethodNotAllowed || !strings.Contains(a.body, "CP3002") {
		t.Errorf("POST: %d %s", a.status, a.body)
	}
	inspector := "http://" + in.stderr.Await(t, `"inspector":"([0-9.:]+)"`)[1]
	settings := read(t, inspector+"/api/settings", tokenIn.FindStringSubmatch(read(t, inspector+"/", ""))[1])
	for _, want := range []string{`"key":"template","value":"shop.yaml"`, `"key":"parameter_overrides","value":"Origin=http://localhost:5173"`} {
		if !strings.Contains(settings, want) {
			t.Errorf("the settings lack %s: %s", want, settings)
		}
	}
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestDemoAccusesNoFunction has no function answer, and so none is to blame for
// what its answer lacks.
func TestDemoAccusesNoFunction(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]string{"fill": "", "keep": "CP1103"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			template := `Resources:
  GetItem:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: Api, Properties: {Path: /items, Method: get}}
`
			if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(template), 0o644); err != nil {
				t.Fatal(err)
			}
			in := begin(t, dir, "demo", "--listen", "0", "--template", "shop.yaml", "--response-headers", mode)
			in.url = in.stdout.Await(t, `Call (http://127\.0\.0\.1:[0-9]+) from a frontend`)[1]
			if a := in.do("GET", "/items", "Origin: http://localhost:5173"); a.status != http.StatusOK {
				t.Errorf("GET: %d %s", a.status, a.body)
			}
			in.signals <- os.Interrupt
			if code := in.code(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			log := in.stderr.String()
			if strings.Contains(log, "CP1210") || strings.Contains(log, "have the function") || strings.Contains(log, "have function") || !strings.Contains(log, want) {
				t.Errorf("the log has to have %q, and nothing of what the function sends:\n%s", want, log)
			}
		})
	}
}
