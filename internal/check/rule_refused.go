package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6049 and CP6072: what SAM's translator refuses, and SAM local starts with.
func refusedRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6049", Name: "event-refused", Severity: SeverityError,
		Title: "SAM refuses an event",
		Text: "SAM refuses to deploy a template with an event whose Type it does not have, with a property that such an event does not have, or with a RequestModel that is none of the API's Models. " +
			"SAM local passes over an event of another type without a word, and its route is missing; it mounts the route of the others.",
		Fix:   "Correct the spelling, or remove what the event does not have.",
		Since: "0.2.0",
	}, find: refusedEvents, unconditional: true}, {Info: Info{
		Code: "CP6072", Name: "api-auth-refused", Severity: SeverityError,
		Title: "SAM refuses the Auth of an API",
		Text: "SAM refuses to deploy an API whose DefaultAuthorizer is none of its Authorizers, whose Auth has a key that SAM does not know, or with an authorizer that lacks what its kind needs. " +
			"SAM local starts all the same, and lets every request through that it has no Lambda authorizer for.",
		Fix:   "Write what the finding shows.",
		Since: "0.2.0",
	}, find: refusedAPIAuth, unconditional: true}}
}

// The types of events that functions and state machines have, and the
// properties of those that declare routes.
var (
	functionEvents = []string{
		"AlexaSkill", "Api", "CloudWatchEvent", "CloudWatchLogs", "Cognito", "DocumentDB", "DynamoDB", "EventBridgeRule", "HttpApi", "IoTRule",
		"Kinesis", "MQ", "MSK", "S3", "SNS", "SQS", "Schedule", "ScheduleV2", "SelfManagedKafka",
	}
	stateMachineEvents = []string{"Api", "CloudWatchEvent", "EventBridgeRule", "Schedule", "ScheduleV2"}

	eventProperties = map[string][]string{
		"Api":     {"Path", "Method", "RestApiId", "Stage", "Auth", "RequestModel", "RequestParameters", "TimeoutInMillis", "ResponseTransferMode"},
		"HttpApi": {"Path", "Method", "ApiId", "Stage", "Auth", "TimeoutInMillis", "RouteSettings", "PayloadFormatVersion"},
	}
)

const notDeployed = "SAM refuses to deploy it"

func refusedEvents(v *view) []problem {
	var all []problem
	for _, f := range v.ofKind(transform.Function) {
		for _, e := range f.get("Events").written.Entries() {
			if found, ok := refusedType(f, e, functionEvents); ok {
				all = append(all, found)
			} else {
				kind, _ := e.Value.Get("Type").Str()
				all = append(all, refusedProperties(f, e, kind)...)
			}
		}
	}
	for _, m := range v.ofKind(transform.StateMachine) {
		for _, e := range m.get("Events").written.Entries() {
			if found, ok := refusedType(m, e, stateMachineEvents); ok {
				all = append(all, found)
			}
		}
	}
	for _, r := range v.routes {
		if found, ok := refusedModel(r); ok {
			all = append(all, found)
		}
	}
	return all
}

// refusedType looks at the Type of an event. SAM reads it before functions are
// resolved, but for what a file includes.
func refusedType(owner *resource, e tree.Entry, known []string) (problem, bool) {
	kind := e.Value.Get("Type")
	text, isText := kind.Str()
	if !e.Value.Is(tree.Map) || strings.HasPrefix(e.Name(), "Fn::") || e.Value.Has("Fn::Transform") || kind.Has("Fn::Transform") || slices.Contains(known, text) {
		return problem{}, false
	}
	if isFunction(e.Value) || isFunction(kind) {
		found := problem{
			pos: e.Key.Pos(), what: fmt.Sprintf("event %s of %s is a function", quote(e.Name()), quote(owner.id)),
			why: notDeployed + ", since it resolves no functions there", fix: "write the event out; for one that a condition has, give the Condition to a function of its own",
		}
		if isFunction(kind) {
			found.pos, found.fix = kind.Pos(), "write the Type out"
			found.what = fmt.Sprintf("the Type of event %s of %s is a function", quote(e.Name()), quote(owner.id))
		}
		return found, true
	}
	found := problem{
		pos: e.Key.Pos(), what: fmt.Sprintf("event %s of %s has no Type", quote(e.Name()), quote(owner.id)),
		why: notDeployed + ", and SAM local passes over it", fix: "Type: Api",
	}
	if owner.kind == transform.Function && e.Value.Get("Properties").Has("ApiId") {
		found.fix = "Type: HttpApi"
	}
	if kind.Truthy() {
		found.pos = kind.Pos()
		found.what = fmt.Sprintf("event %s of %s is of type %s, and SAM has no such event for %s", quote(e.Name()), quote(owner.id), quote(kind.Text()), owner.kind)
	}
	if isText && text != "" {
		found.fix = "use one of " + strings.Join(known, ", ")
		if near := nearestWord(text, known); near != "" {
			found.fix = "Type: " + near
		}
	}
	return found, true
}

