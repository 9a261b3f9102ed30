package check

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// asksCredentials reports whether a policy allows credentials, or a finding says that
// it is to: what others propose is to go together with that.
func (v *view) asksCredentials(p *policy) bool {
	_, from, _ := v.setting(p, "AllowCredentials")
	computed := p.computesCredentials() && slices.Contains([]string{"", "true"}, p.refusedCredentials())
	return from.credentials() || p.quotesCredentials() || computed || v.lacksCookies(p) || v.lacksConfigured(p)
}

// withCredentials is what a policy has to say for credentials to be allowed: with
// them * is no origin, and, of a REST API, no method and no header.
func (v *view) withCredentials(p *policy) string {
	if !p.whole.written.Is(tree.Map) {
		return v.inPlace(p)
	}
	var lines []string
	s, from, given := v.setting(p, "AllowOrigin")
	isAll := slices.ContainsFunc(from.origins(), func(o origin) bool { return o.text == "*" })
	if isAll || !given && p.form == formCors {
		if isFunction(s.written) {
			from = p
		}
		lines = append(lines, from.named(v.site()))
	}
	for _, h := range headers[1:3] {
		if text, _ := p.settings[h.setting].deployed.Str(); p.quoted() && unquote(text) == "*" {
			lines = append(lines, p.key(h.setting)+": "+yamlQuoted(p.namedWords(h.setting)))
		}
	}
	if p.form == formConfiguration && slices.Contains(p.list("AllowHeaders"), "*") {
		lines = append(lines, p.namedHeaders())
	}
	truth := ": true"
	if p.form == formMock {
		truth = `: "'true'"`
	}
	lines = append(lines, p.key("AllowCredentials")+truth)
	if _, given := p.settings["AllowCredentials"]; p.form == formMock && !given {
		return strings.Join(lines, "\n") + p.declaring("Access-Control-Allow-Credentials")
	}
	return strings.Join(lines, "\n")
}

// site is the first origin of the configuration that is no page's of this machine,
// or an example.
func (v *view) site() string {
	if c := v.options.Config; c != nil && len(deployable(c.AllowOrigins)) > 0 {
		return deployable(c.AllowOrigins)[0]
	}
	return "https://app.example.com"
}

// inPlace is the map that is to take the place of a CORS setting that is one value, a
// text or true: the same in all findings on it.
func (v *view) inPlace(p *policy) string {
	needed, exposed := p.needed(), []string(nil)
	if c := v.options.Config; c != nil {
		needed = withHeaders(needed, v.notAllowed(p, "AllowHeaders", c.AllowHeaders))
		exposed = v.notAllowed(p, "ExposeHeaders", c.ExposeHeaders)
	}
	name, origin, methods, list := "CorsConfiguration:", "AllowOrigins", []string{"*"}, flowList
	if p.form == formCors {
		name, origin, methods, exposed = "Cors:", "AllowOrigin", nil, nil
		list = func(words []string) string { return yamlQuoted(strings.Join(words, ",")) }
	}
	text, _ := p.whole.written.Str()
	lines := []string{name, origin + ": " + list([]string{v.oneOrigin(p, unquote(text))})}
	if v.asksCredentials(p) {
		lines = append(lines, "AllowCredentials: true")
		if methods != nil {
			methods = strings.Split(p.namedWords("AllowMethods"), ",")
		}
	}
	for _, s := range []struct {
		key   string
		words []string
	}{{"AllowMethods", methods}, {"AllowHeaders", withToken(needed)}, {"ExposeHeaders", exposed}} {
		if len(s.words) > 0 {
			lines = append(lines, s.key+": "+list(s.words))
		}
	}
	return strings.Join(lines, "\n  ")
}
