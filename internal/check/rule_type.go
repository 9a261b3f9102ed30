package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

const (
	transformSAM = "AWS::Serverless-2016-10-31"
	prefixSAM    = "AWS::Serverless::"
)

// typesSAM are the resource types that SAM's translator knows (SAM CLI 1.170).
var typesSAM = [...]string{
	"Api", "Application", "CapacityProvider", "Connector", "Function", "GraphQLApi", "HttpApi", "LayerVersion", "MicrovmImage",
	"NetworkConnector", "SimpleTable", "StateMachine", "WebFunction", "WebSocketApi",
}

// CP6065 and CP6066: the types of resources, and what makes CloudFormation know
// them.
func typeRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6065", Name: "transform-missing", Severity: SeverityError,
		Title: "The template lacks SAM's Transform",
		Text: "The types AWS::Serverless::… are SAM's, and CloudFormation knows them only in a template whose Transform names SAM. " +
			"SAM local starts without it and mounts all routes, so that nothing is seen before the deploy, which fails: \"Unrecognized resource types\".",
		Fix:   "Write Transform: AWS::Serverless-2016-10-31 at the top of the template.",
		Since: "0.2.0",
	}, find: missingTransform}, {Info: Info{
		Code: "CP6066", Name: "unknown-sam-type", Severity: SeverityError,
		Title: "A resource is of a type that SAM does not have",
		Text: "SAM local passes over a resource whose type it does not know, and mounts none of its routes, without a word. " +
			"CloudFormation refuses the template: \"Unrecognized resource types\". Most often the name is misspelt. " +
			"A name that is like none of those that SAM CLI 1.170 has is a warning: AWS may have added the type since.",
		Fix:   "Correct the type.",
		Since: "0.2.0",
	}, find: unknownTypes}}
}

// missingTransform finds the templates with types of SAM that CloudFormation
// would not expand.
func missingTransform(v *view) []problem {
	var all []problem
	for i := range v.Stacks {
		s := &v.Stacks[i]
		transform := s.Template.Get("Transform")
		if hasTransform(transform, func(name string) bool { return name == transformSAM }) {
			continue
		}
		if wrong := wrongTransform(transform); wrong != nil {
			name, _ := wrong.Str()
			found := problem{
				pos: wrong.Pos(), what: fmt.Sprintf("there is no transform %s", quote(name)),
				why: "CloudFormation refuses the template; SAM local does not look at it", fix: "Transform: " + transformSAM,
			}
			if wrong != transform { // of a list
				found.fix = "in its place:\n" + transformSAM
			}
			all = append(all, found)
			continue
		}
		// Another macro may expand the types in place of SAM's.
		first := slices.IndexFunc(v.resources, func(r *resource) bool { return r.stack == s && strings.HasPrefix(r.kind, prefixSAM) })
		if first < 0 || transform.Truthy() && hasMacro(s.Template) {
			continue
		}
		r := v.resources[first]
		all = append(all, problem{
			pos: r.whole.Get("Type").Pos(), what: fmt.Sprintf("%s is of SAM's type %s, and the template has no Transform that names SAM", quote(r.id), r.kind),
			why: "CloudFormation refuses it: Unrecognized resource types; SAM local mounts its routes all the same",
			fix: "at the top of the template:\nTransform: " + transformSAM,
		})
	}
	return all
}

func hasTransform(transform *tree.Value, is func(string) bool) bool {
	return slices.ContainsFunc(append(slices.Clone(transform.Items()), transform), func(t *tree.Value) bool {
		name, ok := t.Str()
		return ok && is(name)
	})
}

// wrongTransform returns what was meant to name SAM in a template's Transform.
func wrongTransform(transform *tree.Value) *tree.Value {
	for _, t := range append(slices.Clone(transform.Items()), transform) {
		if name, ok := t.Str(); ok && (strings.HasPrefix(name, "AWS::Serverless") || levenshtein.ComputeDistance(name, transformSAM) <= 3) {
			return t
		}
	}
	return nil
}

// unknownTypes finds the types that were meant to be SAM's.
func unknownTypes(v *view) []problem {
	var all []problem
	for _, r := range v.resources {
		near, distance := nearestType(r.kind)
		if distance == 0 || !strings.HasPrefix(r.kind, prefixSAM) && distance > 3 {
			continue
		}
		found := problem{
			pos: r.whole.Get("Type").Pos(), what: fmt.Sprintf("%s is of the type %s, which SAM does not have", quote(r.id), quote(r.kind)),
			why: "CloudFormation refuses it: Unrecognized resource types; SAM local passes over it",
			fix: "Type: " + near,
		}
		if isOther(r.kind, near, distance) {
			found.severity = SeverityWarning
			found.what = fmt.Sprintf("%s is of the type %s, which SAM CLI 1.170 does not know", quote(r.id), quote(r.kind))
			found.why = "SAM local passes over it; CloudFormation refuses it as well, unless AWS has added the type since"
			found.fix = "if it is a mistake, take one of " + strings.Join(typesSAM[:], ", ") + ", behind " + prefixSAM
		}
		all = append(all, found)
	}
	return all
}

// isOther reports whether a type is too far from the nearest of SAM's to be meant
// for it.
func isOther(kind, near string, distance int) bool {
	return strings.HasPrefix(kind, prefixSAM) && distance-1 > 1+len(strings.TrimPrefix(near, prefixSAM))/4
}

// nearestType returns the type of SAM that a text is most like, and how far
// from it.
func nearestType(text string) (near string, distance int) {
	distance = -1
	for _, name := range typesSAM {
		if text == prefixSAM+name {
			return text, 0
		}
		// Capitals are a mistake, too, and the smallest.
		if d := 1 + levenshtein.ComputeDistance(strings.ToLower(text), strings.ToLower(prefixSAM+name)); distance < 0 || d < distance {
			near, distance = prefixSAM+name, d
		}
	}
	return near, distance
}
