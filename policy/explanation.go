package policy

import (
	"fmt"
	"slices"
	"strings"
)

// explain notes why a request is refused. It looks for the reasons in the order
// in which browsers do.
func (p *Policy) explain(d *Decision) {
	if !p.origins.contains(d.Origin) {
		d.Reason, d.Offender, d.Detail = OriginNotAllowed, d.Origin, p.explainOrigin(d.Origin)
		return
	}
	d.Refused = p.headers.refused(d.Headers)
	switch {
	case p.methods.contains(d.Method):
		d.Reason, d.Offender, d.Detail = HeaderNotAllowed, d.Refused[0], p.explainHeaders(d.Refused)
	default:
		d.Reason, d.Offender, d.Detail = MethodNotAllowed, d.Method, p.explainMethod(d.Method)
		if len(d.Refused) > 0 {
			d.Detail += "; " + p.explainHeaders(d.Refused)
		}
	}
}

func (p *Policy) explainOrigin(origin string) string {
	const longest = 300 // of the origins that are looked into
	cause := ""
	if len(origin) <= longest {
		if meant := repairOrigin(origin); meant != origin && p.origins.contains(meant) {
			cause = ": it " + originMistake(origin)
		}
	}
	return fmt.Sprintf("origin %s is not allowed%s; allowed: %s", quote(origin), cause, p.allowedOrigins())
}

func (p *Policy) explainMethod(method string) string {
	upper := strings.ToUpper(method)
	switch {
	case !isToken(method):
		return fmt.Sprintf("method %s is not the name of a method", quote(method))
	case !isMethod(method):
		return fmt.Sprintf("method %s is not allowed: browsers let no page use it", quote(method))
	case upper != method && p.methods.contains(upper):
		return fmt.Sprintf("method %s is not allowed: methods are case-sensitive, so pass %q to fetch; allowed: %s",
			quote(method), upper, orNone(p.methods.names()))
	}
	return fmt.Sprintf("method %s is not allowed; allowed: %s", quote(method), orNone(p.methods.names()))
}

func (p *Policy) explainHeaders(refused []string) string {
	subject, verb := "header", "is"
	if len(refused) > 1 {
		subject, verb = "headers", "are"
	}
	quoted := make([]string, len(refused))
	for i, name := range refused {
		quoted[i] = quote(name)
	}
	if slices.ContainsFunc(refused, isToken) {
		return fmt.Sprintf("%s %s %s not allowed; allowed: %s", subject, enumerate(quoted), verb, orNone(p.config.AllowHeaders))
	}
	return fmt.Sprintf("%s %s %s not allowed: that is not how headers are named", subject, enumerate(quoted), verb)
}

// remark returns what a person should know of a request that is allowed, if
// there is anything.
func (p *Policy) remark(d Decision) string {
	if d.Kind != Preflight {
		return ""
	}
	upper := strings.ToUpper(d.Method)
	switch {
	case upper != d.Method && slices.Contains(standardMethods, upper):
		return fmt.Sprintf("method %s is allowed, but is not %s: methods are case-sensitive", quote(d.Method), upper)
	case !p.methods.any && !slices.Contains(p.methods.listed, d.Method) && slices.Contains(safelistedMethods, d.Method):
		return fmt.Sprintf("method %s is not listed, but browsers let every page use GET, HEAD and POST", quote(d.Method))
	}
	return ""
}

// Listed returns the first entries, at most so many, of the list that a request
// was refused by: of [Config.AllowOrigins], AllowMethods or AllowHeaders. They
// must not be changed.
func (p *Policy) Listed(by Reason, most int) []string {
	var list []string
	switch by {
	case OriginNotAllowed:
		list = p.config.AllowOrigins
	case MethodNotAllowed:
		list = p.config.AllowMethods
	case HeaderNotAllowed:
		list = p.config.AllowHeaders
	}
	return slices.Clip(list[:min(len(list), most)])
}

// Names reports whether an origin is allowed otherwise than by *: credentials may
// be allowed to it.
func (p *Policy) Names(origin string) bool { return !p.origins.any && p.origins.contains(origin) }

// AllowsCredentials reports whether credentials are allowed.
func (p *Policy) AllowsCredentials() bool { return p.config.AllowCredentials }

func (p *Policy) allowedOrigins() string { return orNone(p.config.AllowOrigins) }

// orNone enumerates names. It is not asked for methods or headers where any is
// allowed: what is refused then is no name, and no list would help.
func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return enumerate(names)
}
