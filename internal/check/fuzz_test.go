package check_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// FuzzRun checks that no template makes a rule panic, and that what is found
// can be written in every format.
func FuzzRun(f *testing.F) {
	files, err := filepath.Glob("examples/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(fileOf(archive, "bad/template.yaml"), false)
		f.Add(fileOf(archive, "good/template.yaml"), true)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, template []byte, extensions bool) {
		if len(template) > 1<<16 {
			t.Skip("larger than any template that finds more")
		}
		name := filepath.Join(dir, "template.yaml")
		if err := os.WriteFile(name, template, 0o644); err != nil {
			t.Fatal(err)
		}
		findings, err := check.Run(check.Options{
			Template: name,
			SAM:      sam.Options{LanguageExtensions: extensions},
			Config:   &check.Config{AllowOrigins: []string{"https://app.example.com"}, AllowHeaders: []string{"X-A"}, ExposeHeaders: []string{"X-B"}, AllowCredentials: true},
		})
		if err != nil {
			return
		}
		for _, format := range check.Formats() {
			if err := check.Write(io.Discard, format, findings, true); err != nil {
				t.Errorf("Write as %s: %v", format, err)
			}
		}
	})
}
