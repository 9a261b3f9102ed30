package sam

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// An overrideReader reads parameters and the files that they are in.
type overrideReader struct {
	dir     string // where SAM local is started
	files   []string
	pending []string // files under way
	count   int
}

// An overrideSource is where parameters stand.
type overrideSource struct {
	file   string // "" for a command and a configuration
	dir    string // to which paths are relative
	within string // folder outside whose project no file is read; "" for none
}

// maxOverrideFiles bounds how many files are read: they may include each other
// several times.
const maxOverrideFiles = 100

// convert reads a value as SAM CLI does: a text, a list, or a map of keys and
// values.
func (r *overrideReader) convert(v *tree.Value, from overrideSource) (map[string]string, error) {
	raw := make(map[string]string)
	if err := r.collect(raw, v, from); err != nil {
		return nil, err
	}
	parameters := make(map[string]string, len(raw))
	for name, value := range raw {
		parameters[unquoteOverride(name)] = unquoteOverride(value)
	}
	return parameters, nil
}

func (r *overrideReader) collect(into map[string]string, v *tree.Value, from overrideSource) error {
	switch v.Kind() {
	case tree.Absent, tree.Null:
	case tree.List:
		for _, item := range v.Items() {
			if err := r.collect(into, item, from); err != nil {
				return err
			}
		}
	case tree.String:
		return r.word(into, v, from)
	case tree.Map:
		for _, e := range v.Entries() {
			if err := r.entry(into, e, from); err != nil {
				return err
			}
		}
	default:
		return r.refuse(v, from, fmt.Sprintf("%s stands where parameters should be", v.Kind()), `write Key=Value, such as "Stage=dev"`)
	}
	return nil
}

func (r *overrideReader) word(into map[string]string, v *tree.Value, from overrideSource) error {
	word := v.Text()
	if _, ok := overrideFile(word); ok {
		parameters, err := r.read(v, from)
		maps.Copy(into, parameters)
		return err
	}
	parameters, err := parseOverride(word)
	if err != nil && from.file != "" {
		return r.refuse(v, from, "here stands what is no parameter", overrideForms)
	}
	maps.Copy(into, parameters)
	return err
}

func (r *overrideReader) entry(into map[string]string, e tree.Entry, from overrideSource) error {
	name := e.Key.Text()
	switch {
	case e.Value.Is(tree.Null):
		into[name] = ""
	case name == "$include":
		if !e.Value.Is(tree.String, tree.List) {
			return r.refuse(e.Value, from, fmt.Sprintf("$include is %s", e.Value.Kind()), "name a file, such as file://base.yaml, or a list of them")
		}
		parameters, err := r.convert(e.Value, from)
		maps.Copy(into, parameters)
		return err
	case e.Value.Is(tree.List):
		var parts []string
		for _, item := range e.Value.Items() {
			if !item.Is(tree.Null) && !item.EqualsString("") {
				parts = append(parts, strings.TrimSpace(item.Text()))
			}
		}
		into[name] = strings.Join(parts, ",")
	default:
		into[name] = e.Value.Text()
	}
	return nil
}

// read reads the file that a word names. Of what is wrong in it no more is shown
// than the place: parameters are often secrets.
func (r *overrideReader) read(word *tree.Value, from overrideSource) (map[string]string, error) {
	named := strconv.Quote(redact.Address(word.Text()))
	path, _ := overrideFile(word.Text())
	if !filepath.IsAbs(path) {
		path = filepath.Join(from.dir, path)
	}
	if !slices.Contains(r.files, path) {
		r.files = append(r.files, path)
	}
	data, err := readWithin(path, from.within)
	switch {
	case errors.Is(err, errOutside):
		return nil, fmt.Errorf("the parameters in %s are not read: it lies outside the project, which is the Git work tree, or without Git the folder above that of the file that names it; name it on the command line: --parameter-overrides file://%s", named, path)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, smallfile.ErrIrregular):
		fix := "write it as seen from where sam is started"
		if from.file != "" {
			fix = "write it as seen from the folder of " + r.show(from.file)
		}
		return nil, r.refuse(word, from, fmt.Sprintf("%s names parameters, and there is no file %q", named, redact.Address(r.show(path))), fix)
	case err != nil:
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if slices.Contains(r.pending, path) {
		return nil, r.refuse(word, from, named+" includes itself", "remove the $include")
	}
	if r.count++; r.count > maxOverrideFiles {
		return nil, fmt.Errorf("the parameters in %s include more than %d files, which are not read", named, maxOverrideFiles)
	}
	v, err := r.parse(path, data)
	if err != nil {
		return nil, err
	}
	if from = (overrideSource{path, filepath.Dir(path), from.within}); from.within == "" {
		from.within = from.dir
	}
	r.pending = append(r.pending, path)
	defer func() { r.pending = r.pending[:len(r.pending)-1] }()
	return r.convert(v, from)
}

func (r *overrideReader) parse(path string, data []byte) (*tree.Value, error) {
	name := r.show(path)
	at := overrideSource{file: path}
	if !isSettings(path) {
		return nil, r.refuse(nil, at, "of the parameters SAM CLI does not know the format", "write them into a file that ends in .yaml, .yml or .toml")
	}
	v, err := parseSettings(name, data)
	var mistake *tree.Error
	if errors.As(err, &mistake) {
		return nil, &TemplateError{Pos: mistake.Pos, What: "the parameters cannot be read", Why: noStart, Fix: "correct the file here, or before"}
	}
	if again := v.Repeats(); len(again) > 0 {
		return nil, &TemplateError{Pos: again[0].Again, What: "a parameter stands in the file for the second time", Why: noStart, Fix: "remove one of them"}
	}
	return v, err
}

// noStart is what follows from a mistake in what SAM CLI reads first.
const noStart = "SAM local does not start"

func (r *overrideReader) refuse(v *tree.Value, from overrideSource, what, fix string) error {
	pos := v.Pos()
	if from.file != "" && pos.Line == 0 {
		pos.File = r.show(from.file)
	}
	return &TemplateError{Pos: pos, What: what, Why: noStart, Fix: fix}
}

// show returns a path as a person would write it where SAM local is started.
func (r *overrideReader) show(path string) string {
	if rel, err := filepath.Rel(r.dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}

// readWithin reads a small file of the project that the folder within is in; "" is
// for a file anywhere.
func readWithin(path, within string) ([]byte, error) {
	if within == "" {
		return smallfile.Read(path, maxConfig)
	}
	folder, err := OpenFolder(within)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	name, err := folder.Name(path)
	if err != nil {
		return nil, errOutside
	}
	name, ok := folder.Clean(name)
	if !ok {
		return nil, errOutside
	}
	data, err := smallfile.ReadIn(folder.root, folder.inRoot(name), maxConfig)
	if err != nil && strings.Contains(err.Error(), "escapes") {
		return nil, errOutside
	}
	return data, err
}
