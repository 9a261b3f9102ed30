package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/policy"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the JSON Schema anew")

// root is the module's root directory.
const root = "../../../.."

func TestSchemaIsCurrent(t *testing.T) {
	t.Parallel()
	want, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "docs", "corsproxy.schema.json")
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is stale; run: go generate ./cmd/corsproxy/...", file)
	}
}

func TestKeysAreComplete(t *testing.T) {
	t.Parallel()
	var walk func(keys []config.Key, inItem bool)
	flags := map[string]bool{}
	walk = func(keys []config.Key, inItem bool) {
		for _, k := range keys {
			if k.Name == "" || k.Help == "" {
				t.Errorf("%q has no name or no help", k.Path)
			}
			if strings.HasSuffix(k.Help, ".") || k.Help != strings.TrimSpace(k.Help) {
				t.Errorf("%s: the help is more than one sentence without its period: %q", k.Path, k.Help)
			}
			if k.Kind == config.Section || k.Kind == config.Sections {
				walk(k.Keys, inItem || k.Kind == config.Sections)
				continue
			}
			if inItem {
				continue
			}
			if k.Flag == "" || flags[k.Flag] {
				t.Errorf("%s has no flag of its own: %q", k.Path, k.Flag)
			}
			flags[k.Flag] = true
			if k.Unit == "" && k.Kind != config.Bool && k.Kind != config.Choice {
				t.Errorf("%s has no unit", k.Path)
			}
			if k.Kind == config.Int && k.Min >= k.Max {
				t.Errorf("%s has no bounds", k.Path)
			}
		}
	}
	walk(config.Keys(), false)
}

// TestDefaultPolicy checks that without a configuration, the policy is the
// policy package's own default.
func TestDefaultPolicy(t *testing.T) {
	t.Parallel()
	got, want := config.Default().CORS.Policy(), policy.Default()
	if len(got.ExposeHeaders) == 0 {
		got.ExposeHeaders = want.ExposeHeaders
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func readExample(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestExampleIsTheDefault(t *testing.T) {
	t.Parallel()
	content := readExample(t)
	l, err := load(t, string(content))
	if err != nil {
		t.Fatal(err)
	}
	if want := config.Default(); !reflect.DeepEqual(l.Config, want) {
		t.Errorf("got  %+v\nwant %+v", l.Config, want)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	if want := "# yaml-language-server: $schema=" + config.SchemaURL; first != want {
		t.Errorf("the first line is %q, want %q", first, want)
	}
}

// TestExampleExplainsEveryKey checks that every setting stands in the example
// under a comment that begins with the setting's help, and nothing else does.
func TestExampleExplainsEveryKey(t *testing.T) {
	t.Parallel()
	var doc yaml.Node
	if err := yaml.Unmarshal(readExample(t), &doc); err != nil {
		t.Fatal(err)
	}
	explains(t, config.Keys(), doc.Content[0], "")
}

func explains(t *testing.T, keys []config.Key, n *yaml.Node, above string) {
	t.Helper()
	if len(n.Content) != 2*len(keys) {
		t.Errorf("%s: the example has %d keys, the struct %d", above, len(n.Content)/2, len(keys))
		return
	}
	for i, k := range keys {
		name, value := n.Content[2*i], n.Content[2*i+1]
		if name.Value != k.Name {
			t.Errorf("line %d: got %q, want %q: the example has the order of the struct", name.Line, name.Value, k.Name)
			continue
		}
		comment := prose(name.HeadComment)
		if !strings.HasPrefix(comment, sentence(k.Help)) {
			t.Errorf("line %d: the comment of %s does not begin with its help:\n%s\n%s", name.Line, k.Path, comment, sentence(k.Help))
		}
		switch k.Kind {
		case config.Section:
			explains(t, k.Keys, value, k.Path)
		case config.Sections:
			for _, inner := range k.Keys {
				if want := sentence(inner.Name) + ": " + inner.Help; !strings.Contains(comment, want) {
					t.Errorf("line %d: the comment of %s does not say %q", name.Line, k.Path, want)
				}
			}
		}
	}
}

// prose returns the text of a comment on one line.
func prose(comment string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`(?m)^#`).ReplaceAllString(comment, "")), " ")
}

func sentence(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
