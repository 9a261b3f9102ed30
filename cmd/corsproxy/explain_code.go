package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/check"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// A codeInfo is a code of either catalogue: a diagnosis of an exchange, or a
// finding in a template.
type codeInfo struct {
	Kind     string `json:"kind"` // "code"
	Code     string `json:"code"`
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Status   int    `json:"status,omitempty"`
	Title    string `json:"title"`
	Text     string `json:"text"`
	Fix      string `json:"fix"`
	Since    string `json:"since"`
	Bad      string `json:"bad,omitempty"`  // a template with the finding
	Good     string `json:"good,omitempty"` // and one without
}

// everyCode returns both catalogues, in order. It leaves out examples.
func everyCode() []codeInfo {
	var all []codeInfo
	for _, i := range diagnosis.All() {
		all = append(all, codeInfo{Kind: "code", Code: string(i.Code), Name: i.Name, Severity: string(i.Severity), Status: i.Status, Title: i.Title, Text: i.Text, Fix: i.Fix, Since: i.Since})
	}
	for _, i := range check.All() {
		all = append(all, codeInfo{Kind: "code", Code: string(i.Code), Name: i.Name, Severity: string(i.Severity), Title: i.Title, Text: i.Text, Fix: i.Fix, Since: i.Since})
	}
	return all
}

var (
	aCode     = regexp.MustCompile(`^(?i:CP)?\d{4}$`)
	codesIn   = regexp.MustCompile(`\bCP\d{4}\b`)
	aCodeName = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)+$`)
)

// findCodes returns what is known of the codes in a text: the text as a whole
// may be a code or its name, a log line or a problem body may have one within,
// and an answer of SAM local stands for one.
func findCodes(text string) []codeInfo {
	text = strings.TrimSpace(text)
	var codes []string
	switch {
	case aCode.MatchString(text):
		codes = []string{"CP" + text[len(text)-4:]}
	case aCodeName.MatchString(strings.ToLower(text)):
		for _, i := range everyCode() {
			if i.Name == strings.ToLower(text) {
				codes = append(codes, i.Code)
			}
		}
	default:
		codes = codesIn.FindAllString(text, -1)
	}
	for _, a := range answers {
		if len(codes) == 0 && strings.Contains(text, a.text) {
			for _, c := range a.codes {
				codes = append(codes, string(c))
			}
		}
	}
	var found []codeInfo
	for _, i := range everyCode() {
		if slices.Contains(codes, i.Code) {
			found = append(found, i.withExample())
		}
	}
	return found
}

// withExample adds the templates that the documentation shows, for a finding.
func (i codeInfo) withExample() codeInfo {
	if info, ok := check.Lookup(check.Code(i.Code)); ok {
		bad, good := info.Example()
		i.Bad, i.Good = strings.TrimRight(bad, "\n"), strings.TrimRight(good, "\n")
	}
	return i
}
