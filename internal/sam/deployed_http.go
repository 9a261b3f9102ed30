package sam

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const corsExtension = "x-amazon-apigateway-cors"

// httpServerless fills in an AWS::Serverless::HttpApi.
func (d *deployer) httpServerless(api *API, e tree.Entry) {
	body := d.body(e, "DefinitionBody", "DefinitionUri")
	operations := d.withEvents(api, e, body)
	if d.loader.routes.addDeployed(operations, e.Key.Pos()) != nil {
		return
	}
	guardServerless(operations, d.guarded(api, e, body))
	configuration, written := e.Value.Get("Properties").Get("CorsConfiguration"), d.written(e, "CorsConfiguration")
	extension := body.Get(corsExtension)
	if reason := refusedConfiguration(e, written); reason != "" {
		d.refuse(api, e, "CorsConfiguration", written, reason)
		configuration, extension = nil, nil
	} else if origins := written.Get("AllowOrigins"); d.isReplacement(origins) {
		api.Refused = fmt.Sprintf("SAM puts the AllowOrigins of %q, a function, in place of its whole CorsConfiguration", e.Name())
		d.loader.warn(origins.Pos(), "%s", api.Refused)
		configuration, extension = nil, nil
	} else if written.Is(tree.Map) && !isFunction(written) && !written.Get("AllowCredentials").IsTrue() {
		configuration = withoutCredentials(configuration)
	}
	if configuration.Truthy() {
		api.Property = "CorsConfiguration"
	}
	api.http(operations, extension, configuration)
	if api.CORS != nil {
		api.CORS.Computed = computedOf(written)
		for _, key := range api.CORS.Computed {
			if written.Get(key).Is(tree.List) {
				api.CORS.Lists = append(api.CORS.Lists, key)
			}
		}
	}
}

// refusedConfiguration says why SAM refuses to deploy an HTTP API's
// CorsConfiguration, or "".
func refusedConfiguration(e tree.Entry, written *tree.Value) string {
	configuration := e.Value.Get("Properties").Get("CorsConfiguration")
	switch origins := written.Get("AllowOrigins").Items(); {
	case !written.Truthy():
		return ""
	case !hasDefinition(e.Value.Get("Properties")):
		return noDefinition
	case !written.Is(tree.Map, tree.Bool):
		return fmt.Sprintf("it is %s, and SAM takes a map or true", written.Kind())
	case written.Has("Ref") && configuration.IsTrue():
		return "" // the default of a parameter, which SAM puts in its place
	case isFunction(written) && configuration.Truthy() && !configuration.Is(tree.Map):
		return fmt.Sprintf("the function makes %s, and only true itself stands for a map", configuration.Kind())
	case isFunction(written):
		return ""
	case written.Get("AllowCredentials").IsTrue() && len(origins) == 1 && origins[0].EqualsString("*"):
		return "AllowCredentials needs AllowOrigins other than *"
	}
	for _, p := range written.Entries() {
		switch p.Name() {
		case "AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge":
		default:
			return fmt.Sprintf("it has a key %q", p.Key.Text())
		}
	}
	return ""
}

// isReplacement reports whether SAM takes the AllowOrigins of a
// CorsConfiguration for the whole of it, and drops its other keys. It does so
// with each function but those that it resolves itself: references to
// parameters.
func (s *stack) isReplacement(origins *tree.Value) bool {
	return isFunction(origins) && !isParameter(s.template, origins)
}

// withoutCredentials returns a CorsConfiguration whose AllowCredentials is not
// true: SAM passes on only the boolean itself, and no function that makes one.
func withoutCredentials(configuration *tree.Value) *tree.Value {
	without := tree.NewMap(configuration.Pos())
	for _, e := range configuration.Entries() {
		value := e.Value
		if e.Name() == "AllowCredentials" {
			value = tree.NewBool(value.Pos(), false)
		}
		without.SetEntry(e.Key, value)
	}
	return without
}

