package main

import (
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
