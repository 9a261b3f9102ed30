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

// TestServedChoiceOfNamedConfiguration reads for the template what SAM local reads
// where its command names an environment, or a file.
func TestServedChoiceOfNamedConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	samconfig := func(name, template, stage string) string {
		return fmt.Sprintf("[%s.local_start_api.parameters]\ntemplate_file = '%s'\nregion = 'eu-%s-1'\nparameter_overrides = 'Stage=%s'\n", name, template, stage, stage)
	}
	for _, name := range []string{"template.yaml", "a.yaml", "b.yaml", "conf/b.yaml", "api/template.yaml"} {
		put(t, dir, name, "Resources: {}\n")
	}
	put(t, dir, "samconfig.toml", samconfig("default", "a.yaml", "root")+samconfig("qa", "b.yaml", "qa")+
		"[default.build.parameters]\ntemplate_file = 'source.yaml'\n")
	put(t, dir, "conf/other.toml", samconfig("default", "b.yaml", "other")+"[default.build.parameters]\ntemplate_file = 'other.yaml'\n")
	put(t, dir, "api/samconfig.toml", samconfig("qa", "gone.yaml", "api"))
	put(t, dir, "api/near.yml", "default: {global: {parameters: {parameter_overrides: {Stage: near}}}}\n")
	tests := []struct {
		command, file                   string
		environ                         []string
		template, stage, region, source string
	}{
		{"", "", nil, "a.yaml", "root", "eu-root-1", "source.yaml"},
		{"--config-env qa", "", nil, "b.yaml", "qa", "eu-qa-1", "source.yaml"},
		{"--config-env none", "", nil, "template.yaml", "", "", "source.yaml"},
		{"--config-file conf/other.toml", "", nil, "b.yaml", "other", "eu-other-1", "other.yaml"},
		{"--config-file " + filepath.Join(dir, "conf", "other.toml"), "", nil, "b.yaml", "other", "eu-other-1", "other.yaml"},
		{"-t api/template.yaml", "", nil, "api/template.yaml", "", "", ""},
		{"-t api/template.yaml --config-env qa", "", nil, "api/template.yaml", "api", "eu-api-1", ""},
		{"-t api/template.yaml --config-file near.yml", "", nil, "api/template.yaml", "near", "", ""},
		{"--config-env qa --region us-east-2 --parameter-overrides Stage=told", "", nil, "b.yaml", "told", "us-east-2", "source.yaml"},
		{"--config-env qa", "template: api/template.yaml\n", nil, "api/template.yaml", "qa", "eu-qa-1", ""},
		{"-t api/template.yaml --config-env qa", "template: auto\nparameter_overrides: [Stage=file]\n", nil, "api/template.yaml", "file", "eu-api-1", ""},
		{"--config-env qa", "", []string{"SAM_TEMPLATE_FILE=api/template.yaml"}, "api/template.yaml", "qa", "eu-qa-1", ""},
		{"-t a.yaml", "", []string{"SAM_TEMPLATE_FILE=api/template.yaml"}, "a.yaml", "root", "eu-root-1", "source.yaml"},
	}
	for _, tt := range tests {
		w := world{dir: dir, environ: tt.environ}
		loaded, err := config.Load(config.Input{Dir: writeConfig(t, tt.file)})
		if err != nil {
			t.Fatal(err)
		}
		name, options, err := servedChoice(w, loaded, strings.Fields("sam local start-api "+tt.command)).Resolve()
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		source := ""
		if tt.source != "" {
			source = filepath.Join(dir, tt.source)
		}
		if name != filepath.Join(dir, filepath.FromSlash(tt.template)) || options.Parameters["Stage"] != tt.stage || options.Region != tt.region || options.Source != source {
			t.Errorf("%+v: got %q, %+v", tt, name, options)
		}
	}
}

// writeConfig returns a folder with a configuration file of a content.
func writeConfig(t *testing.T, content string) string {
	t.Helper()
	dir := t.TempDir()
	if content != "" {
		write(t, dir, content)
	}
	return dir
}
