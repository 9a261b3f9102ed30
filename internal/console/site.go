package console

import "slices"

// A Site is an origin that what is behind an API of a template is for.
type Site struct {
	Origin string // another than the page's, or *; "" for the page's own
	For    string // the APIs, in words; "" where it is of all
	Errors bool   // one of them is a REST API, whose errors can be told to name it
	// Listed and Made are what has the origin in the template, in words. Listed has
	// several, of which a function names the one that asks; Made has another one with
	// other parameters.
	Listed, Made string
}

// served returns the paste that a remedy makes, once for each site that the
// template is for. It is one where they do not differ.
func (m Message) served(r remedy) []Paste {
	first := r(m)
	if m.Template == nil || !first.function && !first.errors {
		return []Paste{first}
	}
	var all, named []Paste
	for _, s := range m.Template.Sites {
		if first.errors && !s.Errors {
			continue
		}
		m.site = s
		p := r(m)
		all = append(all, p)
		if s.For != "" {
			p.For += ", for " + s.For
		}
		named = append(named, p)
	}
	switch {
	case len(all) == 0:
		return []Paste{first}
	case !slices.ContainsFunc(all, func(p Paste) bool { return p != all[0] }):
		return all[:1]
	}
	return named
}

// servedOrigin is the origin that a function, or an API's errors, are to name:
// the site's where the template names one.
func (m Message) servedOrigin() string {
	if o := m.site.Origin; o != "" && (o != "*" || !m.Wish().Credentials) {
		return o
	}
	return m.allowedOrigin()
}
