package sam

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// SAM local makes Lambda authorizers of what a template says and refuses to
// start where it cannot. What follows finds the same faults, and notes which
// authorizers there are.

// auth takes the authorizers in the Auth property of a SAM API.
func (c *collector) auth(api tree.Entry, auth *tree.Value, isHTTP bool) error {
	authorizers, ok := auth.Entry("Authorizers")
	if !ok {
		return nil
	}
	if !authorizers.Value.Is(tree.Map) {
		return authError(api, authorizers.Key.Pos(), "Authorizers are "+authorizers.Value.Kind().String()+", not a map", "fill them or remove them")
	}
	for _, e := range authorizers.Value.Entries() {
		isLambda, err := checkServerlessAuthorizer(api, e, isHTTP)
		if err != nil {
			return err
		}
		if isLambda {
			c.runs(api.Name(), e.Name(), serverlessReads(e.Value, isHTTP))
		}
	}
	return nil
}

// serverlessReads returns where a Lambda authorizer of Auth looks.
func serverlessReads(authorizer *tree.Value, isHTTP bool) reads {
	identity := authorizer.Get("Identity")
	if isHTTP || authorizer.Get("FunctionPayloadType").EqualsString("REQUEST") {
		return reads{words(identity.Get("Headers")), words(identity.Get("QueryStrings"))}
	}
	if header, ok := identity.Get("Header").Str(); ok {
		return reads{headers: []string{header}}
	}
	return reads{headers: []string{"Authorization"}}
}

func authError(owner tree.Entry, pos Pos, what, fix string) error {
	return &TemplateError{Pos: pos, What: fmt.Sprintf("%q: ", owner.Name()) + what, Why: "SAM CLI does not start", Fix: fix}
}

// checkServerlessAuthorizer checks an authorizer of Auth and reports whether SAM
// local runs it.
func checkServerlessAuthorizer(api, e tree.Entry, isHTTP bool) (isLambda bool, err error) {
	name, pos := e.Key.Text(), e.Key.Pos()
	if !e.Value.Is(tree.Map) {
		return false, authError(api, pos, fmt.Sprintf("authorizer %s is %s, not a map", name, e.Value.Kind()), "write a map, without functions around it")
	}
	arn := e.Value.Get("FunctionArn")
	if !arn.Truthy() || openapi.FunctionName(arn) == "" {
		return false, nil // not a Lambda authorizer: SAM local lets requests through
	}
	identity, ok := e.Value.Entry("Identity")
	if ok && !identity.Value.Is(tree.Map) {
		return false, authError(api, identity.Key.Pos(), fmt.Sprintf("Identity of authorizer %s is %s, not a map", name, identity.Value.Kind()), "write Header: Authorization below it")
	}
	kind := e.Value.Get("FunctionPayloadType")
	switch {
	case isHTTP || kind.EqualsString("REQUEST"):
		if err := checkPayloadVersion(api, e, isHTTP); err != nil {
			return false, err
		}
		return true, checkIdentity(api, e, identity.Value, isHTTP)
	case kind == nil || kind.EqualsString("TOKEN"):
		header := "Authorization"
		if h := identity.Value.Get("Header"); h != nil {
			header = h.Text()
		}
		return true, checkIdentitySource(api, e, "method.request.header."+header, false)
	}
	return false, nil
}

func checkPayloadVersion(api, e tree.Entry, isHTTP bool) error {
	version, ok := e.Value.Entry("AuthorizerPayloadFormatVersion")
	text, isText := version.Value.Str()
	simple := e.Value.Get("EnableSimpleResponses")
	const fix = `write AuthorizerPayloadFormatVersion: "2.0", in quotes`
	switch {
	case ok && !isText && !version.Value.Is(tree.Null):
		return authError(api, version.Value.Pos(), fmt.Sprintf("AuthorizerPayloadFormatVersion of authorizer %s is %s, not a string", e.Key.Text(), version.Value.Kind()), fix)
	case isHTTP && text != "1.0" && text != "2.0":
		return authError(api, e.Key.Pos(), fmt.Sprintf("authorizer %s does not say its payload version, 1.0 or 2.0", e.Key.Text()), fix)
	case simple.Truthy() && text == "1.0":
		return authError(api, e.Key.Pos(), fmt.Sprintf("authorizer %s has EnableSimpleResponses with payload version 1.0", e.Key.Text()), fix)
	}
	return nil
}

