package check

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A form is how a CORS policy is written.
type form uint8

const (
	formCors          form = iota // Cors of a REST API
	formMock                      // response parameters of an OPTIONS method
	formConfiguration             // CorsConfiguration of an HTTP API
	formExtension                 // x-amazon-apigateway-cors in its document
	formGateway                   // headers of one of its gateway responses
	formURL                       // Cors of a function URL, which has no API
)

// headers are the names of a policy's settings, as response headers.
var headers = [...]struct{ setting, header string }{
	{"AllowOrigin", "Access-Control-Allow-Origin"},
	{"AllowMethods", "Access-Control-Allow-Methods"},
	{"AllowHeaders", "Access-Control-Allow-Headers"},
	{"ExposeHeaders", "Access-Control-Expose-Headers"},
	{"AllowCredentials", "Access-Control-Allow-Credentials"},
	{"MaxAge", "Access-Control-Max-Age"},
}

// A policy is a CORS setting of an API, of one of its OPTIONS methods, of a gateway
// response, or of a function URL. The last two are no preflights' of an API, and stand
// apart in a view.
type policy struct {
	api   *api
	form  form
	route *route // for formMock
	// gateway is the type of the response, for formGateway.
	gateway string
	// response is that of the integration, for formMock, as AWS deploys it.
	response *tree.Value
	whole    value
	pos      tree.Pos
	// settings are the policy's values by the names of a Cors property.
	// AllowOrigin stands for AllowOrigins, too.
	settings map[string]setting
	// written are the policies of all APIs by where their settings stand, or are to stand.
	written map[spot][]*policy
}

// A spot is where the setting of a name stands, or is to stand.
type spot struct {
	setting string
	pos     tree.Pos
}

// A setting is a value of a policy and the key that it stands under.
type setting struct {
	value
	key tree.Entry
}

// newSetting returns a setting. What only AWS knows of its value is a function
// there, whatever SAM CLI takes in its place.
func newSetting(v value, key tree.Entry) setting {
	v.deployed = withoutGuesses(v.deployed)
	return setting{v, key}
}

func withoutGuesses(v *tree.Value) *tree.Value {
	switch {
	case !v.IsGuess():
		return v
	case !v.Is(tree.List):
		return tree.NewIntrinsic(v.Pos(), "Fn::Sub", v)
	}
	list := tree.NewList(v.Pos())
	for _, item := range v.Items() {
		list.Append(withoutGuesses(item))
	}
	return list
}

// name returns the key as written.
func (s setting) name() string { return s.key.Key.Text() }

// isSetting reports whether a setting of a policy, or an item of one, stands at a
// place.
func (v *view) isSetting(at tree.Pos) bool {
	return slices.ContainsFunc(v.policies, func(p *policy) bool {
		for _, s := range p.settings {
			if s.local.Pos() == at || slices.ContainsFunc(s.local.Items(), func(item *tree.Value) bool { return item.Pos() == at }) {
				return true
			}
		}
		return false
	})
}

// refusesSetting reports whether SAM CLI refuses a setting.
func (v *view) refusesSetting(s setting) bool {
	return slices.ContainsFunc(v.Refusals, func(t *sam.TemplateError) bool { return t.Pos == s.local.Pos() })
}

// quoted reports whether the policy's values stand in single quotes.
func (p *policy) quoted() bool {
	return p.form == formCors || p.form == formMock || p.form == formGateway
}

// onAWSAlone reports whether SAM local does not read a policy of a REST API.
func (p *policy) onAWSAlone() bool {
	return p.form == formGateway || p.form == formMock && p.route.operation.local != nil
}

// list returns the items of a setting as AWS deploys it; nil if they cannot
// be told.
func (p *policy) list(name string) []string {
	v := p.settings[name].deployed
	var words []string
	if s, ok := v.Str(); ok && p.quoted() {
		for word := range strings.SplitSeq(unquote(s), ",") {
			words = append(words, apart(name, strings.TrimSpace(word))...)
		}
	}
	for _, item := range v.Items() {
		word, ok := item.Str()
		if !ok {
			return nil
		}
		words = append(words, apart(name, word)...)
	}
	return words
}

