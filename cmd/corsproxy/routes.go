package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const routesLong = `routes reads a SAM template as SAM CLI does, without starting anything and
without asking AWS, and lists the routes that sam local start-api mounts, with
what a preflight gets there and when deployed. It takes the template and the
parameters that sam local start-api would take in this directory: those that
samconfig.toml names, .aws-sam/build/template.yaml, or template.yaml.

Exit codes: 0 read, 2 a flag is wrong, 3 the template could not be read: there
is none, or SAM CLI would refuse it.`

// routesFlags are the flags of the routes command.
type routesFlags struct {
	samtemplate.Choice
	output, as string
}

func newRoutes(w world) *cobra.Command {
	f := routesFlags{Choice: newChoice(w)}
	cmd := &cobra.Command{
		Use:   "routes [flags] [TEMPLATE]",
		Short: "List the routes of a SAM template",
		Long:  routesLong,
		Example: `  corsproxy routes
  corsproxy routes api/template.yaml --parameter-overrides Stage=dev
  corsproxy routes --as deployed --output json`,
		Args: oneTemplate,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := nameTemplate(cmd, &f.Choice, args); err != nil {
				return err
			}
			return listRoutes(cmd, w, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.output, "output", "table", "`table|json`: for people, or for programs")
	flags.StringVar(&f.as, "as", sam.AsLocal, "`local|deployed`: what SAM local mounts, or what AWS serves")
	addChoice(flags, &f.Choice)
	return cmd
}

func listRoutes(cmd *cobra.Command, w world, f routesFlags) error {
	if f.output != "table" && f.output != "json" {
		return usage(cmd, fmt.Sprintf("--output: %q is neither table nor json", f.output))
	}
	if f.as != sam.AsLocal && f.as != sam.AsDeployed {
		return usage(cmd, fmt.Sprintf("--as: %q is neither local nor deployed", f.as))
	}
	application, err := load(f.Choice)
	if err != nil {
		return err
	}
	if f.output == "json" {
		return application.WriteJSON(w.stdout, f.as)
	}
	for _, warning := range application.Warnings {
		_, _ = fmt.Fprintf(w.stderr, "corsproxy: warning: %s\n", clean(warning.String()))
	}
	if sam.IsBuilt(application.Template) {
		if r := samtemplate.Read(f.Choice, samtemplate.Reading{}); ahead(r) != "" {
			_, _ = fmt.Fprintf(w.stderr, "corsproxy: note: these are the routes of %s, which SAM local takes; %s\n", named(r, r.Template), ahead(r))
		}
	}
	return application.WriteTable(w.stdout, f.as, apigateway.New(application).Preflight)
}
