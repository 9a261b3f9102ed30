package config_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/spf13/pflag"
)

func TestPrecedence(t *testing.T) {
	t.Parallel()
	in := config.Input{Dir: write(t, "cors: {max_age: 2s, allow_origins: [http://file, http://file2]}\nlog: {level: warn}\n")}
	check := func(maxAge time.Duration, origins []string, where string) {
		t.Helper()
		l := mustLoad(t, in)
		if l.CORS.MaxAge != maxAge || !reflect.DeepEqual(l.CORS.AllowOrigins, origins) {
			t.Errorf("max_age is %v and allow_origins %v", l.CORS.MaxAge, l.CORS.AllowOrigins)
		}
		if got := l.Where("cors.allow_origins[0]").String(); got != where {
			t.Errorf("allow_origins[0] comes from %s, want %s", got, where)
		}
		if l.Log.Level != "warn" || l.Where("log.level").String() != "corsproxy.yaml:2:14" {
			t.Errorf("log.level is %s from %s", l.Log.Level, l.Where("log.level"))
		}
		if got := l.Where("timeouts.dial").String(); got != "default" {
			t.Errorf("timeouts.dial comes from %s", got)
		}
	}
	check(2*time.Second, []string{"http://file", "http://file2"}, "corsproxy.yaml:1:37")
	in.Environ = []string{"CORSPROXY_CORS_MAX_AGE=3s", "CORSPROXY_CORS_ALLOW_ORIGINS=http://env, http://env2"}
	check(3*time.Second, []string{"http://env", "http://env2"}, "CORSPROXY_CORS_ALLOW_ORIGINS")
	in.Flags = map[string][]string{"max-age": {"1s", "4s"}, "allow-origin": {"http://flag,http://flag2", "http://flag3"}}
	check(4*time.Second, []string{"http://flag", "http://flag2", "http://flag3"}, "--allow-origin")
}

// TestEveryKey sets each setting in each way that there is, so that one that
// is not wired up cannot go unnoticed.
func TestEveryKey(t *testing.T) {
	t.Parallel()
	values := map[config.Kind]string{
		config.Text: "a.log", config.List: "POST /b", config.Texts: "Zones=a,b", config.Bool: "true", config.Int: "204",
		config.Duration: "7s", config.Listen: "[::1]:9", config.Upstream: "https://a.example",
	}
	for _, k := range config.Leaves() {
		t.Run(k.Path, func(t *testing.T) {
			t.Parallel()
			text := values[k.Kind]
			if k.Kind == config.Choice {
				text = k.Enum[len(k.Enum)-1]
			}
			if k.Kind == config.List && k.Name != "routes" {
				text = "PUT"
			}
			if k.Name == "allow_origins" {
				text = "http://a.example"
			}
			// Credentials go with nothing that is left open.
			named := map[string][]string{}
			if k.Name == "allow_credentials" {
				named = map[string][]string{"allow-origin": {"http://a.example"}, "allow-method": {"PUT"}, "allow-header": {"A"}}
			}
			base := mustLoad(t, config.Input{Dir: t.TempDir(), Flags: named})

			byEnv := mustLoad(t, config.Input{Dir: t.TempDir(), Flags: named, Environ: []string{k.Env() + "=" + text}})
			flags := map[string][]string{k.Flag: {text}}
			for name, texts := range named {
				flags[name] = texts
			}
			byFlag := mustLoad(t, config.Input{Dir: t.TempDir(), Flags: flags})
			byFile := mustLoad(t, config.Input{Dir: write(t, inFile(k, text)), Flags: named})
			if !reflect.DeepEqual(byEnv.Config, byFlag.Config) || !reflect.DeepEqual(byFile.Config, byFlag.Config) {
				t.Errorf("differ:\nenv  %+v\nflag %+v\nfile %+v", byEnv.Config, byFlag.Config, byFile.Config)
			}
			if reflect.DeepEqual(byFlag.Config, base.Config) {
				t.Errorf("%s changes nothing", text)
			}
			if got := byEnv.Where(k.Path).String(); got != k.Env() {
				t.Errorf("Where = %s, want %s", got, k.Env())
			}
		})
	}
}

// inFile returns a configuration file that sets k.
func inFile(k config.Key, text string) string {
	text = `"` + text + `"`
	if k.Kind == config.List || k.Kind == config.Texts {
		text = "[" + text + "]"
	}
	if section, name, ok := strings.Cut(k.Path, "."); ok {
		return section + ": {" + name + ": " + text + "}\n"
	}
	return k.Path + ": " + text + "\n"
}

