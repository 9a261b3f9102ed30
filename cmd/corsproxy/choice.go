package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// newChoice returns the choice of the template that SAM local takes here.
func newChoice(w world) samtemplate.Choice {
	return samtemplate.Choice{Dir: w.dir, Environ: w.environ}
}

// toldChoice returns the choice of the template that SAM local takes here where a
// command starts it so.
func toldChoice(w world, told childlog.SAMLocal) samtemplate.Choice {
	c := newChoice(w)
	c.Template, c.Region = told.Template, told.Region
	c.ConfigDir, c.ConfigFile, c.Environment = filepath.Dir(told.Template), told.ConfigFile, told.Environment
	c.Overrides = told.Overrides
	c.LanguageExtensions, c.NoLanguageExtensions = told.LanguageExtensions, told.NoLanguageExtensions
	c.DisableAuthorizer = told.DisableAuthorizer
	c.Environ = slices.Concat(c.Environ, told.Variables)
	return c
}

// servedChoice returns the choice of the template that the proxy serves: the
// configuration goes before what SAM local is told where it is the command. SAM's
// own configuration stays the one that SAM local reads.
func servedChoice(w world, loaded *config.Loaded, command []string) samtemplate.Choice {
	c := newChoice(w)
	if childlog.IsSAM(command) {
		c = toldChoice(w, childlog.ReadSAM(command))
	}
	if c.Template == "" || loaded.Template != samtemplate.Auto {
		c.Template = loaded.Template
	}
	if loaded.Where("parameter_overrides").Layer != config.FromDefault {
		setOverrides(&c, loaded)
	}
	return c
}

// addChoice adds the flags that say which template is read, and how.
func addChoice(flags *pflag.FlagSet, c *samtemplate.Choice) {
	flags.StringVar(&c.Template, "template", "", "`FILE` to read in place of the one that SAM would take")
	flags.StringArrayVar(&c.Overrides, "parameter-overrides", nil, "`KEY=VALUE` of a parameter of the template, as SAM takes it; may be repeated")
	flags.StringVar(&c.Region, "region", "", "`REGION` that AWS::Region stands for")
	flags.StringVar(&c.Environment, "config-env", "", "`NAME` of the environment in samconfig.toml (default default)")
	flags.BoolVar(&c.LanguageExtensions, "language-extensions", false, "expand CloudFormation's language extensions, as SAM does when told to")
}

// oneTemplate takes the name of a template for the only argument.
func oneTemplate(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(cmd, fmt.Sprintf("%s takes one template, and %q is a second", cmd.CommandPath(), redact.Address(args[1])))
	}
	return nil
}

// nameTemplate takes the template from the arguments, if they name one.
func nameTemplate(cmd *cobra.Command, c *samtemplate.Choice, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.Template != "" {
		return usage(cmd, fmt.Sprintf("--template and %q both name the template; name it once", redact.Address(args[0])))
	}
	c.Template = args[0]
	return nil
}

// configure takes from the configuration what the flags do not say.
func configure(c *samtemplate.Choice, loaded *config.Loaded) {
	if c.Template == "" && loaded.Template != samtemplate.None {
		c.Template = loaded.Template
	}
	if len(c.Overrides) == 0 {
		setOverrides(c, loaded)
	}
}

// setOverrides takes the parameters from the configuration.
func setOverrides(c *samtemplate.Choice, loaded *config.Loaded) {
	c.Overrides = loaded.ParameterOverrides
	c.Confined = loaded.Where("parameter_overrides").Layer == config.FromFile
}

// load reads the template of a choice. Where that cannot be done, the error has
// the exit code of it; a flag that is wrong has its own.
func load(c samtemplate.Choice) (*sam.Application, error) {
	name, options, err := resolve(c)
	if err != nil {
		return nil, err
	}
	application, err := c.Load(name, options)
	if refused := new(sam.TemplateError); errors.As(err, &refused) {
		// What is wrong first is not all, and check knows the rest of the template.
		err = fmt.Errorf("%w; what else is wrong, and what to write: corsproxy check%s", err, argument(c.Show(name)))
	}
	if err != nil {
		return nil, &exitError{exitNotRun, err}
	}
	return application, nil
}

// resolve is [samtemplate.Choice.Resolve] with exit codes as those of load.
func resolve(c samtemplate.Choice) (string, sam.Options, error) {
	if c.Template == samtemplate.None {
		return "", sam.Options{}, &exitError{exitUsage, errors.New("--template: none is for serving without a template, and this command reads one; name its file, or leave the flag out for the one that SAM would take")}
	}
	if err := sam.CheckOverrides(c.Overrides); err != nil {
		return "", sam.Options{}, &exitError{exitUsage, err}
	}
	name, options, err := c.Resolve()
	if err != nil {
		return "", sam.Options{}, &exitError{exitNotRun, err}
	}
	return name, options, nil
}
