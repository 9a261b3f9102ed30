package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/proxy"
)

// An inspection is the inspector at work on its listener. Nil is one that is
// off.
type inspection struct {
	*inspect.Inspector
	listener net.Listener
	starts   bool // corsproxy starts the upstream
}

// openInspector opens the listener of the inspector, where it is on. The proxy
// is reached at the address at, and its upstream where that says.
func openInspector(ctx context.Context, c *config.Loaded, at net.Addr, upstream *upstreamNow) (*inspection, error) {
	if c.Inspect.Listen == "" {
		return nil, nil
	}
	l, err := listenFor(ctx, c.Inspect.Listen, "--inspect")
	if err != nil {
		return nil, err
	}
	url, _ := reachable(at)
	return &inspection{listener: l, starts: upstream.child != nil, Inspector: inspect.New(inspect.Config{
		Listen:   c.Inspect.Listen,
		ProxyURL: url,
		Upstream: upstream.address,
		Version:  strings.TrimPrefix(strings.TrimSpace(versionLine(version, revision)), "corsproxy "),
		Ready:    upstream.ready,
	})}, nil
}

// An upstreamNow says where the upstream is.
type upstreamNow struct {
	configured string
	child      *upstreamChild // nil where corsproxy starts none
}

// address returns the upstream's URL; of a command that is not ready, the one
// that it is expected at.
func (u *upstreamNow) address() string {
	if u.child == nil {
		return u.configured
	}
	return cmp.Or(u.child.state().Upstream, u.child.name)
}

// ready returns why the upstream takes no connections.
func (u *upstreamNow) ready(ctx context.Context) error {
	if u.child == nil {
		return knock(ctx, u.configured, readyTimeout)
	}
	address := u.child.readyAt()
	if address == "" {
		return fmt.Errorf("%s is not ready", u.child.name)
	}
	return knock(ctx, address, readyTimeout)
}

// endReplays ends what the inspector sends to the proxy.
func (i *inspection) endReplays() {
	if i != nil {
		i.EndReplays()
	}
}

// readyTimeout is how long the upstream may take to accept a connection before
// it counts as not ready.
const readyTimeout = 2 * time.Second

// close ends the inspector.
func (i *inspection) close() {
	if i != nil {
		i.Shutdown()
		_ = i.listener.Close() // where it has not been served
	}
}

// begin tells the inspector what it begins with, and adds it to those who are
// told of exchanges.
func (i *inspection) begin(c *proxy.Config, loaded *config.Loaded) {
	if i == nil {
		return
	}
	i.SetRules(c.Rules)
	i.setConfig(loaded)
	log := c.Observe
	c.Record = i.Recorder()
	c.Observe = func(x *proxy.Exchange) {
		i.Observe(*x)
		log(x)
	}
}

// setRules returns set with the inspector told.
func (i *inspection) setRules(set func(proxy.Rules) error) func(proxy.Rules) error {
	if i == nil {
		return set
	}
	return func(r proxy.Rules) error {
		err := set(r)
		if err == nil {
			i.SetRules(r)
		}
		return err
	}
}

// setConfig shows the configuration as it is now.
func (i *inspection) setConfig(c *config.Loaded) {
	if i != nil {
		settings := settingsOf(c)
		if i.starts && c.Where("upstream").Layer == config.FromDefault {
			at := slices.IndexFunc(settings, func(s inspect.Setting) bool { return s.Key == "upstream" })
			settings[at].Value, settings[at].From = "where the command listens", "the command behind --"
		}
		i.SetSettings(settings)
	}
}

// serve serves the inspector until it is closed.
func (i *inspection) serve(log *logger) {
	if err := i.Serve(i.listener); err != nil && !errors.Is(err, net.ErrClosed) {
		log.warn("the inspector has ended: " + clean(err.Error()))
	}
}

// announce says where the inspector is, and warns where others can open it.
func (i *inspection) announce(log *logger) {
	if i == nil {
		return
	}
	at := i.listener.Addr()
	address, _ := reachable(at)
	log.banner("inspector  "+address, "the inspector is at "+address, zap.String("inspector", at.String()))
	log.warnOfPort(at, "the inspector", "--inspect 4040")
	if host, err := netip.ParseAddrPort(at.String()); err == nil && !host.Addr().Unmap().IsLoopback() {
		log.warn(fmt.Sprintf("the inspector listens on %s: whoever can connect to it can read all that goes through the proxy, and replay it; --inspect %d keeps it to this machine",
			at, host.Port()))
	}
}
