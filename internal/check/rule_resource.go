package check

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP607x: references between resources.
func resourceRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6070", Name: "undeclared-reference", Severity: SeverityError,
		Title: "A reference names something that the template does not have",
		Text: "CloudFormation refuses a template with a reference to a resource or parameter that is not there: \"Unresolved resource dependencies\". " +
			"SAM local takes the name itself for the value. Where a path depends on it, the route goes to a wrong path or SAM local crashes.",
		Fix:   "Declare the resource or parameter, or correct the name.",
		Since: "0.2.0",
	}, find: undeclaredReferences}, {Info: Info{
		Code: "CP6071", Name: "method-without-resource", Severity: SeverityError,
		Title: "A method stands on no resource of the API",
		Text: "An AWS::ApiGateway::Method stands on an AWS::ApiGateway::Resource, whose PathPart is its path, or on the API's root. " +
			"SAM local mounts a method without one at / or at the name that stands there; CloudFormation refuses it.",
		Fix:   "Refer to the resource: ResourceId: !Ref ItemsResource, or !GetAtt MyApi.RootResourceId for the root.",
		Since: "0.2.0",
	}, find: methodsWithoutResource}}
}

// A reference is a name that a template refers to.
type reference struct {
	name string
	pos  tree.Pos
	form string // "!Ref", …
}

// insteadOfMethod takes the place of a raw OPTIONS method beside an API whose
// paths are SAM's: no method of the template can stand on one of those.
const insteadOfMethod = "remove the method, and let SAM add the preflights:\nGlobals:\n  Api:\n    Cors:\n      AllowOrigin: \"'*'\"\n      AllowHeaders: \"'Content-Type,Authorization'\""

func undeclaredReferences(v *view) []problem {
	var all []problem
	places := v.places()
	for i := range v.Stacks {
		s := &v.Stacks[i]
		if s.Local == nil || hasMacro(s.Template) {
			continue
		}
		names := declaredNames(s.Template)
		known := make(map[string]bool, len(names))
		for _, name := range names {
			known[name] = true
		}
		first := make(map[string]bool)
		for _, r := range references(s.Template) {
			base, _, _ := strings.Cut(r.name, ".")
			method := places[r.pos]
			// SAM writes paths into documents: no Resource is ever its own.
			if first[r.name] || known[base] || method == nil && isDerived(names, s.Template, base) {
				continue
			}
			first[r.name] = true
			found := problem{
				pos: r.pos, what: fmt.Sprintf("%s names %s, which the template does not declare", r.form, quote(r.name)),
				why: "CloudFormation refuses the template; SAM local takes the name for the value",
				fix: "declare it, or correct the name",
			}
			switch near, ok := nearest(r.name, names); {
			case ok && r.form == "!Sub":
				found.fix = fmt.Sprintf("write ${%s} in place of ${%s}", printable.Line(near), printable.Line(r.name))
			case ok:
				found.fix = r.form + " " + near
			}
			if r.form == dependsOn {
				found.why = "CloudFormation refuses the template; SAM local does not look at it"
				found.fix = strings.Replace(found.fix, dependsOn, dependsOn+":", 1)
			}
			if method != nil {
				found.refusal = method.key
				found.why = "CloudFormation refuses the template; SAM local takes the name for the path, and crashes"
				if v.serverless {
					found.why = "CloudFormation refuses the template; SAM local does not look at it"
				}
				if method.get("HttpMethod").written.EqualsString(http.MethodOptions) && slices.ContainsFunc(v.apis, func(a *api) bool { return a.rest && a.managed }) {
					found.fix = insteadOfMethod
				}
			}
			all = append(all, found)
		}
	}
	return all
}

// places returns the raw methods and resources by where their place in the
// API's paths is written.
func (v *view) places() map[tree.Pos]*resource {
	all := make(map[tree.Pos]*resource)
	for _, r := range v.resources {
		switch r.kind {
		case typeMethod:
			all[r.get("ResourceId").pos()] = r
		case typeResource:
			all[r.get("ParentId").pos()] = r
		}
	}
	return all
}

