package diagnosis

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/shell"
)

// Preflight is the evidence of a preflight that the policy refused.
type Preflight struct {
	Reason  string   // the name of a CP1xxx code, such as "origin-not-allowed"
	Refused []string // the origin, the method or the headers refused, as the client sent them
	Detail  string   // what is refused and what is allowed; "" has it made of the rest
	Allowed []string // what the policy allows of that kind, or the beginning of it, where it is known
	Status  int      // of the answer
	Route   string   // the path pattern of the route whose policy it is, "" for the default policy
	Given   Given    // the list that what is refused is not in
}

// Given is where a list of the policy was given: a flag, a variable, or a place in
// a file. Where a hint names another, what is there would count no more.
type Given struct {
	Flag, Variable, File string
	Shared               bool // a route takes it over from all paths
}

// RefusedPreflight explains why the policy refused a preflight (Fetch, sections
// "CORS-preflight fetch" and "CORS check"), and which key and flag change that.
// It is false where the reason is no CP1xxx code.
func RefusedPreflight(e Preflight) (Diagnosis, bool) {
	for _, info := range corsCodes {
		if info.Name != e.Reason {
			continue
		}
		d := Diagnosis{Code: info.Code, Status: e.Status, Detail: e.Detail}
		s := settings[info.Code]
		if d.Detail == "" {
			d.Detail = e.detail(s)
		}
		d.Hints = append(s.remarks(e), s.fixes(e)...)
		return d, true
	}
	return Diagnosis{}, false
}

func (e Preflight) detail(s setting) string {
	detail := s.noun + " " + show(list(firstOf(e.Refused))) + " is not allowed"
	if len(e.Refused) > 1 {
		detail = s.noun + "s " + show(list(firstOf(e.Refused))) + " are not allowed"
	}
	if len(e.Allowed) > 0 {
		detail += "; allowed: " + list(e.Allowed)
	}
	if e.Route != "" {
		detail += ", by the route " + show(e.Route) + " of the configuration"
	}
	return detail
}

// setting is what has to change for a preflight to pass.
type setting struct {
	noun, flag, key string

	// remarks are hints for something refused that is more, or less, than it seems.
	remarks func(Preflight) []string

	// value is what to allow for the sake of what is refused. It is false where
	// that is nothing that a page sends: that is not to be pasted anywhere.
	value func(refused string) (string, bool)
}

var settings = map[Code]setting{
	OriginNotAllowed: {"origin", "--allow-origin", "allow_origins", originRemarks, originValue},
	MethodNotAllowed: {"method", "--allow-method", "allow_methods", methodRemarks, methodValue},
	HeaderNotAllowed: {"header", "--allow-header", "allow_headers", noRemarks, headerValue},
}

// fixes say which flag or key to change, ready to paste.
func (s setting) fixes(e Preflight) []string {
	var values []string
	for _, refused := range firstOf(e.Refused) {
		switch value, ok := s.value(refused); {
		case !ok:
			return []string{"check what wrote " + s.these(e) + " into the request"}
		case !slices.Contains(e.Allowed, value):
			values = append(values, value)
		}
	}
	if len(values) == 0 {
		return nil
	}
	if hint := s.whereGiven(e, values); hint != "" {
		return append([]string{hint}, ofThisMachine(values[0], "localhost, at the same place")...)
	}
	lead := "to allow " + list(values) + ", add to the "
	if e.Route != "" {
		return []string{lead + "list cors." + s.key + " that holds for " + e.Route + " in the configuration file" + items("- ", values)}
	}
	return append([]string{
		lead + "command line: " + s.flag + " " + shell.Word(strings.Join(values, ",")),
		"or add to the list cors." + s.key + " in the configuration file, which such a flag replaces" + items("- ", values),
	}, ofThisMachine(values[0], "--allow-origin localhost")...)
}

// these are what is refused, of which something is nothing that a page sends.
func (s setting) these(e Preflight) string {
	if len(e.Refused) > 1 {
		return "these " + s.noun + "s"
	}
	return "this " + s.noun
}

// items are what to add to a list of a configuration file: one with what it is
// written behind there.
func items(before string, values []string) string {
	if len(values) == 1 {
		return ": " + before + yamlString(values[0])
	}
	written := make([]string, len(values))
	for i, v := range values {
		written[i] = yamlString(v)
	}
	return ", each as an item of its own: " + strings.Join(written, ", ")
}

// whereGiven says where to add to the list, "" where that is not known.
func (s setting) whereGiven(e Preflight, values []string) string {
	lead, of := "to allow "+list(values)+", add ", ""
	switch {
	case e.Given.Shared:
		of = " of all paths, which the route " + show(e.Route) + " takes over"
	case e.Route != "":
		of = " of the route " + show(e.Route)
	}
	switch {
	case e.Given.Flag != "":
		return lead + "to the command line: " + s.flag + " " + shell.Word(strings.Join(values, ","))
	case e.Given.Variable != "":
		return lead + "to " + e.Given.Variable + ", which holds the list" + of + ", behind a comma: " + strings.Join(values, ",")
	case e.Given.File != "":
		return lead + itOrThem(values) + " to the list cors." + s.key + of + " (" + show(e.Given.File) + ")" + items("", values)
	}
	return ""
}

// ofThisMachine offers to allow all of its pages where an origin is of one.
func ofThisMachine(value, by string) []string {
	if u, err := url.Parse(value); err == nil && isLoopback(u.Hostname()) {
		return []string{"or allow every page served from this machine, on any port: " + by}
	}
	return nil
}

// anOrigin is a serialized origin with a host (Fetch, "serializing a request
// origin"), in which nothing means something to a shell but the brackets.
var anOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://([A-Za-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?$`)

func originValue(s string) (string, bool) {
	return s, len(s) <= maxShown && (s == "null" || anOrigin.MatchString(s))
}

func originRemarks(e Preflight) []string {
	if e.Refused[0] == "null" {
		return []string{"null is the origin of file:// pages and of sandboxed frames of any site: better serve the page over HTTP than allow it"}
	}
	offender, err := url.Parse(e.Refused[0])
	if !anOrigin.MatchString(e.Refused[0]) || err != nil || !isLoopback(offender.Hostname()) {
		return nil
	}
	for _, a := range e.Allowed {
		allowed, err := url.Parse(a)
		if err == nil && isLoopback(allowed.Hostname()) {
			return []string{"to a browser " + show(e.Refused[0]) + " and " + a + " are two origins: " + difference(offender, allowed) + " differs"}
		}
	}
	return nil
}

// difference names the first part in which two origins differ.
func difference(a, b *url.URL) string {
	switch {
	case a.Scheme != b.Scheme:
		return "the scheme"
	case a.Hostname() != b.Hostname():
		return "the host name"
	default:
		return "the port"
	}
}

var aName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// methodValue is in capitals: no method in use is not.
func methodValue(s string) (string, bool) {
	upper := strings.ToUpper(s)
	forbidden := upper == "CONNECT" || upper == "TRACE" || upper == "TRACK" // Fetch, "forbidden method"
	return upper, aName.MatchString(s) && len(s) <= maxShown && !forbidden
}

func methodRemarks(e Preflight) []string {
	if upper, ok := methodValue(e.Refused[0]); ok && upper != e.Refused[0] {
		return []string{"write " + upper + " in the script: browsers put only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals"}
	}
	return nil
}

func headerValue(s string) (string, bool) { return s, aName.MatchString(s) && len(s) <= maxShown }

func noRemarks(Preflight) []string { return nil }
