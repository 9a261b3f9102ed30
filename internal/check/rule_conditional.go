package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6035 to CP6038: functions that SAM looks at before they are resolved.
func conditionalRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6035", Name: "cors-conditional", Severity: SeverityError,
		Title: "Cors as a whole, or a map in AllowOrigin, depends on a condition",
		Text: "SAM takes a function in place of Cors for the AllowOrigin, and writes it there as it stands, as it writes the function of AllowOrigin itself. CloudFormation makes a map of it later, which is no header's value, and the API does not deploy. " +
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
	}, find: conditionalCredentials}, {Info: Info{
		Code: "CP6037", Name: "origins-function", Severity: SeverityError,
		Title: "AllowOrigins of an HTTP API is a function",
		Text: "SAM takes a function in place of AllowOrigins for the whole CorsConfiguration: it writes the function there as it stands, and drops AllowMethods, AllowHeaders, AllowCredentials and the others. CloudFormation makes a list of it later, and a list alone is no CORS setting. " +
			"SAM local resolves the function first, so that it works there. A reference to a parameter is fine, and so are functions within the list, and for the other keys.",
		Fix:   "Let the whole CorsConfiguration depend on the condition, with all of its keys in both branches. Else write the list out, with a parameter for each origin that varies.",
		Since: "0.2.0",
	}, find: functionOrigins}, {Info: Info{
		Code: "CP6038", Name: "configuration-text", Severity: SeverityError,
		Title: "CorsConfiguration is text",
		Text: "SAM takes a map for CorsConfiguration, the boolean true itself, or a function such as Fn::If that makes a map. It refuses to deploy text, and a parameter is text to it, also where its value is true. " +
			"SAM local passes over the parameter, unless its default is the boolean true, which SAM CLI takes for that and this rule leaves alone.",
		Fix:   "Write the map. Where a parameter is to turn CORS on, compare it in a condition.",
		Since: "0.2.0",
	}, find: textConfigurations, unconditional: true}}
}

func conditionalCors(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if p.form != formCors {
			continue
		}
		origin := p.settings["AllowOrigin"]
		if branches := conditionalMap(p.whole.written); branches != nil {
			all = append(all, problem{
				pos: p.whole.pos(), what: "Cors is an Fn::If that makes a map",
				why: "SAM takes it for the AllowOrigin, and AWS refuses to deploy that; SAM local resolves it first",
				fix: eachConditional(branches[0].Text(), branches[1], branches[2]),
			})
		} else if branches := conditionalMap(origin.written); branches != nil {
			all = append(all, problem{
				pos: origin.pos(), what: "AllowOrigin is an Fn::If that makes a map",
				why: "a map is no header's value, and AWS refuses to deploy that",
				fix: fmt.Sprintf("AllowOrigin: !If [%s, %s, %s]", printable.Line(branches[0].Text()), settingText(branches[1], "AllowOrigin"), settingText(branches[2], "AllowOrigin")),
			})
		}
	}
	return all
}

// conditionalMap returns what an Fn::If holds that makes a map of CORS settings;
// nil where it makes none.
func conditionalMap(v *tree.Value) []*tree.Value {
	branches := v.Get("Fn::If").Items()
	if len(branches) != 3 || !isSettings(branches[1]) && !isSettings(branches[2]) {
		return nil
	}
	return branches
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
			lines = append(lines, fmt.Sprintf("  %s: !If [%s, %s, %s]", h.setting, printable.Line(condition), a, b))
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
		text, _ := v.Inline()
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
		if !p.computesCredentials() {
			continue
		}
		s := p.settings["AllowCredentials"]
		found := problem{
			pos: s.pos(), what: "AllowCredentials is a function",
			why: "SAM takes only the boolean itself for true, and AWS sends no Access-Control-Allow-Credentials; SAM local resolves the function first",
			fix: v.withCredentials(p),
		}
		if text := p.refusedCredentials(); text != "" {
			found.why = fmt.Sprintf("SAM takes only the boolean itself for true; SAM local makes the text %s of it, which it refuses, and does not start", quote(text))
			found.refusal = s.local.Pos()
			if text != "true" {
				found.fix = "AllowCredentials: false"
			}
		}
		all = append(all, found)
	}
	return all
}

// computesCredentials reports whether AllowCredentials of SAM's is a function.
func (p *policy) computesCredentials() bool {
	return (p.form == formCors || p.form == formConfiguration) && p.api.serverless &&
		!isFunction(p.whole.written) && isFunction(p.settings["AllowCredentials"].written)
}

// refusedCredentials returns the text without quotes inside that SAM local makes of the
// AllowCredentials of a REST API, or "".
func (p *policy) refusedCredentials() string {
	text, _ := p.settings["AllowCredentials"].local.Str()
	if p.form != formCors || isQuoted(text) {
		return ""
	}
	return text
}

