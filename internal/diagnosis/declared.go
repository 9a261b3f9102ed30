package diagnosis

import (
	"fmt"
	"path"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/shell"
)

// declared looks for the route among those that are declared and not mounted.
func (q *question) declared() (Diagnosis, sam.Route, bool) {
	if r, ok := match(q.template, q.Evidence); ok && q.newer() {
		return templateNewer(q, r), r, true
	}
	if r, ok := match(q.source, q.Evidence); ok {
		if _, built := match(q.template, q.Evidence); !built && q.Template != nil {
			return buildIsStale(q, r), r, true
		}
	}
	if r, ok := match(q.template, q.Evidence); ok {
		return q.notMounted(r), r, true
	}
	if r, ok := match(q.skipped, q.Evidence); ok {
		return q.passedOver(q.reasons[[2]string{r.Method, r.Path}]), r, true
	}
	return Diagnosis{}, sam.Route{}, false
}

// match returns a table's route for a request, if there is a table.
func match(t *sam.Table, e Evidence) (sam.Route, bool) {
	if t == nil {
		return sam.Route{}, false
	}
	r, ok := t.Match(e.Method, e.Path)
	return r, ok && serves(r, e.Method)
}

func templateNewer(q *question, r sam.Route) Diagnosis {
	why, hints := "the template changed after "+q.reader()+" read it", []string{q.restart()}
	if q.Mounted.IsZero() && !q.TemplateChanged.After(q.Watched) {
		why = "SAM local was started before the template had it, or with another template"
		hints = append(hints, "check whether it is this template's SAM local that listens there: when it starts, it prints its routes")
	}
	return Diagnosis{
		Code:   TemplateNewer,
		Detail: fmt.Sprintf("%s is declared, as %s, and not mounted: %s", q.request(), place(r), why),
		Hints:  hints,
		Routes: routesOf([]sam.Route{r}),
	}
}

// reader is what mounts the routes of the template.
func (q *question) reader() string {
	if q.Echo {
		return "the demo"
	}
	return "SAM local"
}

// restart is how it reads the template again.
func (q *question) restart() string {
	if q.Echo {
		return "stop the demo, with Control-C, and start it again"
	}
	switch {
	case q.Restarts:
		return "corsproxy is about to start SAM local again; send the request again"
	case q.Child:
		return "stop corsproxy, and SAM local with it, with Control-C, and start both again as before; to have that done at each change, write before the --:\n--restart-on-template-change"
	}
	return "stop SAM local, with Control-C, and start it again, with the same options:\nsam local start-api"
}

// rebuild is how it reads what sam build makes of the template.
func (q *question) rebuild() string {
	switch {
	case q.Restarts:
		return "build again, and corsproxy starts SAM local again:\nsam build"
	case q.Child:
		return "build again, then stop corsproxy, and SAM local with it, with Control-C, and start both again as before:\nsam build"
	}
	return "build again, and start SAM local again, with the same options:\nsam build && sam local start-api"
}

// notMounted says of a declared route that it is not mounted, where nothing
// tells why.
func (q *question) notMounted(r sam.Route) Diagnosis {
	d := Diagnosis{
		Code:   RouteNotFound,
		Detail: fmt.Sprintf("%s is declared, as %s, and not mounted", q.request(), place(r)),
		Hints: []string{
			"check whether the template changed after " + q.reader() + " read it: " + q.restart(),
			"check whether SAM local takes this template: -t and samconfig.toml name another",
		},
		Routes: routesOf([]sam.Route{r}),
	}
	if len(q.methods) > 0 {
		d.Code = MethodNotDefined
	}
	return d
}

func buildIsStale(q *question, r sam.Route) Diagnosis {
	return Diagnosis{
		Code:   BuildIsStale,
		Detail: fmt.Sprintf("%s is in the template, as %s, and not in the build, which SAM local takes: %s", q.request(), place(r), show(q.Template.Template)),
		Hints:  []string{q.rebuild()},
		Routes: routesOf([]sam.Route{r}),
	}
}

