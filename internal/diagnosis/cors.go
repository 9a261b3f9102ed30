package diagnosis

import (
	"net/url"
	"slices"
	"strings"
)

// Preflight is the evidence of a preflight that the policy refused.
type Preflight struct {
	Reason   string   // the name of a CP1xxx code, such as "origin-not-allowed"
	Offender string   // the origin, method or header refused, as the browser sent it
	Detail   string   // a clause with what is allowed; "" has one made of Allowed
	Allowed  []string // what the policy allows of that kind
	Status   int      // of the answer
	Route    string   // the path pattern of the route whose policy it is, "" for the default policy
}

// setting is what has to change for a preflight to pass.
type setting struct{ noun, flag, key string }

var settings = map[Code]setting{
	OriginNotAllowed: {"origin", "--allow-origin", "allow_origins"},
	MethodNotAllowed: {"method", "--allow-method", "allow_methods"},
	HeaderNotAllowed: {"header", "--allow-header", "allow_headers"},
}

// RefusedPreflight explains why the policy refused a preflight (Fetch, section
// 4.9, CORS check, and section 4.8, CORS-preflight fetch). It is false where
// the reason is no CP1xxx code.
func RefusedPreflight(e Preflight) (Diagnosis, bool) {
	for _, info := range corsCodes {
		if info.Name != e.Reason {
			continue
		}
		s := settings[info.Code]
		d := Diagnosis{Code: info.Code, Status: e.Status}
		d.Detail = "the " + s.noun + " " + show(e.Offender) + " is not allowed" + e.scope() + "; " + e.allowed(s)
		d.Hints = append(e.lookalikes(info.Code), e.fixes(s)...)
		return d, true
	}
	return Diagnosis{}, false
}

func (e Preflight) scope() string {
	if e.Route == "" {
		return ""
	}
	return " on " + e.Route
}

func (e Preflight) allowed(s setting) string {
	switch {
	case e.Detail != "":
		return e.Detail
	case len(e.Allowed) == 0:
		return "no " + s.noun + " is"
	default:
		return "allowed: " + strings.Join(e.Allowed, ", ")
	}
}

// fixes says which key and flag to change. The value is the page's to choose,
// so that only one that is harmless in a shell and in YAML is offered to paste.
func (e Preflight) fixes(s setting) []string {
	word, ok := shellWord(e.Offender)
	if !ok {
		return []string{"this " + s.noun + " is not one that a page sends; check what the client writes"}
	}
	key := s.key + ": " + flowList(append(slices.Clip(e.Allowed), e.Offender))
	if e.Route != "" {
		return []string{"to allow it, set under the route " + e.Route + " in the configuration file: cors: {" + key + "}"}
	}
	return []string{
		"to allow it, add to the command line: " + s.flag + " " + word,
		"or set in the configuration file, whose list a flag replaces: cors: {" + key + "}",
	}
}

// lookalikes are hints for an offender that is nearly one that is allowed, or
// that allows more than it seems to.
func (e Preflight) lookalikes(c Code) []string {
	var hints []string
	for _, a := range e.Allowed {
		if c == MethodNotAllowed && a != e.Offender && strings.EqualFold(a, e.Offender) {
			hints = append(hints, "methods are case-sensitive, and browsers put only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals: write "+a+" in the script")
		}
	}
	if c != OriginNotAllowed {
		return hints
	}
	if e.Offender == "null" {
		return append(hints, `"null" is the origin of file:// pages and of every sandboxed frame, of any site: serve the page over HTTP rather than allow it`)
	}
	offender, err := url.Parse(e.Offender)
	if err != nil || !isLoopback(offender.Hostname()) {
		return hints
	}
	for _, a := range e.Allowed {
		allowed, err := url.Parse(a)
		if err == nil && allowed.Host != "" && isLoopback(allowed.Hostname()) {
			hints = append(hints, "to a browser "+show(e.Offender)+" and "+a+" are two origins: "+difference(offender, allowed)+" differs")
			break
		}
	}
	return append(hints, "to allow every page served from this machine, on any port: --allow-origin localhost")
}

// difference names the first part in which two origins differ.
func difference(a, b *url.URL) string {
	switch {
	case a.Scheme != b.Scheme:
		return "the scheme"
	case a.Hostname() != b.Hostname():
		return "the host name"
	default:
		return "the port"
	}
}
