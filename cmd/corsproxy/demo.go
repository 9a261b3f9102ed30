package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samtemplate"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/demo"
)

const demoLong = `demo starts a stand-in for SAM local with one function, POST /scanRecords, a
corsproxy before it, and a page that calls both. The page shows the failure and
the cure side by side. Nothing else is needed, and nothing leaves this machine.

With --template it mounts the routes of a template instead, by the rules of
sam local start-api: a way to try a frontend without Docker. Each route answers
with an echo of the request, which has no CORS headers but the template's.

Neither corsproxy.yaml nor variables of the environment are read: what is to be
other than by default, the flags say.`

// demoFlags are the flags of the demo command that are not the
// configuration's.
type demoFlags struct{ samtemplate.Choice }

func newDemo(w world) *cobra.Command {
	f := demoFlags{newChoice(w)}
	cmd := &cobra.Command{
		Use:   "demo [flags]",
		Short: "Show the failure and the cure in a browser, without SAM",
		Long:  demoLong,
		Example: "  corsproxy demo\n  corsproxy demo --listen 8088\n" +
			"  corsproxy demo --template template.yaml --response-headers fill",
		RunE: func(cmd *cobra.Command, _ []string) error {
			w.noteUnread()
			in := w.input(cmd.Flags())
			in.Environ, in.File = nil, config.NoFile
			if f.Template == "" {
				return runDemo(cmd.Context(), w, in)
			}
			return runTemplateDemo(cmd.Context(), w, in, f)
		},
	}
	config.AddFlags(cmd.Flags(), "listen", "cors-source", "allow-origin", "allow-method", "allow-header", "expose-header", "allow-credentials",
		"max-age", "preflight-status", "response-headers", "inspect", "log-level", "log-format")
	addChoice(cmd.Flags(), &f.Choice)
	cmd.Flags().Lookup("template").Usage = "`FILE` whose routes are mounted in place of POST /scanRecords"
	return cmd
}

// noteUnread names the variables that are set for corsproxy, which demo does
// not read.
func (w world) noteUnread() {
	var names []string
	for _, k := range config.Leaves() {
		if child.Variable(w.environ, k.Env()) != "" {
			names = append(names, k.Env())
		}
	}
	if len(names) > 0 {
		_, _ = fmt.Fprintf(w.stderr, "corsproxy: demo does not read %s; its flags: corsproxy demo --help\n", strings.Join(names, ", "))
	}
}

// runDemo serves the stand-in and the page, and the proxy between them. Ports
// that are not asked for give way where another program has them.
func runDemo(ctx context.Context, w world, in config.Input) error {
	upstream, err := listenNear(ctx, "127.0.0.1:3000")
	if err != nil {
		return err
	}
	defer func() { _ = upstream.Close() }()
	page, err := listenNear(ctx, "127.0.0.1:5173")
	if err != nil {
		return err
	}
	defer func() { _ = page.Close() }()
	in.Flags["sam-route"] = []string{demo.Route}
	choice := samtemplate.Choice{Template: samtemplate.None}
	loaded, l, err := listenBefore(ctx, in, choice, upstream)
	if err != nil {
		return err
	}
	upstreamURL, pageURL := "http://"+upstream.Addr().String(), "http://"+page.Addr().String()
	proxyURL, _ := reachable(l.Addr())
	serveDemo(ctx, upstream, demo.Upstream())
	serveDemo(ctx, page, demo.Page(upstreamURL, proxyURL))
	if err := w.introduceDemo(pageURL, demo.CurlLines(upstreamURL, proxyURL)); err != nil {
		return errors.Join(err, l.Close())
	}
	return serveOn(ctx, w, loaded, l, newKnown(choice))
}

// runTemplateDemo serves the routes of a template, and the proxy before them.
func runTemplateDemo(ctx context.Context, w world, in config.Input, f demoFlags) error {
	application, err := load(f.Choice)
	if err != nil {
		return err
	}
	if len(application.Local.Routes) == 0 {
		return &exitError{exitNotRun, fmt.Errorf("%s has no route that SAM local would mount, and SAM CLI does not start then; run corsproxy check%s", f.Template, argument(f.Template))}
	}
	upstream, err := listenNear(ctx, "127.0.0.1:3000")
	if err != nil {
		return err
	}
	defer func() { _ = upstream.Close() }()
	loaded, l, err := listenBefore(ctx, in, f.Choice, upstream)
	if err != nil {
		return err
	}
	serveDemo(ctx, upstream, demo.Mount(application.Local))
	proxyURL, _ := reachable(l.Addr())
	text := strings.Join(demo.Mounting(application.Local, "http://"+upstream.Addr().String()), "\n") +
		"\n\nCall " + proxyURL + " from a frontend; each route answers with an echo. Ctrl-C ends the demo.\n"
	if _, err := fmt.Fprintln(w.stdout, text); err != nil {
		return errors.Join(err, l.Close())
	}
	k := newKnown(f.Choice)
	k.echo = true
	return serveOn(ctx, w, loaded, l, k)
}

// listenBefore loads the configuration of a proxy before upstream, which mounts
// the template of a choice, and listens for it.
func listenBefore(ctx context.Context, in config.Input, choice samtemplate.Choice, upstream net.Listener) (*config.Loaded, net.Listener, error) {
	in.Flags["upstream"] = []string{upstream.Addr().String()}
	in.Flags["template"] = []string{choice.Template}
	if len(choice.Overrides) > 0 {
		in.Flags["parameter-overrides"] = choice.Overrides
	}
	loaded, err := config.Load(in)
	if err != nil {
		return nil, nil, err
	}
	l, err := listen(ctx, loaded)
	if _, asked := in.Flags["listen"]; err != nil && !asked {
		l, err = listenNear(ctx, loaded.Listen)
	}
	return loaded, l, err
}

// listenNear listens on address, or on any free port of its host.
func listenNear(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, _ := net.SplitHostPort(address)
	return config.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
}

// serveDemo serves on l until the caller closes it.
func serveDemo(ctx context.Context, l net.Listener, h http.Handler) {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() { _ = server.Serve(l) }()
}

func (w world) introduceDemo(pageURL string, curl []string) error {
	text := "Open " + pageURL + " in a browser, or try in another terminal; Ctrl-C ends the demo.\n\n"
	for _, line := range curl {
		text += "  " + line + "\n"
	}
	_, err := fmt.Fprintln(w.stdout, text)
	return err
}
