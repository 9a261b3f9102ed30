// Package check finds, in a template and the files beside it, what works with
// `sam local start-api` and fails when AWS deploys it, and the reverse. It
// runs nothing and asks no host.
//
// Each kind of finding has a permanent code, CP6xxx, in one catalogue. A rule
// is a small function over a read-only view of the template; the rules of one
// family stand in one file. Rules speak only where they are sure of what
// follows: a template that says nothing wrong gets no finding at all.
package check

import (
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// Options say what to check.
type Options struct {
	Template string      // path of the template
	SAM      sam.Options // the options that `sam local start-api` is started with
	// Config is the policy that corsproxy answers with, to be compared with
	// what AWS will answer; nil if it was not configured.
	Config *Config
}

// A Config is corsproxy's default policy, in the words of its configuration
// file.
type Config struct {
	AllowOrigins     []string `json:"allowOrigins"`
	AllowMethods     []string `json:"allowMethods"`
	AllowHeaders     []string `json:"allowHeaders"`
	ExposeHeaders    []string `json:"exposeHeaders"`
	AllowCredentials bool     `json:"allowCredentials"`
}

// A Finding is one place in a template where something is wrong.
type Finding struct {
	Code     Code     `json:"code"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"` // relative to the working directory if Options.Template is
	Line     int      `json:"line"` // from 1; 0 where only the file is known
	Column   int      `json:"column"`
	Message  string   `json:"message"` // what is so
	Why      string   `json:"why"`     // what follows from it
	Fix      string   `json:"fix"`     // what to write instead

	text string // of the line
}

// Run checks a template, and the stacks nested in it. A template that SAM CLI
// refuses is a finding, too. The error says why the template cannot be read.
func Run(o Options) ([]Finding, error) {
	inspection, err := sam.Inspect(o.Template, o.SAM)
	if err != nil {
		return nil, err
	}
	v, translated := newView(inspection, o, false), newView(inspection, o, true)
	var found []placed
	refused := false
	for _, r := range rules() {
		if r.find == nil || r.needsConfig && o.Config == nil {
			continue
		}
		seen := v
		if r.unconditional {
			seen = translated
		}
		for _, p := range r.find(seen) {
			info := r.Info
			info.Severity = cmp.Or(p.severity, info.Severity)
			found = append(found, placed{info, p})
			refused = refused || r.unconditional
		}
	}
	for i := range found {
		if refused && found[i].Code == conditionFalse {
			found[i].why = "with these parameters AWS would leave them out; as the template is, it deploys nothing"
		}
	}
	found = v.withRefusal(found)
	sources := newSources(inspection, o.Template)
	defer sources.close()
	found, unused := sources.silence(found, o.Config != nil)
	if v.complete() {
		found = append(found, unused...)
	}
	return sources.findings(found), nil
}

// A problem is a finding before its code and its text are put to it.
type problem struct {
	pos            tree.Pos
	what, why, fix string
	refusal        tree.Pos // where package sam sees SAM CLI refuse the same
	other          bool     // what it refuses in the line is something else
	severity       Severity // where it is not the code's
}

type placed struct {
	Info
	problem
}

// withRefusal adds the findings that SAM CLI refuses the template, unless a
// rule says so in better words.
func (v *view) withRefusal(found []placed) []placed {
	info, _ := Lookup(templateRefused)
	if v.Refused == nil && v.root().Len() == 0 {
		return append(found, placed{info, problem{
			pos:  tree.Pos{File: path.Base(filepath.ToSlash(v.options.Template)), Line: 1, Column: 1},
			what: "the template is empty", why: "SAM local finds nothing to serve, and does not start", fix: "a template has a map Resources; check that this is the file you mean",
		}})
	}
	for _, t := range v.Refusals {
		ofSetting := v.isSetting(t.Pos) // which may have other faults, and stand in one line with others
		explained := slices.ContainsFunc(found, func(p placed) bool {
			same := func(at tree.Pos) bool { return at.File == t.Pos.File && at.Line == t.Pos.Line }
			return p.Severity == SeverityError && p.Code != templateRefused && (!ofSetting && !p.other && same(p.pos) || same(p.refusal))
		})
		if !explained {
			found = append(found, placed{info, problem{pos: t.Pos, what: t.What, why: t.Why, fix: t.Fix}})
		}
	}
	return found
}

// findings turns problems into findings, each once, in order of their places.
func (s *sources) findings(found []placed) []Finding {
	type key struct {
		code Code
		pos  tree.Pos
		what string
	}
	seen := make(map[key]bool)
	var all []Finding
	for _, p := range found {
		k := key{p.Code, p.pos, p.what}
		if seen[k] {
			continue // Globals are merged into several resources
		}
		seen[k] = true
		text := s.line(p.pos.File, p.pos.Line)
		if p.pos.Column <= 1 && p.pos.Line > 0 { // only the line is known
			p.pos.Column = 1 + len(text) - len(strings.TrimLeft(text, " "))
		}
		if s.foreign[p.pos.File] {
			text = ""
		}
		if s.isJSON(p.pos.File) {
			p.fix = asJSON(p.fix)
		}
		all = append(all, Finding{
			Code: p.Code, Name: p.Name, Severity: p.Severity,
			File: s.display(p.pos.File), Line: p.pos.Line, Column: p.pos.Column,
			Message: p.what, Why: p.why, Fix: p.fix,
			text: text,
		})
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return all
}
