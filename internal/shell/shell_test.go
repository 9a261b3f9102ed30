package shell_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/shell"
)

func TestWord(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                        `''`,
		"PUT":                     "PUT",
		"http://localhost:5173":   "http://localhost:5173",
		"http://[::1]:5173":       "'http://[::1]:5173'",
		"https://a.example/?b&c":  "'https://a.example/?b&c'",
		"https://*.example.com":   "'https://*.example.com'",
		"Stage=dev":               "Stage=dev",
		"=sam":                    "'=sam'",
		"~/template.yaml":         "'~/template.yaml'",
		"my template.yaml":        "'my template.yaml'",
		"it's":                    `'it'\''s'`,
		"$(reboot)":               "'$(reboot)'",
		"a\nb":                    "'a\nb'",
		"content-type,x-a":        "content-type,x-a",
		"schöne Vorlage.yaml":     "'schöne Vorlage.yaml'",
		`Name="a b"`:              `'Name="a b"'`,
		"/items/{id}":             "'/items/{id}'",
		"a;b":                     "'a;b'",
		"http://u:p@host:3000/x#": "'http://u:p@host:3000/x#'",
	} {
		if got := shell.Word(s); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}
	}
}

// TestJoin has a real shell take the words apart again.
func TestJoin(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh on this machine: ", err)
	}
	words := []string{"a b", "", "it's", `"`, `\`, "$HOME", "*", "`id`", "=x", "a=b", "#", "!", "{a,b}", "~", "new\nline", "-n", "&", "ä"}
	out, err := exec.Command(sh, "-c", `printf '%s\0' `+shell.Join(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words, "\x00")+"\x00"; got != want {
		t.Errorf("a shell reads %q, want %q", got, want)
	}
}
