package check

import (
	"regexp"
	"slices"
	"strings"
)

// A syntax is how a language writes comments, and the strings that may hold what
// looks like one.
type syntax struct {
	line    string      // begins a comment to the end of the line
	block   [2]string   // begins and ends one, if the language has such
	strings []delimited // the longer ones first
	regexps bool        // between slashes
	docs    bool        // a string may be the documentation of what it begins
}

// delimited is a kind of string.
type delimited struct {
	open, end string
	raw       bool // a backslash stands for itself
	lines     bool // it may be longer than a line
}

var (
	javaScript = &syntax{line: "//", block: [2]string{"/*", "*/"}, regexps: true, strings: []delimited{
		{open: `"`, end: `"`}, {open: "'", end: "'"}, {open: "`", end: "`", lines: true},
	}}
	python = &syntax{line: "#", docs: true, strings: []delimited{
		{open: `"""`, end: `"""`, lines: true}, {open: "'''", end: "'''", lines: true}, {open: `"`, end: `"`}, {open: "'", end: "'"},
	}}
	ruby = &syntax{line: "#", block: [2]string{"\n=begin", "\n=end"}, strings: []delimited{
		{open: `"`, end: `"`, lines: true}, {open: "'", end: "'", lines: true},
	}}
	likeC = &syntax{line: "//", block: [2]string{"/*", "*/"}, strings: []delimited{
		{open: `"""`, end: `"""`, raw: true, lines: true}, {open: `r#"`, end: `"#`, raw: true, lines: true}, {open: `@"`, end: `"`, raw: true, lines: true},
		{open: "`", end: "`", raw: true, lines: true}, {open: `"`, end: `"`},
	}}
	settings = &syntax{line: "#", strings: []delimited{{open: `"`, end: `"`}, {open: "'", end: "'"}}}
)

// syntaxes are those of languages, by the extensions of files. PHP stands between
// text of any kind, where nothing tells a comment.
var syntaxes = map[string]*syntax{
	".js": javaScript, ".mjs": javaScript, ".cjs": javaScript, ".jsx": javaScript, ".ts": javaScript, ".mts": javaScript, ".tsx": javaScript,
	".py": python, ".rb": ruby, ".go": likeC, ".rs": likeC, ".java": likeC, ".kt": likeC, ".cs": likeC, ".fs": likeC,
	".properties": settings, ".yml": settings, ".yaml": settings,
}

// syntaxOf returns the syntax of code in the template, by its Runtime, or nil.
func syntaxOf(runtime string) *syntax {
	for prefix, s := range map[string]*syntax{"nodejs": javaScript, "python": python, "ruby": ruby} {
		if strings.HasPrefix(runtime, prefix) {
			return s
		}
	}
	return nil
}

// longestLine is that of code which people write. In longer ones a slash that is taken
// for another would make a comment of all that follows.
const longestLine = 1000

// withoutComments returns code with blanks in place of its comments. What may be
// none is left.
func (s *syntax) withoutComments(text string) string {
	if s == nil || slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool { return len(line) > longestLine }) {
		return text
	}
	var b strings.Builder
	kept, opening := 0, s.line+s.block[0]+"'/"
	for _, d := range s.strings {
		opening += d.open
	}
	for r := (&reader{syntax: s, text: text, last: -1}); r.at < len(text); {
		next := r.at + 1
		if strings.IndexByte(opening, text[r.at]) >= 0 {
			if end, ok := r.comment(); ok {
				b.WriteString(text[kept:r.at])
				b.WriteString(notNewline.ReplaceAllString(text[r.at:end], " "))
				kept, r.at = end, end
				continue
			}
			next = max(next, r.string())
		}
		if r.at = next; text[next-1] > ' ' {
			r.last = next - 1
		}
	}
	return b.String() + text[kept:]
}

var notNewline = regexp.MustCompile(`[^\n]`)

// A reader is in some code.
type reader struct {
	*syntax
	text    string
	at      int
	last    int      // where the last code is that is neither blank nor comment; -1 where none is
	unended []string // what has begun and did not end
}

// comment returns where the comment ends that begins here. A string that documents
// what it is in is one.
func (r *reader) comment() (end int, ok bool) {
	rest, before := r.text[r.at:], "\n"
	if r.at > 0 {
		before = r.text[r.at-1 : r.at]
	}
	if open := r.block[0]; open != "" && strings.HasPrefix(rest, open) {
		if end, ok := r.ends(delimited{open: open, end: r.block[1], raw: true, lines: true}); ok {
			return end, true
		}
	}
	switch {
	case r.docs && (strings.HasPrefix(rest, `"""`) || strings.HasPrefix(rest, "'''")) && r.documents():
		return r.ends(delimited{open: rest[:3], end: rest[:3], lines: true})
	case !strings.HasPrefix(rest, r.line), before == `\`, before == ":" && r.line == "//", r.syntax == ruby && !strings.Contains(" \t\n", before):
		return 0, false
	}
	line, _, _ := strings.Cut(rest, "\n")
	return r.at + len(line), true
}

// documents reports whether a string here is the first thing of a file, or of what a
// line with a colon at its end begins.
func (r *reader) documents() bool {
	return r.last < 0 || r.text[r.last] == ':' && strings.Contains(r.text[r.last:r.at], "\n")
}

// string returns where the string ends that begins here, or the regular expression; 0
// where none does.
func (r *reader) string() int {
	rest := r.text[r.at:]
	for _, d := range r.strings {
		if strings.HasPrefix(rest, d.open) {
			if end, ok := r.ends(d); ok {
				return end
			}
		}
	}
	switch {
	case r.syntax == likeC && rest[0] == '\'':
		return r.at + len(character.FindString(rest))
	case r.regexps && rest[0] == '/' && r.expects():
		return r.at + len(regexpLiteral.FindString(rest))
	}
	return 0
}

var (
	character     = regexp.MustCompile(`^'(?:\\[^\n']?[^\n']{0,9}|[^\\\n'])'`)
	regexpLiteral = regexp.MustCompile(`^/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/`)
	beforeValue   = regexp.MustCompile(`(?:^|[(,=:\[!&|?{};+*%~^<>-]|\b(?:return|typeof|case|of|in))$`)
)

// expects reports whether JavaScript takes a slash here for the beginning of a
// regular expression: of a division something stands before it.
func (r *reader) expects() bool {
	return beforeValue.MatchString(r.text[max(0, r.last-len("typeof")) : r.last+1])
}

// ends returns where a string of some kind ends that begins here.
func (r *reader) ends(d delimited) (int, bool) {
	if slices.Contains(r.unended, d.open) {
		return 0, false
	}
	for i := r.at + len(d.open); i < len(r.text); i++ {
		switch {
		case strings.HasPrefix(r.text[i:], d.end):
			return i + len(d.end), true
		case r.text[i] == '\\' && !d.raw:
			i++
		case r.text[i] == '\n' && !d.lines:
			return 0, false
		}
	}
	if d.lines {
		r.unended = append(r.unended, d.open)
	}
	return 0, false
}