// nearestWord returns the word that another is likely to be a misspelling of,
// or "".
func nearestWord(text string, words []string) string {
	distance := func(w string) int { return levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(w)) }
	near := slices.MinFunc(words, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if d := distance(near); d*3 > len(near) {
		return ""
	}
	return near
}

// refusedProperties looks for properties that an event of its type does not
// have.
func refusedProperties(owner *resource, e tree.Entry, kind string) []problem {
	known, properties := eventProperties[kind], e.Value.Get("Properties")
	if known == nil || isFunction(properties) {
		return nil
	}
	var all []problem
	for _, p := range properties.Entries() {
		if slices.Contains(known, p.Key.Text()) {
			continue
		}
		found := problem{
			pos: p.Key.Pos(), what: fmt.Sprintf("event %s of %s has a property %s, which an event of type %s does not have", quote(e.Name()), quote(owner.id), quote(p.Key.Text()), kind),
			why: notDeployed + "; SAM local ignores it", fix: "remove it, or check its spelling and indentation",
		}
		switch near := nearestWord(p.Key.Text(), known); {
		case kind == "HttpApi" && p.Name() == "RestApiId":
			found.fix = "write ApiId"
		case kind == "Api" && p.Name() == "ApiId":
			found.fix = "write RestApiId"
		case near != "" && !properties.Has(near):
			found.fix = "write " + near
		}
		all = append(all, found)
	}
	return append(all, refusedKinds(owner, e, kind)...)
}

// The kinds that SAM takes of what an event's properties hold; SAM CLI looks at
// Path and Method alone.
var eventKinds = map[string]tree.Kind{
	"Stage": tree.String, "Auth": tree.Map, "RequestModel": tree.Map, "RequestParameters": tree.List, "TimeoutInMillis": tree.Int,
	"ResponseTransferMode": tree.String, "PayloadFormatVersion": tree.String, "RouteSettings": tree.Map,
}

func refusedKinds(owner *resource, e tree.Entry, kind string) []problem {
	var all []problem
	for _, p := range e.Value.Get("Properties").Entries() {
		want, checked := eventKinds[p.Name()]
		if !checked || !slices.Contains(eventProperties[kind], p.Name()) || p.Value.Is(tree.Null, want) || isFunction(p.Value) || want == tree.Int && p.Value.Is(tree.Bool) {
			continue
		}
		found := problem{
			pos: p.Value.Pos(), what: fmt.Sprintf("%s of event %s of %s is %s, not %s", p.Name(), quote(e.Name()), quote(owner.id), p.Value.Kind(), want),
			why: notDeployed + "; SAM local does not look", fix: "write " + want.String() + ", or take " + p.Name() + " out of the event",
		}
		if text := p.Value.Text(); text != "" && want == tree.String {
			found.fix = fmt.Sprintf("%s: %q", p.Name(), text)
		}
		all = append(all, found)
	}
	return all
}

// refusedModel looks at the RequestModel of an event.
func refusedModel(r *route) (problem, bool) {
	model := r.properties.get("RequestModel", "Model")
	models := r.api.get("Models")
	name, ok := model.deployed.Str()
	if !ok || name == "" || r.function == nil || r.ofHTTP() || !r.api.managed || isFunction(models.written) || models.deployed.Get(name).Truthy() {
		return problem{}, false
	}
	return problem{
		pos: model.pos(), what: fmt.Sprintf("%s has the RequestModel %s, and API %s has no such in its Models", r, quote(name), r.api.name()),
		why: notDeployed + "; SAM local mounts the route", fix: "declare it in Models of the API, or take RequestModel out of the event",
	}, true
}

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
			if what, fix := a.refusedAuthorizer(auth.get("Authorizers", e.Name())); what != "" {
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
	found := problem{pos: plan.pos(), why: notDeployed + "; SAM local does not look", fix: "CreateUsagePlan: PER_API, or SHARED, or NONE"}
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
	case name == "AWS_IAM":
		found.fix = "in Auth of the API:\nEnableIamAuthorizer: true"
	case len(names) == 1:
		found.fix = "DefaultAuthorizer: " + names[0]
	case len(names) > 0 && nearestWord(name, names) != "":
		found.fix = "DefaultAuthorizer: " + nearestWord(name, names)
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
		return "has the FunctionPayloadType " + quote(payload), "FunctionPayloadType: TOKEN, or REQUEST"
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

// identifies reports whether the Identity of a Lambda authorizer names
// something that it reads, or may do without: what is not kept for a while
// needs no name.
func identifies(identity *tree.Value) bool {
	names := []string{"Headers", "QueryStrings", "StageVariables", "Context"}
	return identity.Has("ReauthorizeEvery") || slices.ContainsFunc(names, func(key string) bool { return identity.Get(key).Truthy() })
}
