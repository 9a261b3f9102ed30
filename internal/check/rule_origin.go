package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6011, CP6013, CP6016, CP6018 and CP6019: origins and wildcards.
func originRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6011", Name: "origin-list", Severity: SeverityError,
		Title: "Several origins stand in one value",
		Text: "Access-Control-Allow-Origin holds one origin, or *. A REST API sends the text it is given to every page, and a browser that reads a list there refuses it, whatever its own origin. " +
			"An HTTP API takes a list, but of one origin an item.",
		Fix:   "For a REST API allow one origin, or let an OPTIONS method of your own answer by the request's Origin. For an HTTP API give each origin an item.",
		Since: "0.2.0",
	}, find: originLists}, {Info: Info{
		Code: "CP6013", Name: "credentials-any-origin", Severity: SeverityError,
		Title: "Credentials are allowed to any origin",
		Text: "A browser does not accept * as the origin for a request with credentials, and SAM and API Gateway refuse to deploy the two together. " +
			"For a REST API an origin that is not given is *, too. SAM local sends what is written without a word.",
		Fix:   "Name the origin, or remove AllowCredentials.",
		Since: "0.2.0",
	}, find: credentialsForAll, unconditional: true}, {Info: Info{
		Code: "CP6016", Name: "origin-malformed", Severity: SeverityError,
		Title: "A value is not what a browser sends as an origin",
		Text: "An origin is a scheme, a host and, where it is not the default, a port, in lower case: https://app.example.com. " +
			"Browsers compare it byte by byte. With a slash at the end, a path, or without a scheme it matches no page, and neither REST nor HTTP APIs know wildcards for subdomains. AllowOrigins of a function URL is looked at, too. " +
			"What functions make is looked at in all branches, and of parameters by the values that they have here.",
		Fix:   "Write the origin as the browser does, as in location.origin.",
		Since: "0.2.0",
	}, find: malformedOrigins}, {Info: Info{
		Code: "CP6018", Name: "wildcard-with-credentials", Severity: SeverityError,
		Title: "With credentials, * is no wildcard",
		Text: "For a request with credentials a browser takes * in Access-Control-Allow-Methods and Access-Control-Allow-Headers for a method or header of that name. " +
			"A REST API sends it as it is. SAM local writes all methods out in its place, so that it works there. " +
			"Of an HTTP API SAM local sends the * of AllowHeaders as it is; what API Gateway sends is not documented, and names work either way.",
		Fix:   "Name the methods and headers.",
		Since: "0.2.0",
	}, find: literalWildcards}, {Info: Info{
		Code: "CP6019", Name: "origin-wildcard-locally", Severity: SeverityInfo,
		Title: "SAM local takes a scheme's wildcard for an origin",
		Text:  "For an HTTP API http://* and https://* stand for all origins of a scheme. SAM local compares them with the Origin as they are, and allows none.",
		Fix:   "Nothing in the template. Let corsproxy answer preflights: it knows the two.",
		Since: "0.2.0",
	}, find: schemeWildcards}}
}

// origins returns the origins that a policy allows, as far as they are known.
func (p *policy) origins() []origin {
	s, ok := p.settings["AllowOrigin"]
	if !ok {
		return nil
	}
	if text, ok := s.deployed.Str(); ok {
		if p.quoted() {
			text = unquote(text)
		}
		return []origin{{text: text, pos: s.pos(), literal: s.written.Is(tree.String)}}
	}
	literal := make(map[string]bool)
	for _, item := range s.written.Items() {
		if text, ok := item.Str(); ok {
			literal[text] = true
		}
	}
	var all []origin
	for _, item := range s.deployed.Items() {
		if text, ok := item.Str(); ok {
			all = append(all, origin{text: text, pos: item.Pos(), literal: literal[text]})
		}
	}
	return all
}

