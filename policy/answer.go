package policy

import (
	"net/http"
	"slices"
	"strings"
)

// preflightVary names what the answer to an OPTIONS request depends on.
var preflightVary = []string{"Origin", acrm, acrh, acrpn}

// Answer sets in h the fields of the answer to r, which is an OPTIONS request,
// and returns the decision and the status. It writes no body.
//
// A preflight that is allowed is told just what it asked for. One that is
// refused for its origin gets 403 and no permission. One that is refused for
// its method or a header gets the configured status, Access-Control-Allow-Origin
// and the lists of what is allowed, so that the browser's own console names
// the step that failed.
//
// Any other OPTIONS request gets the configured status and what is configured,
// even where the decision is that its origin is not allowed. Where it names no
// allowed origin, Access-Control-Allow-Origin is the first configured one that
// can stand there ("http://localhost" for "localhost", nothing for
// sub-domains): enough for a person with curl to see that the policy works,
// and no permission to any other page, as browsers compare it with the page's
// own origin.
func (p *Policy) Answer(h http.Header, r *http.Request) (Decision, int) {
	key, known := keyOf(r)
	if !known || len(h) > 0 {
		return p.answer(h, r)
	}
	if d, status, ok := p.memory.recall(key, h); ok {
		return d, status
	}
	d, status := p.answer(h, r)
	p.memory.remember(key, h, d, status)
	return d, status
}

// answer is Answer, thought about.
func (p *Policy) answer(h http.Header, r *http.Request) (Decision, int) {
	d, granted := p.decide(r)
	removeAccessControl(h)
	AddVary(h, preflightVary...)
	switch {
	case d.Kind != Preflight:
		p.answerPlain(h, d, granted)
	case d.Allowed:
		p.answerAllowed(h, d, granted)
	case d.Reason == OriginNotAllowed:
		return d, http.StatusForbidden
	default:
		p.answerRefused(h, d, r.Header.Get(acrpn) == "true")
	}
	return d, p.config.PreflightStatus
}

// ServeOptions answers an OPTIONS request, as [Policy.Answer] says. A refusal
// has its Detail as the body, in plain text, where the status allows one.
func (p *Policy) ServeOptions(w http.ResponseWriter, r *http.Request) Decision {
	d, status := p.Answer(w.Header(), r)
	if d.Allowed || status == http.StatusNoContent || status == http.StatusResetContent {
		w.WriteHeader(status)
		return d
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(d.Detail + "\n")) // nobody is left to tell of an error
	return d
}

// answerAllowed sets what rs/cors granted. Its values are shared between
// requests, so they are set anew; the method and the headers are written as
// they were asked for.
func (p *Policy) answerAllowed(h http.Header, d Decision, granted http.Header) {
	for _, name := range []string{acao, acac, acapn, acma} {
		if v := granted.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	h.Set(acam, d.Method)
	setList(h, acah, p.allowHeaders(d))
}

// answerRefused sets the answer to a preflight from an origin that is
// allowed, for a method or a header that is not.
func (p *Policy) answerRefused(h http.Header, d Decision, privateNetwork bool) {
	p.setOrigin(h, d.Origin)
	if privateNetwork {
		h.Set(acapn, "true")
	}
	methods := p.methods.listed
	if d.Reason != MethodNotAllowed && !slices.Contains(methods, d.Method) {
		methods = append(slices.Clone(methods), d.Method)
	}
	setList(h, acam, strings.Join(methods, ","))
	setList(h, acah, p.allowHeaders(d))
}

// answerPlain sets the answer to an OPTIONS request that is no preflight.
func (p *Policy) answerPlain(h http.Header, d Decision, granted http.Header) {
	origin := granted.Get(acao)
	if origin == "" {
		origin = p.origins.sample
	}
	if origin != "" {
		p.setOrigin(h, origin)
	}
	setList(h, acam, strings.Join(p.methods.listed, ","))
	setList(h, acah, p.headers.listed)
	if d.Allowed {
		setList(h, aceh, strings.Join(p.config.ExposeHeaders, ","))
	}
	allow := p.methods.names()
	if !slices.Contains(allow, http.MethodOptions) {
		allow = append(allow, http.MethodOptions)
	}
	slices.Sort(allow)
	h.Set("Allow", strings.Join(allow, ", "))
}

// setOrigin allows an origin.
func (p *Policy) setOrigin(h http.Header, origin string) {
	if p.origins.any {
		origin = wildcard
	}
	h.Set(acao, origin)
	if p.config.AllowCredentials {
		h.Set(acac, "true")
	}
}

// allowHeaders returns the headers that the answer to a preflight names: the
// ones asked for where all of them are allowed or any is, otherwise those
// configured.
func (p *Policy) allowHeaders(d Decision) string {
	if len(d.Headers) == 0 || !p.headers.any && d.Reason != "" {
		return p.headers.listed
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(d.Headers), notToken), ",")
}

// setList sets a field to a list unless that is empty.
func setList(h http.Header, name, list string) {
	if list != "" {
		h.Set(name, list)
	}
}
