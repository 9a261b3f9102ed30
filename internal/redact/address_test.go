package redact_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/redact"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"http://u:" + secret + "@h:80/a":          {"http://REDACTED@h:80/a", "http://h:80/a"},
		"http://u:%" + secret + "%zz@h":           {"http://REDACTED@h", "http://h"},
		"http://u:a/" + secret + "@h":             {"http://REDACTED@h", "http://h"},
		"http://u:a#" + secret + "?@h":            {"http://REDACTED@h", "http://h"},
		"http://u:a " + secret + "^@h":            {"http://REDACTED@h", "http://h"},
		"http://u:a@" + secret + "@h":             {"http://REDACTED@h", "http://h"},
		"u:" + secret + "@h:80":                   {"REDACTED@h:80", "h:80"},
		"//u:" + secret + "@h":                    {"//REDACTED@h", "//h"},
		"u:" + secret + "%40h":                    {"REDACTED%40h", "h"},
		"'https://u:" + secret + "@h'":            {"'https://REDACTED@h'", "'https://h'"},
		"http://h/?token=" + secret:               {"http://h/?token=REDACTED", ""},
		"http://h/?page=2&access_token=" + secret: {"http://h/?page=2&access_token=REDACTED", ""},
		"u:" + secret + "@h/?token=" + secret:     {"REDACTED@h/?token=REDACTED", "h/?token=" + secret},
		"DbPassword=" + secret:                    {"DbPassword=REDACTED", ""},
		"ftp://h:21/a b":                          {"ftp://h:21/a b", ""},
		"/users/@me":                              {"/users/@me", ""},
		"@h":                                      {"@h", ""},
		"localhost:http":                          {"localhost:http", ""},
		"http://localhost:3000/a?page=2":          {"http://localhost:3000/a?page=2", ""},
		"":                                        {"", ""},
	} {
		if want[1] == "" {
			want[1] = in
		}
		if got := redact.Address(in); got != want[0] {
			t.Errorf("%s is shown as %s, want %s", in, got, want[0])
		}
		if got := redact.WithoutUser(in); got != want[1] {
			t.Errorf("%s without its user is %s, want %s", in, got, want[1])
		}
		if got := redact.HasUser(in); got != (want[1] != in) {
			t.Errorf("HasUser(%s) = %v", in, got)
		}
	}
}
