package sam_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

func TestReadOverrides(t *testing.T) {
	t.Parallel()
	dir := putAll(t, map[string]string{
		"dev.yaml":      "A: 010\nYes: yes\nBool: true\nNone:\nFloat: 1.0\nOctal: 0o10\nList: [1, true, null, '', ' x ']\nQuoted: '\"q\"'\n1: 2\nMap: {a: 1}\n",
		"dev.yml":       "A: 2\n",
		"sub/all.yaml":  "- A: 1\n  $include: file://base.toml\n- [A=3, file://../c.yaml]\n-\n",
		"sub/base.toml": "A = 2\nB = 'toml'\nFloat = 1.0\nDay = 1979-05-27\n",
		"c.yaml":        "C=d",
		"empty.yaml":    "# nothing\n",
	})
	for _, test := range []struct {
		name  string
		words []string
		want  map[string]string
	}{
		{"none", nil, map[string]string{}},
		{"one", []string{"Stage=dev"}, map[string]string{"Stage": "dev"}},
		{"several words", []string{"A=1", "B=2"}, map[string]string{"A": "1", "B": "2"}},
		{"several in a word", []string{" A=1 B=2 "}, map[string]string{"A": "1", "B": "2"}},
		{"long form", []string{"ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=2"}, map[string]string{"A": "1", "B": "2"}},
		{"double quotes", []string{`A="a b" B=c`}, map[string]string{"A": "a b", "B": "c"}},
		{"single quotes", []string{`A='it is'`}, map[string]string{"A": "it is"}},
		{"escapes", []string{`A=a\ b B="say \"x\""`}, map[string]string{"A": "a b", "B": `say "x"`}},
		{"equals sign within", []string{"Url=https://x?a=b"}, map[string]string{"Url": "https://x?a=b"}},
		{"the last counts", []string{"A=1", "A=2"}, map[string]string{"A": "2"}},
		{"empty word", []string{""}, map[string]string{}},
		{"a file", []string{"A=1", "file://dev.yaml"}, map[string]string{
			"A": "10", "Yes": "yes", "Bool": "True", "None": "", "Float": "1.0", "Octal": "8", "List": "1,True,x", "Quoted": "q", "1": "2", "Map": "{'a': 1}",
		}},
		{"what comes later counts", []string{"file://dev.yml", "A=1"}, map[string]string{"A": "1"}},
		{"includes", []string{"file://sub/all.yaml"}, map[string]string{"A": "3", "B": "toml", "Float": "1.0", "Day": "1979-05-27", "C": "d"}},
		{"an empty file", []string{"file://empty.yaml"}, map[string]string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := sam.ReadOverrides(dir, test.words)
			if err != nil || !maps.Equal(got.Parameters, test.want) {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}

// putAll writes files below a new folder, and returns it.
func putAll(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestReadOverridesErrors has words and files with which SAM CLI does not start, and
// files that corsproxy does not read. No value is in the error.
func TestReadOverridesErrors(t *testing.T) {
	t.Parallel()
	dir := putAll(t, map[string]string{
		".git/HEAD":         "",
		"loop.yaml":         "A: 1\n$include: [file://sub/loop.yaml]\n",
		"sub/loop.yaml":     "A: 1\n$include: file://../loop.yaml\n",
		"sub/missing.yaml":  "$include: file://gone.yaml\n",
		"sub/missing.toml":  "'$include' = 'file://gone.yaml'\n",
		"sub/elsewhere.yml": "$include: file:///etc/elsewhere.yaml\n",
		"number.yaml":       "$include: 3\n",
		"text.yaml":         "secret\n",
		"item.yaml":         "- A=1\n- 3\n",
		"twice.yaml":        "A: secret\nA: other\n",
		"broken.yaml":       "A: secret: x\n",
		"broken.toml":       "A = 1\nB = secret\n",
		"twice.toml":        "A = 'secret'\nA = 'other'\n",
		"a.json":            "{}",
	})
	for word, want := range map[string]string{
		"Stage":                    `parameter overrides "Stage": write Key=Value`,
		"file://gone.yaml":         `"file://gone.yaml" names parameters, and there is no file "gone.yaml"; SAM local does not start; write it as seen from where sam is started`,
		"file://sub":               `there is no file "sub"`,
		"file://a.json":            `a.json: of the parameters SAM CLI does not know the format; SAM local does not start; write them into a file that ends in .yaml, .yml or .toml`,
		"file://loop.yaml":         `sub/loop.yaml:2:11: "file://../loop.yaml" includes itself; SAM local does not start; remove the $include`,
		"file://sub/missing.yaml":  `sub/missing.yaml:1:11: "file://gone.yaml" names parameters, and there is no file "sub/gone.yaml"; SAM local does not start; write it as seen from the folder of sub/missing.yaml`,
		"file://sub/missing.toml":  `sub/missing.toml: "file://gone.yaml" names parameters`,
		"file://sub/elsewhere.yml": `the parameters in "file:///etc/elsewhere.yaml" are not read: it lies outside the project`,
		"file://number.yaml":       `number.yaml:1:11: $include is an integer; SAM local does not start; name a file`,
		"file://text.yaml":         `text.yaml:1:1: here stands what is no parameter; SAM local does not start; write Key=Value`,
		"file://item.yaml":         `item.yaml:2:3: an integer stands where parameters should be; SAM local does not start; write Key=Value`,
		"file://twice.yaml":        `twice.yaml:2:1: a parameter stands in the file for the second time; SAM local does not start; remove one of them`,
		"file://twice.toml":        `twice.toml: the parameters cannot be read; SAM local does not start; correct the file`,
		"file://user:secret@a.yml": `"file://REDACTED@a.yml" names parameters, and there is no file "REDACTED@a.yml"`,
		"file://broken.yaml":       `broken.yaml:1`,
		"file://broken.toml":       `broken.toml:2:5: the parameters cannot be read; SAM local does not start; correct the file here, or before`,
	} {
		got, err := sam.ReadOverrides(dir, []string{word})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", word, err, want)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: a value is shown: %v", word, err)
		} else if strings.HasPrefix(word, "file://") && len(got.Files) == 0 {
			t.Errorf("%s: no file is followed", word)
		}
	}
}

// TestOverridesOutside has a file of a project name parameters that are none of it.
func TestOverridesOutside(t *testing.T) {
	t.Parallel()
	other := putAll(t, map[string]string{"hosts.yaml": "Token: secret\n"})
	hosts := "file://" + filepath.ToSlash(filepath.Join(other, "hosts.yaml"))
	dir := putAll(t, map[string]string{
		".git/HEAD":      "",
		"near.yaml":      "Stage: near\n",
		"samconfig.toml": "[default.global.parameters]\nparameter_overrides = '" + hosts + "'\n[near.global.parameters]\nparameter_overrides = ['file://near.yaml', 'B=2']\n",
	})
	if o, err := sam.ReadOverrides(dir, []string{hosts}); err != nil || o.Parameters["Token"] != "secret" {
		t.Errorf("on a command line: %v, %v", o, err)
	}
	const outside = "outside the project"
	if o, err := sam.ReadOverridesWithin(dir, []string{hosts}, dir); err == nil || !strings.Contains(err.Error(), outside) {
		t.Errorf("in a file: %v, %v", o, err)
	}
	for env, want := range map[string]string{"": outside, "near": ""} {
		c, err := sam.ReadConfig(dir, env)
		if err != nil {
			t.Fatal(err)
		}
		o, err := c.Overrides(dir)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) || want == "" && (err != nil || o.Parameters["Stage"] != "near" || o.Parameters["B"] != "2") {
			t.Errorf("samconfig.toml, %q: %v, %v", env, o, err)
		}
	}
	if err := os.Symlink(filepath.Join(other, "hosts.yaml"), filepath.Join(dir, "link.yaml")); err != nil {
		t.Skip(err)
	}
	if o, err := sam.ReadOverridesWithin(dir, []string{"file://link.yaml"}, dir); err == nil || !strings.Contains(err.Error(), outside) {
		t.Errorf("by a link: %v, %v", o, err)
	}
	// A configuration that is a link itself is read, and no mistake for that; of one in
	// it nothing is shown.
	linked := putAll(t, map[string]string{".git/HEAD": ""})
	for text, want := range map[string]string{
		"'" + hosts + "'": outside,
		"'secret'":        "is a link to a file with a mistake, of which nothing is shown",
	} {
		shared := putAll(t, map[string]string{"shared.toml": "[default.global.parameters]\nparameter_overrides = " + text + "\n"})
		link := filepath.Join(linked, "samconfig.toml")
		if err := errors.Join(os.RemoveAll(link), os.Symlink(filepath.Join(shared, "shared.toml"), link)); err != nil {
			t.Fatal(err)
		}
		c, err := sam.ReadConfig(linked, "")
		if err != nil {
			t.Fatal(err)
		}
		if o, err := c.Overrides(linked); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("samconfig.toml by a link, %s: %v, %v", text, o, err)
		}
	}
}

