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
		{rules.Routes[0].Rule.Given, policy.HeaderNotAllowed, header},
	} {
		if got := c.given[c.reason]; got != c.want {
			t.Errorf("%s: the list was given by %+v, want %+v", c.reason, got, c.want)
		}
	}
}
