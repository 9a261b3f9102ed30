package check

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The formats that Write knows.
const (
	FormatText  = "text"
	FormatJSON  = "json"
	FormatSARIF = "sarif" // version 2.1.0
)

// Formats returns the formats that Write knows.
func Formats() []string { return []string{FormatText, FormatJSON, FormatSARIF} }

// Write writes findings. Text is for people, and empty where there are none;
// JSON is an array of Finding; SARIF is for code review tools.
func Write(w io.Writer, format string, findings []Finding) error {
	switch format {
	case FormatText:
		return writeText(w, findings)
	case FormatJSON:
		if findings == nil {
			findings = []Finding{}
		}
		return writeJSON(w, findings)
	case FormatSARIF:
		return writeJSON(w, newSARIF(findings))
	}
	return fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// writeText writes each finding with its line and a fix below:
//
//	template.yaml:12:7: message; why [CP6010 value-not-quoted]
//	   |
//	12 |       AllowOrigin: "*"
//	   |                    ^~~
//	   fix: AllowOrigin: "'*'"
func writeText(w io.Writer, findings []Finding) error {
	b := bufio.NewWriter(w)
	for i, f := range findings {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "%s: %s", f.place(), printable(f.Message))
		if f.Why != "" {
			fmt.Fprintf(b, "; %s", printable(f.Why))
		}
		fmt.Fprintf(b, " [%s %s]\n", f.Code, f.Name)
		gutter := strings.Repeat(" ", len(strconv.Itoa(f.Line)))
		if text := printable(f.text); strings.TrimSpace(text) != "" {
			fmt.Fprintf(b, "%s |\n%d | %s\n%s | %s\n", gutter, f.Line, text, gutter, f.caret())
		}
		if f.Fix != "" {
			fix := strings.ReplaceAll(strings.TrimRight(f.Fix, "\n"), "\n", "\n"+gutter+"   ")
			if strings.Contains(fix, "\n") {
				fix = "\n" + gutter + "   " + fix
			} else {
				fix = " " + fix
			}
			fmt.Fprintf(b, "%s fix:%s\n", gutter, fix)
		}
	}
	return b.Flush()
}

// place returns "template.yaml:12:7".
func (f Finding) place() string {
	if f.Line == 0 {
		return f.File
	}
	return fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column)
}

// caret returns the line that points at the finding: ^ below its first
// character, ~ below those of the same word.
func (f Finding) caret() string {
	column := min(max(f.Column-1, 0), utf8.RuneCountInString(f.text))
	runes := []rune(f.text)
	var b strings.Builder
	for _, r := range runes[:column] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteByte('^')
	b.WriteString(strings.Repeat("~", max(wordLength(runes[column:])-1, 0)))
	return b.String()
}

// wordLength returns how many characters the value at the beginning of runes
// has: up to a closing quote, else a colon or a blank.
func wordLength(runes []rune) int {
	if len(runes) == 0 {
		return 0
	}
	if quote := runes[0]; quote == '"' || quote == '\'' {
		for i, r := range runes[1:] {
			if r == quote {
				return i + 2
			}
		}
	}
	for i, r := range runes {
		next := ' '
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		if r == ' ' && runes[0] != '!' || r == ',' || r == ':' && next == ' ' || r == ' ' && next == '#' {
			return i
		}
	}
	return len(runes)
}

// printable returns s without control characters, which might do things to a
// terminal, but for tabs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
			return '·'
		}
		return r
	}, s)
}
