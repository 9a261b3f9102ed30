package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// template returns a template whose function Records answers routes.
func template(routes ...string) string {
	var b strings.Builder
	b.WriteString(`Transform: AWS::Serverless-2016-10-31
Resources:
  Records:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: src/
      Events:
`)
	for i, r := range routes {
		method, path, _ := strings.Cut(r, " ")
		fmt.Fprintf(&b, "        E%d: {Type: Api, Properties: {Path: '%s', Method: %s}}\n", i, path, method)
	}
	return b.String()
}

// refusedTemplate is one that SAM CLI does not start with.
var refusedTemplate = template("GET items")

// put writes a file below dir.
func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTemplate has the template found that SAM would take, and routes matched
// as SAM matches them.
func TestTemplate(t *testing.T) {
	t.Parallel()
	routes := []string{"GET /items", "POST /items", "GET /items/{id}", "GET /items/new", "PUT /files/{proxy+}"}
	for name, file := range map[string]string{"yaml": "template.yaml", "yml": "template.yml", "build": ".aws-sam/build/template.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, file, template(routes...))
			in := startIn(t, dir, "--upstream", mounting(t, routes...))
			in.stderr.Await(t, fmt.Sprintf(`"msg":"the template is %s, 4 routes[^"]*","routes":4`, file))
			p := in.told("DELETE /items", 405, "CP3002 method-not-defined", file+":10")
			if r := p.Routes[0]; r.Method != "GET" || r.Path != "/items" || r.Function != "Records" {
				t.Errorf("the nearest route is %v", r)
			}
			if allow := in.do("DELETE", "/items").header.Get("Allow"); allow != "GET, POST" {
				t.Errorf("Allow is %q", allow)
			}
			in.told("GET /items/", 200, "", "")
			in.told("POST /items/new", 405, "CP3002 method-not-defined", file+":13") // static before variable
			in.told("GET /Items", 404, "CP3009 case-mismatch", file+":10")
			in.told("PUT /files/a/b", 200, "", "")
			in.told("PUT /files", 404, "CP3003 greedy-needs-a-segment", file+":14")
			in.told("PUT /files/", 404, "CP3003 greedy-needs-a-segment", file+":14")
			if a := in.do("HEAD", "/items"); a.status != 502 {
				t.Errorf("HEAD on a route for GET: %d", a.status)
			}
		})
	}
}

func TestTemplateOfAnHTTPAPI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", strings.ReplaceAll(template("ANY $default"), "Type: Api", "Type: HttpApi"))
	in := startIn(t, dir, "--upstream", mounting(t, "ANY $default"))
	in.told("GET /", 200, "", "")
	in.told("POST /any/thing", 200, "", "")
	p := in.told("TRACE /any/thing", 405, "CP3026 method-not-supported", "template.yaml:10")
	if len(p.Routes) == 0 || p.Routes[0].Path != "$default" {
		t.Errorf("the nearest routes are %v", p.Routes)
	}
}

func TestTemplateOfSamconfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "api/app.yaml", parameterTemplate)
	put(t, dir, "samconfig.toml", "version = 0.1\n[default.local_start_api.parameters]\ntemplate_file = \"api/app.yaml\"\nparameter_overrides = \"Base=right\"\n")
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"the template is api/app.yaml, 1 route"`)
	in.told("POST /right", 405, "CP3002 method-not-defined", "api/app.yaml:8")
}

func TestTemplateNone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items"))
	in := startIn(t, dir, "--template", "none", "--upstream", mounting(t, "GET /items"))
	in.stderr.Await(t, `"msg":"no template is read"`)
	in.told("POST /items", 403, "CP3000 unexplained", "")
}

// TestTemplateChosen takes another one by the configuration, while serving.
func TestTemplateChosen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items"))
	put(t, dir, "other.yaml", template("GET /others"))
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"the template is template.yaml, 1 route"`)
	write(t, dir, "template: other.yaml\n")
	in.stderr.Await(t, `"the template is now other.yaml, 1 route"`)
	in.told("POST /others", 405, "CP3002 method-not-defined", "other.yaml:10")
	write(t, dir, "template: missing.yaml\n")
	in.stderr.Await(t, `CP5011 template-not-read: there is no file .*missing.yaml.*; what was known of the template stays`)
	in.told("POST /others", 405, "CP3002 method-not-defined", "other.yaml:10")
	write(t, dir, "template: none\n")
	in.stderr.Await(t, `"no template is read any more"`)
	in.told("POST /others", 403, "CP3000 unexplained", "")
}

