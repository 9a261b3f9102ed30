package browser

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A Request is what a script gives to fetch, or to XMLHttpRequest.
type Request struct {
	Origin string      // of the page, as browsers write it: "http://localhost:5173", or "null"
	URL    *url.URL    // absolute
	Method string      // as the script gives it; "" is GET
	Header http.Header // as the script sets it, canonical or not
	// Credentials says that cookies may be sent and kept: the credentials mode
	// is "include".
	Credentials bool
}

// CrossOrigin reports whether the request leaves the page's origin, so that
// CORS applies to it.
func (r Request) CrossOrigin() bool { return r.Origin != OriginOf(r.URL) }

// Sent returns the fields that the browser sends of those that the script has
// set. The others are dropped without a word, see [Forbidden].
func (r Request) Sent() http.Header {
	sent := make(http.Header, len(r.Header))
	for name, values := range r.Header {
		for _, value := range values {
			if !Forbidden(name, value) {
				sent.Add(name, value)
			}
		}
	}
	return sent
}

// UnsafeHeaders returns the names that a preflight has to ask for, in lower
// case and sorted (Fetch, "CORS-unsafe request-header names").
func (r Request) UnsafeHeaders() []string { return unsafeNames(r.Sent()) }

// NeedsPreflight reports whether a preflight goes before the request.
func (r Request) NeedsPreflight() bool {
	return r.CrossOrigin() && (r.UnsafeMethod() || len(r.UnsafeHeaders()) > 0)
}

// UnsafeMethod reports whether a preflight has to ask for the method.
func (r Request) UnsafeMethod() bool { return !safelistedMethod(NormalizeMethod(r.Method)) }

// Preflight returns what the preflight for the request asks.
func (r Request) Preflight() Preflight {
	return Preflight{Origin: r.Origin, Method: NormalizeMethod(r.Method), Headers: r.UnsafeHeaders(), Credentials: r.Credentials}
}

// NormalizeMethod returns a method as fetch sends it. Six methods are put in
// upper case; the others, patch among them, stay as they are (Fetch,
// "normalize a method").
func NormalizeMethod(method string) string {
	switch upper := strings.ToUpper(method); upper {
	case "":
		return http.MethodGet
	case "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT":
		return upper
	}
	return method
}

// ForbiddenMethod reports whether fetch throws at a method instead of sending
// anything: it is no token, or CONNECT, TRACE or TRACK in any case.
func ForbiddenMethod(method string) bool {
	switch strings.ToUpper(method) {
	case "CONNECT", "TRACE", "TRACK":
		return true
	}
	return method != "" && !isToken(method)
}

// safelistedMethod reports whether a method needs no permission (Fetch,
// "CORS-safelisted method").
func safelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// A Preflight is what a browser asks before it sends a request.
type Preflight struct {
	Origin  string
	Method  string
	Headers []string // in lower case and sorted
	// Credentials says what the request that follows will be. The preflight
	// itself carries none, and does not tell.
	Credentials bool
}

// PreflightOf reads what a preflight asks. It is false where the header is not
// that of a preflight.
func PreflightOf(h http.Header) (Preflight, bool) {
	origin, method := h["Origin"], h["Access-Control-Request-Method"]
	if len(origin) != 1 || len(method) != 1 || origin[0] == "" || method[0] == "" {
		return Preflight{}, false
	}
	p := Preflight{Origin: origin[0], Method: method[0]}
	lower := slices.Clone(h["Access-Control-Request-Headers"])
	for i, line := range lower {
		lower[i] = strings.ToLower(line)
	}
	p.Headers = members(lower)
	slices.Sort(p.Headers)
	p.Headers = slices.Compact(p.Headers)
	return p, true
}

// RequestHeaders returns the value of Access-Control-Request-Headers; the field
// is left out where it is empty.
func (p Preflight) RequestHeaders() string { return strings.Join(p.Headers, ",") }

// Header returns the fields of the OPTIONS request that make it a preflight.
func (p Preflight) Header() http.Header {
	h := http.Header{"Accept": {"*/*"}, "Origin": {p.Origin}, "Access-Control-Request-Method": {p.Method}}
	if len(p.Headers) > 0 {
		h.Set("Access-Control-Request-Headers", p.RequestHeaders())
	}
	return h
}

// OriginOf returns the origin of a URL as browsers write it: in lower case and
// without the scheme's own port.
func OriginOf(u *url.URL) string {
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if scheme != "http" && scheme != "https" {
		return "null"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + port
}
