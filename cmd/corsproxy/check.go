package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/sam"
)

const checkLong = `check reads a SAM template and finds what works with sam local start-api and
fails when AWS deploys it, and the reverse: each with its place, what follows
from it, and what to write instead. Nothing is started, and AWS is not asked.
Where there is a corsproxy.yaml with a CORS policy, it also says what that
allows and the template does not.

A comment on a line of the template, "# corsproxy:ignore CP6004", silences the
finding. docs/checks.md explains every code.

Exit codes: 0 nothing found, 1 something found, 2 a flag or the configuration is
wrong, 3 the template could not be read.`

// exitNotRun is the exit code of a check that could not run.
const exitNotRun = 3

// checkFlags are the flags of the check command.
type checkFlags struct {
	samtemplate.Choice
	format, severity string
}

func newCheck(w world) *cobra.Command {
	f := checkFlags{Choice: newChoice(w)}
	cmd := &cobra.Command{
		Use:   "check [flags] [TEMPLATE]",
		Short: "Find what differs between SAM local and AWS",
		Long:  checkLong,
		Example: `  corsproxy check
  corsproxy check api/template.yaml --parameter-overrides Stage=dev
  corsproxy check --severity warning
  corsproxy check --format sarif > corsproxy.sarif`,
		Args: oneTemplate,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := nameTemplate(cmd, &f.Choice, args); err != nil {
				return err
			}
			return runCheck(cmd, w, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", check.FormatText, "`text|json|sarif`: for people, for programs, or for code review")
	flags.StringVar(&f.severity, "severity", string(check.SeverityInfo), "`error|warning|info|hint`: the least that is shown and counted")
	config.AddFlags(flags, config.FileFlag)
	addChoice(flags, &f.Choice)
	return cmd
}

func runCheck(cmd *cobra.Command, w world, f checkFlags) error {
	if !slices.Contains(check.Formats(), f.format) {
		return usage(cmd, fmt.Sprintf("--format: %q is none of %s", f.format, strings.Join(check.Formats(), ", ")))
	}
	if !slices.Contains(check.Severities(), check.Severity(f.severity)) {
		return usage(cmd, fmt.Sprintf("--severity: %q is none of error, warning, info, hint", f.severity))
	}
	loaded, err := config.Load(w.input(cmd.Flags()))
	if err != nil {
		return err
	}
	configure(&f.Choice, loaded)
	name, options, err := resolve(f.Choice)
	if err != nil {
		return err
	}
	findings, err := check.Run(check.Options{Template: name, SAM: options, Config: configuredPolicy(loaded)})
	if err != nil {
		return &exitError{exitNotRun, err}
	}
	findings = check.AtLeast(findings, check.Severity(f.severity))
	if len(findings) == 0 && f.format == check.FormatText {
		_, _ = fmt.Fprintf(w.stderr, "%s: nothing found\n", clean(f.Show(name)))
	}
	colour := isTerminal(w.stdout) && wantsColour(w.environ)
	if err := check.Write(w.stdout, f.format, findings, colour); err != nil {
		return &exitError{exitNotRun, err}
	}
	if len(findings) > 0 && f.format == check.FormatText {
		if note := generated(f.Choice, name, options); note != "" {
			_, _ = fmt.Fprintf(w.stderr, "note: %s\n", note)
		}
	}
	if len(findings) > 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}

// generated says where changes of a template belong that another program writes, or
// "".
func generated(c samtemplate.Choice, name string, o sam.Options) string {
	shown := clean(c.Show(name))
	switch built := sam.IsBuilt(name); {
	case sam.IsSynthesized(name) && built:
		return shown + " looks like what cdk synth and sam build have written; make the changes in the CDK app, and run both"
	case sam.IsSynthesized(name):
		return shown + " looks like what cdk synth has written; make the changes in the CDK app, and run cdk synth"
	case built:
		into := unknownSource
		if source, err := sam.FindSource(name, o.Source); err == nil {
			into = clean(c.Show(source))
		}
		return fmt.Sprintf("%s is what sam build has written; write the changes into %s, and run sam build", shown, into)
	}
	return ""
}

// configuredPolicy returns the policy of a configuration that has one, or nil: what
// nobody chose is not worth a comparison, and what is answered by another
// source has none.
func configuredPolicy(l *config.Loaded) *check.Config {
	chosen := slices.ContainsFunc(config.Leaves(), func(k config.Key) bool {
		return strings.HasPrefix(k.Path, "cors.allow_") && l.Where(k.Path).Layer != config.FromDefault
	})
	if !chosen || l.CORS.Source != config.Default().CORS.Source {
		return nil
	}
	return &check.Config{
		AllowOrigins: l.CORS.AllowOrigins, AllowMethods: l.CORS.AllowMethods, AllowHeaders: l.CORS.AllowHeaders,
		ExposeHeaders: l.CORS.ExposeHeaders, AllowCredentials: l.CORS.AllowCredentials,
	}
}
