package sam_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/sam"
)

var update = flag.Bool("update", false, "write what the reader makes of testdata/*.txtar into it")

// Each archive in testdata holds a template, with what it refers to, and what
// becomes of it: the routes that SAM local mounts and its CORS policy, in which
// routes the deployed form differs, the CORS of each deployed API, what is not mounted and why, and warnings; or
// the error. A file "options" holds options, one a line.
func TestLoad(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			input, want := split(archive)
			got := describe(load(t, input))
			if *update {
				archive.Files = append(input, got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if g, w := format(got), format(want); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func format(files []txtar.File) string { return string(txtar.Format(&txtar.Archive{Files: files})) }

// split tells an archive's input from its outcome.
func split(archive *txtar.Archive) (input, want []txtar.File) {
	for _, f := range archive.Files {
		switch f.Name {
		case "routes", "deployed", "local cors", "cors", "unmounted", "warnings", "error":
			want = append(want, f)
		default:
			input = append(input, f)
		}
	}
	return input, want
}

// load writes files into a folder and loads the first, which is the template.
func load(t *testing.T, files []txtar.File) (*sam.Application, error) {
	t.Helper()
	dir := t.TempDir()
	template := ""
	var o sam.Options
	for _, f := range files {
		if f.Name == "options" {
			o = options(t, string(f.Data))
			continue
		}
		if template == "" {
			template = filepath.Join(dir, f.Name)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return sam.Load(template, o)
}

func options(t *testing.T, text string) sam.Options {
	t.Helper()
	var o sam.Options
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name {
		case "parameter-overrides":
			overrides, err := sam.ReadOverrides("", strings.Fields(value))
			if err != nil {
				t.Fatal(err)
			}
			o.Parameters = overrides.Parameters
		case "region":
			o.Region = value
		case "language-extensions":
			o.LanguageExtensions = true
		case "disable-authorizer":
			o.DisableAuthorizer = true
		default:
			t.Fatalf("no option %q", name)
		}
	}
	return o
}

// describe writes an application, or the error, in the form of an archive.
func describe(app *sam.Application, err error) []txtar.File {
	if err != nil {
		return []txtar.File{{Name: "error", Data: []byte(err.Error() + "\n")}}
	}
	var routes, deployed, local, cors, unmounted, warnings bytes.Buffer
	for _, r := range app.Local.Routes {
		fmt.Fprintf(&routes, "%s %s %s %s %s %s\n", r.Method, r.Path, or(r.Function, "-"), r.API, r.APIType, r.Source)
	}
	differing(&deployed, app)
	if c := app.Local.CORS; c != nil {
		fmt.Fprintf(&local, "all: %s\n", localPolicy(c))
	}
	for _, route := range sortedKeys(app.Local.RouteCORS) {
		fmt.Fprintf(&local, "%s: %s\n", route, localPolicy(app.Local.RouteCORS[route]))
	}
	for _, c := range app.CORS() {
		age := "-"
		if c.MaxAge != nil {
			age = fmt.Sprint(*c.MaxAge)
		}
		fmt.Fprintf(&cors, "%s %s origins=%v methods=%v headers=%v expose=%v credentials=%v age=%s %s",
			c.API, c.APIType, c.AllowOrigins, c.AllowMethods, c.AllowHeaders, c.ExposeHeaders, c.AllowCredentials, age, c.Source)
		if c.Unresolved != nil {
			fmt.Fprintf(&cors, " unresolved=%v", c.Unresolved)
		}
		fmt.Fprintln(&cors)
	}
	for _, u := range app.Unmounted {
		fmt.Fprintf(&unmounted, "%s: %s %s %s (%s) %s\n", u.Reason, u.Route.Method, u.Route.Path, u.Route.API, u.Detail, u.Route.Source)
	}
	for _, w := range app.Warnings {
		if strings.HasPrefix(w.Message, "SAM local does not start: ") {
			continue // most functions here have no Handler, for short; TestFaults has those that matter
		}
		fmt.Fprintln(&warnings, w)
	}
	files := []txtar.File{{Name: "routes", Data: routes.Bytes()}}
	for _, f := range []txtar.File{
		{Name: "deployed", Data: deployed.Bytes()},
		{Name: "local cors", Data: local.Bytes()}, {Name: "cors", Data: cors.Bytes()},
		{Name: "unmounted", Data: unmounted.Bytes()}, {Name: "warnings", Data: warnings.Bytes()},
	} {
		if len(f.Data) > 0 {
			files = append(files, f)
		}
	}
	return files
}

// differing writes the routes that only SAM local mounts, after a minus, and
// those that only AWS has, after a plus.
func differing(w io.Writer, app *sam.Application) {
	count := make(map[string]int)
	line := func(r sam.Route) string {
		return fmt.Sprintf("%s %s %s %s", r.Method, r.Path, or(r.Function, "-"), r.API)
	}
	for _, api := range app.Deployed {
		for _, r := range api.Routes {
			count[line(r)]++
		}
	}
	for _, r := range app.Local.Routes {
		count[line(r)]--
	}
	for _, name := range sortedKeys(count) {
		switch n := count[name]; {
		case n < 0:
			fmt.Fprintln(w, "-", name)
		case n > 0:
			fmt.Fprintln(w, "+", name)
		}
	}
}

func localPolicy(c *sam.LocalCORS) string {
	return fmt.Sprintf("origin=%s methods=%s headers=%s age=%s credentials=%v from %s %s",
		c.AllowOrigin, c.AllowMethods, c.AllowHeaders, c.MaxAge, c.AllowCredentials, c.API, c.Source)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if name, err := sam.Find(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in an empty folder: got %q, %v", name, err)
	}
	for _, name := range []string{"template.json", "template.yml", "template.yaml", ".aws-sam/build/template.yaml"} {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := sam.Find(dir); got != name || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, name)
		}
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{filepath.Join(dir, "template.yaml"), filepath.Join(dir, "none", "template.yaml")} {
		if _, err := sam.Load(name, sam.Options{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want fs.ErrNotExist", name, err)
		}
	}
	var refused *sam.TemplateError
	if _, err := sam.Load(dir, sam.Options{}); err == nil || errors.As(err, &refused) {
		t.Errorf("a folder: got %v, want an error that blames no template", err)
	}
}
