package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// detail says in one sentence what is so.
func (q *question) detail(f finding) string {
	var why []string
	for _, r := range f.repairs {
		why = append(why, r.why)
	}
	because := q.request() + " is not mounted: " + strings.Join(why, ", and ")
	if len(f.landing.methods) > 0 {
		return fmt.Sprintf("%s; %s is mounted, but not for %s", because, place(f.landing.Route), show(q.Method))
	}
	return because + "; " + place(f.landing.Route) + " is"
}

// diagnosis explains the question by a finding.
func (q *question) diagnosis(f finding) Diagnosis {
	if f.repairs[0].code == RouteNotFound {
		return q.routeNotFound(&f.landing.Route)
	}
	d := Diagnosis{Code: f.repairs[0].code, Detail: q.detail(f), Routes: routesOf([]sam.Route{f.landing.Route})}
	d.Hints = append(q.clientHint(f), q.templateHints(f)...)
	return d
}

// clientHint is what to change in the client, with the path that works.
func (q *question) clientHint(f finding) []string {
	var fixes []string
	for _, r := range f.repairs {
		if r.fix != "" {
			fixes = append(fixes, r.fix)
		}
	}
	if len(fixes) == 0 {
		return nil
	}
	fix := strings.Join(fixes, "; ")
	path := f.path()
	if len(f.landing.methods) > 0 {
		path = "" // it would not work either
		fix += "; send " + strings.Join(f.landing.methods, " or ")
	}
	if path == "" || show(path) != path {
		return []string{fix}
	}
	return []string{fix + "; the path is then:\n" + path}
}

// path returns the path that works, with the names of the route's variables
// for values that are not known.
func (f finding) path() string {
	r := f.last()
	if !r.blank {
		return r.path
	}
	route := splitRoute(f.landing.Route).segments
	all := segments(r.path)
	for i, s := range all {
		if s == blank && i < len(route) {
			all[i] = route[i]
		}
	}
	return join(all)
}

// templateHints are what to change in the template instead.
func (q *question) templateHints(f finding) []string {
	var hints []string
	r := f.last()
	if r.mount != "" {
		method := strings.ToUpper(q.Method)
		if r.code == GreedyNeedsSegment && q.takesAny(f.landing.Route) {
			method = "ANY"
		}
		lead := "mount " + method + " " + show(r.mount)
		if slices.ContainsFunc(f.repairs, func(r repair) bool { return r.fix != "" }) {
			lead = "or " + lead
		}
		hints = append(hints, q.mountHint(lead, method, r.mount, f.landing.Route)...)
	}
	if r.widen != "" {
		hints = append(hints, fmt.Sprintf("or let the route take slashes: in the template, the path of %s is then:\n%s", place(f.landing.Route), q.pathAs(f.landing.Route, r.widen)))
	}
	return hints
}

// takesAny reports whether all seven methods of a route's path are mounted for
// its function.
func (q *question) takesAny(r sam.Route) bool {
	n := 0
	for _, other := range q.table.Routes() {
		if other.Path == r.Path && other.Function == r.Function {
			n++
		}
	}
	return n >= len(sam.AnyMethods())
}

// maxNotes bounds the causes that are told beside the leading one.
const maxNotes = 2

// note adds to d the other findings that hold. Those that only length or an
// unknown prefix speaks for are no more than guesses where there is a better
// one, and remarks tells of empty variables.
func (q *question) note(d *Diagnosis, others []finding) {
	for _, f := range others {
		if slices.Contains([]Code{TooManySegments, PrefixInPath, RouteNotFound, UndefinedInPath, PlaceholderNotFilled}, f.repairs[0].code) {
			continue
		}
		if len(d.Routes) < maxNotes+1 {
			d.Hints = append(d.Hints, also(f.repairs[0].code, q.detail(f)))
			d.Routes = append(d.Routes, routesOf([]sam.Route{f.landing.Route})...)
		}
	}
}

func also(code Code, detail string) string { return "also " + string(code) + ": " + detail }
