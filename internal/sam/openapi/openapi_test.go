package openapi_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

func TestFunctionName(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"arn:aws:lambda:us-east-1:123456789012:function:f":                                                                           "f",
		"arn:aws:lambda:us-east-1:123456789012:function:f:live":                                                                      "f",
		"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations": "f",
		"arn:aws:apigateway:cn-north-1:lambda:path/2015-03-31/functions/arn:aws-cn:lambda:cn-north-1:1:function:f/invocations":       "f",
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f":                                                                       "",
		"!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'":                             "F",
		"!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Alias}/invocations'":                           "F",
		"!Sub ['arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${F.Arn}/invocations', {}]":                                    "F",
		"!Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F}/invocations'":                                 "",
		"'arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.f}'":                                                       "",
		"'arn:aws:lambda:us-east-1:123456789012:function:$F'":                                                                        "",
		"'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/$F.Alias/invocations'":                                       "",
		"'arn:aws:apigateway:us-east-1:dynamodb:action/Scan'":                                                                        "",
		"https://example.com": "",
		"!GetAtt F.Arn":       "",
		"!Sub [!Ref A, {}]":   "",
		"{Fn::Sub: a, b: c}":  "",
		"~":                   "",
	} {
		v, err := tree.Parse("t", []byte("- "+uri))
		if err != nil {
			t.Fatal(err)
		}
		if got := openapi.FunctionName(v.Items()[0]); got != want {
			t.Errorf("%s: got %q, want %q", uri, got, want)
		}
	}
	if got := openapi.FunctionName(nil); got != "" {
		t.Errorf("nil: got %q", got)
	}
}