// oneItem is that of a list's origins which a REST API is to keep.
func (p *policy) oneItem(s setting, origins []origin) string {
	if items := s.written.Items(); slices.ContainsFunc(items, isFunction) {
		if text, ok := p.api.stack.InQuotes(items[0]); ok {
			return s.name() + ": " + text
		}
		return "write one of them, with single quotes inside, and no list"
	}
	words := make([]string, len(origins))
	for i, o := range origins {
		words[i] = unquote(o.text)
	}
	return s.name() + ": " + yamlQuoted(oneOrigin(strings.Join(words, ","))) + onlyOne
}

// onlyOne is what follows the one origin of a REST API that is kept of several.
const onlyOne = "\n# a REST API allows one; a function that answers OPTIONS can allow more, by the request's Origin"

func originLists(v *view) []problem {
	var all []problem
	before := make(told)
	for _, p := range v.withGateways() {
		if s := p.settings["AllowOrigin"]; p.form == formCors && s.deployed.Is(tree.List) {
			if origins := p.origins(); len(origins) > 0 {
				all = append(all, problem{
					pos: s.pos(), what: fmt.Sprintf("%s is a list, and a REST API has one origin", s.name()),
					why: "SAM local drops it with a warning, and AWS refuses to deploy it",
					fix: p.oneItem(s, origins),
				})
			}
			continue
		}
		if p.quoted() && expression.MatchString(p.settings["AllowOrigin"].deployed.Text()) {
			continue
		}
		for _, o := range p.origins() {
			parts := originsIn(o.text)
			if len(parts) < 2 || before.again(o.pos, o.text) {
				continue
			}
			found := problem{pos: o.pos, what: fmt.Sprintf("%s holds %d origins", quote(o.text), len(parts))}
			if p.quoted() {
				found.why = "a REST API sends the whole list to every page, and no browser accepts it"
				found.fix = v.keptOrigin(p, o)
			} else {
				found.why = "it is compared with the Origin as a whole, and matches none"
				found.fix = p.originList(parts)
				if !o.literal {
					found.fix = "have the function make one origin, such as " + printable.Line(parts[0]) + ", and give each of the others an item of its own"
				}
			}
			all = append(all, found)
		}
	}
	return all
}

// keptOrigin is which of several origins in a value of a REST API to keep: of a gateway
// response that which Cors allows.
func (v *view) keptOrigin(p *policy, o origin) string {
	kept, rest := yamlQuoted(oneOrigin(o.text)), onlyOne
	if p.form == formGateway {
		rest = ""
		i := slices.IndexFunc(v.policies, func(cors *policy) bool { return cors.api == p.api && cors.form == formCors })
		if i >= 0 {
			if text, ok := v.originText(v.policies[i]); ok {
				kept = text
			}
		}
	}
	if !o.literal {
		return "have the function make one origin, such as " + kept
	}
	return p.settings["AllowOrigin"].name() + ": " + kept + rest
}

func credentialsForAll(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if !p.credentials() {
			continue
		}
		origins := p.origins()
		if p.api.absent && (p.form == formMock || p.form == formExtension || len(origins) > 1) {
			continue // not SAM refuses it, but API Gateway, or nobody
		}
		_, given := p.settings["AllowOrigin"]
		if anyOrigin := p.form == formCors && !given && !p.misspells("AllowOrigin") || slices.ContainsFunc(origins, func(o origin) bool { return o.text == "*" }); !anyOrigin {
			continue
		}
		fix, why := p.named(v.site()), "AWS refuses to deploy it, and no browser accepts it"
		if p.form == formMock || p.form == formCors && isFunction(p.settings["AllowOrigin"].written) { // SAM does not see what the function makes
			why = "no browser accepts it"
		}
		what := "AllowCredentials stands with the origin *"
		if !given {
			what = "AllowCredentials stands without AllowOrigin, which is * then"
		}
		pos := p.settings["AllowOrigin"].pos() // what the fix is for
		if !given {
			pos, fix = p.settings["AllowCredentials"].pos(), "write beside it: "+fix
		}
		all = append(all, problem{pos: pos, what: what, why: why, fix: fix})
	}
	return all
}

