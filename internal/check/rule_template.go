package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP600x: the template as a whole.
const (
	templateRefused Code = "CP6001"
	ignoreUnused    Code = "CP6002"
)

func templateRules() []rule {
	return []rule{{Info: Info{
		Code: templateRefused, Name: "template-refused", Severity: SeverityError,
		Title: "SAM CLI refuses the template",
		Text: "SAM CLI stops when it reads the template, or crashes when it mounts its routes, and the local API does not start. " +
			"It often says no more than the last line of a Python traceback; the finding says what is wrong, and where. " +
			"Some of these templates deploy: SAM CLI resolves fewer functions, and later, than CloudFormation does.",
		Fix:   "Change the place that the finding names. Other findings may follow once SAM CLI reads on.",
		Since: "0.2.0",
	}}, {Info: Info{
		Code: ignoreUnused, Name: "ignore-unused", Severity: SeverityInfo,
		Title: "A corsproxy:ignore comment silences nothing",
		Text: "A comment that ignores findings stands where there are none, or names a code that is not found there or does not exist. " +
			"It is left over, or has never worked: a comment counts for its own line, or, alone on a line, for the next.",
		Fix:   "Remove the comment, or the code in it, or move it to the line of the finding.",
		Since: "0.2.0",
	}}, {Info: Info{
		Code: "CP6003", Name: "build-is-stale", Severity: SeverityWarning,
		Title: "The build has other routes, or another CORS setting, than the template",
		Text: "sam local start-api reads .aws-sam/build/template.yaml where there is one, and the template beside it not at all. " +
			"The two do not declare the same: what was written since the last sam build is not there locally, and what was removed still is.",
		Fix:   "Run sam build, and start SAM again. Or start it with --template template.yaml.",
		Since: "0.2.0",
	}, find: staleBuild}, {Info: Info{
		Code: "CP6004", Name: "language-extensions-off", Severity: SeverityError,
		Title: "A loop needs the language extensions, which are off",
		Text: "Fn::ForEach is one of CloudFormation's language extensions. AWS expands it when it deploys; SAM CLI does so only when told to, and crashes otherwise. " +
			"With the extensions on, the template is checked as it is after expansion.",
		Fix:   "Turn them on in samconfig.toml, which SAM and corsproxy read, or start both with SAM_CLI_ENABLE_LANGUAGE_EXTENSIONS=1 in the environment. The option --language-extensions of SAM is enough where corsproxy starts it.",
		Since: "0.2.0",
	}, find: languageExtensions}, {Info: Info{
		Code: "CP6005", Name: "websocket-crashes-sam", Severity: SeverityError,
		Title: "SAM local does not start with a WebSocket route",
		Text: "SAM CLI reads the route key of every AWS::ApiGatewayV2::Route as a method and a path, and crashes on $connect or a name. " +
			"It passes over such routes only in a template whose first function or API is one of SAM's own types.",
		Fix:   "Keep the WebSocket API in a template of its own, and start SAM with the other.",
		Since: "0.2.0",
	}, find: webSocketRoutes}, {Info: Info{
		Code: "CP6006", Name: "function-stops-sam", Severity: SeverityError,
		Title: "SAM local does not start with a function",
		Text: "SAM CLI reads every function of the template before it mounts a route, also those that no route calls and those whose Condition is false. " +
			"It stops at the first whose code is local and that has no Handler, and crashes on Layers without a value.",
		Fix:   "Give the function its Handler. The function of a container image has PackageType: Image in its place.",
		Since: "0.2.0",
	}, find: faultyFunctions}, {Info: Info{
		Code: "CP6007", Name: "key-repeated", Severity: SeverityWarning,
		Title: "A key stands twice in one map",
		Text: "Of two equal keys SAM takes the later one, and passes over all that stands below the first without a word: a second Globals erases the first, and a second event of one name takes its route away. " +
			"Other tools refuse such a file.",
		Fix:   "Put what stands below both under one, or rename one.",
		Since: "0.2.0",
	}, find: repeatedKeys}}
}

// languageExtensions finds the loops of a template that is read without the
// language extensions.
func languageExtensions(v *view) []problem {
	if v.options.SAM.LanguageExtensions {
		return nil
	}
	for _, e := range v.root().Get("Resources").Entries() {
		if strings.HasPrefix(e.Name(), "Fn::ForEach::") && e.Value.Is(tree.List) {
			return []problem{{
				pos: e.Key.Pos(), what: e.Name() + " is a loop, and the language extensions are off",
				why: "AWS expands it; SAM CLI crashes on it",
				fix: "in samconfig.toml:\n[default.local_start_api.parameters]\nlanguage_extensions = true",
			}}
		}
	}
	return nil
}

