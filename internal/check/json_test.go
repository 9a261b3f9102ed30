package check_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// TestFixesAreJSON holds that what is to be written into a template in JSON is JSON,
// and says what it says of the same template in YAML.
func TestFixesAreJSON(t *testing.T) {
	t.Parallel()
	yamlLine := regexp.MustCompile(`(?m)^\s*(- )?[\w.:/{}-]+:( |$)|![A-Z]`)
	for _, file := range exampleFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if name == "CP6002" || name == "CP6007" { // of comments, and of keys that stand twice
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var o options
			for _, f := range archive.Files {
				name, data := filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data
				if f.Name == "options.json" {
					if err := json.Unmarshal(data, &o); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			run := func() []check.Finding {
				findings, err := check.Run(check.Options{
					Template: filepath.Join(dir, "bad", "template.yaml"), Config: o.Config,
					SAM: sam.Options{Parameters: o.Parameters, LanguageExtensions: o.LanguageExtensions},
				})
				if err != nil {
					t.Fatal(err)
				}
				slices.SortStableFunc(findings, func(a, b check.Finding) int {
					return strings.Compare(string(a.Code)+a.Message, string(b.Code)+b.Message)
				})
				return findings
			}
			before := run()
			v, err := tree.Parse("template.yaml", fileOf(archive, "bad/template.yaml"))
			if err != nil {
				t.Skip("the template is no YAML")
			}
			if err := os.WriteFile(filepath.Join(dir, "bad", "template.yaml"), []byte(v.JSON("")), 0o644); err != nil {
				t.Fatal(err)
			}
			after := run()
			for _, f := range after {
				if !strings.HasSuffix(f.File, "template.yaml") || strings.HasPrefix(f.Fix, "headers: {") { // which is code
					continue
				}
				if yamlLine.MatchString(f.Fix) {
					t.Errorf("%s is to be mended with\n%s", f.Code, f.Fix)
				}
				i := slices.IndexFunc(before, func(b check.Finding) bool { return b.Code == f.Code && b.Message == f.Message })
				if i < 0 {
					continue // it names lines
				}
				want, err := tree.Parse("", []byte(before[i].Fix))
				if err != nil || !want.Is(tree.Map) || slices.ContainsFunc(want.Entries(), func(e tree.Entry) bool { return strings.Contains(e.Name(), " ") }) {
					continue // words, too
				}
				var members []string
				for line := range strings.Lines(f.Fix) {
					if !strings.HasPrefix(line, "#") {
						members = append(members, strings.TrimSuffix(line, ":"))
					}
				}
				text := strings.Join(members, "")
				if !strings.HasPrefix(text, "{") {
					text = "{" + text + "}"
				}
				got, err := tree.Parse("", []byte(text))
				if err != nil || !tree.Equal(got, want) {
					t.Errorf("%s is to be mended with\n%s\nwhich is not what is said of YAML:\n%s", f.Code, f.Fix, before[i].Fix)
				}
			}
		})
	}
}

// TestCommentsOfFixes holds that what a fix says beside YAML stands behind the JSON.
func TestCommentsOfFixes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "template.json")
	template := `{"Transform": "AWS::Serverless-2016-10-31", "Parameters": {"Cors": {"Type": "String", "Default": "x"}},
"Globals": {"HttpApi": {"CorsConfiguration": {"Ref": "Cors"}}},
"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Runtime": "python3.13", "Handler": "a.b", "CodeUri": "src",
"Events": {"E": {"Type": "HttpApi", "Properties": {"Path": "/a", "Method": "get"}}}}}}}`
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := check.Run(check.Options{Template: file})
	if err != nil {
		t.Fatal(err)
	}
	const want = `"CorsConfiguration": {
  "Fn::If": [
    "WithCors",
    {
      "AllowOrigins": ["https://app.example.com"],
      "AllowMethods": ["*"],
      "AllowHeaders": ["*"]
    },
    {"Ref": "AWS::NoValue"}
  ]
}
# {"Fn::Equals": [{"Ref": "Cors"}, "true"]}`
	i := slices.IndexFunc(findings, func(f check.Finding) bool { return f.Code == "CP6038" })
	if i < 0 || findings[i].Fix != want {
		t.Errorf("found %+v\nwant CP6038 with\n%s", findings, want)
	}
}
