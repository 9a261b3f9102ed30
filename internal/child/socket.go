package child

import "net/netip"

// A Socket is a TCP socket of this machine that listens.
type Socket struct {
	Addr  netip.AddrPort
	inode string
}

// Reached returns the one of the sockets that a connection to an address of
// this machine arrives at: the most specific. It is false where none listens
// there.
func Reached(sockets []Socket, at netip.AddrPort) (Socket, bool) {
	var found Socket
	ok := false
	for _, s := range sockets {
		ip := s.Addr.Addr().Unmap()
		switch {
		case s.Addr.Port() != at.Port():
		case ip == at.Addr().Unmap():
			return s, true
		// One of :: may take IPv4 too; whether it does is not to be seen.
		case ip.IsUnspecified() && (ip.Is6() || at.Addr().Unmap().Is4()):
			found, ok = s, true
		}
	}
	return found, ok
}
