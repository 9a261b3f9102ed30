package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A move gives the events of an implicit API to another API of its kind.
type move struct {
	events   []*route // of functions and state machines
	from, to *api
}

func (v *view) moveTo(to, implicit *api) move {
	m := move{from: implicit, to: to}
	for _, r := range v.routes {
		if r.api.id == implicit.id && r.api.stack == implicit.stack && r.function != nil {
			m.events = append(m.events, r)
		}
	}
	return m
}

// meant returns the API that events of an implicit one are most likely meant for, or
// nil: the one of its kind that has no route, or else the one with a CORS setting.
func (v *view) meant(implicit *api) *api {
	var idle, set []*api
	for _, a := range v.apis {
		switch {
		case a.rest != implicit.rest || a.stack != implicit.stack || !a.serverless || a.implicit || a.absent:
		case a.managed && len(a.all) == 0 && !v.isUsed(a):
			idle = append(idle, a)
		case v.declared(a) != nil && v.hasRoutes(a):
			set = append(set, a)
		}
	}
	switch {
	case len(idle) == 1:
		return idle[0]
	case len(idle) == 0 && len(set) == 1:
		return set[0]
	}
	return nil
}

// meantFor is the fix of an event whose Auth SAM refuses in an implicit API, where the
// one that the event is meant for takes it. Others may tell the event to name that
// one, which would guard what no longer says that it is open. It is the other fix
// where there is none.
func (v *view) meantFor(r *route, other string) string {
	if !r.api.implicit {
		return other
	}
	to := v.meant(r.api)
	if to == nil {
		return other
	}
	m := move{events: []*route{r}, from: r.api, to: to}
	fix, ok := m.fix(", if it is meant for " + to.id + " (else " + strings.Replace(other, ":\n", ", ", 1) + ")")
	if !ok {
		return other
	}
	return fix
}

// isOpened reports whether an event of an implicit API is to say in Auth that it stays
// open in the API that it is meant for.
func (v *view) isOpened(r *route) bool {
	if !r.api.implicit {
		return false
	}
	to := v.meant(r.api)
	if to == nil {
		return false
	}
	keys, _ := move{from: r.api, to: to}.opening(r)
	return len(keys) > 0
}

// names returns the routes of the events, and the lines where these stand.
func (m move) names() (names, lines []string) {
	for _, r := range m.events {
		names = append(names, r.String())
	}
	return names, linesOf(m.events)
}

func linesOf(events []*route) []string {
	var lines []string
	for _, r := range events {
		lines = append(lines, strconv.Itoa(r.at.Line))
	}
	return slices.Compact(lines)
}

// fix is what the events are to say, so that each asks for what it asked for
// before. It is false where that cannot be said. What names the implicit API is
// refused then, since SAM makes none.
func (m move) fix(lead string) (string, bool) {
	type opening struct {
		text  string
		below bool // in the Auth that the event has
	}
	var order []opening
	beside := make(map[opening][]*route)
	for _, r := range m.events {
		open, ok := m.opening(r)
		if !ok || m.isHeld(r) {
			return "", false
		}
		if len(open) == 0 {
			continue
		}
		o := opening{"Auth: {" + strings.Join(open, ", ") + "}", false}
		if r.properties.get("Auth").isSet() {
			o = opening{strings.Join(open, "\n"), true}
		}
		if beside[o] == nil {
			order = append(order, o)
		}
		beside[o] = append(beside[o], r)
	}
	if m.isNarrower() {
		return "", false
	}
	lines := linesOf(m.events)
	if len(lines) > 1 {
		lead = strings.Replace(lead, "its", "their", 1)
	}
	key, in := "ApiId", "in "+eventsIn(lines)+lead
	if slices.ContainsFunc(m.events, func(r *route) bool { return r.properties.pos() == r.event.Value.Pos() }) {
		in = "in the Properties, which are missing there, of " + eventsIn(lines) + lead
	}
	if m.to.rest {
		key = "RestApiId"
	}
	if m.from.deployed != nil && m.from.deployed.Referred {
		in += ", and name " + m.to.id + " and its stage where the template names " + m.from.id
		if len(m.events) < len(m.from.all) {
			in += ", once it has no event"
		}
	}
	text := fmt.Sprintf("%s:\n%s: !Ref %s", printable.Line(in), key, printable.Line(m.to.id))
	for _, o := range order {
		if len(beside[o]) == len(m.events) && !o.below {
			return text + "\n" + o.text + " # as open as before; leave it out to have it guarded", true
		}
		where := eventsIn(linesOf(beside[o]))
		if o.below {
			where = "Auth of " + where
		}
		text += "\nand, as open as before, in " + where + ":\n" + o.text
	}
	return text, true
}

