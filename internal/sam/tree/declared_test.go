package tree_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

func TestDeclares(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"":                                    false,
		"# Resources: none\n":                 false,
		"Transform: AWS::Serverless\nX: [\n":  true,
		"\ufeffResources:\n":                  true,
		"\tResources : {}\r\n":                true,
		"\"Resources\":\n":                    true,
		`{"Description":"a", "Resources" : [`: true,
		`{"openapi":"3.0.1"`:                  true,
		"get:\n  x-amazon-apigateway-integration: {}\n": true,
		`{"title":",\"Resources\": {}"`:                 false,
		`{"title":"x,Resources: {}"`:                    false,
		"MyResources:\n":                                false,
		"A=b\x00T=x\nResources:\n\x00":                  false,
		"//npm/:_authToken=x\n":                         false,
	} {
		if got := tree.Declares([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
