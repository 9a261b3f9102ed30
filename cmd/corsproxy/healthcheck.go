package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
)

// healthTimeout bounds a health check as a whole.
const healthTimeout = 3 * time.Second

func newHealthcheck(w world) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck [flags]",
		Short: "Ask a running corsproxy whether it answers",
		Long: `healthcheck asks the corsproxy that runs with the same configuration whether it
answers, for HEALTHCHECK in an image, where there is no curl. It sends one
"OPTIONS *", which reaches no function, and looks for any answer.

Exit codes: 0 it answers, 1 it does not, 2 a flag or the configuration is wrong.`,
		Example: "  corsproxy healthcheck --listen :8080",
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := w.input(cmd.Flags())
			// Which upstream there is does not matter here, so none is in the way
			// of the address to ask.
			in.Flags["upstream"] = []string{"https://upstream.invalid"}
			loaded, err := config.Load(in)
			if err != nil {
				return err
			}
			return healthcheck(cmd.Context(), loaded.Listen)
		},
	}
	config.AddFlags(cmd.Flags(), config.FileFlag, "listen")
	return cmd
}

// healthcheck asks what listens on address for an answer.
func healthcheck(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if port == "0" {
		return fmt.Errorf("%s is any free port, so there is none to ask; name the port with --listen", address)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip == netip.IPv4Unspecified() {
		host = "127.0.0.1"
	} else if err == nil && ip.IsUnspecified() {
		host = "::1"
	}
	address = net.JoinHostPort(host, port)
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	r := (&http.Request{
		Method: http.MethodOptions,
		URL:    &url.URL{Scheme: "http", Host: address, Opaque: "*"},
		Header: http.Header{},
	}).WithContext(ctx)
	// No proxy from the environment, and no second request.
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	switch {
	case err == nil:
		return response.Body.Close()
	case isRefused(err):
		return fmt.Errorf("nothing listens at http://%s; start corsproxy, or name where it listens with --listen", address)
	case ctx.Err() != nil:
		return fmt.Errorf("what listens at http://%s did not answer within %v; look at corsproxy's log", address, healthTimeout)
	}
	return fmt.Errorf("no answer from http://%s, which may be another program than corsproxy: %w", address, err)
}
