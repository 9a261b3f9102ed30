package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/internal/console"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// maxExplained bounds what is read of a paste, in bytes.
const maxExplained = 256 << 10

const explainLong = `explain says what is behind a line of a browser's console, or a diagnosis code:
what it means, what usually causes it with SAM local and API Gateway, and what
to paste to fix it. It reads

  - what the console of Chrome, Firefox or Safari says of a blocked request,
    several lines together, in another language as far as header names show;
  - the names that browsers' tools use: PreflightMissingAllowOriginHeader,
    CORSMissingAllowOrigin, net::ERR_FAILED, "Failed to fetch";
  - an answer of SAM local: {"message":"Missing Authentication Token"};
  - a code, its number or its name: CP3002, 3002, method-not-defined.

Where this folder has a SAM template, what is to be pasted is for its APIs.
Quote the text, or give it on standard input. Nothing is sent anywhere.

Exit codes: 0 explained, 1 nothing in the text is known, 2 a flag is wrong or
there is no text.`

func newExplain(w world) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "explain [flags] [TEXT|CODE|-]",
		Short: "Explain a console line or a diagnosis code",
		Long:  explainLong,
		Example: `  corsproxy explain CP3002
  corsproxy explain "Access to fetch at 'http://localhost:3000/items' from …"
  pbpaste | corsproxy explain
  corsproxy explain --output json PreflightInvalidStatus`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeCodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return usage(cmd, fmt.Sprintf("--output: %q is neither text nor json", output))
			}
			text, err := w.pasted(cmd, args)
			if err != nil {
				return err
			}
			return w.explain(text, output == "json")
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&output, "output", "text", "`text|json`: for people, or for programs")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// pasted returns the text to explain: the arguments, or standard input where
// there are none and nobody would have to type.
func (w world) pasted(cmd *cobra.Command, args []string) (string, error) {
	text := strings.Join(args, " ")
	if f, ok := w.stdin.(*os.File); text == "-" || text == "" && (!ok || !isTerminal(f)) {
		read, err := io.ReadAll(io.LimitReader(w.stdin, maxExplained))
		if err != nil {
			return "", fmt.Errorf("read standard input: %w", err)
		}
		text = string(read)
	}
	if strings.TrimSpace(text) == "" {
		return "", usage(cmd, "there is nothing to explain; give a line of the browser's console in quotes, or a code such as CP3002")
	}
	return text, nil
}

// explain prints what is known of a text.
func (w world) explain(text string, asJSON bool) error {
	known := explanations{codes: findCodes(text), messages: w.inTemplate(console.Read(text))}
	if known.empty() {
		return unknownText(text)
	}
	if asJSON {
		return known.writeJSON(w.stdout)
	}
	return known.writeText(w.stdout, palette(isTerminal(w.stdout) && wantsColour(w.environ)))
}

// unknownText says that nothing of a text is known, and what would be.
func unknownText(text string) error {
	text = strings.TrimSpace(text)
	if aCode.MatchString(text) {
		return fmt.Errorf("there is no code %s; docs/codes.md and docs/checks.md list all", clean(text))
	}
	return fmt.Errorf(`nothing is known of "%s". What explain reads begins like
  Access to fetch at 'http://…' from origin 'http://…' has been blocked   Chrome
  Cross-Origin Request Blocked: The Same Origin Policy disallows …        Firefox
  Origin http://… is not allowed by Access-Control-Allow-Origin           Safari
or is a name such as PreflightInvalidStatus, an answer such as
{"message":"Missing Authentication Token"}, or a code such as CP3002.
To ask the server itself: corsproxy try URL --origin http://localhost:5173`, clip(clean(text)))
}

// clip cuts a text for an error message.
func clip(text string) string {
	const longest = 100
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// completeCodes offers the codes and their names.
func completeCodes(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var all []string
	if len(args) == 0 {
		for _, info := range everyCode() {
			all = append(all, info.Code+"\t"+info.Title)
		}
		for _, info := range everyCode() {
			all = append(all, info.Name+"\t"+info.Code)
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// codeOf is what findCodes takes an answer of SAM local for.
type codeOf struct {
	text  string // of its body
	codes []diagnosis.Code
}

// answers are what SAM local says in place of a function.
var answers = []codeOf{
	{"Missing Authentication Token", []diagnosis.Code{diagnosis.Unexplained}},
	{"User is not authorized to access this resource", []diagnosis.Code{diagnosis.AuthorizerDenied}},
	{"No function defined for resource method", []diagnosis.Code{diagnosis.NoFunction}},
	{"Inline code is not supported", []diagnosis.Code{diagnosis.InlineCode}},
	{`"Unauthorized"`, []diagnosis.Code{diagnosis.NoIdentity}},
	{`"Not Found"`, []diagnosis.Code{diagnosis.HTTPAPISays404}},
	{`"Internal server error"`, []diagnosis.Code{diagnosis.FunctionFailed, diagnosis.BadFunctionResponse}},
}
