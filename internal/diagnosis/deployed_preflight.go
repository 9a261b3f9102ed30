package diagnosis

import (
	"net/http"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
)

// preceding is what becomes, when deployed, of the preflight that goes before a
// request: only what passes it is sent at all. The verdict is that of the
// request, and allowed, where it needs none. It is false where the template does
// not tell.
func preceding(g *apigateway.Gateway, r apigateway.Request, credentials bool) (browser.Verdict, bool) {
	if g == nil {
		return browser.Verdict{}, false
	}
	asks := browser.Request{Origin: r.Header.Get("Origin"), Method: r.Method, Header: make(http.Header), Credentials: credentials}
	for name, lines := range r.Header {
		if !addedByOthers(name) {
			asks.Header[name] = lines
		}
	}
	p := asks.Preflight()
	if len(p.Headers) == 0 && !asks.UnsafeMethod() {
		return browser.Verdict{Stage: browser.StageActual, Allowed: true}, true
	}
	r.Method, r.Header = http.MethodOptions, p.Header()
	a := g.Answer(r)
	if a.Forwarded() && a.DropsCORS {
		// The function has the status, and API Gateway the rest.
		if v := p.Check(http.StatusOK, a.Header); !v.Allowed {
			return v, a.Certain()
		}
	}
	v := p.Check(a.Status, a.Header)
	if v.Allowed {
		v.Stage = browser.StageActual
	}
	return v, a.Certain() && !a.Forwarded()
}

// addedByOthers reports whether a field may have been added to a request after
// its preflight: by the browser's cache and network, or by a proxy.
func addedByOthers(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "cache-control", "pragma", "priority", "forwarded", "upgrade-insecure-requests", "purpose", "x-real-ip", "x-request-id":
		return true
	}
	return strings.HasPrefix(name, "if-") || strings.HasPrefix(name, "x-forwarded-")
}
