package proxy

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// guard refuses requests that this proxy is not for: a tunnel or a URL
// anywhere else, and its own requests coming back. It returns nil for all
// others.
func (p *Proxy) guard(r *http.Request) *diagnosis.Diagnosis {
	switch {
	case r.Method == http.MethodConnect:
		return refusal(diagnosis.ConnectRefused, r.RequestURI)
	case p.isLoop(r):
		return refusal(diagnosis.Loop, p.upstream.Load().url.String())
	case r.RequestURI != "" && r.RequestURI[0] != '/' && r.RequestURI != "*":
		authority, ok := authorityOf(r.RequestURI)
		if !ok || !isOwnAuthority(authority, r) {
			return refusal(diagnosis.OtherHost, authority)
		}
		r.Host = authority // it prevails over the field (RFC 9112, section 3.2.2)
	}
	return nil
}

func refusal(c diagnosis.Code, evidence string) *diagnosis.Diagnosis {
	d := diagnosis.Guard(c, evidence)
	return &d
}

// authorityOf returns the authority of a target in absolute form. It is false
// for a URL that is not http.
func authorityOf(target string) (string, bool) {
	scheme, rest, _ := strings.Cut(target, "://")
	authority := rest
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority = rest[:i]
	}
	return authority, strings.EqualFold(scheme, "http")
}

// isOwnAuthority reports whether authority names the address at which r
// arrived: the same port, and a host that means this machine.
func isOwnAuthority(authority string, r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return false
	}
	host, port, err := net.SplitHostPort(authority)
	if err != nil {
		host, port = strings.Trim(authority, "[]"), "80"
	}
	if port != portOf(at) {
		return false
	}
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.Unmap().IsLoopback() || ip.Unmap() == at.Addr().Unmap())
}

func portOf(a netip.AddrPort) string {
	_, port, _ := net.SplitHostPort(a.String())
	return port
}
