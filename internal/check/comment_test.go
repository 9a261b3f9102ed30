package check_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestComments holds that what a comment says is none of a function's code, and that
// what looks like a comment is.
func TestComments(t *testing.T) {
	t.Parallel()
	const sent = `"Access-Control-Allow-Origin"`
	for name, tt := range map[string]struct {
		file, code string
		isCode     bool
	}{
		"JavaScript, a line":                 {"app.js", "x() // later: " + sent, false},
		"JavaScript, a block":                {"app.mjs", "/*\n * CORS: " + sent + "\n */\nx()", false},
		"JavaScript, behind a block":         {"app.js", "/* a */ h = " + sent + " /* b */", true},
		"JavaScript, a quote in a comment":   {"app.js", "// don't\nh = " + sent, true},
		"JavaScript, slashes in strings":     {"app.js", `a = "//"; b = '\'//'; c = "/*"; h = ` + sent, true},
		"JavaScript, a URL in a template":    {"app.ts", "a = `//${`x`}//`; h = " + sent, true},
		"JavaScript, a regular expression":   {"app.js", `a = b.replace(/["'/*]/g, ""); h = ` + sent, true},
		"JavaScript, one with slashes":       {"app.js", `if (a) /^https?:\/\//.test(b) && h(` + sent + `)`, true},
		"JavaScript, returned":               {"app.js", `return /"/.test(a) // ` + sent, false},
		"JavaScript, a division":             {"app.js", `a = b / c // "` + sent, false},
		"JavaScript, an apostrophe in a tag": {"app.jsx", "<p>don't</p>\n// " + sent, false},
		"JavaScript, unended":                {"app.js", "a /* \nh = " + sent, true},
		"JavaScript, in one line":            {"app.js", "x() //" + strings.Repeat(" ", 1000) + sent, true},
		"Python, a line":                     {"app.py", "x() # " + sent, false},
		"Python, of a function":              {"app.py", "def f():\n    \"\"\"Sends " + sent + ".\"\"\"\n    x()", false},
		"Python, of a file":                  {"app.py", "# A licence.\n'''Sends " + sent + ".'''\nx()", false},
		"Python, in a string":                {"app.py", "a = '#' + \"#\" + ''' # ' ''' + " + sent, true},
		"Python, a long string":              {"app.py", "a = f(\n  \"\"\"\n  # " + sent + "\n  \"\"\")", true},
		"Python, an escape":                  {"app.py", `a = '\'# ' + ` + sent, true},
		"Ruby, a line":                       {"app.rb", "x # " + sent, false},
		"Ruby, a block":                      {"app.rb", "x\n=begin\n" + sent + "\n=end", false},
		"Ruby, in a string":                  {"app.rb", "a = \"#{x} # \" + " + sent, true},
		"Go, a line":                         {"app.go", "x() // " + sent, false},
		"Go, in a string":                    {"app.go", "a := `//\"`; b := '\"'; c := '\\''; h(" + sent + ")", true},
		"Java, a block":                      {"App.java", "/** @return " + sent + " */ x();", false},
		"Java, a text":                       {"App.java", "a = \"\"\"\n  // \" " + sent + " \"\"\";", true},
		"C#, a path":                         {"App.cs", `a = @"C:\"; h(` + sent + `);`, true},
		"Rust, a lifetime":                   {"app.rs", "fn f<'a>(x: &'a str) { h(" + sent + ") }", true},
		"Rust, a raw text":                   {"app.rs", `a = r#"{"b": "//"}"#; h(` + sent + `)`, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := sendsNoCORS(t, map[string]string{tt.file: tt.code})
			if told == tt.isCode {
				t.Errorf("CP6081 is told: %v, of the code\n%s", told, tt.code)
			}
		})
	}
}

// sendsNoCORS reports whether CP6081 is told of the files of a function's code.
func sendsNoCORS(t *testing.T, files map[string]string) bool {
	t.Helper()
	dir := t.TempDir()
	const template = `Transform: AWS::Serverless-2016-10-31
Globals: {Api: {Cors: "'*'"}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, Handler: app.handler, CodeUri: ., Events: {E: {Type: Api, Properties: {Path: /a, Method: get}}}}}
`
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "template.yaml")
	if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := check.Run(check.Options{Template: file})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(findings, func(f check.Finding) bool { return f.Code == "CP6081" })
}
