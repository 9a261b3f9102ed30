package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// hostileTemplate has what acts on a terminal wherever it may have text, and a
// path that would be a row of its own.
const hostileTemplate = `Transform: AWS::Serverless-2016-10-31
Globals:
  Api:
    Cors:
      AllowOrigin: "'http://x\e]0;pwned\a\e[2J'"
      AllowHeaders: "'A\u202e'"
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: "app.h\e[2J"
      Runtime: python3.11
      Events:
        A: {Type: Api, Properties: {Path: "/a\e]52;c;cHduZWQ=\a", Method: post}}
        B: {Type: Api, Properties: {Path: "/b\nGET /forged F", Method: post}}
        C: {Type: Api, Properties: {Path: "/c\u202e\u200b\u009b1m", Method: post}}
`

// TestTemplateForgesNothing prints a hostile template in each way there is.
func TestTemplateForgesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.yaml"), []byte(hostileTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"routes", "t.yaml"},
		{"routes", "t.yaml", "--as", "deployed"},
		{"check", "t.yaml"},
		{"demo", "--template", "t.yaml", "--listen", "0", "--log-format", "console"},
		{"routes", "--template", "no\x1b[2J\u202esuch.yaml"},
	} {
		t.Run(strings.ToValidUTF8(strings.Join(args[:2], " "), ""), func(t *testing.T) {
			t.Parallel()
			in := begin(t, dir, args...)
			if args[0] == "demo" {
				in.stderr.Await(t, `^.*any site may call`)
				in.signals <- os.Interrupt
			}
			in.code()
			out := in.stdout.String() + in.stderr.String()
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%q is printed", out[i:])
			}
			if !strings.Contains(out, `\u202e`) && !strings.Contains(out, `\x1b`) {
				t.Errorf("the template's text is not shown:\n%s", out)
			}
			if args[0] != "check" && strings.Contains(out, "\nGET /forged") { // a fix has lines of its own
				t.Errorf("a row is forged:\n%s", out)
			}
		})
	}
}
