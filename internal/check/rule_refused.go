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
// Path, Method and Auth alone.
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
		switch text := p.Value.Text(); {
		case p.Name() == "Auth":
			found.why, found.refusal = notDeployed+", and SAM local does not start", e.Key.Pos()
			if p.Value.Is(tree.String) && text != "" {
				found.fix = "Auth: {Authorizer: " + yamlWord(text) + "}"
			}
			if text == "NONE" { // which an API without a DefaultAuthorizer does not take
				found.fix += "\n# take Auth out of the event in place of that where its API asks for nothing"
			}
		case text != "" && want == tree.String:
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
	if !ok || name == "" || isFunction(r.properties.get("RequestModel").written) || r.function == nil || r.ofHTTP() || !r.api.managed || isFunction(models.written) || models.deployed.Get(name).Truthy() {
		return problem{}, false
	}
	return problem{
		pos: model.pos(), what: fmt.Sprintf("%s has the RequestModel %s, and API %s has no such in its Models", r, quote(name), r.api.name()),
		why: notDeployed + "; SAM local mounts the route", fix: "declare it in Models of the API, or take RequestModel out of the event",
	}, true
}
