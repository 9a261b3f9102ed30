package diagnosis

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
)

// yamlString returns s as a YAML scalar, quoted where it needs it.
func yamlString(s string) string { return marshal(s) }

// marshal returns v as YAML, without the final newline. The values that this
// package writes are strings in plain structures: they cannot fail.
func marshal(v any) string {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// eventSnippet returns the event that mounts method and path in a template, to
// be pasted below a function's Events. The event is of the API that like is a
// route of. It is false where API Gateway has no such route, or nobody should
// write one.
func eventSnippet(method, path string, like sam.Route, more ...*yaml.Node) (string, bool) {
	switch method {
	case "GET", "DELETE", "PUT", "POST", "HEAD", "PATCH", "ANY":
	default: // OPTIONS is for Cors to declare
		return "", false
	}
	n, ok := event(method, path, like, more...)
	if !ok {
		return "", false
	}
	return marshal(mapping(eventName(method, path), n)), true
}

// event is the event for any method, with more properties.
func event(method, path string, like sam.Route, more ...*yaml.Node) (*yaml.Node, bool) {
	if len(path) > maxShown || show(path) != path || !strings.HasPrefix(path, "/") || strings.Contains(path, redact.Mark) {
		return nil, false
	}
	kind, reference := "Api", "RestApiId"
	if like.APIType == sam.HTTP {
		kind, reference = "HttpApi", "ApiId"
	}
	properties := mapping("Path", scalar(path), "Method", scalar(strings.ToLower(method)))
	api := like.API[strings.LastIndexByte(like.API, '/')+1:]
	if api != "" && api != transform.ImplicitREST && api != transform.ImplicitHTTP && show(api) == api {
		properties.Content = append(properties.Content, scalar(reference), &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Ref", Value: api})
	}
	properties.Content = append(properties.Content, more...)
	return mapping("Type", scalar(kind), "Properties", properties), true
}

// payloadNodes is what an event says where its function gets events in another version
// than those of HTTP APIs have by default.
func payloadNodes(api sam.API, function string) []*yaml.Node {
	version := api.Payload(function)
	if version == "" || version == sam.DefaultPayload {
		return nil
	}
	return []*yaml.Node{scalar("PayloadFormatVersion"), scalar(version)}
}

func scalar(s string) *yaml.Node {
	n := new(yaml.Node)
	n.SetString(s)
	return n
}

// mapping returns a map of keys and values, which alternate.
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		m.Content = append(m.Content, scalar(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return m
}

// eventName makes a logical id of a method and a path: PostItemsId.
func eventName(method, path string) string {
	var b strings.Builder
	upper := true
	for _, r := range strings.ToLower(method) + "/" + path {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
			s := string(r)
			if upper {
				s = strings.ToUpper(s)
			}
			b.WriteString(s)
			upper = false
		default:
			upper = true
		}
	}
	return b.String()
}

// deployed returns the API of the template that has a logical id.
func (x *Explainer) deployed(id string) (sam.API, bool) {
	if x == nil || x.Template == nil || id == "" {
		return sam.API{}, false
	}
	i := slices.IndexFunc(x.Template.Deployed, func(a sam.API) bool { return a.ID == id })
	if i < 0 {
		return sam.API{}, false
	}
	return x.Template.Deployed[i], true
}

// indented puts two blanks before each line.
func indented(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
