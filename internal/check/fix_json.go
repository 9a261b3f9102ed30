package check

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// yamlMember is the first line of what a fix has to paste: a key without blanks, or
// a function. Words that lead to it may stand before it.
var yamlMember = regexp.MustCompile(`^((?:write(?: beside it:)? )?)((?:"[^"]*"|[\w./{}+:-]+):(?: .*)?|!(?:Ref|Sub|GetAtt|If|Join|Select|FindInMap) .*)$`)

// asJSON returns a fix as a template in JSON takes it: what is YAML in it becomes
// JSON, with its comments behind it. Words stay as they are.
func asJSON(fix string) string {
	lines := strings.Split(fix, "\n")
	var all []string
	for len(lines) > 0 {
		n := 1
		if m := yamlMember.FindStringSubmatch(lines[0]); m != nil {
			for n < len(lines) && (strings.HasPrefix(lines[n], " ") || strings.HasPrefix(lines[n], "- ") ||
				strings.HasPrefix(lines[n], "#") || yamlMember.MatchString(lines[n])) {
				n++
			}
			if members, ok := membersAsJSON(append([]string{m[2]}, lines[1:n]...)); ok {
				all, lines = append(all, m[1]+members), lines[n:]
				continue
			}
		}
		for _, line := range lines[:n] {
			all = append(all, yamlQuotation.ReplaceAllStringFunc(line, func(quoted string) string {
				if member, ok := membersAsJSON([]string{strings.Trim(quoted, `"`)}); ok {
					return member
				}
				return quoted
			}))
		}
		lines = lines[n:]
	}
	return strings.Join(all, "\n")
}

// yamlQuotation is a key with its value that words quote.
var yamlQuotation = regexp.MustCompile(`"[A-Z]\w+: [^"]+"`)

// membersAsJSON writes lines of YAML as members of a JSON object, or as a value. It
// is false where they are words.
func membersAsJSON(lines []string) (string, bool) {
	var code, comments []string
	for _, line := range lines {
		text, comment := cutComment(line)
		if strings.TrimSpace(text) != "" {
			code = append(code, text)
		}
		if comment == "" {
			continue
		}
		if v, err := tree.Parse("", []byte(comment)); err == nil && strings.HasPrefix(comment, "!") && v.Is(tree.Map) {
			comment = v.JSON("# ")
		}
		comments = append(comments, "# "+comment)
	}
	text := strings.Join(code, "\n")
	v, err := tree.Parse("", []byte(text))
	if err != nil || !v.Is(tree.Map) || hasWords(v, text) {
		return "", false
	}
	if strings.HasPrefix(text, "!") {
		return strings.Join(append([]string{v.JSON("")}, comments...), "\n"), true
	}
	var members []string
	for _, e := range v.Entries() {
		member := tree.NewString(e.Key.Pos(), e.Key.Text()).JSON("") + ": " + e.Value.JSON("")
		switch {
		case e.Value.Is(tree.Null) && v.Len() > 1:
			return "", false
		case e.Value.Is(tree.Null): // a key in place of another
			member = strings.TrimSuffix(member, " null")
		}
		members = append(members, member)
	}
	return strings.Join(append([]string{strings.Join(members, ",\n")}, comments...), "\n"), true
}

// hasWords reports whether a value that text was read as has a text of several
// words without quotes, which is no value of a template.
func hasWords(v *tree.Value, text string) bool {
	found := false
	walk(v, func(v *tree.Value) {
		s, _ := v.Str()
		found = found || strings.Contains(s, " ") && !strings.Contains(text, strconv.Quote(s)) && !strings.Contains(text, "'"+s+"'")
	})
	return found
}

// cutComment returns a line of YAML without its comment, and the comment.
func cutComment(line string) (text, comment string) {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#' && (i == 0 || line[i-1] == ' '):
			return strings.TrimRight(line[:i], " "), strings.TrimSpace(line[i+1:])
		}
	}
	return line, ""
}
