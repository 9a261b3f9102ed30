package transform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// eventKind is how functions declare routes of one kind of API: as events
// that name their API or, if they do not, mean the implicit one.
type eventKind struct {
	event    string // the event's Type
	apiKey   string // the property that names the API
	implicit string // logical id of the implicit API
	kind     string // its type
	skeleton func(tree.Pos) *tree.Value
}

var restEvents = eventKind{
	event: "Api", apiKey: "RestApiId", implicit: ImplicitREST, kind: API,
	skeleton: func(pos tree.Pos) *tree.Value {
		p := tree.NewMap(pos)
		p.Set("StageName", tree.NewString(pos, "Prod"))
		p.Set("DefinitionBody", definition(pos, "swagger", "2.0"))
		return p
	},
}

var httpEvents = eventKind{
	event: "HttpApi", apiKey: "ApiId", implicit: ImplicitHTTP, kind: HTTPAPI,
	skeleton: func(pos tree.Pos) *tree.Value {
		p := tree.NewMap(pos)
		p.Set("DefinitionBody", definition(pos, "openapi", "3.0.1"))
		return p
	},
}

// addImplicit adds the implicit API at the end of the resources, completes
// the events that belong to it, and removes it again if there are none. The
// error joins what is wrong with each event.
func addImplicit(resources *tree.Value, k eventKind) error {
	own := resources.Get(k.implicit)
	properties := k.skeleton(resources.Pos())
	properties.Set(Managed, tree.NewBool(resources.Pos(), true))
	api := tree.NewMap(resources.Pos())
	api.Set("Type", tree.NewString(resources.Pos(), k.kind))
	api.Set("Properties", properties)
	resources.Set(k.implicit, api)

	used := false
	var wrong error
	for _, e := range resources.Entries() {
		kind := e.Value.Get("Type")
		if !kind.EqualsString(Function) && !kind.EqualsString(StateMachine) {
			continue
		}
		for _, event := range e.Value.Get("Properties").Get("Events").Entries() {
			if !event.Value.Get("Type").EqualsString(k.event) {
				continue
			}
			id, err := k.complete(resources, e, event)
			wrong = errors.Join(wrong, err)
			used = used || id == k.implicit
		}
	}
	switch {
	case used:
	case own != nil:
		resources.Set(k.implicit, own)
	default:
		resources.Delete(k.implicit)
	}
	return wrong
}

// complete fills in what an event leaves out, checks it, and returns the
// logical id of its API. It is "" for an event that SAM passes over.
func (k eventKind) complete(resources *tree.Value, owner, event tree.Entry) (string, error) {
	fail := func(pos tree.Pos, what, fix string) (string, error) {
		if pos.Line == 0 {
			pos = event.Key.Pos()
		}
		return "", &tree.Error{Pos: pos, What: fmt.Sprintf("event %q of %q ", event.Key.Text(), owner.Name()) + what, Why: refused, Fix: fix}
	}
	properties := event.Value.Get("Properties")
	if properties == nil && k.event == "HttpApi" {
		properties = tree.NewMap(event.Value.Pos())
		event.Value.Set("Properties", properties)
	}
	if !properties.Truthy() && k.event == "Api" {
		return "", nil // refused where routes are read
	}
	if !properties.Is(tree.Map) {
		return fail(properties.Pos(), "has Properties that are "+properties.Kind().String()+", not a map", "give it a Path and a Method")
	}
	if !properties.Has(k.apiKey) {
		properties.Set(k.apiKey, tree.NewIntrinsic(event.Value.Pos(), "Ref", tree.NewString(event.Value.Pos(), k.implicit)))
	}
	if k.event == "HttpApi" && !properties.Get("Path").Truthy() && !properties.Get("Method").Truthy() {
		properties.Set("Path", tree.NewString(event.Value.Pos(), "$default"))
		properties.Set("Method", tree.NewString(event.Value.Pos(), "x-amazon-apigateway-any-method"))
	}
	for _, name := range []string{"Path", "Method"} {
		switch v := properties.Get(name); v.Kind() {
		case tree.String:
		case tree.Absent, tree.Null:
			fix := missing(properties, name)
			if event.Value.Has(name) {
				fix = "move the one that stands beside its Properties into it"
			}
			return fail(properties.Pos(), "has no "+name, fix)
		case tree.Map:
			return fail(v.Pos(), "has a "+name+" that is a function, and functions are resolved only later", "write it out, since SAM refuses it when it deploys, too")
		case tree.List:
			return fail(v.Pos(), "has a "+name+" that is a list", "write an event for each"+orAny(name))
		default:
			return fail(v.Pos(), "has a "+name+" that is "+v.Kind().String()+", not a string", "put it in quotes")
		}
	}
	return k.checkAPI(resources, properties, fail)
}

