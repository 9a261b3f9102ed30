package check

import (
	"net/url"
	"path"
	"strings"
)

// The parts of SARIF 2.1.0 (OASIS Standard) that code review tools read.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		Name                 string             `json:"name"`
		ShortDescription     sarifText          `json:"shortDescription"`
		FullDescription      sarifText          `json:"fullDescription"`
		Help                 sarifText          `json:"help"`
		HelpURI              string             `json:"helpUri"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

func newSARIF(findings []Finding) sarifLog {
	index := make(map[Code]int)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "corsproxy", InformationURI: pages + "docs/checks.md", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	for i, info := range All() {
		index[info.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: string(info.Code), Name: info.Name,
			ShortDescription:     sarifText{info.Title},
			FullDescription:      sarifText{info.Text},
			Help:                 sarifText{info.Fix},
			HelpURI:              pages + info.Page(),
			DefaultConfiguration: sarifConfiguration{level(info.Severity)},
		})
	}
	for _, f := range findings {
		physical := sarifPhysical{ArtifactLocation: sarifArtifact{fileURI(f.File)}}
		if f.Line > 0 {
			physical.Region = &sarifRegion{f.Line, f.Column}
		}
		text := f.Message
		if f.Why != "" {
			text += "; " + f.Why
		}
		if f.Fix != "" {
			text += ". Fix: " + f.Fix
		}
		run.Results = append(run.Results, sarifResult{
			RuleID: string(f.Code), RuleIndex: index[f.Code], Level: level(f.Severity),
			Message: sarifText{text}, Locations: []sarifLocation{{physical}},
		})
	}
	return sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	}
}

// pages is where the documentation stands. SARIF wants an absolute URI
// (section 3.49.12).
const pages = "https://github.com/corsproxy/corsproxy/blob/main/"

// Page returns where the documentation tells of the code, relative to the
// repository: "docs/checks.md#cp6010-value-not-quoted".
func (i Info) Page() string {
	return "docs/checks.md#" + strings.ToLower(string(i.Code)) + "-" + i.Name
}

// level returns SARIF's word for a severity.
func level(s Severity) string {
	if s == SeverityInfo || s == SeverityHint {
		return "note"
	}
	return string(s)
}

// fileURI returns a file's name as a URI: relative if the name is.
func fileURI(name string) string {
	u := url.URL{Path: name}
	if path.IsAbs(name) {
		u.Scheme = "file"
		return u.String()
	}
	return u.String()
}
