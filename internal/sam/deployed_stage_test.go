package sam_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

func TestStages(t *testing.T) {
	t.Parallel()
	const http, rest = "  A: {Type: AWS::Serverless::HttpApi, Properties: {", "  A: {Type: AWS::Serverless::Api, Properties: {"
	const raw = "  A: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Name: a"
	const stage = "  S: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref A, StageName: v2}}\n"
	tests := map[string]struct {
		resources, stages, named string
		computed                 bool
	}{
		"a name":                      {rest + "StageName: dev}}\n", "dev", "dev", false},
		"a parameter":                 {rest + "StageName: !Ref P}}\n", "prod", "prod", true},
		"what AWS alone knows":        {rest + "StageName: !Ref AWS::StackName}}\n", "", "", true},
		"no name of a stage":          {rest + "StageName: /prod}}\n", "", "", false},
		"none":                        {http + "FailOnWarnings: true}}\n", "$default", "", false},
		"one of SAM's, and a second":  {http + "StageName: v1}}\n" + stage, "v1 v2", "v1 v2", false},
		"of a target, and a resource": {raw + ", Target: x}}\n" + stage, "$default v2", "v2", false},
		"no resource":                 {raw + "}}\n", "", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "template.yaml")
			text := "Transform: AWS::Serverless-2016-10-31\nParameters: {P: {Type: String, Default: prod}}\nResources:\n" + tt.resources
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			app, err := sam.Load(file, sam.Options{})
			if err != nil || len(app.Deployed) != 1 {
				t.Fatalf("got %v, %v", app, err)
			}
			api := app.Deployed[0]
			if got := strings.Join(api.Stages, " "); got != tt.stages || api.StageComputed != tt.computed {
				t.Errorf("got %q, computed %t; want %q, %t", got, api.StageComputed, tt.stages, tt.computed)
			}
			if got := strings.Join(api.NamedStages(), " "); got != tt.named {
				t.Errorf("named: got %q, want %q", got, tt.named)
			}
		})
	}
}
