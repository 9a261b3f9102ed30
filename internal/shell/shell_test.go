package shell_test

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

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
		"a\tb\r\n":                `"$(printf 'a\011b\015')"'` + "\n'",
		"\x1b[2J\x00":             `"$(printf '\033[2J')"`,
		"\x00":                    `''`,
		"é\xe9\u009b\u202e":       `"$(printf 'é\351\302\233\342\200\256')"`,
		"-\t50%\\'$x!\n^a":        `"$(printf '\055\01150%%\\\047\044x\041` + "\n" + `\136a')"`,
		"a\n^b":                   "\"$(printf 'a\n\\136b')\"",
		"^b\n":                    "'^b\n'",
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
	if got, want := shell.Foreign("aº"), `"$(printf 'a\302\272')"`; got != want {
		t.Errorf("what a stranger wrote is %s, want %s", got, want)
	}
}

// TestJoin has real shells take the words apart again. There is every byte in
// them, and in what is pasted none that does something in a terminal.
func TestJoin(t *testing.T) {
	t.Parallel()
	words := []string{"a b", "", "it's", `"`, `\`, "$HOME", "*", "`id`", "=x", "a=b", "#", "!", "{a,b}", "~", "new\nline", "-n", "&", "ä", "\n\n", "\t\n\n", "a\n^b^c\n", "-\t", "%s\t\\n%", "a!b\t!!", "\"\t\"'`id`$(id)${x}", "{\"a\": \"\t'\"}"}
	for b := 1; b < 256; b++ {
		words = append(words, strings.ReplaceAll("'@'\n@@0\n", "@", string([]byte{byte(b)})), string(rune(b)))
	}
	foreign := make([]string, len(words))
	for i, w := range words {
		foreign[i] = shell.Foreign(w)
	}
	line := shell.Join(words) + " " + strings.Join(foreign, " ")
	words = append(words, words...)
	for i, r := range strings.Join(foreign, " ") {
		if r > unicode.MaxASCII {
			t.Errorf("a command for any terminal has %q at %d", r, i)
		}
	}
	for _, r := range line {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			t.Errorf("a command has %q", r)
		}
	}
	found := false
	for _, name := range []string{"sh", "bash", "zsh"} {
		program, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		found = true
		out, err := exec.Command(program, "-c", `printf '%s\0' `+line).Output()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, want := string(out), strings.Join(words, "\x00")+"\x00"; got != want {
			t.Errorf("%s reads %q, want %q", name, got, want)
		}
	}
	if !found {
		t.Skip("there is no sh on this machine")
	}
}
