package diagnosis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestLogStaysOutOfAnswers holds that a problem body, which every page gets,
// has a known cause, and none of the words of a child's log.
func TestLogStaysOutOfAnswers(t *testing.T) {
	t.Parallel()
	const secret = "S3CRETPW"
	for name, tt := range map[string]struct{ line, want string }{
		"traceback":      {"psycopg2.OperationalError: cannot connect to postgres://admin:" + secret + "@db/x", "its log says: a traceback"},
		"error":          {"[ERROR] ValueError: " + secret, "its log says: the function raised an error"},
		"error object":   {`{"errorMessage": "` + secret + `", "errorType": "ValueError"}`, "its log says: the function raised an error"},
		"handler":        {`Runtime.ImportModuleError: ` + secret, "its log says: the function's handler cannot be loaded"},
		"image":          {"Could not find " + secret + "/app:1 image locally and failed to pull it", "its log says: the image is not on this machine and cannot be pulled"},
		"build":          {"Error building docker image: " + secret, "its log says: the image of the function cannot be built"},
		"response":       {"Invalid lambda response received: " + secret, "its log says: the function's response is not what API Gateway takes"},
		"timeout":        {"Function '" + secret + "' timed out after 3 seconds", "its log says: the function was ended after 3 seconds, its Timeout"},
		"port":           {"listen EADDRINUSE: address already in use :::3000", "its log says: another program listens on its port 3000 already"},
		"port, no words": {"OSError: [Errno 98] Address already in use", "its log says: another program listens on its port already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trouble, _ := diagnosis.ReadTraceback(tt.line, false)
			child := diagnosis.Child{
				Command: "sam local start-api", Upstream: "http://127.0.0.1:3000", Waited: time.Second,
				Exit: "exit code 1", Trouble: &trouble,
			}
			for how, d := range map[string]diagnosis.Diagnosis{
				"not ready": child.NotReady(), "gone": child.Gone(),
				"closed": child.Refine(diagnosis.Diagnosis{Code: diagnosis.UpstreamClosed, Status: 502}),
			} {
				body := string(d.Problem(""))
				if strings.Contains(body, secret) || !strings.Contains(body, tt.want) || strings.Contains(body, "{1}") {
					t.Errorf("%s: want %q and no secret:\n%s", how, tt.want, body)
				}
			}
		})
	}
}

// TestTroubleKeepsNoCredentials holds that corsproxy's own log and inspector
// have the words of a child's log without the credentials of URLs.
func TestTroubleKeepsNoCredentials(t *testing.T) {
	t.Parallel()
	trouble, _ := diagnosis.ReadTraceback("DBError: no route to postgres://admin:p@ss@db:5432/x and amqp://u@h", false)
	d := trouble.Explain(diagnosis.Diagnosis{Detail: "it failed: why"}, true)
	if want := "it failed: a traceback that ends in DBError: no route to postgres://REDACTED@db:5432/x and amqp://REDACTED@h"; d.Detail != want {
		t.Errorf("got %q, want %q", d.Detail, want)
	}
}

// TestTroubleBesideACause holds that an error without a name, which is how SAM
// local fails of what is known already, does not take the place of that.
func TestTroubleBesideACause(t *testing.T) {
	t.Parallel()
	traceback, _ := diagnosis.ReadTraceback("KeyError: 'Lambda function for the route not found'", false)
	head := diagnosis.Diagnosis{Code: diagnosis.HeadNotMounted, Detail: "SAM local answered HEAD /todos with 502: GET /todos is mounted, HEAD is not", Hints: []string{"send GET"}}
	for _, certain := range []bool{false, true} {
		if d := traceback.Explain(head, certain); d.Detail != head.Detail || len(d.Hints) != 1 || d.Hints[0] != "send GET" {
			t.Errorf("got %q, %q", d.Detail, d.Hints)
		}
	}
	other := diagnosis.Diagnosis{Code: diagnosis.BadFunctionResponse, Detail: "SAM local answered GET /todos with 502: it failed"}
	if d := traceback.Explain(other, true); !strings.Contains(d.Detail, "KeyError") {
		t.Errorf("got %q", d.Detail)
	}
}
