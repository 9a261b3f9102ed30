package check

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6073 and CP6074: APIs that SAM refuses, or deploys other than they say.
func apiRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6073", Name: "api-refused", Severity: SeverityError,
		Title: "SAM refuses an API",
		Text: "SAM refuses to deploy an API whose definition is in another file where something has to be written into it, as Auth and GatewayResponses are, " +
			"or with a Domain, an OpenApiVersion or a gateway response that is not whole, or a Domain that a function makes. SAM local looks at none of these.",
		Fix:   "Write what the finding shows.",
		Since: "0.2.0",
	}, find: refusedAPIs, unconditional: true}, {Info: Info{
		Code: "CP6074", Name: "default-authorizer-ignored", Severity: SeverityError,
		Title: "A REST API has a DefaultAuthorizer, and no Authorizers",
		Text: "SAM looks for the DefaultAuthorizer of a REST API among its Authorizers, and only where there are some. Without any, it deploys the API without a word, and open to everybody. " +
			"AWS_IAM alone needs none.",
		Fix:   "Declare the authorizer in Authorizers.",
		Since: "0.2.0",
	}, find: ignoredDefaults}}
}

func ignoredDefaults(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		byDefault := a.auth().get("DefaultAuthorizer")
		name, ok := byDefault.deployed.Str()
		if !a.rest || !a.serverless || !ok || name == "" || a.defaultAuthorizer() != "" || a.definition == nil {
			continue
		}
		all = append(all, problem{
			pos: byDefault.pos(), what: fmt.Sprintf("API %s has the DefaultAuthorizer %s, and no Authorizers", a.name(), quote(name)),
			why: "SAM passes over it, and AWS lets every call through",
			fix: "Authorizers:\n  " + printable.Line(name) + ": {UserPoolArn: !GetAtt UserPool.Arn}",
		})
	}
	return all
}

func refusedAPIs(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		if !a.serverless {
			continue
		}
		all = append(all, a.refusedDefinition()...)
		for _, look := range []func(*api) (problem, bool){(*api).refusedDomain, (*api).refusedVersion, (*api).refusedStage, (*api).refusedOrigin} {
			if found, ok := look(a); ok {
				all = append(all, found)
			}
		}
		all = append(all, a.refusedResponses()...)
	}
	return all
}

// inDefinition are the properties that SAM writes into an API's definition;
// Cors and CorsConfiguration have a rule of their own.
func (a *api) inDefinition() []string {
	if a.rest {
		return []string{"Auth", "GatewayResponses", "Models", "DisableExecuteApiEndpoint", "MergeDefinitions"}
	}
	return []string{"Auth", "Tags", "DisableExecuteApiEndpoint"}
}

func (a *api) refusedDefinition() []problem {
	uri := a.get("DefinitionUri")
	if !uri.written.Truthy() {
		return nil
	}
	if a.get("DefinitionBody").written.Truthy() {
		return []problem{{
			pos: uri.pos(), what: "API " + a.name() + " has a DefinitionUri, and a definition in the template as well",
			why: notDeployed + "; SAM local reads one of them", fix: "remove one of them; a DefinitionUri in Globals is for no API that SAM writes",
		}}
	}
	var all []problem
	for _, name := range a.inDefinition() {
		e, ok := a.written.Entry(name)
		if !ok || e.Value.Is(tree.Null) || !e.Value.Truthy() && name != "DisableExecuteApiEndpoint" {
			continue
		}
		all = append(all, problem{
			pos: e.Key.Pos(), what: fmt.Sprintf("%s is set, but API %s has a DefinitionUri", name, a.name()),
			why: notDeployed + ", since it cannot write into another file; SAM local does not mind",
			fix: a.included(),
		})
	}
	return all
}

func (a *api) refusedDomain() (problem, bool) {
	domain := a.get("Domain")
	if !domain.written.Is(tree.Map) || domain.written.Has("Fn::Transform") {
		return problem{}, false
	}
	found := problem{pos: domain.pos(), why: notDeployed + "; SAM local does not look"}
	if e, ok := a.written.Entry("Domain"); ok && e.Key.Pos().Line >= found.pos.Line-1 { // else it is the key in Globals
		found.pos = e.Key.Pos()
	}
	if isFunction(domain.written) {
		found.what, found.why = "the Domain of API "+a.name()+" is a function", notDeployed+", which takes a map there; SAM local does not look"
		found.fix = a.domainByCondition()
		return found, true
	}
	for _, key := range []string{"DomainName", "CertificateArn"} {
		if domain.written.Get(key).Is(tree.Absent, tree.Null) {
			found.what, found.fix = fmt.Sprintf("the Domain of API %s has no %s", a.name(), key), "add "+key
			return found, true
		}
	}
	kinds := []string{"REGIONAL"}
	if a.rest {
		kinds = []string{"EDGE", "REGIONAL", "PRIVATE"}
	}
	configured := domain.get("EndpointConfiguration")
	endpoint, ok := configured.written.Str()
	isMap := configured.written.Is(tree.Map) && !isFunction(configured.written)
	if ok && !slices.Contains(kinds, endpoint) || isMap {
		found.pos = configured.pos()
		found.what = fmt.Sprintf("the Domain of API %s has the EndpointConfiguration %s", a.name(), quote(endpoint))
		if isMap {
			found.what = fmt.Sprintf("the EndpointConfiguration in the Domain of API %s is a map, as that of an API is", a.name())
			endpoint, _ = configured.get("Type").written.Str()
		}
		found.fix = "use " + and(kinds)
		if slices.Contains(kinds, endpoint) {
			kinds = []string{endpoint}
		}
		if len(kinds) == 1 {
			found.fix = "EndpointConfiguration: " + kinds[0]
		}
		return found, true
	}
	route := domain.get("Route53")
	if route.written.Is(tree.Map) && !isFunction(route.written) && !route.written.Has("HostedZoneId") && !route.written.Has("HostedZoneName") {
		found.pos = route.pos()
		found.what, found.fix = fmt.Sprintf("Route53 in the Domain of API %s names no hosted zone", a.name()), "add HostedZoneId, or HostedZoneName"
		return found, true
	}
	return problem{}, false
}

