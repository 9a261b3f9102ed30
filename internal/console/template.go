package console

import (
	"cmp"
	"slices"
	"strings"
)

// A Template is what the template at hand says of a message.
type Template struct {
	REST, HTTP []Paste // what to write, for its APIs by type

	// Sites are the origins that functions, and the errors of APIs, are for: one
	// where the URL tells the API.
	Sites []Site

	// Guard says in words what the deployed API asks of the preflight, which never
	// carries it, and Open is what to write so that it does not; both are empty where
	// it asks for nothing.
	Guard string
	Open  []Paste

	// FunctionURL is the function whose URL was called, in words, which no API has a
	// part in; "" where the URL is none of a function, or the message tells.
	FunctionURL string

	// Staged are the base URL of the API with each stage that it has, where the
	// message's URL has none: without one, nothing that the template says counts.
	Staged []Paste

	// Answerer says in words which function answers the preflight, whose headers are
	// then its own; "" where none does.
	Answerer string

	// Wild says that the API allows *, so that only a request with credentials is
	// refused what the message names: to these * is a name.
	Wild bool

	// What follows is of the route that the message's URL is for, and empty
	// where it is for none.
	Methods   []string // that are mounted on its path
	NoOptions bool     // SAM local has it, and answers its preflights with 403
	Drops     bool     // the API removes the CORS headers of the function
	Replaces  bool     // SAM local, which was called, sets its own origin in place of the function's
	// Errors is where GatewayResponses go, in words; "" where they have no place:
	// an HTTP API has none, and SAM writes into no other API than its own.
	Errors  string
	Note    string // what is wrong with the URL
	Denied  string // who keeps the request from the function, or may do so
	Sends   string // what in the template SAM local takes the value from that the message names
	Refused string // why AWS refuses the setting of the API
	Erased  string // why SAM local does not have the setting of the API
}

// leavesOut reports whether a paste does nothing for the route of the URL, or
// the URL has none.
func (t *Template) leavesOut(p Paste) bool {
	return p.function && (t.Drops || t.Note != "") || p.errors && (t.Errors == "" || t.Note != "")
}

// preflighted reports whether the message is about a preflight, or most likely is.
func (m Message) preflighted() bool { return m.Stage == Preflight || m.refusedPreflight() }

// RefusedBare reports whether the message may come of an error status without any CORS
// header. Chrome looks for these before it looks at the status.
func (m Message) RefusedBare(status int) bool {
	switch m.Topic.ID {
	case missingOrigin, originNotAllowed, unnamed, noResponse, errorStatus:
	case preflightStatus:
		if m.Browser == Chrome {
			return false
		}
	default:
		return false
	}
	return m.Status == 0 || m.Status == status
}

// RefusedWith reports whether the message may come of a preflight that an API
// answered with an error status. Of those that do not tell the exchange, the
// status has to.
func (m Message) RefusedWith(status int) bool {
	switch m.Topic.ID {
	case missingOrigin, originNotAllowed, originMismatch, wildcardOrigin, missingCredentials, preflightStatus:
	default: // a browser looks at these after the status, or no preflight has them
		return false
	}
	return m.Stage == Preflight && m.Status == 0 || m.Stage != Actual && m.Status == status
}

// LacksPermission reports whether the message may be about an answer that has no CORS
// headers.
func (m Message) LacksPermission() bool { return m.Topic.ID == missingOrigin }

// refusedPreflight reports whether a message that does not tell is most likely
// about a preflight: SAM local answers it with 403, and without the header that
// Firefox looks for first. The function may have answered so, too.
func (m Message) refusedPreflight() bool {
	return m.Topic.ID == missingOrigin && m.Stage == "" && m.Status == 403 && m.Template != nil && m.Template.NoOptions
}

// Note returns what the template at hand tells of the request, "" for nothing.
func (m Message) Note() string {
	switch {
	case m.refusedPreflight():
		methods := slices.DeleteFunc(slices.Clone(m.Template.Methods), func(method string) bool { return method == "HEAD" }) // which GET has with it
		note := "SAM local mounts " + strings.Join(methods, ", ") + " there, and no OPTIONS. It answers each preflight with 403, such as that of a request with JSON or a token."
		if m.Template.Erased != "" {
			note += " " + m.Template.Erased + "."
		}
		return note
	case m.Template != nil && m.Template.Guard != "":
		return m.Template.Guard
	case m.Template != nil && m.Template.Answerer != "":
		return m.Template.Answerer
	case m.Template != nil:
		erased := ""
		if m.Stage != Actual && (m.LacksPermission() || m.Topic.ID == originNotAllowed || m.Topic.ID == preflightStatus) {
			erased = m.Template.Erased
		}
		return cmp.Or(m.Template.Note, m.Template.Denied, m.Template.Sends, m.Template.Refused, erased)
	}
	return ""
}
