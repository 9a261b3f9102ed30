package diagnosis

import "slices"

// A Code names a kind of trouble. Codes are permanent: none is ever
// renumbered or given a second meaning.
type Code string

// A Severity says how much a diagnosis matters to a developer.
type Severity string

// The severities, worst first.
const (
	SeverityError   Severity = "error"   // the exchange failed
	SeverityWarning Severity = "warning" // it succeeded, or failed elsewhere; something is likely wrong
	SeverityInfo    Severity = "info"    // nothing is wrong with the setup
)

// Info is what holds of every occurrence of a code.
type Info struct {
	Code     Code
	Name     string // in words joined by hyphens: "method-not-defined"
	Severity Severity
	Status   int    // of the answer; 0 where it varies or where the code is for the log alone
	Title    string // one short line, the same for every occurrence (RFC 9457, section 3.1.3)
	Text     string // what happened and why
	Fix      string // what to do
	Since    string // the version that brought it
}

// catalogue is every code, in order. Each family's part stands in a file of
// its own.
var catalogue = slices.Concat(corsCodes, browserCodes, deployedCodes, upstreamCodes, guardCodes, childCodes, tokenCodes,
	pathCodes, templateCodes, askedCodes, answerCodes, configCodes)

// Lookup returns what is known of a code.
func Lookup(c Code) (Info, bool) {
	i := slices.IndexFunc(catalogue, func(info Info) bool { return info.Code == c })
	if i < 0 {
		return Info{}, false
	}
	return catalogue[i], true
}

// All returns the whole catalogue in order of the codes.
func All() []Info { return slices.Clone(catalogue) }
