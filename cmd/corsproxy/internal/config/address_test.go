package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
)

func TestListen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"8080":           "127.0.0.1:8080",
		":8080":          ":8080",
		"0":              "127.0.0.1:0",
		"127.0.0.1:8080": "127.0.0.1:8080",
		"localhost:80":   "localhost:80",
		"[::1]:8080":     "[::1]:8080",
		"[::]:8080":      "[::]:8080",
		"0.0.0.0:8080":   "0.0.0.0:8080",

		"http://localhost:8080/": "write: address to listen on is host:port, such as localhost:8080",
		"*:8080":                 "write :8080 for every interface",
		"::1:8080":               "write [::1]:8080",
		"::1":                    "write [::1]:8080",
		"localhost":              "write localhost:8080",
		"0.0.0.0":                "write 0.0.0.0:8080",
		"70000":                  "a port is a number from 0 to 65535",
		"localhost:http":         `has the port "http"`,
		"localhost:":             `has the port ""`,
		"a b:80":                 `has the host "a b"`,
		"":                       `"" is not an address`,
		"\x1b[31m":               `"\x1b[31m" is not an address`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			l, err := config.Load(config.Input{Dir: t.TempDir(), Flags: map[string][]string{"listen": {text}}})
			compare(t, func() string { return l.Listen }, err, want)
		})
	}
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"3000":                      "http://127.0.0.1:3000",
		":3000":                     "http://127.0.0.1:3000",
		"localhost:3000":            "http://localhost:3000",
		"host.docker.internal:3000": "http://host.docker.internal:3000",
		"sam_local:3000":            "http://sam_local:3000",
		"[::1]:3000":                "http://[::1]:3000",
		"http://127.0.0.1:3000":     "http://127.0.0.1:3000",
		"HTTP://localhost:3000/":    "http://localhost:3000",
		"https://api.example.com":   "https://api.example.com",
		"http://[::1]":              "http://[::1]",
		"http://0.0.0.0:3000":       "http://127.0.0.1:3000",
		"0.0.0.0:3000":              "http://127.0.0.1:3000",
		"[::]:3000":                 "http://[::1]:3000",

		"http://localhost:3000/Prod":  "so write http://localhost:3000",
		"http://localhost:3000?x=1":   "so write http://localhost:3000",
		"http://localhost:3000/#a":    "so write http://localhost:3000",
		"http://me:pass@localhost:80": `"http://REDACTED@localhost:80" holds a user name; requests carry their own Authorization, so write http://localhost:80`,
		"ws://localhost:3000":         `has the scheme "ws"`,
		"http://":                     "names no host",
		"http://local host:3000":      "is not a URL",
		"http://localhost:70000":      `has the port "70000"`,
		"http://localhost:0":          `has the port "0"`,
		"0":                           "has port 0",
		"localhost":                   "write localhost:3000",
		"api.example.com":             "write api.example.com:3000",
		"":                            `"" is not an address`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			l, err := config.Load(config.Input{Dir: t.TempDir(), Flags: map[string][]string{"upstream": {text}}})
			compare(t, func() string { return l.Upstream }, err, want)
			if err != nil && strings.Contains(err.Error(), "pass") {
				t.Errorf("the message repeats a password: %v", err)
			}
		})
	}
}

// compare expects either the value want or an error that contains it.
func compare(t *testing.T, got func() string, err error, want string) {
	t.Helper()
	want = strings.TrimPrefix(want, "write: ")
	if err == nil {
		if got() != want {
			t.Errorf("got %q, want %q", got(), want)
		}
		return
	}
	var mistakes config.Mistakes
	errors.As(err, &mistakes)
	if n := len(mistakes); n != 1 || !strings.Contains(err.Error(), want) {
		t.Errorf("got %d mistakes: %v\nwant one with %q", n, err, want)
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		upstream, listen string
		want             bool
	}{
		"the same address":           {"http://127.0.0.1:8080", "127.0.0.1:8080", true},
		"another port":               {"http://127.0.0.1:3000", "127.0.0.1:8080", false},
		"every interface":            {"http://127.0.0.1:8080", ":8080", true},
		"every interface, by number": {"http://[::1]:8080", "0.0.0.0:8080", true},
		"every interface, by name":   {"http://localhost:8080", "[::]:8080", true},
		"every interface, elsewhere": {"http://192.0.2.1:8080", ":8080", false},
		"name and number":            {"http://localhost:8080", "127.0.0.1:8080", true},
		"number and name":            {"http://[::1]:8080", "localhost:8080", true},
		"the other address family":   {"http://[::1]:8080", "127.0.0.1:8080", false},
		"case of a name":             {"http://Example.com:80", "example.com:80", true},
		"the port of the scheme":     {"http://127.0.0.1", ":80", true},
		"any free port":              {"http://127.0.0.1:8080", "127.0.0.1:0", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := config.Reaches(c.upstream, c.listen); got != c.want {
				t.Errorf("Reaches(%q, %q) = %v", c.upstream, c.listen, got)
			}
		})
	}
}