// hasMacro reports whether something may add resources that are not seen: a
// macro, a module or a loop.
func hasMacro(template *tree.Value) bool {
	transforms := template.Get("Transform")
	list := slices.Concat(transforms.Items(), []*tree.Value{transforms})
	for _, t := range list {
		if name, ok := t.Str(); t.Is(tree.Map) || ok && !strings.HasPrefix(name, "AWS::Serverless-") && name != "AWS::LanguageExtensions" {
			return true
		}
	}
	found := false
	walk(template, func(v *tree.Value) {
		for _, e := range v.Entries() {
			name := e.Name()
			found = found || strings.HasPrefix(name, "Fn::ForEach") || name == "Fn::Transform"
		}
	})
	return found
}

// declaredNames returns the names that can be referred to.
func declaredNames(template *tree.Value) []string {
	var names []string
	for _, section := range []string{"Resources", "Parameters"} {
		for _, e := range template.Get(section).Entries() {
			names = append(names, e.Name())
		}
	}
	return names
}

// functionParts are what SAM's names for the resources that it makes of a
// function, or a state machine, begin with after its logical id.
var functionParts = []string{"Alias", "DeploymentGroup", "Destination", "Event", "Permission", "Role", "Url", "Version"}

// apiParts are what SAM's names for the resources that it makes of an API have
// after its logical id, some behind the name of a stage or an authorizer.
var apiParts = []string{"ApiKey", "AuthorizerPermission", "Deployment", "Mapping", "Stage", "UsagePlan"}

const dependsOn = "DependsOn"

// isDerived reports whether a name is AWS's own, or one that SAM derives from
// a declared resource: FunctionRole, ApiProdStage.
func isDerived(names []string, template *tree.Value, name string) bool {
	if strings.HasPrefix(name, "AWS::") || strings.HasPrefix(name, "Serverless") || name == "CodeDeployServiceRole" {
		return true
	}
	for _, declared := range names {
		resource := template.Get("Resources").Get(declared)
		kind, _ := resource.Get("Type").Str()
		part, derives := strings.CutPrefix(name, declared)
		if !derives || declared == "" || !strings.HasPrefix(kind, "AWS::Serverless::") && !strings.HasSuffix(kind, "::MODULE") {
			continue
		}
		switch kind {
		case transform.API, transform.HTTPAPI:
			if slices.ContainsFunc(apiParts, func(with string) bool { return strings.Contains(part, with) }) {
				return true
			}
			continue
		case transform.Function, "AWS::Serverless::StateMachine":
		default:
			return true
		}
		begins := func(with string) bool { return strings.HasPrefix(part, with) }
		if slices.ContainsFunc(functionParts, begins) || slices.ContainsFunc(resource.Get("Properties").Get("Events").Entries(), func(e tree.Entry) bool { return begins(e.Name()) }) {
			return true
		}
	}
	return false
}

var variable = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

// references returns the names that resources and outputs refer to.
func references(template *tree.Value) []reference {
	var all []reference
	for _, e := range template.Get("Resources").Entries() {
		all = append(all, referencesIn(e.Value.Get("Properties"))...)
		depends := e.Value.Get("DependsOn")
		for _, item := range slices.Concat(depends.Items(), []*tree.Value{depends}) {
			if name, ok := item.Str(); ok {
				all = append(all, reference{name, item.Pos(), dependsOn})
			}
		}
	}
	for _, e := range template.Get("Outputs").Entries() {
		all = append(all, referencesIn(e.Value.Get("Value"))...)
	}
	return all
}

