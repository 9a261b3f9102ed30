package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// A section is what Globals have for one kind of API.
type section struct{ name, property, resource, kind string }

var sections = [2]section{
	{"Api", "Cors", transform.API, "REST APIs"},
	{"HttpApi", "CorsConfiguration", transform.HTTPAPI, "HTTP APIs"},
}

// CP6069: a CORS setting that counts for no API.
func kindRules() []rule {
	return []rule{{Info: Info{
		Code: "CP6069", Name: "cors-of-other-kind", Severity: SeverityWarning,
		Title: "Globals set CORS for a kind of API that the template does not have",
		Text: "Cors below Api in Globals counts for REST APIs, which events of type Api belong to; CorsConfiguration below HttpApi for HTTP APIs, which events of type HttpApi belong to. " +
			"Where the template has the other kind alone, the setting counts for nothing: neither SAM local nor AWS answers a preflight by it.",
		Fix:   "Write the setting below the other section, under the name that it has there.",
		Since: "0.2.0",
	}, find: settingsOfOtherKind}}
}

// settingsOfOtherKind finds the CORS settings of Globals that count for no API,
// while an API of the other kind answers no preflights.
func settingsOfOtherKind(v *view) []problem {
	var all []problem
	for i := range v.Stacks {
		s := &v.Stacks[i]
		for n, own := range sections {
			other, globals := sections[1-n], s.Template.Get("Globals")
			setting, ok := globals.Get(own.name).Entry(own.property)
			if !ok || !setting.Value.Truthy() || globals.Get(other.name).Has(other.property) || v.has(s, own.resource) {
				continue
			}
			bare := slices.IndexFunc(v.apis, func(a *api) bool {
				return a.stack == s && a.serverless && slices.ContainsFunc(a.all, func(r *route) bool { return !r.isOptions() }) && !v.answersPreflights(a)
			})
			if bare < 0 {
				continue
			}
			found := problem{
				pos: setting.Key.Pos(), what: fmt.Sprintf("%s below %s counts for %s, and SAM's APIs here are %s", own.property, own.name, own.kind, other.kind),
				why: "neither SAM local nor AWS answers a preflight by it", fix: other.setting(globals, setting.Value, v.apis[bare]),
			}
			if other == sections[1] {
				found.why += "; the headers of " + other.property + " take the place of those that functions send"
			}
			all = append(all, found)
		}
	}
	return all
}

// has reports whether a stack has a resource of a type, if only one whose
// condition is false.
func (v *view) has(s *sam.Stack, kind string) bool {
	return slices.ContainsFunc(v.resources, func(r *resource) bool { return r.stack == s && r.kind == kind })
}

// setting writes what the other section has for an API of this one. It is in
// words where it cannot be the same.
func (s section) setting(globals, of *tree.Value, a *api) string {
	convert := cors
	if s == sections[1] {
		convert = configuration
	}
	lines, ok := convert(of, a)
	if !ok {
		return fmt.Sprintf("write %s below %s in Globals, with what is to be allowed", s.property, s.name)
	}
	written := s.property + ": {" + strings.Join(lines, ", ") + "}"
	if globals.Has(s.name) {
		return "in Globals, below " + s.name + ":\n" + written
	}
	return "in Globals:\n" + s.name + ":\n  " + written
}

// configuration is a Cors as an HTTP API has it. SAM lists no methods there, so
// that those of the API's routes stand for what is not written.
func configuration(of *tree.Value, a *api) ([]string, bool) {
	lists := map[string]string{"AllowOrigin": "AllowOrigins", "AllowMethods": "AllowMethods", "AllowHeaders": "AllowHeaders"}
	words := map[string][]string{"AllowOrigins": {"*"}, "AllowMethods": methodsOf(a)}
	var more []string
	credentials := false
	for _, e := range asMap(of, "AllowOrigin").Entries() {
		text, isText := e.Value.Str()
		switch key := e.Name(); {
		case lists[key] != "" && isText && isQuoted(text):
			words[lists[key]] = split(unquote(text))
		case key == "AllowCredentials" && e.Value.Is(tree.Bool):
			credentials = e.Value.IsTrue()
			more = append(more, key+": "+strings.ToLower(e.Value.Text()))
		case key == "MaxAge" && isDigits(unquote(e.Value.Text())):
			more = append(more, key+": "+unquote(e.Value.Text()))
		default:
			return nil, false
		}
	}
	var lines []string
	for _, key := range []string{"AllowOrigins", "AllowMethods", "AllowHeaders"} {
		if credentials && slices.Contains(words[key], "*") {
			return nil, false
		}
		if len(words[key]) > 0 {
			lines = append(lines, key+": "+flowList(words[key]))
		}
	}
	return append(lines, more...), areOrigins(words["AllowOrigins"])
}

// cors is a CorsConfiguration as a REST API has it. It lists the methods of each
// path where AllowMethods is not written.
func cors(of *tree.Value, _ *api) ([]string, bool) {
	if of.IsTrue() {
		return []string{`AllowOrigin: "'*'"`}, true
	}
	var lines []string
	credentials, any := of.Get("AllowCredentials").IsTrue(), false
	for _, e := range of.Entries() {
		var words []string
		for _, item := range e.Value.Items() {
			word, ok := item.Str()
			if !ok || strings.ContainsAny(word, `'",`) {
				return nil, false
			}
			words = append(words, word)
		}
		any = any || slices.Contains(words, "*")
		switch key := e.Name(); {
		case key == "AllowOrigins" && areOrigins(words):
			lines = append(lines, "AllowOrigin: "+yamlQuoted(words[0]))
		case key == "AllowMethods" && slices.Contains(words, "*"): // are listed
		case (key == "AllowMethods" || key == "AllowHeaders") && len(words) > 0:
			lines = append(lines, key+": "+yamlQuoted(strings.Join(words, ",")))
		case key == "AllowCredentials" && e.Value.Is(tree.Bool):
			lines = append(lines, key+": "+strings.ToLower(e.Value.Text()))
		case key == "MaxAge" && isDigits(e.Value.Text()):
			lines = append(lines, key+": "+yamlQuoted(e.Value.Text()))
		default:
			return nil, false
		}
	}
	return lines, of.Has("AllowOrigins") && (!credentials || !any)
}

// asMap returns a setting that is one text under its key.
func asMap(v *tree.Value, key string) *tree.Value {
	if !v.Is(tree.String) {
		return v
	}
	m := tree.NewMap(v.Pos())
	m.Set(key, v)
	return m
}

// methodsOf returns the methods of an API's routes.
func methodsOf(a *api) []string {
	var all []string
	for _, r := range a.all {
		if r.method == "ANY" {
			return sam.AnyMethods()
		}
		if !slices.Contains(all, r.method) {
			all = append(all, r.method)
		}
	}
	return all
}

// areOrigins reports whether words are the one origin that both kinds of API can
// have.
func areOrigins(words []string) bool {
	return len(words) == 1 && (words[0] == "*" || serialized.MatchString(words[0]))
}

func split(text string) []string {
	words := strings.Split(text, ",")
	for i, word := range words {
		words[i] = strings.TrimSpace(word)
	}
	return words
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
