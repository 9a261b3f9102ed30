package diagnosis_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestTooLarge holds that an upload that Lambda does not take is told by its size,
// and that no media type is proposed that the API has already.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	const template = `Transform: AWS::Serverless-2016-10-31
Resources:
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: a, BinaryMediaTypes: [image~1jpeg]}}
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: ., Events: {E: {Type: Api, Properties: {Path: /up, Method: post, RestApiId: !Ref Rest}}}}
`
	all := strings.Replace(template, "image~1jpeg", `"*~1*"`, 1)
	for name, tt := range map[string]struct {
		template, mediaType string
		length              int64
		status              int
		echo                bool
		code                diagnosis.Code
		why                 string
	}{
		"text":                          {template, "application/json", 7_000_000, 502, false, diagnosis.PayloadTooLarge, "its body has 7000000 bytes"},
		"text, of another runtime":      {template, "application/json", 7_000_000, 500, false, diagnosis.PayloadTooLarge, "its body has 7000000 bytes"},
		"text that fits":                {template, "application/json", 5_000_000, 502, false, diagnosis.BadFunctionResponse, ""},
		"a photo":                       {template, "image/jpeg", 5_000_000, 502, false, diagnosis.PayloadTooLarge, "its body has 5000000 bytes, and a third more as Base64, in"},
		"a photo that fits":             {template, "image/jpeg", 4_000_000, 502, false, diagnosis.BadFunctionResponse, ""},
		"a photo, all are binary":       {all, "image/jpeg", 4_000_000, 502, false, diagnosis.BadFunctionResponse, ""},
		"text, all are binary":          {all, "application/json", 5_000_000, 502, false, diagnosis.PayloadTooLarge, "a third more as Base64"},
		"a picture of another type":     {template, "image/png", 5_000_000, 502, false, diagnosis.BinaryBody, ""},
		"such, in the demo":             {template, "image/png", 5_000_000, 502, true, diagnosis.PayloadTooLarge, "a third more as Base64"},
		"nothing is known":              {"", "application/json", 7_000_000, 502, false, diagnosis.PayloadTooLarge, "its body has 7000000 bytes"},
		"nothing is known, of a length": {"", "application/json", -1, 500, false, diagnosis.FunctionFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := diagnosis.Knowledge{Echo: tt.echo}
			if tt.template != "" {
				k.Template = load(t, []byte(tt.template))
			}
			e := diagnosis.Evidence{Method: "POST", Path: "/up", RawPath: "/up", Header: http.Header{"Content-Type": {tt.mediaType}}, Length: tt.length}
			e.UpstreamStatus, e.UpstreamBody = tt.status, "{\"message\":\"Internal server error\"}\n"
			e.UpstreamHeader = http.Header{"Server": {"Werkzeug/3.1.9"}, "Content-Type": {"application/json"}, "Content-Length": {"36"}}
			d, _ := diagnosis.NewExplainer(k).Answer(e)
			if d.Code != tt.code || !strings.Contains(d.Detail, tt.why) {
				t.Fatalf("got %s, want %s with %q", d, tt.code, tt.why)
			}
			if d.Code != diagnosis.PayloadTooLarge {
				return
			}
			for line, want := range map[string]diagnosis.Code{
				`{"errorType":"SyntaxError","errorMessage":"Unterminated string in JSON"}`:                                    diagnosis.PayloadTooLarge,
				"Invalid lambda response received: Lambda response must be valid json":                                        diagnosis.PayloadTooLarge,
				"UnicodeDecodeError while processing HTTP request: 'utf-8' codec can't decode byte 0xff":                      diagnosis.BodyNotText,
				"samcli.commands.X: ImageUri not provided for Function: F of PackageType: Image":                              diagnosis.ImageNotBuilt,
				"[ERROR] Runtime.UnmarshalError: Unable to unmarshal input: Unterminated string starting at: line 1 column 1": diagnosis.PayloadTooLarge,
			} {
				trouble, ok := diagnosis.ReadTrouble(line)
				if got := trouble.Explain(d, true); !ok || got.Code != want || want == diagnosis.BodyNotText && len(got.Hints) == 0 {
					t.Errorf("with %q: got %s, want %s", line, got, want)
				}
			}
		})
	}
}
