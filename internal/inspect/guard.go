package inspect

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// tokenHeader carries the token. A site that does not know the token cannot
// send it, and one that knows it cannot either: the header would need a
// preflight, and no preflight is ever answered.
const tokenHeader = "X-Corsproxy-Inspector"

// contentPolicy lets the page load its own files and call its own server, and
// nothing else. Nothing in it may turn a string into markup.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// protect sets what each answer says about its use.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Permissions-Policy", "clipboard-write=(self)")
}

// A refusal says why a request is not answered.
type refusal struct {
	status int
	why    string
}

// guard refuses what may come from another site.
func (in *Inspector) guard(r *http.Request) *refusal {
	if !in.isOwnHost(r) {
		return &refusal{http.StatusMisdirectedRequest, fmt.Sprintf(
			"The inspector does not answer to the host %q: another site could use that name to read what is here (DNS rebinding). Open it under 127.0.0.1 or localhost, or give --inspect the name.", r.Host)}
	}
	if origin := r.Header.Get("Origin"); origin != "" && !strings.EqualFold(origin, "http://"+r.Host) {
		return &refusal{http.StatusForbidden, fmt.Sprintf("The inspector does not answer to pages of %q, only to its own.", origin)}
	}
	// A browser says where a request comes from (Fetch Metadata). A link from
	// another site may open the page, which tells that site nothing.
	switch site := r.Header.Get("Sec-Fetch-Site"); {
	case site == "" || site == "same-origin" || site == "none":
	case r.URL.Path == "/" && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document":
	default:
		return &refusal{http.StatusForbidden, "The inspector answers only to its own page, and this request was sent by another."}
	}
	return nil
}

// isOwnHost reports whether the Host of r is a name of this server that no
// other site can have: an address of loopback, localhost, the host that is
// configured, or the address at which r arrived.
func (in *Inspector) isOwnHost(r *http.Request) bool {
	host := hostOnly(r.Host)
	if host == "" {
		return false
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if configured := hostOnly(in.config.Listen); configured != "" && host == configured {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if ip = ip.Unmap(); ip.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && at.Addr().Unmap().WithZone("") == ip.WithZone("")
}

// hostOnly returns the host of an authority in lower case, without its port.
func hostOnly(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(authority, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// hasToken reports whether r comes from a page that this server has given out
// since its start.
func (in *Inspector) hasToken(r *http.Request) bool {
	return subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(in.token)) == 1
}
