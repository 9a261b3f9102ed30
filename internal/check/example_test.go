package check_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/sam"
)

var update = flag.Bool("update", false, "rewrite the golden files and docs/checks.md")

// options is the file options.json of an archive.
type options struct {
	Config             *check.Config
	Parameters         map[string]string
	LanguageExtensions bool
}

// TestExamples checks the examples that the documentation shows, and further
// ones in testdata: of each archive, bad/template.yaml has the findings in
// findings.txt, all of the code that the file is named after, and
// good/template.yaml has none.
func TestExamples(t *testing.T) {
	parallel := func(t *testing.T) {
		if !*update { // the page is made from the same files
			t.Parallel()
		}
	}
	parallel(t)
	for _, file := range exampleFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			parallel(t)
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-")
			got := checkArchive(t, archive, check.Code(code))
			if *update {
				setFile(archive, "findings.txt", got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want := fileOf(archive, "findings.txt"); !bytes.Equal(got, want) {
				t.Errorf("the findings are\n%s\nwant\n%s\n(go test ./internal/check -update rewrites them)", got, want)
			}
		})
	}
}

// exampleFiles returns the archives that [TestExamples] checks.
func exampleFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"examples/*.txtar", "testdata/*.txtar"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// checkArchive returns what is found in the bad template of an archive, as
// text.
func checkArchive(t *testing.T, archive *txtar.Archive, code check.Code) []byte {
	t.Helper()
	dir := t.TempDir()
	for _, f := range archive.Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var o options
	if data := fileOf(archive, "options.json"); data != nil {
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string) []check.Finding {
		findings, err := check.Run(check.Options{
			Template: filepath.Join(dir, name, "template.yaml"),
			SAM:      sam.Options{Parameters: o.Parameters, LanguageExtensions: o.LanguageExtensions},
			Config:   o.Config,
		})
		if err != nil {
			t.Fatal(err)
		}
		if info, _ := check.Lookup(code); info.Severity != check.SeverityHint {
			findings = check.AtLeast(findings, check.SeverityInfo)
		}
		for i := range findings {
			findings[i].File = strings.TrimPrefix(findings[i].File, filepath.ToSlash(dir)+"/"+name+"/")
		}
		return findings
	}
	bad := run("bad")
	if !slices.ContainsFunc(bad, func(f check.Finding) bool { return f.Code == code }) {
		t.Errorf("bad/template.yaml has no %s", code)
	}
	for _, f := range bad {
		if f.Code != code {
			t.Errorf("bad/template.yaml has %s, too: %s", f.Code, f.Message)
		}
	}
	if fileOf(archive, "good/template.yaml") != nil {
		for _, f := range run("good") {
			t.Errorf("good/template.yaml has %s in line %d: %s", f.Code, f.Line, f.Message)
		}
	}
	var b bytes.Buffer
	if err := check.Write(&b, check.FormatText, bad, false); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fileOf(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func setFile(a *txtar.Archive, name string, data []byte) {
	for i, f := range a.Files {
		if f.Name == name {
			a.Files[i].Data = data
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: data})
}
