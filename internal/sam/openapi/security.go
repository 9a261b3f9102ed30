package openapi

import (
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// checkSchemes refuses security schemes that SAM CLI cannot make an
// authorizer of.
func (d Document) checkSchemes() error {
	version := d.version()
	schemes := d.schemes()
	switch components, ok := d.Root.Entry("components"); {
	case strings.HasPrefix(version, "2."):
	case strings.HasPrefix(version, "3."):
		if ok && !components.Value.Is(tree.Map) {
			return d.fail(components.Key.Pos(), "fill it or remove it", "components is %s, not a map", components.Value.Kind())
		}
	case version == "":
		return d.fail(d.Root.Pos(), `write openapi: "3.0.1"; if the document is a file, check that it exists`,
			"it says neither swagger nor openapi, or was not found")
	default:
		return d.fail(d.Root.Pos(), `write openapi: "3.0.1" or swagger: "2.0", in quotes`,
			"version %s is neither 2.x nor 3.x", version)
	}
	if schemes.Value != nil && !schemes.Value.Is(tree.Map) {
		return d.fail(schemes.Key.Pos(), "fill it or remove it", "%s is %s, not a map", schemes.Key.Text(), schemes.Value.Kind())
	}
	for _, scheme := range schemes.Value.Entries() {
		if err := d.checkScheme(scheme); err != nil {
			return err
		}
	}
	return nil
}

// schemes returns the security schemes, as the document's version has them.
func (d Document) schemes() tree.Entry {
	if strings.HasPrefix(d.version(), "2.") {
		schemes, _ := d.Root.Entry("securityDefinitions")
		return schemes
	}
	schemes, _ := d.Root.Get("components").Entry("securitySchemes")
	return schemes
}

// An Authorizer is a security scheme that SAM local runs.
type Authorizer struct {
	Name    string
	Header  []string    // in which it looks for a token, if for one
	Sources *tree.Value // what else it reads
}

// Authorizers returns the security schemes that SAM local runs: those of Lambda
// authorizers.
func (d Document) Authorizers() []Authorizer {
	var all []Authorizer
	for _, scheme := range d.schemes().Value.Entries() {
		authorizer := scheme.Value.Get("x-amazon-apigateway-authorizer")
		if FunctionName(authorizer.Get("authorizerUri")) == "" {
			continue
		}
		kind, _ := authorizer.Get("type").Str()
		switch header := scheme.Value.Get("name"); strings.ToLower(kind) {
		case "token":
			if !d.HTTP && scheme.Value.Get("in").EqualsString("header") && header.Truthy() {
				all = append(all, Authorizer{Name: scheme.Name(), Header: []string{header.Text()}})
			}
		case "request":
			all = append(all, Authorizer{Name: scheme.Name(), Sources: authorizer.Get("identitySource")})
		}
	}
	return all
}

// DefaultAuthorizer returns the name of the security scheme of all operations that
// have no security of their own, or nil.
func (d Document) DefaultAuthorizer() *tree.Value { return requirement(d.Root.Get("security")) }

// requirement returns the name of the scheme that security names, which is one at
// most, or nil.
func requirement(security *tree.Value) *tree.Value {
	for _, item := range security.Items() {
		for _, e := range item.Entries() {
			return tree.NewString(e.Key.Pos(), e.Name())
		}
	}
	return nil
}

func (d Document) checkScheme(scheme tree.Entry) error {
	name, pos := scheme.Key.Text(), scheme.Key.Pos()
	if !scheme.Value.Is(tree.Map) {
		return d.fail(pos, "write a map, without functions around it", "security scheme %s is %s, not a map", name, scheme.Value.Kind())
	}
	authorizer := scheme.Value.Get("x-amazon-apigateway-authorizer")
	if !authorizer.Truthy() {
		return nil
	}
	if !authorizer.Is(tree.Map) {
		return d.fail(pos, "write a map", "the authorizer of security scheme %s is %s, not a map", name, authorizer.Kind())
	}
	kind, isText := authorizer.Get("type").Str()
	if authorizer.Has("type") && !isText {
		return d.fail(pos, `write "type: request"`, "the authorizer of security scheme %s has a type that is no string", name)
	}
	if v := authorizer.Get("authorizerPayloadFormatVersion"); d.HTTP && !v.EqualsString("1.0") && !v.EqualsString("2.0") {
		return d.fail(pos, `write authorizerPayloadFormatVersion: "2.0", in quotes`, "authorizer %s does not say its payload version, 1.0 or 2.0", name)
	}
	if FunctionName(authorizer.Get("authorizerUri")) == "" {
		return nil
	}
	switch strings.ToLower(kind) {
	case "token":
		header := scheme.Value.Get("name")
		if d.HTTP || !scheme.Value.Get("in").EqualsString("header") || !header.Truthy() {
			return nil
		}
		if !ValidIdentitySource("method.request.header."+header.Text(), false) {
			return d.fail(pos, "write a header's name", "authorizer %s reads %q, which is no header", name, header.Text())
		}
	case "request":
		return d.checkIdentitySources(scheme, authorizer.Get("identitySource"))
	}
	return nil
}

func (d Document) checkIdentitySources(scheme tree.Entry, sources *tree.Value) error {
	if !sources.Truthy() {
		return nil
	}
	list, ok := sources.Str()
	if !ok {
		return d.fail(sources.Pos(), "write them in one string, separated by commas", "the identity sources of %s are %s", scheme.Key.Text(), sources.Kind())
	}
	for source := range strings.SplitSeq(list, ",") {
		if source = strings.TrimSpace(source); !ValidIdentitySource(source, d.HTTP) {
			return d.fail(sources.Pos(), "write "+identityExample(d.HTTP), "%q is no identity source for authorizer %s", source, scheme.Key.Text())
		}
	}
	return nil
}

func identityExample(http bool) string {
	if http {
		return "$request.header.Authorization"
	}
	return "method.request.header.Authorization"
}

var (
	restSource = regexp.MustCompile(`^(?:method\.request\.(?:querystring|header)|context|stageVariables)\.[a-zA-Z0-9._-]+$`)
	httpSource = regexp.MustCompile(`^\$(?:request\.(?:querystring|header)|context|stageVariables)\.[a-zA-Z0-9._-]+$`)
)

// ValidIdentitySource reports whether SAM CLI knows an authorizer's identity
// source.
func ValidIdentitySource(source string, http bool) bool {
	if http {
		return httpSource.MatchString(source)
	}
	return restSource.MatchString(source)
}

// checkSecurity refuses a default authorizer that SAM CLI cannot make sense
// of.
func (d Document) checkSecurity() error {
	security := d.Root.Get("security")
	if !security.Truthy() {
		return nil
	}
	if !strings.HasPrefix(d.version(), "3.") {
		return d.fail(security.Pos(), "move it into the operations, or use OpenAPI 3", "security stands at the root of a Swagger 2 document")
	}
	return d.checkRequirements(security, "the document")
}

// checkOperationSecurity does the same for an operation.
func (d Document) checkOperationSecurity(path, method tree.Entry) error {
	security, ok := method.Value.Entry("security")
	if !ok || security.Value.Is(tree.Null) {
		return nil
	}
	if !security.Value.Is(tree.List) {
		return d.fail(security.Key.Pos(), "write a list of one", "security of %s %s is %s, not a list", method.Key.Text(), path.Key.Text(), security.Value.Kind())
	}
	if security.Value.Len() == 1 && security.Value.Items()[0].Is(tree.Map) && security.Value.Items()[0].Len() == 0 {
		return nil // explicitly none
	}
	return d.checkRequirements(security.Value, method.Key.Text()+" "+path.Key.Text())
}

// checkRequirements refuses all but one requirement of one scheme.
func (d Document) checkRequirements(security *tree.Value, of string) error {
	if security.Len() > 1 {
		return d.fail(security.Pos(), "keep one", "%s has %d security requirements", of, security.Len())
	}
	if !security.Is(tree.List) || security.Len() == 1 && security.Items()[0].Len() != 1 {
		return d.fail(security.Pos(), "write a list of one map of one scheme", "the security of %s names not exactly one scheme", of)
	}
	return nil
}
