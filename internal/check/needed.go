package check

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// Needs are what pages need for the routes of each API, by its id, and a CORS
// setting of the API would have to allow.
type Needs struct {
	Headers map[string][]string // of requests
	Cookies map[string]bool     // which need credentials
}

// Needed returns what pages need for the routes of the APIs that AWS deploys. An
// API that needs nothing is left out. The error says why the template cannot be
// read.
func Needed(o Options) (Needs, error) {
	inspection, err := sam.Inspect(o.Template, o.SAM)
	if err != nil {
		return Needs{}, err
	}
	all := Needs{Headers: make(map[string][]string), Cookies: make(map[string]bool)}
	for _, a := range newView(inspection, o, false).apis {
		p := &policy{api: a, form: formConfiguration}
		if a.rest {
			p.form = formCors
		}
		if a.deployed == nil {
			continue
		}
		if needed := p.needed(); needed != nil {
			all.Headers[a.deployed.ID] = withToken(needed)
		}
		if len(p.readers("AllowCredentials", cookie)) > 0 {
			all.Cookies[a.deployed.ID] = true
		}
	}
	return all, nil
}

// isAsked reports whether a page has to be allowed to send a header: browsers send
// some by themselves, and drop these where a script sets them.
func isAsked(name string) bool { return sam.LackedByPreflights(name) && !browser.Forbidden(name, "") }

// identityHeaders returns the headers in which a route's authorizer, or its
// API key, expects the identity.
func (r *route) identityHeaders() []string {
	var names []string
	for _, asked := range r.asks() {
		names = append(names, asked.headers...)
	}
	return names
}

// neededHeaders returns the request headers that pages need for the routes
// that a policy's AllowHeaders is for, Authorization first.
func (p *policy) neededHeaders() (json bool, identity []string) {
	for _, r := range p.served("AllowHeaders") {
		json = json || slices.Contains([]string{"POST", "PUT", "PATCH", "ANY"}, r.method)
		identity = withHeaders(identity, slices.DeleteFunc(r.identityHeaders(), func(name string) bool { return !isAsked(name) }))
	}
	if i := slices.IndexFunc(identity, func(name string) bool { return strings.EqualFold(name, "Authorization") }); i > 0 {
		identity = withHeaders([]string{identity[i]}, identity)
	}
	return json, identity
}

// withHeaders returns names of headers with those of more that are not among them,
// in whatever letters.
func withHeaders(names, more []string) []string {
	for _, name := range more {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	return names
}

// needed returns them in one list, nil for none.
func (p *policy) needed() []string {
	json, needed := p.neededHeaders()
	if json {
		return append([]string{"Content-Type"}, needed...)
	}
	return needed
}

// withToken adds to the headers of a signature the one that it has with temporary
// credentials, as pages have them: those are all that should be allowed.
func withToken(names []string) []string {
	if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, amzDate) }) {
		return withHeaders(names, []string{"X-Amz-Security-Token"})
	}
	return names
}

// readers returns the routes whose authorization reads one of some headers, of those
// that a setting is for.
func (p *policy) readers(setting string, headers ...string) []string {
	var names []string
	for _, r := range p.served(setting) {
		reads := slices.ContainsFunc(r.identityHeaders(), func(name string) bool {
			return slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) })
		})
		if reads && !slices.Contains(names, r.String()) {
			names = append(names, r.String())
		}
	}
	return names
}
