package diagnosis

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// SAM local has one CORS policy for the routes of all APIs. What it applies to
// a route may be another API's, while the route's own allows what was blocked:
// then the template is right as it is.

// ownAPI sets what the template declares for the route's own API, and whether
// SAM local applies another's policy to it.
func (b *obstacle) ownAPI(app *sam.Application) {
	at := slices.IndexFunc(app.Deployed, func(a sam.API) bool { return a.ID == b.route.API })
	if at < 0 {
		return
	}
	b.api = &app.Deployed[at]
	if p, ok := b.api.Preflight(b.route.Path); ok && p.CORS != nil && (p.CORS.ByHand || b.api.CORS.ByHand) {
		own := *b.api // each OPTIONS method has its own
		own.CORS = p.CORS
		b.api = &own
	}
	b.foreign = b.cors != nil && b.cors.API != b.api.ID
}

// mixed reports whether the block is made by SAM local's choice of the policy,
// so that the fix is not in the policy that it applies.
func (b *obstacle) mixed() bool {
	switch {
	case b.api == nil || b.SetBy == SetByCorsproxy || b.SetBy == SetByTemplate || b.SAMError && b.Verdict.Stage != browser.StagePreflight:
		return false
	case b.Verdict.Stage != browser.StagePreflight && b.route.APIType != sam.HTTP && (b.SetBy != SetBySAM || b.cors == nil):
		return false // the function's own headers, which count when deployed, too
	}
	const first = "Access-Control-Allow-Origin" // that browsers check
	own, known := b.ownVerdict()
	if known && own.Stage != b.Verdict.Stage {
		return false // its preflight is refused, so that its answers are not to blame
	}
	return b.foreign || known && (own.Allowed || b.Verdict.Header == first && own.Header != first)
}

// allowedByOwn reports whether the route's own API allows what was blocked.
func (b *obstacle) allowedByOwn() bool {
	v, known := b.ownVerdict()
	return known && v.Allowed
}

// ownVerdict is what a browser does, from the preflight on, with what corsproxy
// would answer in place of the route's own API. It is false where the template
// does not tell.
func (b *obstacle) ownVerdict() (browser.Verdict, bool) {
	v, known := b.ownAnswer()
	if !known || !v.Allowed || v.Stage == browser.StagePreflight {
		return v, known
	}
	return preceding(b.Gateway, b.Request, b.Credentials)
}

// ownAnswer is the same of the answer alone.
func (b *obstacle) ownAnswer() (browser.Verdict, bool) {
	a := b.deployed
	if a == nil || !a.Certain() || b.AsDeployed {
		return browser.Verdict{}, false
	}
	if b.Verdict.Stage == browser.StagePreflight {
		p, ok := browser.PreflightOf(b.Request.Header)
		return p.Check(a.Status, a.Header), ok && !a.Forwarded()
	}
	h := make(http.Header)
	switch {
	case b.Verdict.Stage != browser.StageActual || a.By != apigateway.ByFunction:
		return browser.Verdict{}, false
	case a.DropsCORS:
		a.Apply(h)
	case a.Mixed != nil:
		h = a.Mixed.Own
	default:
		return browser.Verdict{}, false
	}
	return browser.CheckActual(b.Origin, b.Credentials, b.Status, h), true
}

// deployedRight reports whether the template says already what is wanted of it:
// what blocks the answer here is not its setting.
func (b *obstacle) deployedRight(fields []wanted) bool {
	if len(fields) == 0 || b.Verdict.Stage != browser.StageActual {
		return false
	}
	if v, known := b.ownAnswer(); known {
		return v.Allowed
	}
	if b.api == nil || b.api.Type != sam.HTTP || b.api.CORS == nil {
		return false
	}
	return len(Wish{Origin: b.Origin, Credentials: b.Credentials}.httpChanges(*b.api.CORS)) == 0
}

// insteadOfSetting says what does not work when deployed, where that is known
// and is not the setting.
func (b *obstacle) insteadOfSetting() string {
	if without := strings.TrimRight(b.Path, "/"); b.route.APIType == sam.HTTP && without != b.Path && without == b.route.Path {
		return "; on AWS an HTTP API may not take " + show(b.Path) + " for " + show(without) + ": call that in the page"
	}
	if v, known := preceding(b.Gateway, b.Request, b.Credentials); known && !v.Allowed {
		return "; when deployed, its preflight is refused already"
	}
	return ""
}

// withoutSetting reports whether the route's own API has no CORS setting, so that
// there is none to be changed. It may get none either: that would take the place
// of what its functions send.
func (b *obstacle) withoutSetting() bool {
	return b.api != nil && b.api.CORS == nil && b.api.Refused == ""
}

// remedies are what lets the answer of an API without a CORS setting be read
// when deployed. They are nil where that is not known.
func (b *obstacle) remedies(fields []wanted) []string {
	preflight, a := b.Verdict.Stage == browser.StagePreflight, b.deployed
	switch {
	case len(b.ownPreflights()) > 0:
		return b.ownPreflights()
	case b.echo || len(fields) == 0, preflight && (a == nil || !a.Forwarded() || b.SetBy != SetByFunction && b.SetBy != SetByTemplate):
		return nil // it cannot be seen what a function answers
	}
	function := b.function()
	if preflight && a.Function != "" {
		function = "function " + show(a.Function) + at(a.Source)
	}
	return []string{"for AWS, have " + function + " send " + joinWanted(fields, " and ", func(w wanted) string { return w.header + ": " + w.value })}
}

