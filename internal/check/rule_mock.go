package check

import (
	"net/http"
	"regexp"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6097: the request templates of OPTIONS methods written by hand.
func mockRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6097", Name: "mock-without-status", Severity: SeverityError,
		Title: "The request template of a MOCK OPTIONS gives no statusCode",
		Text: "API Gateway chooses the response of a MOCK integration by the statusCode that its request template gives: a number. A preflight has no Content-Type, which counts as application/json, and no body. " +
			"Without a template for that, or without the number in it, API Gateway fails with 500 Internal server error, whatever headers the response has; its log says \"Unable to parse statusCode\". " +
			"SAM local does not look at the template: of an AWS::ApiGateway::Method it answers by the response's headers, and MOCK methods of an OpenAPI document it does not mount. What SAM makes of Cors, and the AWS CDK of defaultCorsPreflightOptions, has the template.",
		Fix:   "Add the request template to the integration, with the status of its response.",
		Since: "0.2.0",
	}, find: mocksWithoutStatus}}
}

func mocksWithoutStatus(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if !r.failsPreflights() || r.guard().Kind != sam.GuardNone {
			continue
		}
		pos, fix := r.requestTemplate()
		all = append(all, problem{
			pos: pos, what: "the MOCK integration of " + r.String() + " has no request template for application/json that gives a statusCode",
			why: "API Gateway answers its preflights with 500 Internal server error; SAM local does not look", fix: fix,
		})
	}
	return all
}

var number = regexp.MustCompile(`^[1-5][0-9]{2}$`)

// failsPreflights reports whether a MOCK is meant for the preflights of its path, and
// has no status for them. One for any method may be there for the path alone: the AWS
// CDK writes it where a method is given no integration.
func (r *route) failsPreflights() bool {
	if r.api.deployed == nil || r.integration != "mock" {
		return false
	}
	p, ok := r.api.deployed.Preflight(r.path)
	return ok && p.Method == r.method && p.Status == sam.StatusMissing && (r.method == http.MethodOptions || p.CORS != nil)
}

// requestTemplate returns the request template by which a MOCK answers with its
// response, and the place that it goes to: what there is of it already.
func (r *route) requestTemplate() (tree.Pos, string) {
	of, integration, templates := r.properties, "Integration", "RequestTemplates"
	if r.operation.local != nil {
		of, integration, templates = r.operation, openapi.Integration, "requestTemplates"
	}
	pos, at := r.at, of.written
	const form = "application/json"
	template := form + `: '{"statusCode": ` + r.mockStatus() + `}'`
	fix := "below " + integration + ":\n" + templates + ": {" + template + "}"
	for _, step := range []struct{ key, fix string }{{integration, fix}, {templates, templates + ": {" + template + "}"}, {form, template}} {
		e, ok := at.Entry(step.key)
		if !ok {
			break
		}
		pos, at, fix = e.Key.Pos(), e.Value, step.fix
	}
	return pos, fix
}

// mockStatus is a statusCode by which API Gateway chooses the response that a MOCK has.
func (r *route) mockStatus() string {
	response, _ := r.answer()
	pattern := response.Get("SelectionPattern").Text()
	if r.operation.local != nil {
		for _, e := range r.operation.get(openapi.Integration, "responses").local.Entries() {
			if e.Value == response {
				pattern = e.Key.Text()
			}
		}
	}
	for _, status := range []string{pattern, r.declared(response).Status} {
		if number.MatchString(status) {
			return status
		}
	}
	return "200"
}
