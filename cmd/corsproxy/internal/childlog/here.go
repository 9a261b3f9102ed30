package childlog

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Here returns the addresses of this machine at which a URL is served; none
// where it names, or may name, another machine. A log may hold whatever a
// request makes a program write, so that nobody is to be led elsewhere by it.
func Here(address string) []netip.AddrPort {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return nil
	}
	var at []netip.AddrPort
	for _, ip := range ownIPs(u.Hostname()) {
		at = append(at, netip.AddrPortFrom(ip, uint16(port)))
	}
	return at
}

// ownIPs returns the addresses of this machine that host is. Of names, only
// localhost needs no name server to tell.
func ownIPs(host string) []netip.Addr {
	if strings.EqualFold(host, "localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil
	}
	if ip.Unmap().IsLoopback() {
		return []netip.Addr{ip}
	}
	own, _ := net.InterfaceAddrs() // what cannot be listed is not followed
	for _, a := range own {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Unmap() == ip.Unmap().WithZone("") {
			return []netip.Addr{ip}
		}
	}
	return nil
}