func malformedOrigins(v *view) []problem {
	var all []problem
	before := make(told)
	for _, p := range append(v.withGateways(), v.urls...) {
		branches := p.branches()
		origins := slices.DeleteFunc(p.origins(), func(o origin) bool { // which stands there
			return !o.literal && slices.ContainsFunc(branches, func(b origin) bool { return b.text == o.text })
		})
		for _, o := range append(origins, branches...) {
			if p.quoted() && o.literal && !isQuoted(p.settings["AllowOrigin"].deployed.Text()) {
				continue // that comes first
			}
			fault, right := p.faultOf(o)
			forgotten := o.literal && p.forgetsSub(o.text)
			if forgotten {
				fault, right = "has ${ } without !Sub", o.text
			}
			forgotten = forgotten || fault == isParameterName && o.literal
			if fault == "" || before.again(o.pos, "") && !o.literal || before.again(o.pos, o.text) {
				continue
			}
			if right == "*" && v.asksCredentials(p) {
				right = v.site()
			}
			found := problem{pos: o.pos, what: fmt.Sprintf("%s %s", quote(o.text), fault), why: "browsers send origins in one form only, and it matches none"}
			switch {
			case forgotten && p.quoted():
				found.why, found.fix = asLetters, p.settings["AllowOrigin"].name()+": !Sub "+yamlQuoted(right)
			case forgotten:
				found.why, found.fix = asLetters, "write !Sub "+strconv.Quote(right)
			case !o.literal:
				p.putRight(&found, o, right)
			case !p.quoted():
				found.fix = p.originList([]string{right})
			default:
				found.fix = p.settings["AllowOrigin"].name() + ": " + yamlQuoted(right)
			}
			all = append(all, found)
		}
	}
	return all
}

// branches returns the origins that the functions of a policy's AllowOrigin make, in
// the branches that are not taken here too.
func (p *policy) branches() []origin {
	written := p.settings["AllowOrigin"].written
	var all []origin
	for _, v := range append(written.Items(), written) {
		if !isFunction(v) {
			continue
		}
		for _, o := range made(p.api.stack.Template, v) {
			if p.quoted() && !isQuoted(o.text) {
				continue
			}
			if p.quoted() {
				o.text = unquote(o.text)
			}
			all = append(all, o)
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`(?i)[<>]|your|replace|change-?me|\.example(?:[:/]|$)`)

// mayBeExample reports whether a value that a parameter may have got by default is
// likely to stand for another.
func mayBeExample(text string) bool {
	return placeholder.MatchString(text) || !strings.ContainsAny(text, ".'") && !strings.Contains(text, "localhost")
}

// originList is the list of a policy's origins with what is wrong in it put right,
// or what is to stand in place of one item.
func (p *policy) originList(item []string) string {
	if list, ok := changed(p.settings["AllowOrigin"].written, right); ok {
		return p.key("AllowOrigin") + ": " + list
	}
	return "write in its place: " + strings.Join(item, ", ")
}

// named is a policy's AllowOrigin without *: the other origins of a list, or, as
// there is none, an example.
func (p *policy) named(example string) string {
	s, given := p.settings["AllowOrigin"]
	isMade := slices.ContainsFunc(p.origins(), func(o origin) bool { return o.text == "*" && !o.literal })
	if given && (isMade || isFunction(s.written)) {
		return "have the function make an origin by name, such as " + printable.Line(example)
	}
	if p.quoted() {
		return p.key("AllowOrigin") + ": " + yamlQuoted(example)
	}
	list, ok := changed(s.written, func(text string) []string {
		return slices.DeleteFunc([]string{text}, func(t string) bool { return t == "*" })
	})
	switch {
	case ok:
		return p.key("AllowOrigin") + ": " + list
	case slices.ContainsFunc(s.written.Items(), func(v *tree.Value) bool { return !v.EqualsString("*") }):
		return "take * out of " + p.key("AllowOrigin")
	}
	return p.key("AllowOrigin") + ": [" + example + "]"
}
