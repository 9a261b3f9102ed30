package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
	template := `Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: Api, Properties: {Path: /items}}}}}
`
	for name, argument := range map[string]string{
		"api.yaml":               " api.yaml",
		"my app.yaml":            " 'my app.yaml'",
		"x;touch PWN $(id).yaml": " 'x;touch PWN $(id).yaml'",
		"it's.yaml":              ` 'it'\''s.yaml'`,
		"-o.yaml":                " ./-o.yaml",
		"a\x1b[2J\u202e.yaml":    "", // check finds it, too, as samconfig.toml names it
		"a\ncurl x|sh.yaml":      "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		sam := fmt.Sprintf("[default.local_start_api.parameters]\ntemplate_file = %s\n", strings.ReplaceAll(strconv.QuoteToASCII(name), `\x1b`, `\u001b`))
		if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte(sam), 0o600); err != nil {
			t.Fatal(err)
		}
		in := begin(t, dir, "routes")
		code, stderr := in.code(), in.stderr.String()
		if want := "; what else is wrong, and what to write: corsproxy check" + argument + "\n"; code != exitNotRun || !strings.HasSuffix(stderr, want) {
			t.Errorf("%q: exit code %d, want %q in\n%s", name, code, want, stderr)
		}
	}
}

// TestNamedTemplate writes an argument that may be a template's name as what it is.
func TestNamedTemplate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"my app.yaml": "'my app.yaml'", "$(id).yaml": "'$(id).yaml'", "a\x1b[2J.yaml": "FILE"} {
		if _, stderr, _ := outcome(t, name); !strings.Contains(stderr, "to name the template, write --template "+want+"\n") {
			t.Errorf("%q: %s", name, stderr)
		}
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
