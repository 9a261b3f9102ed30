package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// loopback is the host that a port alone stands for. SAM local listens on
// this address only, not on ::1.
const loopback = "127.0.0.1"

var hostname = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)

// parseListen reads an address to listen on. The result is host:port, where
// an empty host is every interface. What would be right is shown by example.
func parseListen(text, example string) (any, error) {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		address := strings.TrimRight(rest, "/")
		if _, _, err := splitAddress(address, "", ""); err != nil {
			address = example
		}
		return nil, fmt.Errorf("%s is a URL; an address to listen on is host:port, such as %s", quote(text), address)
	}
	if port, ok := strings.CutPrefix(text, "*:"); ok && checkPort(port) == nil {
		return nil, fmt.Errorf("%s is not an address; write :%s for every interface", quote(text), port)
	}
	_, usual, _ := strings.Cut(example, ":")
	host, port, err := splitAddress(text, example, usual)
	if err != nil {
		return nil, err
	}
	return net.JoinHostPort(host, port), nil
}

// exampleAddress returns an address that k may have.
func (k Key) exampleAddress() string {
	if d, ok := k.Default.(string); ok && d != "" {
		return d
	}
	return "127.0.0.1:4040"
}

// parseUpstream reads where to forward to. The result is a URL of scheme,
// host and port alone. An address that means "every interface" where one
// listens, which is how SAM prints its own, is loopback where one connects.
func parseUpstream(text string) (any, error) {
	if redact.HasUser(text) {
		return nil, upstreamWithUser(text)
	}
	scheme, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		host, port, err := splitAddress(text, "http://127.0.0.1:3000", "3000")
		if err != nil {
			return nil, err
		}
		if port == "0" {
			return nil, fmt.Errorf("%s has port 0, which cannot be connected to; write the port that sam local start-api listens on, such as 3000", quote(text))
		}
		return "http://" + net.JoinHostPort(connectable(host), port), nil
	}
	scheme = strings.ToLower(scheme)
	if scheme != "http" && scheme != "https" {
		return nil, fmt.Errorf("%s has the scheme %s; an upstream is an http or https URL, such as http://127.0.0.1:3000", quote(text), quote(scheme))
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, fmt.Errorf("%s is not a URL (%w); write one such as http://127.0.0.1:3000", quote(text), err)
	}
	return upstreamURL(text, u)
}

// upstreamWithUser says what is wrong with an upstream that seems to have a user
// name in it. What is behind an "@" in a path may be no host.
func upstreamWithUser(text string) error {
	right := any("one such as http://127.0.0.1:3000")
	if u, err := url.Parse(text); err == nil && u.Host != "" && u.User == nil {
		return fmt.Errorf("%s has an \"@\" in it; an upstream is scheme, host and port alone, so write %s", quote(text), right)
	}
	if bare, err := parseUpstream(redact.WithoutUser(text)); err == nil {
		right = bare
	}
	return fmt.Errorf("%s holds a user name; requests carry their own Authorization, so write %s", quote(text), right)
}

func upstreamURL(text string, u *url.URL) (any, error) {
	base := &url.URL{Scheme: u.Scheme, Host: u.Host}
	switch {
	case u.Path != "" && u.Path != "/":
		return nil, fmt.Errorf("%s has a path; each request is forwarded with its own, unchanged, so write %s", quote(text), base)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("%s has a query or fragment; each request is forwarded with its own, so write %s", quote(text), base)
	}
	host := u.Hostname()
	if err := checkHost(host); err != nil || host == "" {
		return nil, fmt.Errorf("%s names no host that can be connected to; write a URL such as http://127.0.0.1:3000", quote(text))
	}
	port := u.Port()
	if port == "" {
		base.Host = bracketed(connectable(host))
		return base.String(), nil
	}
	if err := checkPort(port); err != nil || port == "0" {
		return nil, fmt.Errorf("%s has the port %s; a port is a number from 1 to 65535", quote(text), quote(port))
	}
	base.Host = net.JoinHostPort(connectable(host), port)
	return base.String(), nil
}

// splitAddress splits a port, :port or host:port. A port alone belongs to
// loopback. What would be right is shown by example; port is the usual one.
func splitAddress(text, example, usual string) (host, port string, err error) {
	if text != "" && strings.Trim(text, "0123456789") == "" {
		if err := checkPort(text); err != nil {
			return "", "", fmt.Errorf("%s is not a port; a port is a number from 0 to 65535", quote(text))
		}
		return loopback, text, nil
	}
	host, port, err = net.SplitHostPort(text)
	if err != nil {
		return "", "", notAddress(text, example, usual)
	}
	if err := checkPort(port); err != nil {
		return "", "", fmt.Errorf("%s has the port %s; a port is a number, such as %s", quote(text), quote(port), usual)
	}
	if err := checkHost(host); err != nil {
		return "", "", fmt.Errorf("%s has the host %s, which is neither an IP address nor a name; write one such as %s", quote(text), quote(host), example)
	}
	return host, port, nil
}

// notAddress says why text, which net.SplitHostPort refuses, is no address.
func notAddress(text, example, usual string) error {
	if i := strings.LastIndexByte(text, ':'); i > 0 && len(text)-i > 3 && checkPort(text[i+1:]) == nil {
		// ::1:8080 is an IPv6 address too; a port is what was meant.
		if ip, err := netip.ParseAddr(text[:i]); err == nil {
			return fmt.Errorf("%s has an IPv6 address without brackets; write %s", quote(text), net.JoinHostPort(ip.String(), text[i+1:]))
		}
	}
	bare := strings.Trim(text, "[]")
	if ip, err := netip.ParseAddr(bare); err == nil {
		return fmt.Errorf("%s has no port; write %s", quote(text), net.JoinHostPort(ip.String(), usual))
	}
	if text != "" && checkHost(text) == nil {
		return fmt.Errorf("%s has no port; write %s:%s", quote(text), text, usual)
	}
	return fmt.Errorf("%s is not an address; write a port, :port or host:port, such as %s", quote(text), example)
}

func checkPort(port string) error {
	_, err := strconv.ParseUint(port, 10, 16)
	return err
}

// checkHost accepts IP addresses and names; the empty host too, which is
// every interface.
func checkHost(host string) error {
	if _, err := netip.ParseAddr(host); err == nil || host == "" || len(host) <= 253 && hostname.MatchString(host) {
		return nil
	}
	return errors.New("not a host")
}

// connectable returns the address to connect to for one to listen on.
func connectable(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && ip.IsUnspecified() && ip.Is4():
		return loopback
	case err == nil && ip.IsUnspecified():
		return "::1"
	}
	return host
}

// urlOf returns where to connect to for an address that is listened on.
func urlOf(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	return "http://" + net.JoinHostPort(connectable(host), port)
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// Reaches reports whether a connection to the upstream, a URL, would arrive
// at the address listen, so that corsproxy would forward to itself. Only
// what is plain without a name server is seen.
func Reaches(upstream, listen string) bool {
	u, err := url.Parse(upstream)
	if err != nil {
		return false
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return false
	}
	upPort := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	if upPort != port {
		return false
	}
	up := u.Hostname()
	ip, err := netip.ParseAddr(host)
	if host == "" || err == nil && ip.IsUnspecified() {
		return isLoopback(up)
	}
	return strings.EqualFold(host, up) || isLoopback(host) && isLoopback(up) && (isName(host) || isName(up))
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return isName(host)
	}
	return ip.IsLoopback()
}

// isName reports whether host is the name that stands for both 127.0.0.1 and
// ::1.
func isName(host string) bool { return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") }
