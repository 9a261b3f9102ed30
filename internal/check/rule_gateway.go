package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const (
	gatewayPrefix    = "gatewayresponse.header."
	gatewayResponse  = "AWS::ApiGateway::GatewayResponse"
	gatewayExtension = "x-amazon-apigateway-gateway-responses"
)

// withGateways returns all policies that are about headers of answers, those of gateway
// responses among them.
func (v *view) withGateways() []*policy { return slices.Concat(v.policies, v.gateways) }

// collectGateways returns a policy for each gateway response that sets CORS headers.
func (v *view) collectGateways() []*policy {
	var all []*policy
	add := func(a *api, name string, headers value, prefix string) {
		p := &policy{api: a, form: formGateway, gateway: name, whole: headers, pos: headers.pos(), settings: make(map[string]setting)}
		p.add(headers, headersBehind(prefix))
		if p.hasHeaders() || p.twicePrefixed() != nil {
			all = append(all, p)
		}
	}
	for _, a := range v.apis {
		if !a.rest {
			continue
		}
		responses := a.get("GatewayResponses")
		for _, e := range responses.written.Entries() {
			add(a, e.Name(), responses.get(e.Name(), "ResponseParameters", "Headers"), "")
		}
		for _, e := range a.definition.Get(gatewayExtension).Entries() {
			written := a.get("DefinitionBody").written
			if !a.serverless {
				written = a.get("Body").written
			}
			response := value{written.Get(gatewayExtension).Get(e.Name()), e.Value, e.Value}
			if response.written == nil {
				response.written = e.Value // in a file of its own
			}
			add(a, e.Name(), response.get("responseParameters"), gatewayPrefix)
		}
	}
	for _, r := range v.ofKind(gatewayResponse) {
		a := v.api(r.stack, referred(r.get("RestApiId").written, ""))
		if a == nil { // which nobody needs to know to look at its headers
			a = &api{resource: r}
		}
		name, _ := r.get("ResponseType").deployed.Str()
		add(a, name, r.get("ResponseParameters"), gatewayPrefix)
	}
	return all
}

