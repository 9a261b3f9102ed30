package samtemplate_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
)

// with returns a directory that holds files, all of them empty.
func with(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		put(t, dir, name, "")
	}
	return dir
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	const build = ".aws-sam/build/template.yaml"
	for name, c := range map[string]struct {
		files    []string
		template string
		want     string
	}{
		"the build first":                       {[]string{build, "template.yaml", "template.json"}, "", build},
		"then yaml":                             {[]string{"template.yaml", "template.yml"}, samtemplate.Auto, "template.yaml"},
		"then yml":                              {[]string{"template.json", "template.yml"}, "", "template.yml"},
		"then json":                             {[]string{"template.json", "other.yaml"}, "", "template.json"},
		"as chosen":                             {[]string{build}, "api/other.yaml", "api/other.yaml"},
		"a file of a name that means something": {[]string{"auto"}, "./auto", "auto"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			choice := samtemplate.Choice{Dir: with(t, c.files...), Template: c.template}
			path, _, err := choice.Resolve()
			if err != nil || choice.Show(path) != c.want {
				t.Errorf("got %q, %v, want %q", choice.Show(path), err, c.want)
			}
		})
	}
	_, _, err := samtemplate.Choice{Dir: t.TempDir()}.Resolve()
	if !errors.Is(err, samtemplate.ErrNone) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an empty directory: %v", err)
	}
}

func TestResolveOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "samconfig.toml", "[default.global.parameters]\nregion = \"eu-west-1\"\n[default.local_start_api.parameters]\ntemplate = \"a.yaml\"\nparameter_overrides = \"A=1\"\n[other.local_start_api.parameters]\nlanguage_extensions = true\n")
	path, options, err := samtemplate.Choice{Dir: dir}.Resolve()
	if err != nil || filepath.Base(path) != "a.yaml" || options.Region != "eu-west-1" || options.Parameters["A"] != "1" {
		t.Errorf("got %q, %+v, %v", path, options, err)
	}
	path, options, err = samtemplate.Choice{Dir: dir, Template: "b.yaml", Region: "us-east-1", Overrides: []string{"B=2"}}.Resolve()
	if err != nil || filepath.Base(path) != "b.yaml" || options.Region != "us-east-1" || len(options.Parameters) != 1 || options.Parameters["B"] != "2" {
		t.Errorf("got %q, %+v, %v", path, options, err)
	}
	_, options, err = samtemplate.Choice{Dir: dir, Template: "b.yaml", Environment: "other"}.Resolve()
	if err != nil || !options.LanguageExtensions || len(options.Parameters) != 0 {
		t.Errorf("got %+v, %v", options, err)
	}
}

// TestLanguageExtensions follows SAM CLI: its option goes before its
// configuration, and that before its environment.
func TestLanguageExtensions(t *testing.T) {
	t.Parallel()
	on := []string{"SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS=0", "SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS= Yes "}
	for _, tt := range []struct {
		config string
		choice samtemplate.Choice
		want   bool
	}{
		{"", samtemplate.Choice{}, false},
		{"", samtemplate.Choice{LanguageExtensions: true}, true},
		{"", samtemplate.Choice{Environ: on}, true},
		{"", samtemplate.Choice{Environ: []string{"SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS=on"}}, false},
		{"", samtemplate.Choice{Environ: on, NoLanguageExtensions: true}, false},
		{"false", samtemplate.Choice{Environ: on}, false},
		{"false", samtemplate.Choice{LanguageExtensions: true}, true},
		{"true", samtemplate.Choice{}, true},
		{"true", samtemplate.Choice{NoLanguageExtensions: true}, false},
	} {
		dir := t.TempDir()
		put(t, dir, "template.yaml", bucket)
		if tt.config != "" {
			put(t, dir, "samconfig.toml", "[default.local_start_api.parameters]\nlanguage_extensions = "+tt.config+"\n")
		}
		tt.choice.Dir = dir
		if _, options, err := tt.choice.Resolve(); err != nil || options.LanguageExtensions != tt.want {
			t.Errorf("%s, %+v: %v, %v", tt.config, tt.choice, options.LanguageExtensions, err)
		}
	}
}

// bucket is a template without routes.
const bucket = "Resources: {Bucket: {Type: AWS::S3::Bucket}}\n"