// orAny is what else can stand in place of several values.
func orAny(name string) string {
	if name == "Method" {
		return ", or one with \"Method: any\""
	}
	return ""
}

// missing says how to write the Path or the Method that an event lacks: most often
// under the key that it stands under now.
func missing(properties *tree.Value, name string) string {
	for _, e := range properties.Entries() {
		if key := e.Name(); levenshtein.ComputeDistance(strings.ToLower(key), strings.ToLower(name)) < 2 && !strings.HasPrefix(key, "Fn::") && key != name {
			return fmt.Sprintf("write %q in place of %q", name, key)
		}
	}
	switch {
	case name == "Method":
		return `add one: "Method: get"`
	case properties.Get("Method").Truthy():
		return `add one: "Path: /items"`
	}
	return `add one: "Path: /items" and "Method: get"`
}

// checkAPI checks that an event's API exists and is of the event's kind.
func (k eventKind) checkAPI(resources, properties *tree.Value, fail func(pos tree.Pos, what, fix string) (string, error)) (string, error) {
	ref := properties.Get(k.apiKey)
	fix := fmt.Sprintf("write the logical id of an %s in this template: \"%s: !Ref MyApi\"", k.kind, k.apiKey)
	target := ref
	if r, ok := ref.Entry("Ref"); ok {
		target = r.Value
	}
	id, ok := target.Str()
	if !ok {
		return fail(ref.Pos(), fmt.Sprintf("names its API by something else than a logical id or a !Ref (%s)", k.apiKey), fix)
	}
	api := resources.Get(id)
	if api == nil {
		if near := k.nearest(resources, id); near != "" {
			fix = fmt.Sprintf("did you mean %q? Write \"%s: !Ref %s\"", near, k.apiKey, near)
		}
		return fail(ref.Pos(), fmt.Sprintf("names an API %q that the template does not have", id), fix)
	}
	if api.Get("Type").EqualsString(HTTPAPI) && k.kind == API {
		return fail(ref.Pos(), fmt.Sprintf("is of type Api, but %q is an HTTP API", id), `write "Type: HttpApi" and "ApiId"`)
	}
	if v, ok := properties.Entry("RouteSettings"); ok && k.event == "HttpApi" {
		own := api.Get("Properties").Get("RouteSettings")
		if !v.Value.Is(tree.Map) || own != nil && !own.Is(tree.Map) {
			return fail(v.Key.Pos(), "has RouteSettings that are no map, or its API has", "write a map")
		}
	}
	return id, nil
}

// nearest returns the logical id of the API of the event's kind that a
// misspelt id is likely to mean, or "".
func (k eventKind) nearest(resources *tree.Value, id string) string {
	best, found := 3, ""
	for _, e := range resources.Entries() {
		if !e.Value.Get("Type").EqualsString(k.kind) || e.Name() == k.implicit {
			continue
		}
		if d := levenshtein.ComputeDistance(strings.ToLower(id), strings.ToLower(e.Name())); d < best && d < len(id)/2 {
			best, found = d, e.Name()
		}
	}
	return found
}
