package sam

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A Config is what SAM's own configuration file says of `sam local
// start-api`.
type Config struct {
	File     string // "" if there is none
	Template string // path of the template, "" if not said
	Build    string // path of that of sam build, "" if not said
	Host     string // to listen on, "" if not said, or if it is none
	Port     string // from 1 to 65535, "" if not said, or if it is none
	// Nowhere says that the host or the port is said, and is none: SAM local does
	// not listen there.
	Nowhere bool
	Options Options // without its parameters, which [Config.Overrides] reads
	// Extensions says that language_extensions is said, if only to be false: it
	// goes before the environment then.
	Extensions bool

	parameters *tree.Value // of start-api, and below them those for all commands
}

// SaysSame reports whether SAM local reads the same from both.
func (c Config) SaysSame(other Config) bool { return tree.Equal(c.parameters, other.parameters) }

// Overrides reads the parameters of the template for SAM local that is started in
// dir. With an error, too, the files are known.
func (c Config) Overrides(dir string) (Overrides, error) {
	told := c.parameters.Get("parameter_overrides")
	if told == nil {
		return Overrides{}, nil
	}
	within, err := filepath.Abs(filepath.Dir(c.File))
	if err != nil {
		return Overrides{}, err
	}
	o, err := readOverrides(dir, told, within)
	if word := (*wordError)(nil); errors.As(err, &word) {
		err = ofConfig(c.File, fmt.Errorf("%q: %w", c.File, err))
	}
	if err != nil {
		err = fmt.Errorf("read SAM's configuration: %w", err)
	}
	return o, err
}

// maxConfig bounds the size of SAM's configuration in bytes. People write less
// than a tenth of that.
const maxConfig = 64 << 10

// ConfigFiles returns the paths of SAM's configuration files in dir; the first
// that exists counts.
func ConfigFiles(dir string) []string {
	return []string{filepath.Join(dir, "samconfig.toml"), filepath.Join(dir, "samconfig.yaml"), filepath.Join(dir, "samconfig.yml")}
}

// ReadConfig reads samconfig.toml, .yaml or .yml in dir: its environment env
// ("" is "default"), there the parameters of the command local start-api, and
// below them those for all commands; of those of build, the template. A template
// is taken relative to dir. Without such a file the Config is empty.
func ReadConfig(dir, env string) (Config, error) {
	for _, name := range ConfigFiles(dir) {
		c, err := readConfig(name, dir, env)
		if !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
	}
	return Config{}, nil
}

// ReadConfigFile is [ReadConfig] for the file that --config-file names, as seen
// from dir. SAM CLI does not start without it, unless it is samconfig.toml.
func ReadConfigFile(dir, file, env string) (Config, error) {
	refuse := func(what, fix string) (Config, error) {
		return Config{}, fmt.Errorf("read SAM's configuration: %w", &TemplateError{What: what, Why: noStart, Fix: fix})
	}
	name := file
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if !isSettings(name) {
		return refuse(fmt.Sprintf("--config-file names %q, of which SAM CLI does not know the format", file), "name a file that ends in .toml, .yaml or .yml")
	}
	c, err := readConfig(name, dir, env)
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return c, err
	case file == "samconfig.toml":
		return Config{}, nil
	}
	what := fmt.Sprintf("--config-file names %q, and there is no such file", file)
	if name != file {
		what = fmt.Sprintf("--config-file names %q, and there is no file %q", file, name)
	}
	return refuse(what,
		"write it as seen from the folder of the template that -t names or, without -t, from where sam is started")
}

func readConfig(name, dir, env string) (Config, error) {
	data, err := smallfile.Read(name, maxConfig)
	if err != nil {
		return Config{}, fmt.Errorf("read SAM's configuration: %w", err)
	}
	document, err := parseSettings(name, data)
	if err != nil {
		return Config{}, fmt.Errorf("read SAM's configuration: %w", ofConfig(name, err))
	}
	c := configOf(document, cmp.Or(env, "default"))
	c.File = name
	for _, template := range []*string{&c.Template, &c.Build} {
		if *template != "" && !filepath.IsAbs(*template) {
			*template = filepath.Join(dir, *template)
		}
	}
	return c, nil
}

// ofConfig returns an error of what stands in the file called name as it may be
// shown.
func ofConfig(name string, err error) error {
	if info, e := os.Lstat(name); e == nil && info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%q is a link to a file with a mistake, of which nothing is shown, since it may be any of this machine; check where it leads", name)
	}
	return err
}