// twicePrefixed returns the keys of headers in SAM's GatewayResponses that begin as
// API Gateway's own do: SAM puts that before each.
func (p *policy) twicePrefixed() []*tree.Value {
	var keys []*tree.Value
	for _, e := range p.whole.written.Entries() {
		_, kept := p.settings[e.Name()]
		if kept && headersBehind(gatewayPrefix)(e.Name()) != e.Name() {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

func gatewayResponses(v *view) []problem {
	type proposal struct {
		pos tree.Pos
		fix string
	}
	var order []proposal
	refusing := make(map[proposal][]*policy)
	at := make(map[tree.Pos]int) // how many proposals
	for _, p := range v.policies {
		if p.form != formCors || !v.refuses(p.api) || v.hasGatewayHeaders(p.api) {
			continue
		}
		var of proposal
		of.pos, of.fix = v.newGatewayResponses(p)
		if refusing[of] == nil {
			order = append(order, of)
			at[of.pos]++
		}
		refusing[of] = append(refusing[of], p)
	}
	var all []problem
	for _, of := range order {
		var names []string
		for _, p := range refusing[of] {
			names = append(names, p.api.name())
		}
		refuse, its := "API %s refuses", "its"
		if len(names) > 1 {
			refuse, its = "APIs %s refuse", "their"
		}
		found := problem{
			pos: of.pos, what: fmt.Sprintf(refuse+" requests without CORS headers", firstOf(names, 4)),
			why: "a page cannot read " + its + " 401 and 403: the browser reports a CORS error",
			fix: of.fix,
		}
		if at[of.pos] > 1 { // in Globals, beside which each has an origin of its own
			found.pos = refusing[of][0].spot("AllowOrigin").pos
		}
		all = append(all, found)
	}
	return append(all, v.uselessGatewayHeaders()...)
}

// newGatewayResponses is what an API is to have for its own answers to have the CORS
// headers, and what that is to stand beside.
func (v *view) newGatewayResponses(p *policy) (pos tree.Pos, fix string) {
	origin, ok := v.originText(p)
	fields := "Access-Control-Allow-Origin: " + origin
	if v.asksCredentials(p) {
		fields += ", Access-Control-Allow-Credentials: " + yamlQuoted("true")
	}
	note := ""
	if !ok {
		note = "\n# … is what AllowOrigin has in Cors"
	}
	const responses = "GatewayResponses"
	pos = p.pos
	if e, ok := p.api.written.Entry(responses); ok && e.Value.Truthy() {
		pos, note = e.Key.Pos(), note+"\n# put together with what is there"
	}
	return pos, responses + ":" + headed("DEFAULT_4XX", fields) + headed("DEFAULT_5XX", fields) + note
}

// headed is a gateway response with headers. Both are written out: CloudFormation
// itself takes no aliases.
func headed(response, fields string) string {
	return "\n  " + response + ":\n    ResponseParameters:\n      Headers: {" + fields + "}"
}

// originText writes the origin that a REST API's policy allows as YAML. It is
// false where that is a function too long to be written out.
func (v *view) originText(p *policy) (string, bool) {
	s, given := p.settings["AllowOrigin"]
	if origin, ok := s.written.Str(); ok || !given {
		return yamlQuoted(v.oneOrigin(p, unquote(origin))), true
	}
	return s.written.Inline()
}

// oneOrigin returns the origin to send where a policy allows text: one of
// several, and with credentials not *.
func (v *view) oneOrigin(p *policy, text string) string {
	text = cmp.Or(oneOrigin(text), "*")
	if text == "*" && v.asksCredentials(p) {
		return v.site()
	}
	return text
}

// refuses reports whether an API refuses requests before any function sees
// them.
func (v *view) refuses(a *api) bool {
	if a.defaultAuthorizer() != "" || a.rest && a.auth().get("ApiKeyRequired").deployed.Truthy() {
		return true
	}
	return slices.ContainsFunc(v.routes, func(r *route) bool { return r.api == a && len(r.asks()) > 0 })
}

// hasGatewayHeaders reports whether a gateway response of an API sets
// Access-Control-Allow-Origin, or cannot be told.
func (v *view) hasGatewayHeaders(a *api) bool {
	unknown := false
	walk(a.get("GatewayResponses").written, func(v *tree.Value) { unknown = unknown || isFunction(v) })
	walk(a.definition.Get(gatewayExtension), func(v *tree.Value) { unknown = unknown || isFunction(v) })
	return unknown || slices.ContainsFunc(v.gateways, func(p *policy) bool {
		_, ok := p.settings["AllowOrigin"]
		return p.api == a && (ok || p.twicePrefixed() != nil)
	})
}

// uselessGatewayHeaders finds gateway responses whose CORS headers no page of an API
// can use.
func (v *view) uselessGatewayHeaders() []problem {
	var all []problem
	for _, p := range v.gateways {
		for _, key := range p.twicePrefixed() {
			all = append(all, problem{
				pos: key.Pos(), what: fmt.Sprintf("%s begins with %s, and SAM puts that before each name", quote(key.Text()), gatewayPrefix),
				why: "the answers of API Gateway lack the header", fix: "write " + strings.TrimPrefix(key.Text(), gatewayPrefix) + " in its place",
			})
		}
		i := slices.IndexFunc(v.policies, func(cors *policy) bool { return cors.api == p.api && cors.form == formCors && cors.credentials() })
		s := p.settings["AllowOrigin"]
		text, ok := s.deployed.Str()
		if i < 0 && text == "'*'" && p.credentials() {
			all = append(all, problem{
				pos: p.settings["AllowCredentials"].pos(), what: p.gateway + " sends Access-Control-Allow-Credentials: true with the origin *",
				why: "with cookies no browser accepts *, and without them the header means nothing",
				fix: "take " + p.settings["AllowCredentials"].name() + " out, or name the origin in place of *",
			})
		}
		if i < 0 {
			continue
		}
		given, sends := p.settings["AllowCredentials"]
		if !ok || !isQuoted(text) || sends && !given.deployed.Is(tree.String) || text != "'*'" && p.credentials() {
			continue
		}
		found := problem{
			pos: s.pos(), what: p.gateway + " sends no Access-Control-Allow-Credentials: true",
			why: "Cors allows credentials: a page that sends cookies cannot read such an answer, and the browser reports a CORS error",
		}
		credentials := s.name()[:len(s.name())-len(headers[0].header)] + headers[4].header + ": " + yamlQuoted("true")
		if text != "'*'" {
			found.fix = "write beside it: " + credentials
			all = append(all, found)
			continue
		}
		origin, ok := v.originText(v.policies[i])
		found.what, found.fix = p.gateway+" allows any origin by *", s.name()+": "+origin
		if !p.credentials() {
			found.fix += "\n" + credentials
		}
		if !ok {
			found.fix += "\n# … is what AllowOrigin has in Cors"
		}
		all = append(all, found)
	}
	return all
}
