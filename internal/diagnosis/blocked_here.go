package diagnosis

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// What lets a page of this machine read an answer is a flag of corsproxy's, and
// leaves the template as it is. It is said first; what has to change for AWS
// comes after it.

// here is what lets the page read the answer, in corsproxy's settings.
func (b *obstacle) here() string { return b.settings(b.flags()) }

// settings are flags, or what does the same for a path that a route of the
// configuration file has settings for: they go before flags.
func (b *obstacle) settings(flags string) string {
	if b.Rule == "" {
		return flags
	}
	return ofRoute(b.Rule) + ", " + strings.Join(keysOf(flags, true), ", ")
}

// toRun is a command with settings, or where they go.
func (b *obstacle) toRun(flags string) string {
	if b.Rule == "" {
		return "corsproxy " + flags
	}
	return ofRoute(b.Rule) + ":\n" + strings.Join(keysOf(flags, false), "\n")
}

// flags are those with which browsers let the page read the answer.
func (b *obstacle) flags() string {
	var flags string
	switch preflight := b.Verdict.Stage == browser.StagePreflight; {
	case preflight:
		flags = "--cors-source config"
	case len(b.Verdict.Values) == 0 && b.SetBy != SetByTemplate: // which has removed what the function sent
		flags = "--response-headers fill"
	default:
		flags = "--response-headers replace"
	}
	if b.AsDeployed && b.Verdict.Stage != browser.StagePreflight {
		flags = "--cors-source config " + flags
	}
	origin, ok := originValue(b.Origin)
	if !ok || origin == "null" || !b.Credentials {
		return flags
	}
	return flags + b.Allows.credentials(origin, b.Rule)
}

// credentials are the flags that allow an origin credentials, as far as they are
// missing, each behind a blank.
func (a Allowance) credentials(origin, rule string) (flags string) {
	switch {
	case a.Origin:
	case rule != "": // the others stay
		flags = " --allow-origin " + shell.Word(origin)
	default:
		flags = " " + a.originFlag(origin)
	}
	if !a.Credentials {
		flags += " --allow-credentials"
	}
	return flags
}

// MostRepeated is how many origins a flag repeats: a longer list is nothing to
// paste.
const MostRepeated = 20

// originFlag is the flag that allows an origin beside those that are allowed now,
// whose place it takes.
func (a Allowance) originFlag(origin string) string {
	var words []string
	if len(a.Origins) > MostRepeated || origin == "*" {
		return "--allow-origin " + shell.Word(origin)
	}
	for _, other := range a.Origins {
		if other != "*" && other != origin && show(other) == other {
			words = append(words, shell.Word(other))
		}
	}
	return "--allow-origin " + strings.Join(append(words, shell.Word(origin)), ",")
}

// otherSite returns the site that the template or the function names, where a
// page is refused for its origin alone. That it is named is no mistake, and the
// advice must not be to overwrite it.
func (b *obstacle) otherSite(code Code) string {
	if b.SetBy == SetByCorsproxy || b.SAMError {
		return ""
	}
	if _, lower := lowerCase(b.Method); lower || b.deployedRight(b.wants(code)) {
		return "" // the origin is not what is missing
	}
	if own, known := b.ownVerdict(); known && b.mixed() && own.Header != "Access-Control-Allow-Origin" {
		return "" // the route's own API allows the origin
	}
	var named []string
	switch code {
	case AllowOriginMismatch, PreflightAllowOriginMismatch, MultipleAllowOriginValues, PreflightMultipleAllowOriginValues:
		named = strings.FieldsFunc(strings.Join(b.Verdict.Values, ","), func(r rune) bool { return r == ',' || r == ' ' })
		if b.foreign && b.mixed() {
			named = nil // another API's, and the fix is for the route's own
			if b.api.CORS != nil {
				named = b.api.CORS.AllowOrigins
			}
		}
	case MissingAllowOriginHeader, PreflightMissingAllowOriginHeader:
		if b.api == nil {
			return ""
		}
		if b.api.Type == sam.REST {
			return SiteBehind(*b.api, b.route.Path, b.Origin)
		}
		named = declaredOrigins(*b.api, b.route.Path)
	}
	if miswritten(named, b.Origin) != "" {
		return "" // it is the page's own
	}
	if i := slices.IndexFunc(named, isSite); i >= 0 {
		return named[i]
	}
	return ""
}

// SiteBehind returns the site that preflights of a REST API's path are answered
// for, where that is not the page's: the function that answers the request
// itself is for that site, too. It is "" where there is none.
func SiteBehind(api sam.API, path, origin string) string {
	if api.Type != sam.REST {
		return ""
	}
	named := declaredOrigins(api, path)
	i := slices.IndexFunc(named, isSite)
	if i < 0 || miswritten(named, origin) != "" || slices.Contains(named, "*") || slices.Contains(named, origin) {
		return ""
	}
	return siteIn(named[i])
}

// AllowsAny reports whether a REST API answers the preflights of a path, or of all its
// paths for "", for any origin and without credentials.
func AllowsAny(api sam.API, path string) bool {
	if api.Type != sam.REST {
		return false
	}
	found := false
	for _, p := range api.Preflights {
		switch {
		case path != "" && p.Path != path, p.CORS == nil:
		case !slices.Equal(p.CORS.AllowOrigins, []string{"*"}), p.CORS.AllowCredentials, slices.Contains(p.CORS.Unresolved, "AllowOrigin"):
			return false
		default:
			found = true
		}
	}
	return found
}

// siteIn is the origin in what [isSite] takes for one.
func siteIn(named string) string {
	u, _ := url.Parse(named) // which isSite has done
	return u.Scheme + "://" + u.Host
}

