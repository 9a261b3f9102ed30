package console

// A Site is an origin that what is behind an API of a template is for.
type Site struct {
	Origin string // another than the page's, or *; "" for the page's own
	For    string // the APIs, in words; "" where it is of all
	Errors bool   // one of them is a REST API, whose errors can be told to name it
}

// served returns the paste that a remedy makes, once for each site that the
// template is for. It is one where they do not differ.
func (m Message) served(r remedy) []Paste {
	first := r(m)
	if m.Template == nil || !first.function && !first.errors {
		return []Paste{first}
	}
	var all []Paste
	differ := false
	for _, s := range m.Template.Sites {
		if first.errors && !s.Errors {
			continue
		}
		of := m
		of.site = s.Origin
		p := r(of)
		if differ = differ || len(all) > 0 && p.Text != all[0].Text; s.For != "" {
			p.For += ", for " + s.For
		}
		all = append(all, p)
	}
	switch {
	case len(all) == 0:
		return []Paste{first}
	case !differ:
		all = all[:1]
		all[0].For = first.For
	}
	return all
}

// servedOrigin is the origin that a function, or an API's errors, are to name:
// the site's where the template names one.
func (m Message) servedOrigin() string {
	if m.site != "" && (m.site != "*" || !m.Wish().Credentials) {
		return m.site
	}
	return m.allowedOrigin()
}
