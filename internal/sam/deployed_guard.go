package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// What API Gateway asks of a request before anything answers it.
const (
	GuardNone       = ""
	GuardAuthorizer = "authorizer" // a token
	GuardIAM        = "iam"        // a signature
	GuardKey        = "api-key"    // X-Api-Key
)

// A Guard is what an operation asks of a request, which a preflight cannot
// bring.
type Guard struct {
	Kind   string
	Name   string // of an authorizer
	Source string // where it is asked for
	// Default says that it is the default of a REST API's Auth, which the API
	// can be told not to ask of preflights.
	Default bool
	// Document says that it stands in an OpenAPI document, as security.
	Document bool
	// Unsure says that an authorizer does not look for a header that
	// preflights lack, or that this cannot be told: it may let them pass.
	Unsure bool
}

// A guardian knows what an API asks of requests.
type guardian struct {
	auth     *tree.Value // Auth of a SAM API
	document *tree.Value
	http     bool
}

// defaultAuth returns the Auth of a SAM API, which SAM writes into the API's
// definition, and for that needs one in the template itself.
func defaultAuth(api tree.Entry) *tree.Value {
	properties := api.Value.Get("Properties")
	if !properties.Get("DefinitionBody").Get("paths").Is(tree.Map) {
		return nil
	}
	return properties.Get("Auth")
}

// guarded returns the guardian of an API of SAM's.
func (d *deployer) guarded(a *API, e tree.Entry, document *tree.Value) guardian {
	auth := defaultAuth(e)
	if a.Type == REST && auth != nil {
		auth = Translated(d.template, d.written(e, "Auth"), auth)
	}
	a.DefaultAuthorizer = auth.Get("DefaultAuthorizer").Truthy()
	if a.Type == HTTP {
		a.OptionsAuthorizer, _ = auth.Get("DefaultAuthorizer").Str()
	}
	a.DefaultKey = a.Type == REST && auth.Get("ApiKeyRequired").Truthy()
	a.Restricted = auth.Get("ResourcePolicy").Truthy() || isHidden(e.Value.Get("Properties"))
	g := guardian{auth: auth, document: document, http: a.Type == HTTP}
	if a.Type == REST {
		added := &declared{method: "OPTIONS", key: "options"}
		for _, guard := range []Guard{g.authorizer(added), g.key(added)} {
			if guard.Kind != GuardNone {
				a.PreflightGuards = append(a.PreflightGuards, guard)
			}
		}
	}
	return g
}

// isHidden reports whether an API of SAM's has no public address, as far as that can
// be told.
func isHidden(properties *tree.Value) bool {
	endpoint := properties.Get("EndpointConfiguration")
	if endpoint.Has("Type") {
		endpoint = endpoint.Get("Type")
	}
	return properties.Get("DisableExecuteApiEndpoint").Truthy() || isFunction(endpoint) || endpoint.EqualsString("PRIVATE")
}

// guardServerless tells operations of events and documents what they ask of a
// request: what they say themselves goes before the defaults of their API. A
// key comes last, since API Gateway looks for it after all else.
func guardServerless(operations []declared, g guardian) {
	for i := range operations {
		op := &operations[i]
		if op.guard.Kind != GuardNone {
			continue
		}
		if op.guard = g.authorizer(op); op.guard.Kind == GuardNone && !g.http {
			op.guard = g.key(op)
		}
	}
}

func (g guardian) authorizer(op *declared) Guard {
	if own := op.auth.Get("Authorizer"); own.Truthy() {
		if own.EqualsString("NONE") {
			return Guard{}
		}
		return g.named(own)
	}
	for _, item := range op.security.Items() {
		for _, e := range item.Entries() {
			if e.Name() == "NONE" {
				return Guard{}
			}
			if guard := g.scheme(e); guard.Kind != GuardNone && guard.Kind != GuardKey {
				return guard
			}
		}
	}
	byDefault := g.auth.Get("DefaultAuthorizer")
	switch {
	case !byDefault.Truthy(), g.http && op.method == "OPTIONS" && !op.auth.Truthy():
		return Guard{}
	case !g.http && op.key == "options" && !isUnlessTold(g.auth.Get("AddDefaultAuthorizerToCorsPreflight")):
		return Guard{}
	case !g.http && !byDefault.EqualsString("AWS_IAM") && !g.auth.Get("Authorizers").Truthy():
		return Guard{} // SAM passes over it
	}
	guard := g.named(byDefault)
	guard.Default = op.method == "OPTIONS"
	return guard
}