// domainByCondition says how an API gets a custom domain that depends on a function.
func (a *api) domainByCondition() string {
	if isNoValue(a.get("Domain").written) {
		return "remove it"
	}
	of, mapping := "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping"
	if a.rest {
		of, mapping = "AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping"
	}
	return "write the map out, with functions at most for its values; for a domain that only some stages have, declare in its place an " + of + " and an " + mapping + ", each with the Condition"
}

var openAPIVersion = regexp.MustCompile(`^[23](\.[0-9])(\.[0-9])?$`)

func (a *api) refusedVersion() (problem, bool) {
	version := a.get("OpenApiVersion")
	text, ok := version.written.Str()
	if !a.rest || !ok || text == "" || openAPIVersion.MatchString(text) {
		return problem{}, false
	}
	return problem{
		pos: version.pos(), what: fmt.Sprintf("the OpenApiVersion of API %s is %s", a.name(), quote(text)),
		why: notDeployed + "; SAM local ignores it", fix: `OpenApiVersion: "3.0.1"`,
	}, true
}

func (a *api) refusedStage() (problem, bool) {
	stage := a.get("StageName")
	if !a.rest || !stage.written.EqualsString("") || len(a.all) == 0 {
		return problem{}, false
	}
	return problem{
		pos: stage.pos(), what: "the StageName of API " + a.name() + " is empty",
		why: notDeployed + "; SAM local does not need it", fix: "StageName: prod",
	}, true
}

// refusedOrigin looks for an AllowOrigin that is there, and empty, where SAM
// makes an OPTIONS method of it. Only where it is not there, it is '*'.
func (a *api) refusedOrigin() (problem, bool) {
	cors := a.get("Cors")
	e, ok := cors.written.Entry("AllowOrigin")
	adds := slices.ContainsFunc(a.paths, func(path string) bool {
		return !slices.ContainsFunc(a.routes[path], func(r *route) bool { return r.method == "OPTIONS" })
	})
	if !a.rest || !ok || e.Value.Truthy() || !adds {
		return problem{}, false
	}
	return problem{
		pos: e.Key.Pos(), what: "the AllowOrigin of API " + a.name() + " is empty",
		why: notDeployed + "; SAM local sends no Access-Control-Allow-Origin", fix: `AllowOrigin: "'https://app.example.com'"`,
	}, true
}

// refusedResponses looks at the kinds of what stands in GatewayResponses; a
// rule of its own looks at the keys.
func (a *api) refusedResponses() []problem {
	var all []problem
	responses := a.get("GatewayResponses").written
	if !a.rest || responses.Has("Fn::Transform") {
		return nil
	}
	for _, e := range responses.Entries() {
		parameters := e.Value.Get("ResponseParameters")
		headers := parameters.Get("Headers")
		found := problem{pos: e.Key.Pos(), why: notDeployed + "; SAM local knows no gateway responses", fix: "write the map out, without functions around it"}
		switch {
		case e.Value.Has("Fn::Transform") || parameters.Has("Fn::Transform"):
			continue
		case isFunction(e.Value) || isFunction(responses):
			found.what = "GatewayResponses of API " + a.name() + " hold a function"
		case !e.Value.Is(tree.Map):
			found.what = fmt.Sprintf("%s of GatewayResponses is %s, not a map", e.Key.Text(), e.Value.Kind())
		case parameters.Truthy() && !parameters.Is(tree.Map):
			found.what = fmt.Sprintf("ResponseParameters of %s are %s, not a map", e.Key.Text(), parameters.Kind())
		case headers.Truthy() && !headers.Is(tree.Map):
			found.what = fmt.Sprintf("Headers of %s are %s, not a map", e.Key.Text(), headers.Kind())
		default:
			continue
		}
		all = append(all, found)
	}
	return all
}