// eventsIn names events by their lines.
func eventsIn(lines []string) string {
	if len(lines) == 1 {
		return "the event in line " + lines[0]
	}
	return "the events in lines " + and(lines)
}

// opening is what an event's Auth is to say so that nothing is asked that was not
// asked before. It is false where no event can say that, or less would be asked.
func (m move) opening(r *route) (keys []string, ok bool) {
	from, to, own := m.from.auth(), m.to.auth(), r.auth()
	for _, v := range []value{from, to, own} {
		if isFunction(v.deployed) || v.deployed.Has("Fn::Transform") || isFunction(v.get("DefaultAuthorizer").deployed) {
			return nil, false // only AWS knows it
		}
	}
	before, after := m.from.defaultAuthorizer(), m.to.defaultAuthorizer()
	authorizer := own.get("Authorizer").deployed
	switch name, _ := authorizer.Str(); {
	case name == "NONE":
		ok = after != ""
	case authorizer.Truthy():
		ok = to.get("Authorizers").deployed.Has(name) || name == "AWS_IAM" && (m.to.rest || to.get("EnableIamAuthorizer").written.IsTrue())
	case own.get("AuthorizationScopes").deployed.Truthy():
		ok = after != "" // it asks for an authorizer, which SAM refuses where there is none
	case before == "" && after != "" && (m.to.rest || r.method != "OPTIONS" || own.isSet()): // of HTTP APIs, OPTIONS has no default
		keys, ok = append(keys, "Authorizer: NONE"), true
	default:
		ok = before == "" || before == after
	}
	if !m.to.rest {
		return keys, ok
	}
	asked, asks := from.get("ApiKeyRequired").deployed.Truthy(), to.get("ApiKeyRequired").deployed.Truthy()
	switch key := own.get("ApiKeyRequired").deployed; {
	case !key.Is(tree.Absent, tree.Null):
		ok = ok && (key.Truthy() || asks) // SAM refuses to turn off what is not there
	case asks && !asked:
		keys = append(keys, "ApiKeyRequired: false")
	default:
		ok = ok && asks == asked
	}
	return keys, ok
}

// isNarrower reports whether the other API lets fewer callers in, whatever its
// events say: by a resource policy, or since it has no public address.
func (m move) isNarrower() bool {
	return slices.ContainsFunc([]func(*api) value{
		func(a *api) value { return a.auth().get("ResourcePolicy") },
		func(a *api) value { return a.get("DisableExecuteApiEndpoint") },
		(*api).private,
	}, func(of func(*api) value) bool {
		before, after := of(m.from), of(m.to)
		return after.deployed.Truthy() && (!before.deployed.Truthy() || after.pos() != before.pos())
	})
}

// private returns the type of an API's endpoint where that is private, or may be.
func (a *api) private() value {
	kind := a.get("EndpointConfiguration")
	if kind.deployed.Has("Type") {
		kind = kind.get("Type")
	}
	if isFunction(kind.deployed) || kind.deployed.EqualsString("PRIVATE") {
		return kind
	}
	return value{}
}

// isHeld reports whether an event cannot be one of the other API: SAM adds none to
// it, it is not there whenever the function is, or has a route in the place.
func (m move) isHeld(r *route) bool {
	if condition := m.to.whole.Get("Condition"); condition.Truthy() && condition.Text() != r.function.whole.Get("Condition").Text() {
		return true
	}
	return !m.to.managed || slices.ContainsFunc(m.to.all, func(other *route) bool {
		return other.path == r.path && other.method == r.method || !sameVariables(other.path, r.path)
	})
}

// answersPages reports whether a function of the events may answer pages by itself,
// which a CORS setting puts an end to: its code names CORS, and it gets preflights,
// or is to be one of an HTTP API, which sends no headers of functions then.
func (m move) answersPages(v *view) bool {
	code := newCode(v)
	defer code.close()
	return slices.ContainsFunc(m.events, func(r *route) bool {
		if m.to.rest && !r.isOptions() || r.startsMachine() {
			return false
		}
		_, answers := code.owned(r.function, namesCORS, func(place) bool { return true })
		return answers
	})
}

// sameVariables reports whether two paths have the same variable wherever both
// have one after the same beginning, as an API wants it.
func sameVariables(a, b string) bool {
	others := strings.Split(b, "/")
	for i, segment := range strings.Split(a, "/") {
		if i == len(others) || segment != others[i] {
			return i == len(others) || !strings.HasPrefix(segment, "{") || !strings.HasPrefix(others[i], "{")
		}
	}
	return true
}
