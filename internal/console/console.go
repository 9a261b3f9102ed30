// Package console reads what browsers print of a request that they blocked: a
// line of the console of Chrome, Firefox or Safari, the name that a browser's
// tools have for it, or what a script is told. It says what the line means,
// what usually causes it with SAM local and API Gateway, and what to paste.
//
// [Read] finds the messages of a paste, and the catalogue explains them: a
// [Topic] is one way in which a browser blocks a request, whatever words a
// browser has for it. The words are a table; see pattern.go.
package console

// The browsers that a message is told to come from.
const (
	Chrome  = "Chrome" // and all that are built on Chromium
	Firefox = "Firefox"
	Safari  = "Safari"
)

// A Stage is the exchange of a fetch that a browser stopped at.
type Stage string

// The stages. A message that does not tell has none.
const (
	Preflight Stage = "preflight"
	Actual    Stage = "actual"
	Redirect  Stage = "redirect"
)

// A Message is what a browser says of one request. What the text does not tell
// is empty.
type Message struct {
	Text    string // as pasted, on one line
	Browser string
	Topic   Topic
	Stage   Stage

	// Chrome and Firefox are the names that these browsers' tools have for it.
	Chrome, Firefox string

	// ByHeader says that only the name of a header was understood: the text is
	// in another language, or shortened.
	ByHeader bool

	URL            string // that the page called
	RedirectedFrom string // that it called first, where it was redirected
	Origin         string // of the page
	Method         string
	Header         string // of the request, that is not allowed
	Value          string // of the header that decided
	Status         int

	// Template is what to write in the template at hand, in place of examples;
	// nil where none is known.
	Template *Template

	site Site // that a function is for, in place of the page's origin; see served
}

// A Topic is one way in which a browser blocks a request, or fails to send it.
type Topic struct {
	ID      string
	Title   string   // one short line
	Meaning string   // what the browser did, and why
	Causes  []string // the usual ones, most frequent first

	// Where they depend on the stage, causes stand here.
	OfPreflight, OfActual []string

	// Fix is what to do. It precedes what can be pasted.
	Fix string

	remedies []remedy
}

// CausesAt returns the usual causes of a message at a stage.
func (t Topic) CausesAt(s Stage) []string {
	var all []string
	if s != Actual {
		all = append(all, t.OfPreflight...)
	}
	if s != Preflight {
		all = append(all, t.OfActual...)
	}
	return append(all, t.Causes...)
}