func TestEnvMistakes(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"CORSPROXY_ALLOW_ORIGIN=a":      `CORSPROXY_ALLOW_ORIGIN: unknown variable "CORSPROXY_ALLOW_ORIGIN"; did you mean CORSPROXY_CORS_ALLOW_ORIGINS?`,
		"CORSPROXY_CORS_MAXAGE=5s":      `CORSPROXY_CORS_MAXAGE: unknown variable "CORSPROXY_CORS_MAXAGE"; did you mean CORSPROXY_CORS_MAX_AGE?`,
		"CORSPROXY_ROUTES=/a":           `CORSPROXY_ROUTES: routes can only be given in a file`,
		"CORSPROXY_QUITE_UNLIKE_IT=1":   `CORSPROXY_QUITE_UNLIKE_IT: unknown variable "CORSPROXY_QUITE_UNLIKE_IT"; variables are named after keys, such as CORSPROXY_CORS_ALLOW_ORIGINS for cors.allow_origins`,
		"CORSPROXY_CONFIG=missing.yaml": `CORSPROXY_CONFIG: there is no file "missing.yaml"; config.example.yaml shows what can stand in one`,

		// Not set, or not meant for corsproxy.
		"CORSPROXY_LISTEN=":                               "",
		"CORSPROXY_TEMPLATE=auto":                         "",
		"CORSPROXY_NONSENSE=":                             "",
		"CORSPROXY_SERVICE_HOST=10.0.0.1":                 "",
		"CORSPROXY_SERVICE_PORT_HTTP=8080":                "",
		"CORSPROXY_PORT=tcp://10.0.0.1:8080":              "",
		"CORSPROXY_WEB_PORT_8080_TCP_ADDR=10.0.0.1":       "",
		"CORSPROXY_WEB_PORT_8080_TCP=tcp://10.0.0.1:8080": "",
		"corsproxy_listen=x":                              "",
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(config.Input{Dir: t.TempDir(), Environ: []string{variable}})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestFindFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, listen := range map[string]string{"a.yaml": "1", "b.yaml": "2", "corsproxy.yml": "3"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("listen: "+listen), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := config.Input{Dir: dir}
	for _, step := range []struct {
		environ []string
		flags   map[string][]string
		file    string
		listen  string
	}{
		{nil, nil, "corsproxy.yml", "127.0.0.1:3"},
		{[]string{"CORSPROXY_CONFIG=a.yaml"}, nil, "a.yaml", "127.0.0.1:1"},
		{[]string{"CORSPROXY_CONFIG=a.yaml"}, map[string][]string{"config": {"b.yaml"}}, "b.yaml", "127.0.0.1:2"},
	} {
		in.Environ, in.Flags = step.environ, step.flags
		l := mustLoad(t, in)
		if l.File != step.file || !l.Found || l.Listen != step.listen {
			t.Errorf("read %s (found %v): %s; want %s: %s", l.File, l.Found, l.Listen, step.file, step.listen)
		}
	}

	if err := os.WriteFile(filepath.Join(dir, "corsproxy.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Input{Dir: dir})
	want := "corsproxy.yml: there is corsproxy.yaml too, and only one can be read; remove one, or name one with --config"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	_, err = config.Load(config.Input{Dir: dir, Flags: map[string][]string{"config": {"."}}})
	want = `--config: "." cannot be read: it is a folder; name a YAML file`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	if err := os.Truncate(filepath.Join(dir, "a.yaml"), config.MaxFile+1); err != nil {
		t.Fatal(err)
	}
	_, err = config.Load(config.Input{Dir: dir, Flags: map[string][]string{"config": {"a.yaml"}}})
	want = `--config: "a.yaml" has more than 1048576 bytes; a configuration has less, so name another file`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	l := mustLoad(t, config.Input{Dir: t.TempDir()})
	if l.Found || l.File != "corsproxy.yaml" {
		t.Errorf("without a file: File %q, Found %v", l.File, l.Found)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	l := mustLoad(t, config.Input{
		Dir:   write(t, "listen: 8081\ncors: {max_age: 1s}\n"),
		Flags: map[string][]string{"listen": {"8082"}},
	})
	next, err := l.Reload([]byte("listen: 8083\ncors: {max_age: 2s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if next.Listen != "127.0.0.1:8082" || next.CORS.MaxAge != 2*time.Second {
		t.Errorf("after reload: listen %s, max_age %v", next.Listen, next.CORS.MaxAge)
	}
	if l.CORS.MaxAge != time.Second {
		t.Error("the old configuration changed")
	}
	if _, err := next.Reload([]byte("cors: {max_age: 3}\n")); err == nil {
		t.Error("a wrong file is accepted")
	}
}

func TestFlagTexts(t *testing.T) {
	t.Parallel()
	flags := pflag.NewFlagSet("corsproxy", pflag.ContinueOnError)
	config.AddFlags(flags)
	if err := flags.Parse([]string{"--allow-origin", "a,b", "--allow-origin=c", "--allow-credentials", "--listen", "1", "--listen", "2"}); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"allow-origin": {"a,b", "c"}, "allow-credentials": {"true"}, "listen": {"1", "2"}}
	if got := config.FlagTexts(flags); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