// TestTemplateChosenWithoutOne says that one is gone only of one that was there.
func TestTemplateChosenWithoutOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "template: none\n")
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"msg":"no template is read"`)
	write(t, dir, "template: missing.yaml\n")
	in.stderr.Await(t, `CP5011 template-not-read: there is no file .*missing.yaml.*; corsproxy serves without it"`)
	write(t, dir, "log: {level: info}\n")
	in.stderr.Await(t, `"the template: none here; start corsproxy beside template.yaml, or name it with --template FILE"`)
	put(t, dir, "other.yaml", template("GET /others"))
	write(t, dir, "template: other.yaml\n")
	in.stderr.Await(t, `"the template is now other.yaml, 1 route"`)
	write(t, dir, "log: {level: info}\n")
	in.stderr.Await(t, `CP5011 template-not-read: there is no template here: .*; what was known of the template stays"`)
	put(t, dir, "template.yaml", template("GET /items"))
	in.stderr.Await(t, `"the template is now template.yaml, 1 route"`)
	if err := os.Remove(filepath.Join(dir, "template.yaml")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `CP5011 template-not-read: the template is gone; what was known of the template stays"`)
}

// TestTemplateAppears begins without one.
func TestTemplateAppears(t *testing.T) {
	t.Parallel()
	in := start(t, "--upstream", mounting(t))
	in.stderr.Await(t, `"the template: none here; start corsproxy beside template.yaml, or name it with --template FILE"`)
	put(t, in.dir, "template.json", `{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}`)
	in.stderr.Await(t, `"the template is now template.json, no routes"`)
	put(t, in.dir, "template.yaml", template("GET /items"))
	in.stderr.Await(t, `"the template is now template.yaml, 1 route"`)
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10")
	if err := os.Remove(filepath.Join(in.dir, "template.yaml")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `"the template is now template.json, no routes"`)
}

// TestTemplateChanges changes it while SAM local goes on with what it has.
func TestTemplateChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items"))
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items"))
	in.told("GET /other", 404, "CP3001 route-not-found", "")
	put(t, dir, "template.yaml", template("GET /items", "GET /other"))
	in.stderr.Await(t, `"read template.yaml again: 2 routes; SAM local mounts them when it is started again"`)
	in.told("GET /other", 404, "CP3015 template-newer-than-sam", "template.yaml:11")
	in.told("GET /items", 200, "", "")
}

// TestTemplateAndLog has SAM's log say what is mounted, and when.
func TestTemplateAndLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items", "GET /old"))
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "template.yaml"), past, past); err != nil {
		t.Fatal(err)
	}
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items"), "--sam-log", "-", "--log-level", "debug")
	fmt.Fprintln(in.stdin, "Mounting Records at http://127.0.0.1:3000/items [GET]")
	in.stderr.Await(t, `learned 1 route from SAM's log`)
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10") // the log has no lines of the template
	in.told("GET /old", 404, "CP3001 route-not-found", "template.yaml:11")       // declared, and nothing tells why it is not mounted
	put(t, dir, "template.yaml", template("GET /items", "GET /new"))
	future := past.Add(2 * time.Hour) // file systems have coarser clocks than Go
	if err := os.Chtimes(filepath.Join(dir, "template.yaml"), future, future); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `read template.yaml again: 2 routes`)
	in.told("GET /new", 404, "CP3015 template-newer-than-sam", "template.yaml:11")
}

// TestTemplateBuilt has sam build run while corsproxy serves.
func TestTemplateBuilt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", template("GET /items"))
	in := startIn(t, dir, "--upstream", mounting(t, "GET /items"))
	put(t, dir, ".aws-sam/build/template.yaml", template("GET /items"))
	in.stderr.Await(t, `"the template is now .aws-sam/build/template.yaml, 1 route; what is to be changed in it goes into template.yaml, and then sam build"`)
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10") // where it is written, not built
	put(t, dir, "template.yaml", template("GET /items", "GET /other"))
	in.stderr.Await(t, `"read template.yaml again: 2 routes; SAM local mounts them after sam build, when it is started again"`)
	in.told("GET /other", 404, "CP3014 build-is-stale", "template.yaml:11")
	put(t, dir, ".aws-sam/build/template.yaml", "# built again\n"+template("GET /items", "GET /other"))
	in.stderr.Await(t, `"read .aws-sam/build/template.yaml again: 2 routes; SAM local mounts them when it is started again"`)
	in.told("GET /other", 404, "CP3015 template-newer-than-sam", "template.yaml:11")
	put(t, dir, ".aws-sam/build/template.yaml", template("GET /items", "GET /other"))
	in.stderr.Await(t, `"read .aws-sam/build/template.yaml again; its routes are the same; SAM local takes over what else has changed when it is started again"`)
	if err := os.RemoveAll(filepath.Join(dir, ".aws-sam")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `"the template is now template.yaml, 2 routes"`)
}

