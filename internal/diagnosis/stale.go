package diagnosis

import (
	"net/http"
	"slices"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// setEarlier reports whether the lines of a field are those that SAM local would
// set by a CORS setting that the template had before, and not by the present one:
// it reads the template when it starts, and what it sets takes the place of the
// function's.
func (x *Explainer) setEarlier(r sam.Route, origin, field string, lines []string) bool {
	now := x.Template.Local.Policy(r)
	if now == nil || slices.Equal(headersBy(now, r, origin)[field], lines) {
		return false
	}
	return slices.ContainsFunc(x.Earlier, func(a *sam.Application) bool {
		return slices.Equal(headersBy(a.Local.Policy(r), r, origin)[field], lines)
	})
}

// Behind reports whether SAM local has another CORS setting than the template: it
// has mounted its routes before that changed.
func (x *Explainer) Behind() bool { return x != nil && len(x.Earlier) > 0 && x.newer() }

func headersBy(c *sam.LocalCORS, r sam.Route, origin string) http.Header {
	if c == nil {
		return nil
	}
	return c.Headers(r.APIType, origin)
}

// unbuilt reports whether the template has another CORS setting for the field that
// decided than the build that SAM local takes.
func (x *Explainer) unbuilt(b *obstacle) bool {
	if x.Source == nil || b.route.Path == "" || b.SetBy != SetBySAM && b.SetBy != SetByFunction {
		return false
	}
	field := b.Verdict.Header
	return !slices.Equal(headersBy(x.Source.Local.Policy(b.route), b.route, b.Origin)[field], headersBy(b.cors, b.route, b.Origin)[field])
}

// ForBuild returns what is said of the deployed API of a request with the step that
// is next where the API is read from a build, and the template has another CORS
// setting for it.
func (x *Explainer) ForBuild(d Diagnosis, g *apigateway.Gateway, r apigateway.Request) Diagnosis {
	if x == nil || x.Source == nil || x.Template == nil {
		return d
	}
	api := g.Answer(r).API
	if !slices.Contains(x.Source.OtherCORS(x.Template), api) {
		return d
	}
	d.Hints = append([]string{"run sam build first: the template has another CORS setting for " + show(api) + " than the build, of which this is said"}, d.Hints...)
	return d
}