// passedOver explains a route that SAM local does not mount.
func (q *question) passedOver(u sam.Unmounted) Diagnosis {
	d := Diagnosis{Routes: routesOf([]sam.Route{u.Route})}
	declared := q.request() + " is declared, as " + place(u.Route)
	switch {
	case u.Reason == sam.ReasonProvider:
		d.Code = ProviderIgnored
		d.Detail = declared + ", and SAM local passes it over: it takes either AWS::Serverless resources or raw API Gateway resources, whichever the template has first"
		d.Hints = []string{"declare all routes of the template in one way, or keep the others in a template of their own"}
		if api, known := q.deployed(u.Route.API); known && !api.Serverless {
			d.Hints = append(d.Hints, eventHint("as an event of an AWS::Serverless::Function", u.Route.Method, u.Route.Path, sam.Route{APIType: u.Route.APIType}, "")...)
		}
	case u.Reason == sam.ReasonFunctionName || u.Detail == "":
		d.Code = OpenAPINotLoaded
		d.Detail = declared + ", and SAM local cannot tell its function"
		if u.Detail == "" {
			d.Detail = declared + ", without an integration, and of an OpenAPI document SAM local mounts Lambda proxy integrations alone"
		} else {
			d.Detail += " from the URI " + show(u.Detail) + ": an alias or a stage variable is not resolved locally"
		}
		d.Hints = []string{q.integration("give the operation an integration that SAM local can read", u.Route)}
		if u.Detail == "" {
			d.Hints = append(d.Hints, q.permission(u.Route)...)
		}
	case u.Reason == sam.ReasonStateMachine:
		d.Code = IntegrationNotEmulated
		d.Detail = fmt.Sprintf("%s, an event that starts state machine %s, and SAM local mounts functions alone", declared, show(u.Detail))
		d.Hints = []string{"call the deployed API for it; an event of a function for " + show(u.Route.String()) + " has to take the place of this one, since SAM refuses to deploy both"}
	default:
		d.Code = IntegrationNotEmulated
		d.Detail = fmt.Sprintf("%s, with an integration of type %s, and of an OpenAPI document SAM local mounts Lambda proxy integrations alone", declared, show(u.Detail))
		if strings.EqualFold(q.Method, "OPTIONS") {
			d.Hints = []string{"let corsproxy answer OPTIONS itself; in its configuration file:\ncors:\n  source: config"}
			break
		}
		d.Hints = append([]string{q.integration("to have it locally, let a function answer it", u.Route)}, q.permission(u.Route)...)
	}
	return d
}

// permission is what lets API Gateway call the function that an operation is given.
func (q *question) permission(r sam.Route) []string {
	api, _ := q.deployed(r.API)
	return permissionHint(r.Method, r.Path, api)
}

// integration is an integration that SAM local mounts, to be pasted into an
// OpenAPI document, with the name of a function of the template.
func (q *question) integration(lead string, r sam.Route) string {
	function := "MyFunction"
	for _, r := range q.table.Routes() {
		if r.Function != "" && show(r.Function) == r.Function {
			function = r.Function
			break
		}
	}
	api, known := q.deployed(r.API)
	inFile := known && documentFile(api) != ""
	if inFile && api.Elsewhere != "" {
		lead += ", with its ARN itself in place of Fn::Sub, which AWS resolves only in a file that AWS::Include names"
	}
	return lead + "; with the function " + function + ":\n" + integrationOf(function, inFile, payloadOf(api, function, r.APIType))
}

// integrationOf is the integration that gives an operation to a function.
// CloudFormation takes no short forms of functions in a file that it includes,
// and an HTTP API no integration without the version of its events, which is "" for
// a REST API.
func integrationOf(function string, inFile bool, payload string) string {
	sub, version := " !Sub", ""
	if inFile {
		sub = "\n    Fn::Sub:"
	}
	if payload != "" {
		version = "  payloadFormatVersion: \"" + payload + "\"\n"
	}
	return "x-amazon-apigateway-integration:\n  type: aws_proxy\n  httpMethod: POST\n" + version +
		"  uri:" + sub + " arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + function + ".Arn}/invocations"
}

// payloadOf is the version of the events that a function gets from an API, of which
// its type alone may be known.
func payloadOf(api sam.API, function, apiType string) string {
	if api.ID == "" && apiType == sam.HTTP {
		return sam.DefaultPayload
	}
	return api.Payload(function)
}

