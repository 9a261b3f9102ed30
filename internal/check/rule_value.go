package check

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// CP6010 and CP6012 to CP6017: how the values of a CORS policy are written.
func valueRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6010", Name: "value-not-quoted", Severity: SeverityError,
		Title: "A header's value lacks single quotes inside",
		Text: "API Gateway takes a response parameter of a REST API for an expression unless it stands in single quotes, and refuses what is none. " +
			"SAM writes the values of Cors there just as they are, and SAM CLI does not start without the quotes. They are needed in addition to YAML's own.",
		Fix:   "Write the value in single quotes within double quotes.",
		Since: "0.2.0",
	}, find: unquotedValues}, {Info: Info{
		Code: "CP6012", Name: "credentials-quoted", Severity: SeverityError,
		Title: "AllowCredentials of a REST API is text",
		Text: "AllowCredentials is the one value of Cors that is no text in quotes: SAM compares it with the boolean true. " +
			"SAM local sends the text, and browsers take true alone for a yes; deployed, the header Access-Control-Allow-Credentials is missing, and the browser refuses every request with cookies.",
		Fix:   "Write the boolean, without quotes, and names in place of *, which is no wildcard with credentials.",
		Since: "0.2.0",
	}, find: quotedCredentials}, {Info: Info{
		Code: "CP6014", Name: "value-of-wrong-kind", Severity: SeverityWarning,
		Title: "A CORS value is of the wrong kind",
		Text: "For a REST API each value of Cors but AllowCredentials is a string, numbers too. For an HTTP API the lists are YAML lists without single quotes inside, and MaxAge is a number. " +
			"SAM local drops what is of another kind, with a warning among its start-up lines, and sends the header without it or not at all. " +
			"Where a text lists methods or headers, they are separated by commas and nothing else, without quotes or brackets around each: browsers refuse an answer with a name that has a blank, a semicolon or a bracket in it, and take a quote for a part of the name.",
		Fix:   "Write the value as the finding shows it.",
		Since: "0.2.0",
	}, find: wrongKinds}, {Info: Info{
		Code: "CP6015", Name: "value-unknown-locally", Severity: SeverityInfo,
		Title: "SAM local cannot resolve a CORS value",
		Text: "The value comes from something that exists on AWS alone: an import, another resource, the name of the stack, a parameter in Systems Manager, {{resolve:…}}. It is right when deployed. A parameter without a value is as little known. " +
			"SAM local drops it, or sends a placeholder in its place that no browser's origin matches. " +
			"Where !Sub has variables of its own, SAM local takes their values for names, and spoils those with a dot in them.",
		Fix:   "Write a !Sub with variables of its own as !Join. Of what AWS alone knows, nothing in the template. Let corsproxy answer preflights from its own configuration, cors.source config, and, where the value is an origin, set the headers of responses, too.",
		Since: "0.2.0",
	}, find: unknownLocally}, {Info: Info{
		Code: "CP6017", Name: "unknown-cors-key", Severity: SeverityError,
		Title: "A CORS setting has a key that SAM does not know",
		Text: "SAM refuses to deploy a Cors or CorsConfiguration with a key of another name; SAM local ignores the key. " +
			"REST and HTTP APIs differ: AllowOrigin is one text, AllowOrigins a list, and a REST API has no ExposeHeaders at all. " +
			"SAM refuses unknown keys of GatewayResponses, too, which send CORS headers with API Gateway's own answers.",
		Fix:   "Use the key of this kind of API.",
		Since: "0.2.0",
	}, find: unknownKeys, unconditional: true}}
}

// expression is what API Gateway maps a response header from, when it is no
// text in quotes.
var expression = regexp.MustCompile(`^(integration|method|context|stageVariables)\.`)

// unquotedValues finds values of response parameters without single quotes.
func unquotedValues(v *view) []problem {
	var all []problem
	for _, p := range v.withGateways() {
		if !p.quoted() {
			continue
		}
		for _, h := range headers {
			s, ok := p.settings[h.setting]
			if !ok || p.form == formCors && h.setting == "AllowCredentials" {
				continue
			}
			resolved := s.local
			if p.onAWSAlone() && isFunction(s.written) {
				resolved = s.deployed // SAM local does not read it
			}
			text, ok := resolved.Str()
			if p.onAWSAlone() && resolved.Is(tree.Bool, tree.Int) {
				text, ok = strings.ToLower(resolved.Text()), true // CloudFormation makes it text
			}
			if p.form == formCors && isParameter(p, s) && resolved.Is(tree.Int, tree.Float) {
				text, ok = resolved.Text(), true // to SAM the value of a parameter is text
			}
			if !ok || !p.lacksQuotes(text) {
				all = append(all, p.unquotedWithin(s)...)
				continue
			}
			all = append(all, v.unquoted(p, s, text))
		}
	}
	return all
}

