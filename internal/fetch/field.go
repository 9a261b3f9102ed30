package fetch

import (
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/corsproxy/corsproxy/internal/browser"
)

// Header returns fields as a map, each line a value.
func Header(fields []Field) http.Header {
	h := make(http.Header, len(fields))
	for _, f := range fields {
		key := textproto.CanonicalMIMEHeaderKey(f.Name)
		h[key] = append(h[key], f.Value)
	}
	return h
}

// first are the fields that are shown before the script's own.
var first = []string{"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}

// fieldsOf returns a header as fields, those of CORS first.
func fieldsOf(h http.Header) []Field {
	var names []string
	for name := range h {
		if !slices.Contains(first, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var fields []Field
	for _, name := range append(slices.Clone(first), names...) {
		for _, v := range h[name] {
			fields = append(fields, Field{name, v})
		}
	}
	return fields
}

// addBrowsers adds what a browser sends of itself.
func (r *run) addBrowsers(req *http.Request) {
	set := func(name, value string) {
		if req.Header.Get(name) == "" {
			req.Header.Set(name, value)
		}
	}
	set("Accept", "*/*")
	set("Accept-Language", "en-US,en;q=0.9")
	set("Accept-Encoding", "gzip, deflate, br, zstd")
	set("User-Agent", UserAgent)
	if page := r.page; page != "null" {
		// The default policy, strict-origin-when-cross-origin.
		if !strings.HasPrefix(page, "https:") || req.URL.Scheme == "https" || loopback(req.URL.Hostname()) {
			set("Referer", page+"/")
		}
	}
	// Fetch Metadata goes to trustworthy URLs alone (section 2).
	if site := r.site.next(r.page, req.URL); req.URL.Scheme == "https" || loopback(req.URL.Hostname()) {
		set("Sec-Fetch-Dest", "empty")
		set("Sec-Fetch-Mode", "cors")
		set("Sec-Fetch-Site", site)
	}
}

// A siteOf is how far a fetch has been from the page, over its redirects
// (Fetch Metadata, section 2.3).
type siteOf int

const (
	sameOrigin siteOf = iota
	sameSite
	crossSite
)

// next returns the value of Sec-Fetch-Site for a request to a URL.
func (s *siteOf) next(page string, target *url.URL) string {
	*s = max(*s, siteBetween(page, target))
	return [...]string{"same-origin", "same-site", "cross-site"}[*s]
}

func siteBetween(page string, target *url.URL) siteOf {
	if page == browser.OriginOf(target) {
		return sameOrigin
	}
	from, err := url.Parse(page)
	if err != nil || from.Scheme != target.Scheme || registrable(from.Hostname()) != registrable(target.Hostname()) {
		return crossSite
	}
	return sameSite
}

// registrable returns the domain that a host's sites share.
func registrable(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil && strings.Trim(host, "0123456789.") != "" {
		return domain
	}
	return host // an address, or a name of one label
}
