package sam

import (
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A MethodResponse is what an OPTIONS method that the template has itself
// declares of its answer. API Gateway refuses to deploy an integration's response
// that sets a header which the method's response of the same status does not
// declare.
type MethodResponse struct {
	Status string // of the integration's response
	// Unknown says that a function or a reference makes what is declared, or
	// the status.
	Unknown bool

	sets     []string        // headers, as the integration's response names them
	declared map[string]bool // in lower case
	form     responseForm
	levels   int // of form, from the outermost, that the template has
	pos      Pos // of the innermost of these
}

// A responseForm is how a method declares headers: on each level where the next
// one goes, and how it is written there, with what is in it in place of %.
type responseForm struct {
	where [4]string
	open  [3]string
	entry string // of a header
}

var (
	rawForm = responseForm{
		where: [4]string{"in the Properties of the method", "beside what is there below MethodResponses", "beside StatusCode # in MethodResponses", "beside what is there below ResponseParameters of StatusCode # in MethodResponses"},
		open:  [3]string{"MethodResponses: [%]", `{StatusCode: "#", %}`, "ResponseParameters: {%}"},
		entry: responseHeader + "%: true",
	}
	documentForm = responseForm{
		where: [4]string{"in the operation, beside " + openapi.Integration, "beside what is there below responses of the operation", "in response # of the operation", "beside what is there below headers of response # of the operation"},
		open:  [3]string{"responses: {%}", `"#": {description: OK, %}`, "headers: {%}"},
		entry: "%: {schema: {type: string}}",
	}
)

// RawMethodResponse returns what the Properties of an AWS::ApiGateway::Method, as
// AWS deploys it, declare for a response of its integration, which is nil where
// there is none.
func RawMethodResponse(properties, integration *tree.Value) MethodResponse {
	r := MethodResponse{form: rawForm, pos: properties.Pos()}
	all, ok := properties.Entry("MethodResponses")
	only := all.Value.Items()
	if len(only) != 1 {
		only = []*tree.Value{nil}
	}
	r.sent(integration, "StatusCode", "ResponseParameters", only[0].Get("StatusCode"))
	if !ok {
		return r
	}
	r.reached(1, all.Key)
	r.Unknown = r.Unknown || isFunction(all.Value)
	for _, response := range all.Value.Items() {
		r.Unknown = r.Unknown || isFunction(response) || isFunction(response.Get("StatusCode"))
		if response.Get("StatusCode").Text() != r.Status {
			continue
		}
		r.reached(2, response)
		if e, ok := response.Entry("ResponseParameters"); ok {
			r.reached(3, e.Key)
			r.declares(e.Value, responseHeader)
		}
	}
	return r
}

// DocumentMethodResponse returns what an operation of a REST API's OpenAPI
// document declares for a response of its integration, which is nil where there
// is none. What default and ranges of statuses declare is not known.
func DocumentMethodResponse(document, operation, integration *tree.Value) MethodResponse {
	r := MethodResponse{form: documentForm, pos: operation.Pos()}
	if document.Has("swagger") { // even if SAM makes OpenAPI 3 of it
		r.form.entry = "%: {type: string}"
	}
	all, ok := operation.Entry("responses")
	var only *tree.Value
	if e := all.Value.Entries(); len(e) == 1 {
		only = e[0].Key
	}
	r.sent(integration, "statusCode", "responseParameters", only)
	if !ok {
		return r
	}
	r.reached(1, all.Key)
	r.Unknown = r.Unknown || isFunction(all.Value) || all.Value.Has("$ref")
	unclear := false
	for _, e := range all.Value.Entries() {
		if name := e.Key.Text(); name != r.Status {
			unclear = unclear || !aStatus.MatchString(name) && !strings.HasPrefix(name, "x-")
			continue
		}
		r.reached(2, e.Key)
		r.Unknown = r.Unknown || isFunction(e.Value) || e.Value.Has("$ref")
		if headers, ok := e.Value.Entry("headers"); ok {
			r.reached(3, headers.Key)
			r.declares(headers.Value, "")
		}
	}
	r.Unknown = r.Unknown || unclear && r.levels < 2
	return r
}

var (
	aStatus = regexp.MustCompile(`^[1-5][0-9][0-9]$`)
	aHeader = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// sent takes the status of the integration's response, and the headers that it
// sets. Where there is none, it is to have the only one that the method declares,
// or else 200.
func (r *MethodResponse) sent(integration *tree.Value, statusKey, parametersKey string, only *tree.Value) {
	status := integration.Get(statusKey)
	switch r.Status = status.Text(); {
	case integration == nil && aStatus.MatchString(only.Text()):
		r.Status = only.Text()
	case integration == nil:
		r.Status = "200"
	default:
		r.Unknown = status.IsGuess() || !aStatus.MatchString(r.Status)
	}
	for _, e := range integration.Get(parametersKey).Entries() {
		if name, ok := cutHeader(e.Name()); ok && len(r.sets) < mostSet && !e.Value.Is(tree.Absent, tree.Null) {
			r.sets = append(r.sets, name)
		}
	}
}

// reached notes that the template has a level.
func (r *MethodResponse) reached(level int, at *tree.Value) {
	if level > r.levels {
		r.levels, r.pos = level, at.Pos()
	}
}

// declares takes the headers that a map declares.
func (r *MethodResponse) declares(headers *tree.Value, prefix string) {
	r.Unknown = r.Unknown || isFunction(headers) || headers.Has("$ref")
	if r.declared == nil {
		r.declared = make(map[string]bool, headers.Len())
	}
	for _, e := range headers.Entries() {
		if name, ok := strings.CutPrefix(strings.ToLower(e.Key.Text()), prefix); ok {
			r.declared[name] = true
		}
	}
}

// mostSet is how many headers of a response are looked at.
const mostSet = 32

// cutHeader returns the header that a response parameter is for.
func cutHeader(parameter string) (string, bool) {
	name, ok := strings.CutPrefix(parameter, responseHeader)
	return name, ok && aHeader.MatchString(name)
}

// Sets reports whether the integration's response sets a header.
func (r *MethodResponse) Sets(header string) bool {
	return slices.ContainsFunc(r.sets, func(name string) bool { return strings.EqualFold(name, header) })
}

// Lacks returns the headers that the integration's response sets, or is to set,
// and that are not declared.
func (r *MethodResponse) Lacks(more ...string) []string {
	var missing []string
	for _, name := range slices.Concat(r.sets, more) {
		if !r.declared[strings.ToLower(name)] && !slices.ContainsFunc(missing, func(m string) bool { return strings.EqualFold(m, name) }) {
			missing = append(missing, name)
		}
	}
	return missing
}

// Entry returns the line that declares a header.
func (r *MethodResponse) Entry(header string) string {
	return strings.Replace(r.form.entry, "%", header, 1)
}

// Declaration returns the lines that declare headers, each in one line of YAML,
// and where they go. What is declared there stays.
func (r *MethodResponse) Declaration(headers []string) (where string, lines []string) {
	for _, name := range headers {
		lines = append(lines, r.Entry(name))
	}
	if r.Unknown {
		return "where the method's response declares headers", lines
	}
	status := strings.NewReplacer("#", r.Status)
	for level := len(r.form.open); level > r.levels; level-- {
		open := status.Replace(r.form.open[level-1])
		lines = []string{strings.Replace(open, "%", strings.Join(lines, ", "), 1)}
	}
	if r.levels == 1 && r.form.open == rawForm.open {
		lines[0] = "- " + lines[0]
	}
	return status.Replace(r.form.where[r.levels]), lines
}

// Source is where the template has what is there of the declaration.
func (r *MethodResponse) Source() string { return sourceOf(r.pos) }
