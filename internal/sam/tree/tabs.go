package tree

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// checkTabs refuses tabs that separate words. YAML allows them here and
// there, SAM CLI's parser nowhere but in quotes, block scalars and comments.
func checkTabs(name string, data []byte, doc *yaml.Node) error {
	if bytes.IndexByte(data, '\t') < 0 {
		return nil
	}
	l := newLines(data)
	var texts []span
	collectTexts(doc, data, l, &texts, make(map[*yaml.Node]bool))
	slices.SortFunc(texts, func(a, b span) int { return a.start - b.start })
	for i := 0; i < len(data); i++ {
		switch {
		case len(texts) > 0 && i >= texts[0].start:
			i = max(i, texts[0].end) - 1
			texts = texts[1:]
		case data[i] == '#' && (i == 0 || strings.IndexByte(" \t\n", data[i-1]) >= 0):
			end := bytes.IndexByte(data[i:], '\n')
			if end < 0 {
				return nil
			}
			i += end
		case data[i] == '\t':
			return &Error{
				Pos:  l.pos(name, i),
				What: "a tab separates words",
				Why:  "YAML is indented and separated by blanks, and SAM CLI refuses tabs",
				Fix:  "replace it by blanks",
			}
		}
	}
	return nil
}

// A span is a part of a document from start to before end.
type span struct{ start, end int }

// collectTexts adds the quoted and block scalars below n to texts.
func collectTexts(n *yaml.Node, data []byte, l lines, texts *[]span, seen map[*yaml.Node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	if n.Kind == yaml.ScalarNode && !isPlain(n) {
		start := l.offset(data, n.Line, n.Column)
		*texts = append(*texts, span{start, textEnd(data, start)})
	}
	for _, c := range n.Content {
		collectTexts(c, data, l, texts, seen)
	}
}

// textEnd returns where the quoted or block scalar ends that begins at start,
// or at a tag or anchor before it.
func textEnd(data []byte, start int) int {
	for i := start; i < len(data) && data[i] != '\n'; i++ {
		switch c := data[i]; c {
		case '"', '\'':
			return quoteEnd(data, i+1, c)
		case '|', '>':
			return blockEnd(data, i)
		}
	}
	return start
}

// quoteEnd returns the index after the quote that closes a scalar.
func quoteEnd(data []byte, i int, quote byte) int {
	for ; i < len(data); i++ {
		switch {
		case data[i] == '\\' && quote == '"':
			i++
		case data[i] != quote:
		case quote == '\'' && i+1 < len(data) && data[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return len(data)
}

// blockEnd returns the index of the line after a block scalar, which is as
// deep as its first line.
func blockEnd(data []byte, i int) int {
	depth := -1
	next := func(i int) int {
		if end := bytes.IndexByte(data[i:], '\n'); end >= 0 {
			return i + end + 1
		}
		return len(data)
	}
	for i = next(i); i < len(data); i = next(i) {
		line := data[i:next(i)]
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if depth < 0 {
			depth = indent
		}
		if indent < depth || depth == 0 {
			return i
		}
	}
	return len(data)
}

// offset returns the index of the byte at a line and column; the column
// counts characters.
func (l lines) offset(data []byte, line, column int) int {
	if line < 1 || line > len(l) {
		return len(data)
	}
	i := l[line-1]
	for ; column > 1 && i < len(data); column-- {
		_, size := utf8.DecodeRune(data[i:])
		i += size
	}
	return i
}