// lacksQuotes reports whether a text is no value of a header of a REST API.
func (p *policy) lacksQuotes(text string) bool {
	return text != "" && !isQuoted(text) && !strings.HasPrefix(text, "!") && (p.form == formCors || !expression.MatchString(text))
}

// unquotedWithin looks at what other parameters make of a function, and at the
// attribute of a resource, which never has quotes.
func (p *policy) unquotedWithin(s setting) []problem {
	fix := "write the single quotes into what the function makes"
	if text, ok := p.api.stack.InQuotes(s.written); ok {
		fix = s.name() + ": " + text
	}
	found := problem{pos: s.pos(), why: "API Gateway takes it for an expression, and refuses to deploy it", fix: fix}
	if get := s.written.Get("Fn::GetAtt").Items(); len(get) == 2 {
		kind, isText := p.api.stack.Template.Get("Resources").Get(get[0].Text()).Get("Type").Str()
		if !isText || strings.HasPrefix(kind, "Custom::") || strings.HasPrefix(kind, "AWS::CloudFormation::") || strings.HasPrefix(kind, "AWS::Serverless::") {
			return nil // which may have any
		}
		found.what = fmt.Sprintf("%s is an attribute of %s, without single quotes inside", s.name(), quote(get[0].Text()))
		return []problem{found}
	}
	for _, leaf := range leaves(s.written) {
		if text, ok := leaf.Str(); ok && leaf != s.written && p.lacksQuotes(text) {
			found.pos, found.what = leaf.Pos(), fmt.Sprintf("%s is %s in one branch, without single quotes inside", s.name(), quote(text))
			found.why = "API Gateway takes it for an expression where that branch is taken, and refuses to deploy it"
			return []problem{found}
		}
	}
	return nil
}

// leaves returns what the branches of a condition are, or v itself.
func leaves(v *tree.Value) []*tree.Value {
	branches := v.Get("Fn::If").Items()
	if len(branches) != 3 {
		return []*tree.Value{v}
	}
	return append(leaves(branches[1]), leaves(branches[2])...)
}

// isParameter reports whether a setting is a reference to a parameter.
func isParameter(p *policy, s setting) bool {
	name, ok := s.written.Get("Ref").Str()
	return ok && p.api.stack.Template.Get("Parameters").Has(name)
}

func (v *view) unquoted(p *policy, s setting, text string) problem {
	found := problem{
		pos: s.pos(), refusal: s.local.Pos(),
		what: fmt.Sprintf("%s is %s, without single quotes inside", s.name(), quote(text)),
		why:  "SAM CLI refuses it, and API Gateway would take it for an expression",
		fix:  fmt.Sprintf("%s: %s", s.name(), yamlQuoted(v.rightText(p, s, text))),
	}
	if deployed, _ := s.deployed.Str(); isQuoted(deployed) && hasOwnVariables(s.written) {
		found.why = "SAM CLI takes the values of !Sub's own variables for names, and refuses what it makes of them"
	}
	if p.onAWSAlone() || !s.local.Is(tree.String) {
		found.why = "API Gateway takes it for an expression, and refuses to deploy it"
	}
	name, isParameter := s.written.Get("Ref").Str()
	parameter := p.api.stack.Template.Get("Parameters").Get(name)
	if isParameter && parameter != nil && text == name {
		found.what = fmt.Sprintf("%s is parameter %s, which has no value here", s.name(), quote(name))
		found.why = "SAM CLI takes its name for the value, finds no single quotes in it, and does not start"
		found.fix = "sam local start-api " + sam.QuotedOverride(name, exampleOf(p, s))
		return found
	}
	if isFunction(s.written) {
		found.fix = "write the single quotes into what the function makes"
		if byDefault, _ := parameter.Get("Default").Str(); isQuoted(byDefault) {
			found.fix = sam.QuotedParameter(name, text)
		}
		if text, ok := p.api.stack.InQuotes(s.written); ok {
			found.fix = s.name() + ": " + text
		}
	}
	return found
}

// exampleOf is a value that a setting of a REST API may have.
func exampleOf(p *policy, s setting) string {
	for name, example := range map[string]string{
		"AllowMethods": p.namedWords("AllowMethods"), "AllowHeaders": p.namedWords("AllowHeaders"), "AllowCredentials": "true", "MaxAge": "600",
	} {
		if p.settings[name].key == s.key {
			return example
		}
	}
	return "http://localhost:5173"
}

