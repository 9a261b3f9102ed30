package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpWidth is the width that help texts are wrapped to.
const helpWidth = 80

// printHelp prints the help of a command: what it does, examples, usage,
// commands and flags, in this order.
func printHelp(cmd *cobra.Command, after string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", strings.TrimSpace(cmp.Or(cmd.Long, cmd.Short)))
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	fmt.Fprintf(&b, "\nUsage:\n  %s\n", cmd.UseLine())
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n\nCommands:\n", cmd.CommandPath())
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&b, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
	}
	b.WriteString("\nFlags:\n")
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			b.WriteString(flagHelp(f))
		}
	})
	if !cmd.HasParent() {
		b.WriteString("\n" + after)
	}
	_, _ = io.WriteString(cmd.OutOrStdout(), b.String())
}

// flagHelp returns a flag on a line of its own, and what it does below.
func flagHelp(f *pflag.Flag) string {
	const indent = "      "
	head := "  --" + f.Name
	if f.Shorthand != "" {
		head = "  -" + f.Shorthand + ", --" + f.Name
	}
	// A usage text may set the name of the value off with back quotes.
	value, text := pflag.UnquoteUsage(f)
	if f.NoOptDefVal == "" {
		head += " " + value
	}
	def := f.DefValue
	if list, ok := f.Value.(pflag.SliceValue); ok {
		def = strings.Join(list.GetSlice(), ",")
	}
	if def == "0s" { // a duration of nothing is how long to wait for ever
		def = "no limit"
	}
	if def != "" && def != "false" {
		text += " (default " + def + ")"
	}
	return head + "\n" + indent + strings.ReplaceAll(wrap(text, helpWidth-len(indent)), "\n", "\n"+indent) + "\n"
}

// wrap breaks text at blanks into lines of at most width bytes where it can.
func wrap(text string, width int) string {
	var b strings.Builder
	length := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case length+1+len(word) > width:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += len(word)
	}
	return b.String()
}
