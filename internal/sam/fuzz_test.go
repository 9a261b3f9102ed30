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

// FuzzReadOverrides checks that no file of parameters makes the reader panic, loop or
// show what stands in it.
func FuzzReadOverrides(f *testing.F) {
	for _, text := range []string{"A: 1\nB: [x, y]\n", "- A=1\n- ParameterKey=B,ParameterValue=2\n", "$include: file://p.yaml\n", "- file://p.toml\n", "A = 'b'\n[c]\nd = 1\n", "A: {b: c}\n", "x"} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, isTOML bool) {
		const secret = "s3cr3tword"
		dir, name, more := t.TempDir(), "p.yaml", "\n- "+secret+"\n"
		if isTOML {
			name, more = "p.toml", "\nlast = "+secret+"\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+more), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := sam.ReadOverrides(dir, []string{"file://" + name})
		if err != nil && !strings.Contains(text, "file:") && strings.Contains(err.Error(), secret) { // a name of a file is shown
			t.Errorf("the error shows what stands in the file: %v", err)
		}
		if len(o.Files) == 0 || filepath.Base(o.Files[0]) != name {
			t.Errorf("the files are %q", o.Files)
		}
	})
}
