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
		"an origin and a cookie": {true, false, "here: " + of + ", response_headers: fill, " + origin + " in allow_origins, allow_credentials: true", of + ":\nresponse_headers: fill\nallow_origins: # beside those that are there, and in place of *\n  - " + origin + "\nallow_credentials: true"},
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
	d := diagnosis.Diagnosis{Hints: []string{
		"to let pages of this machine call here, start corsproxy with:\n--cors-source config --response-headers replace",
		"if so, start corsproxy with:\n--allow-origin http://localhost:1 --allow-credentials",
		"other",
	}}
	if got := d.ForRoute("/a/{proxy+}").Hints; !slices.Equal(got, []string{
		"to let pages of this machine call here, write " + of + ": source: config, response_headers: replace",
		"if so, write " + of + ": http://localhost:1 in allow_origins, allow_credentials: true",
		"other",
	}) {
		t.Errorf("of the deployed API: %q", got)
	}
	if got := d.ForRoute("").Hints; !slices.Equal(got, d.Hints) {
		t.Errorf("without a route: %q", got)
	}
}

// TestFlagsKeepWhatIsAllowed holds that the flags for a request with a cookie say
// only what the settings lack, and repeat the origins whose place they take.
func TestFlagsKeepWhatIsAllowed(t *testing.T) {
	t.Parallel()
	const origin = "http://localhost:3001"
	for name, tt := range map[string]struct {
		allows diagnosis.Allowance
		by     diagnosis.Setter
		rule   string
		step   string
	}{
		"nothing known":        {diagnosis.Allowance{}, diagnosis.SetByFunction, "", "here: --response-headers fill --allow-origin " + origin + " --allow-credentials"},
		"any origin":           {diagnosis.Allowance{Origins: []string{"*"}}, diagnosis.SetByFunction, "", "here: --response-headers fill --allow-origin " + origin + " --allow-credentials"},
		"both":                 {diagnosis.Allowance{Origins: []string{"localhost"}, Origin: true, Credentials: true}, diagnosis.SetByFunction, "", "here: --response-headers fill"},
		"the origin":           {diagnosis.Allowance{Origins: []string{"localhost"}, Origin: true}, diagnosis.SetByFunction, "", "here: --response-headers fill --allow-credentials"},
		"other origins":        {diagnosis.Allowance{Origins: []string{"https://*.example.com", "http://localhost:5173"}, Credentials: true}, diagnosis.SetByFunction, "", "here: --response-headers fill --allow-origin 'https://*.example.com',http://localhost:5173," + origin + ""},
		"many":                 {diagnosis.Allowance{Origins: slices.Repeat([]string{"https://a.example"}, diagnosis.MostRepeated+1), Credentials: true}, diagnosis.SetByFunction, "", "here: --response-headers fill --allow-origin " + origin + ""},
		"others, by corsproxy": {diagnosis.Allowance{Origins: []string{"http://localhost:5173"}, Credentials: true}, diagnosis.SetByCorsproxy, "", "allow it in corsproxy: --allow-origin http://localhost:5173," + origin + " --allow-credentials"},
		"both, by a route":     {diagnosis.Allowance{Origins: []string{"localhost"}, Origin: true, Credentials: true}, diagnosis.SetByFunction, "/a", "here: in cors of the route /a in the configuration file, response_headers: fill"},
		"others, by a route":   {diagnosis.Allowance{Origins: []string{"http://localhost:5173"}, Credentials: true}, diagnosis.SetByFunction, "/a", "here: in cors of the route /a in the configuration file, response_headers: fill, " + origin + " in allow_origins"},
	} {
		x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: load(t, []byte(corsTemplate))})
		d, ok := x.Blocked(diagnosis.Blocked{
			Verdict: browser.CheckActual(origin, true, 200, http.Header{}), Origin: origin, Method: "GET", Path: "/rest",
			Credentials: true, Status: 200, SetBy: tt.by, Rule: tt.rule, Allows: tt.allows,
		})
		if step, _, _ := strings.Cut(d.Step, ", or have the function send "); !ok || step != tt.step {
			t.Errorf("%s: got %q\nwant %q", name, d.Step, tt.step)
		}
	}
}
