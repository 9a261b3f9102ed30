package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6035 and CP6036: functions that SAM looks at before they are resolved.
func conditionalRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6035", Name: "cors-conditional", Severity: SeverityError,
		Title: "Cors as a whole depends on a condition",
		Text: "SAM takes a function in place of Cors for the AllowOrigin, and writes it there as it stands. CloudFormation makes a map of it later, which is no header's value, and the API does not deploy. " +
			"SAM local resolves the function first, so that it works there. A CorsConfiguration of an HTTP API may depend on a condition.",
		Fix:   "Let each value depend on the condition.",
		Since: "0.2.0",
	}, find: conditionalCors}, {Info: Info{
		Code: "CP6036", Name: "credentials-conditional", Severity: SeverityError,
		Title: "AllowCredentials is a function",
		Text: "SAM compares AllowCredentials with the boolean true before functions are resolved, and a function is not true: deployed, the header Access-Control-Allow-Credentials is missing, whatever the condition or parameter. " +
			"SAM local resolves the function first.",
		Fix:   "Write the boolean true. It does no harm where AllowOrigin names the pages of a developer.",
		Since: "0.2.0",
	}, find: conditionalCredentials}}
}

func conditionalCors(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		branches := p.whole.written.Get("Fn::If").Items()
		if p.form != formCors || len(branches) != 3 || !isSettings(branches[1]) && !isSettings(branches[2]) {
			continue
		}
		all = append(all, problem{
			pos: p.whole.pos(), what: "Cors is an Fn::If that makes a map",
			why: "SAM takes it for the AllowOrigin, and AWS refuses to deploy that; SAM local resolves it first",
			fix: eachConditional(branches[0].Text(), branches[1], branches[2]),
		})
	}
	return all
}

// isSettings reports whether a branch of Fn::If is a map of CORS settings.
func isSettings(v *tree.Value) bool { return v.Is(tree.Map) && !isFunction(v) }

// eachConditional writes the branches of an Fn::If key by key. What one branch
// lacks does no harm there. AllowCredentials cannot depend on a condition: it
// stays where each branch that is a map has it.
func eachConditional(condition string, then, otherwise *tree.Value) string {
	lines := []string{"Cors:"}
	for _, h := range headers {
		a, b := settingText(then, h.setting), settingText(otherwise, h.setting)
		switch {
		case a == "" && b == "":
		case h.setting == "AllowCredentials":
			if (then.Get(h.setting).IsTrue() || !isSettings(then)) && (otherwise.Get(h.setting).IsTrue() || !isSettings(otherwise)) {
				lines = append(lines, "  AllowCredentials: true")
			}
		case a == b || a == "" || b == "":
			lines = append(lines, fmt.Sprintf("  %s: %s", h.setting, cmp.Or(a, b)))
		default:
			lines = append(lines, fmt.Sprintf("  %s: !If [%s, %s, %s]", h.setting, condition, a, b))
		}
	}
	return strings.Join(lines, "\n")
}

// settingText writes a setting of a branch as YAML: its value, what SAM sets by
// default, or "" for nothing.
func settingText(branch *tree.Value, name string) string {
	v := branch.Get(name)
	if name == "AllowOrigin" && !isSettings(branch) {
		v = branch // the origin itself, or a function
	}
	switch {
	case v.Is(tree.Map, tree.List):
		text, _ := yamlText(v)
		return text
	case v.Truthy():
		return yamlQuoted(unquote(v.Text()))
	case name == "AllowOrigin":
		return yamlQuoted("*")
	}
	return ""
}

func conditionalCredentials(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s := p.settings["AllowCredentials"]
		if !slices.Contains([]form{formCors, formConfiguration}, p.form) || !p.api.serverless || isFunction(p.whole.written) || !isFunction(s.written) {
			continue
		}
		all = append(all, problem{
			pos: s.pos(), what: "AllowCredentials is a function",
			why: "SAM takes only the boolean itself for true, and AWS sends no Access-Control-Allow-Credentials; SAM local resolves the function first",
			fix: "AllowCredentials: true",
		})
	}
	return all
}
