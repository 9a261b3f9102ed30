package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/policy"
)

// TestRulesTellWhereListsWereGiven holds that a hint can name the place where a
// list stands: a flag would take the place of one in a file or a variable.
func TestRulesTellWhereListsWereGiven(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := "cors:\n  allow_headers: [content-type]\n  allow_methods: [PUT]\nroutes:\n  - path: /a\n    cors:\n      allow_origins: ['http://a']\n      allow_methods: [GET]\n"
	if err := os.WriteFile(filepath.Join(dir, "corsproxy.yaml"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := config.Load(config.Input{
		Dir: dir, Environ: []string{"CORSPROXY_CORS_ALLOW_METHODS=DELETE"}, Flags: map[string][]string{"allow-header": {"x-a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := rulesOf(l, known{})
	if err != nil {
		t.Fatal(err)
	}
	header := diagnosis.Given{Flag: "--allow-header"}
	for _, c := range []struct {
		given  map[policy.Reason]diagnosis.Given
		reason policy.Reason
		want   diagnosis.Given
	}{
		{rules.Default.Given, policy.OriginNotAllowed, diagnosis.Given{}},
		{rules.Default.Given, policy.MethodNotAllowed, diagnosis.Given{Variable: "CORSPROXY_CORS_ALLOW_METHODS"}},
		{rules.Default.Given, policy.HeaderNotAllowed, header},
		{rules.Routes[0].Rule.Given, policy.OriginNotAllowed, diagnosis.Given{File: "corsproxy.yaml:7:22"}},
		{rules.Routes[0].Rule.Given, policy.MethodNotAllowed, diagnosis.Given{File: "corsproxy.yaml:8:22"}},
		{rules.Routes[0].Rule.Given, policy.HeaderNotAllowed, diagnosis.Given{Flag: "--allow-header", Shared: true}},
	} {
		if got := c.given[c.reason]; got != c.want {
			t.Errorf("%s: the list was given by %+v, want %+v", c.reason, got, c.want)
		}
	}
}

// TestRuleAsDeployed has a path answered as the deployed API answers, by a route of
// the configuration file: to let a page of this machine call, the log names that
// route, and not the setting of the deployed API.
func TestRuleAsDeployed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "template.yaml", siteTemplate)
	write(t, dir, "routes: [{path: /scanRecords, cors: {source: template}}]\n")
	in := startIn(t, dir, "--upstream", samLocal(t), "--log-format", "console")
	in.preflight("http://localhost:5173")
	in.stderr.Await(t, `CP1202 .*; to let pages of this machine call here, write in cors of the route /scanRecords in the configuration file: source: config, response_headers: replace\n`)
}
