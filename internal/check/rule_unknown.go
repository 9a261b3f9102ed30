package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// leftover is what SAM CLI makes of ${Name.Attribute} when it does not know
// the attribute.
var leftover = regexp.MustCompile(`\$[A-Za-z0-9]+\.[A-Za-z0-9.]+`)

// unknownLocally finds values that SAM CLI cannot resolve, each item of a list by
// itself.
func unknownLocally(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if p.form != formCors && p.form != formConfiguration {
			continue
		}
		told := make(map[string]bool) // commands, which are the same for each
		for _, h := range headers[:3] {
			for _, s := range p.settings[h.setting].each() {
				found, ok := p.unknown(h.setting, s)
				if ok && !told[found.fix] {
					told[found.fix] = true
					all = append(all, found)
				}
			}
		}
	}
	return all
}

// each returns the items of a list as settings of their own, where there are as many
// in each form, or the setting. A setting that is not there is none.
func (s setting) each() []setting {
	written, local, deployed := s.written.Items(), s.local.Items(), s.deployed.Items()
	if len(written) == 0 || len(local) != len(written) || len(deployed) != len(written) {
		return []setting{s}
	}
	var all []setting
	for i := range written {
		all = append(all, setting{value{written[i], local[i], deployed[i]}, s.key})
	}
	return all
}

// unknown looks at a setting, or at an item of one.
func (p *policy) unknown(name string, s setting) (problem, bool) {
	text, isText := s.local.Str()
	var texts []string
	for _, item := range s.local.Items() {
		t, ok := item.Str()
		texts = append(texts, t)
		isText = isText || ok
	}
	if texts != nil {
		text = strings.Join(texts, "\n")
	}
	onAWS := textsOf(s.deployed)
	own, left := hasOwnVariables(s.written), leftover.FindString(text)
	isItem := p.settings[name].written != s.written
	switch {
	case s.written == nil, p.namesNothing(s.written), onAWS != nil && slices.Equal(onAWS, textsOf(s.local)):
	case own && (onAWS != nil || isText && left != "" && !p.isAttribute(left)):
		return p.takenForNames(s, onAWS, isItem), !p.quoted() || isQuoted(text) // else that comes first
	case isFunction(s.written) && s.local.Is(tree.Map):
		return problem{
			pos: s.pos(), what: s.name() + " is a function that SAM local cannot resolve",
			why: "SAM local drops it with a warning, and browsers are refused",
			fix: p.answered(name, "fill"),
		}, !isItem // on which SAM CLI crashes
	case isText && left != "":
		return problem{
			pos: s.pos(), what: fmt.Sprintf("%s has an attribute that SAM local does not know: it sends %s", s.name(), quote(left)),
			why: "no browser's origin matches that",
			fix: p.answered(name, "replace"),
		}, true
	case isText && s.local.IsGuess() && (!p.quoted() || isQuoted(text)):
		if i := slices.IndexFunc(s.local.Items(), (*tree.Value).IsGuess); i >= 0 {
			text = s.local.Items()[i].Text()
		}
		return problem{
			pos: s.pos(), what: fmt.Sprintf("%s has a value that is known on AWS alone: SAM local sends %s", s.name(), quote(unquote(text))),
			why: "AWS sends its own, and a page may be allowed there and refused here",
			fix: p.answered(name, "replace"),
		}, true
	}
	return problem{}, false
}

// isAttribute reports whether what SAM CLI has left of a variable is an attribute of a
// resource.
func (p *policy) isAttribute(left string) bool {
	id, _, _ := strings.Cut(strings.TrimPrefix(left, "$"), ".")
	return p.api.stack.Template.Get("Resources").Has(id)
}

// textsOf returns the text that a value is, or the texts of a list; nil where there
// is something else.
func textsOf(v *tree.Value) []string {
	if text, ok := v.Str(); ok {
		return []string{text}
	}
	var all []string
	for _, item := range v.Items() {
		text, ok := item.Str()
		if !ok {
			return nil
		}
		all = append(all, text)
	}
	return all
}

// namesNothing reports whether a value refers to what a template does not declare,
// of which a rule of its own tells.
func (p *policy) namesNothing(v *tree.Value) bool {
	template := p.api.stack.Template
	undeclared := func(r reference) bool {
		base, _, _ := strings.Cut(r.name, ".")
		return !template.Get("Resources").Has(base) && !template.Get("Parameters").Has(base) && !isDerived(declaredNames(template), template, base)
	}
	return slices.ContainsFunc(referencesIn(v), undeclared) && !hasMacro(template)
}

// hasOwnVariables reports whether there is a !Sub with variables of its own in a
// value.
func hasOwnVariables(v *tree.Value) bool {
	found := false
	walk(v, func(v *tree.Value) { found = found || v.Get("Fn::Sub").Is(tree.List) })
	return found
}

// takenForNames is a value that SAM local does not make as it is written.
func (p *policy) takenForNames(s setting, onAWS []string, isItem bool) problem {
	local := textsOf(s.local)
	found := problem{
		pos: s.pos(), severity: SeverityWarning,
		what: "SAM local takes the values of !Sub's own variables for names, and sends " + quote(unquote(strings.Join(local, ","))),
		why:  "what AWS allows is refused here",
		fix:  "write the parts as !Join, in place of !Sub with variables of its own",
	}
	if i := slices.IndexFunc(onAWS, func(text string) bool { return !slices.Contains(local, text) }); i >= 0 {
		found.what = fmt.Sprintf("SAM local takes the values of !Sub's own variables for names, and does not send %s", quote(unquote(onAWS[i])))
	}
	switch text, ok := sam.InParts(s.written); {
	case ok && isItem:
		found.fix = "write in its place: " + text
	case ok:
		found.fix = s.name() + ": " + text
	}
	return found
}

// answered is the command with which corsproxy answers in place of a setting that
// SAM local does not know. Of an origin SAM local sends nothing, or what no page
// has, in the answers to requests, too.
func (p *policy) answered(setting, headers string) string {
	command := "corsproxy --cors-source config"
	if setting != "AllowOrigin" {
		return command
	}
	if !p.quoted() {
		headers = "replace" // as API Gateway does with what the function sends
	}
	command += " --response-headers " + headers
	if p.credentials() {
		command += " --allow-credentials --allow-origin http://localhost:5173"
	}
	return command
}
