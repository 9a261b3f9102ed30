package sam

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
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

// Overrides are parameters as `sam local start-api` takes them.
type Overrides struct {
	Parameters map[string]string
	Files      []string // absolute paths of those that were read, or are not there
}

// CheckOverrides checks words as [ReadOverrides] reads them, without the files
// that they name.
func CheckOverrides(words []string) error {
	for _, word := range words {
		if _, ok := overrideFile(word); ok {
			continue
		}
		if _, err := parseOverride(word); err != nil {
			return err
		}
	}
	return nil
}

// ReadOverrides reads parameters as `sam local start-api`, started in dir, takes
// them after --parameter-overrides: each word holds one or several, written
// Key=Value or ParameterKey=Key,ParameterValue=Value, or names a file that does,
// such as file://dev.yaml. With an error, too, the files are known.
func ReadOverrides(dir string, words []string) (Overrides, error) {
	return readOverrides(dir, wordsOf(words), "")
}

// ReadOverridesWithin is [ReadOverrides] for words that stand in a file in the
// folder within. Files outside its project are not read; see [Folder].
func ReadOverridesWithin(dir string, words []string, within string) (Overrides, error) {
	within, err := filepath.Abs(within)
	if err != nil {
		return Overrides{}, err
	}
	return readOverrides(dir, wordsOf(words), within)
}

func wordsOf(words []string) *tree.Value {
	list := tree.NewList(Pos{})
	for _, word := range words {
		list.Append(tree.NewString(Pos{}, word))
	}
	return list
}

func readOverrides(dir string, v *tree.Value, within string) (Overrides, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Overrides{}, err
	}
	r := overrideReader{dir: dir}
	parameters, err := r.convert(v, overrideSource{dir: dir, within: within})
	return Overrides{parameters, r.files}, err
}

// overrideFile returns the path of the file that a word names.
func overrideFile(word string) (string, bool) { return strings.CutPrefix(word, "file://") }

// parseOverride reads the parameters that are written in a word.
func parseOverride(word string) (map[string]string, error) {
	if strings.TrimSpace(word) == "" {
		return nil, nil
	}
	text := " " + strings.TrimSpace(word)
	found := overrideLong.FindAllStringSubmatch(text, -1)
	if found == nil {
		found = overrideShort.FindAllStringSubmatch(text, -1)
	}
	if found == nil {
		return nil, &wordError{beginning(word)}
	}
	parameters := make(map[string]string)
	for _, m := range found {
		parameters[m[1]] = m[2]
	}
	return parameters, nil
}

// A wordError says that a word is no parameter.
type wordError struct{ beginning string }

func (e *wordError) Error() string {
	return fmt.Sprintf("parameter overrides %q: %s", e.beginning, overrideForms)
}

const overrideForms = "write Key=Value, or ParameterKey=Key,ParameterValue=Value, or the name of a file as file://dev.yaml"

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
