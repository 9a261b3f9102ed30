package sam_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Templates made to keep a reader busy, or to make it grow. Each must be
// refused, or read, at once; the test would not end otherwise.
func TestHostileTemplates(t *testing.T) {
	t.Parallel()
	doubling := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i+1, i)
		}
		return b.String()
	}
	repeated := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, test := range []struct {
		name, template string
		want           string // part of the error; "" if it is read
	}{
		{"aliases", "Metadata:\n  - &x0 [a]\n" + doubling("  - &x%d [*x%[2]d, *x%[2]d]\n", 40) + "Resources: {}\n",
			"more than 500000 values"},
		{"merge keys", "Metadata:\n  - &x0 {a: b}\n" + doubling("  - &x%d {<<: [*x%[2]d, *x%[2]d]}\n", 40) + "Resources: {}\n",
			"merge keys"},
		{"depth", "Resources: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nest deeper than 150 levels"},
		{"depth in JSON", `{"Resources": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}", "nest deeper than 150 levels"},
		{"size", "Resources: {}\n#" + strings.Repeat("x", 5<<20), "bytes"},
		{"values", "Resources: [" + strings.Repeat("1,", 600_000) + "1]", "more than 500000 values"},
		{"number", "Resources: " + strings.Repeat("9", 1_000_000), "no resources"},
		{"conditions", "Conditions:\n  C0: !Equals [a, a]\n" +
			doubling("  C%d: !And [{Condition: C%d}, {Condition: C%[2]d}]\n", 40) +
			"Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Description: !If [C40, a, b]}}\n",
			"too many steps"},
		{"condition of itself", "Conditions: {C: !Not [{Condition: C}]}\nResources:\n" +
			"  F: {Type: AWS::Serverless::Function, Properties: {Description: !If [C, a, b]}}\n", ""},
		{"substitution", "Parameters: {P: {Type: String, Default: " + strings.Repeat("x", 100_000) + "}}\nResources:\n" +
			"  F: {Type: AWS::Serverless::Function, Properties: {Description: !Sub '" + strings.Repeat("${P}", 100_000) + "'}}\n",
			"too many steps"},
		{"mapping", "Mappings: {M: {a: {b: [" + strings.Repeat("1,", 10_000) + "1]}}}\nResources:\n" +
			repeated(1000, "  B%d: {Type: T, Properties: {P: !FindInMap [M, a, b]}}\n"), "too many steps"},
		{"globals", "Globals: {Function: {Environment: {Variables: {" + repeated(3000, "V%d: a, ") + "Z: b}}}}\nResources:\n" +
			repeated(3000, "  F%d: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {A: b}}}}\n"),
			"Globals is merged into too many resources"},
		{"events", "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Events: &e {" +
			repeated(5000, "E%d: {Type: Api, Properties: {Path: /a, Method: any}}, ") + "}}}\n" +
			repeated(1000, "  F%d: {Type: AWS::Serverless::Function, Properties: {Events: *e}}\n"), "more than 500000 values"},
		{"routes", "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Events: &e {" +
			repeated(5000, "E%d: {Type: HttpApi}, ") + "}}}\n" +
			repeated(11, "  F%d: {Type: AWS::Serverless::Function, Properties: {Events: *e}}\n"), "more than 50000 routes"},
		{"stacks", "Resources:\n" + repeated(100, "  S%d: {Type: AWS::Serverless::Application, Properties: {Location: template.yaml}}\n"),
			"stacks nest deeper than"},
		{"resources in a circle", "Resources:\n  A: {Type: AWS::ApiGateway::Resource, Properties: {ParentId: !Ref B, PathPart: a}}\n" +
			"  B: {Type: AWS::ApiGateway::Resource, Properties: {ParentId: !Ref A, PathPart: b}}\n" +
			"  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: x, ResourceId: !Ref A, HttpMethod: GET}}\n",
			"its own parent"},
		{"loops", "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n  - A\n  - &l [" + repeated(200, "x%d, ") + "y]\n" +
			"  - Fn::ForEach::B:\n    - B\n    - *l\n    - Fn::ForEach::C: [C, *l, {'F${A}${B}${C}': {Type: T}}]\n", "make more than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "template.yaml")
			if err := os.WriteFile(name, []byte(test.template), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := sam.Load(name, sam.Options{LanguageExtensions: true})
			switch {
			case test.want == "" && err != nil:
				t.Errorf("got %v, want it read", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %.300v, want an error with %q", err, test.want)
			}
		})
	}
}

// Templates that name others: each of them may be read, and they are too much
// together.
func TestTooMuchTogether(t *testing.T) {
	t.Parallel()
	const child = "Resources: {A: {Type: T}}\n#"
	for _, test := range []struct {
		name         string
		stacks, size int
		want         string
	}{
		{"large files", 9, 4 << 20, "bytes together"},
		{"many stacks", 300, len(child), "more than 256"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			write("child.yaml", child+strings.Repeat("x", test.size-len(child)))
			var b strings.Builder
			b.WriteString("Resources:\n")
			for i := range test.stacks {
				fmt.Fprintf(&b, "  S%d: {Type: AWS::Serverless::Application, Properties: {Location: child.yaml}}\n", i)
			}
			write("template.yaml", b.String())
			if _, err := sam.Load(filepath.Join(dir, "template.yaml"), sam.Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
		})
	}
}

// A template must not make the reader follow a link out of its folder, nor
// wait at a pipe.
func TestLinksOutOfTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inside := filepath.Join(dir, "project")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, name); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	const child = "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {A: {Type: Api, Properties: {Path: /secret, Method: get}}}}}\n"
	write(filepath.Join(dir, "secret.yaml"), child)
	write(filepath.Join(inside, ".git"), "")
	write(filepath.Join(inside, "sub", "child.yaml"), strings.ReplaceAll(child, "secret", "child"))
	write(filepath.Join(inside, "template.yaml"), `
Resources:
  Link: {Type: AWS::Serverless::Application, Properties: {Location: link.yaml}}
  Folder: {Type: AWS::Serverless::Application, Properties: {Location: folder/secret.yaml}}
  Own: {Type: AWS::Serverless::Application, Properties: {Location: own.yaml}}
  Directory: {Type: AWS::Serverless::Application, Properties: {Location: sub}}
`)
	link(filepath.Join(dir, "secret.yaml"), filepath.Join(inside, "link.yaml"))
	link("..", filepath.Join(inside, "folder"))
	link(filepath.Join("sub", "child.yaml"), filepath.Join(inside, "own.yaml"))
	app, err := sam.Load(filepath.Join(inside, "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(app.Local.Routes); got != "GET /child" {
		t.Errorf("got routes %q, want the child's within the folder alone", got)
	}
	if len(app.Warnings) != 3 {
		t.Errorf("got warnings %q, want one for each stack that is not read", app.Warnings)
	}
	for _, name := range app.Files {
		if !strings.HasPrefix(name, inside) {
			t.Errorf("read %s, which is outside", name)
		}
	}
}

// A project may be reached by a link: it is the one of where the folder really is,
// and there ".." begins.
func TestLinkToTheFolder(t *testing.T) {
	t.Parallel()
	const one = "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {A: {Type: Api, Properties: {Path: /PATH, Method: get}}}}}\n"
	for _, git := range []bool{false, true} {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"real/api/template.yaml":     one + "  Beside: {Type: AWS::Serverless::Application, Properties: {Location: ../shared/template.yaml}}\n",
			"real/shared/template.yaml":  strings.Replace(one, "PATH", "shared", 1),
			"links/shared/template.yaml": strings.Replace(one, "PATH", "other", 1),
			"real/.git":                  "",
		} {
			if name == "real/.git" && !git {
				continue
			}
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(filepath.Join(dir, "real", "api"), filepath.Join(dir, "links", "api")); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
		app, err := sam.Load(filepath.Join(dir, "links", "api", "template.yaml"), sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(app.Local.Routes); got != "GET /shared, GET /PATH" {
			t.Errorf("got routes %q", got)
		}
		if want := []string{filepath.Join(dir, "links", "api", "template.yaml"), filepath.Join(dir, "real", "shared", "template.yaml")}; !slices.Equal(app.Files, want) {
			t.Errorf("got files %q, want %q", app.Files, want)
		}
	}
}

// Of a template that is a link, stacks are beside the file that it leads to, as for
// SAM CLI, and documents beside the link.
func TestLinkToTheTemplate(t *testing.T) {
	t.Parallel()
	const one = "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {A: {Type: Api, Properties: {Path: /PATH, Method: get}}}}}\n"
	const document = "swagger: '2.0'\npaths: {/PATH: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: 'arn:aws:lambda:us-east-1:123456789012:function:f'}}}}\n"
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b/template.yaml": "Resources:\n  N: {Type: AWS::Serverless::Application, Properties: {Location: n.yaml}}\n" +
			"  Api: {Type: AWS::Serverless::Api, Properties: {StageName: s, DefinitionUri: openapi.yaml}}\n",
		"a/n.yaml":       strings.Replace(one, "PATH", "nested-a", 1),
		"b/n.yaml":       "Resources:\n  N: {Type: AWS::Serverless::Application, Properties: {Location: ../c/link.yaml}}\n",
		"d/real.yaml":    "Resources:\n  N: {Type: AWS::Serverless::Application, Properties: {Location: n.yaml}}\n",
		"c/n.yaml":       strings.Replace(one, "PATH", "nested-c", 1),
		"d/n.yaml":       strings.Replace(one, "PATH", "nested-d", 1),
		"a/openapi.yaml": strings.Replace(document, "PATH", "document-a", 1),
		"b/openapi.yaml": strings.Replace(document, "PATH", "document-b", 1),
		".git":           "",
	} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"a/template.yaml": "../b/template.yaml", "c/link.yaml": "../d/real.yaml"} {
		if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, filepath.FromSlash(link))); err != nil {
			t.Skipf("no symbolic links: %v", err)
		}
	}
	app, err := sam.Load(filepath.Join(dir, "a", "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(app.Local.Routes); got != "GET /nested-d, GET /document-a" && got != "GET /document-a, GET /nested-d" {
		t.Errorf("got routes %q and warnings %v", got, app.Warnings)
	}
}

// What sam build writes refers to sources beside .aws-sam.
func TestBuiltTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	built := filepath.Join(dir, ".aws-sam", "build", "template.yaml")
	if err := os.MkdirAll(filepath.Dir(built), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		built:                              "Resources:\n  Api: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionUri: ../../openapi.yaml}}\n",
		filepath.Join(dir, "openapi.yaml"): "openapi: 3.0.1\npaths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: 'arn:aws:lambda:us-east-1:123456789012:function:f'}}}}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app, err := sam.Load(built, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(app.Local.Routes); got != "GET /a" {
		t.Errorf("got %q", got)
	}
	if got := app.Local.Routes[0].Source; got != "openapi.yaml:2" {
		t.Errorf("got source %q", got)
	}
}
