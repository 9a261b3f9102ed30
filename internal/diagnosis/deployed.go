package diagnosis

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Comparison is a request and what was answered to it here, to be held
// against what the deployed API answers.
type Comparison struct {
	Request apigateway.Request
	Target  string      // of the request, as it was sent
	Status  int         // of the answer here
	Header  http.Header // of the answer here

	// Upstream is the header of the upstream's response before anything was
	// done to it; nil where nothing of such a response was used.
	Upstream http.Header

	// Echo says that no function has answered; see [Knowledge].
	Echo bool

	// Behind says that SAM local has another CORS setting than the template; see
	// [Explainer.Behind].
	Behind bool

	// Allows returns what corsproxy's settings for the path allow; nil where they
	// are not known. Rule is the pattern of their route; "" for the default.
	Allows func() Allowance
	Rule   string
}

// PreflightAsDeployed explains why a browser goes no further after the answer
// that the deployed API gives to a preflight, or why API Gateway refuses another
// OPTIONS. It is false where neither is so, and where a function or another
// service answers.
func PreflightAsDeployed(g *apigateway.Gateway, r apigateway.Request, a apigateway.Answer) (Diagnosis, bool) {
	p, ok := browser.PreflightOf(r.Header)
	v := p.Check(a.Status, a.Header)
	refused := a.By == apigateway.ByNothing || a.By == apigateway.ByGuard
	if a.Forwarded() || ok && v.Allowed || !ok && !refused {
		return Diagnosis{}, false
	}
	d := blocked{p, g, r, a, v}.diagnosis()
	d.Status = a.Status
	return d, true
}

// TemplateUnclear says why a preflight was not answered as the deployed API
// does: the template does not tell how.
func TemplateUnclear(a apigateway.Answer) Diagnosis {
	var why []string
	why = append(why, a.Unknown...)
	if len(a.Others) > 0 {
		why = append(why, "whether "+a.API+" or "+list(a.Others)+" is meant, which have the same path")
	}
	where := ""
	if a.Source != "" {
		where = " (" + a.Source + ")"
	}
	hint := "set cors.source to config for this path"
	switch {
	case a.Refused:
		hint = "write in the template what corsproxy check says, or " + hint
	case slices.ContainsFunc(a.Unknown, func(what string) bool { return strings.HasPrefix(what, "the value of ") }):
		hint = "if it comes of a parameter, give that its value by --parameter-overrides or samconfig.toml; else " + hint
	}
	return Diagnosis{
		Code:   DeployedUnclear,
		Detail: "the settings under cors answered, since the template does not tell" + where + ": " + strings.Join(why, ", "),
		Hints:  []string{hint},
	}
}

// Differs says where the deployed API would answer differently, to the effect
// that the browser does something else with this request. It says nothing
// where that is not certain.
func Differs(g *apigateway.Gateway, c Comparison) (Diagnosis, bool) {
	if c.Request.Header.Get("Origin") == "" {
		return Diagnosis{}, false
	}
	a := g.Answer(c.Request)
	if d, ok := pathDiffers(c, a); ok {
		return d, true
	}
	if !a.Certain() {
		return Diagnosis{}, false
	}
	differs := responseDiffers
	if c.Request.Method == http.MethodOptions {
		differs = preflightDiffers
	}
	d, ok := differs(g, c, a)
	if ok && d.Cause == "" && d.Code != DeployedWithoutRoute {
		d.Cause = a.API + at(d.causedAt(a))
	}
	return d, ok
}

// causedAt is where the template has the cause of what API Gateway does: a
// setting of the API, which many routes share, or a route's own.
func (d Diagnosis) causedAt(a apigateway.Answer) string {
	switch {
	case d.Code == DeployedWithoutCORS:
		return a.APISource
	case d.Code == DeployedGuarded:
		return a.Guard.Source
	case a.CORS != nil && a.CORS.Source != "":
		return a.CORS.Source
	}
	return a.Source
}

