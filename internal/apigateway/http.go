package apigateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// httpOptions is an HTTP API's answer to OPTIONS. An OPTIONS route goes before
// the API's CORS configuration, and that before a route for any method, unless
// such a route asks for authorization: then API Gateway asks preflights, too.
func (a *api) httpOptions(r Request) Answer {
	if p, ok := a.own.Best(r.Path); ok {
		return a.route(p, r)
	}
	p, ok := a.any.Best(r.Path)
	switch {
	case ok && (a.CORS == nil || p.Guard.Kind != sam.GuardNone):
		return a.route(p, r)
	case a.CORS != nil:
		answer := a.byCORS(r)
		if p, ok := a.paths.Best(r.Path); ok {
			answer.Path = p.Path
		}
		return answer
	}
	return a.noMethod(r)
}

// route is the answer of the route that takes OPTIONS.
func (a *api) route(p *sam.Preflight, r Request) Answer {
	answer := Answer{API: a.ID, Type: a.Type, Path: p.Path, By: ByFunction, Guard: p.Guard, Source: p.Source}
	switch {
	case p.Guard.Kind != sam.GuardNone && p.Guard.Unsure:
		answer.Unknown = append(answer.Unknown, "authorizer "+p.Guard.Name+" may let preflights pass")
	case p.Guard.Kind != sam.GuardNone:
		answer = a.refuseHTTP(answer)
	}
	if answer.By == ByFunction {
		answer.Function = p.Function
	}
	if p.Unsure != "" {
		answer.Unknown = append(answer.Unknown, p.Unsure)
	}
	answer.checkSlash(r)
	a.addCORS(&answer, r)
	answer.DropsCORS = answer.DropsCORS && answer.Forwarded()
	return answer
}

// refuseHTTP is what an HTTP API answers in place of a route where its guard refuses.
func (a *api) refuseHTTP(answer Answer) Answer {
	answer.By, answer.Source, answer.Function = ByGuard, answer.Guard.Source, ""
	answer.Status, answer.Body = http.StatusUnauthorized, unauthorized
	if answer.Guard.Kind == sam.GuardIAM {
		answer.Status, answer.Body = http.StatusForbidden, forbidden
	}
	return answer
}

// checkSlash notes where a route of an HTTP API is found only because a
// trailing slash is passed over, as SAM local does. REST APIs do so, too.
func (answer *Answer) checkSlash(r Request) {
	if answer.differsInSlash(r) {
		answer.Unknown = append(answer.Unknown, "whether "+answer.Path+" takes the path, for its trailing slash")
	}
}

// differsInSlash reports whether only the path of the request, or only that of the
// route, ends with a slash.
func (answer *Answer) differsInSlash(r Request) bool {
	return strings.HasSuffix(r.Path, "/") != strings.HasSuffix(answer.Path, "/") && answer.Path != sam.DefaultPath && !strings.HasSuffix(answer.Path, "+}")
}

// byCORS is the answer that an API gives by its CORS configuration. It is for
// preflights; another OPTIONS gets no CORS headers.
func (a *api) byCORS(r Request) Answer {
	answer := Answer{API: a.ID, Type: a.Type, By: ByCORS, Source: a.CORS.Source, Status: http.StatusNoContent, Header: make(http.Header)}
	if r.IsPreflight() {
		a.addCORS(&answer, r)
		answer.DropsCORS = false
	}
	return answer
}

// addCORS adds what an HTTP API's configuration has for the origin of r, and
// for a preflight what that may ask for. It drops what the function says.
func (a *api) addCORS(answer *Answer, r Request) {
	c := a.CORS
	if c == nil {
		return
	}
	answer.CORS, answer.DropsCORS = c, true
	for _, name := range c.Unresolved {
		if name != "MaxAge" { // how long an answer is remembered changes none
			answer.Unknown = append(answer.Unknown, "the value of "+name)
		}
	}
	answer.ByOrigin = !a.origins.has("*")
	value, ok := a.origins.allow(r.Header.Get("Origin"))
	if !ok {
		return
	}
	if answer.Header == nil {
		answer.Header = make(http.Header)
	}
	h := answer.Header
	set := func(name, value string) {
		if value != "" {
			h.Set(name, value)
		}
	}
	set("Access-Control-Allow-Origin", value)
	if c.AllowCredentials {
		set("Access-Control-Allow-Credentials", "true")
	}
	set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ","))
	if !r.IsPreflight() {
		return
	}
	set("Access-Control-Allow-Methods", strings.Join(c.AllowMethods, ","))
	set("Access-Control-Allow-Headers", strings.Join(c.AllowHeaders, ","))
	if c.MaxAge != nil {
		set("Access-Control-Max-Age", strconv.FormatInt(*c.MaxAge, 10))
	}
}

// An originSet is the AllowOrigins of an HTTP API.
type originSet map[string]struct{}

func newOriginSet(c *sam.CORS) originSet {
	if c == nil {
		return nil
	}
	s := make(originSet, len(c.AllowOrigins))
	for _, origin := range c.AllowOrigins {
		s[origin] = struct{}{}
	}
	return s
}

func (s originSet) has(origin string) bool {
	_, ok := s[origin]
	return ok
}

// allow returns what the API sends as Access-Control-Allow-Origin. Beside exact
// origins it knows "*", "https://*" and "http://*", and no wildcards within a
// host. What is not one origin, as browsers write it, has no wildcard.
func (s originSet) allow(origin string) (string, bool) {
	if origin == "" {
		return "", false
	}
	if s.has("*") {
		return "*", true
	}
	if s.has(origin) {
		return origin, true
	}
	u, err := browser.ParseURL(origin)
	if err != nil || browser.OriginOf(u) != origin || !s.has(u.Scheme+"://*") {
		return "", false
	}
	return origin, true
}
