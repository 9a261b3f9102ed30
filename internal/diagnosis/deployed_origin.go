package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// isOriginList reports whether a REST API, which sends one text to all pages,
// has several origins in it. Browsers refuse that, whatever their own.
func isOriginList(c *sam.CORS) bool {
	return c != nil && c.APIType == sam.REST && len(c.AllowOrigins) > 1 && !c.Echoes
}

// oneOrigin is the origin that a REST API is to keep of several: the first that
// is a site's, or else that which asks.
func oneOrigin(origins []string, asks string) string {
	if i := slices.IndexFunc(origins, isSite); i >= 0 {
		return strings.TrimRight(origins[i], "/")
	}
	return asks
}

func (b blocked) origin() Diagnosis {
	a := b.answer
	allowed := "it allows no origin"
	var origins []string
	if a.CORS != nil {
		origins = firstOf(a.CORS.AllowOrigins)
	}
	isList := isOriginList(a.CORS)
	switch {
	case isList:
		allowed = fmt.Sprintf("it allows none: it sends %q to all, and browsers take one origin", show(a.Header.Get("Access-Control-Allow-Origin")))
	case len(origins) > 0:
		allowed = "it allows " + show(list(origins)) + miswrittenSays(origins, b.Origin)
	}
	path := ""
	if a.Path != "" { // else it is for each path, also one that the API does not have
		path = " for " + show(a.Path)
	}
	d := Diagnosis{
		Code:   DeployedOrigin,
		Detail: fmt.Sprintf("the deployed API %s%s does not allow origin %s%s; %s", show(a.API), at(a.Source), show(b.Origin), path, allowed),
	}
	if _, ok := siteOf(b.Origin, a, d.Code); ok {
		// It is for that site on purpose.
		d.Hints = append(d.Hints, "to let pages of this machine call here, "+toStart+"--cors-source config --response-headers replace")
	}
	switch {
	case a.Type == sam.HTTP:
		d.Hints = append(d.Hints, httpHint(a, "it", lack{"AllowOrigins", []string{b.Origin}})...)
		return d
	case a.CORS != nil && a.CORS.Echoes:
		d.Hints = append(d.Hints, "to allow it when deployed, add it to the mapping template of OPTIONS; where the AWS CDK makes that, to the allowOrigins of defaultCorsPreflightOptions or addCorsPreflight")
		return d
	case isList:
		d.Hints = b.oneOfList(oneOrigin(origins, b.Origin))
	case miswritten(origins, b.Origin) != "", a.CORS == nil || !slices.ContainsFunc(a.CORS.AllowOrigins, isSite):
		d.Hints = append(d.Hints, b.originHint("it", b.Origin)...)
	}
	d.Hints = append(d.Hints, "a REST API's MOCK allows one origin, or all by *; to allow several, let a function answer OPTIONS")
	return d
}

// oneOfList are the hints where a REST API's origin is a list, of which one is
// to be kept.
func (b blocked) oneOfList(keep string) []string {
	hints := b.originHint("one of them", keep)
	if keep != b.Origin {
		hints = append(hints, "to let pages of other origins call here, "+toStart+"--cors-source config --response-headers replace")
	}
	return hints
}