func TestReadConfig(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file, text, env string
		template              string
		parameters            map[string]string
		region                string
	}{
		{name: "TOML", file: "samconfig.toml", text: `
version = 0.1
[default.global.parameters]
region = "eu-west-1"
parameter_overrides = "Stage=global"
[default.local_start_api.parameters] # ` + strings.Repeat("[", 200) + `
image_repository = "` + strings.Repeat("[", 200) + `\"[" # of no concern here
docker_network = ''' ` + strings.Repeat("[\n", 200) + `'''
tags = [` + strings.Repeat("{a.b = [1.5]},", 200) + `]
template_file = "sub/app.yaml"
parameter_overrides = ["Stage=dev", "Name=\"a b\""]
`, template: "sub/app.yaml", parameters: map[string]string{"Stage": "dev", "Name": "a b"}, region: "eu-west-1"},
		{name: "YAML", file: "samconfig.yaml", text: `
version: 0.1
default:
  local_start_api:
    parameters:
      parameter_overrides: {Stage: dev, Count: 3, Origins: [a, b], Empty: }
`, parameters: map[string]string{"Stage": "dev", "Count": "3", "Origins": "a,b", "Empty": ""}},
		{name: "environment", file: "samconfig.toml", env: "prod", text: `
[default.global.parameters]
region = "us-east-1"
[prod.global.parameters]
region = "us-west-2"
`, region: "us-west-2"},
		{name: "another environment", file: "samconfig.toml", env: "test", text: "[default.global.parameters]\nregion = 'us-east-1'\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := sam.ReadConfig(dir, test.env)
			if err != nil {
				t.Fatal(err)
			}
			want := test.template
			if want != "" {
				want = filepath.Join(dir, want)
			}
			overrides, err := got.Overrides(dir)
			if got.Template != want || got.Options.Region != test.region || !maps.Equal(overrides.Parameters, test.parameters) || err != nil {
				t.Errorf("got %+v, %v, %v", got, overrides, err)
			}
		})
	}
}

