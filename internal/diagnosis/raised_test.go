package diagnosis_test

import (
	"net/http"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestSuccessOfAnError has the errors that SAM local answers with 200, and what
// only looks like one.
func TestSuccessOfAnError(t *testing.T) {
	t.Parallel()
	const werkzeug = "Werkzeug/3.1.9 Python/3.11.7"
	for body, want := range map[string]diagnosis.Code{
		`{"errorMessage": "'a'", "errorType": "KeyError", "requestId": "1", "stackTrace": []}`:                                           diagnosis.FunctionFailed,
		`{"errorMessage": "Unable to import module 'app'", "errorType": "Runtime.ImportModuleError", "requestId": "", "stackTrace": []}`: diagnosis.HandlerNotLoaded,
		`{"errorMessage": "'a'", "errorType": "KeyError"}`:                                                                               "",
		`{"errorMessage": "'a'", "requestId": "1", "errorType": "KeyError"}`:                                                             "",
		`{"errorMessage": "'a'", "errorType": {"requestId": "1"}, "requestId": "2"}`:                                                     "",
		`{"errorMessage": "far too lo`: "",
		`{"items": [], "errorMessage": "'a'", "errorType": "KeyError", "requestId": "1"}`: "",
	} {
		for server, want := range map[string]diagnosis.Code{werkzeug: want, "nginx": ""} {
			e := diagnosis.Evidence{
				Method: "GET", Path: "/a", RawPath: "/a", UpstreamStatus: http.StatusOK, UpstreamBody: body,
				UpstreamHeader: http.Header{"Server": {server}, "Content-Type": {"application/json"}},
			}
			if d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{}).Answer(e); d.Code != want || ok != (want != "") {
				t.Errorf("%s of %s: got %q, want %q", body, server, d.Code, want)
			}
		}
	}
}
