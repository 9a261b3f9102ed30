package sam_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestFrom has places name files as a person would in the folder where SAM local is
// started, and nothing of what is above the project.
func TestFrom(t *testing.T) {
	t.Parallel()
	const function = `Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: src, Events: {E: {Type: Api, Properties: {Method: get, Path: /a}}}}
`
	dir := putAll(t, map[string]string{
		".git/HEAD":         "",
		"api/app.yaml":      function + "  Child: {Type: AWS::Serverless::Application, Properties: {Location: ../shared/child.yaml}}\n",
		"shared/child.yaml": strings.ReplaceAll(function, "/a", "/b"),
		"web/index.html":    "",
	})
	for from, want := range map[string][]string{
		"":                        {"../shared/child.yaml:5", "app.yaml:5"},
		dir:                       {"api/app.yaml:5", "shared/child.yaml:5"},
		filepath.Join(dir, "api"): {"../shared/child.yaml:5", "app.yaml:5"},
		filepath.Join(dir, "web"): {"../api/app.yaml:5", "../shared/child.yaml:5"},
		t.TempDir():               {"../shared/child.yaml:5", "app.yaml:5"},
	} {
		a, err := sam.Load(filepath.Join(dir, "api", "app.yaml"), sam.Options{From: from})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range a.Local.Routes {
			got = append(got, r.Source)
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Errorf("from %q: %q, want %q", from, got, want)
		}
	}
}
