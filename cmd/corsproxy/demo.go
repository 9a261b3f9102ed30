package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/demo"
)

const demoLong = `demo starts a stand-in for SAM local with one function, POST /scanRecords, a
corsproxy before it, and a page that calls both. The page shows the failure and
the cure side by side. Nothing else is needed, and nothing leaves this machine.`

func newDemo(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "demo [flags]",
		Short:   "Show the failure and the cure in a browser, without SAM",
		Long:    demoLong,
		Example: "  corsproxy demo\n  corsproxy demo --listen 8088",
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := w.input(cmd.Flags())
			in.Environ, in.File = nil, config.NoFile
			return runDemo(cmd.Context(), w, in)
		},
	}
	config.AddFlags(cmd.Flags(), "listen", "allow-origin", "log-level", "log-format")
	return cmd
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
	in.Flags["upstream"] = []string{upstream.Addr().String()}
	in.Flags["sam-route"] = []string{demo.Route}
	loaded, err := config.Load(in)
	if err != nil {
		return err
	}
	l, err := listen(ctx, loaded)
	if _, asked := in.Flags["listen"]; err != nil && !asked {
		l, err = listenNear(ctx, loaded.Listen)
	}
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
	return serveOn(ctx, w, loaded, l)
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