// guess explains a request that nothing in its path explains: by what stands
// in it, by what is not known, or not at all.
func (q *question) guess() Diagnosis {
	for _, s := range segments(q.RawPath) {
		switch {
		case isUnset(s):
			return q.emptyVariable(UndefinedInPath, unsetWhy(s), "check the variable that the client builds the URL of, before it calls")
		case isPlaceholder(s):
			return q.emptyVariable(PlaceholderNotFilled, placeholderWhy(s), "check what is to fill the placeholder in the client's URL")
		}
	}
	for _, explain := range []func(*question) (Diagnosis, bool){nestedStack, unreadStack, remoteDefinition, functionURL} {
		if d, ok := explain(q); ok {
			return d
		}
	}
	d := q.routeNotFound(nil)
	if q.allHTTP && !q.isNear(d) && !q.servedByHTTP() {
		d.Code = HTTPAPISays404
		d.Detail += "; " + httpSays
	}
	return d
}

// httpSays is what differs for routes of HTTP APIs.
const httpSays = `when deployed, an HTTP API answers 404 {"message":"Not Found"} to this, and not 403`

// isNear reports whether the nearest route is one that the request may have
// meant, by its first segment.
func (q *question) isNear(d Diagnosis) bool {
	if len(d.Routes) == 0 {
		return false
	}
	asked, nearest := segments(q.Path), segments(d.Routes[0].Path)
	if len(asked) == 0 || len(nearest) == 0 {
		return false
	}
	return distance(asked[0], nearest[0]) <= tolerance(nearest[0])
}

func (q *question) emptyVariable(code Code, why, fix string) Diagnosis {
	d := q.routeNotFound(nil)
	d.Code = code
	d.Detail = "no route is mounted for " + q.request() + "; " + why
	d.Hints = []string{fix}
	return d
}

func nestedStack(q *question) (Diagnosis, bool) {
	return q.unread(sam.ReasonRemoteStack, NestedStackNotLoaded, func(u sam.Unmounted, location string) (string, []string) {
		return fmt.Sprintf("the routes of the nested stack %s (%s) are not known: its template is not a file that is there", show(u.Route.API), u.Route.Source),
			[]string{"check whether the route is in that stack; with its template in a folder beside this one, write as its Location, or TemplateURL:\n./" + show(path.Base(u.Route.API)) + "/template.yaml"}
	})
}

func unreadStack(q *question) (Diagnosis, bool) {
	return q.unread(sam.ReasonUnreadStack, NestedStackNotLoaded, func(u sam.Unmounted, location string) (string, []string) {
		return fmt.Sprintf("the routes of the nested stack %s (%s) are not known: corsproxy does not read %s, which is no file of the project: of the template's Git work tree, or without Git of the folder above the template's", show(u.Route.API), u.Route.Source, show(location)),
			[]string{"check whether the route is in that stack, and whether SAM local prints it when it starts"}
	})
}

func remoteDefinition(q *question) (Diagnosis, bool) {
	return q.unread(sam.ReasonRemoteDefinition, OpenAPINotLoaded, func(u sam.Unmounted, location string) (string, []string) {
		hint := "check whether SAM local can read it; with the document beside the template, write:\nDefinitionUri: openapi.yaml"
		if strings.HasPrefix(location, "s3://") && show(location) == location && !strings.ContainsAny(location, "'\\") {
			hint = "check whether SAM local can read it, or copy it beside the template and write DefinitionUri: openapi.yaml\naws s3 cp " + shell.Word(location) + " openapi.yaml"
		}
		return fmt.Sprintf("the routes of the API %s (%s) are not known: its OpenAPI document is %s", show(u.Route.API), u.Route.Source, show(location)), []string{hint}
	})
}

// unread explains a request by what is passed over as a whole, for one reason.
func (q *question) unread(reason sam.Reason, code Code, say func(u sam.Unmounted, location string) (string, []string)) (Diagnosis, bool) {
	all := q.whole[reason]
	if len(all) == 0 {
		return Diagnosis{}, false
	}
	_, location, _ := strings.Cut(all[0].Detail, ": ")
	why, hints := say(all[0], location)
	d := q.routeNotFound(nil)
	d.Code = code
	d.Detail = "no route is mounted for " + q.request() + ", and " + why
	d.Hints = hints
	return d, true
}
