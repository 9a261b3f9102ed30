package check

import (
	"fmt"
	"regexp"
)

// CP6095: variables of paths as other frameworks write them.
func variableRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6095", Name: "colon-in-path", Severity: SeverityWarning,
		Title: "A path has a variable as other frameworks write it",
		Text:  "Express and others write a variable as :id. To SAM local and to API Gateway that is text: the route takes the path /items/:id alone, and every other one gets 403 or 404, here and on AWS.",
		Fix:   "Write the variable in braces.",
		Since: "0.2.0",
	}, find: colonVariables}}
}

// colonVariable is a segment that is such a variable.
var colonVariable = regexp.MustCompile(`/:([A-Za-z_][A-Za-z0-9_]*)(/|$)`)

func colonVariables(v *view) []problem {
	var all []problem
	for _, r := range v.routes {
		m := colonVariable.FindStringSubmatch(r.path)
		if m == nil {
			continue
		}
		path := r.path
		for colonVariable.MatchString(path) { // one ends with the slash of the next
			path = colonVariable.ReplaceAllString(path, "/{$1}$2")
		}
		all = append(all, problem{
			pos: r.pos, what: fmt.Sprintf("%s has :%s, which is text and no variable", quote(r.path), m[1]),
			why: "neither SAM local nor API Gateway takes any other value there", fix: r.written(path),
		})
	}
	return all
}