// TestTemplateRefused has what SAM refuses change nothing, and be said once.
func TestTemplateRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", refusedTemplate)
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"msg":"CP5010 template-refused: template.yaml:10:\d+: .*; corsproxy serves without it","code":"CP5010"`)
	in.told("GET /items", 403, "CP3000 unexplained", "")

	put(t, dir, "template.yaml", template("GET /items"))
	in.stderr.Await(t, `"the template is now template.yaml, 1 route"`)
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10")

	put(t, dir, "template.yaml", "# broken\n"+refusedTemplate)
	in.stderr.Await(t, `CP5010 template-refused: template.yaml:11:\d+: .*; what was known of the template stays`)
	for range 3 {
		in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10")
	}
	put(t, dir, "samconfig.toml", "[")
	in.stderr.Await(t, `CP5010 template-refused: read SAM's configuration: .*samconfig.toml:1:\d+`)
	if n := strings.Count(in.stderr.String(), "CP5010"); n != 6 { // each in the message and as the code
		t.Errorf("CP5010 stands %d times in the log", n)
	}
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10")
}

// TestTemplateStopsSAM has functions with which SAM local does not start said
// once, and the routes used.
func TestTemplateStopsSAM(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	faulty := strings.ReplaceAll(template("GET /items"), "Handler:", "Description:")
	put(t, dir, "template.yaml", faulty)
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"msg":"CP5010 template-refused: template.yaml:\d+:\d+: function .* has no Handler; SAM local does not start; write `)
	in.told("POST /items", 405, "CP3002 method-not-defined", "template.yaml:10")
	put(t, dir, "template.yaml", faulty+"\n")
	in.stderr.Await(t, `its routes are the same`)
	put(t, dir, "template.yaml", faulty+"  Other: {Type: AWS::Lambda::Function}\n")
	in.stderr.Await(t, `has no Handler; .*; and 1 more, which corsproxy check lists`)
	if n := strings.Count(in.stderr.String(), `"code":"CP5010"`); n != 2 {
		t.Errorf("CP5010 stands %d times in the log", n)
	}
}

// TestTemplateParts changes a file that the template names.
func TestTemplateParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", "Resources:\n  Child:\n    Type: AWS::Serverless::Application\n    Properties: {Location: child/template.yaml}\n")
	in := startIn(t, dir, "--upstream", mounting(t))
	in.stderr.Await(t, `"the template is template.yaml, no routes"`)
	put(t, dir, "child/template.yaml", template("GET /child"))
	in.stderr.Await(t, `read template.yaml again: 1 route`)
	put(t, dir, "child/template.yaml", template("GET /child", "GET /second"))
	in.stderr.Await(t, `read template.yaml again: 2 routes`)
	in.told("POST /second", 405, "CP3002 method-not-defined", "child/template.yaml:11")
}

// TestTemplateLosesNothing changes it while requests come.
func TestTemplateLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf("GET /r%d/{id}", i)
	}
	put(t, dir, "template.yaml", template(many...))
	in := startIn(t, dir, "--upstream", mounting(t, many...))
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { done <- n }()
		for ; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			response, err := http.Get(in.url + many[n%len(many)][len("GET "):])
			if err != nil {
				t.Errorf("request %d: %v", n, err)
				continue
			}
			if response.Body.Close(); response.StatusCode != http.StatusOK {
				t.Errorf("request %d: %s", n, response.Status)
			}
		}
	}()
	put(t, dir, "template.yaml", template(slices.Concat(many, []string{"GET /more"})...))
	in.stderr.Await(t, `read template.yaml again: 301 routes`)
	put(t, dir, "template.yaml", refusedTemplate)
	in.stderr.Await(t, `CP5010`)
	close(stop)
	if n := <-done; n == 0 {
		t.Error("no request was sent")
	}
}