// webSocketRoutes finds the first route of a WebSocket API that SAM CLI
// crashes on.
func webSocketRoutes(v *view) []problem {
	if v.serverless {
		return nil
	}
	for _, r := range v.resources { // conditions do not count: SAM CLI mounts all
		key := r.get("RouteKey")
		text, ok := key.local.Str()
		if r.kind != typeHTTPRoute || !ok || !r.get("Target").local.Truthy() {
			continue
		}
		if len(strings.Fields(text)) != 2 && text != sam.DefaultPath {
			return []problem{{
				pos: key.pos(), what: fmt.Sprintf("route %s has the key %s of a WebSocket API", quote(r.id), quote(text)),
				why: "SAM local knows no WebSocket APIs, and crashes when it starts",
				fix: "move the API, with its routes and integrations, to a template of its own", refusal: key.local.Pos(),
			}}
		}
	}
	return nil
}

// faultyFunctions finds the functions with which SAM CLI does not start.
func faultyFunctions(v *view) []problem {
	return problemsOf(v.Faults)
}

func problemsOf(faults []*sam.TemplateError) []problem {
	var all []problem
	for _, f := range faults {
		all = append(all, problem{pos: f.Pos, what: f.What, why: f.Why, fix: f.Fix})
	}
	return all
}

const builtTemplate = ".aws-sam/build/template.yaml"

// staleBuild compares the routes of the template with those of its build.
func staleBuild(v *view) []problem {
	source, built := v, v
	name, ok := v.counterpart()
	if v.Refused != nil || !ok {
		return nil
	}
	i, err := sam.Inspect(filepath.Join(v.Dir, filepath.FromSlash(name)), v.options.SAM)
	if err != nil || i.Refused != nil {
		return nil
	}
	other := &view{Inspection: i}
	if name == builtTemplate {
		built = other
	} else {
		source = other
	}
	missing, first := difference(source.Local.Routes, built.Local.Routes)
	what := "the build lacks "
	if len(missing) == 0 {
		missing, first = difference(built.Local.Routes, source.Local.Routes)
		what = "the template does not declare what its build has: "
	}
	if len(missing) == 0 {
		return staleCORS(source, built)
	}
	return []problem{{
		pos: posOf(first), what: what + firstOf(missing, 3),
		why: "SAM local reads " + builtTemplate + ", which is older",
		fix: "sam build",
	}}
}

// staleCORS compares the CORS settings of the template's APIs with those of its
// build.
func staleCORS(source, built *view) []problem {
	ids := source.OtherCORS(built.Application)
	if len(ids) == 0 {
		return nil
	}
	api := source.Deployed[slices.IndexFunc(source.Deployed, func(a sam.API) bool { return a.ID == ids[0] })]
	at := api.Source
	if api.CORS != nil {
		at = api.CORS.Source
	}
	return []problem{{
		pos: posOf(at), what: "the build has another CORS setting than the template for " + firstOf(ids, 3),
		why: "SAM local reads " + builtTemplate + ", which is older",
		fix: "sam build",
	}}
}

// counterpart returns the template's build, or the template of a build.
func (v *view) counterpart() (string, bool) {
	own, built := absolute(v.options.Template), filepath.Join(v.Dir, filepath.FromSlash(builtTemplate))
	source, err := sam.FindSource(built, absolute(v.options.SAM.Source))
	if err != nil {
		return "", false
	}
	switch own {
	case built:
		rel, err := filepath.Rel(v.Dir, source)
		return filepath.ToSlash(rel), err == nil
	case source:
		_, err := os.Stat(built)
		return builtTemplate, err == nil
	}
	return "", false
}

// absolute returns an absolute path; "" stays.
func absolute(name string) string {
	if name == "" {
		return ""
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return abs
}

// difference names the routes in a that are not in b, and tells where the
// first is declared.
func difference(a, b []sam.Route) (names []string, source string) {
	type key struct{ method, path string }
	in := make(map[key]bool)
	for _, r := range b {
		in[key{r.Method, r.Path}] = true
	}
	for _, r := range a {
		if !in[key{r.Method, r.Path}] {
			if names == nil {
				source = r.Source
			}
			names = append(names, r.String())
		}
	}
	return names, source
}

// posOf reads a source such as "template.yaml:12".
func posOf(source string) tree.Pos {
	if i := strings.LastIndexByte(source, ':'); i >= 0 {
		if line, err := strconv.Atoi(source[i+1:]); err == nil {
			return tree.Pos{File: source[:i], Line: line, Column: 1}
		}
	}
	return tree.Pos{File: source}
}

// repeatedKeys finds keys whose values are lost to a later one.
func repeatedKeys(v *view) []problem {
	return problemsOf(v.Repeats)
}
