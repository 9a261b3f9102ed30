package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/corsproxy/corsproxy/internal/sam"
)

const routesLong = `routes reads a SAM template as SAM CLI does, without starting anything and
without asking AWS, and lists the routes that sam local start-api mounts, with
what a preflight gets there and when deployed. It takes the template and the
parameters that sam local start-api would take in this directory: those that
samconfig.toml names, .aws-sam/build/template.yaml, or template.yaml.

Exit codes: 0 read, 1 SAM CLI would refuse the template, 2 a flag is wrong.`

// routesFlags are the flags of the routes command.
type routesFlags struct {
	template, output, as, region, environment string
	overrides                                 []string
	languageExtensions                        bool
}

func newRoutes(w world) *cobra.Command {
	var f routesFlags
	cmd := &cobra.Command{
		Use:   "routes [flags]",
		Short: "List the routes of a SAM template",
		Long:  routesLong,
		Example: `  corsproxy routes
  corsproxy routes --template api/template.yaml --parameter-overrides Stage=dev
  corsproxy routes --as deployed --output json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return listRoutes(cmd, w, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.output, "output", "table", "`table|json`: for people, or for programs")
	flags.StringVar(&f.as, "as", sam.AsLocal, "`local|deployed`: what SAM local mounts, or what AWS serves")
	f.addTo(flags)
	return cmd
}

// addTo adds the flags that say which template is read, and how.
func (f *routesFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.template, "template", "", "`FILE` to read in place of the one that SAM would take")
	flags.StringArrayVar(&f.overrides, "parameter-overrides", nil, "`KEY=VALUE` of a parameter of the template, as SAM takes it; may be repeated")
	flags.StringVar(&f.region, "region", "", "`REGION` that AWS::Region stands for")
	flags.StringVar(&f.environment, "config-env", "", "`NAME` of the environment in samconfig.toml (default default)")
	flags.BoolVar(&f.languageExtensions, "language-extensions", false, "expand CloudFormation's language extensions, as SAM does when told to")
}

func listRoutes(cmd *cobra.Command, w world, f routesFlags) error {
	if f.output != "table" && f.output != "json" {
		return usage(cmd, fmt.Sprintf("--output: %q is neither table nor json", f.output))
	}
	if f.as != sam.AsLocal && f.as != sam.AsDeployed {
		return usage(cmd, fmt.Sprintf("--as: %q is neither local nor deployed", f.as))
	}
	name, options, err := f.resolve(w.dir)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	application, err := sam.Load(name, options)
	if err != nil {
		return err
	}
	if f.output == "json" {
		return application.WriteJSON(w.stdout, f.as)
	}
	return application.WriteTable(w.stdout, f.as)
}

// resolve returns the template to read and the options to read it with: the
// flags, and below them what SAM itself would take in dir.
func (f routesFlags) resolve(dir string) (string, sam.Options, error) {
	c, err := sam.ReadConfig(dir, f.environment)
	if err != nil {
		return "", sam.Options{}, err
	}
	overrides, err := sam.ParseOverrides(f.overrides)
	if err != nil {
		return "", sam.Options{}, err
	}
	options := c.Options
	if len(overrides) > 0 {
		options.Parameters = maps.Clone(overrides)
	}
	if f.region != "" {
		options.Region = f.region
	}
	options.LanguageExtensions = options.LanguageExtensions || f.languageExtensions
	name := f.template
	switch {
	case name != "":
	case c.Template != "":
		name = c.Template
	default:
		if name, err = sam.Find(dir); errors.Is(err, fs.ErrNotExist) {
			return "", options, errors.New("there is no template here: neither .aws-sam/build/template.yaml nor template.yaml, .yml or .json; name one with --template FILE")
		} else if err != nil {
			return "", options, err
		}
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	return name, options, nil
}