// httpRaw fills in an AWS::ApiGatewayV2::Api: the operations of its body, its
// AWS::ApiGatewayV2::Routes, and the route of a quick-created one.
func (d *deployer) httpRaw(api *API, e tree.Entry) {
	properties := e.Value.Get("Properties")
	body := d.body(e, "Body", "BodyS3Location")
	api.OwnDocument = body != nil
	operations := d.documentOperations(body, body)
	guardServerless(operations, guardian{document: body, http: true})
	if target := properties.Get("Target"); target.Truthy() {
		if method, path, err := routeKey(e, properties.Get("RouteKey")); err == nil {
			operations = append(operations, declared{
				path: path, method: canonical(method), function: openapi.FunctionName(target),
				integration: "aws_proxy", pos: e.Key.Pos(),
			})
		}
	}
	for _, r := range d.parts[e.Name()] {
		p := r.Value.Get("Properties")
		if !r.Value.Get("Type").EqualsString(typeHTTPRoute) {
			continue
		}
		if method, path, err := routeKey(r, p.Get("RouteKey")); err == nil {
			function, kind := d.integrated(p.Get("Target"))
			operations = append(operations, declared{
				path: path, method: canonical(method), function: function,
				integration: kind, pos: r.Key.Pos(), guard: d.rawGuard(p),
			})
		}
	}
	if d.loader.routes.addDeployed(operations, e.Key.Pos()) != nil {
		return
	}
	api.http(operations, body.Get(corsExtension), properties.Get("CorsConfiguration"))
}

// integrated returns the function that a route's target invokes, and the type of the
// integration where an HTTP API does not have it.
func (d *deployer) integrated(target *tree.Value) (function, kind string) {
	text, _ := target.Str()
	_, id, _ := strings.Cut(text, "/")
	properties := d.all.Get(strings.TrimSpace(id)).Get("Properties")
	if kind, _ = properties.Get("IntegrationType").Str(); !IsNoProxy(kind) {
		kind = "aws_proxy"
	}
	return openapi.FunctionName(properties.Get("IntegrationUri")), strings.ToLower(kind)
}

// IsNoProxy reports whether an integration is of a type that REST APIs alone have: an
// HTTP API knows proxies.
func IsNoProxy(kind string) bool {
	return slices.Contains([]string{"mock", "aws", "http"}, strings.ToLower(kind))
}

// http sets the routes of an HTTP API, and its CORS policy: that of its
// document, overridden by its CorsConfiguration.
func (a *API) http(operations []declared, extension, configuration *tree.Value) {
	a.routes(operations)
	a.notePayloads(operations)
	a.CORS = a.httpCORS(extension, configuration)
	paths, of := byPath(operations)
	for _, path := range paths {
		p := Preflight{Path: path, Source: sourceOf(of[path][0].pos)}
		op, ok := optionsOf(of[path])
		if ok {
			p.Method, p.Guard, p.Source = op.method, op.guard, sourceOf(op.pos)
		}
		switch {
		case ok && op.method == http.MethodOptions || ok && a.CORS == nil:
			p.By, p.Function = ByFunction, op.function
			if op.function == "" {
				p.By = ByIntegration
			}
			if IsNoProxy(op.integration) {
				p.Unsure = "what becomes of the integration " + strings.ToUpper(op.integration) + ", which an HTTP API does not have"
			}
		case a.CORS != nil:
			p.By, p.CORS, p.Source = ByCORS, a.CORS, a.CORS.Source
		}
		a.addPreflight(p)
	}
}

// httpCORS returns an HTTP API's CORS policy, or nil if it has none. What is
// not allowed explicitly is not allowed: an API without AllowMethods answers
// preflights without that header.
func (a *API) httpCORS(extension, configuration *tree.Value) *CORS {
	if !extension.Truthy() && !configuration.Truthy() {
		return nil
	}
	value := func(name string) *tree.Value {
		lower := strings.ToLower(name[:1]) + name[1:]
		for _, v := range []*tree.Value{configuration.Get(name), configuration.Get(lower), extension.Get(lower)} {
			if !v.Is(tree.Absent, tree.Null) {
				return v
			}
		}
		return nil
	}
	source := extension
	if configuration.Truthy() {
		source = configuration
	}
	c := &CORS{
		API: a.ID, APIType: a.Type, Source: sourceOf(source.Pos()), Extension: !configuration.Truthy(), Places: placesOf(configuration),
		AllowOrigins:     words(value("AllowOrigins")),
		AllowMethods:     words(value("AllowMethods")),
		AllowHeaders:     words(value("AllowHeaders")),
		ExposeHeaders:    words(value("ExposeHeaders")),
		AllowCredentials: value("AllowCredentials").IsTrue(),
		MaxAge:           seconds(value("MaxAge")),
	}
	for _, name := range []string{"AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "AllowCredentials", "MaxAge"} {
		c.unresolved(name, value(name))
	}
	if isFunction(configuration) {
		c.Unresolved = append(c.Unresolved, "AllowOrigins")
	}
	if configuration.IsTrue() {
		c.Short = true
		c.AllowOrigins = []string{"*"}
	}
	for i, m := range c.AllowMethods {
		c.AllowMethods[i] = strings.ToUpper(m)
	}
	c.AllowMethods = slices.Compact(c.AllowMethods)
	return c
}
