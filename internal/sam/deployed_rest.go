package sam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// restServerless fills in an AWS::Serverless::Api: the operations of its
// definition and of events, and a MOCK OPTIONS on each path where Cors is set.
func (d *deployer) restServerless(api *API, e tree.Entry) {
	body := d.body(e, "DefinitionBody", "DefinitionUri")
	operations := d.withEvents(api, e, body)
	cors, written := e.Value.Get("Properties").Get("Cors"), d.written(e, "Cors")
	if written.Truthy() {
		reason := refusedCORS(e, written)
		if reason == "" && written.Has("AllowOrigin") && !written.Get("AllowOrigin").Truthy() && lacksOptions(operations) {
			reason = "its AllowOrigin is empty"
		}
		if reason != "" {
			d.refuse(api, e, "Cors", written, reason)
		} else {
			api.Property = "Cors"
			operations = addOptions(operations, d.undeployed(e), cors, written)
		}
	}
	if d.loader.routes.addDeployed(operations, e.Key.Pos()) != nil {
		return
	}
	guardServerless(operations, d.guarded(api, e, body))
	api.documentResponses(body)
	api.serverlessResponses(e.Value.Get("Properties").Get("GatewayResponses"))
	api.BinaryTypes = binaryTypes(e, body)
	api.rest(operations)
	if api.CORS != nil {
		api.comesFrom(d.originSource(written))
	}
}

// written returns a property of a SAM resource as SAM sees it when it deploys:
// with functions as written, but for what a file includes.
func (d *deployer) written(e tree.Entry, name string) *tree.Value {
	v := d.template.Get("Resources").Get(e.Name()).Get("Properties").Get(name)
	if v.Has("Fn::Transform") || v == nil {
		return e.Value.Get("Properties").Get(name)
	}
	return v
}

// refuse notes that AWS refuses the CORS setting of an API.
func (d *deployer) refuse(api *API, e tree.Entry, property string, setting *tree.Value, reason string) {
	api.Refused = fmt.Sprintf("AWS refuses the %s of %q: %s", property, e.Name(), reason)
	d.loader.warn(setting.Pos(), "%s", api.Refused)
}

// noDefinition is why SAM refuses a CORS setting: it writes that into the
// definition.
const noDefinition = "it needs a definition in the template itself, a DefinitionBody"

// hasDefinition reports whether SAM can write into an API's definition: it is
// in the template, or AWS includes it there before.
func hasDefinition(properties *tree.Value) bool {
	body := properties.Get("DefinitionBody")
	return body.Get("paths").Is(tree.Map) || body.Has("Fn::Transform")
}

// refusedCORS says why AWS refuses to deploy an API's Cors, or "".
func refusedCORS(e tree.Entry, written *tree.Value) string {
	properties := e.Value.Get("Properties")
	cors := properties.Get("Cors")
	origin := cors.Get("AllowOrigin")
	if isFunction(written) {
		origin = cors
	}
	switch {
	case !hasDefinition(properties):
		return noDefinition
	case isFunction(written) && cors.Is(tree.Map) && !isFunction(cors):
		return "SAM takes a function there for the AllowOrigin, and this one makes a map"
	case origin.Is(tree.List):
		return "its AllowOrigin is a list, and a REST API has one origin"
	case cors.Is(tree.String) || isFunction(cors):
		return ""
	}
	for _, p := range cors.Entries() {
		if !slices.ContainsFunc(corsHeaders, func(h struct{ property, header string }) bool { return h.property == p.Name() }) {
			return fmt.Sprintf("it has a key %q", p.Key.Text())
		}
	}
	if origin := written.Get("AllowOrigin"); written.Get("AllowCredentials").IsTrue() && (origin == nil || origin.EqualsString("'*'")) {
		return "AllowCredentials needs an AllowOrigin other than '*'"
	}
	return ""
}

// isFunction reports whether v is an intrinsic function that could not be
// resolved.
func isFunction(v *tree.Value) bool {
	if !v.Is(tree.Map) || v.Len() != 1 {
		return false
	}
	name := v.Entries()[0].Name()
	return name == "Ref" || strings.HasPrefix(name, "Fn::")
}

