package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The keys of the Auth of an API.
var (
	restAuthKeys = []string{
		"Authorizers", "DefaultAuthorizer", "InvokeRole", "AddDefaultAuthorizerToCorsPreflight", "AddApiKeyRequiredToCorsPreflight",
		"ApiKeyRequired", "ResourcePolicy", "UsagePlan",
	}
	httpAuthKeys = []string{"Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"}
)

// unknownValue reports whether only AWS knows a value.
func unknownValue(v value) bool { return isFunction(v.deployed) || isNoValue(v.written) }

func refusedAPIAuth(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		auth := a.auth()
		if !a.serverless || !auth.written.Is(tree.Map) || auth.written.Has("Fn::Transform") || a.definition == nil {
			continue
		}
		if isFunction(auth.written) {
			all = append(all, problem{
				pos: auth.pos(), what: "Auth of API " + a.name() + " is a function",
				why: notDeployed + ", since it resolves no functions there", fix: "write the map out, with functions at most within the authorizers",
			})
			continue
		}
		known := httpAuthKeys
		if a.rest {
			known = restAuthKeys
		}
		for _, e := range auth.written.Entries() {
			if slices.Contains(known, e.Key.Text()) || strings.HasPrefix(e.Name(), "Fn::") {
				continue
			}
			found := problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("Auth of API %s has a key %s", a.name(), quote(e.Key.Text())),
				why: notDeployed + "; SAM local ignores it", fix: "use " + and(known),
			}
			if near := nearestWord(e.Key.Text(), known); near != "" && !auth.written.Has(near) {
				found.fix = "write " + near
			}
			all = append(all, found)
		}
		if found, ok := a.refusedDefault(auth); ok {
			all = append(all, found)
		}
		if found, ok := a.refusedPlan(auth); ok {
			all = append(all, found)
		}
		for _, e := range auth.get("Authorizers").written.Entries() {
			what, fix := a.refusedAuthorizer(auth.get("Authorizers", e.Name()))
			if what == "" && !a.rest && v.Refused == nil {
				what, fix = lacksVersion(e.Value) // which SAM CLI refuses, too, where it reads the API
			}
			if what != "" {
				all = append(all, problem{
					pos: e.Key.Pos(), what: fmt.Sprintf("authorizer %s of API %s %s", quote(e.Key.Text()), a.name(), what),
					why: notDeployed, fix: fix,
				})
			}
		}
	}
	return all
}

// refusedPlan looks at the UsagePlan of a REST API, and at its ResourcePolicy.
func (a *api) refusedPlan(auth value) (problem, bool) {
	plan, policy := auth.get("UsagePlan"), auth.get("ResourcePolicy")
	kinds := []string{"PER_API", "SHARED", "NONE"}
	kind, isText := plan.get("CreateUsagePlan").deployed.Str()
	found := problem{pos: plan.pos(), why: notDeployed + "; SAM local does not look", fix: "give CreateUsagePlan one of PER_API, SHARED and NONE"}
	switch {
	case !a.rest:
		return problem{}, false
	case policy.written.Truthy() && !policy.written.Is(tree.Map):
		found.pos, found.fix = policy.pos(), "write a map, with CustomStatements or one of the lists that SAM has"
		found.what = fmt.Sprintf("the ResourcePolicy of API %s is %s, not a map", a.name(), policy.written.Kind())
	case plan.written.Is(tree.Map) && !isFunction(plan.written) && !plan.written.Has("CreateUsagePlan"):
		found.what = "the UsagePlan of API " + a.name() + " has no CreateUsagePlan"
	case isText && !slices.Contains(kinds, kind):
		found.pos = plan.get("CreateUsagePlan").pos()
		found.what = fmt.Sprintf("the UsagePlan of API %s has the CreateUsagePlan %s", a.name(), quote(kind))
	default:
		return problem{}, false
	}
	return found, true
}

