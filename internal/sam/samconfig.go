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
	Options Options
	// Extensions says that language_extensions is said, if only to be false: it
	// goes before the environment then.
	Extensions bool
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
		return Config{}, fmt.Errorf("read SAM's configuration: %w", &TemplateError{What: what, Why: "SAM local does not start", Fix: fix})
	}
	name := file
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if !slices.Contains([]string{".toml", ".yaml", ".yml"}, filepath.Ext(name)) {
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
	c, err := configIn(name, data, cmp.Or(env, "default"))
	if info, e := os.Lstat(name); err != nil && e == nil && info.Mode()&fs.ModeSymlink != 0 {
		err = fmt.Errorf("%q is a link to a file with a mistake, of which nothing is shown, since it may be any of this machine; check where it leads", name)
	}
	if err != nil {
		return Config{}, fmt.Errorf("read SAM's configuration: %w", err)
	}
	c.File = name
	for _, template := range []*string{&c.Template, &c.Build} {
		if *template != "" && !filepath.IsAbs(*template) {
			*template = filepath.Join(dir, *template)
		}
	}
	return c, nil
}

func configIn(name string, data []byte, env string) (Config, error) {
	document, err := parseConfig(name, data)
	if err != nil {
		return Config{}, err
	}
	c, err := configOf(document, env)
	if err != nil {
		err = fmt.Errorf("%q: %w", name, err)
	}
	return c, err
}

func parseConfig(name string, data []byte) (map[string]any, error) {
	if filepath.Ext(name) != ".toml" {
		v, err := tree.Parse(name, data)
		if err != nil {
			return nil, err
		}
		document, _ := plain(v).(map[string]any)
		return document, nil
	}
	if err := tree.CheckTOML(name, data); err != nil {
		return nil, err
	}
	var document map[string]any
	err := toml.Unmarshal(data, &document)
	var syntax *toml.DecodeError
	if errors.As(err, &syntax) {
		line, column := syntax.Position()
		return nil, &tree.Error{Pos: Pos{File: name, Line: line, Column: column}, What: syntax.Error()}
	}
	return document, err
}

// plain returns a value in the form that TOML has, too.
func plain(v *tree.Value) any {
	switch v.Kind() {
	case tree.Map:
		m := make(map[string]any)
		for _, e := range v.Entries() {
			m[e.Key.Text()] = plain(e.Value)
		}
		return m
	case tree.List:
		var list []any
		for _, item := range v.Items() {
			list = append(list, plain(item))
		}
		return list
	case tree.Bool:
		return v.IsTrue()
	case tree.Null, tree.Absent:
		return nil
	}
	return v.Text()
}

// configOf reads the parameters of an environment.
func configOf(document map[string]any, env string) (Config, error) {
	environment, _ := document[env].(map[string]any)
	of := func(command string) map[string]any {
		parameters := make(map[string]any)
		for _, name := range []string{"global", command} {
			section, _ := environment[name].(map[string]any)
			p, _ := section["parameters"].(map[string]any)
			maps.Copy(parameters, p)
		}
		return parameters
	}
	parameters := of("local_start_api")
	var c Config
	c.Template, _ = firstOf(parameters, "template_file", "template").(string)
	c.Build, _ = firstOf(of("build"), "template_file", "template").(string)
	var isHost, isPort bool
	c.Host, isHost = hostIn(parameters["host"])
	c.Port, isPort = portIn(parameters["port"])
	c.Nowhere = !isHost || !isPort
	c.Options.Region, _ = parameters["region"].(string)
	c.Options.LanguageExtensions, c.Extensions = parameters["language_extensions"].(bool)
	c.Options.DisableAuthorizer, _ = parameters["disable_authorizer"].(bool)
	var err error
	c.Options.Parameters, err = overridesOf(parameters["parameter_overrides"])
	return c, err
}

var hostName = regexp.MustCompile(`^[0-9A-Za-z_]([0-9A-Za-z_.-]{0,252})$`)

// hostIn returns the host to listen on; it is false for what is said and is
// neither an address nor a name.
func hostIn(v any) (string, bool) {
	if v == nil || v == "" { // which Flask takes for the default
		return "", true
	}
	host, _ := v.(string)
	if _, err := netip.ParseAddr(host); err == nil && !strings.Contains(host, "%") || hostName.MatchString(host) {
		return host, true
	}
	return "", false
}

// portIn returns the port to listen on; it is false for what is said and is none.
func portIn(v any) (string, bool) {
	if v == nil {
		return "", true
	}
	port, err := strconv.ParseUint(strings.TrimSpace(overrideText(v)), 10, 16)
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

func firstOf(m map[string]any, keys ...string) any {
	for _, key := range keys {
		if v, ok := m[key]; ok {
			return v
		}
	}
	return nil
}

// overridesOf reads parameter_overrides: a string or a list as on the command
// line, or a table of names and values.
func overridesOf(v any) (map[string]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return ParseOverrides([]string{v})
	case []any:
		all := make(map[string]string)
		for _, item := range v {
			parameters, err := overridesOf(item)
			if err != nil {
				return nil, err
			}
			maps.Copy(all, parameters)
		}
		return all, nil
	case map[string]any:
		parameters := make(map[string]string)
		for name, value := range v {
			parameters[name] = overrideText(value)
		}
		return parameters, nil
	}
	return nil, fmt.Errorf("parameter_overrides is %v; write a string such as %q", v, "Stage=dev")
}

// overrideText returns a value as SAM makes a string of it.
func overrideText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "True"
		}
		return "False"
	case []any:
		var parts []string
		for _, item := range v {
			if s := strings.TrimSpace(overrideText(item)); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}
