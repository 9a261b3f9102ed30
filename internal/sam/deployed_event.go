package sam

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// indexEvents indexes the operations that a function declares by events, or a
// state machine, which has none of HTTP APIs.
func (d *deployer) indexEvents(owner tree.Entry, events map[string][]declared) {
	function, integration := owner.Name(), "aws_proxy"
	startsMachine := owner.Value.Get("Type").EqualsString(transform.StateMachine)
	if startsMachine {
		function, integration = "", "aws"
	}
	for _, event := range owner.Value.Get("Properties").Get("Events").Entries() {
		properties := event.Value.Get("Properties")
		var id string
		http := false
		switch kind, _ := event.Value.Get("Type").Str(); kind {
		case "Api":
			id = refersTo(properties.Get("RestApiId"), transform.ImplicitREST)
		case "HttpApi":
			id, http = refersTo(properties.Get("ApiId"), transform.ImplicitHTTP), true
		default:
			continue
		}
		path, ok1 := properties.Get("Path").Str()
		method, ok2 := properties.Get("Method").Str()
		if ok1 && ok2 && (!http || !startsMachine) {
			events[id] = append(events[id], declared{
				path: path, method: canonical(method), key: strings.ToLower(method),
				function: function, integration: integration, pos: event.Key.Pos(),
				auth: d.writtenAuth(owner, event), event: event, http: http,
				payload: properties.Get("PayloadFormatVersion").Text(),
			})
		}
	}
}

// writtenAuth returns the Auth of an event as SAM sees it, which resolves no
// function in it: one that makes all of it says nothing.
func (d *deployer) writtenAuth(owner, event tree.Entry) *tree.Value {
	events := d.written(owner, "Events")
	if written := events.Get(event.Name()).Get("Properties"); written != nil && !isFunction(written) {
		return written.Get("Auth")
	}
	return event.Value.Get("Properties").Get("Auth")
}

// withEvents returns the operations that SAM deploys of an API's document and
// of the events that name the API. Where the document is SAM's own, all events
// become operations of it.
//
// To a document of the user's SAM adds events of type HttpApi that it lacks,
// and those of a REST API only with MergeDefinitions, and then in place of
// what the document says, and none of state machines. A document that is no
// part of the template is left as it is. Where it cannot be read, the events
// are all that is known of it.
func (d *deployer) withEvents(api *API, e tree.Entry, body *tree.Value) []declared {
	properties := e.Value.Get("Properties")
	inline := properties.Get("DefinitionBody").Get("paths").Is(tree.Map)
	managed, merges := properties.Has(transform.Managed), inline && properties.Get("MergeDefinitions").IsTrue()
	api.OwnDocument = !managed && !merges && (!inline || api.Type != HTTP)
	if body != nil && !hasDefinition(properties) {
		api.Elsewhere = properties.Get("DefinitionUri").Text()
	}
	operations := d.documentOperations(body, d.writtenBody(e, "DefinitionBody", body))
	events := d.deployable(e, inline)
	switch {
	case body == nil || managed:
		return append(operations, events...)
	case merges:
		events = slices.DeleteFunc(slices.Clone(events), func(op declared) bool { return op.key == "any" || op.integration == "aws" })
		operations = slices.DeleteFunc(operations, func(op declared) bool {
			return slices.ContainsFunc(events, op.isSame)
		})
		return append(operations, events...)
	}
	for _, event := range events {
		i := slices.IndexFunc(operations, event.isSame)
		if i >= 0 && inline && !event.http && event.auth.Get("OverrideApiAuth").Truthy() {
			operations[i].auth = event.auth
		}
		switch {
		case i >= 0 && operations[i].function == "" && operations[i].integration == event.integration:
			operations[i].function = event.function
		case i < 0 && inline && event.http:
			operations = append(operations, event)
		}
	}
	return operations
}

// isSame reports whether two operations stand in the same place of a document.
func (op declared) isSame(other declared) bool {
	return op.path == other.path && op.method == other.method
}

// deployable returns the events that name an API, but for those at which SAM
// stops when it deploys: of type HttpApi, where a REST API's document in the
// template is Swagger, as SAM's own is.
func (d *deployer) deployable(e tree.Entry, inline bool) []declared {
	body := e.Value.Get("Properties").Get("DefinitionBody")
	if !e.Value.Get("Type").EqualsString(transform.API) || !inline || strings.HasPrefix(body.Get("openapi").Text(), "3.") {
		return d.events[e.Name()]
	}
	var events []declared
	for _, op := range d.events[e.Name()] {
		if op.http {
			d.loader.warn(op.pos, "AWS refuses event %q of %q: it is of type HttpApi, and %q is a REST API", op.event.Key.Text(), op.function, e.Name())
			continue
		}
		events = append(events, op)
	}
	return events
}
