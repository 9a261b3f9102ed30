package browser

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// errURL is what a browser cannot parse as a URL.
var errURL = errors.New("not a URL")

// special are the schemes whose URLs have a host (URL standard, "special
// scheme").
func special(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp", "file":
		return true
	}
	return false
}

// ParseURL parses an absolute URL as browsers do.
func ParseURL(s string) (*url.URL, error) { return parseURL(nil, s) }

// validURL reports whether a browser can parse an absolute URL.
func validURL(s string) bool {
	_, err := parseURL(nil, s)
	return err == nil
}

// parseURL parses s as browsers do (URL standard, "basic URL parser"), as far as
// it matters here: which scheme, user, host and port it has, and whether it
// fails. It forgives what net/url does not: spaces, backslashes, a stray
// percent sign, any character in a path.
func parseURL(base *url.URL, s string) (*url.URL, error) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return resolve(base, s)
	}
	if !special(scheme) {
		return parseOpaque(scheme, rest)
	}
	main, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(main, "?")
	path = strings.ReplaceAll(path, `\`, "/")
	if base != nil && base.Scheme == scheme && !strings.HasPrefix(path, "//") {
		return resolve(base, rest) // "http:path" is relative to a base of its scheme
	}
	trimmed := strings.TrimLeft(path, "/")
	if scheme == "file" {
		return &url.URL{Scheme: scheme, Path: "/" + trimmed}, nil
	}
	authority, path, _ := strings.Cut(trimmed, "/")
	u := &url.URL{Scheme: scheme, RawQuery: escapeQuery(query), ForceQuery: hasQuery && query == ""}
	if hasFragment {
		u.Fragment = fragment
	}
	setPath(u, "/"+path)
	return u, setAuthority(u, authority)
}

// cutScheme parts a URL after its scheme, in lower case.
func cutScheme(s string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(s, ":")
	if !ok || scheme == "" || !letter(scheme[0]) {
		return "", s, false
	}
	for i := range len(scheme) {
		if c := scheme[i]; !letter(c) && (c < '0' || c > '9') && c != '+' && c != '-' && c != '.' {
			return "", s, false
		}
	}
	return strings.ToLower(scheme), rest, true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// parseOpaque parses what follows the scheme of a URL that is not special.
func parseOpaque(scheme, rest string) (*url.URL, error) {
	u := &url.URL{Scheme: scheme, Opaque: rest}
	after, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return u, nil
	}
	authority := after
	if end := strings.IndexAny(after, "/?#"); end >= 0 {
		authority = after[:end]
	}
	u.User, authority = cutUser(authority)
	host, port := cutPort(authority)
	if !validPort(port) || strings.ContainsAny(host, "\x00 <>^|") || strings.ContainsAny(host, "[]") && !bracketed(host) {
		return nil, errURL
	}
	return u, nil
}

// resolve resolves a relative reference.
func resolve(base *url.URL, s string) (*url.URL, error) {
	if base == nil {
		return nil, errURL
	}
	main, fragment, _ := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(main, "?")
	path = strings.ReplaceAll(path, `\`, "/")
	if after, ok := strings.CutPrefix(path, "//"); ok {
		return parseURL(nil, base.Scheme+"://"+after+s[len(path):])
	}
	reference := &url.URL{RawQuery: escapeQuery(query), ForceQuery: hasQuery && query == "", Fragment: fragment}
	setPath(reference, path)
	return base.ResolveReference(reference), nil
}

// encodedDot is a dot in a path, which makes a segment as "." does (URL
// standard, "single-dot URL path segment").
var encodedDot = strings.NewReplacer("%2e", ".", "%2E", ".")

// setPath sets a path that may hold characters which have to be escaped.
func setPath(u *url.URL, path string) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if dots := encodedDot.Replace(segment); dots == "." || dots == ".." {
			segments[i] = dots
		}
	}
	path = strings.Join(segments, "/")
	if unescaped, err := url.PathUnescape(path); err == nil {
		u.Path, u.RawPath = unescaped, path
		return
	}
	u.Path = path
}

// escapeQuery escapes what may not stand in a query (URL standard, "special-query
// percent-encode set"). A stray percent sign stays.
func escapeQuery(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"#<>'`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// setAuthority sets user, host and port.
func setAuthority(u *url.URL, authority string) error {
	u.User, authority = cutUser(authority)
	host, port := cutPort(authority)
	host, err := parseHost(host)
	if err != nil || !validPort(port) {
		return errURL
	}
	u.Host = host
	if n, err := strconv.Atoi(port); err == nil {
		u.Host += ":" + strconv.Itoa(n)
	}
	return nil
}

// cutUser parts an authority after the user and the password, which are nil
// where both are empty.
func cutUser(authority string) (*url.Userinfo, string) {
	i := strings.LastIndexByte(authority, '@')
	if i < 0 {
		return nil, authority
	}
	name, password, ok := strings.Cut(authority[:i], ":")
	switch {
	case name == "" && password == "":
		return nil, authority[i+1:]
	case !ok:
		return url.User(name), authority[i+1:]
	}
	return url.UserPassword(name, password), authority[i+1:]
}

// cutPort parts a host and its port, which is "" where there is none.
func cutPort(host string) (name, port string) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || i < strings.LastIndexByte(host, ']') {
		return host, ""
	}
	return host[:i], host[i+1:]
}

