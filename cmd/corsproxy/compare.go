package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/compare"
	"github.com/corsproxy/corsproxy/internal/fetch"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
)

const compareLong = `compare sends the same preflights to the local API and to the deployed one, for
each route of the template, and shows where a browser gets different answers.
The local API is the upstream: SAM local itself, or corsproxy in front of it
(--upstream 8080). Path parameters are filled in with "` + compare.Placeholder + `".

A preflight reaches no function, unless one answers OPTIONS itself. With
--requests, GET and HEAD requests are sent too, and do reach functions. Nothing
else is ever sent.

Exit codes: 0 the same, 1 differences, 2 a flag or the configuration is wrong,
3 it could not run: there is no template, or one of the two cannot be reached.`

// compareFlags are the flags of the compare command.
type compareFlags struct {
	samtemplate.Choice
	with, api, output     string
	origins, headers      []string
	credentials, requests bool
	timeout               time.Duration
}

func newCompare(w world) *cobra.Command {
	f := compareFlags{Choice: newChoice(w)}
	cmd := &cobra.Command{
		Use:   "compare [flags] --with URL",
		Short: "Show where the deployed API answers a browser differently",
		Long:  compareLong,
		Example: `  corsproxy compare --with https://abc123.execute-api.eu-west-1.amazonaws.com/Prod

  # from the deployed page, with a header of its own, GET and HEAD included
  corsproxy compare --with https://api.example.com --origin https://app.example.com \
    --header authorization --header content-type --requests --output json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return w.compare(cmd, f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.with, "with", "", "the `URL` of the deployed API, with its stage; needed")
	config.AddFlags(flags, config.FileFlag, "upstream")
	flags.StringArrayVar(&f.origins, "origin", []string{"http://localhost:5173"}, "an `ORIGIN` of a page that calls; may be repeated")
	flags.StringArrayVar(&f.headers, "header", []string{"content-type"}, "the `NAME` of a header that the page sets; may be repeated")
	flags.BoolVar(&f.credentials, "credentials", false, "the page sends cookies")
	flags.BoolVar(&f.requests, "requests", false, "send GET and HEAD requests too, which reach functions")
	flags.StringVar(&f.api, "api", "", "the logical `ID` of the API that is deployed there, where the template has several")
	flags.DurationVar(&f.timeout, "timeout", 2*time.Minute, "how long to wait in all, as a `DURATION`")
	flags.StringVar(&f.output, "output", "table", "`table|json`: for people, or for programs")
	addChoice(flags, &f.Choice)
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (w world) compare(cmd *cobra.Command, f compareFlags) error {
	deployed, err := f.check()
	if err != nil {
		return usage(cmd, err.Error())
	}
	loaded, err := config.Load(w.input(cmd.Flags()))
	if err != nil {
		return err
	}
	local, err := url.Parse(loaded.Upstream)
	if err != nil {
		return err // cannot be: the configuration has looked at it
	}
	configure(&f.Choice, loaded)
	routes, stages, notes, err := f.routes()
	if err != nil {
		return err
	}
	plan := compare.Plan{
		Local: local, Deployed: deployed, Routes: routes, Origins: f.origins, Headers: f.headers,
		Credentials: f.credentials, Requests: f.requests, Client: &fetch.Client{DialTimeout: loaded.Timeouts.Dial},
	}
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), f.timeout, fmt.Errorf("not done within %v; --timeout sets how long to wait", f.timeout))
	defer cancel()
	rows, err := compare.Run(ctx, plan)
	if err != nil {
		return &exitError{exitNotRun, w.explainUnreachable(err, local)}
	}
	notes = append(notes, afterwards(plan, rows, stages)...)
	if f.output == "json" {
		err = compare.WriteJSON(w.stdout, plan, rows)
	} else {
		err = writeComparison(w.stdout, plan, rows, notes)
	}
	if err == nil && compare.Differing(rows) > 0 {
		return &exitError{code: exitFailed}
	}
	return err
}

// check returns the URL of the deployed API, or what is wrong with the flags.
func (f compareFlags) check() (*url.URL, error) {
	if f.with == "" {
		return nil, errors.New("--with is missing; it is the URL of the deployed API, with its stage: --with https://abc123.execute-api.eu-west-1.amazonaws.com/Prod")
	}
	u, err := url.Parse(f.with)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("--with: %q is no URL; write %s", redact.Address(f.with), repairedURL(f.with))
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return nil, fmt.Errorf("--with: %q has more than a host and a path; write %q", redact.Address(f.with), u.Scheme+"://"+u.Host+u.Path)
	case f.output != "table" && f.output != "json":
		return nil, fmt.Errorf("--output: %q is neither table nor json", f.output)
	}
	for _, o := range f.origins {
		if err := checkOrigin(o); err != nil {
			return nil, err
		}
	}
	for _, name := range f.headers {
		switch {
		case strings.Contains(name, ":"):
			return nil, fmt.Errorf("--header: compare takes names alone; write %q", strings.TrimSpace(name[:strings.Index(name, ":")]))
		case !httpguts.ValidHeaderFieldName(name):
			return nil, fmt.Errorf("--header: %q is no name of a header", name)
		case browser.Forbidden(name, ""):
			return nil, fmt.Errorf("--header: a browser lets no script set %s", name)
		}
	}
	return u, nil
}

// repairedURL is what a URL without a scheme is meant for. This machine has no
// certificate.
func repairedURL(text string) string {
	text = redact.WithoutUser(text)
	if u, err := url.Parse(text); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" {
		return strconv.Quote(u.Scheme + "://" + u.Host + u.Path) // what stood before made it none
	}
	text = onLocalhost(text)
	host, path, _ := strings.Cut(text, "/")
	u, err := url.Parse("https://" + host)
	if err != nil || u.Hostname() == "" || strings.HasSuffix(host, ":") {
		return "https:// and a host"
	}
	if name := u.Hostname(); name == "localhost" || strings.HasPrefix(name, "127.") {
		u.Scheme = "http"
	}
	return strconv.Quote(redact.Address(strings.TrimSuffix(u.String()+"/"+path, "/")))
}

// routes returns the routes to ask for: those that are deployed, and those
// that SAM local mounts beside them. It also returns the stages of the APIs.
func (f compareFlags) routes() (all []sam.Route, stages, notes []string, err error) {
	application, err := load(f.Choice)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, api := range application.Deployed {
		if f.api == "" || api.ID == f.api {
			stages = append(stages, api.NamedStages()...)
		}
	}
	var apis []string
	for _, as := range []string{sam.AsDeployed, sam.AsLocal} {
		routes, err := application.Routes(as)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, r := range routes {
			if !slices.Contains(apis, r.API) {
				apis = append(apis, r.API)
			}
			known := slices.ContainsFunc(all, func(o sam.Route) bool { return o.Method == r.Method && o.Path == r.Path })
			if !known && (f.api == "" || r.API == f.api) {
				all = append(all, r)
			}
		}
	}
	switch {
	case f.api != "" && !slices.Contains(apis, f.api):
		return nil, nil, nil, &exitError{exitUsage, fmt.Errorf("--api: the template has no API %q; it has %s", f.api, strings.Join(apis, ", "))}
	case len(all) == 0:
		return nil, nil, nil, &exitError{exitNotRun, fmt.Errorf("%s has no routes", f.Show(application.Template))}
	case f.api == "" && len(apis) > 1:
		notes = append(notes, fmt.Sprintf("the template has %d APIs (%s), and one URL has one of them: --api says which", len(apis), strings.Join(apis, ", ")))
	}
	return all, stages, notes, nil
}

// afterwards returns what is to be said of the answers as a whole.
func afterwards(p compare.Plan, rows []compare.Row, stages []string) []string {
	var notes []string
	if names := compare.Unimportant(rows); len(names) > 0 {
		notes = append(notes, "some answers also differ in "+strings.Join(names, ", ")+", which changes nothing for these pages; --output json has it")
	}
	refused := func(r compare.Row) bool {
		return r.Deployed.Status == http.StatusForbidden || r.Deployed.Status == http.StatusNotFound
	}
	all := len(rows) > 0 && !slices.ContainsFunc(rows, func(r compare.Row) bool { return !refused(r) })
	if all && strings.Trim(p.Deployed.Path, "/") == "" && len(stages) > 0 {
		notes = append(notes, fmt.Sprintf("the deployed API refuses all of them; is its stage missing? --with %s", shell.Word(p.Deployed.JoinPath(stages[0]).Redacted())))
	}
	return notes
}

// explainUnreachable says what to do where SAM local does not answer.
func (w world) explainUnreachable(err error, local *url.URL) error {
	var unreachable *compare.UnreachableError
	if errors.As(err, &unreachable) && unreachable.Base == local {
		if local.Scheme == "https" { // no case for a plain sam local start-api
			return fmt.Errorf("%w; start it, or name another with --upstream", err)
		}
		another := "another"
		if file, port := w.configuredPort(local.String()); port != "" && isLocal(local.String()) {
			another = port + ", the port that " + file + " has SAM local listen on,"
		}
		return fmt.Errorf("%w; start it with %s, or name %s with --upstream", err, w.startCommand(local.String()), another)
	}
	return err
}

// writeComparison writes the table with what stands around it.
func writeComparison(w io.Writer, p compare.Plan, rows []compare.Row, notes []string) error {
	fmt.Fprintf(w, "local     %s\ndeployed  %s\nasking    for %s", clean(p.Local.Redacted()), clean(p.Deployed.Redacted()), clean(strings.Join(p.Headers, ", ")))
	if p.Credentials {
		fmt.Fprint(w, ", with credentials")
	}
	fmt.Fprint(w, "\n\n")
	if err := compare.WriteTable(w, rows); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s, %d different to a browser\n", plural(len(rows), "question"), compare.Differing(rows))
	for _, n := range notes {
		fmt.Fprintf(w, "note: %s\n", clean(n))
	}
	return nil
}