// known reports whether all of a setting can be told, or is not there.
func (p *policy) known(name string) bool {
	_, ok := p.settings[name]
	return !ok || p.list(name) != nil && !strings.Contains(strings.Join(p.list(name), ","), "$")
}

// credentials reports whether AWS sends Access-Control-Allow-Credentials.
func (p *policy) credentials() bool {
	v := p.settings["AllowCredentials"].deployed
	if p.form == formMock || p.form == formGateway {
		return v.EqualsString("'true'")
	}
	if p.api.serverless && !isFunction(p.whole.written) {
		v = p.settings["AllowCredentials"].written // SAM looks before functions are resolved
	}
	return v.IsTrue()
}

func unquote(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "'"), "'") }

func isQuoted(s string) bool {
	return len(s) > 1 && strings.HasPrefix(s, "'") && strings.HasSuffix(s, "'")
}

func (v *view) collectPolicies() []*policy {
	var all []*policy
	for _, a := range v.apis {
		property := a.property()
		if property != nil {
			all = append(all, property)
		}
		if e, _ := a.definition.Entry("x-amazon-apigateway-cors"); !a.rest && e.Value.Truthy() {
			whole := value{e.Value, e.Value, e.Value}
			p := &policy{api: a, form: formExtension, whole: whole, pos: e.Key.Pos(), settings: make(map[string]setting)}
			p.add(whole, func(key string) string {
				if key == "allowOrigins" {
					return "AllowOrigin"
				}
				if key != strings.ToLower(key[:1])+key[1:] {
					return "" // API Gateway does not know it
				}
				return strings.ToUpper(key[:1]) + key[1:]
			})
			maps.DeleteFunc(p.settings, func(name string, _ setting) bool { return property.replaces(name) })
			all = append(all, p)
		}
	}
	for _, r := range v.routes {
		if r.api.rest && r.method == http.MethodOptions && r.integration != "aws_proxy" && r.integration != "" {
			all = append(all, r.responses()...)
		}
	}
	written := make(map[spot][]*policy)
	for _, p := range all {
		p.written = written
		for _, h := range headers {
			at := p.spot(h.setting)
			written[at] = append(written[at], p)
		}
	}
	return all
}

// spot returns where a setting stands or, if a policy lacks it, is to stand.
func (p *policy) spot(setting string) spot {
	if s, given := p.settings[setting]; given {
		return spot{setting, s.pos()}
	}
	return spot{setting, p.pos}
}

// holder returns the policy that has a setting, or is to have it.
func (v *view) holder(p *policy, setting string) *policy {
	if _, from, given := v.setting(p, setting); given {
		return from
	}
	return p
}

// replaces reports whether a CorsConfiguration, which may be nil, is deployed in place
// of what the document of its API has for a setting.
func (p *policy) replaces(name string) bool {
	if p == nil {
		return false
	}
	s := p.settings[name]
	return s.written.Truthy() || name == "AllowOrigin" && p.whole.written.IsTrue()
}

// property returns the policy in an API's properties, or nil.
func (a *api) property() *policy {
	p := &policy{api: a, form: formConfiguration, settings: make(map[string]setting)}
	name := "CorsConfiguration"
	if a.rest {
		p.form, name = formCors, "Cors"
	}
	if a.rest && !a.serverless {
		return nil
	}
	p.whole = a.get(name)
	if !p.whole.isSet() {
		return nil
	}
	e, _ := a.written.Entry(name)
	p.pos = e.Key.Pos()
	if at := e.Value.Pos(); !e.Value.Is(tree.Map) && at.Line > 0 && at.Line != p.pos.Line {
		p.pos = at // the key is that of Globals, whose value another one replaces
	}
	if p.whole.written.Is(tree.String) || isFunction(p.whole.written) && p.whole.deployed.Is(tree.String) {
		p.settings["AllowOrigin"] = newSetting(p.whole, e)
		return p
	}
	p.add(p.whole, func(key string) string {
		switch {
		case a.rest || key != "AllowOrigins" && key != "AllowOrigin":
			return key
		case key == "AllowOrigins":
			return "AllowOrigin"
		}
		return "" // refused as a key; what stands there is no setting
	})
	return p
}

