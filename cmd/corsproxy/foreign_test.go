package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foreignFiles are files that are no templates, each with a secret in a line that
// a complaint about it would show.
var foreignFiles = map[string]string{
	".npmrc":              "//registry.example.com/:_authToken=npm_SECRET\n",
	".git/config":         "[core]\n\textraheader = AUTHORIZATION: basic SECRET\n",
	".docker/config.json": `{"auths":{"ghcr.io":{"auth":"SECRET"}}}`,
	"comment.yaml":        "# token: SECRET\n",
	"credentials":         "[default]\naws_secret_access_key = SECRET\n",
	"list.yaml":           "- SECRET\n- SECRET: [\n",
	"twice.yaml":          "SECRET: 1\nSECRET: 2\nx: {\n",
	"alias.yaml":          "a: *SECRET\n",
	"latin1":              "SECRET=\xfc\n",
	"environ":             "TOKEN=SECRET\x00TITLE=x\nResources:\n\x00",
	"event.json":          `{"token":"SECRET","title":",\"Resources\": {"` + "\n",
}

// TestNothingOfOtherFilesIsShown has a samconfig.toml, a template and links name
// files that are none of theirs.
func TestNothingOfOtherFilesIsShown(t *testing.T) {
	t.Parallel()
	const resources = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
	for file, content := range foreignFiles {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) {
				t.Helper()
				name = filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("outside/"+file, content)
			write("p/"+file, content)
			link := func(name string) {
				if err := os.Symlink(filepath.FromSlash(file), filepath.Join(dir, "p", name)); err != nil {
					t.Skip("no symbolic links: ", err)
				}
			}
			write("p/config/stack.yaml", resources+fmt.Sprintf("  S: {Type: AWS::Serverless::Application, Properties: {Location: '../%s'}}\n", file))
			write("p/api.yaml", resources+fmt.Sprintf("  A: {Type: AWS::Serverless::Api, Properties: {StageName: p, DefinitionUri: '%s'}}\n", file))
			write("p/stack.yaml", resources+fmt.Sprintf("  S: {Type: AWS::Serverless::Application, Properties: {Location: '%s'}}\n", file))
			write("p/part.yaml", resources+fmt.Sprintf("  H: {Type: AWS::Serverless::HttpApi, Properties: {DefinitionBody: {'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: '%s'}}}}}\n", file))
			link("link.yaml")
			templates := []string{file, "../outside/" + file, filepath.Join(dir, "outside", filepath.FromSlash(file)), "link.yaml", "api.yaml", "stack.yaml", "part.yaml", "config/stack.yaml"}
			for _, template := range templates {
				write("p/samconfig.toml", fmt.Sprintf("[default.local_start_api.parameters]\ntemplate_file = '%s'\n", template))
				for _, args := range [][]string{{"check"}, {"check", "--format", "json"}, {"check", "--format", "sarif"}, {"routes"}} {
					in := begin(t, filepath.Join(dir, "p"), args...)
					in.code()
					out := in.stdout.String() + in.stderr.String()
					if strings.Contains(out, "SECRET") || out == "" {
						t.Errorf("template_file = %s, %s:\n%s", template, strings.Join(args, " "), out)
					}
				}
			}
			if err := os.Remove(filepath.Join(dir, "p", "samconfig.toml")); err != nil {
				t.Fatal(err)
			}
			link("samconfig.yaml")
			in := begin(t, filepath.Join(dir, "p"), "routes")
			in.code()
			if out := in.stderr.String(); strings.Contains(out, "SECRET") || out == "" {
				t.Errorf("as samconfig.yaml:\n%s", out)
			}
		})
	}
}

// TestTemplateElsewhere has a samconfig.toml name a template outside its folder, as
// people do who keep it apart: what is wrong with it is shown as of any other.
func TestTemplateElsewhere(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]string{
		"Resources:\n  F: {Type: [\n":       "2 |   F: {Type: [",
		"{\"Resources\": {\"F\": [}\n":      `1 | {"Resources": {"F": [}`,
		"\tResources:\n\t\tF: {}\n":         "a tab indents the line",
		"Transform: [a: b: c]\nX: {}\n":     "1 | Transform: [a: b: c]",
		"\ufeffResources:\n\tF: {Type: }\n": "a tab indents the line",
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"infra/template.yaml": template,
			"app/samconfig.toml":  "[default.local_start_api.parameters]\ntemplate_file = '../infra/template.yaml'\n",
		} {
			name = filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		in := begin(t, filepath.Join(dir, "app"), "check")
		if code := in.code(); code != exitFailed || !strings.Contains(in.stdout.String(), want) {
			t.Errorf("%q: exit code %d, no %q in\n%s%s", template, code, want, in.stdout, in.stderr)
		}
	}
}
