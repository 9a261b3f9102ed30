package diagnosis_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// full is a diagnosis with every field set, and with text that JSON and HTML
// have to escape.
var full = diagnosis.Diagnosis{
	Code:     diagnosis.MethodNotDefined,
	Status:   405,
	Detail:   `/a<script>alert("1")</script>&b is mounted for POST, not for GET`,
	Hints:    []string{"first", "second:\nEvents:\n  Get:\n    Type: Api"},
	Routes:   []diagnosis.Route{{Method: "POST", Path: "/{id}", Function: "Fn", Source: "template.yaml:12"}},
	Allow:    []string{"POST"},
	Upstream: &diagnosis.Upstream{Status: 403, Body: `{"message":"Missing Authentication Token"}`},
}

func TestProblemKeepsItsOrder(t *testing.T) {
	t.Parallel()
	body := string(full.Problem("01JXAMPLE"))
	at := -1
	for _, key := range []string{"type", "title", "status", "detail", "code", "hints", "routes", "upstream", "requestId"} {
		i := strings.Index(body, "\n  \""+key+"\": ")
		if i <= at {
			t.Errorf("%s is missing or out of order in\n%s", key, body)
		}
		at = i
	}
}

func TestProblemSaysWhatTheDiagnosisSays(t *testing.T) {
	t.Parallel()
	var got struct {
		Type, Title, Detail, Code, RequestID string
		Status                               int
		Hints                                []string
		Routes                               []diagnosis.Route
		Upstream                             *diagnosis.Upstream
	}
	if err := json.Unmarshal(full.Problem("id"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "tag:corsproxy,2026:CP3002" || got.Code != "CP3002" || got.Status != 405 || got.Detail != full.Detail || got.RequestID != "id" {
		t.Errorf("got %+v", got)
	}
	if len(got.Hints) != 2 || got.Hints[1] != full.Hints[1] || got.Routes[0] != full.Routes[0] || *got.Upstream != *full.Upstream {
		t.Errorf("got %+v", got)
	}
}

// TestProblemOfLittle has lists that a script may index without looking, and
// leaves out what there is not.
func TestProblemOfLittle(t *testing.T) {
	t.Parallel()
	body := string(diagnosis.Diagnosis{Code: diagnosis.UpstreamFailed, Status: 502, Detail: "it failed"}.Problem(""))
	for _, want := range []string{`"hints": []`, `"routes": []`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	for _, absent := range []string{"upstream\"", "requestId"} {
		if strings.Contains(body, absent) {
			t.Errorf("%s in\n%s", absent, body)
		}
	}
}

func TestHeaderAndString(t *testing.T) {
	t.Parallel()
	if got, want := full.Header(), "CP3002 method-not-defined"; got != want {
		t.Errorf("Header() = %q, want %q", got, want)
	}
	if got := full.String(); got != full.Header()+": "+full.Detail {
		t.Errorf("String() = %q", got)
	}
}
