package check

import (
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// cookie is the header that a browser sends by itself, where a page asks for
// credentials.
const cookie = "Cookie"

// settingForCookies is what a policy has to say for cookies to be sent. Where that
// takes the place of all it says, it has what else the routes need.
func (v *view) settingForCookies(p *policy) string {
	text := v.withCredentials(p)
	if p.whole.written.Is(tree.Map) || p.quoted() && p.form != formCors {
		return text
	}
	needed := p.needed()
	if c := v.options.Config; c != nil && needed != nil {
		needed = withHeaders(needed, v.notAllowed(p, "AllowHeaders", c.AllowHeaders))
	}
	needed = withToken(needed)
	switch {
	case p.form != formCors:
		text += "\n  AllowMethods: " + flowList(strings.Split(p.namedWords("AllowMethods"), ","))
		if needed != nil {
			text += "\n  AllowHeaders: " + flowList(needed)
		}
	case needed != nil:
		text += "\n  AllowHeaders: " + yamlQuoted(strings.Join(needed, ","))
	}
	return text
}

// omittedCookies finds the policies without credentials whose routes read a cookie.
func (v *view) omittedCookies() []problem {
	var all []problem
	counted := make(map[*api]bool)
	for _, p := range v.policies {
		s, from, given := v.setting(p, "AllowCredentials")
		names := p.readers([]string{cookie})
		if len(names) == 0 || counted[p.api] || v.overridden(p) || from.credentials() || given && !s.written.Is(tree.Bool) ||
			isFunction(p.whole.written) || conditionalMap(p.whole.written) != nil {
			continue
		}
		counted[p.api] = p.form == formMock // the others are written alike
		found := problem{
			pos: p.pos, what: "credentials are not allowed, and the API's authorization reads " + cookie,
			why: "the browser gives no page of another site an answer to a call with cookies: none can call " + firstOf(names, 2), fix: v.settingForCookies(p),
		}
		if given {
			found.pos = s.pos()
		}
		all = append(all, found)
	}
	return all
}
