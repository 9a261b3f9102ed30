package check

import (
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/openapi"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const headerPrefix = "method.response.header."

// optionsHeaders is what the answer of an OPTIONS method needs that sets no header,
// and where it goes.
func (r *route) optionsHeaders() string {
	var names, lines []string
	for i, value := range []string{"*", namedWords["AllowMethods"], namedWords["AllowHeaders"]} {
		names = append(names, headers[i].header)
		lines = append(lines, headerPrefix+headers[i].header+": "+yamlQuoted(value))
	}
	response, name := r.answer()
	declared := r.declared(response)
	where, key := "below Integration", "ResponseParameters"
	open := []string{"IntegrationResponses:", `- StatusCode: "` + declared.Status + `"`, "  " + key + ":"}
	if r.operation.local != nil {
		where, key = "below "+openapi.Integration, "responseParameters"
		open = []string{"responses:", "default:", `  statusCode: "` + declared.Status + `"`, "  " + key + ":"}
	}
	text := strings.Join(lines, "\n")
	switch {
	case response.Has(key):
		where = "beside what is there below " + key + " of " + name
	case response != nil:
		where, text = "in "+name, key+":\n"+indented(text)
	default:
		text = open[0] + "\n" + indented(strings.Join(open[1:], "\n")+"\n"+indented(indented(text)))
	}
	return where + ":\n" + text + declarationOf(declared, declared.Lacks(names...))
}

// answer returns the response that an integration answers with, and what it is
// called; nil where there is none.
func (r *route) answer() (*tree.Value, string) {
	if r.operation.local == nil {
		return item(r.properties.get("Integration", "IntegrationResponses").deployed, 0), "the first of IntegrationResponses"
	}
	responses := r.operation.get(openapi.Integration, "responses").local
	e, ok := responses.Entry("default")
	if all := responses.Entries(); !ok && len(all) > 0 {
		e = all[0]
	}
	return e.Value, "response " + e.Key.Text() + " of the integration"
}

func indented(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// declared returns what a method declares for a response of its integration, which
// is nil where there is none.
func (r *route) declared(response *tree.Value) sam.MethodResponse {
	if r.operation.local != nil {
		return sam.DocumentMethodResponse(r.api.definition, r.operation.local, response)
	}
	return sam.RawMethodResponse(r.properties.deployed, response)
}

// declaring is what follows a fix that adds a header to a policy: an OPTIONS method
// written by hand has to declare it, too. It is "" where nothing is lacking.
func (p *policy) declaring(name string) string {
	if p.form != formMock {
		return ""
	}
	r := p.route.declared(p.response)
	before := r.Lacks()
	if len(r.Lacks(name)) == len(before) {
		return ""
	}
	if _, lines := r.Declaration([]string{name}); len(before) == 0 || lines[0] == r.Entry(name) {
		return declarationOf(r, []string{name})
	}
	return "\nand, so that it deploys, where the method's response is to declare the others:\n" + r.Entry(name)
}

// declarationOf is how a method's response declares headers.
func declarationOf(r sam.MethodResponse, names []string) string {
	if len(names) == 0 {
		return ""
	}
	where, lines := r.Declaration(names)
	lead := "\nand, so that it deploys, "
	if r.Unknown {
		lead = "\nand, if it is not there yet, "
	}
	return lead + where + ":\n" + strings.Join(lines, "\n")
}

// placeOf returns where a header of a policy stands.
func (p *policy) placeOf(header string) tree.Pos {
	for _, s := range p.settings {
		if name, _ := strings.CutPrefix(s.name(), headerPrefix); strings.EqualFold(name, header) {
			return s.key.Key.Pos()
		}
	}
	return p.pos
}
