package policy

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// The entries of AllowOrigins that are words.
const (
	originLoopback = "localhost"
	originNull     = "null"
)

// An origin is a tuple origin as browsers serialise it (HTML standard,
// "ASCII serialization of an origin").
type origin struct {
	scheme string
	host   string
	port   string // "" where it is the default
}

// parseOrigin parses a tuple origin, strictly: what it accepts is what a
// browser may send, byte for byte.
func parseOrigin(s string) (origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !isScheme(scheme) {
		return origin{}, false
	}
	o := origin{scheme: scheme, host: rest}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		o.host, o.port = rest[:i], rest[i+1:]
		if !isPort(o.port) || o.port == defaultPort(scheme) {
			return origin{}, false
		}
	}
	if o.web() {
		ok = isWebHost(o.host)
	} else {
		ok = isOpaqueHost(o.host)
	}
	return o, ok
}

// web reports whether the origin is that of a page that a server sent.
func (o origin) web() bool { return o.scheme == "http" || o.scheme == "https" }

// loopback reports whether only this machine can have served the origin's
// pages (RFC 6761, section 6.3, and RFC 1122, section 3.2.1.3).
func (o origin) loopback() bool {
	if !o.web() {
		return false
	}
	if o.host == "localhost" || o.host == "[::1]" || strings.HasSuffix(o.host, ".localhost") {
		return true
	}
	if !strings.HasPrefix(o.host, "127.") {
		return false
	}
	addr, err := netip.ParseAddr(o.host)
	return err == nil && addr.IsLoopback()
}

func defaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

func isScheme(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && (i == 0 || strings.IndexByte("+-.", c) < 0) {
			return false
		}
	}
	return s != "" && s != "file" && s != "ws" && s != "wss" && s[0] >= 'a'
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0 && s[0] != '0' && s[0] != '+'
}

// isOpaqueHost reports whether s can be the host of an origin whose scheme is
// an application's: an extension's identifier, a name, or the "." of app://.
func isOpaqueHost(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && strings.IndexByte("-._~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isWebHost reports whether s is a domain in ASCII, an IPv4 address or an IPv6
// address in brackets, as the URL standard serialises them.
func isWebHost(s string) bool {
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		return ok && inner != "" && inner == canonicalIPv6(inner)
	}
	if len(s) > 253 {
		return false
	}
	label, last := 0, 0 // where the current and the last full label begin
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if i == label {
				return false
			}
			label = i + 1
		case !isAlphanumeric(c) && c != '-' && c != '_':
			return false
		default:
			last = label
		}
	}
	if s == "" || !endsInNumber(strings.TrimSuffix(s[last:], ".")) {
		return s != ""
	}
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// endsInNumber reports whether a host whose last label is label is parsed as
// an IPv4 address (URL standard, "ends-in-a-number checker").
func endsInNumber(label string) bool {
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		label, digits = hex, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}

// canonicalIPv6 returns the address as browsers write it, or "" if s is none.
func canonicalIPv6(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil || !addr.Is6() || addr.Zone() != "" {
		return ""
	}
	if addr.Is4In6() { // which netip writes with dots
		b := addr.As16()
		return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
	}
	return addr.String()
}

// An originSet is the parsed form of AllowOrigins. Its time to answer is flat
// in the number of entries.
type originSet struct {
	any      bool
	null     bool
	loopback bool
	exact    map[string]struct{}
	ports    map[origin]struct{} // any port: the key has none
	domains  map[origin]struct{} // sub-domains: the host is ".example.com"
	sample   string              // an origin that is allowed, or "" where none can be told
}

// anyPort is the port of the entries that allow all.
const anyPort = "*"

func newOriginSet(entries []string) *originSet {
	s := &originSet{
		exact:   make(map[string]struct{}),
		ports:   make(map[origin]struct{}),
		domains: make(map[origin]struct{}),
	}
	for _, entry := range entries {
		s.add(entry)
	}
	return s
}

// add adds an entry and reports whether it is one.
func (s *originSet) add(entry string) bool {
	example := entry
	switch entry {
	case wildcard:
		s.any = true
	case originNull:
		s.null = true
	case originLoopback:
		s.loopback, example = true, "http://localhost"
	default:
		base, ports := strings.CutSuffix(entry, ":"+anyPort)
		scheme, domain, subdomains := strings.Cut(base, "://*.")
		if subdomains {
			base = scheme + "://" + domain
		}
		o, ok := parseOrigin(base)
		if !ok || ports && o.port != "" {
			return false
		}
		switch {
		case subdomains:
			if !o.web() || o.host[0] == '[' || endsInNumber(o.host[strings.LastIndexByte(o.host, '.')+1:]) {
				return false
			}
			o.host, example = "."+o.host, ""
			if ports {
				o.port = anyPort
			}
			s.domains[o] = struct{}{}
		case ports:
			s.ports[o], example = struct{}{}, base
		default:
			s.exact[entry] = struct{}{}
		}
	}
	if s.sample == "" {
		s.sample = example
	}
	return true
}

// contains reports whether the set has an origin, as it stands in a request.
func (s *originSet) contains(text string) bool {
	if s.any {
		return true
	}
	if text == originNull {
		return s.null
	}
	if _, ok := s.exact[text]; ok {
		return true
	}
	if !s.loopback && len(s.ports) == 0 && len(s.domains) == 0 {
		return false
	}
	o, ok := parseOrigin(text)
	if !ok {
		return false
	}
	if s.loopback && o.loopback() {
		return true
	}
	if _, ok := s.ports[origin{scheme: o.scheme, host: o.host}]; ok {
		return true
	}
	return len(s.domains) > 0 && s.containsDomain(o)
}

// containsDomain reports whether the origin's host is below a domain whose
// sub-domains are allowed. A host has at most 127 labels.
func (s *originSet) containsDomain(o origin) bool {
	for i := 1; i < len(o.host); i++ {
		if o.host[i] != '.' {
			continue
		}
		if _, ok := s.domains[origin{o.scheme, o.host[i:], o.port}]; ok {
			return true
		}
		if _, ok := s.domains[origin{o.scheme, o.host[i:], anyPort}]; ok {
			return true
		}
	}
	return false
}
