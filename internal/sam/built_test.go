package sam_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const (
	webSource = `Transform: AWS::Serverless-2016-10-31
# what sam build leaves out
Globals: {Function: {Runtime: nodejs22.x, Handler: a.b, CodeUri: src/}}
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: [https://a.example], AllowMethods: [GET]}
  Child: {Type: AWS::Serverless::Application, Properties: {Location: child/template.yaml}}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Events: {Get: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: /a, Method: GET}}}
`
	webBuilt = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: nodejs22.x, Handler: a.b, CodeUri: src/}}
Resources:
  Web:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins:
        - https://a.example
        AllowMethods:
        - GET
  Child:
    Type: AWS::Serverless::Application
    Properties: {Location: Child/template.yaml}
    Metadata: {SamResourceId: Child}
  List:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: List
      Events:
        Get:
          Type: HttpApi
          Properties: {ApiId: {Ref: Web}, Path: /a, Method: GET}
    Metadata: {SamResourceId: List}
`
	childSource = "Transform: AWS::Serverless-2016-10-31\n\n\nResources:\n  Sub: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: src/, Events: {Sub: {Type: HttpApi, Properties: {Path: /sub, Method: GET}}}}}\n"
	childBuilt  = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Sub: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: Sub, Events: {Sub: {Type: HttpApi, Properties: {Path: /sub, Method: GET}}}}}\n"
)

// TestBuiltPlaces holds that what stands in a build is told where it stands in
// what the build was made of, where the next build takes it from.
func TestBuiltPlaces(t *testing.T) {
	t.Parallel()
	const build = ".aws-sam/build/template.yaml"
	for name, c := range map[string]struct {
		source                  string
		cors, methods, get, sub string
	}{
		"as it is":             {webSource, "template.yaml:8", "template.yaml:8", "template.yaml:13", "child/template.yaml:5"},
		"an older build":       {strings.ReplaceAll(webSource, "[GET]", "[GET, PUT]"), "template.yaml:8", build + ":10", "template.yaml:13", "child/template.yaml:5"},
		"with another path":    {strings.ReplaceAll(webSource, "Path: /a", "Path: /b"), "template.yaml:8", "template.yaml:8", build + ":21", "child/template.yaml:5"},
		"with another method":  {strings.ReplaceAll(webSource, "Method: GET", "Method: PUT"), "template.yaml:8", "template.yaml:8", build + ":21", "child/template.yaml:5"},
		"without the event":    {strings.ReplaceAll(webSource, "{Get:", "{Other:"), "template.yaml:8", "template.yaml:8", build + ":21", "child/template.yaml:5"},
		"of another type":      {strings.ReplaceAll(webSource, "AWS::Serverless::HttpApi", "AWS::Serverless::Api"), build + ":8", build + ":10", "template.yaml:13", "child/template.yaml:5"},
		"without the child":    {strings.ReplaceAll(webSource, "Child:", "Other:"), "template.yaml:8", "template.yaml:8", "template.yaml:13", ".aws-sam/build/Child/template.yaml:3"},
		"another application":  {"Globals: {Function: {Runtime: nodejs22.x}}\nResources: {Bucket: {Type: AWS::S3::Bucket}}\n", build + ":8", build + ":10", build + ":21", ".aws-sam/build/Child/template.yaml:3"},
		"what cannot be read":  {"Resources: [\n", build + ":8", build + ":10", build + ":21", ".aws-sam/build/Child/template.yaml:3"},
		"what is no map":       {"- Resources\n", build + ":8", build + ":10", build + ":21", ".aws-sam/build/Child/template.yaml:3"},
		"nothing that is left": {"", build + ":8", build + ":10", build + ":21", ".aws-sam/build/Child/template.yaml:3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{
				"template.yaml": c.source, build: webBuilt,
				"child/template.yaml": childSource, ".aws-sam/build/Child/template.yaml": childBuilt,
			} {
				file = filepath.Join(dir, filepath.FromSlash(file))
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			app, err := sam.Load(filepath.Join(dir, filepath.FromSlash(build)), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			web := app.Deployed[0]
			if web.CORS.Source != c.cors || web.CORS.Places["AllowMethods"] != c.methods {
				t.Errorf("the CORS setting is at %s, its methods at %s; want %s and %s", web.CORS.Source, web.CORS.Places["AllowMethods"], c.cors, c.methods)
			}
			at := make(map[string]string)
			for _, r := range app.Local.Routes {
				at[r.Path] = r.Source
			}
			if at["/a"] != c.get || at["/sub"] != c.sub {
				t.Errorf("the routes are at %s and %s, want %s and %s", at["/a"], at["/sub"], c.get, c.sub)
			}
			for _, file := range app.Files {
				if filepath.Dir(file) == dir {
					t.Errorf("the application depends on %s, which SAM local does not read", file)
				}
			}
		})
	}
}

// TestConfiguredSource holds that the template of a build is the one that SAM's
// configuration has sam build read, whatever else lies beside it.
func TestConfiguredSource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for file, text := range map[string]string{
		".aws-sam/build/template.yaml": webBuilt, "infra/web.yaml": webSource, "infra/child/template.yaml": childSource,
		".aws-sam/build/Child/template.yaml": childBuilt,
		"template.yaml":                      strings.ReplaceAll(webSource, "[GET]", "[PUT]"),
		"samconfig.toml":                     "[default.build.parameters]\ntemplate_file = \"infra/web.yaml\"\n[ci.global.parameters]\ntemplate_file = \"gone.yaml\"\n",
	} {
		file = filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := filepath.Join(dir, ".aws-sam", "build", "template.yaml")
	for env, want := range map[string]struct{ source, methods, sub string }{
		"":      {filepath.Join(dir, "infra", "web.yaml"), "infra/web.yaml:8", "infra/child/template.yaml:5"},
		"other": {"", ".aws-sam/build/template.yaml:10", ".aws-sam/build/Child/template.yaml:3"}, // template.yaml has no GET, and no child beside it
		"ci":    {filepath.Join(dir, "gone.yaml"), ".aws-sam/build/template.yaml:10", ".aws-sam/build/Child/template.yaml:3"},
	} {
		source := sam.BuildSource(build, env)
		if same := sam.BuildSource(filepath.Join(dir, "template.yaml"), env); source != want.source || same != source {
			t.Errorf("%q: the source is %q, and %q; want %q", env, source, same, want.source)
		}
		app, err := sam.Load(build, sam.Options{Source: source})
		if err != nil {
			t.Fatal(err)
		}
		sub := app.Local.Routes[slices.IndexFunc(app.Local.Routes, func(r sam.Route) bool { return r.Path == "/sub" })].Source
		if methods := app.Deployed[0].CORS.Places["AllowMethods"]; methods != want.methods || sub != want.sub {
			t.Errorf("%q: the methods are at %s, a route at %s; want %+v", env, methods, sub, want)
		}
		if _, err := sam.FindSource(build, source); (env == "ci") != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", env, err)
		}
	}
}
