package diagnosis_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestBinaryBody holds that what there is to do for an upload is said by the kind of
// the API and by the body's media type, with SAM local's log and without it.
func TestBinaryBody(t *testing.T) {
	t.Parallel()
	const (
		head = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
		send = "send the body to SAM local as text, such as Base64: a deployed HTTP API hands it to its function in Base64, and SAM local cannot"
	)
	function := func(event string) string {
		return "  F:\n    Type: AWS::Serverless::Function\n    Properties: {Handler: a.b, Runtime: python3.13, CodeUri: ., Events: {E: {" + event + "}}}\n"
	}
	for name, tt := range map[string]struct {
		template, mediaType string
		want                []string
	}{
		"implicit": {head + function("Type: Api, Properties: {Path: /up, Method: post}"), "multipart/form-data; boundary=x",
			[]string{"add the body's media type to BinaryMediaTypes below Api in Globals:\nBinaryMediaTypes: [multipart~1form-data]"}},
		"an API": {head + "  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: a}}\n" + function("Type: Api, Properties: {Path: /up, Method: post, RestApiId: !Ref Rest}"), "image/png",
			[]string{"add the body's media type to BinaryMediaTypes in the Properties of Rest (template.yaml:3):\nBinaryMediaTypes: [image~1png]"}},
		"an API that has some": {head + "  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: a, BinaryMediaTypes: [image~1gif]}}\n" + function("Type: Api, Properties: {Path: /up, Method: post, RestApiId: !Ref Rest}"), "image/png",
			[]string{"add the body's media type to BinaryMediaTypes in the Properties of Rest (template.yaml:3):\nBinaryMediaTypes: [image~1gif, image~1png]"}},
		"no media type": {head + function("Type: Api, Properties: {Path: /up, Method: post}"), "",
			[]string{"send the body with its Content-Type, and add that to BinaryMediaTypes below Api in Globals, such as:\nBinaryMediaTypes: [application~1octet-stream]"}},
		"no media type, HTTP": {head + function("Type: HttpApi, Properties: {Path: /up, Method: post}"), "", []string{send}},
		"HTTP":                {head + function("Type: HttpApi, Properties: {Path: /up, Method: post}"), "image/png", []string{send}},
		"not known": {"", "image/png",
			[]string{"add the body's media type to BinaryMediaTypes in the REST API's Properties:\nBinaryMediaTypes: [image~1png]", "where it is an HTTP API, " + send}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var x *diagnosis.Explainer
			if tt.template != "" {
				x = diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(tt.template))})
			}
			e := diagnosis.Evidence{Method: "POST", Path: "/up", RawPath: "/up", Header: http.Header{"Content-Type": {tt.mediaType}}}
			e.UpstreamStatus, e.UpstreamBody = http.StatusBadGateway, "{\"message\":\"Internal server error\"}\n"
			e.UpstreamHeader = http.Header{"Server": {"Werkzeug/3.1.9"}, "Content-Type": {"application/json"}, "Content-Length": {"36"}}
			d, _ := x.Answer(e)
			const lead = "look for UnicodeDecodeError in SAM local's log; if it is there, "
			want := slices.Clone(tt.want)
			want[0] = lead + want[0]
			if tt.mediaType != "" && (d.Code != diagnosis.BinaryBody || !slices.Equal(d.Hints, want)) {
				t.Errorf("got %s, %q\nwant %q", d.Code, d.Hints, want)
			}
			trouble, _ := diagnosis.ReadTrouble("UnicodeDecodeError while processing HTTP request: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")
			if d = trouble.Explain(d, true); d.Code != diagnosis.BodyNotText || !slices.Equal(d.Hints, tt.want) {
				t.Errorf("with the log got %s, %q\nwant %q", d.Code, d.Hints, tt.want)
			}
		})
	}
}
