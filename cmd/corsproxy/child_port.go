package main

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
	"github.com/corsproxy/corsproxy/internal/child"
)

// A portWatch tells the server that a command starts from one that listened on
// its port before: yesterday's SAM local, say.
type portWatch struct {
	before []child.Socket // that listened before the command was started; none where the system does not say
	taken  []string       // the URLs that took connections before
}

// watchPorts looks at what listens before the command is started. Guesses are
// where it may be about to listen.
func watchPorts(ctx context.Context, guesses ...string) *portWatch {
	w := &portWatch{}
	for _, u := range guesses {
		if len(childlog.Here(u)) > 0 && knock(ctx, u, knockTimeout) == nil {
			w.taken = append(w.taken, u)
		}
	}
	w.before, _ = child.Listening() // after the others, so that it has their sockets
	return w
}

// knockTimeout bounds a connection to this machine.
const knockTimeout = time.Second

// holder names who listened at a URL before; it is empty where that is not to
// be told.
func (w *portWatch) holder(address string) string {
	for _, at := range childlog.Here(address) {
		if s, ok := child.Reached(w.before, at); ok {
			if name := s.Holder(); name != "" {
				return " (" + clean(name) + ")"
			}
		}
	}
	return ""
}

// serves returns the URL under which the command is reached that says to listen
// at address, where connections are taken. It is false where what takes them
// listened before. Own says that the command itself is to listen, and not
// another program on its behalf, such as a container engine.
func (w *portWatch) serves(p *child.Process, address string, own bool) (string, bool) {
	all, _ := child.Listening()
	var fine []netip.AddrPort
	strangers := 0
	for _, at := range childlog.Here(address) {
		s, listens := child.Reached(all, at)
		switch {
		case !listens: // another family's, or none that shows: a container engine may do it in the kernel
		case slices.Contains(w.before, s), own && !holds(p, s):
			strangers++
		default:
			fine = append(fine, at)
		}
	}
	switch {
	case strangers > 0 && len(fine) > 0: // one of the two addresses of localhost
		scheme, _, _ := strings.Cut(address, "://")
		return scheme + "://" + fine[0].String(), true
	case strangers > 0:
		return "", false
	}
	return address, len(fine) > 0 || !slices.Contains(w.taken, address)
}

// holds reports whether a process of the command's tree holds a socket, or may.
func holds(p *child.Process, s child.Socket) bool {
	own, known := p.Sockets([]child.Socket{s})
	return len(own) > 0 || !known
}

// free notes that nobody takes connections at address: who does so next is
// another.
func (w *portWatch) free(address string) {
	w.taken = slices.DeleteFunc(w.taken, func(t string) bool { return t == address })
}

// freePort returns the first port after one on which nothing listens.
func (w *portWatch) freePort(taken netip.AddrPort) uint16 {
	for port := taken.Port() + 1; port != 0; port++ {
		if _, listens := child.Reached(w.before, netip.AddrPortFrom(taken.Addr(), port)); !listens {
			return port
		}
	}
	return 3000
}
