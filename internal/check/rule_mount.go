package check

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
	"github.com/corsproxy/corsproxy/internal/shell"
)

const conditionFalse Code = "CP6056"

// CP605x: what AWS serves and SAM local does not, or the reverse.
func mountRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6050", Name: "integration-not-emulated", Severity: SeverityInfo,
		Title: "SAM local serves Lambda functions alone",
		Text: "The operation answers from a MOCK, an HTTP service or another AWS service, or an event starts a state machine. SAM local passes over it: what calls it gets 403 Missing Authentication Token locally, and an answer on AWS. In a template that has no other routes SAM local does not start. " +
			"A raw AWS::ApiGateway::Method is mounted without a function and answers 502.",
		Fix:   "Nothing in the template. Call the deployed API for these routes, or put a server of your own in their place.",
		Since: "0.2.0",
	}, find: otherIntegrations}, {Info: Info{
		Code: "CP6051", Name: "operation-without-integration", Severity: SeverityError,
		Title: "An operation has no integration",
		Text: "An operation of an OpenAPI document says what the API looks like; x-amazon-apigateway-integration says what answers. Without it a REST API does not deploy: \"No integration defined for method\". " +
			"SAM local passes over the operation.",
		Fix:   "Add x-amazon-apigateway-integration to the operation.",
		Since: "0.2.0",
	}, find: missingIntegrations}, {Info: Info{
		Code: "CP6052", Name: "function-unknown-locally", Severity: SeverityWarning,
		Title: "SAM local cannot tell which function answers",
		Text: "The integration's uri names the function by an alias, a stage variable, an import or an ARN that SAM local does not understand. " +
			"It drops the route silently: 403 Missing Authentication Token locally, an answer on AWS.",
		Fix:   "Name the function by its ARN: ${MyFunction.Arn}.",
		Since: "0.2.0",
	}, find: unknownFunctions}, {Info: Info{
		Code: "CP6053", Name: "definition-not-local", Severity: SeverityInfo,
		Title: "The API's definition is not on this machine",
		Text:  "The OpenAPI document is on S3, or outside the project, which is the template's Git work tree, or without Git the folder above the template's; corsproxy does not read there. What it declares is not checked.",
		Fix:   "Keep the document beside the template, and let sam package upload it.",
		Since: "0.2.0",
	}, find: remoteDefinitions}, {Info: Info{
		Code: "CP6054", Name: "stack-not-local", Severity: SeverityInfo,
		Title: "A nested stack is not on this machine",
		Text:  "The nested stack's template is on S3 or in the Serverless Application Repository, and SAM local passes over it with all its routes, which AWS serves. Or it is outside the project, which is the template's Git work tree, or without Git the folder above the template's; SAM local reads it there and corsproxy does not.",
		Fix:   "Nothing, if the stack has no routes that you call locally. Else keep its template beside this one.",
		Since: "0.2.0",
	}, find: remoteStacks}, {Info: Info{
		Code: "CP6055", Name: "function-url-only", Severity: SeverityInfo,
		Title: "SAM local serves no function URLs",
		Text:  "The function is called by its URL alone. sam local start-api mounts events of an API, and does not start in a template without any. The Cors of FunctionUrlConfig counts on AWS only.",
		Fix: "For local calls add an event of type HttpApi, which has the same request and response, and do not deploy it: it lets everybody in. " +
			"Without ApiId it makes one more API, which has no CORS setting, so that SAM local loses that of the others: where there are some, give it to an HTTP API that is there, or call the deployed URL.",
		Since: "0.2.0",
	}, find: functionURLs}, {Info: Info{
		Code: conditionFalse, Name: "condition-false", Severity: SeverityInfo,
		Title: "SAM local mounts a resource whose condition is false",
		Text: "SAM local does not evaluate the Condition of a resource. With the parameters given, AWS does not deploy this one, and answers its routes as if they had never been written. " +
			"Where it has an API of its own, SAM local may take the CORS setting for all others from it.",
		Fix:   "Nothing, if another stage has it. Check with --parameter-overrides of that stage.",
		Since: "0.2.0",
	}, find: falseConditions}}
}