// restRaw fills in an AWS::ApiGateway::RestApi: the operations of its body,
// and its AWS::ApiGateway::Methods.
func (d *deployer) restRaw(api *API, e tree.Entry) {
	body := d.body(e, "Body", "BodyS3Location")
	api.OwnDocument = body != nil
	operations := d.documentOperations(body, d.writtenBody(e, "Body", body))
	guardServerless(operations, guardian{document: body})
	api.documentResponses(body)
	resolved := *d.stack
	resolved.resources = d.all
	for _, m := range d.parts[e.Name()] {
		properties := m.Value.Get("Properties")
		if m.Value.Get("Type").EqualsString(typeGatewayResponse) {
			api.rawResponse(m)
		}
		if !m.Value.Get("Type").EqualsString(typeMethod) {
			continue
		}
		path, err := resolved.methodPath(m, properties.Get("ResourceId"))
		method, ok := properties.Get("HttpMethod").Str()
		if err != nil || !ok {
			continue
		}
		integration := properties.Get("Integration")
		kind, _ := integration.Get("Type").Str()
		op := declared{
			path: path, method: canonical(method), key: strings.ToLower(method),
			function: openapi.FunctionName(integration.Get("Uri")), integration: strings.ToLower(kind), pos: m.Key.Pos(),
			guard: d.rawGuard(properties), text: isText(integration.Get("ContentHandling")),
		}
		op.declares = RawMethodResponse(properties, nil)
		op.noteMapping(integration)
		written := d.written(m, "Integration").Get("IntegrationResponses").Items()
		for i, response := range integration.Get("IntegrationResponses").Items() {
			parameters := response.Get("ResponseParameters")
			if v := corsParameters(parameters); v != nil && op.responses == nil || i == 0 {
				op.responses, op.answer = v, fixedAnswer(response.Get("StatusCode"), parameters)
				op.declares = RawMethodResponse(properties, response)
				var as *tree.Value
				if i < len(written) {
					as = written[i].Get("ResponseParameters")
				}
				d.noteWritten(&op, as)
			}
		}
		operations = append(operations, op)
	}
	if d.loader.routes.addDeployed(operations, e.Key.Pos()) != nil {
		return
	}
	api.BinaryTypes = binaryTypes(e, body)
	api.rest(operations)
}

// binaryTypes returns the media types that a REST API takes for binary data.
func binaryTypes(e tree.Entry, body *tree.Value) []string {
	var types []string
	for _, v := range slices.Concat(e.Value.Get("Properties").Get("BinaryMediaTypes").Items(), body.Get("x-amazon-apigateway-binary-media-types").Items()) {
		if text, ok := v.Str(); ok {
			types = append(types, strings.ReplaceAll(text, "~1", "/"))
		}
	}
	return types
}

// documentOperations returns the operations of an OpenAPI document, whatever
// their integration. Written is the document with its functions.
func (d *deployer) documentOperations(root, written *tree.Value) []declared {
	var operations []declared
	for _, path := range root.Get("paths").Entries() {
		for _, method := range path.Value.Entries() {
			name := canonical(method.Key.Text())
			if name != "ANY" && !slices.Contains(anyMethods[:], name) || !method.Value.Is(tree.Map) {
				continue
			}
			integration := method.Value.Get(openapi.Integration)
			kind, _ := integration.Get("type").Str()
			op := declared{
				path: path.Key.Text(), method: name, key: method.Key.Text(),
				integration: strings.ToLower(kind), pos: method.Key.Pos(),
				security: method.Value.Get("security"), text: isText(integration.Get("contentHandling")),
				payload: integration.Get("payloadFormatVersion").Text(),
			}
			if method.Value.Get("x-amazon-apigateway-auth").Get("type").EqualsString("AWS_IAM") {
				op.guard = Guard{Kind: GuardIAM, Source: sourceOf(method.Value.Get("x-amazon-apigateway-auth").Pos())}
			}
			name, response := mockResponse(integration.Get("responses"))
			op.responses = corsParameters(response.Get("responseParameters"))
			if op.responses != nil {
				as := written.Get("paths").Get(op.path).Get(op.key).Get(openapi.Integration).Get("responses")
				same := as.Get(name)
				if name == "" { // a number
					_, same = mockResponse(as)
				}
				d.noteWritten(&op, same.Get("responseParameters"))
			}
			op.answer = fixedAnswer(response.Get("statusCode"), response.Get("responseParameters"))
			op.declares = DocumentMethodResponse(root, method.Value, response)
			op.function = openapi.FunctionName(integration.Get("uri"))
			op.noteMapping(integration)
			operations = append(operations, op)
		}
	}
	return operations
}

// noteMapping notes what the mapping templates of an integration do.
func (op *declared) noteMapping(integration *tree.Value) {
	echoed, known := EchoedOrigins(integration)
	op.echoed, op.overrides, op.status = echoed, !known, MockStatusOf(integration)
}

// isText reports whether an integration turns what it is sent into text.
func isText(contentHandling *tree.Value) bool {
	return strings.EqualFold(contentHandling.Text(), "CONVERT_TO_TEXT")
}

