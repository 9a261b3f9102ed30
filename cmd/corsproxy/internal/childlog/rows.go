package childlog

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// rows are lines of a terminal that may be one of SAM CLI's. What it says it breaks
// between words at the width of the terminal, and fills each row up with blanks. A
// word that is longer than a row has rows of its own.
type rows struct {
	lines []string
	size  int // bytes
	width int // characters, of each
}

// take takes a line, if it may go on with what is there.
func (r *rows) take(line string) bool {
	width := utf8.RuneCountInString(line)
	if n := len(r.lines); n > 0 && (width != r.width || r.size+len(line) > maxLine || !continues(r.lines[n-1], line, width)) {
		return false
	}
	r.lines, r.size, r.width = append(r.lines, line), r.size+len(line), width
	return true
}

// drain returns the lines as they were before they were broken, until the next is
// taken, and has none then. Without a blank at the end of any they are not SAM CLI's,
// and only as long as each other.
func (r *rows) drain() []string {
	lines := r.lines
	r.lines, r.size = lines[:0], 0
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasSuffix(line, " ") }) {
		return lines
	}
	var b strings.Builder
	for i, line := range lines {
		b.WriteString(strings.TrimRight(line, " "))
		if i < len(lines)-1 && strings.Contains(line, " ") {
			b.WriteByte(' ')
		}
	}
	if strings.HasSuffix(b.String(), ":") {
		b.WriteByte(' ') // as SAM CLI writes it where nothing follows
	}
	return []string{b.String()}
}

// continues reports whether a row may be what did not fit into the one before. A
// row that begins with the name of an exception is the last line of a traceback,
// however long the name is.
func continues(row, next string, width int) bool {
	word, _, _ := strings.Cut(next, " ")
	return word != "" && utf8.RuneCountInString(strings.TrimRight(row, " "))+1+utf8.RuneCountInString(word) > width &&
		!exception.MatchString(word) && (word != next || !module.MatchString(word))
}

// exception is the name of a Python exception, and module the beginning of one that
// is longer than a row.
var (
	exception = regexp.MustCompile(`^(?:(?:[a-z_]\w*\.)+[A-Z]\w*|[A-Z]\w*(?:Error|Exception|Interrupt|Exit)):?$`)
	module    = regexp.MustCompile(`^[a-z_]\w*(?:\.\w*)+$`)
)