// isSettings reports whether SAM CLI knows the format of a file of settings by its
// name.
func isSettings(name string) bool {
	return slices.Contains([]string{".toml", ".yaml", ".yml"}, filepath.Ext(name))
}

// parseSettings parses a file of settings, TOML or YAML. TOML's values have no
// places.
func parseSettings(name string, data []byte) (*tree.Value, error) {
	if filepath.Ext(name) != ".toml" {
		return tree.ParseSettings(name, data)
	}
	if err := tree.CheckTOML(name, data); err != nil {
		return nil, err
	}
	var document map[string]any
	if err := toml.Unmarshal(data, &document); err != nil {
		mistake := &tree.Error{Pos: Pos{File: name}, What: err.Error(), Why: noStart}
		if syntax := (*toml.DecodeError)(nil); errors.As(err, &syntax) { // a key that stands there twice is none
			mistake.Pos.Line, mistake.Pos.Column = syntax.Position()
		}
		return nil, mistake
	}
	return valueOf(document), nil
}

// valueOf returns a value of TOML as one of YAML. Keys are in order of their names.
func valueOf(v any) *tree.Value {
	switch v := v.(type) {
	case map[string]any:
		m := tree.NewMap(Pos{})
		for _, key := range slices.Sorted(maps.Keys(v)) {
			m.Set(key, valueOf(v[key]))
		}
		return m
	case []any:
		list := tree.NewList(Pos{})
		for _, item := range v {
			list.Append(valueOf(item))
		}
		return list
	case bool:
		return tree.NewBool(Pos{}, v)
	case int64:
		return tree.NewInt(Pos{}, v)
	case float64:
		return tree.NewFloat(Pos{}, v)
	}
	return tree.NewString(Pos{}, fmt.Sprint(v)) // a string, or a date
}

// configOf reads the parameters of an environment.
func configOf(document *tree.Value, env string) Config {
	environment := document.Get(env)
	of := func(command string) *tree.Value {
		parameters := tree.NewMap(Pos{})
		for _, name := range []string{"global", command} {
			for _, e := range environment.Get(name).Get("parameters").Entries() {
				parameters.SetEntry(e.Key, e.Value)
			}
		}
		return parameters
	}
	c := Config{parameters: of("local_start_api")}
	c.Template, _ = firstOf(c.parameters, "template_file", "template").Str()
	c.Build, _ = firstOf(of("build"), "template_file", "template").Str()
	var isHost, isPort bool
	c.Host, isHost = hostIn(c.parameters.Get("host"))
	c.Port, isPort = portIn(c.parameters.Get("port"))
	c.Nowhere = !isHost || !isPort
	c.Options.Region, _ = c.parameters.Get("region").Str()
	extensions := c.parameters.Get("language_extensions")
	c.Options.LanguageExtensions, c.Extensions = extensions.IsTrue(), extensions.Is(tree.Bool)
	c.Options.DisableAuthorizer = c.parameters.Get("disable_authorizer").IsTrue()
	return c
}

var hostName = regexp.MustCompile(`^[0-9A-Za-z_]([0-9A-Za-z_.-]{0,252})$`)

// hostIn returns the host to listen on; it is false for what is said and is
// neither an address nor a name.
func hostIn(v *tree.Value) (string, bool) {
	if v.Is(tree.Absent, tree.Null) || v.EqualsString("") { // which Flask takes for the default
		return "", true
	}
	host, _ := v.Str()
	if _, err := netip.ParseAddr(host); err == nil && !strings.Contains(host, "%") || hostName.MatchString(host) {
		return host, true
	}
	return "", false
}

// portIn returns the port to listen on; it is false for what is said and is none.
func portIn(v *tree.Value) (string, bool) {
	if v.Is(tree.Absent, tree.Null) {
		return "", true
	}
	port, err := strconv.ParseUint(strings.TrimSpace(v.Text()), 10, 16)
	if err != nil || port == 0 {
		return "", false
	}
	return strconv.FormatUint(port, 10), true
}

// BuildSource returns the path of the template of which sam build makes the one at
// name, or that it makes of the one at name, where SAM's configuration, in its
// environment env, names one; else "".
func BuildSource(name, env string) string {
	dir, ok := projectOf(name)
	if !ok {
		dir = filepath.Dir(name)
	}
	c, err := ReadConfig(dir, env)
	if err != nil || IsBuilt(c.Build) {
		return ""
	}
	return c.Build
}

func firstOf(m *tree.Value, keys ...string) *tree.Value {
	for _, key := range keys {
		if m.Has(key) {
			return m.Get(key)
		}
	}
	return nil
}
