package check

import (
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6039: CORS settings that allow nobody.
func noOriginRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6039", Name: "origin-missing", Severity: SeverityError,
		Title: "A CORS setting names no origin",
		Text: "Cors of a REST API without AllowOrigin is * on AWS. SAM local takes it for none: the preflights that it answers have no Access-Control-Allow-Origin, and browsers refuse the calls. " +
			"CorsConfiguration of an HTTP API without AllowOrigins allows no page, here or on AWS, whatever the methods and headers.",
		Fix:   "Write AllowOrigin, or AllowOrigins, beside the others.",
		Since: "0.2.0",
	}, find: missingOrigins}}
}

func missingOrigins(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s, from, given := v.setting(p, "AllowOrigin")
		switch {
		case p.form == formMock || p.api.inOtherFile() || v.overridden(p) || !p.whole.written.Is(tree.Map) || isFunction(p.whole.written) || p.misspells("AllowOrigin"):
			continue
		case p.form == formCors && !given:
			if found, ok := v.missingLocally(p); ok {
				all = append(all, found)
			}
			continue
		case given && (p.form == formCors || !s.written.Is(tree.List) || s.written.Len() > 0), p.api.serverless && isNoValue(p.whole.written.Get("AllowOrigins")):
			continue // or a function, which another rule tells
		case v.isCompared(p) && len(v.notAllowed(p, "AllowOrigin", deployable(v.options.Config.AllowOrigins))) > 0:
			continue // which tells those that are
		}
		key := from.key("AllowOrigin")
		found := problem{
			pos: p.pos, what: "there is no " + key, why: "AWS allows no page then, whatever the methods and headers",
			fix: key + ": " + flowList([]string{v.oneOrigin(p, "*")}),
		}
		if given {
			found.pos, found.what = s.pos(), key+" is empty"
		}
		if v.allowsNobody() {
			found.why = "neither AWS nor SAM local allows a page then, whatever the methods and headers"
		}
		all = append(all, found)
	}
	return all
}

// missingLocally is about a Cors without AllowOrigin, where SAM local answers by it.
// SAM refuses one that is empty, and one beside credentials.
func (v *view) missingLocally(p *policy) (problem, bool) {
	last := v.lastAPI()
	if p.whole.written.Has("AllowOrigin") || p.credentials() || !v.allowsNobody() || last == nil || last.resource != p.api.resource || len(p.covered()) == 0 {
		return problem{}, false
	}
	return problem{
		pos: p.pos, what: "there is no AllowOrigin", why: "AWS takes that for *, and SAM local for none: browsers refuse what pages call here",
		fix: "AllowOrigin: " + yamlQuoted(v.oneOrigin(p, "*")),
	}, true
}

// allowsNobody reports whether SAM local answers preflights and allows no origin.
func (v *view) allowsNobody() bool {
	return v.Refused == nil && v.Local.CORS != nil && v.Local.CORS.AllowOrigin == ""
}