func validPort(port string) bool {
	if strings.TrimLeft(port, "0123456789") != "" {
		return false
	}
	port = strings.TrimLeft(port, "0")
	n, err := strconv.Atoi("0" + port)
	return err == nil && n <= 65535
}

func bracketed(host string) bool {
	if !strings.HasPrefix(host, "[") || !strings.HasSuffix(host, "]") {
		return false
	}
	a, err := netip.ParseAddr(decimal(host[1 : len(host)-1]))
	return err == nil && a.Is6() && a.Zone() == ""
}

// decimal returns an IPv6 address with the IPv4 address at its end, if it has
// one, in decimal: Chromium reads that as it reads others.
func decimal(address string) string {
	i := strings.LastIndexByte(address, ':')
	parts := strings.Split(address[i+1:], ".")
	if len(parts) != 4 {
		return address
	}
	for j, part := range parts {
		n, err := parseNumber(part)
		if err != nil {
			return address
		}
		parts[j] = strconv.FormatUint(n, 10)
	}
	return address[:i+1] + strings.Join(parts, ".")
}

// parseHost returns the host of a URL with a special scheme in lower case (URL
// standard, "host parser").
func parseHost(host string) (string, error) {
	if strings.HasPrefix(host, "[") {
		if !bracketed(host) {
			return "", errURL
		}
		return strings.ToLower(host), nil
	}
	if strings.Contains(host, "%") {
		unescaped, err := url.PathUnescape(host)
		if err != nil {
			return "", errURL
		}
		host = unescaped
	}
	if host == "" {
		return "", errURL
	}
	ascii, err := toASCII(host)
	if err != nil || ascii == "" || strings.ContainsFunc(ascii, forbiddenInHost) || wrongIPv4(ascii) {
		return "", errURL
	}
	return strings.ReplaceAll(ascii, " ", "%20"), nil
}

// toASCII returns a host name as it is looked up.
func toASCII(host string) (string, error) {
	if strings.IndexFunc(host, func(r rune) bool { return r > 0x7e }) < 0 {
		return strings.ToLower(host), nil
	}
	if !utf8.ValidString(host) {
		return "", errURL
	}
	return idna.Lookup.ToASCII(host)
}

// forbiddenInHost is the URL standard's "forbidden domain code point", apart
// from the space, which Chromium escapes.
func forbiddenInHost(r rune) bool {
	return r < ' ' || r >= 0x7f || strings.ContainsRune(`#/:<>?@[\]^|%`, r)
}

// wrongIPv4 reports whether a host ends in a number, and so has to be an IPv4
// address, which it is not (URL standard, "ends in a number checker").
func wrongIPv4(host string) bool {
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := parts[len(parts)-1]
	if _, err := parseNumber(last); err != nil && (last == "" || strings.Trim(last, "0123456789") != "") {
		return false
	}
	if len(parts) > 4 {
		return true
	}
	for i, part := range parts {
		n, err := parseNumber(part)
		limit := uint64(255)
		if i == len(parts)-1 {
			limit = 1<<(8*(5-len(parts))) - 1
		}
		if err != nil || n > limit {
			return true
		}
	}
	return false
}

// parseNumber parses a part of an IPv4 address: decimal, octal after 0,
// hexadecimal after 0x.
func parseNumber(s string) (uint64, error) {
	switch {
	case s == "":
		return 0, errURL
	case strings.HasPrefix(s, "0x"):
		if s == "0x" {
			return 0, nil
		}
		return strconv.ParseUint(s[2:], 16, 64)
	case len(s) > 1 && s[0] == '0':
		return strconv.ParseUint(s[1:], 8, 64)
	}
	return strconv.ParseUint(s, 10, 64)
}
