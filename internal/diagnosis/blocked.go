package diagnosis

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/apigateway"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A Setter is who has set a header field of an answer, or left it out.
type Setter string

// The setters.
const (
	SetByCorsproxy Setter = "corsproxy"
	SetBySAM       Setter = "SAM local"                         // by Cors or CorsConfiguration in the template, or in an error of its own
	SetByEarlier   Setter = "SAM local, by an earlier template" // which it reads when it starts
	SetByFunction  Setter = "function"
	SetByTemplate  Setter = "API Gateway"    // corsproxy in its place, as the template has it (cors.source: template)
	SetByUpstream  Setter = "upstream"       // SAM local, a function or another program: it cannot be told
	SetByStranger  Setter = "another server" // than SAM local, by all that the answer says
)

// Blocked is the evidence of an answer that a browser blocks.
type Blocked struct {
	Verdict     browser.Verdict
	Origin      string // that the browser has sent
	Method      string // of the request; for a preflight, that which it asks for
	Path        string // decoded
	Credentials bool   // the request includes them, for certain
	Status      int    // of the answer
	SetBy       Setter // of the field that decided
	SAMError    bool   // SAM local has made the answer itself, without CORS headers
	Rule        string // pattern of corsproxy's own route, "" for the default
	AsDeployed  bool   // corsproxy answers as the deployed API does (cors.source: template)
	Allows      Allowance

	Gateway *apigateway.Gateway // the deployed APIs; nil where no template is known
	Request apigateway.Request  // as Gateway takes it; for a preflight, the OPTIONS
}

// An Allowance is what corsproxy's settings for the path allow already. It is zero
// where they are not known.
type Allowance struct {
	Origins     []string // as they are set: a flag takes their place
	Origin      bool     // they allow the request's, otherwise than by *
	Credentials bool
}

// Blocked explains why a browser blocks an answer, and where to change what.
// It is false for one that it does not block.
func (x *Explainer) Blocked(e Blocked) (Diagnosis, bool) {
	if e.Verdict.Allowed || e.Verdict.Stage == "" {
		return Diagnosis{}, false
	}
	code, ok := browserNames[e.Verdict.Chrome]
	if !ok {
		return Diagnosis{}, false
	}
	b := obstacle{Blocked: e, echo: x != nil && x.Echo}
	if e.Gateway != nil {
		a := e.Gateway.Answer(e.Request)
		b.deployed = &a
	}
	if x != nil && x.table != nil {
		r, ok := x.table.Match(e.Method, e.Path)
		if !ok && e.Verdict.Stage == browser.StagePreflight {
			r, ok = x.table.Match(http.MethodOptions, e.Path) // what answers, also for methods that are not there
		}
		if ok {
			b.route = r
		}
		if x.Template != nil && b.route.Path != "" {
			b.cors = x.Template.Local.Policy(b.route)
			b.ownAPI(x.Template)
			b.unbuilt = x.unbuilt(&b)
			b.ofNone = b.api == nil
			b.SAMError = b.SAMError && (b.Status != http.StatusOK || b.cors == nil) // of an error it makes a function's answer
		}
	}
	d := Diagnosis{Code: code, Status: e.Status, Step: b.fix(code)}
	if b.SetBy != SetByEarlier && !b.unbuilt {
		d.Hints = b.hints(code)
	}
	if strings.HasPrefix(d.Step, "here: ") && b.Rule == "" {
		d.Here = b.flags()
	}
	d.Detail = b.lead() + e.Verdict.Detail
	if next, ok := b.afterMethod(); ok {
		d.Detail += "; " + next.Detail
	}
	if b.api != nil && b.api.Type == sam.HTTP && len(e.Verdict.Values) == 0 {
		d.Detail += miswrittenSays(declaredOrigins(*b.api, b.route.Path), b.Origin)
	}
	d.Detail += "; " + d.Step
	if b.route.Path != "" {
		d.Routes = routesOf([]sam.Route{b.route})
	}
	return d, true
}

