package apigateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Preflight says in a few words what one of the deployed APIs answers to a
// preflight for one of its paths, as the template writes it: "204 *", "401", "500" of a MOCK that fails,
// "function", "function *" where the API sets the CORS headers of the function's
// answer, "unclear", "refused" where AWS refuses the API's CORS setting, or "200 unclear" where only the origin is; "-" where there is no such API or path.
func (g *Gateway) Preflight(id, path string) string {
	api, ok := g.byID[id]
	if !ok {
		return "-"
	}
	p, ok := api.Preflight(path)
	if !ok {
		return "-"
	}
	example := path // a pattern matches itself, braces and all
	if path == sam.DefaultPath {
		example = "/" + sam.DefaultPath
	}
	if _, ok := api.paths.Best(example); !ok {
		return "-" // it is no pattern, and matches nothing
	}
	r := Request{Method: http.MethodOptions, Path: example, Header: http.Header{
		"Origin": {"http://localhost"}, "Access-Control-Request-Method": {http.MethodGet},
	}}
	if api.Refused != "" {
		return "refused"
	}
	if p.Binary || p.Refused || p.Overrides || p.Status == sam.StatusUnread || p.Unsure != "" && api.Type == sam.HTTP {
		return "unclear"
	}
	var a Answer
	if api.Type == sam.REST {
		a = api.restOptions(r)
	} else {
		a = api.httpOptions(r)
	}
	switch {
	case a.By != ByCORS && (a.Guard.Unsure || a.Type == sam.HTTP && a.differsInSlash(r)):
		return "unclear"
	case a.Forwarded() && a.DropsCORS && origins(a.CORS) != "":
		return string(a.By) + " " + origins(a.CORS)
	case a.Forwarded():
		return string(a.By)
	case a.By == ByGuard || a.By == ByNothing || a.NoStatus:
		text := strconv.Itoa(a.Status)
		if origin := a.Header.Get("Access-Control-Allow-Origin"); origin != "" && a.Status/100 == 2 { // a gateway response
			text += " " + origin
		}
		return text
	case a.CORS == nil || origins(a.CORS) == "":
		return strconv.Itoa(a.Status) + " without origin"
	}
	return strconv.Itoa(a.Status) + " " + origins(a.CORS)
}

// origins are those that a policy allows.
func origins(c *sam.CORS) string {
	all := c.AllowOrigins
	if slices.Contains(c.Unresolved, "AllowOrigin") || slices.Contains(c.Unresolved, "AllowOrigins") {
		all = append(slices.Clone(all), "unclear")
	}
	return strings.Join(all, ",")
}
