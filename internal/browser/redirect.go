package browser

import (
	"fmt"
	"net/http"
	"net/url"
)

// mostRedirects is how many redirects fetch follows.
const mostRedirects = 20

// locationChecks are what Chromium looks at before it follows a redirect, and
// redirectChecks the same where CORS applies to the response.
var (
	locationChecks = [...]check{
		{"Location is a URL", location, locationFails, nil},
		{"the redirect may be followed", location, followFails, nil},
		{"CORS works for the scheme of Location", location, schemeFails, nil},
	}
	redirectChecks = [...]check{locationChecks[0], accessChecks[0], accessChecks[1], locationChecks[1], locationChecks[2]}
)

// A hop is a redirect on the way of a request.
type hop struct {
	page     string // origin of the page
	from     *url.URL
	cors     bool // the response is checked
	followed int  // redirects before this one
}

// redirectTarget returns where a response redirects to. It is false for one
// that is an ordinary response to a browser: a 304, or a 302 without Location.
func redirectTarget(status int, h http.Header) (string, bool) {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		for _, line := range h[location] {
			if line != "" {
				return line, true
			}
		}
	}
	return "", false
}

// IsRedirect reports whether fetch follows the response rather than giving it
// to the script.
func IsRedirect(status int, h http.Header) bool {
	_, ok := redirectTarget(status, h)
	return ok
}

// CheckRedirect says what a browser does with a redirect of r, the request as
// it left the page. Where it is allowed, the request goes on; a [Fetch] knows
// how.
func CheckRedirect(r Request, status int, h http.Header) Verdict {
	return Start(r).redirect(status, h).judge()
}

// next returns where the hop leads.
func (s *subject) next() (*url.URL, string, error) {
	target, _ := redirectTarget(s.status, s.header)
	u, err := parseURL(s.hop.from, target)
	return u, target, err
}

func locationFails(s *subject) *failure {
	if _, target, err := s.next(); err != nil {
		return invalidLocation(target)
	}
	return nil
}

func followFails(s *subject) *failure {
	u, target, err := s.next()
	if err != nil {
		return invalidLocation(target)
	}
	if netError := unsafeScheme(u.Scheme); netError != "" {
		return &failure{netError: netError, detail: fmt.Sprintf("it redirects to %s, and no browser follows a redirect to %s:", quote(target), u.Scheme)}
	}
	switch {
	case s.hop.followed >= mostRedirects:
		return &failure{netError: "net::ERR_TOO_MANY_REDIRECTS", detail: fmt.Sprintf("it is redirected for the %dst time, and browsers follow %d redirects", s.hop.followed+1, mostRedirects)}
	case u.User == nil:
		return nil
	case s.hop.cors || s.hop.page != OriginOf(u):
		return &failure{chrome: "RedirectContainsCredentials", detail: fmt.Sprintf("it redirects to %s, which has a user name or a password in it", quote(u.Redacted()))}
	}
	return &failure{netError: "net::ERR_ABORTED", detail: fmt.Sprintf("it redirects to %s, which has a user name or a password in it", quote(u.Redacted()))}
}

// unsafeScheme returns what Chromium fails with at a redirect to a scheme that
// it knows and lets no server lead to; "" is any other scheme.
func unsafeScheme(scheme string) string {
	switch scheme {
	case "data", "file", "about", "blob", "filesystem", "chrome", "chrome-extension", "chrome-untrusted", "devtools":
		return "net::ERR_UNSAFE_REDIRECT"
	case "view-source", "chrome-error":
		return "net::ERR_ABORTED"
	case "isolated-app":
		return "net::ERR_UNKNOWN_URL_SCHEME"
	}
	return ""
}

// schemeFails looks at where the request would go: CORS is for http and https.
func schemeFails(s *subject) *failure {
	u, target, err := s.next()
	if err != nil || u.Scheme == "http" || u.Scheme == "https" {
		return nil
	}
	return &failure{chrome: "CorsDisabledScheme", detail: fmt.Sprintf("it redirects to %s, and CORS works for http and https only", quote(target))}
}

func invalidLocation(target string) *failure {
	return &failure{netError: "net::ERR_INVALID_REDIRECT", detail: fmt.Sprintf("it redirects to %s, which is no URL", quote(target))}
}