func preflightDiffers(g *apigateway.Gateway, c Comparison, a apigateway.Answer) (Diagnosis, bool) {
	p, ok := browser.PreflightOf(c.Request.Header)
	if !ok || a.Forwarded() || a.Path == "" {
		return Diagnosis{}, false // a function decides, or the request itself fails
	}
	here, there := p.Check(c.Status, c.Header), p.Check(a.Status, a.Header)
	switch {
	case here.Allowed && there.Allowed:
		return credentialsDiffer(c, a, p)
	case here.Allowed == there.Allowed:
		return Diagnosis{}, false
	case there.Allowed:
		return Diagnosis{
			Code:   DeployedAllows,
			Detail: fmt.Sprintf("blocked here, and allowed when deployed: the API %s%s allows %s %s for %s", show(a.API), at(a.Source), show(p.Method), show(a.Path), show(p.Origin)),
			Hints:  []string{"to answer each preflight as the deployed API does, " + toStart + "--cors-source template"},
		}, true
	}
	d := blocked{p, g, c.Request, a, there}.diagnosis()
	if own, ok := siteOf(p.Origin, a, d.Code); ok {
		// The template is for another site, as it should be. What counts is
		// whether that site could send the request.
		r := c.Request
		r.Header = r.Header.Clone()
		p.Origin = strings.Replace(own, "*", "site.example", 1)
		r.Header.Set("Origin", p.Origin)
		a = g.Answer(r)
		if there = p.Check(a.Status, a.Header); there.Allowed {
			return forAnotherSite(c, own, a, p), true
		}
		d = blocked{p, g, r, a, there}.diagnosis()
	}
	d.Detail = "allowed here, and blocked when deployed: " + d.Detail
	return d, true
}

// siteOf returns the origin that the deployed API is for, or https://* as HTTP
// APIs know it, where a page of this machine is refused for its origin alone.
func siteOf(origin string, a apigateway.Answer, code Code) (string, bool) {
	u, err := url.Parse(origin)
	if code != DeployedOrigin || a.CORS == nil || err != nil || !isLoopback(u.Hostname()) || isOriginList(a.CORS) || miswritten(firstOf(a.CORS.AllowOrigins), origin) != "" {
		return "", false
	}
	for _, allowed := range firstOf(a.CORS.AllowOrigins) {
		if allowed == "https://*" && a.Type == sam.HTTP {
			return allowed, true
		}
		if site, err := url.Parse(allowed); err == nil && anOrigin.MatchString(allowed) && !isLoopback(site.Hostname()) {
			return allowed, true
		}
	}
	return "", false
}

// at is a place in a template, in brackets.
func at(source string) string {
	if source == "" {
		return ""
	}
	return " (" + show(source) + ")"
}

// A blocked is a preflight after which a browser goes no further, by the answer
// of the deployed API.
type blocked struct {
	browser.Preflight
	gateway *apigateway.Gateway
	request apigateway.Request
	answer  apigateway.Answer
	verdict browser.Verdict
}

func (b blocked) diagnosis() Diagnosis {
	a := b.answer
	switch {
	case a.By == apigateway.ByGuard:
		return b.guarded()
	case a.NoStatus:
		return Diagnosis{
			Code: DeployedAnswerInvalid,
			Detail: fmt.Sprintf("the deployed API %s answers the preflight of %s%s with %d %s: the request template of its MOCK integration gives no statusCode, by which API Gateway chooses the response and its headers",
				show(a.API), show(a.Path), at(a.Source), a.Status, a.Body),
			Hints: []string{`give the integration, with the status of its response, RequestTemplates: {application/json: '{"statusCode": 200}'}; in an OpenAPI document, requestTemplates`},
		}
	case a.By == apigateway.ByNothing && a.Path == "":
		return Diagnosis{
			Code:   DeployedWithoutRoute,
			Detail: fmt.Sprintf("no deployed API has the path, and API Gateway answers %d %s", a.Status, a.Body),
			Hints:  []string{"check the path that the page calls; the routes of the deployed APIs:\ncorsproxy routes --as deployed"},
		}
	case a.By == apigateway.ByNothing:
		return Diagnosis{
			Code:   DeployedWithoutCORS,
			Detail: fmt.Sprintf("the deployed API %s has no CORS setting, and answers the preflight of %s%s with %d %s%s", show(a.API), show(a.Path), at(a.Source), a.Status, a.Body, b.settingElsewhere()),
			Hints:  b.corsHint(),
		}
	}
	switch b.verdict.Chrome {
	case "PreflightAllowOriginMismatch", "PreflightMissingAllowOriginHeader", "PreflightMultipleAllowOriginValues":
		return b.origin()
	case "MethodDisallowedByPreflightResponse":
		return b.unlisted(DeployedMethod, "AllowMethods", b.verdict.Refused)
	case "HeaderDisallowedByPreflightResponse":
		return b.unlisted(DeployedHeader, "AllowHeaders", b.verdict.Refused)
	}
	return Diagnosis{
		Code:   DeployedAnswerInvalid,
		Detail: fmt.Sprintf("the deployed API %s%s answers so that every browser blocks it: %s", show(a.API), at(a.Source), b.verdict.Detail),
		Hints:  []string{"check the CORS values of the template; what is wrong with them and how to write them:\ncorsproxy check"},
	}
}
