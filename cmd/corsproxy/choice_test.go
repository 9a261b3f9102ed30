package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoTemplate has one exit code for a template that cannot be read, whatever
// it is for.
func TestNoTemplate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		code int
	}{
		{"check", exitNotRun},
		{"check none.yaml", exitNotRun},
		{"routes", exitNotRun},
		{"routes none.yaml", exitNotRun},
		{"compare --with http://127.0.0.1:9", exitNotRun},
		{"demo --listen 0 --template none.yaml", exitNotRun},
		{"check --parameter-overrides Stage", exitUsage},
		{"routes --parameter-overrides Stage", exitUsage},
		{"compare --with http://127.0.0.1:9 --parameter-overrides Stage", exitUsage},
		{"demo --listen 0 --template none.yaml --parameter-overrides Stage", exitUsage},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := outcome(t, strings.Fields(tt.args)...)
			if code != tt.code || stdout != "" || stderr == "" {
				t.Errorf("exit code %d, want %d\n%s%s", code, tt.code, stdout, stderr)
			}
		})
	}
}

// TestRefusedTemplate points to check, which knows more than the first mistake.
func TestRefusedTemplate(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "api.yaml")
	template := `Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: Api, Properties: {Path: /items}}}}}
`
	if err := os.WriteFile(name, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := outcome(t, "routes", name)
	if want := "; all that is wrong, and what to write: corsproxy check " + name; code != exitNotRun || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d, want %q in\n%s", code, want, stderr)
	}
}

// TestFlagsForACommand says of flags for a command that there is none.
func TestFlagsForACommand(t *testing.T) {
	t.Parallel()
	in := begin(t, t.TempDir(), "--listen", "0", "--ready-timeout", "2m", "--restart-on-template-change")
	in.stderr.await(t, `--ready-timeout is for a command that corsproxy starts, and there is none; write it behind --: corsproxy --ready-timeout … -- sam local start-api`)
	in.stderr.await(t, `--restart-on-template-change is for a command that corsproxy starts`)
}
