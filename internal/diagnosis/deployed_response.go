package diagnosis

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// responseDiffers compares what becomes of a function's response. Errors are
// left out: SAM local's own are not those of API Gateway.
func responseDiffers(g *apigateway.Gateway, c Comparison, a apigateway.Answer) (Diagnosis, bool) {
	if a.By != apigateway.ByFunction || c.Upstream == nil || c.Status >= http.StatusBadRequest {
		return Diagnosis{}, false
	}
	if d, ok := credentialsRefused(g, c, a); ok {
		return d, true
	}
	if c.Echo && !a.DropsCORS {
		return Diagnosis{}, false // what the function sends on AWS cannot be seen here
	}
	if !a.DropsCORS && c.Behind {
		return Diagnosis{}, false // whose headers these are the template does not tell
	}
	if !a.DropsCORS && a.Local != nil {
		return functionUnseen(c, a)
	}
	origin, credentials := c.Request.Header.Get("Origin"), c.Request.Header.Get("Cookie") != ""
	deployed := c.Upstream.Clone()
	a.Apply(deployed)
	here := browser.CheckActual(origin, credentials, c.Status, c.Header)
	there := browser.CheckActual(origin, credentials, c.Status, deployed)
	switch {
	case here.Allowed == there.Allowed:
		return Diagnosis{}, false
	case there.Allowed:
		if v, known := preceding(g, c.Request, credentials); !known || !v.Allowed {
			return Diagnosis{}, false // no browser sends it there
		}
		return Diagnosis{
			Code:   DeployedResponseReadable,
			Detail: fmt.Sprintf("unreadable here, and readable when deployed: the HTTP API %s%s sets the CORS headers of every response; here %s", show(a.API), at(a.CORS.Source), here.Detail),
			Hints:  []string{"to have responses as the deployed API sends them, " + toStart + "--cors-source template --response-headers keep"},
		}, true
	case a.DropsCORS:
		if _, ok := siteOf(origin, a, DeployedOrigin); ok {
			return Diagnosis{}, false // said of the preflight, or a page that is never deployed
		}
		return Diagnosis{
			Code:   DeployedResponseBlocked,
			Detail: fmt.Sprintf("readable here, and unreadable when deployed: the HTTP API %s%s removes the function's CORS headers and sets its own; %s", show(a.API), at(a.CORS.Source), there.Detail),
			Hints:  responseHint(a, there, origin),
		}, true
	}
	return functionLacks(g, c, a, deployed, there)
}

// functionLacks is a function's response that is readable here, and by its own
// header not on AWS. For a page of this machine it is held against the site that
// the template, or the response itself, names.
func functionLacks(g *apigateway.Gateway, c Comparison, a apigateway.Answer, deployed http.Header, there browser.Verdict) (Diagnosis, bool) {
	origin, credentials := c.Request.Header.Get("Origin"), c.Request.Header.Get("Cookie") != ""
	api, _ := g.API(a.API)
	own, whom := deployed["Access-Control-Allow-Origin"], ""
	site := SiteBehind(api, a.Path, origin)
	if u, err := url.Parse(origin); err == nil && isLoopback(u.Hostname()) {
		if named := declaredOrigins(api, a.Path); site == "" && len(own) == 1 && isSite(own[0]) && !slices.Contains(named, origin) && miswritten(named, origin) == "" {
			site = siteIn(own[0])
		}
		if site != "" {
			if there = browser.CheckActual(site, credentials, c.Status, deployed); there.Allowed {
				return Diagnosis{}, false // as it should be; said of the preflight
			}
			whom = " by pages of " + show(site)
		}
	}
	origin = cmp.Or(site, origin)
	unknown := api.CORS != nil && slices.Contains(api.CORS.Unresolved, "AllowOrigin")
	var hints []string
	const send = "have the function send with each response, errors included"
	switch {
	case there.Header == "Access-Control-Allow-Origin" && len(own) == 1 && isSite(own[0]) && (strings.TrimRight(own[0], "/") != origin || own[0] == origin): // it is to stay
	case there.Header == "Access-Control-Allow-Origin" && unknown:
		hints = []string{send + ", Access-Control-Allow-Origin with the value that AllowOrigin" + at(api.CORS.Places["AllowOrigin"]) + " has on AWS"}
	case there.Header == "Access-Control-Allow-Credentials":
		hints = []string{send + ":\nAccess-Control-Allow-Credentials: true"}
	case mayBeWritten("AllowOrigin", origin) && credentials && deployed.Get("Access-Control-Allow-Credentials") != "true":
		hints = []string{send + ", Access-Control-Allow-Credentials: true and:\nAccess-Control-Allow-Origin: " + origin}
	case mayBeWritten("AllowOrigin", origin):
		hints = []string{send + ":\nAccess-Control-Allow-Origin: " + origin}
	}
	leaves := "a REST API"
	if a.Type == sam.HTTP {
		leaves = "an HTTP API without CorsConfiguration"
	}
	return Diagnosis{
		Code: FunctionSendsNoCORS,
		Detail: fmt.Sprintf("readable here, for the headers that corsproxy sets, and unreadable%s when deployed: %s leaves them to the function %s%s; %s",
			whom, leaves, show(a.Function), at(a.Source), there.Detail),
		Cause: a.API + " " + a.Function,
		Hints: hints,
	}, true
}

// functionUnseen says of a response that is readable here that SAM local has
// put its own headers in place of the function's, which count on AWS.
func functionUnseen(c Comparison, a apigateway.Answer) (Diagnosis, bool) {
	origin := c.Request.Header.Get("Origin")
	if a.Type != sam.REST || !browser.CheckActual(origin, c.Request.Header.Get("Cookie") != "", c.Status, c.Header).Allowed {
		return Diagnosis{}, false
	}
	for field, lines := range a.Local.Headers(a.Type, origin) {
		if !slices.Equal(c.Upstream[field], lines) {
			return Diagnosis{}, false // SAM local has read the template before it had these
		}
	}
	function := show(a.Function) + at(a.Source)
	detail := "readable here, where SAM local sets the CORS headers in place of function " + function + "; on AWS the function's own count, and they cannot be seen here"
	for _, field := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
		if !slices.Equal(c.Header[field], c.Upstream[field]) {
			detail = "readable here, for the headers that corsproxy sets; on AWS those of function " + function + " count, and they cannot be seen here, since SAM local sets its own in their place"
		}
	}
	return Diagnosis{
		Code:   FunctionHeadersUnseen,
		Detail: detail,
		Cause:  a.API + " " + a.Function,
		Hints:  []string{"check whether the function sends Access-Control-Allow-Origin itself, with errors, too"},
	}, true
}

// ResponsesPlace is where the GatewayResponses go of the API that is one of some, in
// words; "" where none of these has a place for them: only a REST API has any, and
// SAM writes them into no definition that is not in the template.
func ResponsesPlace(some, apis []sam.API) string {
	some = slices.DeleteFunc(slices.Clone(some), func(a sam.API) bool { return a.Type != sam.REST || !a.Serverless || a.Elsewhere != "" })
	switch {
	case len(some) == 0:
		return ""
	case len(some) == 1:
		where, _ := settingPlace(some[0], apis)
		if len(some[0].Responses) > 0 {
			where += ", with what is there"
		}
		return where
	case slices.ContainsFunc(some, isImplicit):
		return "in the Properties of its AWS::Serverless::Api, or below Api in Globals"
	}
	return "in the Properties of its AWS::Serverless::Api"
}
