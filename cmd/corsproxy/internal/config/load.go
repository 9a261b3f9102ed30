package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/viper"

	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// FileNames are the files that are read from the working directory where no
// file is named.
var FileNames = [...]string{"corsproxy.yaml", "corsproxy.yml"}

// NoFile as a file's name says that no file is to be read.
const NoFile = "none"

// FileFlag is the flag that names the configuration file.
const FileFlag = "config"

// Input is everything that a configuration is made from.
type Input struct {
	Dir     string              // where FileNames and relative file names are looked up; "" is the working directory
	Environ []string            // as os.Environ returns it
	Flags   map[string][]string // the texts given for each flag, by its name without dashes
	File    string              // the file's name, where no flag or variable names one
}

// Loaded is a complete and valid configuration that knows where each of its
// values was given.
type Loaded struct {
	Config
	// File is the configuration file as it was named. Where none was named
	// and none was found, it is the name that would have been looked for.
	File string
	// Found reports whether File was read, and Content is what it held.
	Found   bool
	Content []byte

	input  Input
	places places
}

// Where returns where the value of key was given: a setting such as
// "cors.max_age", an item such as "cors.allow_origins[1]" or a setting of a
// route such as "routes[0].cors.max_age".
func (l *Loaded) Where(key string) Place { return l.places.of(key) }

// WhereList returns where a list of cors, such as "allow_headers", was given that
// holds for a route, or for what no route takes, if route is -1, and whether it is
// the route's own. A default is given nowhere.
func (l *Loaded) WhereList(name string, route int) (at Place, own bool) {
	if p, ok := l.places[fmt.Sprintf("routes[%d].cors.%s", route, name)]; ok {
		return p, true
	}
	return l.places["cors."+name], route < 0
}

// Path returns the configuration file's path as it can be opened.
func (l *Loaded) Path() string { return l.input.path(l.File) }

func (in Input) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(in.Dir, name)
}

// Load finds and reads the configuration file, and merges it with the
// environment, the flags and the defaults. The error is of type [Mistakes].
func Load(in Input) (*Loaded, error) {
	name, named, err := in.findFile()
	if err != nil {
		return nil, err
	}
	if name == NoFile {
		return in.merge(name, newLayer())
	}
	content, err := smallfile.Read(in.path(name), MaxFile)
	switch {
	case err == nil:
		return in.load(readFile(name, content), name, content)
	case errors.Is(err, fs.ErrNotExist) && named.Layer == FromDefault:
		return in.merge(name, newLayer())
	}
	file := newLayer()
	file.mistake(named, "", cannotRead(name, err))
	return in.merge(name, file)
}

// Reload reads content as the new content of the configuration file and
// merges it with the environment and the flags that l was made from. The
// error is of type [Mistakes] or [*BlankError].
func (l *Loaded) Reload(content []byte) (*Loaded, error) {
	file := readFile(l.File, content)
	if file.blank {
		return nil, &BlankError{l.File}
	}
	return l.input.load(file, l.File, content)
}

// A BlankError says that a file has lost all of its settings: somebody may be
// about to write them, and the defaults let more origins call than most files do.
type BlankError struct{ File string }

func (e *BlankError) Error() string {
	return e.File + " has no setting in it; for the defaults, write {}"
}

// load merges what the file called name holds, which is its content.
func (in Input) load(file *layer, name string, content []byte) (*Loaded, error) {
	loaded, err := in.merge(name, file)
	if err != nil {
		return nil, err
	}
	loaded.Found, loaded.Content = true, content
	return loaded, nil
}

// findFile returns the file's name and who named it.
func (in Input) findFile() (string, Place, error) {
	if texts := in.Flags[FileFlag]; len(texts) > 0 && texts[len(texts)-1] != "" {
		return texts[len(texts)-1], Place{Layer: FromFlag, Name: FileFlag}, nil
	}
	if name := variables(in.Environ)[envFile]; name != "" {
		return name, Place{Layer: FromEnv, Name: envFile}, nil
	}
	if in.File != "" {
		return in.File, Place{}, nil
	}
	var found []string
	for _, name := range FileNames {
		if _, err := os.Lstat(in.path(name)); err == nil {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		return FileNames[0], Place{}, nil
	case 1:
		return found[0], Place{}, nil
	}
	return "", Place{}, Mistakes{{
		Place: Place{Layer: FromFile, Name: found[1]},
		Text:  fmt.Sprintf("there is %s too, and only one can be read; remove one, or name one with --config", found[0]),
	}}
}

func cannotRead(name string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("there is no file %s; config.example.yaml shows what can stand in one", quote(name))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("%s may not be read; make it readable for the user that runs corsproxy", quote(name))
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var size *smallfile.SizeError
	if errors.As(err, &size) {
		return fmt.Sprintf("%s has more than %d bytes; a configuration has less, so name another file", quote(name), size.Limit)
	}
	return fmt.Sprintf("%s cannot be read: %v; name a YAML file", quote(name), err)
}

// merge lays the layers over each other and checks the result.
func (in Input) merge(name string, file *layer) (*Loaded, error) {
	env, flags := readEnv(in.Environ), readFlags(in.Flags)
	l := &Loaded{File: name, input: in, places: places{}}
	var mistakes Mistakes
	v := viper.New()
	for _, k := range Leaves() {
		v.SetDefault(k.Path, k.Default)
	}
	for _, from := range []*layer{file, env, flags} {
		mistakes = append(mistakes, from.mistakes...)
		for key := range from.values {
			l.places.set(key, from.places)
		}
	}
	// No user's text is ever a key here, so viper's habit of folding keys and
	// of splitting them at dots can do no harm.
	for _, from := range []*layer{file, env} {
		if err := v.MergeConfigMap(nested(from.values)); err != nil {
			return nil, fmt.Errorf("merge the configuration: %w", err)
		}
	}
	for key, value := range flags.values {
		v.Set(key, value)
	}
	if err := v.UnmarshalExact(&l.Config); err != nil {
		return nil, fmt.Errorf("merge the configuration: %w", err)
	}
	if err := l.routes(v, file); err != nil {
		return nil, err
	}
	mistakes = append(mistakes, l.check(mistakes)...)
	if err := mistakes.orNil(); err != nil {
		return nil, err
	}
	return l, nil
}

// routes completes each route of the file with the CORS settings of the top
// level: for a route, these are the defaults.
func (l *Loaded) routes(top *viper.Viper, file *layer) error {
	l.Routes = make([]Route, len(file.items["routes"]))
	for i, values := range file.items["routes"] {
		v := viper.New()
		for _, k := range Leaves() {
			if strings.HasPrefix(k.Path, "cors.") {
				v.SetDefault(k.Path, top.Get(k.Path))
			}
		}
		if err := v.MergeConfigMap(nested(values)); err != nil {
			return fmt.Errorf("merge the configuration: %w", err)
		}
		if err := v.UnmarshalExact(&l.Routes[i]); err != nil {
			return fmt.Errorf("merge the configuration: %w", err)
		}
	}
	for key, p := range file.places {
		if strings.HasPrefix(key, "routes") {
			l.places[key] = p
		}
	}
	return nil
}

// nested turns {"cors.max_age": v} into {"cors": {"max_age": v}}.
func nested(flat map[string]any) map[string]any {
	out := map[string]any{}
	for path, value := range flat {
		m := out
		parts := strings.Split(path, ".")
		for _, part := range parts[:len(parts)-1] {
			inner, ok := m[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				m[part] = inner
			}
			m = inner
		}
		m[parts[len(parts)-1]] = value
	}
	return out
}