// TestChanged has a template replaced by one with an older time, as cp -p does.
func TestChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "template.yaml")
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	write := func(content string, modified time.Time) {
		put(t, dir, "template.yaml", content)
		if err := os.Chtimes(path, modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	choice := samtemplate.Choice{Dir: dir}
	write(bucket, past)
	began := time.Now()
	first := samtemplate.Read(choice, samtemplate.Reading{})
	if first.Err != nil || !first.Changed.Equal(past) {
		t.Errorf("at first: %v, %v; want %v", first.Changed, first.Err, past)
	}
	if again := samtemplate.Read(choice, first); !again.Changed.Equal(past) {
		t.Errorf("unchanged: %v, want %v", again.Changed, past)
	}
	write("# older\n"+bucket, past.Add(-time.Hour))
	if older := samtemplate.Read(choice, first); older.Changed.Before(began) {
		t.Errorf("an older file: changed at %v, but it was not yet there at %v", older.Changed, began)
	}
	future := past.Add(2 * time.Hour)
	write("# newer\n"+bucket, future)
	newer := samtemplate.Read(choice, first)
	if !newer.Changed.Equal(future) {
		t.Errorf("a newer file: %v, want %v", newer.Changed, future)
	}
	write("nonsense", future.Add(time.Hour))
	broken := samtemplate.Read(choice, newer)
	if broken.Err == nil || broken.Template != newer.Template || !broken.Changed.Equal(future) {
		t.Errorf("a broken file: %v, %v, %v", broken.Template, broken.Changed, broken.Err)
	}
	if none := samtemplate.Read(samtemplate.Choice{Dir: dir, Template: samtemplate.None}, newer); none.Template != nil || none.Err != nil {
		t.Errorf("none: %v, %v", none.Template, none.Err)
	}
}

// SAM CLI reads the configuration beside the template that it is told to take.
func TestConfigBesideTheTemplate(t *testing.T) {
	t.Parallel()
	const config = "version = 0.1\n[default.global.parameters]\nregion = %q\n"
	dir := with(t, "template.yaml", "api/template.yaml", "other/template.yaml")
	put(t, dir, "samconfig.toml", fmt.Sprintf(config, "eu-here-1"))
	put(t, dir, "api/samconfig.toml", fmt.Sprintf(config, "eu-api-1"))
	for template, want := range map[string]string{
		"":                                  "eu-here-1",
		samtemplate.Auto:                    "eu-here-1",
		"template.yaml":                     "eu-here-1",
		"api/template.yaml":                 "eu-api-1",
		filepath.Join(dir, "api/other.yml"): "eu-api-1",
		"other/template.yaml":               "",
	} {
		_, options, err := samtemplate.Choice{Dir: dir, Template: template}.Resolve()
		if err != nil || options.Region != want {
			t.Errorf("%q: region %q, %v, want %q", template, options.Region, err, want)
		}
	}
}

// TestRenews has SAM local started again for what it reads, and for nothing else
// that stands in the same files.
func TestRenews(t *testing.T) {
	t.Parallel()
	const start, global, deploy = "default.local_start_api", "default.global", "default.deploy"
	config := func(sections ...string) string {
		text := "version = 0.1\n"
		for i := 0; i < len(sections); i += 2 {
			text += "[" + sections[i] + ".parameters]\n" + sections[i+1] + "\n"
		}
		return text
	}
	for name, tt := range map[string]struct {
		file, before, after string
		want                bool
	}{
		"the template":             {"template.yaml", bucket, "# changed\n" + bucket, true},
		"another command":          {"samconfig.toml", config(deploy, "stack_name = 'a'"), config(deploy, "stack_name = 'b'"), false},
		"another environment":      {"samconfig.toml", config("qa.global", "region = 'a'"), config("qa.global", "region = 'b'"), false},
		"a comment":                {"samconfig.toml", config(start, "port = 3001"), config(start, "port = 3001 # as ever"), false},
		"the same in another form": {"samconfig.toml", config(start, "port = 3001"), config(global, "port = 3001"), false},
		"an option":                {"samconfig.toml", config(start, "port = 3001"), config(start, "port = 3002"), true},
		"of all commands":          {"samconfig.toml", config(global, "region = 'a'"), config(global, "region = 'b'"), true},
		"of no account":            {"samconfig.toml", config(start, "port = 3001", global, "port = 1"), config(start, "port = 3001", global, "port = 2"), false},
		"without an option":        {"samconfig.toml", config(start, "warm_containers = 'EAGER'"), config(start, ""), true},
		"a parameter":              {"dev.yaml", "A: 1\n", "A: 2\n", true},
		"the same parameter":       {"dev.yaml", "A: 1\n", "# dev\nA: 1\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, "template.yaml", bucket)
			put(t, dir, "dev.yaml", "")
			put(t, dir, tt.file, tt.before)
			first := samtemplate.Read(samtemplate.Choice{Dir: dir, Overrides: []string{"file://dev.yaml"}}, samtemplate.Reading{})
			put(t, dir, tt.file, tt.after)
			second := samtemplate.Read(first.Choice, first)
			if got := second.Renews(first); got != tt.want || first.Err != nil || second.Err != nil {
				t.Errorf("got %v, %v, %v, want %v", got, first.Err, second.Err, tt.want)
			}
		})
	}
}