// add takes the settings of a map, by the names that name gives them; one without
// a name is none.
func (p *policy) add(whole value, name func(key string) string) {
	entries := whole.written.Entries()
	if isFunction(whole.written) {
		entries = whole.deployed.Entries()
	}
	for _, e := range entries {
		if key := e.Name(); key != "" && !isNoValue(e.Value) && !e.Value.Is(tree.Null) {
			v := whole.get(key)
			if v.written == nil {
				v.written = e.Value
			}
			if known := name(key); known != "" {
				p.settings[known] = newSetting(v, e)
			}
		}
	}
}

// responses returns a policy for each response of an OPTIONS method that sets
// CORS headers.
func (r *route) responses() []*policy {
	var all []*policy
	add := func(response value, key string) {
		parameters := response.get(key)
		p := &policy{api: r.api, form: formMock, route: r, response: response.deployed, whole: parameters, pos: parameters.pos(), settings: make(map[string]setting)}
		p.add(parameters, headersBehind(headerPrefix))
		if p.hasHeaders() {
			all = append(all, p)
		}
	}
	if r.operation.local != nil {
		responses := r.operation.get(openapi.Integration, "responses")
		for _, e := range responses.local.Entries() {
			written := responses.written.Get(e.Name())
			if written == nil {
				written = e.Value
			}
			add(value{written, e.Value, e.Value}, "responseParameters")
		}
		return all
	}
	responses := r.properties.get("Integration", "IntegrationResponses")
	for i, written := range responses.written.Items() {
		add(value{written, item(responses.local, i), item(responses.deployed, i)}, "ResponseParameters")
	}
	return all
}

// headersBehind gives the CORS headers in keys that begin with a prefix the names of
// settings, and other keys their own.
func headersBehind(prefix string) func(key string) string {
	return func(key string) string {
		header, ok := strings.CutPrefix(key, prefix)
		for _, h := range headers {
			if ok && strings.EqualFold(h.header, header) {
				return h.setting
			}
		}
		return key
	}
}

// hasHeaders reports whether a policy sets any CORS header.
func (p *policy) hasHeaders() bool {
	return slices.ContainsFunc(headers[:], func(h struct{ setting, header string }) bool { _, ok := p.settings[h.setting]; return ok })
}

func item(v *tree.Value, i int) *tree.Value {
	if items := v.Items(); i < len(items) {
		return items[i]
	}
	return nil
}

// setting returns a setting of a policy. For an HTTP API the
// CorsConfiguration goes before the extension in its document.
func (v *view) setting(p *policy, name string) (setting, *policy, bool) {
	if s, ok := p.settings[name]; ok {
		return s, p, true
	}
	for _, other := range v.policies {
		if p.form == formConfiguration && other.form == formExtension && other.api == p.api {
			s, ok := other.settings[name]
			return s, other, ok
		}
	}
	return setting{}, p, false
}

// overridden reports whether a policy is but completed by another.
func (v *view) overridden(p *policy) bool {
	return p.form == formExtension && slices.ContainsFunc(v.policies, func(other *policy) bool {
		return other.form == formConfiguration && other.api == p.api
	})
}

// covered returns the routes that a policy's preflights are about. A REST API's
// Cors makes no preflight for a path that has its own; an HTTP API has its headers
// on all.
func (p *policy) covered() []*route {
	if p.form == formMock {
		return p.api.routes[p.route.path]
	}
	var all []*route
	for _, path := range p.api.paths {
		routes := p.api.routes[path]
		if !p.quoted() || !slices.ContainsFunc(routes, func(r *route) bool { return r.method == http.MethodOptions }) {
			all = append(all, routes...)
		}
	}
	return all
}

// served returns the routes whose preflights a setting is for. What stands in Globals
// is for the routes of several APIs.
func (p *policy) served(setting string) []*route {
	sharing := p.written[p.spot(setting)]
	if len(sharing) < 2 || p.spot(setting).pos.Line == 0 {
		return p.covered()
	}
	var all []*route
	for _, other := range sharing {
		all = append(all, other.covered()...)
	}
	return all
}

// whose says whose routes a setting is for.
func (p *policy) whose(setting string) string {
	if slices.ContainsFunc(p.written[p.spot(setting)], func(other *policy) bool { return other.api != p.api }) {
		return "the APIs'"
	}
	return "the API's"
}
