package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestLastingAuthorizer has an authorizer fail that SAM local runs with
// --disable-authorizer, too: that is not proposed.
func TestLastingAuthorizer(t *testing.T) {
	t.Parallel()
	trouble, ok := diagnosis.ReadTrouble("Lambda authorizer failed to invoke successfully: 'NoneType' object has no attribute 'get'")
	if !ok {
		t.Fatal("the line is not known")
	}
	for file, proposed := range map[string]bool{"CP4002-raw": false, "CP4002-mixed": true} {
		a, err := txtar.ParseFile("testdata/" + file + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		path := map[bool]string{false: "/a", true: "/books"}[proposed]
		x := exchanged{
			Request: "GET " + path, Status: 502, Body: "{\"message\":\"Internal server error\"}\n",
			Answered: []string{"Server: Werkzeug/3.1.9 Python/3.11.7", "Content-Type: application/json", "Content-Length: 36"},
		}
		d, ok := diagnosis.NewExplainer(x.knowledge(t, a)).Answer(x.evidence())
		if !ok {
			t.Fatalf("%s: nothing is said", file)
		}
		d = trouble.Explain(d, true)
		if got := strings.Contains(strings.Join(d.Hints, " "), "--disable-authorizer"); got != proposed || d.Code != diagnosis.AuthorizerFailed || len(d.Hints) == 0 {
			t.Errorf("%s: %+v", file, d)
		}
	}
}
