package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The parser tells of a mistake in the words of a grammar, and often names the
// line before that in which the map began. What follows finds the line, and
// says it in words for those who write templates.

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// A mistake is a syntax error while it is looked into.
type mistake struct {
	name string
	data []byte
	l    lines
	text string // of the parser
	line int    // that the parser names, or the one that was found; from 1
}

// yamlError brings a syntax error into our form.
func yamlError(name string, data []byte, err error) *Error {
	m := &mistake{name: name, data: data, l: newLines(data), text: err.Error(), line: 1} // of the first line the parser does not speak
	if found := yamlLine.FindStringSubmatch(m.text); found != nil {
		m.text = m.text[len(found[0]):]
		if line, _ := strconv.Atoi(found[1]); line > 0 {
			m.line = line
		}
	}
	if e := m.explain(err); e != nil {
		return e
	}
	return &Error{Pos: m.pos(m.indent()), What: "the file is not valid YAML: " + m.text, Fix: "check indentation, colons and quotes there"}
}

func (m *mistake) explain(err error) *Error {
	if strings.Contains(m.text, "expected ',' or") {
		return m.flow(err)
	}
	if m.text == "found unexpected end of stream" {
		return m.openQuote()
	}
	m.line = m.failing(err)
	line := m.current()
	if m.quoteAbove() {
		return m.openQuote()
	}
	switch {
	case strings.Contains(m.text, "tab character") || strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return m.at(strings.IndexByte(line, '\t'), "a tab indents the line", "YAML is indented and separated by blanks, and SAM CLI refuses tabs", "replace it by blanks")
	case strings.HasPrefix(m.text, "mapping values are not allowed"):
		return m.colon()
	case m.text == "could not find expected ':'":
		return m.noColon()
	case m.text == "found character that cannot start any token", strings.Contains(m.text, "expected alphabetic or numeric"):
		return m.start()
	case m.text == "did not find expected key":
		return m.key()
	}
	return nil
}

// maxFailing bounds the size of a document that is read again and again.
const maxFailing = 1 << 18