// ownPreflights is what gives the path of a preflight an OPTIONS when deployed.
// It is nil where that is not what is lacking.
func (b *obstacle) ownPreflights() []string {
	a := b.deployed
	if b.Verdict.Stage != browser.StagePreflight || a == nil || !a.Certain() || a.By != apigateway.ByNothing || a.Path == "" {
		return nil
	}
	p, _ := browser.PreflightOf(b.Request.Header)
	hints := blocked{Preflight: p, gateway: b.Gateway, request: b.Request, answer: *a}.corsHint()
	return hints[:min(len(hints), 1)]
}

const asDeployed = "--cors-source template"

// ofOwn is the fix where SAM local's choice of the policy is to blame.
func (b *obstacle) ofOwn(fields []wanted) string {
	lead, own := "the route's API ", show(b.api.ID)+at(b.place())
	if b.foreign {
		lead = "SAM local applies the CORS of API " + show(b.cors.API) + at(b.cors.Source) + " to all APIs; the route's own, "
		own += ","
	}
	switch {
	case b.allowedByOwn() && b.foreign:
		return lead + own + " allows it: " + b.settings(asDeployed)
	case b.allowedByOwn():
		return lead + own + " allows it when deployed, and SAM local does not: " + b.settings(asDeployed)
	}
	if v, known := b.ownVerdict(); known {
		// What it lacks may be another thing than what SAM local does.
		own := *b
		own.Verdict = v
		if lacks := own.wants(browserNames[v.Chrome]); len(lacks) > 0 {
			fields = lacks
		}
	}
	start := ", and start corsproxy with " + asDeployed
	if b.Rule != "" {
		start = ", and write " + b.settings(asDeployed)
	}
	if b.AsDeployed {
		start = "" // corsproxy does so already
	}
	if b.withoutSetting() {
		return "here: " + b.here() + "; " + lead + own + " has no CORS setting" + followOn(b.remedies(fields)) + start
	}
	if where, word, ok := b.computed(fields); ok {
		return "here: " + b.here() + "; " + lead + own + " has to allow it: write " + where + ", " + word + then(b.declaring(fields)) + start
	}
	return "here: " + b.here() + "; " + lead + own + " has to allow it: in its " + b.corsProperty() + ", " + joinWanted(fields, ", ", func(w wanted) string { return oneLine(b.property(w)) }) + then(b.declaring(fields)) + start
}

// followOn writes hints behind another, in its line.
func followOn(hints []string) string {
	line := ""
	for _, hint := range hints {
		line += "; " + strings.ReplaceAll(hint, "\n", " ")
	}
	return line
}

// place is where the CORS setting of the route's own API stands, or the API.
func (b *obstacle) place() string {
	if b.api.CORS != nil && b.api.CORS.Source != "" {
		return b.api.CORS.Source
	}
	return b.api.Source
}

// corsProperty is the name of the property that holds an API's CORS setting.
func (b *obstacle) corsProperty() string {
	switch {
	case b.byHand():
		return "OPTIONS method"
	case b.route.APIType != sam.HTTP:
		return "Cors"
	case b.inExtension():
		return corsExtension
	}
	return "CorsConfiguration"
}

// byHand reports whether the template has an OPTIONS method of its own with the
// CORS headers of the route, and no property that SAM makes one of.
func (b *obstacle) byHand() bool {
	return b.api != nil && b.api.CORS != nil && b.api.CORS.ByHand
}

// inExtension reports whether the setting stands in an OpenAPI document.
func (b *obstacle) inExtension() bool {
	return b.api != nil && (b.api.Elsewhere != "" || b.api.CORS != nil && b.api.CORS.Extension)
}

// named tells the API from the one whose policy SAM local applies.
func (b *obstacle) named() string {
	if !b.foreign {
		return ""
	}
	return " " + show(b.api.ID)
}

// allowOrigins is the list of the route's own HTTP API with another origin, or
// that origin alone where the list is long.
func (b *obstacle) allowOrigins(another string) string {
	var all []string
	if b.api != nil && b.api.Type == sam.HTTP && b.api.CORS != nil {
		if len(b.api.CORS.AllowOrigins) > mostListed {
			return "AllowOrigins: # beside those that are there\n  - " + yamlString(another)
		}
		all = slices.DeleteFunc(slices.Clone(b.api.CORS.AllowOrigins), func(o string) bool { return o == "*" || o == another || isMeantFor(o, another) || show(o) != o })
	}
	return "AllowOrigins:\n  - " + joinYAML(append(all, another))
}

// joinYAML writes the items of a list that has one in each line.
func joinYAML(words []string) string {
	items := make([]string, len(words))
	for i, w := range words {
		items[i] = yamlString(w)
	}
	return strings.Join(items, "\n  - ")
}
