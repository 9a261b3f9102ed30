package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/child"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// startsSAM reports whether the command's own program is SAM CLI, which listens
// itself.
func (c *upstreamChild) startsSAM() bool {
	return c.isSAM && childlog.Program(c.command.Args) == "sam"
}

// toldAddress returns the URL on which a command is told to listen, by its
// arguments or, for SAM local, by its configuration; "" where that is not known.
func toldAddress(w world, args []string) string {
	if !childlog.IsSAM(args) {
		return childlog.FromCommand(args, w.environ)
	}
	told := childlog.ReadSAM(args)
	configured, err := toldChoice(w, told).Config()
	if err != nil {
		return "" // SAM says so, too
	}
	if configured.Nowhere { // SAM says so, too, unless its arguments name a port
		return told.Address(configured.Host, "")
	}
	return told.Address(configured.Host, cmp.Or(configured.Port, "3000"))
}

// checkPort refuses to start SAM local where its port is taken. It would print
// its Mounting lines and end, and what has the port would get its requests.
func (c *upstreamChild) checkPort() error {
	if !c.startsSAM() || c.told == "" || !slices.Contains(c.ports.taken, c.told) {
		return nil
	}
	at := childlog.Here(c.told)
	if len(at) == 0 {
		return nil
	}
	port := at[0].Port()
	d := diagnosis.Diagnosis{Code: diagnosis.PortInUse, Detail: fmt.Sprintf(
		"something listens at %s already%s, where SAM local is to listen; if that is SAM local, use it: start corsproxy with --upstream %d in place of the command; otherwise end it, or start SAM local with --port %d in place of %d",
		c.told, c.ports.holder(c.told), port, c.ports.freePort(at[0]), port)}
	return &exitError{exitFailed, errors.New(d.String())}
}

// maxNamed bounds the addresses that are tried.
const maxNamed = 32

// nameAddress notes an address that the log names. The last ones are kept: a
// program says that it listens when it has told all else.
func (c *upstreamChild) nameAddress(u string) {
	here := len(childlog.Here(u)) > 0
	c.mu.Lock()
	if here && c.address != "" {
		c.moved = u
		if portOf(u) == portOf(c.address) {
			c.moved = ""
		}
	}
	switch {
	case !here && c.elsewhere == "":
		c.elsewhere = u
	case here && !slices.Contains(c.named, u):
		c.named = append(c.named, u)
		c.named = c.named[max(0, len(c.named)-maxNamed):]
	}
	c.mu.Unlock()
	c.compare()
}

// mount notes that SAM local has mounted routes, at an address that its lines
// name.
func (c *upstreamChild) mount() {
	c.mu.Lock()
	c.mounted = true
	c.mu.Unlock()
	c.compare()
}

// compare says, once, that SAM local listens elsewhere than --upstream says.
func (c *upstreamChild) compare() {
	c.mu.Lock()
	other := ""
	if c.startsSAM() && c.mounted && c.given != "" && len(c.named) > 0 && !c.compared {
		c.compared = true
		if !slices.ContainsFunc(c.named, c.isGiven) {
			other = c.named[0]
		}
	}
	c.mu.Unlock()
	if other != "" {
		c.log.warn(clean(fmt.Sprintf("SAM local listens at %s, and --upstream names %s, to which requests go; leave out --upstream, or write --upstream %s", other, c.given, portOf(other))))
	}
}

// isGiven reports whether a URL is where --upstream leads.
func (c *upstreamChild) isGiven(u string) bool {
	return portOf(u) == portOf(c.given) && len(childlog.Here(c.given)) > 0
}

// portOf returns the port of a URL that has one.
func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
}

// candidates returns where the command may take connections, the likeliest
// first.
func (c *upstreamChild) candidates() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isSAM && !c.mounted {
		return nil
	}
	if c.given != "" {
		return []string{c.given}
	}
	var out []string
	said := slices.Clone(c.named)
	if !c.isSAM || len(said) == 0 {
		said = append(said, c.told)
	}
	for _, u := range said {
		if u != "" && len(childlog.Here(u)) > 0 && !config.Reaches(u, c.listen) {
			out = append(out, u)
		}
	}
	return out
}

// probeInterval is how often a command that starts is looked at.
const probeInterval = 50 * time.Millisecond

// nowhereNotice is how often a command that takes no requests is looked at, for
// what keeps it from doing so.
const nowhereNotice = 5 * time.Second

