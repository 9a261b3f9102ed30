package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
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
	if want := "; what else is wrong, and what to write: corsproxy check " + name; code != exitNotRun || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d, want %q in\n%s", code, want, stderr)
	}
}

// TestFlagsForACommand says of flags for a command that there is none.
func TestFlagsForACommand(t *testing.T) {
	t.Parallel()
	in := begin(t, t.TempDir(), "--listen", "0", "--ready-timeout", "2m", "--restart-on-template-change")
	in.stderr.Await(t, `--ready-timeout is for a command that corsproxy starts, and there is none; write it behind --: corsproxy --ready-timeout … -- sam local start-api`)
	in.stderr.Await(t, `--restart-on-template-change is for a command that corsproxy starts`)
}

// TestServedChoice takes from the command of SAM local what it is told of the
// language extensions, by an option or by env.
func TestServedChoice(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	loop := "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - N\n    - [a]\n    - \"F${N}\": {Type: AWS::S3::Bucket}\n"
	if err := os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(loop), 0o600); err != nil {
		t.Fatal(err)
	}
	const variable = "SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS=1"
	for _, tt := range []struct {
		command string
		environ []string
		want    bool
	}{
		{"", nil, false},
		{"", []string{variable}, true},
		{"sam local start-api", nil, false},
		{"sam local start-api", []string{variable}, true},
		{"sam local start-api --language-extensions", nil, true},
		{"sam local start-api --no-language-extensions", []string{variable}, false},
		{"env " + variable + " sam local start-api", nil, true},
	} {
		w := world{dir: dir, environ: tt.environ}
		loaded, err := config.Load(config.Input{Dir: dir, Environ: tt.environ})
		if err != nil {
			t.Fatal(err)
		}
		if _, options, err := servedChoice(w, loaded, strings.Fields(tt.command)).Resolve(); err != nil || options.LanguageExtensions != tt.want {
			t.Errorf("%q with %q: %v, %v", tt.command, tt.environ, options.LanguageExtensions, err)
		}
	}
}
