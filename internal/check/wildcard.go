package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// namedWords are examples of methods and headers by name.
var namedWords = map[string]string{"AllowMethods": "GET,POST,PUT,DELETE,OPTIONS", "AllowHeaders": "Content-Type,Authorization"}

// namedWords are the same with what else the routes of a policy need, such as in
// place of the * of a REST API, with credentials.
func (p *policy) namedWords(setting string) string {
	words := strings.Split(namedWords[setting], ",")
	if setting == "AllowHeaders" {
		_, identity := p.neededHeaders()
		return strings.Join(withHeaders(words, withToken(identity)), ",")
	}
	return strings.Join(withMethods(words, p.served(setting)), ",")
}

// withMethods adds to methods those that routes have beside.
func withMethods(methods []string, routes []*route) []string {
	for _, r := range routes {
		of, known := sam.MethodsIn(r.method)
		if !known {
			of = []string{r.method}
		}
		for _, m := range of {
			if !slices.Contains(methods, m) {
				methods = append(methods, m)
			}
		}
	}
	return methods
}

func literalWildcards(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if !p.quoted() || !p.credentials() {
			continue
		}
		for name := range namedWords {
			s, example := p.settings[name], p.namedWords(name)
			if !s.deployed.EqualsString("'*'") {
				continue
			}
			fix := s.name() + ": " + yamlQuoted(example)
			if isFunction(s.written) {
				fix = "have the function name them, such as " + yamlQuoted(example)
			}
			all = append(all, problem{
				pos: s.pos(), what: s.name() + " is *, and credentials are allowed",
				why: "with credentials a browser takes * for a name, not for all", fix: fix,
			})
		}
	}
	return append(all, v.literalHeadersLocally()...)
}

// literalHeadersLocally finds the * of an HTTP API's AllowHeaders that SAM local sends
// beside credentials. Of AllowMethods it sends none, and of AWS neither is known.
func (v *view) literalHeadersLocally() []problem {
	c := v.Local.CORS
	if c == nil || !c.AllowCredentials || !slices.Contains(strings.Split(c.AllowHeaders, ","), "*") {
		return nil
	}
	i := slices.IndexFunc(v.policies, func(p *policy) bool { return p.form == formConfiguration && p.api.id == c.API })
	if i < 0 {
		return nil
	}
	p := v.policies[i]
	s := p.settings["AllowHeaders"]
	return []problem{{
		pos: s.pos(), what: s.name() + " has *, and credentials are allowed",
		why:      "SAM local sends it so, and with credentials a browser takes * for a name, not for all",
		fix:      p.namedHeaders(),
		severity: SeverityWarning, // what AWS sends is not documented
	}}
}

// namedHeaders is the AllowHeaders of an HTTP API with names in place of *.
func (p *policy) namedHeaders() string {
	s, names := p.settings["AllowHeaders"], strings.Split(p.namedWords("AllowHeaders"), ",")
	if list, ok := changed(s.written, func(text string) []string {
		if text == "*" {
			return names
		}
		return []string{text}
	}); ok {
		return s.name() + ": " + list
	}
	return "have the value name the headers, such as " + flowList(names)
}

func schemeWildcards(v *view) []problem {
	var all []problem
	before := make(told)
	for _, p := range v.policies {
		for _, o := range p.origins() {
			if p.form == formConfiguration && (o.text == "https://*" || o.text == "http://*") && !before.again(o.pos, o.text) {
				all = append(all, problem{
					pos: o.pos, what: fmt.Sprintf("SAM local compares %s with the Origin as it is", quote(o.text)),
					why: "it allows no page locally; API Gateway allows all of the scheme",
					fix: "corsproxy --cors-source template",
				})
			}
		}
	}
	return all
}
