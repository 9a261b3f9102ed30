package proxy

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/policy"
)

// A Verdict is what a browser does with the answer to a cross-origin request,
// by the status and the header as they were sent.
//
// A request does not tell whether it includes credentials, nor does a
// preflight. Both are judged; where a cookie shows that they are included,
// Plain is the zero verdict.
type Verdict struct {
	Plain       browser.Verdict // where credentials are not included
	Credentials browser.Verdict // where they are
	Included    bool            // they are, for certain

	// Blocked explains why browsers keep the answer from the page; nil where
	// they do not, or where it depends on the credentials.
	Blocked *diagnosis.Diagnosis
	// SetBy says who has set each Access-Control field of the answer. It is
	// known where the answer is blocked or recorded.
	SetBy map[string]diagnosis.Setter
}

// Decisive returns the verdict that counts: without credentials, unless they
// are included for certain.
func (v *Verdict) Decisive() browser.Verdict {
	if v.Included {
		return v.Credentials
	}
	return v.Plain
}

// Differ reports whether it depends on the credentials what a browser does.
func (v *Verdict) Differ() bool {
	return !v.Included && v.Plain.Name() != v.Credentials.Name()
}

// Applied says what corsproxy has set in the header of a forwarded response
// (cors.response_headers).
type Applied struct {
	Mode   ResponseHeaders // FillHeaders or ReplaceHeaders
	Fields []string        // the Access-Control fields that were added, changed or removed
}

const accessControl = "Access-Control-"

// judge finds what a browser does with the answer whose header is h.
func (x *exchange) judge(h http.Header) {
	r := x.asked
	if r == nil || x.tunnel != nil || !x.Foreign || !usesCORS(r) || x.Status == http.StatusNotModified && isConditional(r) {
		return
	}
	v := x.proxy.judged.of(r, x.Status, h, x.verdictOf)
	if !v.Decisive().Allowed || x.recording != nil {
		own := *v
		own.SetBy = x.setters(h, v.Decisive())
		v = &own
	}
	x.Verdict = v
}

// verdictOf is judge without a memory, of the fields that were asked with and of
// the answer's.
func (x *exchange) verdictOf(asked, h http.Header) Verdict {
	v := Verdict{Included: asked["Cookie"] != nil}
	judge := func(credentials bool, h http.Header) browser.Verdict {
		return browser.CheckActual(asked.Get("Origin"), credentials, x.Status, h)
	}
	if p, ok := browser.PreflightOf(asked); ok && x.asked.Method == http.MethodOptions {
		v.Included = false // a preflight has no cookie
		judge = func(credentials bool, h http.Header) browser.Verdict {
			p.Credentials = credentials
			return p.Check(x.Status, h)
		}
	} else if browser.IsRedirect(x.Status, h) {
		judge = x.judgeRedirect
	}
	if !v.Included {
		v.Plain = judge(false, h)
	}
	v.Credentials = judge(true, h)
	return v
}

// usesCORS reports whether a browser checks the answer to r, which is for another
// origin: it is no navigation, form, image or WebSocket, which send Origin too
// (Fetch Metadata, section 2.3). Old browsers and other programs do not say.
func usesCORS(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return (mode == "" || mode == "cors") && r.Header.Get("Upgrade") == ""
}

// isConditional reports whether r asks whether what the browser has stored is
// still good (RFC 9110, section 13.1). Where it is, the browser checks that.
func isConditional(r *http.Request) bool {
	return r.Header["If-None-Match"] != nil || r.Header["If-Modified-Since"] != nil
}

func (x *exchange) judgeRedirect(credentials bool, h http.Header) browser.Verdict {
	u := &url.URL{Scheme: "http", Host: x.asked.Host}
	if x.asked.TLS != nil {
		u.Scheme = "https"
	}
	u.Path, _, _ = strings.Cut(target(x.asked), "?")
	r := browser.Request{Origin: x.Origin, URL: u, Method: x.asked.Method, Credentials: credentials}
	return browser.CheckRedirect(r, x.Status, h)
}

