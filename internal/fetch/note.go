package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
)

// Notes returns what a person should know of a request and its result that the
// verdict does not tell: what a browser drops, what it looks at beside CORS, and what
// it allows against the standard.
func Notes(r Request, result Result) []string {
	var notes []string
	if slices.ContainsFunc(result.Exchanges, func(x Exchange) bool { return x.Verdict.AuthorizationByWildcard() }) {
		notes = append(notes, "the preflight's answer allows Authorization by * alone: "+browser.WildcardAuthorization)
	}
	if dropped := Dropped(r); len(dropped) > 0 {
		notes = append(notes, fmt.Sprintf("a browser lets no script set %s, and so it is not sent", strings.Join(dropped, ", ")))
	}
	page, err := url.Parse(r.Origin)
	if err != nil {
		return notes
	}
	near := loopback(r.URL.Hostname())
	switch {
	case !r.CrossOrigin():
		notes = append(notes, "the page is of the same origin as the URL, and CORS does not apply")
	case page.Scheme == "https" && r.URL.Scheme == "http" && !near:
		notes = append(notes, "a browser sends no plain http from a page over https (mixed content), whatever CORS says")
	case near && page.Scheme == "http" && !loopback(page.Hostname()) && r.Origin != "null":
		notes = append(notes, "Chrome lets no page over plain http call this machine (local network access), whatever CORS says")
	case near && page.Scheme == "https" && !loopback(page.Hostname()):
		notes = append(notes, "Chrome asks the user whether this page may call this machine (local network access)")
	}
	return notes
}

// Dropped returns the fields of the script's that a browser does not send, in
// lower case and sorted.
func Dropped(r Request) []string {
	var names []string
	for name, values := range r.Header {
		for _, v := range values {
			if browser.Forbidden(name, v) {
				names = append(names, strings.ToLower(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
