package sam_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// FuzzLoad feeds the reader templates of which it must make an application or
// a *TemplateError with a place, and neither panic nor take long.
func FuzzLoad(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		input, _ := split(archive)
		for _, file := range input {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, template string) {
		name := filepath.Join(t.TempDir(), "template.yaml")
		if err := os.WriteFile(name, []byte(template), 0o644); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		app, err := sam.Load(name, sam.Options{LanguageExtensions: len(template)%2 == 0})
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("took %v", d)
		}
		if err != nil {
			var refused *sam.TemplateError
			if !errors.As(err, &refused) && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("got %v, want a *TemplateError", err)
			}
			if errors.As(err, &refused) && (refused.What == "" || refused.Pos.File == "") {
				t.Errorf("%v says neither what nor where", err)
			}
			return
		}
		table := sam.NewTable(app.Local.Routes)
		for _, r := range app.Local.Routes {
			if r.Method == "" || r.Path == "" {
				t.Errorf("route %+v", r)
			}
			table.Methods(r.Path)
		}
		if err := app.WriteJSON(&strings.Builder{}, sam.AsLocal); err != nil {
			t.Error(err)
		}
		if err := app.WriteTable(&strings.Builder{}, sam.AsDeployed, apigateway.New(app).Preflight); err != nil {
			t.Error(err)
		}
	})
}
