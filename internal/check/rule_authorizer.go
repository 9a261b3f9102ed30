package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6075: authorizers that SAM local confuses; and CP6031 of those that read a cookie.
func authorizerRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6075", Name: "authorizers-mixed", Severity: SeverityWarning,
		Title: "SAM local takes one authorizer for methods that differ in theirs",
		Text: "SAM local makes one route of all methods of a function on a path, and asks for the Lambda authorizer of one of them, or for none. With SAM's own resources it is chance which one, at each start; with raw ones it is that of the last. " +
			"A call that AWS lets pass may get 401 or 403, and one that AWS refuses may reach the function.",
		Fix:   "Start SAM local with --disable-authorizer, or let functions of their own answer the methods.",
		Since: "0.2.0",
	}, find: mixedAuthorizers}}
}

// mixedAuthorizers finds the functions whose methods on a path differ in their
// authorizers.
func mixedAuthorizers(v *view) []problem {
	mixes := make(map[string][]sam.Guarded)
	var functions []string
	for _, m := range v.Local.Guarded {
		if !m.IsMixed() {
			continue
		}
		if mixes[m.Function] == nil {
			functions = append(functions, m.Function)
		}
		mixes[m.Function] = append(mixes[m.Function], m)
	}
	var all []problem
	for _, f := range functions {
		all = append(all, v.mixedAuthorizer(mixes[f]))
	}
	return all
}

// mixedAuthorizer tells of the first of a function's mixes, and counts the others.
func (v *view) mixedAuthorizer(mixes []sam.Guarded) problem {
	asked := mixes[0].Asked
	guarded := asked[slices.IndexFunc(asked, func(a sam.Asked) bool { return a.Authorizer != "" })]
	other := asked[slices.IndexFunc(asked, func(a sam.Asked) bool { return a.Authorizer != guarded.Authorizer })]
	name := printable.Line(guarded.String())
	found := problem{
		pos: v.placeOf(guarded.Source),
		why: fmt.Sprintf("which one is chance, at each start: %s may get 401 or 403, and %s pass without a token; on AWS each has its own", other, guarded),
		fix: "start SAM local with --disable-authorizer, or let a function of its own answer " + name,
	}
	if mixes[0].Lasting {
		found.fix = "let a function of its own answer " + name + "; --disable-authorizer is without effect on the Body of a raw REST API"
	}
	differs := "does not"
	if other.Authorizer != "" {
		differs = "for " + quote(other.Authorizer)
		found.why = "which one is chance, at each start; on AWS each has its own"
	}
	if !v.serverless {
		found.why = "that of " + asked[len(asked)-1].String() + ", the last; on AWS each has its own"
	}
	found.what = fmt.Sprintf("%s asks for authorizer %s, and %s %s; SAM local takes one for both", guarded, quote(guarded.Authorizer), other, differs)
	if more := len(mixes) - 1; more > 0 {
		paths := " more path"
		if more > 1 {
			paths += "s"
		}
		found.what += " (so on " + strconv.Itoa(more) + paths + ")"
	}
	return found
}

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