// TestReadConfigAddress has a host and a port count only where they are some.
func TestReadConfigAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sam.Config{
		"":                                    {},
		"port = 3001":                         {Port: "3001"},
		"port = \" 3001 \"\nhost = '0.0.0.0'": {Port: "3001", Host: "0.0.0.0"},
		"host = '::1'":                        {Host: "::1"},
		"host = 'my-pc.local'\nport = 65535":  {Host: "my-pc.local", Port: "65535"},
		"port = 0":                            {Nowhere: true},
		"port = 65536":                        {Nowhere: true},
		"port = -1\nhost = 'localhost'":       {Host: "localhost", Nowhere: true},
		"port = '3001 $(id)'":                 {Nowhere: true},
		`port = "3001\u001b[31m"`:             {Nowhere: true},
		"port = true":                         {Nowhere: true},
		"port = [3001, 3002]":                 {Nowhere: true},
		"host = '$(id)'\nport = 3001":         {Port: "3001", Nowhere: true},
		"host = '--host'":                     {Nowhere: true},
		`host = "fe80::1%\u001b[31m"`:         {Nowhere: true},
		`host = "a.example\nforged"`:          {Nowhere: true},
		"host = ''":                           {},
		"host = 3":                            {Nowhere: true},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte("[default.local_start_api.parameters]\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := sam.ReadConfig(dir, "")
		if err != nil || got.Host != want.Host || got.Port != want.Port || got.Nowhere != want.Nowhere {
			t.Errorf("%q: host %q, port %q, nowhere %v, %v; want %q, %q, %v", text, got.Host, got.Port, got.Nowhere, err, want.Host, want.Port, want.Nowhere)
		}
	}
}

func TestReadConfigErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got, err := sam.ReadConfig(dir, ""); err != nil || got.File != "" {
		t.Errorf("without a file: got %+v, %v", got, err)
	}
	for _, test := range []struct{ text, want string }{
		{"[default\n", "samconfig.toml:1:"},
		{"[default.global.parameters]\nparameter_overrides = 'x'\n", "write Key=Value"},
		{"[default.global.parameters]\nparameter_overrides = 3\n", "an integer stands where parameters should be"},
		{"a = " + strings.Repeat("[", 60_000), "samconfig.toml:1:155: maps and lists nest deeper than 150 levels"},
		{"\na = " + strings.Repeat("{a=", 20_000), "samconfig.toml:2:455: maps and lists nest deeper"},
		{strings.Repeat("a.", 30_000) + "a = 1", "samconfig.toml:1:302: maps and lists nest deeper"},
		{"[" + strings.Repeat("a.", 30_000) + "a]", "samconfig.toml:1:301: maps and lists nest deeper"},
		{"a = " + strings.Repeat("{a.a=[", 10_000), "samconfig.toml:1:305: maps and lists nest deeper"},
		{"a = '''\n'' '''''\nb = \"\"\"\\\"\"\"\\\"\"\"\"\nc = " + strings.Repeat("[", 60_000), "samconfig.toml:4:155: maps and lists nest deeper"},
		{"a = 1\n" + strings.Repeat("#", 70_000), "it has more than 65536 bytes"},
	} {
		name := filepath.Join(dir, "samconfig.toml")
		if err := os.WriteFile(name, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, err := sam.ReadConfig(dir, "")
		if err == nil {
			_, err = c.Overrides(dir)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want an error with %q", test.text, err, test.want)
		}
	}
}

// TestReadConfigFile reads the file that --config-file names, and says with which
// SAM CLI does not start.
func TestReadConfigFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"samconfig.toml": "[default.local_start_api.parameters]\nport = 1\n",
		"other.toml":     "[qa.local_start_api.parameters]\nport = 3001\ntemplate_file = 'app.yaml'\n",
		"conf/yaml.yml":  "default: {global: {parameters: {port: 3002, template: app.yaml}}}",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app := filepath.Join(dir, "app.yaml")
	for _, tt := range []struct{ dir, file, env, port, template string }{
		{dir, "other.toml", "qa", "3001", app},
		{dir, "other.toml", "", "", ""},
		{dir, filepath.Join("conf", "yaml.yml"), "", "3002", app},
		{dir, filepath.Join(dir, "conf", "yaml.yml"), "", "3002", app},
		{dir, "samconfig.toml", "", "1", ""},
		{filepath.Join(dir, "conf"), "samconfig.toml", "", "", ""}, // it is not there
	} {
		got, err := sam.ReadConfigFile(tt.dir, tt.file, tt.env)
		if err != nil || got.Port != tt.port || got.Template != tt.template {
			t.Errorf("%+v: got %+v, %v", tt, got, err)
		}
	}
	for name, want := range map[string]string{
		"missing.toml":                  `--config-file names "missing.toml", and there is no file "` + filepath.Join(dir, "missing.toml") + `"; SAM local does not start; write it as seen from the folder of the template`,
		filepath.Join(dir, "gone.yaml"): `gone.yaml", and there is no such file; SAM local does not start`,
		"other.json":                    `, of which SAM CLI does not know the format; SAM local does not start; name a file that ends in .toml, .yaml or .yml`,
		"samconfig":                     `of which SAM CLI does not know the format`,
	} {
		var refused *sam.TemplateError
		if _, err := sam.ReadConfigFile(dir, name, ""); !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", name, err, want)
		}
	}
}