// SetBy says who has set a field of an answer that came from the upstream, with
// the given lines. The answer is to a request with method, path and origin.
func (x *Explainer) SetBy(method, path, origin, field string, lines []string) Setter {
	if x == nil || x.table == nil {
		return SetByUpstream
	}
	r, ok := x.table.Match(method, path)
	if !ok || x.template == nil {
		return SetByUpstream
	}
	if declared, ok := x.template.Match(method, path); !ok || declared.Path != r.Path {
		return SetByUpstream // the template knows nobody who would set it
	}
	if policy := x.Template.Local.Policy(r); policy != nil {
		if method == "OPTIONS" {
			return SetBySAM
		}
		if slices.Equal(policy.Headers(r.APIType, origin)[field], lines) && len(lines) > 0 {
			return SetBySAM // in place of the function's
		}
	}
	if x.setEarlier(r, origin, field, lines) {
		return SetByEarlier
	}
	return SetByFunction
}

// An obstacle is evidence with what is known of the route.
type obstacle struct {
	Blocked
	route   sam.Route
	cors    *sam.LocalCORS // what SAM local applies to the route
	api     *sam.API       // the route's own; nil where it is not known
	foreign bool           // cors is another API's
	ofNone  bool           // the template has the route no more, so that its API is not known
	echo    bool           // no function has answered; see Knowledge
	unbuilt bool           // the template has another setting than its build

	deployed *apigateway.Answer // the deployed API's; nil where no template is known
}

// fix is the one step that is next, in one line.
func (b *obstacle) fix(code Code) string {
	preflight := b.Verdict.Stage == browser.StagePreflight
	fields, site := b.wants(code), b.otherSite(code)
	upper, lower := lowerCase(b.Method)
	switch {
	case b.SetBy == SetByStranger:
		return checkUpstream
	case b.SetBy == SetByEarlier:
		return "start SAM local again: it still applies the CORS setting that the template had before"
	case b.unbuilt:
		return "run sam build, and start SAM local again: the template has another CORS setting than the build"
	case lower && code == MethodDisallowedByPreflightResponse:
		return inCapitals(upper)
	case b.isBoolean(code):
		return "have " + b.function() + ` send "true" as a text: SAM local makes True of a boolean`
	case b.mixed() && (b.allowedByOwn() || len(fields) > 0 && site == ""):
		return b.ofOwn(fields)
	case site != "":
		return b.besideSite(site)
	case code == PreflightDisallowedRedirect:
		return "let the page call the URL that Location names"
	case code == PreflightInvalidStatus:
		return "answer preflights with 200, or let corsproxy do it: " + b.settings("--cors-source config")
	case b.Verdict.Stage == browser.StageRedirect && len(fields) == 0:
		return "send another Location"
	case len(fields) == 0 && b.Origin == "null":
		return "open the page from a web server: a file and a sandboxed frame have no origin of their own"
	case len(fields) == 0:
		return "check what the browser was asked to send"
	case b.SetBy == SetByCorsproxy && b.Rule != "":
		return ofRoute(b.Rule) + ", " + joinWanted(fields, ", ", configured)
	case b.SetBy == SetByCorsproxy:
		return "allow it in corsproxy: " + joinWanted(fields, " ", func(w wanted) string { return w.flag })
	case b.SAMError && b.Status >= 300 && b.Status < 400:
		return "SAM local redirects without CORS headers; let the page call the URL that Location names"
	case b.SetBy == SetBySAM && (b.cors == nil || b.SAMError) && !preflight:
		return "SAM local's own errors have no CORS headers; to read them here: " + b.settings("--response-headers fill")
	}
	return "here: " + b.here() + b.elsewhere(fields)
}

// isBoolean reports whether a function has sent a boolean for credentials, of which
// SAM local makes a text as Python does.
func (b *obstacle) isBoolean(code Code) bool {
	return (code == InvalidAllowCredentials || code == PreflightInvalidAllowCredentials) &&
		(b.SetBy == SetByFunction || b.SetBy == SetByUpstream) && slices.Equal(b.Verdict.Values, []string{"True"})
}