// failing returns the first line with which the document fails as it does. The
// lines before it alone may end too early, but not with the same error.
func (m *mistake) failing(err error) int {
	if len(m.data) > maxFailing {
		return m.line
	}
	low, high := m.line, len(m.l)
	for low < high {
		middle := (low + high) / 2
		if fails(m.data[:m.end(middle)], err) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

func fails(data []byte, with error) bool {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		switch err := dec.Decode(new(yaml.Node)); {
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			return err.Error() == with.Error()
		}
	}
}

// end returns the offset behind a line.
func (m *mistake) end(line int) int { return lineEnd(m.data, m.l[line-1]) }

// current returns the line, without its end.
func (m *mistake) current() string {
	if m.line > len(m.l) {
		m.line = len(m.l)
	}
	return strings.TrimRight(string(m.data[m.l[m.line-1]:m.end(m.line)]), "\r")
}

// indent returns how many blanks the line begins with.
func (m *mistake) indent() int {
	line := m.current()
	return len(line) - len(strings.TrimLeft(line, " "))
}

// pos returns the place of a byte of the line.
func (m *mistake) pos(column int) Pos {
	if m.line < 1 || m.line > len(m.l) {
		return Pos{File: m.name, Line: 1, Column: 1}
	}
	return m.l.pos(m.name, m.l[m.line-1]+max(0, column))
}

func (m *mistake) at(column int, what, why, fix string) *Error {
	return &Error{Pos: m.pos(column), What: what, Why: why, Fix: fix}
}

// flow looks for the fault in a {…} or […]. The parser names the line before the
// one where it begins.
func (m *mistake) flow(err error) *Error {
	from := m.line
	if from < len(m.l) && !fails(m.data[:m.end(from)], err) {
		from++
	}
	f := findFlowFault(m.data, m.l[min(from, len(m.l))-1])
	if f == nil {
		return nil
	}
	return &Error{Pos: m.l.pos(m.name, f.at), What: f.what, Fix: f.fix}
}

// openQuote says where the quote opens that nothing closes.
func (m *mistake) openQuote() *Error {
	line := m.current()
	column := strings.IndexAny(line, `"'`)
	if column < 0 {
		return nil
	}
	return m.at(column, fmt.Sprintf("the quote that opens here, %s, is not closed", quoted(line[column:])), "", "write the same quote at the end of the value")
}

// quoteAbove finds the line of a quote that a line meant to open one has closed:
// what follows it there makes no sense to the parser.
func (m *mistake) quoteAbove() bool {
	const most = 50 // lines
	current := m.current()
	for _, quote := range []string{`"`, "'"} {
		if !strings.Contains(current, quote) {
			continue
		}
		above := *m
		for above.line--; above.line >= max(1, m.line-most); above.line-- {
			line := above.current()
			if !strings.Contains(line, quote) {
				continue
			}
			if strings.Count(line, quote)%2 == 1 && (strings.Contains(line, ": "+quote) || strings.Contains(line, "- "+quote)) {
				m.line = above.line
				return true
			}
			break
		}
	}
	return false
}

var twoColons = regexp.MustCompile(`^([\s-]*[^\s:'"{\[][^:'"]*:\s+)([^'"\s].*:(?:\s.*|$))`)

// colon says which value has a colon that makes a key of it.
func (m *mistake) colon() *Error {
	line := m.current()
	if parts := twoColons.FindStringSubmatch(line); parts != nil {
		value := strings.TrimSpace(parts[2])
		return m.at(len(parts[1]), fmt.Sprintf("the value %s has a colon with a blank behind it, which makes a key of what is before", quoted(value)), "",
			fmt.Sprintf("put it in quotes: %s%q", strings.TrimLeft(parts[1], " -"), value))
	}
	if m.keylessAbove() {
		return m.noColon()
	}
	return m.at(m.indent(), "the line is indented deeper than the one before it, which has a value already", "", "indent it like the other keys of its map")
}

// keylessAbove finds the line with the first key of the map, where that has no
// colon: for the parser it is a text, which the line goes on with.
func (m *mistake) keylessAbove() bool {
	column, first := m.indent(), *m
	found := false
	for above := first; ; {
		above.line--
		if above.line < 1 {
			break
		}
		line, _, _ := strings.Cut(above.current(), " #")
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		inItem := strings.TrimLeft(line, " -")
		item := strings.HasPrefix(text, "- ")
		switch {
		case strings.HasSuffix(text, ":") || text == "---": // it has the map for its value
			m.line = first.line
			return found
		case strings.Contains(text, ": ") || len(line)-len(inItem) != column:
			return false
		}
		first.line, found = above.line, true
		if item {
			break
		}
	}
	m.line = first.line
	return found
}

var noBlank = regexp.MustCompile(`^[\s-]*([A-Za-z][\w:]*?):([^\s:].*)$`)

// noColon says that a line has no key.
func (m *mistake) noColon() *Error {
	line := m.current()
	if parts := noBlank.FindStringSubmatch(line); parts != nil {
		return m.at(m.indent(), fmt.Sprintf("%s has no blank behind the colon, so that it is no key with a value", quoted(strings.TrimSpace(line))), "", "write "+parts[1]+": "+parts[2])
	}
	return m.at(m.indent(), fmt.Sprintf("%s has no colon with a blank behind it, so that it is no key with a value", quoted(strings.TrimSpace(line))), "", `write "Key: value"`)
}

var badStart = regexp.MustCompile("(^|[:,\\[{-] *)([@`%*&|>][^,}\\]]*)")

// start says which value begins with a character that has a meaning.
func (m *mistake) start() *Error {
	line := m.current()
	where := badStart.FindStringSubmatchIndex(line)
	if where == nil {
		return nil
	}
	value := strings.TrimSpace(line[where[4]:where[5]])
	if fix := m.wildcard(line[:where[4]]); fix != "" && value == "*" {
		return m.at(where[4], `the value "*" has a meaning of its own in YAML`, "", "write "+fix)
	}
	return m.at(where[4], fmt.Sprintf("the value %s begins with %q, which has a meaning of its own in YAML", quoted(value), value[:1]), "", fmt.Sprintf("put it in quotes: %q", value))
}

var corsKey = regexp.MustCompile(`(?:^|[\s{,])(Cors|AllowOrigins?|AllowMethods|AllowHeaders)(: +)$`)

// wildcard says how a CORS setting allows all, in which YAML's quotes are not all
// that it takes, or "" behind another key.
func (m *mistake) wildcard(before string) string {
	key := corsKey.FindStringSubmatch(before)
	if key == nil {
		return ""
	}
	isList := key[1] == "AllowOrigins"
	if key[1] == "AllowMethods" || key[1] == "AllowHeaders" { // which both kinds of API have
		for above := *m; above.line > 0 && !strings.Contains(above.current(), "Cors:"); above.line-- {
			isList = isList || strings.Contains(above.current(), "CorsConfiguration:")
		}
	}
	if isList {
		return key[1] + key[2] + `["*"]`
	}
	return key[1] + key[2] + `"'*'"`
}

// key says why a line is no further key of a map.
func (m *mistake) key() *Error {
	line := m.current()
	trimmed := strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(trimmed, "- "):
		return m.at(m.indent(), "a list item stands among the keys of a map", "", `remove the "- ", or indent the line below its key`)
	case strings.Count(line, "}") > strings.Count(line, "{") || strings.Count(line, "]") > strings.Count(line, "["):
		return m.at(strings.LastIndexAny(line, "}]"), fmt.Sprintf("one %q too many", line[strings.LastIndexAny(line, "}]")]), "", "remove it")
	case m.keylessAbove():
		return m.noColon()
	case strings.HasSuffix(trimmed, ":") || strings.Contains(trimmed, ": "):
		return m.at(m.indent(), fmt.Sprintf("%s is indented by %d blanks, as no line of the map above it is", quoted(trimmed), m.indent()), "", "indent it like the keys that it belongs to")
	}
	return m.at(m.indent(), fmt.Sprintf("%s stands where a key of the map above is expected", quoted(trimmed)), "", `write "Key: value", indented like the others; or put a value that spans lines in quotes`)
}

// quoted returns text of a document in quotes, cut to what a line can hold.
func quoted(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