func functionOrigins(v *view) []problem {
	if v.options.SAM.LanguageExtensions {
		return nil // AWS resolves some functions before SAM sees them
	}
	var all []problem
	for _, p := range v.policies {
		e, _ := p.whole.written.Entry("AllowOrigins")
		parameter, _ := e.Value.Get("Ref").Str()
		if p.form != formConfiguration || !p.api.serverless || !isFunction(e.Value) || p.api.stack.Template.Get("Parameters").Has(parameter) {
			continue
		}
		found := problem{
			pos: e.Value.Pos(), what: "AllowOrigins is a function",
			why: "SAM puts it in place of the whole CorsConfiguration, and a list alone is no CORS setting; SAM local resolves it first",
			fix: p.listedOrigins(e.Value),
		}
		if branches := e.Value.Get("Fn::If").Items(); len(branches) == 3 {
			found.fix = p.eachBranch(branches)
		}
		all = append(all, found)
	}
	return all
}

// listedOrigins writes a list in place of a function that makes one: what it makes,
// if that is the same for each stage, or else a parameter, which is yet to be added.
func (p *policy) listedOrigins(function *tree.Value) string {
	varies := false
	walk(function, func(v *tree.Value) {
		varies = varies || isFunction(v) && !slices.Contains([]string{"Fn::Split", "Fn::Join", "Fn::Select", "Fn::FindInMap"}, v.Entries()[0].Name())
	})
	var origins []string
	for _, o := range p.origins() {
		origins = append(origins, right(o.text)...)
	}
	if !varies && len(origins) > 0 && len(origins) <= mostListed {
		return "AllowOrigins: " + flowList(origins)
	}
	template, name := p.api.stack.Template, "AppOrigin"
	for n := 2; template.Get("Parameters").Has(name) || template.Get("Resources").Has(name); n++ {
		name = fmt.Sprintf("AppOrigin%d", n)
	}
	example := "https://app.example.com"
	if len(origins) > 0 {
		example = origins[0]
	}
	return fmt.Sprintf("AllowOrigins:\n  - !Ref %s\nand below Parameters, one for each origin:\n%s: {Type: String, Default: %s}", name, name, flowWord(example))
}

// eachBranch writes a CorsConfiguration whose AllowOrigins is an Fn::If as an
// Fn::If of two that are whole.
func (p *policy) eachBranch(branches []*tree.Value) string {
	lines := []string{"CorsConfiguration: !If", "  - " + printable.Line(branches[0].Text())}
	for _, origins := range branches[1:] {
		mark := "  - "
		for _, e := range p.whole.written.Entries() {
			v := e.Value
			if e.Name() == "AllowOrigins" {
				v = origins
			}
			if isNoValue(v) {
				continue
			}
			text, ok := v.Inline()
			if !ok {
				text = "…"
			}
			lines = append(lines, mark+printable.Line(e.Key.Text())+": "+text)
			mark = "    "
		}
	}
	return strings.Join(lines, "\n")
}

func textConfigurations(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if !p.isText() {
			continue
		}
		found := problem{
			pos: p.whole.pos(), what: "CorsConfiguration is text", why: "SAM CLI refuses it, and so does SAM when it deploys",
			fix: "CorsConfiguration: true",
		}
		if name, ok := p.whole.written.Get("Ref").Str(); ok {
			found.what = fmt.Sprintf("CorsConfiguration is parameter %s, which is text to SAM", quote(name))
			found.why = "SAM refuses to deploy it; SAM local passes over it"
			found.fix = fmt.Sprintf("CorsConfiguration: !If\n  - WithCors # !Equals [!Ref %s, \"true\"]\n  - {AllowOrigins: [https://app.example.com], AllowMethods: [\"*\"], AllowHeaders: [\"*\"]}\n  - !Ref AWS::NoValue", printable.Line(name))
		}
		all = append(all, found)
	}
	return all
}

// isText reports whether a CorsConfiguration of SAM's is text, or a parameter.
// One whose default is a boolean is passed over: SAM CLI takes it for that.
func (p *policy) isText() bool {
	if p.form != formConfiguration || !p.api.serverless {
		return false
	}
	name, _ := p.whole.written.Get("Ref").Str()
	parameters := p.api.stack.Template.Get("Parameters")
	isParameter := isFunction(p.whole.written) && parameters.Has(name)
	if isParameter && p.whole.deployed.EqualsString("") {
		return false // to SAM there is no setting then
	}
	return p.whole.written.Is(tree.String) || isParameter && !parameters.Get(name).Get("Default").Is(tree.Bool)
}
