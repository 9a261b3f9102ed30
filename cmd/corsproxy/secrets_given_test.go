package main

import (
	"strings"
	"testing"
)

// TestSecretsGiven makes mistakes in addresses that have a password in them, which
// is a reason why they do not parse. What says so goes into logs.
func TestSecretsGiven(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	for _, address := range []string{
		"http://u:%" + secret + "%zz@h.example", "u:" + secret + "@h.example:3000", "ftp://u:" + secret + "@h.example",
		"http://u:a/" + secret + "@h.example", "http://u:a#" + secret + "@h.example:80", "http://u:a " + secret + "^@h.example",
		"https://u:" + secret + "@h.example", "u:" + secret + "%40h.example:80", "ftp://h.example/?token=" + secret,
	} {
		for _, command := range []string{
			"--upstream", "--listen", "--inspect", "--allow-origin", "--max-age", "--template none --log-level", "check x",
			"try --origin http://a", "try http://a --origin", "compare --with", "compare --with http://a --origin", "",
		} {
			_, stderr, code := outcome(t, append(strings.Fields(command), address)...)
			if strings.Contains(stderr, secret) {
				t.Errorf("%s %q is answered by %s", command, address, stderr)
			}
			if code == 0 || command != "check x" && !strings.Contains(stderr, "h.example") && !strings.Contains(stderr, "port") {
				t.Errorf("%s %q is answered by %s, exit code %d, which does not show the mistake", command, address, stderr, code)
			}
		}
	}
	for _, command := range [][]string{
		{"--parameter-overrides", "DbPassword " + secret}, {"check", "--parameter-overrides", "DbPassword:" + secret},
		{"--parameter-overrides", "Stage=dev", "DbPassword=" + secret},
		{"try", "http://a", "--origin", "http://a", "--header", "Authorization Bearer " + secret},
	} {
		_, stderr, code := outcome(t, command...)
		if code != exitUsage || strings.Contains(stderr, secret) || !strings.Contains(stderr, command[len(command)-1][:10]) {
			t.Errorf("%q is answered by %s, exit code %d", command, stderr, code)
		}
	}
}
