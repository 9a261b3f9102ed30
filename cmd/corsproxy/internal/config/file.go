package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// MaxFile bounds the size of a configuration file in bytes.
const MaxFile = 1 << 20

// A fileReader turns the YAML nodes of a file into a layer. It works on nodes
// and not on a decoded map because only nodes know their place.
type fileReader struct {
	*layer
	name string
}

// readFile reads the content of the configuration file called name.
func readFile(name string, content []byte) *layer {
	r := fileReader{layer: newLayer(), name: name}
	root := r.document(content)
	r.blank = len(r.mistakes) == 0 && (root == nil || isNull(root))
	if root != nil {
		r.section(Keys(), root, "", "", r.values)
	}
	return r.layer
}

// document returns the root of the file's only document, or nil if there is
// none that could be read.
func (r *fileReader) document(content []byte) *yaml.Node {
	if i := invalidUTF8(content); i >= 0 {
		line := 1 + bytes.Count(content[:i], []byte("\n"))
		r.mistake(Place{Layer: FromFile, Name: r.name, Line: line}, "", fmt.Sprintf("the byte 0x%02x is not UTF-8; save the file as UTF-8", content[i]))
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var doc, next yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return nil
	} else if err != nil {
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&next); err == nil {
		r.mistake(r.place(&next), "", `a second document begins here; a configuration is one document, so remove "---"`)
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	return doc.Content[0]
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// yamlError is how the YAML library words a syntax error.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

func (r *fileReader) syntax(err error) {
	p := Place{Layer: FromFile, Name: r.name, Line: 1} // of the first line the parser does not speak
	text := err.Error()
	if m := yamlError.FindStringSubmatch(text); m != nil {
		if line, _ := strconv.Atoi(m[1]); line > 0 {
			p.Line = line
		}
		text = m[2]
	}
	if strings.Contains(text, "expected alphabetic or numeric character") {
		text += "; quote values that begin with * or &: [\"*\"]"
	}
	if strings.Contains(text, "cannot start any token") {
		text += "; indent with blanks, not tabs, and quote values that begin with * or @"
	}
	if strings.Contains(text, "did not find expected ',' or") {
		text += "; near this line, quote a value that has braces, brackets or a comma: \"GET /items/{id}\""
	}
	r.mistake(p, "", "this is not YAML: "+printable(text))
}

func (r *fileReader) place(n *yaml.Node) Place {
	return Place{Layer: FromFile, Name: r.name, Line: n.Line, Column: n.Column}
}

// section reads the keys of a mapping into values. The mapping stands at path
// (for places) and at prefix (for values); both are empty or end in a dot.
func (r *fileReader) section(keys []Key, n *yaml.Node, path, prefix string, values map[string]any) {
	n = resolve(n)
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		stands := describe(n)
		if n.Kind == yaml.ScalarNode && path == "" { // the file may be a link to any other, which is a token alone
			stands = "a text"
		}
		r.mistake(r.place(n), strings.TrimSuffix(path, "."), "here stands "+stands+"; write keys with their values, such as "+example(keys))
		return
	}
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], resolve(n.Content[i+1])
		j := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name.Value })
		if j < 0 {
			r.unknownKey(keys, name, path)
			continue
		}
		if first, ok := seen[name.Value]; ok {
			r.mistake(r.place(name), path+name.Value, fmt.Sprintf("the key stands here a second time; the first is in line %d; remove one", first.Line))
			continue
		}
		seen[name.Value] = name
		r.key(keys[j], name, value, path, prefix, values)
	}
}

func (r *fileReader) key(k Key, name, n *yaml.Node, path, prefix string, values map[string]any) {
	at := path + k.Name
	switch k.Kind {
	case Section:
		r.places[at] = r.place(name)
		if isNull(n) {
			// The rest of the file may be about to be written.
			r.mistake(r.place(name), at, "the key has no value; write settings below it, such as "+example(k.Keys)+", or remove it")
			return
		}
		r.section(k.Keys, n, at+".", prefix+k.Name+".", values)
	case Sections:
		r.places[at] = r.place(name)
		if isNull(n) {
			r.mistake(r.place(name), at, "the key has no value; write [] for none, or remove it")
			return
		}
		r.sections(k, n, at)
	case List, Texts:
		r.list(k, n, at, prefix+k.Name, values)
	default:
		r.scalar(k, n, at, prefix+k.Name, values)
	}
}

// sections reads a list of sections, such as routes.
func (r *fileReader) sections(k Key, n *yaml.Node, at string) {
	if n.Kind != yaml.SequenceNode {
		r.mistake(r.place(n), at, "here stands "+describe(n)+`; write a list, each item of which begins with "- `+k.Keys[0].Name+`:"`)
		return
	}
	for i, item := range n.Content {
		itemAt := fmt.Sprintf("%s[%d]", at, i)
		values := map[string]any{}
		before := len(r.mistakes)
		r.places[itemAt] = r.place(item)
		r.section(k.Keys, item, itemAt+".", "", values)
		if required := k.Keys[0].Name; values[required] == nil && len(r.mistakes) == before {
			r.mistake(r.place(item), itemAt, required+" is missing; give every item its "+required)
		}
		r.items[k.Path] = append(r.items[k.Path], values)
	}
}

