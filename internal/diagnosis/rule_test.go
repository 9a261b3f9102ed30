package diagnosis_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestForRoute holds that no flag is advised where a route of the configuration
// file has the setting.
func TestForRoute(t *testing.T) {
	t.Parallel()
	const origin, of = "http://localhost:5173", "in cors of the route /a/{proxy+} in the configuration file"
	x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(corsTemplate))})
	for name, tt := range map[string]struct {
		credentials, asDeployed bool
		step, hint              string
	}{
		"a field":                {false, false, "here: " + of + ", response_headers: fill", of + ":\nresponse_headers: fill"},
		"the source":             {false, true, "here: " + of + ", source: config, response_headers: fill", of + ":\nsource: config\nresponse_headers: fill"},
		"an origin and a cookie": {true, false, "here: " + of + ", response_headers: fill, " + origin + " in allow_origins, allow_credentials: true", of + ":\nresponse_headers: fill\nallow_origins: # beside those that are there\n  - " + origin + "\nallow_credentials: true"},
	} {
		d, ok := x.Blocked(diagnosis.Blocked{
			Verdict: browser.CheckActual(origin, tt.credentials, 200, http.Header{}), Origin: origin, Method: "GET", Path: "/a/b",
			Credentials: tt.credentials, Status: 200, SetBy: diagnosis.SetByFunction, Rule: "/a/{proxy+}", AsDeployed: tt.asDeployed,
		})
		hints := strings.Join(d.Hints, "\n\n") + "\n"
		if !ok || !strings.HasPrefix(d.Step, tt.step) || !strings.Contains(hints, tt.hint+"\n") || d.Here != "" || strings.Contains(d.Step+hints, "--") {
			t.Errorf("%s: %v, step %q, flags %q, hints\n%s", name, ok, d.Step, d.Here, hints)
		}
	}
	d := diagnosis.Diagnosis{Hints: []string{"to let pages of this machine call here, start corsproxy with:\n--cors-source config --response-headers replace", "other"}}
	if got := d.ForRoute("/a/{proxy+}").Hints; !slices.Equal(got, []string{"to let pages of this machine call here, write " + of + ":\nsource: config\nresponse_headers: replace", "other"}) {
		t.Errorf("of the deployed API: %q", got)
	}
	if got := d.ForRoute("").Hints; !slices.Equal(got, d.Hints) {
		t.Errorf("without a route: %q", got)
	}
}
