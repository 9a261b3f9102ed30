package check

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// flowList writes words as a list in one line.
func flowList(words []string) string {
	written := make([]string, len(words))
	for i, word := range words {
		written[i] = flowWord(word)
	}
	return "[" + strings.Join(written, ", ") + "]"
}

// plainWord is a word that needs no quotes within a list of YAML.
var plainWord = regexp.MustCompile(`^[A-Za-z][\w.+~-]*(://?[\w.+~/-]+(:[0-9]+)?)?$`)

func flowWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return strconv.Quote(word)
}

// mostListed is how many entries of a list are written out. One that is longer is
// nothing to paste, and what is said of each entry must not grow with their number.
const mostListed = 100

// told are the entries that something has been said of. What stands in Globals is
// of several APIs.
type told map[toldEntry]bool

type toldEntry struct {
	pos  tree.Pos
	text string
}

// again reports whether an entry has been there before.
func (t told) again(pos tree.Pos, text string) bool {
	e := toldEntry{pos, text}
	before := t[e]
	t[e] = true
	return before
}

// changed writes a list, or a text in its place, in one line: each text as change
// returns it, functions as they are, and what is added. It is false where that is
// not to be written in one place: a function makes the whole, or the list is one
// of Globals and one of the resource, or it is long.
func changed(v *tree.Value, change func(string) []string, add ...string) (string, bool) {
	items := v.Items()
	if v.Is(tree.String) {
		items = []*tree.Value{v}
	}
	var words []string
	put := func(word string) {
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	for _, item := range items {
		if len(words) > mostListed {
			return "", false
		}
		text, isText := item.Str()
		if item.Pos().File == v.Pos().File && item.Pos().Line < v.Pos().Line {
			return "", false
		}
		if !isText {
			written, ok := item.Inline()
			if !ok {
				return "", false
			}
			put(written)
			continue
		}
		for _, word := range change(text) {
			if len(words) <= mostListed {
				put(flowWord(word))
			}
		}
	}
	for _, word := range add {
		put(flowWord(word))
	}
	return "[" + strings.Join(words, ", ") + "]", !isFunction(v) && len(words) > 0 && len(words) <= mostListed
}

// asWritten changes no text of a list.
func asWritten(text string) []string { return []string{text} }

// right returns the origins of a text, as browsers write them.
func right(text string) []string {
	parts := originsIn(text)
	for i, part := range parts {
		parts[i] = rightOrigin(part)
	}
	return parts
}

// key is the name under which a policy has a setting, or is to have it.
func (p *policy) key(name string) string {
	s, given := p.settings[name]
	switch {
	case p.form == formConfiguration && name == "AllowOrigin":
		return "AllowOrigins" // whatever stands there
	case given && p.whole.written.Is(tree.Map):
		return s.name()
	case p.form == formMock:
		return headerPrefix + "Access-Control-" + strings.Replace(strings.Replace(name, "Allow", "Allow-", 1), "Expose", "Expose-", 1)
	case p.form == formExtension && name == "AllowOrigin":
		return "allowOrigins"
	case p.form == formExtension:
		return strings.ToLower(name[:1]) + name[1:]
	}
	return name
}
