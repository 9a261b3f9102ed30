// Package samtemplate finds the template that SAM local takes, reads it with
// the parameters that SAM local gives it, and reads it again when it, or what
// it depends on, changes.
package samtemplate

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// The names that stand for something other than a file.
const (
	Auto = "auto" // what SAM itself would take
	None = "none" // no template
)

// ErrNone says that there is no template where SAM would look for one. It is
// an fs.ErrNotExist.
var ErrNone error = noneError{}

type noneError struct{}

func (noneError) Error() string {
	return "there is no template here: neither .aws-sam/build/template.yaml nor template.yaml, .yml or .json; name one with --template FILE"
}

func (noneError) Is(target error) bool { return target == fs.ErrNotExist }

// A Choice says which template is read, and how. What it leaves open is as SAM
// itself would take it in Dir.
type Choice struct {
	Dir         string // where SAM local is started; "" is the working directory
	Template    string // a file, Auto, which "" is too, or None
	ConfigDir   string // where SAM local looks for its configuration; "" is beside Template, else Dir
	ConfigFile  string // that configuration, as seen from there; "" is samconfig.toml
	Environment string // in that configuration; "" is default
	Overrides   []string
	// Confined says that Overrides stand in a file beside the template, and do not
	// name any file of this machine.
	Confined           bool
	Region             string
	LanguageExtensions bool
	// NoLanguageExtensions says that SAM local is told to leave them off.
	NoLanguageExtensions bool
	DisableAuthorizer    bool
	// Environ is SAM local's environment, as os.Environ returns one.
	Environ []string
}

// The variables by which SAM CLI is told what no option says: the template, which
// goes before that of its configuration, and to turn the language extensions on,
// where its configuration says nothing either.
const (
	templateFile     = "SAM_TEMPLATE_FILE"
	enableExtensions = "SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS"
)

// extensions reports whether SAM local expands the language extensions.
func (c Choice) extensions(configured sam.Config) bool {
	if c.LanguageExtensions || c.NoLanguageExtensions {
		return c.LanguageExtensions
	}
	if configured.Extensions {
		return configured.Options.LanguageExtensions
	}
	told := child.Variable(c.Environ, enableExtensions)
	return slices.Contains([]string{"1", "true", "yes"}, strings.ToLower(strings.TrimSpace(told)))
}

// Config returns what SAM's configuration says to SAM local.
func (c Choice) Config() (sam.Config, error) {
	if c.ConfigFile == "" {
		return sam.ReadConfig(c.configDir(), c.Environment)
	}
	return sam.ReadConfigFile(c.configDir(), c.ConfigFile, c.Environment)
}

// Resolve returns the path of the template, and the options to read it with. The
// files of parameters are known with an error, too.
func (c Choice) Resolve() (string, sam.Options, error) {
	configured, err := c.Config()
	if err != nil {
		return "", sam.Options{}, err
	}
	return c.resolve(configured)
}

// resolve is Resolve where SAM's configuration is known.
func (c Choice) resolve(configured sam.Config) (string, sam.Options, error) {
	options := configured.Options
	overrides, err := c.overrides(configured)
	options.Parameters, options.Files = overrides.Parameters, overrides.Files
	if err != nil {
		return "", options, err
	}
	options.Region = cmp.Or(c.Region, options.Region)
	options.LanguageExtensions = c.extensions(configured)
	options.DisableAuthorizer = options.DisableAuthorizer || c.DisableAuthorizer
	name, err := c.path(configured)
	if err == nil {
		options.Source = c.buildSource(name, configured)
	}
	return name, options, err
}

// overrides reads the parameters of the template.
func (c Choice) overrides(configured sam.Config) (sam.Overrides, error) {
	switch {
	case len(c.Overrides) == 0:
		return configured.Overrides(c.Dir)
	case c.Confined:
		return sam.ReadOverridesWithin(c.Dir, c.Overrides, c.Dir)
	}
	return sam.ReadOverrides(c.Dir, c.Overrides)
}

// buildSource returns the path of the template that sam build reads, where SAM's
// configuration names it: for the environment that SAM local is told, or by
// default, since sam build may be told of none.
func (c Choice) buildSource(name string, configured sam.Config) string {
	if c.ConfigFile != "" && configured.Build != "" && !sam.IsBuilt(configured.Build) {
		return configured.Build
	}
	return cmp.Or(sam.BuildSource(name, c.Environment), sam.BuildSource(name, ""))
}

// isNamed reports whether the choice is one file.
func (c Choice) isNamed() bool { return c.Template != "" && c.Template != Auto && c.Template != None }

// configDir is where SAM CLI looks for its configuration: beside the template that
// it is told to take, else where it is started.
func (c Choice) configDir() string {
	switch {
	case c.ConfigDir != "":
		return in(c.Dir, c.ConfigDir)
	case c.isNamed():
		return filepath.Dir(in(c.Dir, c.Template))
	}
	return c.Dir
}

// configFiles returns the paths of the files of which the first that exists is
// SAM's configuration.
func (c Choice) configFiles() []string {
	if c.ConfigFile == "" {
		return sam.ConfigFiles(c.configDir())
	}
	return []string{in(c.configDir(), c.ConfigFile)}
}

func (c Choice) path(configured sam.Config) (string, error) {
	told := child.Variable(c.Environ, templateFile)
	switch {
	case c.isNamed():
		return in(c.Dir, c.Template), nil
	case told != "":
		return in(c.Dir, told), nil
	case configured.Template != "":
		return configured.Template, nil
	}
	found, err := sam.Find(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNone
	}
	return found, err
}

// in returns a path as seen from dir.
func in(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// Load reads the template at name. Places name files as a person in Dir would.
func (c Choice) Load(name string, options sam.Options) (*sam.Application, error) {
	options.From = cmp.Or(c.Dir, ".")
	return sam.Load(name, options)
}

// Show returns a path as a person in Dir would write it.
func (c Choice) Show(path string) string {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return path
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, abs); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return path
}
