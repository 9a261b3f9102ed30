package diagnosis

import (
	"fmt"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
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
