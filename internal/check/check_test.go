package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestSilence checks templates that nothing is wrong with.
func TestSilence(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/ok/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in testdata/ok: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			findings, err := check.Run(check.Options{Template: file})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range check.AtLeast(findings, check.SeverityInfo) {
				t.Errorf("%s:%d:%d: %s [%s]", f.File, f.Line, f.Column, f.Message, f.Code)
			}
		})
	}
}

func TestRunReportsUnreadableTemplates(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "template.yaml")
	_, err := check.Run(check.Options{Template: name})
	if err == nil || !strings.Contains(err.Error(), "template.yaml") {
		t.Errorf("Run of a template that is not there returns %v, want an error that names it", err)
	}
}

// TestDisplay checks that findings name files as the user does.
func TestDisplay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{filepath.Join("testdata", "unquoted.yaml"), "testdata/../testdata/unquoted.yaml"} {
		findings, err := check.Run(check.Options{Template: name})
		if err != nil || len(findings) != 1 {
			t.Fatalf("Run(%s) = %v, %v, want one finding", name, findings, err)
		}
		if got, want := findings[0].File, "testdata/unquoted.yaml"; got != want {
			t.Errorf("the finding is in %q, want %q", got, want)
		}
	}
	abs, err := filepath.Abs("testdata/unquoted.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if findings, err := check.Run(check.Options{Template: abs}); err != nil || findings[0].File != filepath.ToSlash(abs) {
		t.Errorf("Run(%s) = %v, %v, want the finding in the same file", abs, findings, err)
	}
}

func TestIgnore(t *testing.T) {
	t.Parallel()
	template := func(line, above string) string {
		return `Transform: AWS::Serverless-2016-10-31
Resources:
  Items:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors:
` + above + `        AllowOrigin: "'https://a.example.com/,https://b.example.com'"` + line + `
  GetItems:
    Type: AWS::Serverless::Function
    Properties:
      Handler: items.handler
      Runtime: nodejs22.x
      CodeUri: .
      Events:
        Get: {Type: Api, Properties: {RestApiId: !Ref Items, Path: /items, Method: get}}
`
	}
	tests := []struct {
		name, line, above string
		want              []check.Code
	}{
		{name: "no comment", want: []check.Code{"CP6011"}},
		{name: "the code", line: " # corsproxy:ignore CP6011"},
		{name: "the code and a reason", line: " # corsproxy:ignore CP6011 the function answers"},
		{name: "all", line: "  #corsproxy:ignore"},
		{name: "alone on the line before", above: "        # corsproxy:ignore CP6011\n"},
		{name: "before another comment", above: "        # corsproxy:ignore CP6011\n        # the pages\n\n"},
		{name: "another code", line: " # corsproxy:ignore CP6010", want: []check.Code{"CP6002", "CP6011"}},
		{name: "one of two codes", line: " # corsproxy:ignore CP6011,CP6010", want: []check.Code{"CP6002"}},
		{name: "no such code", line: " # corsproxy:ignore CP6011, CP9999", want: []check.Code{"CP6002"}},
		{name: "behind the line before", above: "        MaxAge: \"'5'\" # corsproxy:ignore CP6011\n", want: []check.Code{"CP6002", "CP6011"}},
		{name: "a code that needs a configuration", line: " # corsproxy:ignore CP6011,CP6090"},
		{name: "within a word", line: " # see corsproxy:ignored CP6011", want: []check.Code{"CP6011"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := codesOf(t, template(tt.line, tt.above))
			if !slices.Equal(got, tt.want) {
				t.Errorf("found %v, want %v", got, tt.want)
			}
		})
	}
}

// TestIgnoreInRefusedTemplate checks that comments are not called unused
// where most rules could not look.
func TestIgnoreInRefusedTemplate(t *testing.T) {
	t.Parallel()
	got := codesOf(t, "Resources: # corsproxy:ignore CP6011\n  Items: nothing\n")
	if want := []check.Code{"CP6001"}; !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

// findingsOf returns what is found in a template.
func findingsOf(t *testing.T, template string) []check.Finding {
	t.Helper()
	name := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(template), 0o644); err != nil {
		t.Fatal(err)
	}
	findings, err := check.Run(check.Options{Template: name})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// codesOf returns the codes found in a template, sorted.
func codesOf(t *testing.T, template string) []check.Code {
	t.Helper()
	var codes []check.Code
	for _, f := range findingsOf(t, template) {
		codes = append(codes, f.Code)
	}
	slices.Sort(codes)
	return codes
}

// TestExampleDeploys has the example of the repository say of itself what is so:
// it deploys, and SAM local does not serve its preflight.
func TestExampleDeploys(t *testing.T) {
	t.Parallel()
	findings, err := check.Run(check.Options{Template: filepath.Join("..", "..", "examples", "sam", "template.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 1 || findings[0].Code != "CP6026" {
		t.Errorf("the findings are %+v, want CP6026 alone", findings)
	}
}
