// Package openapi reads the routes that SAM local mounts from an OpenAPI
// document with API Gateway's extensions: a DefinitionBody, a Body, or the
// file that a DefinitionUri names.
package openapi

import (
	"fmt"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// The keys of API Gateway's extensions.
const (
	Integration = "x-amazon-apigateway-integration"
	AnyMethod   = "x-amazon-apigateway-any-method"
)

// An Operation is a method on a path that SAM local gives to a function.
type Operation struct {
	Path, Method string // Method as written, but for AnyMethod, which is ANY
	Function     string
	ID           string      // operationId
	Security     bool        // it has security of its own, if only none
	Authorizer   *tree.Value // the name of the one scheme of that, if any
	Pos          tree.Pos
}

// A Skipped operation is one that SAM local does not mount.
type Skipped struct {
	Path, Method string
	Type         string // the integration's type in lower case: "mock", "http", "aws", …; "" if there is none
	URI          string // of an aws_proxy integration without a function's name
	Pos          tree.Pos
}

// A Document is an OpenAPI document, after all functions in it have been
// resolved that can be.
type Document struct {
	Root *tree.Value
	HTTP bool   // of an HTTP API
	API  string // logical id of the API, for messages
}

const refused = "SAM CLI does not start"

func (d Document) fail(pos tree.Pos, fix, format string, args ...any) error {
	if pos.Line == 0 {
		pos = d.Root.Pos()
	}
	return &tree.Error{
		Pos:  pos,
		What: fmt.Sprintf("OpenAPI document of %q: ", d.API) + fmt.Sprintf(format, args...),
		Why:  refused,
		Fix:  fix,
	}
}

// version returns the version of the OpenAPI specification as text.
func (d Document) version() string {
	for _, key := range []string{"swagger", "openapi"} {
		if v := d.Root.Get(key); v.Truthy() {
			return v.Text()
		}
	}
	return ""
}

// Check refuses what SAM CLI refuses when it reads authorizers, which it does
// not do with --disable-authorizer.
func (d Document) Check() error {
	if d.Root.Truthy() && !d.Root.Is(tree.Map) {
		return d.fail(d.Root.Pos(), "check the file", "it is %s, not a map", d.Root.Kind())
	}
	if err := d.checkSchemes(); err != nil {
		return err
	}
	return d.checkSecurity()
}

// Operations returns the operations that SAM local mounts, and those it does
// not, in the document's order.
func (d Document) Operations() ([]Operation, []Skipped, error) {
	paths, ok := d.Root.Entry("paths")
	if ok && !paths.Value.Is(tree.Map) {
		return nil, nil, d.fail(paths.Key.Pos(), "fill it, or write {}", "paths is %s, not a map", paths.Value.Kind())
	}
	var operations []Operation
	var skipped []Skipped
	for _, path := range paths.Value.Entries() {
		if !path.Value.Is(tree.Map) {
			return nil, nil, d.fail(path.Key.Pos(), "indent its methods below it, or remove it", "path %s is %s, not a map", path.Key.Text(), path.Value.Kind())
		}
		for _, method := range path.Value.Entries() {
			op, skip, err := d.operation(path, method)
			switch {
			case err != nil:
				return nil, nil, err
			case op != nil:
				operations = append(operations, *op)
			case skip != nil:
				skipped = append(skipped, *skip)
			}
		}
	}
	return operations, skipped, nil
}

// operation reads one method of a path. Neither result is set for what is no
// method: parameters, summary and the like.
func (d Document) operation(path, method tree.Entry) (*Operation, *Skipped, error) {
	name := method.Key.Text()
	if strings.EqualFold(name, AnyMethod) {
		name = "ANY"
	}
	skip := &Skipped{Path: path.Key.Text(), Method: name, Pos: method.Key.Pos()}
	integration := method.Value.Get(Integration)
	if !integration.Is(tree.Map) || !integration.Truthy() {
		if !method.Value.Is(tree.Map) || !isMethod(name) {
			skip = nil
		}
		return nil, skip, nil
	}
	kind, ok := integration.Get("type").Str()
	if !ok {
		return nil, nil, d.fail(integration.Pos(), `write "type: aws_proxy"`, "the integration of %s %s has no type", name, path.Key.Text())
	}
	skip.Type = strings.ToLower(kind)
	if skip.Type != "aws_proxy" {
		return nil, skip, nil
	}
	function := FunctionName(integration.Get("uri"))
	if function == "" {
		skip.URI = integration.Get("uri").Text()
		return nil, skip, nil
	}
	if err := d.checkOperationSecurity(path, method); err != nil {
		return nil, nil, err
	}
	op := &Operation{Path: path.Key.Text(), Method: name, Function: function, Pos: method.Key.Pos()}
	op.ID, _ = method.Value.Get("operationId").Str()
	security := method.Value.Get("security")
	op.Security, op.Authorizer = !security.Is(tree.Absent, tree.Null), requirement(security)
	return op, nil, nil
}

func isMethod(name string) bool {
	switch strings.ToUpper(name) {
	case "ANY", "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE":
		return true
	}
	return false
}
