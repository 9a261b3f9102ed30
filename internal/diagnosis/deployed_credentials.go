package diagnosis

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A preflight does not tell whether the request will include credentials. Where
// that decides, both are said: a page whose request is blocked for them sends none
// that would show it.

// credentialsDiffer says that the deployed API allows the origin credentials, and
// the answer here does not. Without them both allow the preflight p.
func credentialsDiffer(c Comparison, a apigateway.Answer, p browser.Preflight) (Diagnosis, bool) {
	p.Credentials = true
	if !p.Check(a.Status, a.Header).Allowed || p.Check(c.Status, c.Header).Allowed {
		return Diagnosis{}, false
	}
	d := Diagnosis{
		Code:   DeployedAllows,
		Detail: fmt.Sprintf("blocked here with credentials, and allowed with them when deployed: the API %s%s allows %s %s for %s", show(a.API), at(a.Source), show(p.Method), show(a.Path), show(p.Origin)),
		Hints:  []string{"to answer each preflight as the deployed API does, " + toStart + "--cors-source template"},
	}
	d.Cause = "credentials, " + c.Rule + " " + a.API + at(d.causedAt(a)) // what is blocked without them is another matter
	if flags := c.credentials(p.Origin); flags != "" {
		d.Hints = append([]string{ifIncluded + toStart + flags}, d.Hints...)
	}
	return d, true
}

// ifIncluded is how a page includes credentials.
const ifIncluded = "if the page includes credentials (fetch by 'include', XMLHttpRequest by withCredentials), "

// credentials are the flags that allow an origin credentials, in the preflights
// that corsproxy answers itself; "" where that is not known, or no flag does it.
func (c Comparison) credentials(origin string) (flags string) {
	origin, ok := originValue(origin)
	if !ok || origin == "null" || c.Allows == nil {
		return ""
	}
	flags = c.Allows().credentials(origin, c.Rule)
	if c.Upstream != nil {
		flags = " --cors-source config" + flags
	}
	if flags != "" {
		flags = flags[1:]
	}
	return flags
}

// forAnotherSite says that the deployed API is for another site than the page's.
// Where that site may send the same request with credentials, as p does without
// them, pages of this machine may not: who answers here allows the origin alone.
func forAnotherSite(c Comparison, own string, a apigateway.Answer, p browser.Preflight) Diagnosis {
	origin := c.Request.Header.Get("Origin")
	d := Diagnosis{
		Code:   DeployedForAnotherSite,
		Detail: fmt.Sprintf("allowed here; the deployed API %s%s allows %s, and not %s", show(a.API), at(a.Source), own, show(origin)),
	}
	p.Credentials = true
	there := p.Check(a.Status, a.Header)
	p.Origin = origin
	if !there.Allowed || p.Check(c.Status, c.Header).Allowed {
		return d
	}
	d.Detail += "; that site may include credentials, and here this page may not"
	if flags := c.credentials(origin); flags != "" {
		d.Hints = []string{ifIncluded + toStart + flags + " --response-headers replace"}
	}
	return d
}

// credentialsRefused says of a request with cookies, whose response is readable here,
// that the deployed API's answer to its preflight allows no credentials: the cookies
// show what a preflight does not tell. For a page of this machine it is held against
// the site that the template names.
func credentialsRefused(g *apigateway.Gateway, c Comparison, a apigateway.Answer) (Diagnosis, bool) {
	r := c.Request
	origin := r.Header.Get("Origin")
	if a.DropsCORS || r.Header.Get("Cookie") == "" || !browser.CheckActual(origin, true, c.Status, c.Header).Allowed {
		return Diagnosis{}, false
	}
	api, _ := g.API(a.API)
	whom := ""
	if site := SiteBehind(api, a.Path, origin); site != "" {
		origin, whom = site, " for pages of "+show(site)
		r.Header = r.Header.Clone()
		r.Header.Set("Origin", site)
	}
	without, known := preceding(g, r, false)
	refused, _ := preceding(g, r, true)
	if !known || !without.Allowed || refused.Allowed {
		return Diagnosis{}, false
	}
	source := a.Source
	if p, ok := api.Preflight(a.Path); ok && p.CORS != nil {
		source = p.CORS.Source
	}
	d := Diagnosis{
		Code: DeployedResponseBlocked,
		Detail: fmt.Sprintf("readable here, and blocked when deployed: after the answer of the API %s%s to the preflight, browsers do not send the request with cookies%s; %s",
			show(a.API), at(source), whom, refused.Detail),
		Cause: "credentials, " + a.API + at(source),
	}
	wish := Wish{Origin: origin, Credentials: true}
	switch refused.Chrome {
	case "MethodDisallowedByPreflightResponse":
		wish.Methods = refused.Refused
	case "HeaderDisallowedByPreflightResponse":
		wish.Headers = refused.Refused
	}
	if settings := Settings(g, []sam.API{api}, r, wish); len(settings) > 0 {
		lead := "to allow it with cookies when deployed, "
		if u, err := url.Parse(origin); err == nil && isLoopback(u.Hostname()) && strings.Contains(settings[0].Text, origin) {
			lead += "with the origin of the deployed page in place of this page's, "
		}
		hint := lead + "write " + settings[0].written(Setting{})
		for _, more := range settings[1:] {
			hint = strings.Replace(hint, ":\n", ": ", 1) + then(more)
		}
		d.Hints = []string{hint}
	}
	return d, true
}
