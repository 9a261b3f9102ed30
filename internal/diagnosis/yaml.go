package diagnosis

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
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
// be pasted under a function's Properties. It is false where API Gateway has
// no such route, or nobody should write one.
func eventSnippet(method, path, apiType string) (string, bool) {
	switch method {
	case "GET", "DELETE", "PUT", "POST", "HEAD", "PATCH":
	default: // OPTIONS is for Cors to declare
		return "", false
	}
	if len(path) > maxShown || show(path) != path || !strings.HasPrefix(path, "/") {
		return "", false
	}
	kind := "Api"
	if apiType == sam.HTTP {
		kind = "HttpApi"
	}
	type properties struct {
		Path   string `yaml:"Path"`
		Method string `yaml:"Method"`
	}
	type event struct {
		Type       string     `yaml:"Type"`
		Properties properties `yaml:"Properties"`
	}
	events := map[string]event{
		eventName(method, path): {kind, properties{path, strings.ToLower(method)}},
	}
	return marshal(map[string]any{"Events": events}), true
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

// eventHint offers the event that would mount the request's route.
func eventHint(lead, method, path, apiType string) []string {
	snippet, ok := eventSnippet(method, path, apiType)
	if !ok {
		return nil
	}
	return []string{fmt.Sprintf("%s:\n%s", lead, snippet)}
}