// setters says who has set each Access-Control field, and the one that decided
// whether it is there or not.
func (x *exchange) setters(h http.Header, v browser.Verdict) map[string]diagnosis.Setter {
	by := make(map[string]diagnosis.Setter)
	for name, lines := range h {
		if strings.HasPrefix(name, accessControl) {
			by[name] = x.setter(h, name, lines)
		}
	}
	if _, known := by[v.Header]; !known && !v.Allowed {
		by[v.Header] = x.setter(h, v.Header, h[v.Header])
	}
	return by
}

// setter says who has set a field of the header h to these lines.
func (x *exchange) setter(h http.Header, field string, lines []string) diagnosis.Setter {
	switch {
	case x.deployed != nil && x.UpstreamStatus != 0 && x.Applied == nil && x.deployed.DropsCORS:
		return diagnosis.SetByTemplate
	case x.deployed != nil && x.UpstreamStatus != 0 && x.Applied == nil && x.deployed.Mixed.In(h):
		return diagnosis.SetByTemplate
	case x.Answered && x.Decision.Kind == policy.Preflight && x.rule.Source == FromTemplate && x.Deployed == nil:
		return diagnosis.SetByTemplate
	case x.UpstreamStatus == 0 || x.Answered || x.answer != nil || x.Applied != nil && strings.HasPrefix(field, accessControl) && x.Applied.has(field):
		return diagnosis.SetByCorsproxy
	}
	method, path := x.subject()
	by := x.rules.explainer.SetBy(method, path, x.Origin, field, lines)
	if by != diagnosis.SetByUpstream && x.rules.explainer.IsStrangers(x.UpstreamStatus, h) {
		return diagnosis.SetByStranger
	}
	return by
}

func (a *Applied) has(field string) bool {
	return a.Mode == ReplaceHeaders || slices.Contains(a.Fields, field)
}

// subject returns the method and the path that the exchange is about; those of
// the request that follows, where it is a preflight.
func (x *exchange) subject() (method, path string) {
	raw, _, _ := strings.Cut(target(x.asked), "?")
	return x.Method, pathpattern.Decode(raw)
}

// explainVerdict says why browsers block the answer, now that it is known what
// else is wrong. What is, leads.
func (x *exchange) explainVerdict() {
	v := x.Verdict
	if v == nil || v.Decisive().Allowed {
		return
	}
	decisive := v.Decisive()
	method, path := x.subject()
	by := v.SetBy[decisive.Header]
	if requested := x.asked.Header.Get("Access-Control-Request-Method"); decisive.Stage == browser.StagePreflight {
		method = requested
	}
	ofSAM := x.UpstreamStatus != 0 && !x.Answered && by != diagnosis.SetByCorsproxy && x.Diagnosis != nil && x.Diagnosis.Code.IsSAMs()
	if ofSAM {
		by = diagnosis.SetBySAM
		v.SetBy[decisive.Header] = by
	}
	d, ok := x.rules.explainer.Blocked(diagnosis.Blocked{
		Verdict:     decisive,
		Origin:      x.Origin,
		Method:      method,
		Path:        path,
		Credentials: v.Included,
		Status:      x.Status,
		SetBy:       by,
		SAMError:    ofSAM,
		Rule:        x.rules.pathOf(x.rule),
		AsDeployed:  x.rule.Source == FromTemplate,
		Allows:      x.allowance(),
		Gateway:     x.rules.deployed,
		Request:     x.gatewayRequest(x.asked),
	})
	if !ok {
		return
	}
	v.Blocked = &d
	// What the policy is there to keep from an origin is no trouble.
	unwanted := x.Decision.Kind == policy.Actual && !x.Decision.Allowed
	if x.Diagnosis == nil && !unwanted {
		x.Diagnosis = &d
	}
}

// allowance is what the settings for the request allow.
func (x *exchange) allowance() diagnosis.Allowance {
	p := x.rule.Policy
	return diagnosis.Allowance{
		Origins:     p.Listed(policy.OriginNotAllowed, diagnosis.MostRepeated+1),
		Origin:      p.Names(x.Origin),
		Credentials: p.AllowsCredentials(),
	}
}
