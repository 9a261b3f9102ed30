package check_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// extensions are of one language for each way of writing comments, and of one of which
// no way is known.
var extensions = []string{".js", ".py", ".rb", ".go", ".rs", ".cs", ".php"}

// FuzzCode checks that no code of a function, in any language, makes the reading of it
// panic or take long.
func FuzzCode(f *testing.F) {
	for _, text := range []string{
		"// no\nsend('Access-Control-Allow-Origin') /* nor */ `${a /* in */}`",
		"a = b / c / 'd'; /[/]'/.test(x)",
		"\"\"\"docs\"\"\"\ndef f():\n  '''more'''\n",
		"=begin\nno\n=end\nputs \"#{x}\"",
		"r#\"raw\"# @\"c:\\\" 'a'",
		"'\\",
		"/*",
		`"""`,
	} {
		for i := range extensions {
			f.Add(text, uint8(i))
		}
	}
	dir := f.TempDir()
	template := filepath.Join(dir, "template.yaml")
	const text = `Transform: AWS::Serverless-2016-10-31
Globals: {Api: {Cors: {AllowOrigin: "'https://app.example.com'", AllowHeaders: "'Content-Type'"}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: nodejs22.x, Handler: a.b, CodeUri: src, Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}
`
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o700); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code string, extension uint8) {
		name := filepath.Join(dir, "src", "app"+extensions[int(extension)%len(extensions)])
		if err := os.WriteFile(name, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(name)
		start := time.Now()
		if _, err := check.Run(check.Options{Template: template}); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("took %v", d)
		}
	})
}