func otherIntegrations(v *view) []problem {
	return v.eachAPI(func(r *route) bool {
		return r.method != http.MethodOptions && r.api.serverless == v.serverless && !v.mountedElsewhere(r) &&
			r.integration != "" && r.integration != "aws_proxy" && (r.operation.local != nil || r.integration != "aws" || r.startsMachine())
	}, func(r *route, names []string) problem {
		found := problem{
			pos: r.at, what: fmt.Sprintf("SAM local does not serve %s, whose integration is %s", firstOf(names, 2), strings.ToUpper(r.integration)),
			why: "it " + v.answersUnmounted(names) + "; AWS serves it",
			fix: "call the deployed API for it",
		}
		switch {
		case r.startsMachine():
			found.what = fmt.Sprintf("SAM local does not serve %s: Step Functions answers there, and no function", firstOf(names, 2))
		case r.operation.local == nil:
			found.why = "it knows no function for it, and answers 502; AWS serves it"
		}
		if r.isNoProxy() {
			found.what, found.why, found.fix = r.ofNoProxy(names), r.noProxy()+"; SAM local has no function for it", "have a function answer it"
		} else if v.Refused == nil && len(v.Local.Routes) == 0 {
			found.why = "no function answers a route of the template, and SAM local does not start without one; AWS serves it"
		}
		return found
	})
}

// answersUnmounted says what SAM local answers calls of routes with that it does not
// mount: it may have others that take them.
func (v *view) answersUnmounted(names []string) string {
	const refusal = "answers 403 Missing Authentication Token"
	table := sam.NewTable(v.Local.Routes)
	var taking []string
	refused := false
	for _, name := range names {
		method, path, _ := strings.Cut(name, " ")
		if method == "ANY" {
			method = http.MethodGet
		}
		to, ok := table.Match(method, path)
		refused = refused || !ok
		if by := fmt.Sprintf("%s of function %s", to.Path, quote(to.Function)); ok && !slices.Contains(taking, by) {
			taking = append(taking, by)
		}
	}
	switch {
	case len(taking) == 0:
		return refusal
	case refused:
		return refusal + ", or takes the call for " + firstOf(taking, 2)
	}
	return "takes the call for " + firstOf(taking, 2)
}

// mountedElsewhere reports whether SAM local mounts a route's method and path
// for another declaration, most often an event.
func (v *view) mountedElsewhere(r *route) bool {
	for _, other := range r.api.routes[r.path] {
		if other != r && other.mounted && (other.method == r.method || other.method == "ANY") {
			return true
		}
	}
	return false
}

func missingIntegrations(v *view) []problem {
	return v.eachAPI(func(r *route) bool {
		return r.api.rest && r.operation.local != nil && r.integration == "" && !r.operation.get("x-amazon-apigateway-integration").isSet() && !isFunction(r.operation.local) && !r.isMerged()
	}, func(r *route, names []string) problem {
		return problem{
			pos: r.at, what: "there is no x-amazon-apigateway-integration for " + firstOf(names, 2),
			why: "a REST API does not deploy with it; SAM local passes over it",
			fix: "x-amazon-apigateway-integration:\n  type: aws_proxy\n  httpMethod: POST\n  " + strings.Replace(r.functionURI(r.functionName()), "\n", "\n  ", 1),
		}
	})
}

// isMerged reports whether SAM puts an event in the place of an operation.
func (r *route) isMerged() bool {
	return r.api.get("MergeDefinitions").deployed.IsTrue() && slices.ContainsFunc(r.api.routes[r.path], func(event *route) bool {
		return event.function != nil && event.method == r.method
	})
}

func unknownFunctions(v *view) []problem {
	return v.eachAPI(func(r *route) bool {
		return r.operation.local != nil && r.integration == "aws_proxy" && !r.mounted && r.api.serverless == v.serverless && !v.mountedElsewhere(r)
	}, func(r *route, names []string) problem {
		return problem{
			pos: r.at, what: "SAM local cannot tell the function of " + firstOf(names, 2),
			why: "it drops the route, and " + v.answersUnmounted(names) + "; AWS serves it",
			fix: r.functionURI(r.functionName()),
		}
	})
}

// functionURI is the uri of an operation that gives it to a function. In a file
// that it includes, CloudFormation takes no short forms of functions.
func (r *route) functionURI(name string) string {
	sub := " !Sub"
	if r.at.File != r.api.key.File {
		sub = "\n  Fn::Sub:"
	}
	return "uri:" + sub + " arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + name + ".Arn}/invocations"
}