// probe opens the gate when the command takes connections.
func (c *upstreamChild) probe(ctx context.Context) {
	tick := time.NewTicker(probeInterval)
	defer tick.Stop()
	notice := time.NewTicker(nowhereNotice)
	defer notice.Stop()
	for {
		for _, address := range c.candidates() {
			if c.probeAt(ctx, address) {
				return
			}
		}
		select {
		case <-tick.C:
		case <-notice.C:
			if c.sayNowhere() {
				notice.Stop()
			}
		case <-ctx.Done():
			return
		}
	}
}

// sayNowhere says that requests wait for an address, and what to do, where it is
// time to. It reports whether it was.
func (c *upstreamChild) sayNowhere() bool {
	s := c.state()
	c.mu.Lock()
	ran, mounted := time.Since(c.started), c.mounted
	c.mu.Unlock()
	if !c.noticeDue(s, ran, mounted) {
		return false
	}
	d := s.NotReady()
	lead, command, _ := strings.Cut(d.Hints[0], "\n")
	c.log.diagnose(d.Code, clean(d.Detail)+"; "+clean(strings.TrimSpace(lead+" "+command)))
	return true
}

// noticeDue reports whether it is to be said of a command that has run for a
// while why it takes no requests. What its output does not name it may name
// yet: a script may start SAM local, which takes 15 seconds and more, or several
// servers. So half of the time is left to it that requests wait.
func (c *upstreamChild) noticeDue(s diagnosis.Child, ran time.Duration, mounted bool) bool {
	late := ran >= c.gate.timeout/2
	switch {
	case s.Restarts:
		return late && s.Upstream == ""
	case s.Taken != "":
		return true
	case s.Upstream != "": // of SAM local itself, compare has said it
		return s.Says != "" && !c.startsSAM() && (late || mounted)
	}
	return late || s.Elsewhere != "" || s.PortBy == diagnosis.PortHeld
}

// probeAt opens the gate if the command takes connections at address.
func (c *upstreamChild) probeAt(ctx context.Context, address string) bool {
	if knock(ctx, address, knockTimeout) != nil {
		c.ports.free(address)
		return false
	}
	served, ok := c.ports.serves(c.current(), address, c.startsSAM())
	switch {
	case ctx.Err() != nil: // it was told to end meanwhile: a busy system takes a second
		return false
	case ok:
		address = served
	case c.given == "" || c.startsSAM() && c.ownAddress(address):
		c.mu.Lock()
		c.stranger = address
		c.mu.Unlock()
		return false
	default: // --upstream may mean what listens there, a front of the command's
		c.log.warn(clean(fmt.Sprintf("something listened at %s%s before %s was started; requests go to it, since --upstream names it", address, c.ports.holder(address), c.name)))
	}
	c.ready(address)
	return true
}

// ownAddress reports whether a URL is one that SAM local says it listens at.
func (c *upstreamChild) ownAddress(address string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.named, func(u string) bool { return portOf(u) == portOf(address) })
}

// movedTo returns the address that the log has named since the command was ready,
// where connections are taken; "" where there is none. A request may have had it
// written there, so nothing is sent to it.
func (c *upstreamChild) movedTo() string {
	c.mu.Lock()
	address := c.moved
	c.mu.Unlock()
	if address == "" || c.given != "" || config.Reaches(address, c.listen) || knock(context.Background(), address, evidencePatience) != nil {
		return ""
	}
	return address
}

// likelyPort returns the port of the command where its address is not known, and
// what tells it; "" where nothing does. A busy system takes a second to say who
// listens.
func (c *upstreamChild) likelyPort() (string, diagnosis.PortSource) {
	if p := c.current(); p != nil {
		all, _ := child.Listening()
		if own, _ := p.Sockets(all); len(own) == 1 {
			return fmt.Sprint(own[0].Addr.Port()), diagnosis.PortHeld
		}
	}
	if port := childlog.PortAmong(redact.Command(c.command.Args)); port != "" { // no PIN of four digits
		return port, diagnosis.PortArgument
	}
	configured, _ := sam.ReadConfig(c.command.Dir, "") // one that cannot be read tells nothing
	if port := portOf(childlog.SAMLocal{}.Address(configured.Host, configured.Port)); port != "" {
		return port, diagnosis.PortSAMConfig
	}
	return "", ""
}
