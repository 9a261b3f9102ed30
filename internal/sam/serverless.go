package sam

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const refused = "SAM CLI refuses the template"

// function takes the routes that a function declares by events.
func (c *collector) function(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	if properties.Has("FunctionUrlConfig") {
		c.loader.skip(s, e.Key.Pos(), ReasonFunctionURL, e.Name(), nil)
	}
	events, ok := properties.Entry("Events")
	if ok && !events.Value.Is(tree.Map) {
		return &TemplateError{
			Pos:  events.Key.Pos(),
			What: fmt.Sprintf("Events of function %q is %s, not a map", e.Name(), events.Value.Kind()),
			Why:  "SAM CLI crashes on it",
			Fix:  "fill it or remove it",
		}
	}
	for _, event := range events.Value.Entries() {
		if !event.Value.Is(tree.Map) {
			return &TemplateError{
				Pos:  event.Key.Pos(),
				What: fmt.Sprintf("event %q of function %q is %s, not a map", event.Key.Text(), e.Name(), event.Value.Kind()),
				Why:  "SAM CLI crashes on it",
				Fix:  "give it a Type and Properties, without functions around them",
			}
		}
		if err := c.event(s, e, event); err != nil {
			return err
		}
	}
	return nil
}

// event takes the route that an event of type Api or HttpApi declares.
func (c *collector) event(s *stack, owner, event tree.Entry) error {
	m := &mountable{function: owner.Name(), stack: s, pos: event.Key.Pos()}
	var key, implicit string
	switch kind, _ := event.Value.Get("Type").Str(); kind {
	case "Api":
		m.apiType, key, implicit = REST, "RestApiId", transform.ImplicitREST
	case "HttpApi":
		m.apiType, key, implicit = HTTP, "ApiId", transform.ImplicitHTTP
	default:
		return nil
	}
	fail := func(what, fix string) error {
		return &TemplateError{
			Pos:  event.Key.Pos(),
			What: fmt.Sprintf("event %q of function %q ", event.Key.Text(), owner.Name()) + what,
			Why:  refused,
			Fix:  fix,
		}
	}
	properties := event.Value.Get("Properties")
	path, ok1 := properties.Get("Path").Str()
	method, ok2 := properties.Get("Method").Str()
	if event.Value.Has("Path") && event.Value.Has("Method") && !event.Value.Has("Properties") {
		return fail("has no Properties around its Path and Method", "write Properties: above, and indent the two below it")
	}
	if !ok1 || !ok2 {
		return fail("has no Path and Method", `write "Path: /items" and "Method: get" below its Properties`)
	}
	if auth, ok := properties.Entry("Auth"); ok && !auth.Value.Is(tree.Map) {
		return fail("has an Auth that is "+auth.Value.Kind().String()+", not a map", "fill it or remove it")
	}
	m.authorizer = properties.Get("Auth").Get("Authorizer")
	if m.authorizer.EqualsString("NONE") {
		m.authorizer, m.open = nil, true
	}
	api := properties.Get(key)
	if ref, ok := api.Entry("Ref"); ok {
		api = ref.Value
	}
	switch {
	case api == nil:
		m.api = implicit
	case api.Is(tree.Map, tree.List):
		return fail("names its API by something else than a logical id or a !Ref ("+key+")", fmt.Sprintf("write \"%s: !Ref MyApi\"", key))
	default:
		m.api = api.Text()
	}
	m.path, m.methods = path, methodsOf(method)
	return c.add(m)
}

// serverlessAPI takes the routes in an API's OpenAPI document, and its CORS
// policy. The policy becomes that of the whole application, even if the API
// has none: where there are several APIs, the last one decides for all.
func (c *collector) serverlessAPI(s *stack, e tree.Entry) error {
	properties := e.Value.Get("Properties")
	isHTTP := e.Value.Get("Type").EqualsString(transform.HTTPAPI)
	written := s.template.Get("Resources").Get(e.Name()).Get("Properties")
	var cors *LocalCORS
	var err error
	if isHTTP {
		cors, err = c.httpCORS(properties.Get("CorsConfiguration"), corsSource{stack: s, written: written.Get("CorsConfiguration")}, s.qualify(e.Name()))
	} else {
		cors, err = c.restCORS(properties.Get("Cors"), corsSource{stack: s, written: written.Get("Cors")}, s.qualify(e.Name()))
	}
	if err != nil {
		return err
	}
	body, uri := properties.Get("DefinitionBody"), properties.Get("DefinitionUri")
	if !body.Truthy() && !uri.Truthy() {
		return nil
	}
	if err := c.document(s, e, body, uri, isHTTP); err != nil {
		return err
	}
	c.cors, c.corsOf = cors, s.qualify(e.Name())
	if auth := properties.Get("Auth"); auth.Truthy() && !c.loader.options.DisableAuthorizer {
		if !auth.Is(tree.Map) {
			return authError(e, auth.Pos(), "Auth is "+auth.Kind().String()+", not a map", "write its properties below it")
		}
		if v := auth.Get("DefaultAuthorizer"); v.Truthy() {
			c.defaultAuthorizers[e.Name()] = v
		}
		return c.auth(e, auth, isHTTP)
	}
	return nil
}

