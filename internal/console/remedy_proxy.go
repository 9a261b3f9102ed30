package console

import (
	"net/url"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// upstream returns where corsproxy forwards to: the origin that was called, or
// where SAM local listens.
func (m Message) upstream() string {
	u, err := url.Parse(m.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !plain(u.Host) {
		return ""
	}
	if u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" {
		if port := u.Port(); port == "3000" || port == "8080" {
			return "" // the default, or corsproxy itself
		}
	}
	return " --upstream " + shell.Word(u.Scheme+"://"+u.Host)
}

func (m Message) proxy(flags string) Paste {
	upstream := m.upstream()
	u, err := url.Parse(m.URL)
	switch {
	case err == nil && isLocal(u) && u.Port() == "8080":
		return Paste{For: forRestart, Text: "corsproxy" + flags}
	case err == nil && isLocal(u) && upstream != "" && flags != "":
		already := " (if " + u.Scheme + "://" + u.Host + " is corsproxy already, start that again with what follows --upstream here)"
		return Paste{For: forProxy + already, Text: "corsproxy" + upstream + flags}
	}
	return Paste{For: forProxy, Text: "corsproxy" + upstream + flags}
}

func isLocal(u *url.URL) bool { return u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" }

// proxyOrigin is corsproxy with what the answer needs: that to a preflight is
// its own in any case, and what is forwarded keeps its headers unless told.
func proxyOrigin(m Message) Paste {
	if m.isOfSite() {
		return Paste{} // whoever opens the page has no corsproxy
	}
	flags := " --allow-origin " + shell.Word(m.allowedOrigin())
	switch {
	case m.Topic.ID == originMismatch || m.Topic.ID == originNotAllowed && m.Stage != Preflight:
		flags += " --response-headers replace"
	case m.Topic.ID == missingOrigin && m.Template != nil && m.Template.Drops:
		flags += " --response-headers replace" // SAM local sets none for this origin
	case m.Topic.ID == missingOrigin && m.Stage != Preflight:
		flags += " --response-headers fill"
	}
	return m.proxy(flags)
}

// otherSite returns the site of another machine that the answer names: that it
// does is no mistake, and it has to stay.
func (m Message) otherSite() string {
	if m.Topic.ID != originMismatch || !isSite(m.Value) {
		return ""
	}
	return m.Value
}

// isOfSite reports whether the page is of another machine itself, and the answer names
// another site than its own.
func (m Message) isOfSite() bool { return m.otherSite() != "" && isSite(m.Origin) }

// lostOrigin reports whether the browser said Origin: null, since the request was
// redirected from an origin that is not the page's to another (Fetch, "HTTP-redirect
// fetch"), and the answer is blocked for its origin.
func (m Message) lostOrigin() bool {
	ofOrigin := m.Topic.ID == missingOrigin || m.Topic.ID == originNotAllowed || m.Topic.ID == originMismatch
	from, to := originOf(m.RedirectedFrom), originOf(m.URL)
	return ofOrigin && m.Stage == Actual && from != "" && to != "" && from != m.Origin && from != to && plain(m.URL)
}

// originOf returns the origin of a URL, "" of what is none.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return browser.OriginOf(u)
}

// isSite reports whether an origin is one of another machine.
func isSite(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && !isLocal(u) && u.Scheme+"://"+u.Host == origin && plain(origin)
}

// origins returns those of an answer that has several.
func (m Message) origins() []string {
	if m.Topic.ID != severalOrigins {
		return nil
	}
	return strings.FieldsFunc(m.Value, func(r rune) bool { return r == ',' || r == ' ' })
}

// lowerCase reports whether the page wrote PATCH in lower case, which fetch
// does not correct.
func (m Message) lowerCase() bool {
	return m.Topic.ID == methodNotAllowed && m.Method != "PATCH" && strings.EqualFold(m.Method, "PATCH")
}

// Fix is what to do, in words.
func (m Message) Fix() string {
	switch {
	case m.Template != nil && len(m.Template.Staged) > 0:
		return "Put the stage of the API into the base URL that the page has for it."
	case m.lowerCase():
		return "Write the method in capitals, in the page."
	case m.lostOrigin():
		return "Let the page call the URL that it was redirected to. After a redirect from one foreign origin to another the browser says Origin: null, and no answer that names the page's origin counts."
	case m.isOfSite():
		return "If both sites call the API, let what answers name the one that asks: a REST API's Cors cannot, so let the function answer OPTIONS, or take an HTTP API, which has a list. If the page has moved, name the site where it is now."
	case m.otherSite() != "":
		return "Leave the site that is named as it is, and have corsproxy name the page's origin here."
	case m.functionURL() && m.Topic.ID == severalOrigins:
		return "Let either the function or the Cors of its URL send the header, and not both."
	case m.Template != nil && m.Template.Guard != "" && m.URL != "":
		return "Leave preflights open: they never carry a token, a signature or a key."
	}
	if m.wild() {
		return "Leave credentials out of the call if no cookie is needed. Otherwise allow them, and list what is refused by its name: with credentials, * is a name like any other."
	}
	return m.Topic.Fix
}

func pageMethod(m Message) Paste {
	if !m.lowerCase() {
		return Paste{}
	}
	return Paste{For: forPage, Text: "method: '" + strings.ToUpper(m.Method) + "'"}
}

func proxyReplace(m Message) Paste {
	return m.proxy(" --allow-origin " + shell.Word(m.allowedOrigin()) + " --response-headers replace")
}

func proxyCredentials(m Message) Paste {
	return m.proxy(" --allow-origin " + shell.Word(m.allowedOrigin()) + " --allow-credentials --response-headers replace")
}

func proxyMethod(m Message) Paste {
	if m.lowerCase() {
		return Paste{}
	}
	if m.wild() {
		return proxyCredentials(m)
	}
	return m.proxy(" --allow-method " + shell.Word("*"))
}

// proxyHeader allows all headers, as corsproxy does by itself: a list would
// refuse what else the page sends.
func proxyHeader(m Message) Paste {
	if m.wild() {
		return proxyCredentials(m)
	}
	return m.proxy(" --allow-header " + shell.Word("*"))
}

// wild reports whether the request has credentials, and is told so by no more
// than the * that it is refused for.
func (m Message) wild() bool { return m.Template != nil && m.Template.Wild }

func proxyPlain(m Message) Paste { return m.proxy("") }

func proxyExpose(m Message) Paste {
	return m.proxy(" --response-headers fill --expose-header " + shell.Word(m.exposed()))
}
