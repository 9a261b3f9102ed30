package sam

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// The values of [Route.APIType].
const (
	REST = "rest" // AWS::Serverless::Api, AWS::ApiGateway::RestApi
	HTTP = "http" // AWS::Serverless::HttpApi, AWS::ApiGatewayV2::Api
)

// DefaultPath is the path of an HTTP API's catch-all route, which takes every
// request that no other route takes.
const DefaultPath = "$default"

// A Route is one method on one path. Fields that are not known are empty: a
// route typed by the user has no function, one from SAM's log no API.
type Route struct {
	Method   string `json:"method"`   // upper-case, one method; never ANY
	Path     string `json:"path"`     // as API Gateway writes it: /items/{id}, /{proxy+}, $default
	Function string `json:"function"` // logical id or name of the function that answers
	API      string `json:"api"`      // logical id of the API
	APIType  string `json:"apiType"`  // REST, HTTP or ""
	Source   string `json:"source"`   // where it was read: "template.yaml:12"
}

// String returns "POST /items/{id}".
func (r Route) String() string { return r.Method + " " + r.Path }

// anyMethods are the methods that ANY stands for, in the order in which SAM
// lists them. A request with another method reaches no route.
var anyMethods = [...]string{"GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS", "PATCH"}

// AnyMethods returns the seven methods that ANY stands for: all that SAM
// local serves.
func AnyMethods() []string { return anyMethods[:] }

// expandMethod returns what a method in a template or a command line stands
// for: ANY is the seven methods, any other word is itself in upper case.
func expandMethod(method string) []string {
	method = strings.ToUpper(method)
	if method == "ANY" {
		return AnyMethods()
	}
	return []string{method}
}

// ParseRoute reads a route as people write it: "POST /scanRecords",
// "any /admin/{proxy+}", or "$default" for an HTTP API's catch-all. ANY, and
// "$default" alone, come back as one route for each of the seven methods.
func ParseRoute(s string) ([]Route, error) {
	method, path, err := splitRoute(s)
	if err != nil {
		return nil, fmt.Errorf("route %q: %w", s, err)
	}
	if _, err := pathpattern.Parse(path); err != nil {
		return nil, fmt.Errorf("route %q: %w", s, err)
	}
	methods := expandMethod(method)
	routes := make([]Route, len(methods))
	for i, m := range methods {
		routes[i] = Route{Method: m, Path: path}
	}
	return routes, nil
}

// splitRoute splits s into a method that SAM serves and a path that begins as
// a path must. What else a path has to be is for pathpattern to say.
func splitRoute(s string) (method, path string, err error) {
	fields := strings.Fields(s)
	switch {
	case len(fields) == 0:
		return "", "", errors.New(`it is empty; write a method, a blank and a path, such as "POST /scanRecords"`)
	case len(fields) == 1:
		return splitWord(fields[0])
	case len(fields) > 2:
		return "", "", fmt.Errorf("it has %d words; write one method, a blank and one path, such as %q", len(fields), fields[0]+" "+fields[1])
	}
	method, path = fields[0], fields[1]
	if strings.HasPrefix(method, "/") && isMethod(path) {
		return "", "", fmt.Errorf("the method goes first; write %q", strings.ToUpper(path)+" "+method)
	}
	if !isMethod(method) {
		return "", "", fmt.Errorf("%q is not a method that SAM local serves; use ANY or one of %s", method, strings.Join(anyMethods[:], ", "))
	}
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		return "", "", fmt.Errorf("a route has no query or fragment; write %q", method+" "+path[:i])
	}
	if path == DefaultPath || strings.HasPrefix(path, "/") {
		return method, path, nil
	}
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		return "", "", fmt.Errorf("a route has a path, not a URL; write %q", method+" /"+rest)
	}
	return "", "", fmt.Errorf("the path must begin with a slash; write %q", method+" /"+path)
}

// splitWord reads a route of a single word: "$default" has no method of its
// own; anything else lacks one of its two halves or the blank between them.
func splitWord(word string) (method, path string, err error) {
	if word == DefaultPath {
		return "ANY", DefaultPath, nil
	}
	if strings.HasPrefix(word, "/") {
		return "", "", fmt.Errorf("the method is missing; write %q or %q", "GET "+word, "ANY "+word)
	}
	if i := strings.Index(word, "/"); i > 0 && isMethod(word[:i]) {
		return "", "", fmt.Errorf("a blank between method and path is missing; write %q", word[:i]+" "+word[i:])
	}
	if isMethod(word) {
		return "", "", fmt.Errorf("the path is missing; write it after the method, such as %q", word+" /scanRecords")
	}
	return "", "", fmt.Errorf("method and path are missing; write a method, a blank and a path, such as %q", "GET /"+word)
}

func isMethod(s string) bool {
	s = strings.ToUpper(s)
	return s == "ANY" || slices.Contains(anyMethods[:], s)
}