// key returns the guard of an API key.
func (g guardian) key(op *declared) Guard {
	own := op.auth.Get("ApiKeyRequired")
	if !own.Is(tree.Absent, tree.Null) && !own.Truthy() {
		return Guard{}
	}
	byDefault := g.auth.Get("ApiKeyRequired")
	asked := byDefault.Truthy() && (op.key != "options" || isUnlessTold(g.auth.Get("AddApiKeyRequiredToCorsPreflight")))
	switch {
	case own.Truthy():
		return Guard{Kind: GuardKey, Source: sourceOf(own.Pos())}
	case asked:
		return Guard{Kind: GuardKey, Source: sourceOf(byDefault.Pos()), Default: op.method == "OPTIONS"}
	}
	for _, item := range op.security.Items() {
		for _, e := range item.Entries() {
			if guard := g.scheme(e); guard.Kind == GuardKey {
				return guard
			}
		}
	}
	return Guard{}
}

// isUnlessTold reads a setting that is true by default, and not where it is
// null.
func isUnlessTold(v *tree.Value) bool { return v == nil || v.Truthy() }

// named returns the guard that an authorizer of Auth is.
func (g guardian) named(name *tree.Value) Guard {
	text, ok := name.Str()
	guard := Guard{Kind: GuardAuthorizer, Name: text, Source: sourceOf(name.Pos()), Unsure: !ok}
	if text == "AWS_IAM" {
		guard.Kind = GuardIAM
		return guard
	}
	authorizer := g.auth.Get("Authorizers").Get(text)
	identity := authorizer.Get("Identity")
	switch {
	case isFunction(authorizer):
		guard.Unsure = true
	case authorizer.Get("IdentitySource") != nil: // of JWT
		guard.Unsure = !readsHeader(authorizer.Get("IdentitySource"))
	case identity.Get("Headers") != nil:
		guard.Unsure = !slices.ContainsFunc(words(identity.Get("Headers")), LackedByPreflights)
	case identity.Has("QueryStrings") || identity.Has("Context") || identity.Has("StageVariables"):
		guard.Unsure = true
	case authorizer.Get("FunctionPayloadType").EqualsString("REQUEST"):
		guard.Unsure = true
	}
	return guard
}

// scheme returns the guard that a security requirement of a document is.
func (g guardian) scheme(requirement tree.Entry) Guard {
	name, at := requirement.Name(), requirement.Key.Pos()
	scheme := SchemeOf(g.document, name, !g.http)
	guard := Guard{Kind: scheme.Kind, Source: sourceOf(at), Document: true, Unsure: scheme.Unsure}
	switch {
	case scheme.Kind == GuardAuthorizer, scheme.Kind == GuardIAM:
		guard.Name = name
	case g.auth.Get("Authorizers").Has(name):
		guard = g.named(tree.NewString(at, name))
		guard.Document = true
	case scheme.Kind == GuardNone:
		return Guard{}
	}
	return guard
}

// readsHeader reports whether identity sources name a header that preflights
// lack.
func readsHeader(sources *tree.Value) bool {
	return slices.ContainsFunc(IdentityHeaders(sources), LackedByPreflights)
}

// IdentityHeaders returns the headers that identity sources name, as
// method.request.header.Authorization does, in a list or separated by commas.
func IdentityHeaders(sources *tree.Value) []string {
	return identityNames(sources, "method.request.header.", "$request.header.")
}

// identityNames returns what follows one of some prefixes in identity sources.
func identityNames(sources *tree.Value, prefixes ...string) []string {
	var names []string
	for _, source := range words(sources) {
		for _, prefix := range prefixes {
			if name, ok := strings.CutPrefix(source, prefix); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// LackedByPreflights reports whether neither a browser sends a header with a
// preflight, nor API Gateway adds it.
func LackedByPreflights(name string) bool {
	switch name = strings.ToLower(name); name {
	case "accept", "accept-encoding", "accept-language", "connection", "host", "origin", "referer", "user-agent", "cache-control", "pragma", "via", "x-amzn-trace-id":
		return false
	}
	return !slices.ContainsFunc([]string{"access-control-", "sec-", "x-forwarded-", "cloudfront-"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// rawGuard returns what a Method or a Route asks for.
func (d *deployer) rawGuard(properties *tree.Value) Guard {
	kind := properties.Get("AuthorizationType")
	guard := Guard{Source: sourceOf(kind.Pos())}
	switch text, ok := kind.Str(); {
	case text == "AWS_IAM":
		guard.Kind = GuardIAM
		return guard
	case text == "CUSTOM" || text == "COGNITO_USER_POOLS" || text == "JWT" || kind.Truthy() && !ok:
		guard.Kind, guard.Name = GuardAuthorizer, refersTo(properties.Get("AuthorizerId"), "")
		source := d.all.Get(guard.Name).Get("Properties").Get("IdentitySource")
		guard.Unsure = !ok || text != "COGNITO_USER_POOLS" && !readsHeader(source)
		return guard
	}
	if key := properties.Get("ApiKeyRequired"); key.IsTrue() {
		return Guard{Kind: GuardKey, Source: sourceOf(key.Pos())}
	}
	return Guard{}
}
