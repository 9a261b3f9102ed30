package main

import (
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// maxLogged bounds the bytes of a request's text in a log line.
const maxLogged = 512

// maxStep bounds the bytes of what is to be done, most of which are corsproxy's
// own or the template's.
const maxStep = 2 * maxLogged

// clean returns text that a client or an upstream chose in a form that can
// forge nothing in a log (see [printable.Line]). What is too long is cut.
func clean(s string) string {
	cut := ""
	if len(s) > maxLogged {
		end := maxLogged
		for end > maxLogged-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		s, cut = s[:end], "…"
	}
	return printable.Line(s) + cut
}

// argument returns a file's name as one more word of a command that is to be
// pasted. It is empty for a name that is not printable: written in another way, it
// would be that of another file.
func argument(name string) string {
	if name == "" || printable.Line(name) != name {
		return ""
	}
	if name[0] == '-' {
		name = "./" + name // no flag
	}
	return " " + shell.Word(name)
}

// tell returns a sentence that may repeat what others sent, for the log: without
// secrets, and without the queries of URLs, as the log has no query at all.
func tell(s string) string { return clean(withoutQueries(redact.Text(enough(s)))) }

// tellStep is tell for what is to be done. What may be pasted is not cut: half of
// it would be worse than none.
func tellStep(s string) string {
	if s = withoutQueries(redact.Text(enough(s))); len(s) > maxStep {
		return "what to write is too long for this line; the inspector has it whole: --inspect 4040"
	}
	return printable.Line(s)
}

// enough returns as much of a text as is looked at for secrets before clean cuts
// it: a bit more, since that could hide that they are some, but not a megabyte.
func enough(s string) string { return s[:min(len(s), 4*maxLogged)] }

// tellAll is tell for texts of several lines, for programs.
func tellAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, s := range texts {
		out[i] = printable.Text(withoutQueries(redact.Text(s)))
	}
	return out
}

// withoutQueries cuts the queries of URLs in a sentence, of references without a
// scheme or a host too. What is in double quotes, as all that comes from outside
// is, may have blanks in it.
func withoutQueries(s string) string {
	if !strings.Contains(s, "?") { // few do, and each line of the log has several texts
		return s
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s):
			b.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case c == '?':
			if end := i + 1 + queryLength(s[i+1:], quoted); end > i+1 && (quoted || i > 0 && s[i-1] != ' ') {
				b.WriteString("?…")
				i = end - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// queryLength returns how long the query is that may begin a text.
func queryLength(s string, quoted bool) int {
	if !quoted {
		if i := strings.IndexAny(s, " \t\n\""); i >= 0 {
			return i
		}
		return len(s)
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s)
}
