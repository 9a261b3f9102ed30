package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// CP6040 to CP6044: paths that one side takes and the other does not.
func pathRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6040", Name: "path-variable-name", Severity: SeverityError,
		Title: "SAM local does not start with this variable in a path",
		Text: "API Gateway takes hyphens and dots in the names of path variables, and a variable twice. SAM local makes a Python name of each and crashes when it mounts the route: \"malformed url rule\". " +
			"No other route is served then.",
		Fix:   "Name the variable with letters, digits and underscores, in the template and where the function reads pathParameters.",
		Since: "0.2.0",
	}, find: variableNames}, {Info: Info{
		Code: "CP6041", Name: "path-without-slash", Severity: SeverityError,
		Title: "A path does not begin with a slash",
		Text:  "SAM local crashes when it mounts the route: \"urls must start with a leading slash\". API Gateway refuses such a path, too.",
		Fix:   "Begin the path with a slash.",
		Since: "0.2.0",
	}, find: pathsWithoutSlash}, {Info: Info{
		Code: "CP6042", Name: "path-refused-by-aws", Severity: SeverityError,
		Title: "API Gateway refuses this path",
		Text: "To API Gateway a path variable is a whole segment, and a greedy one, {name+}, the last. SAM local matches a part of a segment as well, so that /{file}.png works there. " +
			"Blanks, wildcards and the characters of queries are refused, too.",
		Fix:   "Make the variable the whole segment, and let the function take it apart.",
		Since: "0.2.0",
	}, find: refusedPaths}, {Info: Info{
		Code: "CP6043", Name: "sibling-variables", Severity: SeverityError,
		Title: "Two variables stand in the same place",
		Text: "A REST API is a tree of resources, in which a place has one variable: /items/{id} and /items/{itemId}/parts do not deploy together. \"A sibling of this resource already has a variable path part -- only one is allowed\". " +
			"SAM local mounts both. An HTTP API takes both, too. " +
			"An event of a REST API with a definition of its own adds no path on AWS. There the definition's names count, and SAM local may give the function the event's.",
		Fix:   "Give the variable the same name in all paths.",
		Since: "0.2.0",
	}, find: siblingVariables}, {Info: Info{
		Code: "CP6044", Name: "trailing-slash", Severity: SeverityWarning,
		Title: "A path of an HTTP API ends with a slash",
		Text:  "SAM local takes /items and /items/ for one path. To an HTTP API they are two, and /items gets 404 Not Found on AWS.",
		Fix:   "Write the path without the slash, as pages call it.",
		Since: "0.2.0",
	}, find: trailingSlashes}}
}

var (
	pathVariable = regexp.MustCompile(`\{([^{}]*)\}`)
	pythonName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func variableNames(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if !isMounted(r.api.routes[r.path]) {
			continue
		}
		path := quote(r.path)
		if !r.mounted {
			path += ", which is declared here, too"
		}
		seen := make(map[string]bool)
		for _, m := range pathVariable.FindAllStringSubmatch(r.path, -1) {
			name := strings.TrimSuffix(m[1], "+")
			what := ""
			switch {
			case !pythonName.MatchString(name):
				what = fmt.Sprintf("SAM local cannot mount %s: %q is no name to it", path, name)
			case seen[name]:
				what = fmt.Sprintf("SAM local cannot mount %s: it has two variables %q", path, name)
			}
			seen[name] = true
			if what == "" {
				continue
			}
			fix := mountable(name)
			switch {
			case fix == name:
				fix = name + "2"
			case strings.HasSuffix(name, "*") && strings.HasSuffix(r.path, m[0]):
				fix += "+" // as other routers write it
			}
			all = append(all, problem{
				pos: r.pos, refusal: r.at, what: what,
				why: "it crashes when it starts, and serves nothing",
				fix: r.written(strings.Replace(r.path, m[0], strings.Replace(m[0], name, fix, 1), 1)),
			})
			break
		}
	}
	return all
}

// mountable returns a variable's name as SAM local takes it.
func mountable(name string) string {
	name = notName.ReplaceAllString(strings.TrimRight(name, "?*"), "_")
	if !pythonName.MatchString(name) { // but for its beginning
		name = "_" + name
	}
	return name
}

// mountableVariables returns a part of a path with such names.
func mountableVariables(segment string) string {
	return pathVariable.ReplaceAllStringFunc(segment, func(v string) string {
		name := strings.TrimSuffix(v[1:len(v)-1], "+")
		return strings.Replace(v, name, mountable(name), 1)
	})
}