// refusedDefault looks at the DefaultAuthorizer of an API. Where a REST API
// has no authorizers at all, SAM passes over it.
func (a *api) refusedDefault(auth value) (problem, bool) {
	byDefault, authorizers := auth.get("DefaultAuthorizer"), auth.get("Authorizers")
	if seen := byDefault.written; a.rest && isFunction(byDefault.deployed) && authorizers.deployed.Truthy() || !a.rest && isFunction(seen) && !isNoValue(seen) {
		return problem{
			pos: byDefault.pos(), what: "the DefaultAuthorizer of API " + a.name() + " is a function",
			why: notDeployed + ", since it resolves no functions there", fix: "write the authorizer's name",
		}, true
	}
	name, ok := byDefault.deployed.Str()
	iam := name == "AWS_IAM" && (a.rest || auth.get("EnableIamAuthorizer").deployed.IsTrue() || unknownValue(auth.get("EnableIamAuthorizer")))
	if !ok || name == "" || iam || unknownValue(authorizers) || authorizers.deployed.Has(name) || a.rest && !authorizers.deployed.Truthy() {
		return problem{}, false
	}
	found := problem{
		pos: byDefault.pos(), what: fmt.Sprintf("the DefaultAuthorizer of API %s is %s, which is none of its Authorizers", a.name(), quote(name)),
		why: notDeployed, fix: "declare it in Authorizers, or name one that is there",
	}
	var names []string
	for _, e := range authorizers.deployed.Entries() {
		names = append(names, e.Name())
	}
	switch {
	case name == "NONE": // as the Auth of an event says
		found.fix = "remove it: a route asks for nothing where no DefaultAuthorizer says so"
	case name == "AWS_IAM":
		found.fix = "in Auth of the API:\nEnableIamAuthorizer: true"
	case len(names) == 1:
		found.fix = "DefaultAuthorizer: " + printable.Line(names[0])
	case len(names) > 0 && nearestWord(name, names) != "":
		found.fix = "DefaultAuthorizer: " + printable.Line(nearestWord(name, names))
	}
	return found, true
}

// refusedAuthorizer says what an authorizer lacks, or has too much, and what
// to write.
func (a *api) refusedAuthorizer(of value) (what, fix string) {
	if !of.deployed.Is(tree.Map) || isFunction(of.deployed) {
		return "", ""
	}
	has := func(key string) bool { return of.written.Get(key).Truthy() }
	kind := of.get("FunctionPayloadType")
	payload, _ := kind.deployed.Str()
	switch {
	case a.rest && payload != "" && payload != "TOKEN" && payload != "REQUEST":
		return "has the FunctionPayloadType " + quote(payload), "write TOKEN or REQUEST in its place"
	case a.rest && !of.get("Identity").deployed.Is(tree.Absent, tree.Null, tree.Map):
		return "has an Identity that is " + of.get("Identity").deployed.Kind().String() + ", not a map", "Identity: {Headers: [Authorization]}"
	case a.rest && payload == "REQUEST" && !unknownValue(of.get("Identity")) && !identifies(of.deployed.Get("Identity")):
		return "reads nothing of a request", "Identity: {Headers: [Authorization]}"
	case a.rest:
		return "", ""
	case has("JwtConfiguration") && !has("IdentitySource"):
		return "has no IdentitySource", "IdentitySource: $request.header.Authorization"
	case !has("JwtConfiguration") && has("IdentitySource"):
		return "has an IdentitySource, and no JwtConfiguration", "add JwtConfiguration, with issuer and audience, or use Identity in place of IdentitySource"
	case !has("JwtConfiguration") && has("UserPoolArn"):
		return "has a UserPoolArn, which is for REST APIs", "JwtConfiguration: {issuer: https://cognito-idp.REGION.amazonaws.com/POOL, audience: [CLIENT]}\nIdentitySource: $request.header.Authorization"
	case !has("JwtConfiguration") && !has("FunctionArn"):
		return "has neither JwtConfiguration nor FunctionArn", "add one of them"
	case has("JwtConfiguration") && has("FunctionArn"):
		return "has a JwtConfiguration and a FunctionArn", "remove one of them, with what belongs to it"
	}
	return "", ""
}

// lacksVersion is the same of the payload version that a Lambda authorizer of an
// HTTP API needs.
func lacksVersion(authorizer *tree.Value) (what, fix string) {
	if isFunction(authorizer) || !authorizer.Get("FunctionArn").Truthy() || authorizer.Get("AuthorizerPayloadFormatVersion").Truthy() {
		return "", ""
	}
	return "has no AuthorizerPayloadFormatVersion", `AuthorizerPayloadFormatVersion: "2.0"`
}

// identifies reports whether the Identity of a Lambda authorizer names
// something that it reads, or may do without: what is not kept for a while
// needs no name.
func identifies(identity *tree.Value) bool {
	names := []string{"Headers", "QueryStrings", "StageVariables", "Context"}
	return identity.Has("ReauthorizeEvery") || slices.ContainsFunc(names, func(key string) bool { return identity.Get(key).Truthy() })
}
