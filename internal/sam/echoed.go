package sam

import (
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// An Echoed is an origin that a MOCK's mapping template answers with in place of
// the Access-Control-Allow-Origin of its response, where a request comes from it.
type Echoed struct {
	Origin string
	// Pattern says that the template takes it for a regular expression, whose
	// dots are any character.
	Pattern bool
}

// Is reports whether an origin is the one, or one that its pattern matches.
func (e Echoed) Is(origin string) bool {
	if !e.Pattern || len(origin) != len(e.Origin) || strings.ContainsAny(origin, "\r\n") {
		return origin == e.Origin
	}
	for i := range len(origin) {
		if e.Origin[i] != '.' && e.Origin[i] != origin[i] {
			return false
		}
	}
	return true
}

// The mapping template that CDK writes for several origins, and what stands in its
// condition for each but the first.
var (
	echoes = regexp.MustCompile(`^\s*#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\)` +
		`\s+#if\(\$origin == ""\)\s+#set\(\$origin = \$input\.params\(\)\.header\.get\("origin"\)\)\s+#end` +
		`\s+#if\((.*)\)\s+#set\(\$context\.responseOverride\.header\.Access-Control-Allow-Origin = \$origin\)\s+#end\s*$`)
	echoed = regexp.MustCompile(`^\$origin(?: == |(\.matches\())"([A-Za-z0-9:/._-]+)"(\)?)$`)
)

// EchoedOrigins returns the origins that the mapping template of a MOCK's only
// response answers with. It is false where the template is not entirely understood,
// and nil where there is none that answers otherwise than the response says.
func EchoedOrigins(integration *tree.Value) ([]Echoed, bool) {
	if !OverridesAnswer(integration) {
		return nil, true
	}
	response := onlyResponse(integration)
	templates := response.Get("ResponseTemplates")
	if templates == nil {
		templates = response.Get("responseTemplates")
	}
	text, isText := templates.Get("application/json").Str()
	found := echoes.FindStringSubmatch(text)
	if !isText || found == nil || templates.Len() != 1 || templates.Get("application/json").IsGuess() || overrides(integration) != 1 {
		return nil, false
	}
	var all []Echoed
	for condition := range strings.SplitSeq(found[1], " || ") {
		part := echoed.FindStringSubmatch(condition)
		if part == nil || (part[1] == "") != (part[3] == "") {
			return nil, false
		}
		all = append(all, Echoed{Origin: part[2], Pattern: part[1] != ""})
	}
	return all, true
}

// onlyResponse returns the response of an integration that has one.
func onlyResponse(integration *tree.Value) *tree.Value {
	if all := integration.Get("IntegrationResponses").Items(); len(all) == 1 {
		return all[0]
	}
	if all := integration.Get("responses").Entries(); len(all) == 1 {
		return all[0].Value
	}
	return nil
}

// OverridesAnswer reports whether a mapping template of an integration may answer
// otherwise than its fixed status and headers say.
func OverridesAnswer(integration *tree.Value) bool { return overrides(integration) > 0 }

// overrides counts the texts of an integration that do so.
func overrides(v *tree.Value) int {
	n := 0
	if text, ok := v.Str(); ok && strings.Contains(text, "responseOverride") {
		n++
	}
	for _, item := range v.Items() {
		n += overrides(item)
	}
	for _, e := range v.Entries() {
		n += overrides(e.Value)
	}
	return n
}
