package check

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Needed returns the request headers that pages need for the routes of each API
// that AWS deploys, by its id: those that a CORS setting of the API would have to
// allow. An API that needs none is left out. The error says why the template cannot
// be read.
func Needed(o Options) (map[string][]string, error) {
	inspection, err := sam.Inspect(o.Template, o.SAM)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]string)
	for _, a := range newView(inspection, o, false).apis {
		p := &policy{api: a, form: formConfiguration}
		if a.rest {
			p.form = formCors
		}
		if needed := p.needed(); needed != nil && a.deployed != nil {
			all[a.deployed.ID] = withToken(needed)
		}
	}
	return all, nil
}

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
// that a policy covers.
func (p *policy) neededHeaders() (json bool, identity []string) {
	for _, r := range p.covered() {
		json = json || r.method == "POST" || r.method == "PUT" || r.method == "PATCH"
		identity = withHeaders(identity, r.identityHeaders())
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

// readers returns the routes whose authorization reads one of some headers.
func (p *policy) readers(headers []string) []string {
	var names []string
	for _, r := range p.covered() {
		reads := slices.ContainsFunc(r.identityHeaders(), func(name string) bool {
			return slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) })
		})
		if reads && !slices.Contains(names, r.String()) {
			names = append(names, r.String())
		}
	}
	return names
}