// checkIdentity checks the parts of a request that an authorizer reads.
func checkIdentity(api, e tree.Entry, identity *tree.Value, isHTTP bool) error {
	request, other := "method.request.", ""
	if isHTTP {
		request, other = "$request.", "$"
	}
	for _, part := range []struct{ key, prefix string }{
		{"QueryStrings", request + "querystring."}, {"Headers", request + "header."},
		{"Context", other + "context."}, {"StageVariables", other + "stageVariables."},
	} {
		names, ok := identity.Entry(part.key)
		if !ok {
			continue
		}
		if !names.Value.Is(tree.List, tree.Map, tree.String) {
			return authError(api, names.Key.Pos(), fmt.Sprintf("%s of authorizer %s is %s, not a list", part.key, e.Key.Text(), names.Value.Kind()), "write a list")
		}
		for _, name := range names.Value.Items() {
			if err := checkIdentitySource(api, e, part.prefix+name.Text(), isHTTP); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkIdentitySource(owner, e tree.Entry, source string, isHTTP bool) error {
	if openapi.ValidIdentitySource(source, isHTTP) {
		return nil
	}
	return authError(owner, e.Key.Pos(), fmt.Sprintf("authorizer %s reads %q, which SAM CLI does not know", e.Key.Text(), source), "use names of letters, digits, dots, dashes and underscores")
}

// checkLinks refuses routes that name their authorizer, or that of their API,
// by a function that could not be resolved.
func (c *collector) checkLinks() error {
	if c.loader.options.DisableAuthorizer {
		return nil
	}
	for _, m := range c.routes {
		v := m.named(c)
		if v.Is(tree.Map, tree.List) {
			is := v.Kind().String() + ", not a name"
			if isFunction(v) {
				is = "given by a function that cannot be resolved"
			}
			return &TemplateError{
				Pos:  v.Pos(),
				What: fmt.Sprintf("the authorizer of %s is %s", m.path, is),
				Why:  "SAM CLI crashes on it",
				Fix:  "write its name, or !Ref of an authorizer in this template; or start SAM with --disable-authorizer",
			}
		}
	}
	return nil
}

// authorizer checks an AWS::ApiGateway::Authorizer.
func (c *collector) authorizer(_ *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	isLambda, err := c.checkAuthorizer(e, "Type", "RestApiId", "TOKEN", "REQUEST")
	if err != nil || !isLambda {
		return err
	}
	kind, _ := properties.Get("Type").Str()
	sources := properties.Get("IdentitySource")
	list, isText := sources.Str()
	switch {
	case sources.Is(tree.Absent, tree.Null) && kind == "TOKEN":
		return authError(e, e.Key.Pos(), "the authorizer has no IdentitySource", "write IdentitySource: method.request.header.Authorization")
	case !sources.Is(tree.Absent, tree.Null) && !isText:
		return authError(e, sources.Pos(), "IdentitySource is "+sources.Kind().String()+", not a string", "write the sources in one string, separated by commas")
	case kind == "REQUEST" && properties.Get("IdentityValidationExpression").Truthy():
		return authError(e, e.Key.Pos(), "IdentityValidationExpression is for authorizers of type TOKEN only", "remove it")
	}
	if list != "" {
		for source := range strings.SplitSeq(list, ",") {
			if err := checkIdentitySource(e, e, strings.TrimSpace(source), false); err != nil {
				return err
			}
		}
	}
	return c.ofAPI(e, "RestApiId")
}

// httpAuthorizer checks an AWS::ApiGatewayV2::Authorizer.
func (c *collector) httpAuthorizer(_ *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	isLambda, err := c.checkAuthorizer(e, "AuthorizerType", "ApiId", "REQUEST")
	if err != nil || !isLambda {
		return err
	}
	sources := properties.Get("IdentitySource")
	if !sources.Is(tree.List) {
		return authError(e, e.Key.Pos(), "the authorizer has no list IdentitySource", "write IdentitySource: [$request.header.Authorization]")
	}
	for _, source := range sources.Items() {
		if err := checkIdentitySource(e, e, source.Text(), true); err != nil {
			return err
		}
	}
	version := properties.Get("AuthorizerPayloadFormatVersion")
	isV1 := version.EqualsString("1.0")
	if !version.Is(tree.Absent, tree.Null) && !isV1 && !version.EqualsString("2.0") {
		return authError(e, version.Pos(), "AuthorizerPayloadFormatVersion is neither \"1.0\" nor \"2.0\"", "write it in quotes")
	}
	if isV1 && properties.Get("EnableSimpleResponses").Truthy() {
		return authError(e, e.Key.Pos(), "EnableSimpleResponses needs payload version 2.0", `write AuthorizerPayloadFormatVersion: "2.0"`)
	}
	return c.ofAPI(e, "ApiId")
}

// ofAPI gives a raw authorizer to the API that it names.
func (c *collector) ofAPI(e tree.Entry, key string) error {
	if err := checkID(e, key); err != nil {
		return err
	}
	properties := e.Value.Get("Properties")
	c.runs(properties.Get(key).Text(), e.Name(), readsOf(properties.Get("IdentitySource")))
	return nil
}

// checkAuthorizer checks what both kinds of Authorizer have in common and
// reports whether it is a Lambda authorizer.
func (c *collector) checkAuthorizer(e tree.Entry, typeKey, apiKey string, lambdaTypes ...string) (bool, error) {
	if c.loader.options.DisableAuthorizer {
		return false, nil
	}
	properties := e.Value.Get("Properties")
	for _, key := range []string{typeKey, apiKey, "Name"} {
		if !properties.Get(key).Truthy() {
			return false, authError(e, e.Key.Pos(), "the authorizer has no "+key, "add it to its Properties")
		}
	}
	kind, _ := properties.Get(typeKey).Str()
	known := false
	for _, t := range lambdaTypes {
		known = known || kind == t
	}
	if !known {
		return false, nil
	}
	uri := properties.Get("AuthorizerUri")
	if !uri.Truthy() {
		return false, authError(e, e.Key.Pos(), "the authorizer has no AuthorizerUri", "write the ARN of its function")
	}
	return openapi.FunctionName(uri) != "", nil
}