// functionName guesses which function of the template an operation's uri is
// about: one that it names, or the only one that there is.
func (r *route) functionName() string {
	for _, ref := range substituted(r.operation.get("x-amazon-apigateway-integration", "uri").written.Get("Fn::Sub")) {
		name, _, _ := strings.Cut(ref.name, ".")
		if r.api.stack.Template.Get("Resources").Get(name).Get("Type").EqualsString(transform.Function) {
			return name
		}
	}
	name := ""
	for _, e := range r.api.stack.Template.Get("Resources").Entries() {
		if e.Value.Get("Type").EqualsString(transform.Function) {
			if name != "" {
				return "MyFunction"
			}
			name = e.Name()
		}
	}
	return cmp.Or(name, "MyFunction")
}

// unmounted makes a problem of each thing that package sam passes over for a
// reason.
func (v *view) unmounted(reason sam.Reason, key string, what, why, fix string) []problem {
	var all []problem
	for _, u := range v.Unmounted {
		if u.Reason != reason {
			continue
		}
		pos := posOf(u.Route.Source)
		id := u.Route.API
		for _, r := range v.resources {
			if path.Join(r.stack.ID, r.id) == id {
				pos = r.key
				if p := r.get(key).pos(); p.Line > 0 {
					pos = p
				}
			}
		}
		all = append(all, problem{pos: pos, what: fmt.Sprintf(what, quote(id)), why: why, fix: fix})
	}
	return all
}

func remoteDefinitions(v *view) []problem {
	const what, why = "the definition of API %s is not on this machine, or outside the project", "neither corsproxy nor this check knows what it declares"
	included := make(map[tree.Pos]bool)
	for _, a := range v.apis {
		included[a.key] = a.get("DefinitionBody").written.Has("Fn::Transform")
	}
	all := v.unmounted(sam.ReasonRemoteDefinition, "DefinitionUri", what, why, "DefinitionUri: ./openapi.yaml")
	for i := range all {
		if included[all[i].pos] {
			all[i].fix = "Location: ./openapi.yaml"
		}
	}
	return all
}

func remoteStacks(v *view) []problem {
	return append(v.unmounted(sam.ReasonRemoteStack, "Location", "the template of stack %s is not on this machine",
		"its routes are not known here, and SAM local serves them only from a file", "where it is a template of yours, for it to be read here: Location: ./child/template.yaml"),
		v.unmounted(sam.ReasonUnreadStack, "Location", "the template of stack %s is not read: it is no file of the project",
			"SAM local may serve its routes, which neither corsproxy nor this check knows", "check it by itself, with --template")...)
}

func falseConditions(v *view) []problem {
	if v.Refused != nil {
		return nil
	}
	mounted := make(map[string][]string) // by function, as SAM local mounts it
	for _, r := range v.Local.Routes {
		if r.Method != http.MethodOptions {
			mounted[r.Source] = append(mounted[r.Source], r.String())
		}
	}
	type key struct{ condition, file string }
	names, first := make(map[key][]string), make(map[key]*resource)
	var order []key
	for _, f := range v.resources {
		if !f.absent || f.kind != transform.Function && f.kind != typeMethod && f.kind != typeHTTPRoute {
			continue
		}
		k := key{f.whole.Get("Condition").Text(), f.key.File}
		keys := []tree.Pos{f.key}
		for _, event := range f.get("Events").written.Entries() {
			keys = append(keys, event.Key.Pos())
		}
		for _, at := range keys {
			names[k] = append(names[k], mounted[sourceOf(at)]...)
		}
		if first[k] == nil && names[k] != nil {
			first[k] = f
			order = append(order, k)
		}
	}
	var all []problem
	for _, k := range order {
		condition := first[k].whole.Get("Condition")
		all = append(all, problem{
			pos: condition.Pos(), what: fmt.Sprintf("condition %s is false here, and SAM local mounts %s", quote(condition.Text()), firstOf(names[k], 2)),
			why: "AWS does not deploy them with these parameters",
			fix: "sam local start-api --parameter-overrides " + shell.Word(printable.Line(first[k].parametersFor(condition.Text()))),
		})
	}
	return all
}

// parametersFor returns the parameter that makes a condition true, where that
// is plain: "Stage=prod".
func (r *resource) parametersFor(condition string) string {
	sides := r.stack.Template.Get("Conditions").Get(condition).Get("Fn::Equals").Items()
	if len(sides) == 2 {
		for i, side := range sides {
			name, isRef := side.Get("Ref").Str()
			text, isText := sides[1-i].Str()
			if isRef && isText {
				if strings.ContainsAny(text, ` "'\`) {
					text = strconv.Quote(text) // to SAM, which parts the words once more
				}
				return name + "=" + text
			}
		}
	}
	return "NAME=VALUE"
}
