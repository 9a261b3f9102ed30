package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/redact"
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a server failed, or something that was asked for is not so
	exitUsage  = 2 // a flag or the configuration is wrong
)

// An exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error // nil where all has been said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage returns an error about the command line.
func usage(cmd *cobra.Command, text string) error {
	return &exitError{exitUsage, fmt.Errorf("%s\nRun \"%s --help\" for what there is", text, cmd.CommandPath())}
}

// run runs the command line args and returns the exit code.
func run(ctx context.Context, w world, args []string) int {
	root := newRoot(w)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var mistakes config.Mistakes
	var exit *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &mistakes):
		complain(w.stderr, mistakes)
		return exitUsage
	case !errors.As(err, &exit):
		exit = &exitError{exitFailed, err}
	}
	if exit.err != nil {
		fmt.Fprintln(w.stderr, "corsproxy: "+printable.Text(exit.err.Error()))
	}
	return exit.code
}

// complain prints the mistakes of a configuration.
func complain(w io.Writer, mistakes config.Mistakes) {
	d := diagnosis.Diagnosis{Code: diagnosis.ConfigInvalid, Detail: plural(len(mistakes), "mistake") + " in the configuration"}
	fmt.Fprintln(w, "corsproxy: "+d.String())
	for _, m := range mistakes {
		fmt.Fprintln(w, "  "+printable.Text(m.Error()))
	}
}

const rootLong = `corsproxy stands between a browser and "sam local start-api". It answers every
OPTIONS itself, turns 403 Missing Authentication Token into an error that names
its cause, and forwards everything else unchanged.`

const rootExample = `  # SAM local listens on port 3000; the frontend calls http://localhost:8080
  corsproxy

  # the same, and SAM local is started and ended with it
  corsproxy -- sam local start-api

  # other ports; :8080 is every interface, 8080 this machine alone
  corsproxy --upstream 3001 --listen :8080

  # only pages that this machine serves may send what needs a preflight, or
  # read an answer; with cookies
  corsproxy --allow-origin localhost --allow-credentials --response-headers replace

  # know the routes, and say of a 403 what is wrong with the request
  sam local start-api 2>&1 | corsproxy --sam-log -

  # see the failure and the cure in a browser, without SAM
  corsproxy demo`

const rootAfter = `Each flag is also a key of corsproxy.yaml, and a variable that is named after
the key: --allow-origin is cors.allow_origins and CORSPROXY_CORS_ALLOW_ORIGINS.
A flag overrides a variable, and a variable the file. Flags of a list may be
repeated and take commas, but for the values of --parameter-overrides.
config.example.yaml explains every setting.

Exit codes: 0 fine, 1 the server failed, 2 a flag or the configuration is
wrong, 130 ended at once by a second Ctrl-C. With a command behind --, its own:
127 where there is no such program, 126 where it cannot be run.
`

func newRoot(w world) *cobra.Command {
	root := &cobra.Command{
		Use:                        "corsproxy [flags] [-- COMMAND …]",
		Short:                      "A CORS proxy in front of sam local start-api",
		Long:                       rootLong,
		Example:                    rootExample,
		SilenceErrors:              true,
		SilenceUsage:               true,
		DisableAutoGenTag:          true,
		Version:                    versionLine(version, revision),
		Args:                       knownCommand,
		SuggestionsMinimumDistance: 2,
		ValidArgsFunction:          cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, command []string) error {
			return serve(cmd.Context(), w, w.input(cmd.Flags()), command)
		},
	}
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	config.AddFlags(root.Flags())
	completeChoices(root)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { printHelp(cmd, rootAfter) })
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newCheck(w), newCompare(w), newDemo(w), newExplain(w), newHealthcheck(w), newRoutes(w), newTry(w), newVersion(w))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch {
		case cmd.Name() == "help":
			cmd.Args = knownTopic
		case cmd.Name() == "completion":
			cmd.Args, cmd.RunE = cobra.ArbitraryArgs, shellWanted
		case cmd.Args == nil:
			cmd.Args = noArguments
		}
	}
	return root
}

// completeChoices offers the values of flags that have a choice of them.
func completeChoices(cmd *cobra.Command) {
	for _, k := range config.Leaves() {
		if k.Kind == config.Choice {
			// It fails only for a flag that does not exist.
			_ = cmd.RegisterFlagCompletionFunc(k.Flag, cobra.FixedCompletions(k.Enum, cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

// input returns what the configuration is made from.
func (w world) input(flags *pflag.FlagSet) config.Input {
	return config.Input{Dir: w.dir, Environ: w.environ, Flags: config.FlagTexts(flags)}
}

func knownCommand(cmd *cobra.Command, args []string) error {
	switch dash := cmd.ArgsLenAtDash(); {
	case dash == 0 && len(args) == 0:
		return usage(cmd, "there is no command behind --; name the one that starts the upstream, such as corsproxy -- sam local start-api")
	case dash == 0, len(args) == 0:
		return nil
	}
	text := fmt.Sprintf("unknown command %q", redact.Address(args[0]))
	if s := cmd.SuggestionsFor(args[0]); args[0] == "sam" {
		text += "; to have it started as the upstream, write corsproxy -- sam local start-api"
	} else if len(s) > 0 {
		text += "; did you mean " + strings.Join(s, " or ") + "?"
	} else if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(args[0])) {
		text += "; to name the template, write --template" + cmp.Or(argument(args[0]), " FILE")
	} else {
		text += "; corsproxy without a command serves"
	}
	return usage(cmd, text)
}

// knownTopic refuses help on a command that does not exist.
func knownTopic(cmd *cobra.Command, args []string) error {
	root := cmd.Root()
	if len(args) == 0 {
		return nil
	}
	if found, _, err := root.Find(args); err == nil && found != root {
		return nil
	}
	text := fmt.Sprintf("there is no command %q to help with", redact.Address(args[0]))
	if s := root.SuggestionsFor(args[0]); len(s) > 0 {
		text += "; did you mean " + strings.Join(s, " or ") + "?"
	}
	return usage(root, text)
}

// shellWanted refuses a completion for a shell that there is none for.
func shellWanted(cmd *cobra.Command, args []string) error {
	var shells []string
	for _, shell := range cmd.Commands() {
		shells = append(shells, shell.Name())
	}
	text := "completion takes the name of a shell"
	if len(args) > 0 {
		text = fmt.Sprintf("there is no completion for %q", args[0])
	}
	return usage(cmd, text+"; there is one for "+strings.Join(shells, ", "))
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(cmd, fmt.Sprintf("%s takes no arguments, and %q is one", cmd.CommandPath(), redact.Address(args[0])))
}

// flagError words the mistakes that the flag package finds.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return usage(cmd, config.UnknownFlag(unknown.GetSpecifiedName(), cmd.Flags()))
	case errors.As(err, &unknown):
		return usage(cmd, config.UnknownLetter(unknown.GetSpecifiedShortnames(), cmd.Flags()))
	case errors.As(err, &missing):
		f := missing.GetFlag()
		value, _ := pflag.UnquoteUsage(f)
		return usage(cmd, fmt.Sprintf("--%s needs a value: --%s %s", f.Name, f.Name, value))
	}
	return usage(cmd, err.Error())
}
