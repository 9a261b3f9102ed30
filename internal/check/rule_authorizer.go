package check

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// CP6075: authorizers that SAM local confuses.
func authorizerRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6075", Name: "authorizers-mixed", Severity: SeverityWarning,
		Title: "SAM local takes one authorizer for methods that differ in theirs",
		Text: "SAM local makes one route of all methods of a function on a path, and asks for the Lambda authorizer of one of them, or for none. With SAM's own resources it is chance which one, at each start; with raw ones it is that of the last. " +
			"A call that AWS lets pass may get 401 or 403, and one that AWS refuses may reach the function.",
		Fix:   "Start SAM local with --disable-authorizer, or let functions of their own answer the methods. In an OpenAPI document an operationId, and on raw resources an OperationName, keeps a method apart, too.",
		Since: "0.2.0",
	}, find: mixedAuthorizers}}
}

// mixedAuthorizers finds the functions whose methods on a path differ in their
// authorizers.
func mixedAuthorizers(v *view) []problem {
	mixes := make(map[string][]sam.Guarded)
	var functions []string
	for _, m := range v.Local.Guarded {
		if !m.IsMixed() {
			continue
		}
		if mixes[m.Function] == nil {
			functions = append(functions, m.Function)
		}
		mixes[m.Function] = append(mixes[m.Function], m)
	}
	var all []problem
	for _, f := range functions {
		all = append(all, v.mixedAuthorizer(mixes[f]))
	}
	return all
}

// mixedAuthorizer tells of the first of a function's mixes, and counts the others.
func (v *view) mixedAuthorizer(mixes []sam.Guarded) problem {
	asked := mixes[0].Asked
	guarded := asked[slices.IndexFunc(asked, func(a sam.Asked) bool { return a.Authorizer != "" })]
	others := slices.DeleteFunc(slices.Clone(asked), func(a sam.Asked) bool { return a.Authorizer == guarded.Authorizer })
	other := others[max(slices.IndexFunc(others, func(a sam.Asked) bool { return a.Method != http.MethodOptions }), 0)]
	onlyOptions := other.Method == http.MethodOptions && other.Authorizer == ""
	name := printable.Line(guarded.String())
	if onlyOptions {
		name = printable.Line(other.String())
	}
	found := problem{
		pos: v.placeOf(guarded.Source),
		why: fmt.Sprintf("which one is chance, at each start: %s may get 401 or 403, and %s pass without a token; on AWS each has its own", other, guarded),
		fix: "start SAM local with --disable-authorizer, or let a function of its own answer " + name,
	}
	if mixes[0].Lasting {
		found.fix = "let a function of its own answer " + name + "; --disable-authorizer is without effect on the Body of a raw REST API"
	}
	if onlyOptions && v.Local.CORS != nil { // by which SAM local answers it
		found.why = fmt.Sprintf("which one is chance, at each start: %s may pass without a token; on AWS each has its own", guarded)
	}
	differs := "does not"
	if other.Authorizer != "" {
		differs = "for " + quote(other.Authorizer)
		found.why = "which one is chance, at each start; on AWS each has its own"
	}
	if !v.serverless {
		found.why = "that of " + asked[len(asked)-1].String() + ", the last; on AWS each has its own"
	}
	found.what = fmt.Sprintf("%s asks for authorizer %s, and %s %s; SAM local takes one for both", guarded, quote(guarded.Authorizer), other, differs)
	if more := len(mixes) - 1; more > 0 {
		paths := " more path"
		if more > 1 {
			paths += "s"
		}
		found.what += " (so on " + strconv.Itoa(more) + paths + ")"
	}
	return found
}
