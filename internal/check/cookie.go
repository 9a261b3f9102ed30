package check

import "github.com/corsproxy/corsproxy/internal/sam/tree"

// cookie is the header that a browser sends by itself, where a page asks for
// credentials.
const cookie = "Cookie"

// lacksCookies reports whether a policy is to allow credentials because routes read a
// cookie.
func (v *view) lacksCookies(p *policy) bool {
	s, from, given := v.setting(p, "AllowCredentials")
	return !v.overridden(p) && !from.credentials() && (!given || s.written.Is(tree.Bool)) &&
		!isFunction(p.whole.written) && conditionalMap(p.whole.written) == nil && len(v.cookieReaders(p)) > 0
}

// cookieReaders returns the routes that a policy's AllowCredentials is for and whose
// authorization reads a cookie.
func (v *view) cookieReaders(p *policy) []string {
	return v.holder(p, "AllowCredentials").readers("AllowCredentials", cookie)
}

// omittedCookies finds the policies without credentials whose routes read a cookie.
func (v *view) omittedCookies() []problem {
	var all []problem
	counted := make(map[*api]bool)
	for _, p := range v.policies {
		if counted[p.api] || !v.lacksCookies(p) {
			continue
		}
		counted[p.api] = p.form == formMock // the others are written alike
		found := problem{
			pos: p.pos, what: "credentials are not allowed, and " + v.holder(p, "AllowCredentials").whose("AllowCredentials") + " authorization reads " + cookie,
			why: "the browser gives no page of another site an answer to a call with cookies: none can call " + firstOf(v.cookieReaders(p), 2), fix: v.withCredentials(p),
		}
		if s, _, given := v.setting(p, "AllowCredentials"); given {
			found.pos = s.pos()
		}
		all = append(all, found)
	}
	return all
}