// referencesIn returns the names that a value refers to.
func referencesIn(v *tree.Value) []reference {
	var all []reference
	walk(v, func(v *tree.Value) {
		if !v.Is(tree.Map) || v.Len() != 1 {
			return
		}
		e := v.Entries()[0]
		switch e.Name() {
		case "Ref":
			if name, ok := e.Value.Str(); ok {
				all = append(all, reference{name, v.Pos(), "!Ref"})
			}
		case "Fn::GetAtt":
			if items := e.Value.Items(); len(items) > 0 {
				if name, ok := items[0].Str(); ok {
					all = append(all, reference{name, v.Pos(), "!GetAtt"})
				}
			} else if name, ok := e.Value.Str(); ok {
				all = append(all, reference{name, v.Pos(), "!GetAtt"})
			}
		case "Fn::Sub":
			all = append(all, substituted(e.Value)...)
		}
	})
	return all
}

// substituted returns the names that a Fn::Sub refers to, without those that
// it defines.
func substituted(sub *tree.Value) []reference {
	text, own := sub, (*tree.Value)(nil)
	if items := sub.Items(); len(items) == 2 {
		text, own = items[0], items[1]
	}
	s, _ := text.Str()
	var all []reference
	for _, m := range variable.FindAllStringSubmatch(s, -1) {
		name := strings.TrimSpace(m[1])
		if !own.Has(name) && !strings.Contains(name, ":") {
			all = append(all, reference{name, text.Pos(), "!Sub"})
		}
	}
	return all
}

// nearest returns the declared name that a misspelt one is likely to mean. An
// attribute behind it stays.
func nearest(name string, names []string) (string, bool) {
	base, attribute, hasAttribute := strings.Cut(name, ".")
	best, found := len(base)/3, ""
	for _, n := range names {
		if d := levenshtein.ComputeDistance(strings.ToLower(base), strings.ToLower(n)); d < best {
			best, found = d, n
		}
	}
	if found != "" && hasAttribute {
		return found + "." + attribute, true
	}
	return found, found != ""
}

func methodsWithoutResource(v *view) []problem {
	var all []problem
	for _, m := range v.ofKind(typeMethod) {
		id := m.get("ResourceId")
		resources := m.stack.Template.Get("Resources")
		text, isText := id.written.Str()
		target := resources.Get(referred(id.written, ""))
		kind, _ := target.Get("Type").Str()
		found := problem{pos: id.pos(), why: "CloudFormation refuses it; SAM local mounts the method at a wrong path, or crashes", fix: "ResourceId: !Ref ItemsResource"}
		switch {
		case id.written == nil:
			found.pos = m.key
			found.what = fmt.Sprintf("method %s has no ResourceId", quote(m.id))
		case isText && kind == typeResource:
			found.what = fmt.Sprintf("ResourceId of method %s is the text %s, not a reference", quote(m.id), quote(text))
			found.why = "SAM local takes it for one; API Gateway has no resource of that id"
			found.fix = "ResourceId: !Ref " + printable.Line(text)
		case isText && v.api(m.stack, referred(m.get("RestApiId").written, "")) != nil && !resources.Has(text):
			found.what = fmt.Sprintf("method %s stands on %s, which is no resource of the template", quote(m.id), quote(text))
		case id.written.Has("Ref") && kind != "" && kind != typeResource && v.api(m.stack, referred(id.written, "")) != nil:
			found.what = fmt.Sprintf("method %s stands on %s, which is an API", quote(m.id), quote(referred(id.written, "")))
			found.fix = "ResourceId: !GetAtt " + referred(id.written, "") + ".RootResourceId"
		default:
			continue
		}
		if found.pos.Line == 0 {
			found.pos = m.key
		}
		found.refusal = m.key
		all = append(all, found)
	}
	return all
}

// placeOf returns the place of a source such as "template.yaml:12", with its
// column where a route or resource is declared there.
func (v *view) placeOf(source string) tree.Pos {
	at := posOf(source)
	for _, r := range v.resources {
		if r.key.File == at.File && r.key.Line == at.Line {
			return r.key
		}
	}
	for _, r := range v.routes {
		if r.at.File == at.File && r.at.Line == at.Line {
			return r.at
		}
	}
	return at
}
