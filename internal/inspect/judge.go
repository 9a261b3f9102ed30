package inspect

import (
	"net/http"
	"net/textproto"
	"net/url"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/proxy"
)

// A judgement is what a browser does with the answer of an exchange, for a
// script that includes credentials and for one that does not.
type judgement struct {
	plain, credentialed browser.Verdict
	// sentCredentials says that the request came with a cookie, so that the
	// script must have included credentials.
	sentCredentials bool
}

// judge is false where CORS does not bear on the exchange: it names no origin,
// names the one that it was sent to, is under way, or is a navigation.
func judge(e *entry) (judgement, bool) {
	if e.pending || e.Record == nil || e.Origin == "" || e.Upgraded {
		return judgement{}, false
	}
	request, answer := headerOf(e.Record.Request), headerOf(e.Record.Answer)
	if mode := request.Get("Sec-Fetch-Mode"); mode != "" && mode != "cors" {
		return judgement{}, false
	}
	target := &url.URL{Scheme: "http", Host: e.Host, Opaque: e.Target}
	if u, err := url.Parse("http://" + e.Host + e.Target); err == nil {
		target = u
	}
	asked := browser.Request{Origin: e.Origin, URL: target, Method: e.Method}
	preflight, isPreflight := browser.PreflightOf(request)
	isPreflight = isPreflight && e.Method == http.MethodOptions
	if !isPreflight && !asked.CrossOrigin() {
		return judgement{}, false
	}
	check := func(credentials bool) browser.Verdict {
		switch {
		case isPreflight && e.Status == 0:
			return browser.Failed(browser.StagePreflight, "net::ERR_EMPTY_RESPONSE", "the preflight got no answer")
		case e.Status == 0:
			return browser.Failed(browser.StageActual, "net::ERR_EMPTY_RESPONSE", "the request got no answer")
		case isPreflight:
			preflight.Credentials = credentials
			return preflight.Check(e.Status, answer)
		case browser.IsRedirect(e.Status, answer):
			asked.Credentials = credentials
			return browser.CheckRedirect(asked, e.Status, answer)
		}
		return browser.CheckActual(e.Origin, credentials, e.Status, answer)
	}
	return judgement{check(false), check(true), len(request["Cookie"]) > 0}, true
}

// decisive is the verdict on the request as it was sent, as far as that can be
// told.
func (j judgement) decisive() browser.Verdict {
	if j.sentCredentials {
		return j.credentialed
	}
	return j.plain
}

// outcome is readable, blocked, or plain: readable only without credentials.
func (j judgement) outcome() string {
	switch {
	case !j.decisive().Allowed:
		return "blocked"
	case !j.credentialed.Allowed:
		return "plain"
	}
	return "readable"
}

// headerOf returns the fields of m as net/http has them.
func headerOf(m proxy.Message) http.Header {
	h := make(http.Header, len(m.Fields))
	for _, f := range m.Fields {
		key := textproto.CanonicalMIMEHeaderKey(f.Name)
		h[key] = append(h[key], f.Value)
	}
	return h
}