// document takes the routes of an API's OpenAPI document: its body, or the
// file that the body includes or the uri names.
func (c *collector) document(s *stack, e tree.Entry, body, uri *tree.Value, isHTTP bool) error {
	root, err := c.loader.definition(s, e, body, uri)
	if err != nil || root == errRemote {
		return err
	}
	if err := checkMediaTypes(e, root.Get("x-amazon-apigateway-binary-media-types")); err != nil {
		return err
	}
	if err := checkMediaTypes(e, e.Value.Get("Properties").Get("BinaryMediaTypes")); err != nil {
		return err
	}
	d := openapi.Document{Root: root, HTTP: isHTTP, API: e.Name()}
	if root == nil {
		d.Root = tree.NewNull(e.Key.Pos())
	}
	if !c.loader.options.DisableAuthorizer || isRawREST(e.Value) { // of which SAM CLI takes the authorizers all the same
		if err := d.Check(); err != nil {
			return err
		}
		for _, a := range d.Authorizers() {
			in := readsOf(a.Sources)
			in.headers = append(in.headers, a.Header...)
			c.runs(e.Name(), a.Name, in)
		}
		if name := d.DefaultAuthorizer(); name != nil {
			c.defaultAuthorizers[e.Name()] = name
		}
	}
	operations, skipped, err := d.Operations()
	if err != nil {
		return err
	}
	n := 0
	for _, op := range operations {
		n += len(expandMethod(op.Method))
	}
	for _, op := range skipped {
		n += len(expandMethod(op.Method))
	}
	if err := c.loader.routes.addLocal(n, e.Key.Pos()); err != nil {
		return err
	}
	apiType := REST
	if isHTTP {
		apiType = HTTP
	}
	for _, op := range operations {
		c.routes = append(c.routes, &mountable{
			methods: methodsOf(op.Method), path: op.Path, function: op.Function, operation: op.ID,
			api: e.Name(), apiType: apiType, stack: s, pos: op.Pos, authorizer: op.Authorizer, open: op.Security,
		})
	}
	c.skipOperations(s, e, apiType, skipped)
	return nil
}

// checkMediaTypes refuses binary media types that SAM CLI cannot go through.
func checkMediaTypes(api tree.Entry, types *tree.Value) error {
	if !types.Truthy() || types.Is(tree.List, tree.Map, tree.String) {
		return nil
	}
	return &TemplateError{
		Pos:  types.Pos(),
		What: fmt.Sprintf("the binary media types of %q are %s, not a list", api.Name(), types.Kind()),
		Why:  "SAM CLI crashes on it",
		Fix:  `write a list: ["image/png"]`,
	}
}

// skipOperations notes the operations that SAM local does not mount.
func (c *collector) skipOperations(s *stack, e tree.Entry, apiType string, skipped []openapi.Skipped) {
	for _, op := range skipped {
		reason, detail := ReasonIntegration, op.Type
		if op.Type == "aws_proxy" {
			reason, detail = ReasonFunctionName, op.URI
		}
		for _, method := range expandMethod(op.Method) {
			c.loader.skipped = append(c.loader.skipped, Unmounted{
				Route:  Route{Method: method, Path: op.Path, API: s.qualify(e.Name()), APIType: apiType, Source: sourceOf(op.Pos)},
				Reason: reason,
				Detail: detail,
			})
		}
	}
}

// errRemote stands for a document that is not on the disk.
var errRemote = new(tree.Value)

// definition returns an API's OpenAPI document. It is nil where SAM CLI finds
// no file, and errRemote where the document is on S3 or outside of what is
// read; the latter is noted.
func (l *loader) definition(s *stack, e tree.Entry, body, uri *tree.Value) (*tree.Value, error) {
	location := uri
	if body.Truthy() {
		include := body.Get("Fn::Transform")
		location = include.Get("Parameters").Get("Location")
		if !include.Get("Name").EqualsString("AWS::Include") || !location.Truthy() {
			return body, nil
		}
	}
	text, ok := location.Str()
	if isRemote(text) || location.Get("Bucket").Truthy() && location.Get("Key").Truthy() {
		l.skip(s, e.Key.Pos(), ReasonRemoteDefinition, e.Name(), location)
		return errRemote, nil
	}
	if !ok {
		return nil, nil
	}
	name, err := l.files.resolve(l.folder, text)
	if err == nil {
		var v *tree.Value
		if v, err = l.files.parse(name); err == nil {
			return v, nil
		}
	}
	return l.missing(s, e, location, err)
}

// missing says what follows from a definition that cannot be read.
func (l *loader) missing(s *stack, e tree.Entry, location *tree.Value, err error) (*tree.Value, error) {
	var t *TemplateError
	switch {
	case errors.As(err, &t):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	}
	l.warn(location.Pos(), "the definition of %q is not read: %v", e.Name(), err)
	l.skip(s, e.Key.Pos(), ReasonRemoteDefinition, e.Name(), location)
	return errRemote, nil
}
