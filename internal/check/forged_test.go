package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestForgedLines puts a line end into the words of each example, as hostile
// templates may have it in names and texts: no line of a fix is theirs. The
// examples have most words in common, and each has its turn with a third of its own.
func TestForgedLines(t *testing.T) {
	t.Parallel()
	const forged = "FORGED"
	word := regexp.MustCompile(`"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_/.{}+*$-]+`)
	for turn, file := range exampleFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, f := range archive.Files {
				name := filepath.Join(dir, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			text := string(fileOf(archive, "bad/template.yaml"))
			template := filepath.Join(dir, "bad", "template.yaml")
			seen := make(map[string]bool)
			for i, at := range word.FindAllStringIndex(text, -1) {
				if seen[text[at[0]:at[1]]] || (i+turn)%3 != 0 {
					continue
				}
				seen[text[at[0]:at[1]]] = true
				quoted := strings.ReplaceAll(strings.Trim(text[at[0]:at[1]], `"`), `"`, `\"`)
				if err := os.WriteFile(template, []byte(text[:at[0]]+`"`+quoted+`\n`+forged+`"`+text[at[1]:]), 0o600); err != nil {
					t.Fatal(err)
				}
				findings, err := check.Run(check.Options{Template: template})
				if err != nil {
					continue
				}
				for _, f := range findings {
					for line := range strings.Lines(f.Fix) {
						if strings.HasPrefix(strings.TrimSpace(line), forged) {
							t.Errorf("%s with a line end in %s: fix: %s", f.Code, quoted, f.Fix)
						}
					}
				}
			}
		})
	}
}
