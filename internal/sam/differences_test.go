package sam_test

import (
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// Where Load deliberately differs from SAM CLI, each kind with the smallest
// template that shows it. Over a large body of public templates nothing else
// was left; a difference that is none of these is a mistake.
func TestDifferencesFromSAM(t *testing.T) {
	t.Parallel()
	const event = "Events: {Get: {Type: HttpApi, Properties: {Path: /items, Method: get}}}"
	const child = "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      " + event + "\n"
	nested := func(location string) string {
		return "Resources:\n  App: {Type: AWS::Serverless::Application, Properties: {Location: " + location + "}}\n"
	}
	for _, tt := range []struct {
		name    string
		files   []txtar.File
		sam     []string // what SAM CLI mounts, as measured
		want    []string // what Load says
		warning string
	}{
		{
			name: "a nested stack outside the project", // a template from a stranger could name any file
			files: []txtar.File{
				{Name: "folder/template.yaml", Data: []byte(nested("../child.yaml"))},
				{Name: "child.yaml", Data: []byte(child)},
				{Name: "folder/.git"},
			},
			sam:     []string{"GET /items F"},
			warning: `stack "App" is not read: the file lies outside the project, which is the template's Git work tree, or without Git the folder above the template's`,
		},
		{
			name:    "a nested stack whose file is missing here", // where SAM CLI runs, it is there
			files:   []txtar.File{{Name: "template.yaml", Data: []byte(nested("./child.yaml"))}},
			sam:     []string{"GET /items F"},
			warning: `the template of stack "App" does not exist: "./child.yaml"; without it SAM CLI does not start`,
		},
		{
			name: "a method that two functions hold", // Python's hash seed decides; here the later function has it
			files: []txtar.File{{Name: "template.yaml", Data: []byte("Resources:\n" +
				"  A: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Api, Properties: {Path: /items, Method: any}}}}}\n" +
				"  B: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: Api, Properties: {Path: /items, Method: get}}}}}\n")}},
			sam:  []string{"GET /items A", "GET /items B"}, // the one or the other
			want: []string{"DELETE /items A", "GET /items B", "HEAD /items A", "OPTIONS /items A", "PATCH /items A", "POST /items A", "PUT /items A"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			app, err := load(t, tt.files)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range app.Local.Routes {
				got = append(got, r.Method+" "+r.Path+" "+r.Function)
			}
			slices.Sort(got)
			if !slices.Equal(got, tt.want) || slices.Equal(got, tt.sam) {
				t.Errorf("got %q, want %q, where SAM CLI has %q", got, tt.want, tt.sam)
			}
			said := tt.warning == ""
			for _, w := range app.Warnings {
				said = said || w.Message == tt.warning
			}
			if !said {
				t.Errorf("warnings are %v, want %q", app.Warnings, tt.warning)
			}
		})
	}
}
