package sam

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An API is an API as AWS deploys it: with its own routes and its own CORS,
// and without the resources whose conditions are false.
type API struct {
	ID   string // logical id
	Type string // REST or HTTP
	// Stages are the names of its stages that the template has, "" for one that is
	// not known. DefaultPath is that of an HTTP API whose URLs have no stage.
	Stages []string
	// StageComputed says that the name of one is another with other parameters.
	StageComputed bool
	Serverless    bool // it is SAM's: an AWS::Serverless::Api or HttpApi
	// OwnDocument says that an API has an OpenAPI document to which SAM adds no
	// events.
	OwnDocument bool
	// SharesGlobals says that the Globals of an API's kind count for another, too,
	// whose condition is false, and whose CORS setting they would change.
	SharesGlobals bool
	// Elsewhere is the OpenAPI document of an API of SAM's that is no part of the
	// template, as DefinitionUri has it: SAM refuses a CORS setting beside that.
	Elsewhere string
	// Property is what an API of SAM's has its CORS setting in, Cors or
	// CorsConfiguration, routes or not; "" where it has none, or AWS refuses it.
	Property string
	// OtherGlobals is where Globals have a CORS setting for the other kind of API
	// alone, while they have none for this one's; "" where they do not.
	OtherGlobals string
	// Referred says that the template names an API that SAM makes of events, as
	// outputs do: that is refused once no event is left to make it of.
	Referred bool
	// DefaultAuthorizer and DefaultKey say that an API of SAM's asks all its
	// events for an authorizer, or a key. SAM refuses an event that turns off
	// what is not there.
	DefaultAuthorizer, DefaultKey bool
	// OptionsAuthorizer is the default that SAM local has for OPTIONS of an HTTP API, to
	// which SAM gives none.
	OptionsAuthorizer string
	// Restricted says that an API of SAM's lets fewer callers in than its events
	// say: by a resource policy, or since it has no public address.
	Restricted bool
	// BinaryTypes are the media types of bodies that a REST API takes for binary
	// data, such as "image/png". SAM local has one list for all APIs.
	BinaryTypes []string
	// PreflightGuards are what a REST API's Auth asks of the OPTIONS methods, too,
	// that SAM makes of a Cors property.
	PreflightGuards []Guard

	Source     string
	Routes     []Route
	Preflights []Preflight // what answers OPTIONS, by path, in the order of the routes
	// CORS is what the API's own answers to preflights have in common; nil if
	// it gives none. Of a REST API, which answers path by path, it is the
	// first answer, with the methods of all.
	CORS *CORS
	// Refused says why AWS refuses to deploy the API's CORS setting, or deploys
	// another, "" where it does neither. What the API would answer is without that setting then.
	Refused string
	// Responses are a REST API's gateway responses by their type, such as
	// DEFAULT_4XX: what API Gateway itself answers with.
	Responses map[string]GatewayResponse

	byPath map[string]int // index of Preflights
	guards map[methodPath]Guard

	payloads map[string]string // by function; see Payload
	guarded  []Guarded         // by SAM local, of all APIs
}

// What answers OPTIONS on a path of a deployed API.
const (
	ByNothing     = ""            // 403, or 404 from an HTTP API
	ByMock        = "mock"        // a REST API, with fixed headers
	ByCORS        = "cors"        // an HTTP API, by Origin
	ByFunction    = "function"    // a function, like any request
	ByIntegration = "integration" // another service
)

// A Preflight is what answers OPTIONS on a path.
type Preflight struct {
	Path     string
	By       string
	Method   string // of the operation that takes OPTIONS: OPTIONS, ANY, or "" where there is none
	Function string // for ByFunction
	CORS     *CORS  // for ByMock and ByCORS
	Answer   Fixed  // for ByMock
	// Response is what the method declares of the MOCK's response, unless SAM
	// makes it.
	Response MethodResponse
	// Generated says that SAM makes the MOCK, of a Cors property.
	Generated bool
	// Binary says that the MOCK cannot read what it is sent, since the API takes
	// all for binary: AWS is said to answer 500.
	Binary bool
	// Status is what the MOCK's request template gives for its status.
	Status MockStatus
	// Refused says that a header of the MOCK is no expression to API Gateway, so
	// that the API does not deploy, or sends something else.
	Refused bool
	// Echoed are the origins that the MOCK's mapping template answers with in
	// place of what Answer has.
	Echoed []Echoed
	// Overrides says that a mapping template of the MOCK may set other headers.
	Overrides bool
	// Unsure says in words what of the answer the template does not tell, "" for
	// nothing.
	Unsure string
	Guard  Guard  // of the operation that takes OPTIONS
	Source string // of the operation, or of the CORS setting that made it
}

