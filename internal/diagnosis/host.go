package diagnosis

import (
	"net/netip"
	"strings"
)

// dockerHost is the name under which a container of Docker or Podman reaches
// the machine that it runs on.
const dockerHost = "host.docker.internal"

// isLoopback reports whether host, without a port, is this machine by name or
// address.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