// written returns how a path is written where the route's is.
func (r *route) written(path string) string {
	switch {
	case r.operation.local != nil:
		return printable.Line(path) + ":"
	case r.function == nil && r.api.rest:
		was, is := strings.Split(r.path, "/"), strings.Split(path, "/")
		for i, segment := range is {
			if i >= len(was) || was[i] != segment {
				return "PathPart: " + strconv.Quote(segment)
			}
		}
	case r.function == nil:
		return "RouteKey: " + flowSafe(r.method+" "+path)
	}
	return "Path: " + flowSafe(path)
}

// flowSafe returns text as a YAML string that may stand within braces.
func flowSafe(s string) string {
	if strings.ContainsAny(s, "{}[],") || printable.Line(s) != s {
		return strconv.Quote(s)
	}
	return s
}

var notName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

func pathsWithoutSlash(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if !strings.HasPrefix(r.path, "/") && r.path != sam.DefaultPath && r.function != nil {
			found := problem{
				pos: r.pos, refusal: r.at, what: fmt.Sprintf("path %s does not begin with a slash", quote(r.path)),
				why: "SAM local crashes when it starts, and API Gateway refuses it",
				fix: "Path: /" + printable.Line(r.path),
			}
			if r.startsMachine() {
				found.why = "API Gateway refuses it"
			}
			all = append(all, found)
		}
	}
	return all
}

func refusedPaths(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		if r.path == sam.DefaultPath || !strings.HasPrefix(r.path, "/") {
			continue
		}
		if fault := pathFault(r.path); fault != "" {
			all = append(all, problem{
				pos: r.pos, refusal: r.at, what: fmt.Sprintf("API Gateway refuses %s: %s", quote(r.path), fault),
				why: "SAM local may serve it, and the deployment fails",
				fix: refusedPathFix(r.path),
			})
		}
	}
	return all
}

func refusedPathFix(path string) string {
	if bare, query, ok := strings.Cut(path, "?"); ok && bare != "/" && strings.Count(bare, "{") == strings.Count(bare, "}") && pathFault(bare) == "" {
		return "the query is no part of a path, and a function finds it (" + printable.Line(query) + ") in queryStringParameters: " + printable.Line(bare)
	}
	if right := closed(path); right != path {
		return "close the variable: " + printable.Line(right)
	}
	if right := segmented(path); right != path {
		return "let each variable be a segment of its own: " + printable.Line(right)
	}
	return "for any path use a greedy variable: " + printable.Line(strings.ReplaceAll(path, "*", "{proxy+}"))
}

// closed returns a path with the braces that its variables lack.
func closed(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case strings.HasPrefix(s, "{") && !strings.Contains(s, "}"):
			segments[i] = s + "}"
		case strings.HasSuffix(s, "}") && !strings.Contains(s, "{"):
			segments[i] = "{" + s
		}
	}
	return strings.Join(segments, "/")
}

// segmented returns a path with each part of a segment that is a variable
// made the whole of it.
func segmented(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		m := pathVariable.FindString(s)
		if m != "" && i < len(segments)-1 {
			m = strings.Replace(m, "+}", "}", 1)
		}
		if m != "" {
			segments[i] = m
		}
	}
	return strings.Join(segments, "/")
}

// pathFault says why API Gateway refuses a path, or "".
func pathFault(path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segments {
		inner, isVariable := strings.CutPrefix(s, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		switch {
		case isVariable && closed && !strings.ContainsAny(inner, "{}"):
			if strings.HasSuffix(inner, "+") && i < len(segments)-1 {
				return s + " is greedy and not the last segment"
			}
		case strings.ContainsAny(s, "{}"):
			return "in " + quote(s) + " the variable is not the whole segment"
		case strings.ContainsAny(s, " \t*?#<>|\\\""):
			return quote(s) + " has a character that no path may have"
		}
	}
	return ""
}

// isBeside reports whether one of other routes takes the route's method.
func (r *route) isBeside(others []*route) bool {
	return slices.ContainsFunc(others, func(o *route) bool { return o.method == r.method || o.method == "ANY" })
}

func trailingSlashes(v *view) []problem {
	var all []problem
	for _, a := range v.apis {
		for _, path := range a.paths {
			bare := strings.TrimRight(path, "/")
			if a.rest || bare == path || bare == "" {
				continue
			}
			for _, r := range a.routes[path] {
				if r.isBeside(a.routes[bare]) {
					continue // both are meant
				}
				what, request := fmt.Sprintf("%s ends with a slash", quote(path)), bare
				if a.routes[bare] != nil {
					what, request = fmt.Sprintf("the path of %s ends with a slash", r), r.method+" "+bare
				}
				all = append(all, problem{
					pos: r.pos, what: what,
					why: fmt.Sprintf("on AWS %s is another path, and gets 404; SAM local takes both for one", request),
					fix: r.written(bare),
				})
				break
			}
		}
	}
	return all
}