// elsewhere is what to change beside corsproxy, so that AWS answers so, too.
func (b *obstacle) elsewhere(fields []wanted) string {
	lead := "; for AWS, "
	if b.route.APIType == "" {
		lead = ", or " // an HTTP API may send others than the function's
	}
	preflight := b.Verdict.Stage == browser.StagePreflight
	upper, lower := lowerCase(b.Method)
	switch {
	case lower:
		return "; and " + inCapitals(upper)
	case b.ofNone:
		return ""
	case b.deployedRight(fields):
		return b.insteadOfSetting()
	case b.settingUnknown(fields) && (preflight || b.api.Type == sam.HTTP):
		return "; what the deployed API allows is known on AWS alone"
	case b.settingRight(fields):
		return "; AllowOrigin" + at(b.api.CORS.Places["AllowOrigin"]) + " of " + show(b.api.ID) + " makes " + show(fields[0].value) + " when deployed, and another text here, see corsproxy check; on AWS " + b.function() + " has to send the header itself"
	case b.settingUnknown(fields):
		return "; on AWS " + b.function() + " has to send the header itself"
	case b.withoutSetting() || len(b.ownPreflights()) > 0:
		return followOn(b.remedies(fields))
	case b.route.Path == "" && b.SetBy == SetByUpstream: // it may be anything
	case preflight && b.SetBy != SetByFunction || (b.SetBy == SetBySAM || b.SetBy == SetByTemplate) && (preflight || !b.byHand()) || b.route.APIType == sam.HTTP:
		if !preflight && b.route.APIType == sam.REST {
			lead = ", or " // on AWS the function's own header counts
		}
		if where, word, ok := b.computed(fields); ok {
			return lead + "write " + where + ": " + word + then(b.declaring(fields))
		}
		return lead + "in " + b.setting() + ", " + joinWanted(fields, ", ", func(w wanted) string { return oneLine(b.property(w)) }) + then(b.declaring(fields))
	case b.echo:
		return ""
	}
	return lead + "have " + b.function() + " send " + joinWanted(fields, " and ", func(w wanted) string { return w.header + ": " + w.value })
}

func joinWanted(fields []wanted, separator string, form func(wanted) string) string {
	parts := make([]string, len(fields))
	for i, w := range fields {
		parts[i] = form(w)
	}
	return strings.Join(parts, separator)
}

// oneLine writes a property that is a list in one line of YAML.
func oneLine(property string) string {
	key, items, ok := strings.Cut(property, "\n  - ")
	if !ok {
		return property
	}
	return key + " [" + strings.ReplaceAll(items, "\n  - ", ", ") + "]"
}

// property returns a field as the template of the route's API writes it.
func (b *obstacle) property(w wanted) string {
	switch {
	case b.byHand():
		return "method.response.header." + w.header + `: "'` + w.value + `'"`
	case b.route.APIType != sam.HTTP:
		return w.rest
	case b.inExtension():
		return lowerFirst(w.http)
	}
	return w.http
}

// setting names where a template declares CORS for the route.
func (b *obstacle) setting() string {
	name := b.corsProperty() + " of the API"
	switch {
	case b.byHand():
		return "the response parameters of the OPTIONS method" + at(b.place())
	case b.cors != nil && b.cors.Source != "" && !b.foreign:
		return name + at(b.cors.Source)
	case b.api != nil && b.place() != "":
		return name + at(b.place())
	}
	return name + " in the template"
}

// function names who answers the request.
func (b *obstacle) function() string {
	switch {
	case b.SetBy == SetByUpstream && b.route.Function == "":
		return "the upstream"
	case b.route.Function == "":
		return "the function"
	case b.route.Source != "":
		return fmt.Sprintf("function %s (%s)", show(b.route.Function), show(b.route.Source))
	}
	return "function " + show(b.route.Function)
}
