// Package samtemplate finds the template that SAM local takes, reads it with
// the parameters that SAM local gives it, and reads it again when it, or what
// it depends on, changes.
package samtemplate

import (
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
	Dir                string // where SAM local is started; "" is the working directory
	Template           string // a file, Auto, which "" is too, or None
	Environment        string // in samconfig.toml; "" is default
	Overrides          []string
	Region             string
	LanguageExtensions bool
	// NoLanguageExtensions says that SAM local is told to leave them off.
	NoLanguageExtensions bool
	// Environ is SAM local's environment, as os.Environ returns one.
	Environ []string
}

// enableExtensions is the variable by which SAM CLI turns the language
// extensions on, where neither an option nor its configuration says anything.
const enableExtensions = "SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS"

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

// Resolve returns the path of the template, and the options to read it with.
func (c Choice) Resolve() (string, sam.Options, error) {
	configured, err := sam.ReadConfig(c.configDir(), c.Environment)
	if err != nil {
		return "", sam.Options{}, err
	}
	options := configured.Options
	overrides, err := sam.ParseOverrides(c.Overrides)
	if err != nil {
		return "", sam.Options{}, err
	}
	if len(overrides) > 0 {
		options.Parameters = overrides
	}
	if c.Region != "" {
		options.Region = c.Region
	}
	options.LanguageExtensions = c.extensions(configured)
	name, err := c.path(configured)
	if err == nil {
		options.Source = sam.BuildSource(name, c.Environment)
	}
	return name, options, err
}

// isNamed reports whether the choice is one file.
func (c Choice) isNamed() bool { return c.Template != "" && c.Template != Auto && c.Template != None }

// configDir is where SAM CLI looks for samconfig.toml: beside the template that
// it is told to take, else where it is started.
func (c Choice) configDir() string {
	switch {
	case !c.isNamed():
		return c.Dir
	case filepath.IsAbs(c.Template):
		return filepath.Dir(c.Template)
	}
	return filepath.Join(c.Dir, filepath.Dir(c.Template))
}

func (c Choice) path(configured sam.Config) (string, error) {
	name := c.Template
	switch {
	case c.isNamed():
	case configured.Template != "":
		name = configured.Template
	default:
		found, err := sam.Find(c.Dir)
		if errors.Is(err, fs.ErrNotExist) {
			return "", ErrNone
		}
		return found, err
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.Dir, name)
	}
	return name, nil
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
