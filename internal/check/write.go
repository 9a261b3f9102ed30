package check

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/jsontext"
	"github.com/corsproxy/corsproxy/internal/printable"
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
// JSON is an array of Finding; SARIF is for code review tools. Only text has
// colours, for a terminal.
func Write(w io.Writer, format string, findings []Finding, colour bool) error {
	switch format {
	case FormatText:
		return writeText(w, findings, paint(colour))
	case FormatJSON:
		if findings == nil {
			findings = []Finding{}
		}
		return jsontext.Write(w, findings)
	case FormatSARIF:
		return jsontext.Write(w, newSARIF(findings))
	}
	return fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
}

// writeText writes each finding with its line and a fix below:
//
//	template.yaml:12:7: error: message; why [CP6010 value-not-quoted]
//	   |
//	12 |       AllowOrigin: "*"
//	   |                    ^~~
//	   fix: AllowOrigin: "'*'"
func writeText(w io.Writer, findings []Finding, p paint) error {
	b := bufio.NewWriter(w)
	for i, f := range findings {
		if i > 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "%s: %s: %s", p.bold(printable.Line(f.place())), p.severity(f.Severity), p.bold(printable.Line(f.Message)))
		if f.Why != "" {
			fmt.Fprintf(b, "; %s", printable.Line(f.Why))
		}
		fmt.Fprintf(b, " %s\n", p.dim("["+string(f.Code)+" "+f.Name+"]"))
		gutter := strings.Repeat(" ", len(strconv.Itoa(f.Line)))
		if text, column := f.excerpt(); strings.TrimSpace(text) != "" {
			bar := p.dim(gutter + " |")
			fmt.Fprintf(b, "%s\n%s %s\n%s %s\n", bar, p.dim(strconv.Itoa(f.Line)+" |"), text, bar, p.green(caret(text, column)))
		}
		if f.Fix != "" {
			fix := strings.ReplaceAll(strings.TrimRight(printable.Text(f.Fix), "\n"), "\n", "\n"+gutter+"   ")
			if strings.Contains(fix, "\n") {
				fix = "\n" + gutter + "   " + fix
			} else {
				fix = " " + fix
			}
			fmt.Fprintf(b, "%s %s%s\n", gutter, p.green("fix:"), fix)
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

// maxBefore and maxAfter bound what is shown of a line, in characters: files that
// programs have written may have one alone.
const maxBefore, maxAfter = 60, 140

// excerpt returns what is shown of the finding's line, and where the finding is in
// that, in characters.
func (f Finding) excerpt() (text string, column int) {
	length := utf8.RuneCountInString(f.text)
	text, column = f.text, min(max(f.Column-1, 0), length)
	if length <= maxBefore+maxAfter {
		return columns(text), column
	}
	before, after := "", ""
	if column+maxAfter < length {
		after = "…"
	}
	if cut := column - maxBefore; cut > 0 {
		before, text, column = "…", text[bytesOf(text, cut):], maxBefore
	}
	text = before + columns(text[:bytesOf(text, column+maxAfter)]) + after
	return text, column + utf8.RuneCountInString(before)
}

// bytesOf returns the length of the first n characters of s.
func bytesOf(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

// caret returns the line that points at a column of a text: ^ below its first
// character, ~ below those of the same word.
func caret(text string, column int) string {
	runes := []rune(text)
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

// columns returns a line of a file fit for a terminal, with a mark in place of
// each character that is not printable: carets stand below.
func columns(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !strconv.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}

// A paint colours text for a terminal, if it is true.
type paint bool

func (p paint) with(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string  { return p.with("1", s) }
func (p paint) dim(s string) string   { return p.with("2", s) }
func (p paint) green(s string) string { return p.with("32", s) }

func (p paint) severity(s Severity) string {
	switch s {
	case SeverityError:
		return p.with("31", string(s))
	case SeverityWarning:
		return p.with("33", string(s))
	}
	return p.with("36", string(s))
}
