package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6076: what SAM passes over in the Auth of an event.
func passedOverRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6076", Name: "event-auth-ignored", Severity: SeverityError,
		Title: "What the Auth of an event asks for has no effect",
		Text: "SAM writes the Auth of an event into an OpenAPI document that it makes itself, or that stands in the template. To a raw API, and to a document in another file, it adds nothing, without a word; " +
			"to a REST API's own DefinitionBody it does so only with OverrideApiAuth or MergeDefinitions. The API's own operation is then as open as it says itself. " +
			"Without a word, too, SAM passes over a key that the Auth of an event does not have, such as DefaultAuthorizer, and over API keys and resource policies of HTTP APIs.",
		Fix:   "Say in the API's own operation what it asks for, or set OverrideApiAuth: true where SAM takes it. Write Authorizer with the name of one of the API's.",
		Since: "0.2.0",
	}, find: passedOver}}
}

func passedOver(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		switch {
		case r.function == nil || r.ofHTTP() == r.api.rest || r.method == http.MethodOptions || r.auth().deployed.Has("Fn::Transform"):
		case r.isAuthorized():
			all = append(all, r.passedOverKeys()...)
		default:
			if found, ok := r.passedOverAuth(); ok {
				all = append(all, found)
			} else if found, ok := r.passedOverNone(); ok {
				all = append(all, found)
			}
		}
	}
	return all
}

// passedOverAuth tells of an event's Auth of which SAM writes nothing into the API,
// where all operations that may take the event's requests are open.
func (r *route) passedOverAuth() (problem, bool) {
	own := r.auth()
	for _, asked := range []struct {
		key, what string
		of        func(ask) bool
	}{
		{"Authorizer", "an authorizer", func(a ask) bool { return a.what != apiKey }},
		{"ApiKeyRequired", apiKey, func(a ask) bool { return a.what == apiKey }},
		{"ResourcePolicy", "a resource policy", func(ask) bool { return false }},
	} {
		key := own.get(asked.key)
		if !key.deployed.Truthy() || key.deployed.EqualsString("NONE") || r.ofHTTP() && asked.key != "Authorizer" {
			continue
		}
		op, open := r.taker(asked.of)
		if !open {
			continue
		}
		return problem{
			pos: key.pos(), what: fmt.Sprintf("event %s asks for %s, and SAM adds none to API %s", quote(r.event.Name()), asked.what, r.api.name()),
			why: fmt.Sprintf("on AWS %s (%s:%d) takes its requests without one", op, op.at.File, op.at.Line),
			fix: r.askIn(op, asked.key),
		}, true
	}
	return problem{}, false
}

// passedOverNone tells of an event that turns the authorizer off, which SAM does not do
// in the API's own operation.
func (r *route) passedOverNone() (problem, bool) {
	key := r.auth().get("Authorizer")
	i := slices.IndexFunc(r.api.all, func(op *route) bool { return op.function == nil && op.path == r.path && op.method == r.method })
	if !key.deployed.EqualsString("NONE") || i < 0 {
		return problem{}, false
	}
	op := r.api.all[i]
	fix := fmt.Sprintf("in %s:%d:\n", op.at.File, op.at.Line)
	switch {
	case r.api.serverless && r.api.get("DefinitionBody").written.Get("paths").Is(tree.Map):
		fix = "below Auth:\nOverrideApiAuth: true"
	case op.operation.local == nil:
		fix += "AuthorizationType: NONE"
	default:
		fix += "security: []"
	}
	for _, asked := range op.asks() {
		if asked.what != apiKey {
			return problem{
				pos: key.pos(), what: fmt.Sprintf("event %s asks for no authorizer, and SAM takes none off API %s", quote(r.event.Name()), r.api.name()),
				why: fmt.Sprintf("on AWS %s (%s:%d) asks for %s", op, op.at.File, op.at.Line, asked.what),
				fix: fix,
			}, true
		}
	}
	return problem{}, false
}

// taker returns an operation of the API's own that takes an event's requests on AWS,
// and whether each that may do so asks for nothing of a kind.
func (r *route) taker(kind func(ask) bool) (*route, bool) {
	var taker *route
	for _, op := range r.api.all {
		if op.function != nil || !op.takes(r) {
			continue
		}
		if op.mayAsk() || slices.ContainsFunc(op.asks(), kind) {
			return nil, false
		}
		if taker == nil || op.path == r.path && (taker.path != r.path || op.method == r.method) {
			taker = op
		}
	}
	return taker, taker != nil
}

// takes reports whether an operation may take the requests of another route.
func (r *route) takes(other *route) bool {
	return (r.method == other.method || r.method == "ANY") && matches(r.path, other.path)
}

// mayAsk reports whether an operation of the API's own may ask for more than is known.
func (r *route) mayAsk() bool {
	if r.operation.local == nil {
		return isFunction(r.properties.deployed) || r.properties.get("AuthorizationType").deployed.Is(tree.Map) || r.properties.get("ApiKeyRequired").deployed.Is(tree.Map)
	}
	security := r.operation.get("security").deployed
	known := !r.overridden() && !r.operation.local.Has("x-amazon-apigateway-auth") && security.Is(tree.Absent, tree.List)
	for _, item := range security.Items() {
		known = known && item.Is(tree.Map) && !isFunction(item)
	}
	for _, e := range r.operation.local.Entries() {
		known = known && !strings.HasPrefix(e.Name(), "Fn::")
	}
	return !known || !r.api.rest && r.api.definition.Has("security")
}