// quotedCredentials finds AllowCredentials of REST APIs that is text.
func quotedCredentials(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		s := p.settings["AllowCredentials"]
		text, _ := s.deployed.Str()
		if p.form != formCors || !p.quotesCredentials() {
			continue
		}
		why := "SAM local takes it for true; AWS takes only the boolean, and sends no Access-Control-Allow-Credentials"
		switch {
		case !isQuoted(text):
			why = "SAM CLI refuses it, and AWS takes only the boolean"
		case text != "'true'":
			why = "SAM local sends it, which no browser takes for true; AWS takes only the boolean, and sends no Access-Control-Allow-Credentials"
		}
		all = append(all, problem{
			pos: s.pos(), refusal: s.local.Pos(),
			what: fmt.Sprintf("AllowCredentials is the text %s", quote(text)), why: why, fix: v.withCredentials(p),
		})
	}
	return all
}

// quotesCredentials reports whether AllowCredentials is text for a yes. Of functions that
// make another one than true another rule tells.
func (p *policy) quotesCredentials() bool {
	s := p.settings["AllowCredentials"]
	text, ok := s.deployed.Str()
	isTrue := strings.EqualFold(unquote(text), "true")
	return (p.form == formCors || p.form == formConfiguration) && ok && !sam.IsNo(unquote(text)) && (isTrue || !isFunction(s.written))
}

// wrongKinds finds values that SAM local drops.
func wrongKinds(v *view) []problem {
	var all []problem
	for _, p := range v.policies {
		if p.form != formCors && p.form != formConfiguration || p.isText() {
			continue
		}
		for _, h := range headers {
			s, ok := p.settings[h.setting]
			if !ok || !s.written.Truthy() || isFunction(s.written) {
				continue
			}
			if p.form == formCors && h.setting == "AllowOrigin" && s.written.Is(tree.List) {
				continue // a rule of its own looks at lists of origins
			}
			if fix, ok := withoutQuotes(h.setting, s); ok && p.form == formConfiguration {
				all = append(all, problem{
					pos: s.pos(), what: s.name() + " has single quotes inside, which are for REST APIs",
					why: "they are part of the name then, and no browser's is like that", fix: fix,
				})
				continue
			}
			if want, fix := v.kind(p, h.setting, s); !s.written.Is(want...) {
				why := "SAM local drops it with a warning"
				switch {
				case h.setting == "ExposeHeaders":
					why = "an HTTP API takes a list; SAM local does not look at it"
				case p.form == formCors:
					why += "; to API Gateway a header's value is a text in single quotes, too"
				}
				all = append(all, problem{
					pos: s.pos(), what: fmt.Sprintf("%s is %s, not %s", s.name(), s.written.Kind(), want[0]),
					why: why, fix: fix,
				})
			}
		}
	}
	return append(all, unreadableNames(v)...)
}

// withoutQuotes returns how a list of methods or headers is written that has single
// quotes in it. Origins have a rule of their own.
func withoutQuotes(name string, s setting) (fix string, ok bool) {
	if name == "AllowOrigin" || !s.written.Is(tree.List) {
		return "", false
	}
	var words []string
	for _, item := range s.written.Items() {
		text, isText := item.Str()
		if !isText {
			return "", false // what a function makes stays
		}
		ok = ok || isQuoted(text)
		if name == "AllowHeaders" && sam.HeadersIn(text) == nil {
			return "", false // a rule of its own says what it is not
		}
		words = append(words, apart(name, strings.Trim(text, "'"))...)
	}
	return s.name() + ": " + flowList(words), ok
}

// kind returns what kinds a setting may be of, and how it is written then.
func (v *view) kind(p *policy, name string, s setting) (want []tree.Kind, fix string) {
	var words []string
	for _, item := range s.written.Items() {
		words = append(words, item.Text())
	}
	if words == nil {
		words = strings.Split(unquote(s.written.Text()), ",")
	}
	switch {
	case name == "AllowCredentials" && p.form == formCors:
		return []tree.Kind{tree.Bool, tree.String}, v.withCredentials(p) // a rule of its own looks at strings
	case name == "AllowCredentials" && sam.IsNo(words[0]):
		return []tree.Kind{tree.Bool}, s.name() + ": false"
	case name == "AllowCredentials":
		return []tree.Kind{tree.Bool}, v.withCredentials(p)
	case p.form == formCors:
		return []tree.Kind{tree.String}, fmt.Sprintf("%s: %s", s.name(), yamlQuoted(strings.Join(words, ",")))
	case name == "MaxAge":
		return []tree.Kind{tree.Int, tree.Bool}, "MaxAge: " + printable.Line(words[0])
	}
	if len(words) == 1 && words[0] == "*" && name == "AllowOrigin" && v.asksCredentials(p) {
		words[0] = v.site() // SAM refuses * in a list with credentials
	}
	if name == "AllowHeaders" {
		var names []string
		for _, word := range words {
			names = append(names, apart(name, strings.TrimSpace(word))...)
		}
		words = names
	}
	for i, word := range words {
		words[i] = fmt.Sprintf("%q", strings.TrimSpace(word))
	}
	return []tree.Kind{tree.List}, fmt.Sprintf("%s: [%s]", s.name(), strings.Join(words, ", "))
}
