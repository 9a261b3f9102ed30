package sam

import (
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A Scheme is what a security scheme of an OpenAPI document asks of requests.
type Scheme struct {
	Kind    string   // one of the Guards; GuardNone where API Gateway passes over it
	Headers []string // in which an authorizer looks, as far as that is known
	Lambda  bool     // its authorizer is a function, which SAM local runs, too, or may be one
	Unsure  bool     // its authorizer may let preflights pass, see Guard
}

// SchemeOf returns the scheme that a security requirement of an API's document
// names.
func SchemeOf(document *tree.Value, name string, rest bool) Scheme {
	definition := document.Get("securityDefinitions").Get(name)
	if definition == nil {
		definition = document.Get("components").Get("securitySchemes").Get(name)
	}
	authorizer := definition.Get("x-amazon-apigateway-authorizer")
	authtype, _ := definition.Get("x-amazon-apigateway-authtype").Str()
	switch {
	case name == "AWS_IAM" || strings.EqualFold(authtype, "awsSigv4"):
		return Scheme{Kind: GuardIAM}
	case isFunction(authorizer):
		return Scheme{Kind: GuardAuthorizer, Lambda: true, Unsure: true}
	case authorizer.Truthy():
		kind, _ := authorizer.Get("type").Str()
		scheme := Scheme{Kind: GuardAuthorizer, Lambda: kind == "request" || kind == "token"}
		sources := authorizer.Get("identitySource")
		scheme.Unsure = (kind == "request" || len(words(sources)) > 0) && !readsHeader(sources)
		if header, ok := definition.Get("name").Str(); sources.Truthy() {
			scheme.Headers = IdentityHeaders(sources)
		} else if ok && definition.Get("in").EqualsString("header") {
			scheme.Headers = []string{header}
		}
		return scheme
	case definition.Get("type").EqualsString("apiKey") && rest || name == "api_key":
		return Scheme{Kind: GuardKey}
	}
	return Scheme{}
}
