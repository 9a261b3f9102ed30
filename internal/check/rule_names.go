package check

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// unreadableNames finds lists of methods or headers with members that are no names.
// Of methods that SAM CLI refuses its refusal tells.
func unreadableNames(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		for _, name := range []string{"AllowMethods", "AllowHeaders"} {
			s, ok := p.settings[name]
			_, told := withoutQuotes(name, s)
			if !ok || told && p.form == formConfiguration || v.refusesSetting(s) {
				continue
			}
			list := s.members(p.quoted())
			wrong := slices.IndexFunc(list, func(member string) bool { return member != "" && !sam.IsWord(member) })
			if wrong < 0 || strings.Contains(strings.Join(list, ","), "$") {
				continue
			}
			why := "no browser has one of that name; commas separate them, without quotes"
			if strings.ContainsFunc(list[wrong], func(r rune) bool { return !httpguts.IsTokenRune(r) }) {
				why = "browsers refuse each preflight's answer with it; commas separate them, without quotes or brackets"
			}
			if name == "AllowHeaders" && strings.ContainsAny(list[wrong], valued) {
				why = "browsers refuse each preflight's answer with it; names stand there alone, without values or addresses"
			}
			all = append(all, problem{
				pos: s.pos(), severity: SeverityError, why: why, fix: p.rightNames(name, s, list),
				what: fmt.Sprintf("%s has %s, which is no %s name", s.name(), quote(list[wrong]), strings.ToLower(name[len("Allow"):len(name)-1])),
			})
		}
	}
	return all
}

// valued are characters of values and addresses, which separate no names.
const valued = ":/=?@"

// members returns what stands between the commas of a list, be it one text in
// single quotes; nil if that cannot be told.
func (s setting) members(quoted bool) []string {
	text, isText := s.deployed.Str()
	if isText != quoted || isText && !isQuoted(text) {
		return nil // what says so comes first
	}
	texts := []string{unquote(text)}
	for _, item := range s.deployed.Items() {
		text, ok := item.Str()
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	members := strings.Split(strings.Join(texts, ","), ",")
	for i := range members {
		members[i] = strings.TrimSpace(members[i])
	}
	return members
}

// rightNames writes a list of methods or headers as SAM CLI and browsers read it.
func (p *policy) rightNames(name string, s setting, members []string) string {
	words := sam.NamesIn(name, members)
	switch {
	case name == "AllowHeaders" && slices.ContainsFunc(members, func(m string) bool { return strings.ContainsAny(m, valued) && sam.HeadersIn(m) == nil }):
		return "write the names of the headers that pages send, separated by commas"
	case isComputed(s.written):
		return "have the function make names, separated by commas"
	case len(words) > mostListed:
		return "separate the names by commas"
	}
	if len(words) == 0 {
		words = strings.Split(p.namedWords(name), ",")
	}
	if p.quoted() {
		return s.name() + ": " + yamlQuoted(strings.Join(words, ","))
	}
	return s.name() + ": " + flowList(words)
}

// apart returns the names in a member of a list of methods or headers that no
// browser reads as one; a rule of its own says how they are written.
func apart(setting, member string) []string {
	names := sam.WordsIn
	if setting == "AllowHeaders" {
		names = sam.HeadersIn
	}
	if words := names(member); isNames(setting) && len(words) > 0 {
		return words
	}
	return []string{member}
}

// isNames reports whether a setting lists methods, or headers that pages send.
func isNames(setting string) bool { return setting == "AllowMethods" || setting == "AllowHeaders" }

// rightText is what a setting of a REST API is to be, within its quotes.
func (v *view) rightText(p *policy, s setting, text string) string {
	text = strings.Trim(text, "'") // one side may have it
	named := text == "*" && v.asksCredentials(p)
	for name, other := range p.settings {
		switch {
		case other.key != s.key:
		case named && name == "AllowOrigin":
			return v.site()
		case named && isNames(name):
			return p.namedWords(name)
		case name == "AllowOrigin" && strings.Contains(text, "://"):
			return oneOrigin(text)
		case isNames(name):
			return sam.ListText(name, text)
		}
	}
	return text
}
