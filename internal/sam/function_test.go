package sam_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// TestFaults has functions with which SAM CLI does not start, and such that it
// takes or passes over. The routes are known in each case.
func TestFaults(t *testing.T) {
	t.Parallel()
	const noHandler = `function "F" has no Handler`
	for _, tt := range []struct {
		name, properties string
		kind             string // "" for SAM's own
		want             []string
		remote           string // where its code is, if SAM CLI passes over it
	}{
		{name: "a handler", properties: "CodeUri: ., Handler: app.handler"},
		{name: "no handler", properties: "CodeUri: .", want: []string{noHandler}},
		{name: "an empty handler", properties: `CodeUri: ., Handler: ""`, want: []string{noHandler}},
		{name: "no code either", want: []string{noHandler}},
		{name: "code in the template", properties: "InlineCode: x", want: []string{noHandler}},
		{name: "code on S3", properties: "CodeUri: s3://code/items.zip", remote: "s3://code/items.zip"},
		{name: "code in a bucket", properties: "CodeUri: {Bucket: code, Key: items.zip}", remote: "s3://code/items.zip"},
		{name: "a handler that a function gives", properties: `CodeUri: ., Handler: !Sub "${AWS::StackName}.handler"`},
		{name: "an image to build", properties: "PackageType: Image"},
		{name: "an image in a registry", properties: "PackageType: Image, ImageUri: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/items:1", remote: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/items:1"},
		{name: "a package of type Zip", properties: "PackageType: Zip, CodeUri: .", want: []string{noHandler}},
		{name: "no layers", properties: "CodeUri: ., Handler: app.handler, Layers: ", want: []string{`the Layers of function "F" are null, not a list`}},
		{name: "layers", properties: "CodeUri: ., Handler: app.handler, Layers: [!Ref G, !Ref Nowhere]"}, // SAM CLI looks at them when it calls
		{name: "a raw function", kind: "AWS::Lambda::Function", properties: "Code: .", want: []string{noHandler}},
		{name: "a raw function on S3", kind: "AWS::Lambda::Function", properties: "Code: {S3Bucket: code, S3Key: items.zip}", remote: "s3://code/items.zip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kind := tt.kind
			if kind == "" {
				kind = "AWS::Serverless::Function"
			}
			name := filepath.Join(t.TempDir(), "template.yaml")
			template := "Resources:\n" +
				"  G: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}\n" +
				"  F: {Type: " + kind + ", Condition: Never, Properties: {" + tt.properties + "}}\n"
			if err := os.WriteFile(name, []byte(template), 0o644); err != nil {
				t.Fatal(err)
			}
			app, err := sam.Load(name, sam.Options{})
			if err != nil || len(app.Local.Routes) != 1 {
				t.Fatalf("Load returns %v, %v, want one route", app, err)
			}
			remote := ""
			for _, r := range app.Remote {
				remote = r.Code
				if r.Name != "F" || r.Pos.Line != 3 || r.Image == strings.HasPrefix(r.Code, "s3:") {
					t.Errorf("got %+v", r)
				}
			}
			if remote != tt.remote {
				t.Errorf("the code is at %q, want %q", remote, tt.remote)
			}
			var got []string
			for i, f := range app.Faults {
				got = append(got, f.What)
				if f.Pos.Line != 3 || app.Warnings[i].Message != "SAM local does not start: "+f.What+"; "+f.Fix {
					t.Errorf("got %v, and the warning %v", f, app.Warnings[i])
				}
			}
			if !slices.Equal(got, tt.want) || len(app.Warnings) != len(got) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
