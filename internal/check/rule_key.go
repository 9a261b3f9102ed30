package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/transform"
	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// keysOf returns the keys of a CORS setting of SAM's, nil of another one.
func keysOf(f form) []string {
	switch f {
	case formCors:
		return []string{"AllowOrigin", "AllowMethods", "AllowHeaders", "MaxAge", "AllowCredentials"}
	case formConfiguration:
		return []string{"AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders", "MaxAge", "AllowCredentials"}
	}
	return nil
}

// unknownKeys finds keys of a CORS setting that SAM does not know.
func unknownKeys(v *view) []problem {
	var all []problem
	before := make(told)
	for _, p := range v.policies {
		if p.form != formCors && p.form != formConfiguration || isFunction(p.whole.written) {
			continue
		}
		known, property := keysOf(p.form), "Cors"
		if p.form == formConfiguration {
			property = "CorsConfiguration"
		}
		for _, e := range p.whole.written.Entries() {
			name := e.Key.Text()
			if slices.Contains(known, name) || before.again(e.Key.Pos(), name) {
				continue
			}
			all = append(all, problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("%s has a key %s", property, quote(name)),
				why: "AWS refuses to deploy it; SAM local ignores it", fix: p.knownKey(e, known),
			})
		}
	}
	return append(all, v.unknownGatewayKeys()...)
}

// knownKey says which key of a CORS setting is meant by one that is none, and
// keeps what stands there.
func (p *policy) knownKey(e tree.Entry, known []string) string {
	name := e.Key.Text()
	near := nearestWord(name, known)
	switch {
	case p.form == formCors && name == "ExposeHeaders":
		return "remove it, and let the function send Access-Control-Expose-Headers"
	case near == "":
		return "use " + and(known)
	case p.whole.written.Has(near):
		return "remove it: " + near + " is there, and counts"
	case near == "AllowOrigins":
		if list, ok := changed(e.Value, p.allowed); ok {
			return near + ": " + list
		}
	case near == "AllowOrigin":
		if text, ok := p.originIn(e.Value); ok {
			return near + ": " + text
		}
	}
	return "write " + near + " in its place"
}

// misspells reports whether a CORS setting has a key that stands for another one,
// which it lacks: what is under that key is looked at once it is written.
func (p *policy) misspells(name string) bool {
	known := keysOf(p.form)
	if _, given := p.settings[name]; given || known == nil || isFunction(p.whole.written) {
		return false
	}
	return slices.ContainsFunc(p.whole.written.Entries(), func(e tree.Entry) bool {
		key := e.Key.Text()
		near := nearestWord(key, known)
		return !slices.Contains(known, key) && (near == name || name == "AllowOrigin" && near == "AllowOrigins")
	})
}

// allowed returns the origins of a text as the list of an HTTP API may have them:
// beside credentials SAM refuses *.
func (p *policy) allowed(text string) []string {
	origins := right(text)
	for i, o := range origins {
		if o == "*" && p.credentials() {
			origins[i] = "https://app.example.com"
		}
	}
	return origins
}

// originIn returns what a REST API may have in place of origins that stand under
// another key: the one that it may keep, or a function in quotes.
func (p *policy) originIn(v *tree.Value) (string, bool) {
	var origins []string
	if text, ok := v.Str(); ok {
		origins = right(unquote(text))
	}
	for _, item := range v.Items() {
		text, ok := item.Str()
		if !ok {
			return "", false
		}
		origins = append(origins, right(unquote(text))...)
	}
	if len(origins) == 0 {
		return p.api.stack.InQuotes(v)
	}
	return yamlQuoted(oneOrigin(strings.Join(origins, ","))), true
}

// unknownGatewayKeys finds keys of GatewayResponses that SAM does not know.
func (v *view) unknownGatewayKeys() []problem {
	var all []problem
	look := func(of string, at *tree.Value, known ...string) {
		if isFunction(at) {
			return
		}
		for _, e := range at.Entries() {
			name := e.Key.Text()
			if slices.Contains(known, name) {
				continue
			}
			fix := "use " + and(known)
			if near := nearestWord(name, known); near != "" && !at.Has(near) {
				fix = "write " + near
			}
			all = append(all, problem{
				pos: e.Key.Pos(), what: fmt.Sprintf("%s has a key %s", of, quote(name)),
				why: "AWS refuses to deploy it; SAM local ignores it", fix: fix,
			})
		}
	}
	for _, r := range v.ofKind(transform.API) {
		for _, e := range r.get("GatewayResponses").written.Entries() {
			parameters := e.Value.Get("ResponseParameters")
			look(e.Key.Text()+" of GatewayResponses", e.Value, "ResponseParameters", "ResponseTemplates", "StatusCode")
			look("ResponseParameters of "+e.Key.Text(), parameters, "Headers", "Paths", "QueryStrings")
		}
	}
	return all
}