// A deployer puts the deployed form of one stack together.
type deployer struct {
	*stack
	all    *tree.Value             // the resources, resolved as CloudFormation does
	live   []tree.Entry            // those whose condition is not false
	parts  map[string][]tree.Entry // live Methods, Routes, Stages and GatewayResponses by API
	events map[string][]declared   // what live functions and state machines declare by API
	absent map[string][]declared   // what the others declare
	// sharing has the types of APIs that are not live and that Globals would change.
	sharing map[string]bool
}

// deployed returns the APIs that AWS deploys, in the order of the resources.
func (l *loader) deployed() ([]API, error) {
	var apis []API
	for _, s := range l.stacks {
		resolver := s.resolver().AsDeployed()
		resources, err := resolver.Resources()
		if err != nil {
			return nil, err
		}
		d := &deployer{stack: s, all: resources}
		for _, e := range resources.Entries() {
			condition, _ := e.Value.Get("Condition").Str()
			if exists, ok := resolver.Condition(condition); exists || !ok {
				d.live = append(d.live, e)
			}
		}
		d.index()
		l.basePaths = append(l.basePaths, d.basePaths()...)
		for _, e := range d.live {
			if api := d.api(e); api != nil {
				api.SharesGlobals = api.Serverless && d.sharing[api.Type]
				d.globals(api, e)
				apis = append(apis, *api)
			}
			if l.routes.exceeded != nil {
				return nil, l.routes.exceeded
			}
		}
	}
	return apis, nil
}

// api returns the API that a resource is, or nil.
func (d *deployer) api(e tree.Entry) *API {
	api := &API{ID: d.qualify(e.Name()), Source: sourceOf(e.Key.Pos())}
	properties := e.Value.Get("Properties")
	switch kind, _ := e.Value.Get("Type").Str(); kind {
	case transform.API:
		api.Type, api.Serverless = REST, true
		d.restServerless(api, e)
	case typeRestAPI:
		api.Type = REST
		d.restRaw(api, e)
	case transform.HTTPAPI:
		api.Type, api.Serverless = HTTP, true
		d.httpServerless(api, e)
	case typeHTTPAPI:
		if properties.Get("ProtocolType").EqualsString("WEBSOCKET") {
			return nil
		}
		api.Type = HTTP
		d.httpRaw(api, e)
	default:
		return nil
	}
	d.stages(api, e)
	return api
}

// body returns an API's OpenAPI document: inline, or in a file.
func (d *deployer) body(e tree.Entry, inline, location string) *tree.Value {
	properties := e.Value.Get("Properties")
	quiet := &loader{files: d.loader.files, folder: d.loader.folder}
	root, err := quiet.definition(d.stack, e, properties.Get(inline), properties.Get(location))
	if err != nil || root == errRemote {
		return nil
	}
	return root
}

// A declared is an operation of a deployed API.
type declared struct {
	path, method string // method in upper case; ANY not expanded
	function     string
	integration  string            // type in lower case; "aws_proxy" for events of functions, "aws" for those of state machines
	responses    *tree.Value       // of a MOCK: response parameters by header, see corsParameters
	answer       Fixed             // of a MOCK
	declares     MethodResponse    // for a MOCK of the template's own
	generated    bool              // a MOCK that SAM makes of a Cors property
	unsure       string            // what of it is not known
	echoed       []Echoed          // of a MOCK
	status       MockStatus        // of a MOCK
	overrides    bool              // a MOCK whose mapping template may answer otherwise
	text         bool              // a MOCK that turns what it is sent into text
	short        bool              // which is a text
	places       map[string]string // of its keys
	computed     []string          // of them; see CORS.Computed
	from         OriginSource      // of an AllowOrigin among these
	event        tree.Entry        // that declares it, if one does
	http         bool              // of type HttpApi
	payload      string            // the version of the function's events, "" where it is not said
	auth         *tree.Value       // of an event
	security     *tree.Value       // of an operation in a document
	guard        Guard
	key          string // the method as written in the document
	pos          Pos
}

