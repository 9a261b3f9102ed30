package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
)

// FuzzLoad gives anything for a file, a variable and a flag. What comes out
// is a valid configuration, or mistakes of one line each with a place.
func FuzzLoad(f *testing.F) {
	f.Add("listen: 8080\ncors: {allow_origins: [http://a], max_age: 5s}\n", "3s", "3000")
	f.Add("routes:\n  - path: /a\n    cors: &c {allow_credentials: true}\n  - path: /b\n    cors: *c\n", "", "::1:3")
	f.Add("a: &a [*a]\n? {b: c}\n: d\n", "5", "http://u:p@h/p?q#f")
	f.Add("sam: {routes: [GET]}\n--- \n%YAML 1.1\n", "-1s", ":")
	f.Add("? \"a\\nb\" : 1", "LISTN=\n", "*:00\x10")
	seed, err := config.Load(config.Input{File: config.NoFile})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, file, variable, flag string) {
		_, err := seed.Reload([]byte(file))
		if blank := (*config.BlankError)(nil); !errors.As(err, &blank) {
			examine(t, err)
		}
		_, err = config.Load(config.Input{
			File:    config.NoFile,
			Environ: []string{"CORSPROXY_CORS_MAX_AGE=" + variable, "CORSPROXY_" + variable},
			Flags:   map[string][]string{"upstream": {flag}, "listen": {flag}, "allow-origin": {flag}, "sam-route": {flag}},
		})
		examine(t, err)
	})
}

func examine(t *testing.T, err error) {
	t.Helper()
	var mistakes config.Mistakes
	if err != nil && (!errors.As(err, &mistakes) || len(mistakes) == 0) {
		t.Fatalf("not a list of mistakes: %v", err)
	}
	for _, m := range mistakes {
		if m.Text == "" || m.Place.String() == "" || strings.ContainsFunc(m.Error(), func(r rune) bool { return r < 0x20 }) {
			t.Errorf("bad message: %q", m.Error())
		}
	}
}