// askIn says how an operation comes to ask for what a key of an event's Auth asks for.
func (r *route) askIn(op *route, key string) string {
	name, isName := r.auth().get(key).deployed.Str()
	iam := name == "AWS_IAM"
	inline := r.api.serverless && r.api.get("DefinitionBody").written.Get("paths").Is(tree.Map)
	declared := inline && r.api.get("Auth", "Authorizers").written.Has(name)
	at := fmt.Sprintf("in %s:%d", op.at.File, op.at.Line)
	switch exact := op.path == r.path && op.method == r.method; {
	case inline && exact && (key != "Authorizer" || iam || declared):
		return "below Auth:\nOverrideApiAuth: true"
	case key == "ResourcePolicy" && op.operation.local == nil:
		return "in the Properties of API " + r.api.name() + ", write a Policy"
	case key == "ResourcePolicy":
		return "write an x-amazon-apigateway-policy into the definition"
	case op.operation.local == nil && key != "Authorizer":
		return at + ":\nApiKeyRequired: true"
	case op.operation.local == nil && iam:
		return at + ", in place of AuthorizationType:\nAuthorizationType: AWS_IAM"
	case op.operation.local == nil:
		return at + ", write the AuthorizationType and the AuthorizerId of an authorizer of the API, and take Auth out of the event"
	case key != "Authorizer":
		return at + ", with a scheme api_key of type apiKey:\nsecurity: [{api_key: []}]"
	case declared:
		return fmt.Sprintf("%s:\nsecurity: [{%s: []}]", at, yamlWord(name))
	case !isName:
		return at + ", say as security what it asks for"
	}
	return fmt.Sprintf("%s, with a scheme %s that has an x-amazon-apigateway-authorizer:\nsecurity: [{%s: []}]", at, printable.Line(name), yamlWord(name))
}

// authKeys are the keys of an event's Auth that SAM reads.
var authKeys = []string{"Authorizer", "AuthorizationScopes", "ApiKeyRequired", "ResourcePolicy", "InvokeRole", "OverrideApiAuth"}

// passedOverKeys tells of the keys of an event's Auth that SAM does not read.
func (r *route) passedOverKeys() []problem {
	own := r.auth()
	if isFunction(own.deployed) || !r.api.rest && !own.get("Authorizer").deployed.Truthy() && r.api.defaultAuthorizer() == "" {
		return nil // which SAM refuses
	}
	why, severity := fmt.Sprintf("on AWS %s asks for nothing", r), SeverityError
	authorizer := own.get("Authorizer").deployed
	switch asks := r.asks(); {
	case len(asks) > 0:
		var whats []string
		for _, a := range asks {
			whats = append(whats, a.what)
		}
		why, severity = fmt.Sprintf("on AWS %s asks for %s alone", r, and(whats)), SeverityWarning
	case !authorizer.EqualsString("NONE") && (authorizer.Truthy() || r.api.defaultAuthorizer() != ""):
		why, severity = "it changes nothing on AWS", SeverityWarning
	}
	var all []problem
	for _, e := range own.written.Entries() {
		name := e.Key.Text()
		ofREST := name == "ApiKeyRequired" || name == "ResourcePolicy"
		if slices.Contains(authKeys, name) && (r.api.rest || !ofREST || !e.Value.Truthy()) {
			continue
		}
		found := problem{
			pos: e.Key.Pos(), what: fmt.Sprintf("Auth of %s has a key %s, which SAM passes over", r, quote(name)),
			why: why, severity: severity, fix: r.meantKey(e),
		}
		if slices.Contains(authKeys, name) {
			found.what = fmt.Sprintf("Auth of %s has %s, which an HTTP API does not know: SAM passes over it", r, name)
			found.fix = "take it out, and let the authorizer or the function ask for it; or make the API a REST API, which has it"
		}
		all = append(all, found)
	}
	return all
}

// meantKey says which key of an event's Auth is meant by one that is none.
func (r *route) meantKey(e tree.Entry) string {
	near := nearestWord(e.Name(), authKeys)
	if name := strings.ToLower(e.Name()); e.Value.Is(tree.String) && (strings.Contains(name, "authorizer") || name == "authorizationtype") {
		near = "Authorizer"
	}
	text, ok := e.Value.Inline()
	if near == "Authorizer" && !e.Value.Is(tree.String) {
		text, ok = onlyName(e.Value)
	}
	switch {
	case near == "" || r.auth().written.Has(near):
		return "remove it, or use " + and(authKeys)
	case !ok:
		return "write " + near + " in its place"
	}
	return near + ": " + text
}

// onlyName returns the one name that a list or a map has.
func onlyName(v *tree.Value) (string, bool) {
	switch {
	case v.Len() != 1:
		return "", false
	case v.Is(tree.List):
		name, ok := v.Items()[0].Str()
		return yamlWord(name), ok
	}
	return yamlWord(v.Entries()[0].Name()), !isFunction(v)
}
