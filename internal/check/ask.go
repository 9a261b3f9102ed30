package check

import (
	"net/http"
	"slices"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An ask is what API Gateway asks of a request before anything answers it.
type ask struct {
	at       tree.Pos
	what     string
	headers  []string // in which it is to come, as far as that is known
	enforced bool     // by SAM local, too, which runs Lambda authorizers alone
}

const amzDate = "X-Amz-Date"

func iamAsk(at tree.Pos) ask {
	return ask{at: at, what: "AWS_IAM", headers: []string{"Authorization", amzDate}}
}

const apiKey = "an API key"

func keyAsk(at tree.Pos) ask {
	return ask{at: at, what: apiKey, headers: []string{"X-Api-Key"}}
}

// asks returns what a route asks of actual requests.
func (r *route) asks() []ask {
	switch {
	case r.method == http.MethodOptions:
		return nil // which pages send as preflights
	case r.isPassedOver(), r.operation.local != nil && r.overridden():
		return nil
	case r.operation.local != nil:
		return r.documentAsks()
	case r.function == nil:
		return r.rawAsks()
	}
	var all []ask
	own, auth := r.auth(), r.api.auth()
	name, ok := own.get("Authorizer").deployed.Str()
	at := own.get("Authorizer").pos()
	if !ok {
		name, at = r.api.defaultAuthorizer(), auth.get("DefaultAuthorizer").pos()
	}
	if asked, ok := r.api.named(name, at); ok {
		all = append(all, asked)
	}
	key, byDefault := own.get("ApiKeyRequired"), auth.get("ApiKeyRequired")
	switch {
	case r.api.rest && key.deployed.Truthy():
		all = append(all, keyAsk(key.pos()))
	case r.api.rest && key.deployed == nil && byDefault.deployed.Truthy():
		all = append(all, keyAsk(byDefault.pos()))
	}
	return all
}

// named returns what an authorizer of an API's Auth asks for.
func (a *api) named(name string, at tree.Pos) (ask, bool) {
	switch name {
	case "", "NONE":
		return ask{}, false
	case "AWS_IAM":
		return iamAsk(at), true
	}
	authorizer := a.auth().get("Authorizers", name)
	if !authorizer.isSet() || isFunction(authorizer.written) {
		return ask{}, false
	}
	return ask{at: at, what: "authorizer " + quote(name), headers: authorizerHeaders(authorizer), enforced: authorizer.deployed.Has("FunctionArn")}, true
}

// documentAsks returns what an operation of an OpenAPI document asks for: its
// own security, or else what SAM adds of the Auth of its API.
func (r *route) documentAsks() []ask {
	var authorizer, key []ask
	security := r.operation.get("security").deployed
	open := false
	for _, item := range security.Items() {
		for _, e := range item.Entries() {
			open = open || e.Name() == "NONE"
			switch asked, ok := r.api.scheme(e); {
			case !ok:
			case asked.what == apiKey:
				key = []ask{asked}
			case authorizer == nil:
				authorizer = []ask{asked}
			}
		}
	}
	auth := r.api.auth()
	if !r.api.serverless || !r.api.get("DefinitionBody").written.Get("paths").Is(tree.Map) {
		auth = value{} // SAM changes no document that is elsewhere
	}
	switch {
	case open:
		authorizer = nil
	case authorizer == nil && auth.written != nil:
		if asked, ok := r.api.named(r.api.defaultAuthorizer(), auth.get("DefaultAuthorizer").pos()); ok {
			authorizer = []ask{asked}
		}
	}
	if byDefault := auth.get("ApiKeyRequired"); key == nil && r.api.rest && byDefault.deployed.Truthy() {
		key = []ask{keyAsk(byDefault.pos())}
	}
	return slices.Concat(authorizer, key)
}

// scheme returns what a security requirement of an API's document asks for.
func (a *api) scheme(requirement tree.Entry) (ask, bool) {
	name, at := requirement.Name(), requirement.Key.Pos()
	scheme := sam.SchemeOf(a.definition, name, a.rest)
	switch {
	case scheme.Kind == sam.GuardIAM:
		return iamAsk(at), true
	case scheme.Kind == sam.GuardAuthorizer:
		return ask{at: at, what: "authorizer " + quote(name), headers: scheme.Headers, enforced: scheme.Lambda}, true
	case a.auth().get("Authorizers", name).isSet():
		return a.named(name, at)
	case scheme.Kind == sam.GuardKey:
		return keyAsk(at), true
	}
	return ask{}, false
}

// rawAsks returns what a Method or a Route asks for.
func (r *route) rawAsks() []ask {
	var all []ask
	kind := r.properties.get("AuthorizationType")
	switch text, _ := kind.deployed.Str(); text {
	case "AWS_IAM":
		all = append(all, iamAsk(kind.pos()))
	case "CUSTOM", "COGNITO_USER_POOLS", "JWT":
		id := referred(r.properties.get("AuthorizerId").written, "")
		source := r.api.stack.Deployed.Get(id).Get("Properties").Get("IdentitySource")
		all = append(all, ask{at: kind.pos(), what: text, headers: sam.IdentityHeaders(source), enforced: text == "CUSTOM"})
	}
	if key := r.properties.get("ApiKeyRequired"); r.api.rest && key.deployed.IsTrue() {
		all = append(all, keyAsk(key.pos()))
	}
	return all
}

// authorizerHeaders returns the headers that an authorizer of SAM's reads.
func authorizerHeaders(authorizer value) []string {
	identity := authorizer.get("Identity").deployed
	if source := authorizer.get("IdentitySource").deployed; source.Is(tree.String) {
		return sam.IdentityHeaders(source)
	}
	if identity == nil {
		return []string{"Authorization"}
	}
	if header, ok := identity.Get("Header").Str(); ok {
		return []string{header}
	}
	var names []string
	for _, item := range identity.Get("Headers").Items() {
		if name, ok := item.Str(); ok {
			names = append(names, name)
		}
	}
	if names == nil && !identity.Has("QueryStrings") && !identity.Has("StageVariables") && !identity.Has("Context") && !identity.Has("Headers") {
		return []string{"Authorization"}
	}
	return names
}
