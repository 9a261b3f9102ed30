package sam

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// The two ways in which SAM takes --parameter-overrides. Values may stand in
// quotes, and a backslash takes the meaning from what follows it.
var (
	overrideLong  = regexp.MustCompile(`ParameterKey=` + overrideKey + `,ParameterValue=` + overrideValue)
	overrideShort = regexp.MustCompile(` ` + overrideKey + `=` + overrideValue)
)

const (
	overrideKey   = `([A-Za-z0-9"']+)`
	overrideValue = `("(?:\\.|[^"\\]+)*"|'(?:\\.|[^'\\]+)*'|(?:\\.|[^ "\\]+)+)`
)

// ParseOverrides reads parameters as `sam local start-api` takes them after
// --parameter-overrides: each word holds one or several, written Key=Value or
// ParameterKey=Key,ParameterValue=Value.
func ParseOverrides(words []string) (map[string]string, error) {
	parameters := make(map[string]string)
	for _, word := range words {
		if strings.TrimSpace(word) == "" {
			continue
		}
		if strings.HasPrefix(word, "file://") {
			return nil, fmt.Errorf("parameter overrides %q: a file is not read; write the parameters out, such as Stage=dev", redact.Address(word))
		}
		text := " " + strings.TrimSpace(word)
		found := overrideLong.FindAllStringSubmatch(text, -1)
		if found == nil {
			found = overrideShort.FindAllStringSubmatch(text, -1)
		}
		if found == nil {
			return nil, fmt.Errorf("parameter overrides %q: write Key=Value, or ParameterKey=Key,ParameterValue=Value", beginning(word))
		}
		for _, m := range found {
			parameters[unquoteOverride(m[1])] = unquoteOverride(m[2])
		}
	}
	return parameters, nil
}

// beginning returns the first word of what is no parameter: it may be a key, and
// what follows a secret.
func beginning(word string) string {
	word = strings.TrimSpace(word)
	if end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }); end >= 0 {
		return word[:end] + "…"
	}
	return word
}

func unquoteOverride(s string) string {
	if len(s) > 1 && s[0] == s[len(s)-1] && (s[0] == '"' || s[0] == '\'') {
		s = s[1 : len(s)-1]
	}
	return strings.NewReplacer(`\ `, ` `, `\"`, `"`, `\'`, `'`).Replace(s)
}
