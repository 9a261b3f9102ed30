package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
)

// eventHint offers the event that would mount a route, with more properties. A note
// is what is to be seen to beside it, "" where there is nothing.
func eventHint(lead, method, path string, like sam.Route, note string, more ...*yaml.Node) []string {
	snippet, ok := eventSnippet(method, path, like, more...)
	if !ok {
		return nil
	}
	return []string{lead + ": add below Events in the Properties of the function that is to answer" + strings.Replace(ofStack(like.API, like.Source), " in", ", in", 1) + note + ":\n" + snippet}
}

// inLoop reports whether a path's function is one of several that the template has
// in one place: Fn::ForEach makes them. A template of one line tells nothing.
func inLoop(routes []sam.Route, path string) bool {
	return slices.ContainsFunc(routes, func(r sam.Route) bool {
		return r.Path == path && r.Source != "" && !strings.HasSuffix(r.Source, ":1") && slices.ContainsFunc(routes, func(other sam.Route) bool {
			return other.Source == r.Source && other.Path != r.Path && other.Function != r.Function
		})
	})
}

// ofStack names the template of a nested stack, which alone knows what stands in
// it: " in child/template.yaml". It is "" for the root.
func ofStack(id, source string) string {
	file := fileOf(source)
	if !strings.Contains(id, "/") || file == "" || show(file) != file {
		return ""
	}
	return " in " + file
}

// fileOf returns the file of a source such as "template.yaml:12".
func fileOf(source string) string {
	if i := strings.LastIndexByte(source, ':'); i > 0 {
		return source[:i]
	}
	return ""
}

// mountHint offers what would mount a route in the API that like is a route of.
func (x *Explainer) mountHint(lead, method, path string, like sam.Route) []string {
	api, ok := x.deployed(like.API)
	if like.Path != "" && like.API == "" && x != nil && x.Template != nil && len(x.Template.Deployed) > 1 {
		return nil // SAM local still mounts it, the template has it no more, and which API is meant is not known
	}
	if !ok && x != nil && x.Template != nil && len(x.Template.Deployed) > 0 && !slices.ContainsFunc(x.Template.Deployed, func(a sam.API) bool { return a.Serverless }) {
		if api = x.Template.Deployed[0]; len(x.Template.Deployed) > 1 {
			return nil // a raw template has no events, and which API is meant is not known
		}
	}
	return mountHint(lead, method, path, like, api)
}

// mountHint offers an event, or what else the API has for its routes: operations
// where SAM adds no events to its document, or resources where it is none of SAM's.
// The API is zero where it is not known.
func mountHint(lead, method, path string, like sam.Route, api sam.API) []string {
	if api.ID != "" {
		like.Source = api.Source
	}
	note := ""
	if inLoop(api.Routes, cmp.Or(like.Path, path)) {
		note = ", with the loop's variable in Path where the function stands in Fn::ForEach"
	}
	hints := eventHint(lead, method, path, like, note, payloadNodes(api, like.Function)...)
	switch {
	case len(hints) == 0 || api.ID == "" || api.Serverless && !api.OwnDocument:
		return hints
	case api.OwnDocument:
		return append([]string{lead + ": " + operationHint(method, path, like, api)}, permissionHint(method, path, api)...)
	}
	return append([]string{lead + ": " + resourceHint(method, path, api)}, permissionHint(method, path, api)...)
}

// permissionHint is what lets API Gateway call the function of an operation, a
// method or a route, for which SAM local asks nobody. For an API of SAM's that is an
// event: to a document of the API's own it adds nothing else.
func permissionHint(method, path string, api sam.API) []string {
	snippet, ok := eventSnippet(method, path, sam.Route{API: api.ID, APIType: api.Type})
	switch {
	case api.ID == "" || !ok:
		return nil
	case !api.Serverless:
		return []string{"check whether an AWS::Lambda::Permission lets API Gateway call the function for " + show(method+" "+path) + ": without one, AWS answers 500"}
	}
	return []string{"and let API Gateway call the function there, without which AWS answers 500: add below Events in the Properties of that function" + strings.Replace(ofStack(api.ID, api.Source), " in", ", in", 1) + ":\n" + snippet}
}

// operationHint is an operation for an API's own OpenAPI document.
func operationHint(method, path string, like sam.Route, api sam.API) string {
	function := "MyFunction"
	if like.Function != "" && show(like.Function) == like.Function {
		function = like.Function
	}
	key := strings.ToLower(method)
	if method == "ANY" {
		key = openapi.AnyMethod
	}
	file := documentFile(api)
	operation := yamlString(key) + ":\n" + indented(integrationOf(function, file != "", payloadOf(api, like.Function, api.Type)))
	below := "paths"
	if slices.ContainsFunc(api.Routes, func(r sam.Route) bool { return r.Path == path }) {
		below = show(path)
	} else {
		operation = yamlString(path) + ":\n" + indented(operation)
	}
	has, where := " has a definition of its own, to which SAM adds no operations", ""
	if !api.Serverless {
		has = " has a definition of its own"
	}
	if file != "" {
		where = " in " + show(file)
	}
	if api.Elsewhere != "" {
		below += ", with the function's ARN itself in place of Fn::Sub, which AWS resolves only in a file that AWS::Include names"
	}
	return show(api.ID) + " (" + api.Source + ")" + has + "; for the function that is to answer, add there" + where + " below " + below + ":\n" + operation
}

// documentFile is the file of an API's OpenAPI document, "" where it stands in the
// template, or is not read.
func documentFile(api sam.API) string {
	for _, r := range api.Routes {
		if file := fileOf(r.Source); file != "" && file != fileOf(api.Source) {
			return file
		}
	}
	return ""
}

// resourceHint is what a raw API has for a route, in words where it takes the
// names of other resources.
func resourceHint(method, path string, api sam.API) string {
	if api.Type == sam.HTTP {
		return fmt.Sprintf("%s (%s) takes its routes from AWS::ApiGatewayV2::Route; add one with the Target of the integration that is to answer, and:\nRouteKey: %s", show(api.ID), api.Source, yamlString(method+" "+path))
	}
	resource := "an AWS::ApiGateway::Resource for the path, and a method of it with"
	if i := slices.IndexFunc(api.Routes, func(r sam.Route) bool { return r.Path == path }); i >= 0 {
		resource = "one of the same resource as that of " + place(api.Routes[i]) + ", with"
	}
	return fmt.Sprintf("%s (%s) takes its routes from AWS::ApiGateway::Method; add %s the integration of the function that is to answer, and:\nHttpMethod: %s", show(api.ID), api.Source, resource, method)
}