// mockResponse returns the response that an integration answers with, and its
// name: the first that has CORS headers, with the default going before others.
func mockResponse(responses *tree.Value) (string, *tree.Value) {
	const byDefault = "default"
	if corsParameters(responses.Get(byDefault).Get("responseParameters")) != nil {
		return byDefault, responses.Get(byDefault)
	}
	for _, e := range responses.Entries() {
		if corsParameters(e.Value.Get("responseParameters")) != nil {
			return e.Name(), e.Value
		}
	}
	if e := responses.Entries(); !responses.Has(byDefault) && len(e) > 0 {
		return e[0].Name(), e[0].Value
	}
	return byDefault, responses.Get(byDefault)
}

// rest sets the routes of a REST API and what answers its preflights. Where all
// bodies are binary, a MOCK that does not turn them into text cannot read what
// it is sent, and answers 500.
func (a *API) rest(operations []declared) {
	binary := slices.Contains(a.BinaryTypes, "*/*")
	a.routes(operations)
	paths, of := byPath(operations)
	for _, path := range paths {
		p := Preflight{Path: path, Source: sourceOf(of[path][0].pos)}
		if op, ok := optionsOf(of[path]); ok {
			p.Method, p.Guard, p.Source = op.method, op.guard, sourceOf(op.pos)
			switch {
			case op.integration == "mock":
				p.By, p.CORS, p.Answer, p.Generated, p.Unsure = ByMock, a.mockCORS(op), op.answer, op.generated, op.unsure
				p.Response, p.Echoed, p.Status = op.declares, op.echoed, op.status
				if p.Overrides = op.overrides; p.Overrides {
					p.Unsure = "what the mapping template of OPTIONS makes of its headers"
				}
				if p.Status == StatusUnread {
					p.Unsure = "whether the request template of OPTIONS gives a statusCode"
				}
				if p.Binary = binary && !op.text; p.Binary {
					p.Unsure = "whether the MOCK fails, since the API takes all bodies for binary"
				}
				if p.Refused = len(op.answer.Unquoted) > 0; p.Refused {
					p.Unsure = "what API Gateway makes of " + strings.Join(op.answer.Unquoted, " and ") + ", which is no text in single quotes"
				}
			case op.function != "" || op.integration == "aws_proxy":
				p.By, p.Function = ByFunction, op.function
			case op.integration != "":
				p.By = ByIntegration
			}
		}
		a.addPreflight(p)
	}
	a.CORS = commonCORS(a.Preflights)
}

// commonCORS returns what the answers of a REST API's paths have in common.
// The paths are taken in alphabetical order, so that the order in which they
// are declared makes no difference.
func commonCORS(preflights []Preflight) *CORS {
	sorted := slices.SortedFunc(slices.Values(preflights), func(a, b Preflight) int { return cmp.Compare(a.Path, b.Path) })
	var common *CORS
	for _, p := range sorted {
		switch {
		case p.CORS == nil:
		case common == nil:
			first := *p.CORS
			common = &first
		default:
			methods := slices.Concat(common.AllowMethods, p.CORS.AllowMethods)
			slices.Sort(methods)
			common.AllowMethods = slices.Compact(methods)
		}
	}
	return common
}

// mockCORS returns the policy that a MOCK's headers amount to, or nil if it
// sends none.
func (a *API) mockCORS(op declared) *CORS {
	if op.responses == nil {
		return nil
	}
	value := func(name string) *tree.Value {
		v := op.responses.Get(name)
		s, ok := v.Str()
		if !ok {
			return v
		}
		s = strings.TrimSuffix(strings.TrimPrefix(s, "'"), "'")
		unquoted := tree.NewString(v.Pos(), s)
		if v.IsGuess() {
			return unquoted.AsGuess()
		}
		return unquoted
	}
	methods := words(value("AllowMethods"))
	for i, m := range methods {
		methods[i] = strings.ToUpper(m)
	}
	c := &CORS{
		API: a.ID, APIType: a.Type, Source: sourceOf(op.responses.Pos()), Short: op.short, ByHand: !op.generated, Places: op.places, Computed: op.computed, From: op.from,
		AllowOrigins:     words(value("AllowOrigin")),
		AllowMethods:     methods,
		AllowHeaders:     words(value("AllowHeaders")),
		AllowCredentials: value("AllowCredentials").EqualsString("true"),
		MaxAge:           seconds(value("MaxAge")),
	}
	for _, h := range corsHeaders {
		c.unresolved(h.property, value(h.property))
	}
	for _, e := range op.echoed {
		c.Echoes, c.AllowOrigins = true, append(c.AllowOrigins, e.Origin)
	}
	return c
}
