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
	Reason   string   // the name of a CP1xxx code, such as "origin-not-allowed"
	Offender string   // the origin, method or header refused, as the client sent it
	Detail   string   // what is refused and what is allowed; "" has it made of the rest
	Allowed  []string // what the policy allows of that kind, or the beginning of it, where it is known
	Status   int      // of the answer
	Route    string   // the path pattern of the route whose policy it is, "" for the default policy
	Given    Given    // the list that the offender is not in
}

// Given is where a list of the policy was given: a flag, a variable, or a place in
// a file. Where a hint names another, what is there would count no more.
type Given struct{ Flag, Variable, File string }

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
	detail := s.noun + " " + show(e.Offender) + " is not allowed"
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

	// remarks are hints for an offender that is more, or less, than it seems.
	remarks func(Preflight) []string

	// value is what to allow for the offender's sake. It is false where the
	// offender is nothing that a page sends: that is not to be pasted anywhere.
	value func(offender string) (string, bool)
}

var settings = map[Code]setting{
	OriginNotAllowed: {"origin", "--allow-origin", "allow_origins", originRemarks, originValue},
	MethodNotAllowed: {"method", "--allow-method", "allow_methods", methodRemarks, methodValue},
	HeaderNotAllowed: {"header", "--allow-header", "allow_headers", noRemarks, headerValue},
}

// fixes say which flag or key to change, ready to paste.
func (s setting) fixes(e Preflight) []string {
	value, ok := s.value(e.Offender)
	switch {
	case !ok:
		return []string{"check what wrote this " + s.noun + " into the request"}
	case slices.Contains(e.Allowed, value):
		return nil
	}
	item := "- " + yamlString(value)
	if hint := s.whereGiven(e, value); hint != "" {
		return append([]string{hint}, ofThisMachine(value, "localhost, at the same place")...)
	}
	if e.Route != "" {
		return []string{"to allow " + value + ", add to the list cors." + s.key + " that holds for " + e.Route + " in the configuration file: " + item}
	}
	return append([]string{
		"to allow " + value + ", add to the command line: " + s.flag + " " + shell.Word(value),
		"or add to the list cors." + s.key + " in the configuration file, which such a flag replaces: " + item,
	}, ofThisMachine(value, "--allow-origin localhost")...)
}

// whereGiven says where to add to the list, "" where that is not known.
func (s setting) whereGiven(e Preflight, value string) string {
	lead, of := "to allow "+value+", add ", ""
	if e.Route != "" {
		of = " of the route " + show(e.Route)
	}
	switch {
	case e.Given.Flag != "":
		return lead + "to the command line: " + s.flag + " " + shell.Word(value)
	case e.Given.Variable != "":
		return lead + "to " + e.Given.Variable + ", which holds the list" + of + ", behind a comma: " + value
	case e.Given.File != "":
		return lead + "it to the list cors." + s.key + of + " (" + show(e.Given.File) + "): " + yamlString(value)
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
	if e.Offender == "null" {
		return []string{"null is the origin of file:// pages and of sandboxed frames of any site: better serve the page over HTTP than allow it"}
	}
	offender, err := url.Parse(e.Offender)
	if !anOrigin.MatchString(e.Offender) || err != nil || !isLoopback(offender.Hostname()) {
		return nil
	}
	for _, a := range e.Allowed {
		allowed, err := url.Parse(a)
		if err == nil && isLoopback(allowed.Hostname()) {
			return []string{"to a browser " + show(e.Offender) + " and " + a + " are two origins: " + difference(offender, allowed) + " differs"}
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
	if upper, ok := methodValue(e.Offender); ok && upper != e.Offender {
		return []string{"write " + upper + " in the script: browsers put only DELETE, GET, HEAD, OPTIONS, POST and PUT in capitals"}
	}
	return nil
}

func headerValue(s string) (string, bool) { return s, aName.MatchString(s) && len(s) <= maxShown }

func noRemarks(Preflight) []string { return nil }
