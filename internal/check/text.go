package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// quote returns s in double quotes, short enough to be read.
func quote(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return strconv.Quote(s)
}

// and joins words as people do: "a", "a and b", "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// firstOf names the first of several and counts the rest: "GET /a and 3 more".
func firstOf(words []string, shown int) string {
	if len(words) <= shown+1 {
		return and(words)
	}
	return strings.Join(words[:shown], ", ") + " and " + strconv.Itoa(len(words)-shown) + " more"
}

// yamlQuoted returns s as a YAML string that holds single quotes: "'s'".
func yamlQuoted(s string) string { return `"'` + s + `'"` }

// yamlText writes a text, a list, a number, or a function that makes one, as
// YAML. It is false where that is too long, and … stands there.
func yamlText(v *tree.Value) (string, bool) {
	if s, ok := v.Str(); ok {
		return strconv.Quote(s), true
	}
	if v.Is(tree.Bool) {
		return strconv.FormatBool(v.IsTrue()), true
	}
	if v.Is(tree.Int) {
		return v.Text(), true
	}
	if v.Is(tree.List) {
		items := make([]string, len(v.Items()))
		for i, item := range v.Items() {
			text, ok := yamlText(item)
			if !ok {
				return text, false
			}
			items[i] = text
		}
		return "[" + strings.Join(items, ", ") + "]", true
	}
	if name, ok := v.Get("Ref").Str(); ok {
		return "!Ref " + name, true
	}
	if text, ok := v.Get("Fn::Sub").Str(); ok {
		return "!Sub " + strconv.Quote(text), true
	}
	if args := v.Get("Fn::If").Items(); len(args) == 3 {
		then, ok1 := yamlText(args[1])
		otherwise, ok2 := yamlText(args[2])
		if ok1 && ok2 {
			return fmt.Sprintf("!If [%s, %s, %s]", args[0].Text(), then, otherwise), true
		}
	}
	return "…", false
}