// declaredOrigins are those that preflights for an API's path are answered with:
// where it has none, those of other paths.
func declaredOrigins(api sam.API, path string) []string {
	cors := declaredCORS(api, path)
	if cors == nil {
		return nil
	}
	return firstOf(cors.AllowOrigins)
}

func declaredCORS(api sam.API, path string) *sam.CORS {
	if p, ok := api.Preflight(path); ok && p.CORS != nil {
		return p.CORS
	}
	return api.CORS
}

// OriginsBehind names what a REST API's setting for a path has its origin in, with
// the place, where that is not one origin: it lists several, of which a function is
// to name the one that asks, or a function of the template makes it, and another one
// with other parameters. Both are "" where it is one.
func OriginsBehind(api sam.API, path string) (listed, made string) {
	c := declaredCORS(api, path)
	switch {
	case api.Type != sam.REST || c == nil:
	case len(c.AllowOrigins) > 1:
		listed = originKey(c)
	case slices.Contains(c.Computed, "AllowOrigin") || slices.Contains(c.Unresolved, "AllowOrigin"):
		made = originKey(c)
	}
	return listed, made
}

// isSite reports whether an origin is one of another machine, be it with a
// path or a slash at its end that should not be there.
func isSite(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && anOrigin.MatchString(u.Scheme+"://"+u.Host) && !isLoopback(u.Hostname())
}

// besideSite is the step where another site is named.
func (b *obstacle) besideSite(site string) string {
	step := "here: " + b.here()
	switch {
	case b.Verdict.Stage == browser.StagePreflight:
		return step
	case b.route.APIType == sam.HTTP && len(b.Verdict.Values) == 0 && b.readableFor(site):
		return step + "; on AWS pages of " + show(site) + " may read it"
	case b.route.APIType == sam.REST && len(b.Verdict.Values) == 0 && !b.echo:
		return step + "; for AWS, have " + b.function() + " send Access-Control-Allow-Origin: " + show(strings.TrimRight(site, "/"))
	case (b.SetBy == SetBySAM || b.SetBy == SetByTemplate) && b.route.APIType == sam.REST:
		return step + "; on AWS " + b.function() + " has to send the header itself"
	}
	return step
}

// readableFor reports whether the deployed HTTP API lets a page of another
// origin send the request and read the answer.
func (b *obstacle) readableFor(site string) bool {
	if b.Gateway == nil {
		return false
	}
	r := b.Request
	r.Header = r.Header.Clone()
	r.Header.Set("Origin", strings.TrimRight(site, "/"))
	a, h := b.Gateway.Answer(r), make(http.Header)
	a.Apply(h)
	sent, known := preceding(b.Gateway, r, b.Credentials)
	return a.Certain() && a.DropsCORS && known && sent.Allowed && browser.CheckActual(r.Header.Get("Origin"), b.Credentials, b.Status, h).Allowed
}

// besideSiteHints say what can be changed for AWS without taking away what
// another site has.
func (b *obstacle) besideSiteHints(site string, fields []wanted) []string {
	hints := []string{"to let this page read it here:\n" + b.toRun(b.flags())}
	where, word, computed := b.computed(fields)
	switch {
	case len(fields) == 0:
	case computed && b.route.APIType == sam.HTTP:
		hints = append(hints, "only if this page is to call the deployed API, too, write "+where+":\n"+word)
	case b.route.APIType == sam.HTTP && b.api != nil && b.api.CORS != nil:
		hints = append(hints, "only if this page is to call the deployed API, too, add it to the list"+at(b.api.CORS.Source)+":\n"+joinWanted(fields, "\n", b.property))
	case b.SetBy == SetBySAM && !b.foreign && strings.Contains(strings.Join(b.Verdict.Values, ""), ","):
		hints = append(hints, "for AWS, a REST API allows one origin, or all by *; in "+b.setting()+", keep the site's:\n"+b.property(wanted{header: "Access-Control-Allow-Origin", value: strings.TrimRight(site, "/"), rest: "AllowOrigin: \"'" + strings.TrimRight(site, "/") + "'\""}))
	case b.SetBy == SetBySAM || b.SetBy == SetByTemplate:
		hints = append(hints, "leave AllowOrigin as it is: a REST API allows one origin, or all by *")
	}
	return hints
}

// lead is what comes before the reason. What else is wrong with the request, or
// with what came of it, is what to look at first.
func (b *obstacle) lead() string {
	first := ""
	switch _, lower := lowerCase(b.Method); {
	case lower:
		first = "the page says " + show(b.Method) + ", in lower case, and no browser corrects that; "
	case b.Status >= 500 && b.Verdict.Stage == browser.StageActual && !b.SAMError && b.SetBy != SetByStranger && (b.SetBy != SetBySAM || b.cors != nil):
		first = b.function() + " answered " + strconv.Itoa(b.Status) + ", see its log; "
	}
	if strings.Contains(b.Verdict.Detail, show(b.Origin)) {
		return first + "browsers block it: "
	}
	return first + "browsers keep it from " + show(b.Origin) + ": "
}

// lowerCase returns how a method is written, where the page has it in lower
// case. Fetch corrects DELETE, GET, HEAD, OPTIONS, POST and PUT alone
// (Fetch, "normalize a method").
func lowerCase(method string) (string, bool) {
	upper := strings.ToUpper(method)
	return upper, upper == http.MethodPatch && method != upper
}

// inCapitals is the step where it is.
func inCapitals(upper string) string { return "write method: '" + upper + "' in the page" }