// refersTo returns the logical id that v is or refers to.
func refersTo(v *tree.Value, otherwise string) string {
	if ref := v.Get("Ref"); ref != nil {
		v = ref
	}
	if v == nil {
		return otherwise
	}
	id, _ := v.Str()
	return id
}

// canonical returns a method in upper case, with ANY for OpenAPI's extension.
func canonical(method string) string {
	method = strings.ToUpper(method)
	if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" {
		return "ANY"
	}
	return method
}

// byPath groups operations by path, in order of first appearance.
func byPath(operations []declared) (paths []string, of map[string][]declared) {
	of = make(map[string][]declared)
	for _, op := range operations {
		if _, ok := of[op.path]; !ok {
			paths = append(paths, op.path)
		}
		of[op.path] = append(of[op.path], op)
	}
	return paths, of
}

// A methodPath is a route of an API.
type methodPath struct{ method, path string }

// Guard returns what a route of the API asks of requests.
func (a *API) Guard(method, path string) Guard { return a.guards[methodPath{method, path}] }

// routes adds a route for each operation. A method of its own goes before
// one of ANY.
func (a *API) routes(operations []declared) {
	type key struct{ path, method string }
	own := make(map[key]bool, len(operations))
	for _, op := range operations {
		own[key{op.path, op.method}] = true
	}
	for _, op := range operations {
		for _, method := range expandMethod(op.method) {
			if op.method == "ANY" && own[key{op.path, method}] {
				continue
			}
			if op.guard.Kind != GuardNone {
				if a.guards == nil {
					a.guards = make(map[methodPath]Guard)
				}
				a.guards[methodPath{method, op.path}] = op.guard
			}
			a.Routes = append(a.Routes, Route{
				Method: method, Path: op.path, Function: op.function,
				API: a.ID, APIType: a.Type, Source: sourceOf(op.pos),
			})
		}
	}
}

// optionsOf returns the operation that answers OPTIONS: one of its own, or
// the one for all methods.
func optionsOf(operations []declared) (declared, bool) {
	for _, method := range []string{http.MethodOptions, "ANY"} {
		if i := slices.IndexFunc(operations, func(op declared) bool { return op.method == method }); i >= 0 {
			return operations[i], true
		}
	}
	return declared{}, false
}

// words is allWords without those that only AWS knows.
func words(v *tree.Value) []string {
	if !v.IsGuess() {
		return allWords(v)
	}
	return allWords(tree.NewList(v.Pos(), slices.DeleteFunc(slices.Clone(v.Items()), (*tree.Value).IsGuess)...))
}

// allWords returns a list of strings, or a string's parts between commas.
func allWords(v *tree.Value) []string {
	var list []string
	if s, ok := v.Str(); ok {
		for part := range strings.SplitSeq(s, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	}
	for _, item := range v.Items() {
		if !item.Is(tree.Map, tree.List) {
			list = append(list, strings.TrimSpace(item.Text()))
		}
	}
	return list
}

// seconds returns a number of seconds, or nil if v is none or only AWS knows it.
func seconds(v *tree.Value) *int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(v.Text()), 10, 64)
	if err != nil || v.IsGuess() {
		return nil
	}
	return &n
}

// Preflight returns what answers OPTIONS on one of the API's own paths.
func (a *API) Preflight(path string) (Preflight, bool) {
	i, ok := a.byPath[path]
	if !ok {
		return Preflight{}, false
	}
	return a.Preflights[i], true
}

func (a *API) addPreflight(p Preflight) {
	if a.byPath == nil {
		a.byPath = make(map[string]int)
	}
	a.byPath[p.Path] = len(a.Preflights)
	a.Preflights = append(a.Preflights, p)
}
