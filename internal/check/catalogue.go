package check

import (
	"cmp"
	"embed"
	"slices"

	"github.com/rogpeppe/go-internal/txtar"
)

// A Code names a kind of finding. Codes are permanent: none is ever
// renumbered or given a second meaning.
type Code string

// A Severity says how much a finding matters.
type Severity string

// The severities, worst first.
const (
	SeverityError   Severity = "error"   // it fails, here or on AWS
	SeverityWarning Severity = "warning" // it fails for some requests, or differs
	SeverityInfo    Severity = "info"    // worth knowing, such as what SAM local leaves out
	SeverityHint    Severity = "hint"    // holds for many a good template; for those who ask
)

// Severities returns the severities, worst first.
func Severities() []Severity {
	return []Severity{SeverityError, SeverityWarning, SeverityInfo, SeverityHint}
}

// AtLeast returns the findings that are as bad as least, or worse.
func AtLeast(findings []Finding, least Severity) []Finding {
	all := Severities()
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		return slices.Index(all, f.Severity) > slices.Index(all, least)
	})
}

// Info is what holds of every finding of a code.
type Info struct {
	Code     Code
	Name     string // in words joined by hyphens: "origin-list"
	Severity Severity
	Title    string // one short line
	Text     string // what is so and why it matters
	Fix      string // what to do
	Since    string // the version that brought it
}

// A rule finds the problems of one code. The code of what is not found by
// looking at the template has no function.
type rule struct {
	Info
	find        func(*view) []problem
	needsConfig bool // it compares the template with corsproxy's configuration
	// unconditional says that SAM's translator refuses what it finds, be the
	// condition of a resource true or false.
	unconditional bool
}

// rules returns every code with its rule. Each family stands in a file of its
// own.
func rules() []rule {
	return slices.Concat(templateRules(), besideRules(), valueRules(), originRules(), noOriginRules(), preflightRules(), optionsRules(), headerRules(), conditionalRules(),
		pathRules(), eventRules(), refusedRules(), apiRules(), mountRules(), anyRules(), severalRules(), meantRules(), kindRules(), typeRules(), resourceRules(), functionRules(), requestRules(), binaryRules(), configRules(), variableRules(), authorizerRules(), passedOverRules(), mockRules())
}

// Lookup returns what is known of a code.
func Lookup(c Code) (Info, bool) {
	for _, r := range rules() {
		if r.Code == c {
			return r.Info, true
		}
	}
	return Info{}, false
}

// All returns the whole catalogue in order of the codes.
func All() []Info {
	var all []Info
	for _, r := range rules() {
		all = append(all, r.Info)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

//go:embed examples/*.txtar
var examples embed.FS

// Example returns a template with the finding and one without, as a reader of
// the documentation sees them.
func (i Info) Example() (bad, good string) {
	data, err := examples.ReadFile("examples/" + string(i.Code) + ".txtar")
	if err != nil {
		return "", ""
	}
	for _, f := range txtar.Parse(data).Files {
		switch f.Name {
		case "bad/template.yaml":
			bad = string(f.Data)
		case "good/template.yaml":
			good = string(f.Data)
		}
	}
	return bad, good
}