func (r *fileReader) list(k Key, n *yaml.Node, at, key string, values map[string]any) {
	r.places[at] = r.place(n)
	switch {
	case isNull(n):
		r.mistake(r.place(n), at, "the key has no value; write [] for an empty list, or remove the key")
		return
	case n.Kind == yaml.ScalarNode && k.Kind == Texts && !areOverrides(n.Value): // any part may be a secret
		r.mistake(r.place(n), at, "here stands a text; write a list, each item of which is a text, such as [Stage=dev]")
		return
	case n.Kind == yaml.ScalarNode:
		r.mistake(r.place(n), at, fmt.Sprintf("%s is not a list; write [%s]", quote(n.Value), k.flowList(n.Value)))
		return
	case n.Kind != yaml.SequenceNode:
		r.mistake(r.place(n), at, "here stands "+describe(n)+"; write a list, such as [a, b]")
		return
	}
	items := make([]string, 0, len(n.Content))
	for i, item := range n.Content {
		itemAt := fmt.Sprintf("%s[%d]", at, i)
		item = resolve(item)
		r.places[itemAt] = r.place(item)
		switch {
		case isNull(item) && item.Value == "null":
			r.mistake(r.place(item), itemAt, `null without quotes is YAML's word for nothing; write "null" for the origin of that name`)
		case isNull(item):
			r.mistake(r.place(item), itemAt, "the item has no value; remove it")
		case item.Kind != yaml.ScalarNode:
			r.mistake(r.place(item), itemAt, "here stands "+describe(item)+"; write one text for each item")
		default:
			items = append(items, item.Value)
			continue
		}
		items = append(items, wrongItem)
	}
	if !slices.Contains(items, wrongItem) {
		values[key] = items
	}
}

// areOverrides reports whether the names of parameters tell which of their values
// are secrets.
func areOverrides(s string) bool {
	return sam.CheckOverrides([]string{s}) == nil
}

// wrongItem stands in a list for an item whose mistake has been reported.
const wrongItem = "\x00"

func (r *fileReader) scalar(k Key, n *yaml.Node, at, key string, values map[string]any) {
	r.places[at] = r.place(n)
	if isNull(n) {
		r.mistake(r.place(n), at, "the key has no value; "+noValue(k))
		return
	}
	if n.Kind != yaml.ScalarNode {
		r.mistake(r.place(n), at, "here stands "+describe(n)+"; write a single value")
		return
	}
	value, err := k.parse(n.Value)
	if err != nil {
		r.mistake(r.place(n), at, err.Error())
		return
	}
	values[key] = value
}

func noValue(k Key) string {
	if k.Default == nil {
		return "give it one"
	}
	if k.Default == "" {
		return `write "" or remove it`
	}
	return fmt.Sprintf("remove it for the default, %v, or give it one", k.Default)
}

func (r *fileReader) unknownKey(keys []Key, name *yaml.Node, path string) {
	if name.Kind != yaml.ScalarNode {
		r.mistake(r.place(name), strings.TrimSuffix(path, "."), "here stands "+describe(name)+" where a key should be")
		return
	}
	if name.Value == "<<" {
		r.mistake(r.place(name), path+"<<", "merge keys are not read; write the keys out")
		return
	}
	// A key of this section comes first, then any that stands elsewhere.
	var here, anywhere []string
	for _, k := range keys {
		here = append(here, k.Name)
	}
	for _, k := range Leaves() {
		anywhere = append(anywhere, k.Path)
	}
	candidates := here
	if nearest(name.Value, here) == "" && nearest(name.Value, anywhere) != "" {
		candidates = anywhere
	}
	r.mistake(r.place(name), "", unknown("key", path+name.Value, name.Value, candidates))
}

func resolve(n *yaml.Node) *yaml.Node {
	// An alias of an alias cannot be written.
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	return "the text " + quote(n.Value)
}

// plainWord is a text that needs no quotes in YAML, wherever it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:/._-]*[A-Za-z0-9]$`)

// flow returns s as it may stand in a YAML list between brackets.
func flow(s string) string {
	if len(s) > maxQuoted || !plainWord.MatchString(s) {
		return quote(s)
	}
	return s
}

// flowList returns the items that a text has, for a YAML list.
func (k Key) flowList(s string) string {
	items := k.parseList(s)
	for i, item := range items {
		items[i] = flow(item)
	}
	return strings.Join(items, ", ")
}

// example returns the first setting of keys as it may stand in a file.
func example(keys []Key) string {
	for _, k := range keys {
		if k.Kind == Section || k.Kind == Sections {
			continue
		}
		if k.Default != nil {
			return fmt.Sprintf(`"%s: %v"`, k.Name, k.Default)
		}
		return fmt.Sprintf(`"%s: …"`, k.Name)
	}
	return `"key: value"`
}
