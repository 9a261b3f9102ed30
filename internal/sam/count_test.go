package sam_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// A short template makes many routes of one document that all its APIs name.
// They are too many for each reader, and nothing is kept of them.
func TestRoutesAreLimited(t *testing.T) {
	t.Parallel()
	const tooMany = "more than 50000 routes"
	apis := func(n int, kind, properties, more string) string {
		var b strings.Builder
		b.WriteString("Conditions: {Never: !Equals [a, b]}\nResources:\n")
		for i := range n {
			fmt.Fprintf(&b, "  A%d: {Type: %s, %s Properties: {%s}}\n", i, kind, more, properties)
		}
		return b.String()
	}
	const function = "  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}\n"
	for _, test := range []struct {
		name, template string
		refused        string // by Load and Inspect
	}{
		{"serverless", apis(8, "AWS::Serverless::Api", "StageName: x, DefinitionUri: all.yaml", ""), tooMany},
		{"HTTP", apis(8, "AWS::Serverless::HttpApi", "DefinitionUri: all.yaml", ""), tooMany},
		{"not deployed", apis(8, "AWS::Serverless::Api", "StageName: x, DefinitionUri: all.yaml", "Condition: Never,"), tooMany},
		{"passed over", strings.Replace(apis(8, "AWS::ApiGateway::RestApi", "BodyS3Location: all.yaml", ""), "Resources:\n", "Resources:\n"+function, 1), tooMany},
		{"raw HTTP", apis(8, "AWS::ApiGatewayV2::Api", "ProtocolType: HTTP, BodyS3Location: all.yaml", ""), tooMany},
		{"refused for something else, too", strings.Replace(apis(8, "AWS::Serverless::Api", "StageName: x, DefinitionUri: all.yaml", "Condition: Never,"),
			"Resources:\n", "Resources:\n  B: {Type: AWS::Serverless::Api, Properties: {StageName: x, DefinitionBody: {openapi: '9', paths: {}}}}\n", 1), "version 9 is neither 2.x nor 3.x"},
		{"just not", apis(7, "AWS::Serverless::Api", "StageName: x, DefinitionUri: all.yaml", ""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var all strings.Builder
			all.WriteString("openapi: 3.0.1\npaths:\n")
			for i := range 1000 {
				fmt.Fprintf(&all, "  /p%d: {x-amazon-apigateway-any-method: {x-amazon-apigateway-integration: {type: mock}}}\n", i)
			}
			name := filepath.Join(dir, "template.yaml")
			for name, text := range map[string]string{name: test.template, filepath.Join(dir, "all.yaml"): all.String()} {
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err := sam.Load(name, sam.Options{})
			inspection, inspectErr := sam.Inspect(name, sam.Options{})
			if inspectErr != nil {
				t.Fatal(inspectErr)
			}
			if test.refused == "" {
				if err != nil || inspection.Refused != nil || len(inspection.Stacks) != 1 {
					t.Errorf("Load: %v; Inspect: %v with %d stacks; want it read", err, inspection.Refused, len(inspection.Stacks))
				}
				return
			}
			for by, err := range map[string]error{"Load": err, "Inspect": inspection.Refused} {
				if refusal := new(sam.TemplateError); !errors.As(err, &refusal) || !strings.Contains(refusal.What, test.refused) {
					t.Errorf("%s: got %v, want a refusal with %q", by, err, test.refused)
				}
			}
			if len(inspection.Refusals) != 1 || inspection.Refusals[0].Error() != inspection.Refused.Error() {
				t.Errorf("got refusals %v, want %v", inspection.Refusals, inspection.Refused)
			}
			if n := len(inspection.Local.Routes) + len(inspection.Deployed) + len(inspection.Stacks); n != 0 {
				t.Errorf("Inspect keeps %d routes, APIs and stacks, want none", n)
			}
		})
	}
}
