package check_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/check"
)

// TestWrite compares each format with testdata/unquoted.FORMAT.
func TestWrite(t *testing.T) {
	t.Parallel()
	findings, err := check.Run(check.Options{Template: "testdata/unquoted.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range check.Formats() {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := check.Write(&got, format, findings, false); err != nil {
				t.Fatal(err)
			}
			text := got.String()
			if format == check.FormatSARIF {
				text = withoutRules(t, got.Bytes())
			}
			golden := filepath.Join("testdata", "unquoted."+format)
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
}

// TestWriteLongLine has a template that a program has written, in one line.
func TestWriteLongLine(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "template.json")
	function := `"F%d":{"Type":"AWS::Serverless::Function","Properties":{"Handler":"a.b","Runtime":"nodejs22.x","CodeUri":".","Events":{"A":{"Type":"Api","Properties":{"Path":"a%d","Method":"get"}}}}}`
	var functions []string
	for i := range 100 {
		functions = append(functions, fmt.Sprintf(function, i, i))
	}
	if err := os.WriteFile(name, []byte(`{"Transform":"AWS::Serverless-2016-10-31","Resources":{`+strings.Join(functions, ",")+`}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	findings, err := check.Run(check.Options{Template: name})
	if err != nil || len(findings) < 100 {
		t.Fatalf("%d findings, %v", len(findings), err)
	}
	var out bytes.Buffer
	if err := check.Write(&out, check.FormatText, findings, false); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, line := range lines {
		if n := utf8.RuneCountInString(line); n > 250 && !strings.Contains(line, "[CP") {
			t.Fatalf("a line has %d characters: %s", n, line)
		}
		if at := strings.IndexRune(line, '^'); at >= 0 && strings.HasPrefix(strings.TrimSpace(line), "|") {
			if under := []rune(lines[i-1])[utf8.RuneCountInString(line[:at])]; !strings.ContainsRune(`"a{`, under) {
				t.Fatalf("the mark is below %q:\n%s\n%s", under, lines[i-1], line)
			}
		}
	}
}

// withoutRules checks the rules of a SARIF log, and returns it with but the
// first of them, so that the golden file stays as it is when rules are added.
func withoutRules(t *testing.T, data []byte) string {
	t.Helper()
	var log map[string]any
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	run := log["runs"].([]any)[0].(map[string]any)
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	rules := driver["rules"].([]any)
	if len(rules) != len(check.All()) {
		t.Errorf("the log has %d rules, want %d", len(rules), len(check.All()))
	}
	for _, result := range run["results"].([]any) {
		result := result.(map[string]any)
		rule := rules[int(result["ruleIndex"].(float64))].(map[string]any)
		if rule["id"] != result["ruleId"] {
			t.Errorf("the result is of rule %v, its ruleIndex is that of %v", result["ruleId"], rule["id"])
		}
		result["ruleIndex"] = 0
	}
	driver["rules"] = rules[:1]
	out, err := json.MarshalIndent(log, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + "\n"
}

func TestWriteNothing(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{check.FormatText: "", check.FormatJSON: "[]\n"} {
		var got strings.Builder
		if err := check.Write(&got, format, nil, false); err != nil || got.String() != want {
			t.Errorf("Write of no findings as %s gives %q, %v, want %q", format, got.String(), err, want)
		}
	}
	if err := check.Write(&strings.Builder{}, "xml", nil, false); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("Write as xml returns %v, want an error that names the format", err)
	}
}

// TestWriteTerminal checks that a template cannot send a terminal anything
// but text.
func TestWriteTerminal(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	findings := []check.Finding{{Code: "CP6010", Name: "value-not-quoted", File: "t.yaml", Line: 1, Column: 1, Message: "a\x1b[2J\u202eb", Why: "c\r\nd"}}
	if err := check.Write(&got, check.FormatText, findings, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(strings.TrimSuffix(got.String(), "\n"), "\x1b\r\n\u202e") {
		t.Errorf("control characters stay: %q", got.String())
	}
}
