package diagnosis

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// A value of a template that a function makes, of a condition or a parameter,
// is another one in another stage. What it makes in this one is not to be
// written in its place: it would be said of all stages, and the site of one of
// them could be shut out.

// atItsSource is where words go that such a value is to have, and how they are
// written there.
func atItsSource(c *sam.CORS, key string, words ...string) (where, text string) {
	name, text := parameterOf(c, key), strings.Join(words, ",")
	if c.Places[key] == "" {
		what := "the CORS setting of "
		if c.ByHand {
			what = "the response parameters of the OPTIONS method of "
		}
		return "for " + name + ", into what the function makes that stands in place of " + what + show(c.API) + at(c.Source), text
	}
	if slices.Contains(c.Lists, key) {
		each := ", as one of its own"
		if len(words) > 1 {
			each = ", each as one of its own"
		}
		return "beside the items of " + key + at(c.Places[key]) + " of " + show(c.API) + each, strings.Join(words, ", ")
	}
	where = "into"
	if key == "AllowCredentials" && !c.ByHand {
		where = "as the value of" // it is one value
	}
	return where + " the branch or the parameter that " + name + at(c.Places[key]) + " of " + show(c.API) + " is made from, and not in place of the function", text
}

// parameterOf is the name under which the template has a value: the header's in
// the response parameters of an OPTIONS method.
func parameterOf(c *sam.CORS, key string) string {
	if c.ByHand {
		return "Access-Control-" + strings.Replace(key, "Allow", "Allow-", 1)
	}
	return key
}

// originKey is the name under which a template has the one origin of a REST API, with
// its place.
func originKey(c *sam.CORS) string {
	return parameterOf(c, "AllowOrigin") + at(cmp.Or(c.Places["AllowOrigin"], c.Source))
}

// originAtItsSource is where the one origin of a REST API goes, and how it is
// written there.
func originAtItsSource(c *sam.CORS, origin string) (where, text string) {
	of := originKey(c) + " of " + show(c.API)
	text, quote := origin, func(is string) string { return show(is) }
	if c.From.Quoted {
		text, quote = marshal(quotedValue(origin)), func(is string) string { return show(`"'` + is + `'"`) }
	}
	for _, other := range c.From.Others {
		switch {
		case other.Origin == origin:
			return "into the parameters of the deployment what has " + of + " make", "'" + origin + "'"
		case isMeantFor(other.Origin, origin):
			return "in place of " + quote(other.Origin) + at(other.Place) + ", which " + of + " is made from with other parameters", text
		}
	}
	switch {
	case c.From.Parameter != "":
		return "as the value of parameter " + show(c.From.Parameter) + ", which " + of + " is made from", text
	case c.From.Place != "":
		return "in place of " + quote(strings.Join(firstOf(c.AllowOrigins), ",")) + at(c.From.Place) + ", which " + of + " is made from with the parameters as they are here", text
	}
	return "into what " + of + " is made from, and not in place of the function, so that it makes", "'" + origin + "'"
}

// computedSetting is the setting for the first of the changes that is for such a
// value. It is false where there is none.
func computedSetting(c *sam.CORS, changes []any) (Setting, bool) {
	has := map[string][]string{"AllowOrigins": c.AllowOrigins, "AllowMethods": c.AllowMethods, "AllowHeaders": c.AllowHeaders, "ExposeHeaders": c.ExposeHeaders}
	for i := 0; i < len(changes); i += 2 {
		key := changes[i].(string)
		if !slices.Contains(c.Computed, key) {
			continue
		}
		var lacks []string
		for _, word := range wordsOf(changes[i+1].(*yaml.Node)) {
			if !slices.ContainsFunc(has[key], func(h string) bool { return strings.EqualFold(h, word) }) {
				lacks = append(lacks, word)
			}
		}
		if len(lacks) > 0 && key == "AllowOrigin" {
			where, text := originAtItsSource(c, lacks[0])
			return Setting{c.APIType, where, text}, true
		}
		if len(lacks) > 0 {
			where, text := atItsSource(c, key, lacks...)
			return Setting{c.APIType, where, text}, true
		}
	}
	return Setting{}, false
}

// isComputed reports whether one of the changes is for such a value.
func isComputed(c *sam.CORS, changes []any) bool {
	_, ok := computedSetting(c, changes)
	return ok
}

// wordsOf returns the words of a value that is to be written.
func wordsOf(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return strings.Split(strings.Trim(n.Value, "'"), ",")
	}
	var words []string
	for _, item := range n.Content {
		words = append(words, item.Value)
	}
	return words
}

// computed returns what goes to the source of such a value of the route's API,
// in one line, and where that is. It is false where no function makes it.
func (b *obstacle) computed(fields []wanted) (where, word string, ok bool) {
	if b.api == nil || b.api.CORS == nil {
		return "", "", false
	}
	for _, w := range fields {
		key := w.key(b.api.Type)
		if !slices.Contains(b.api.CORS.Computed, key) {
			continue
		}
		words := []string{w.value}
		switch key {
		case "AllowOrigin":
			where, word = originAtItsSource(b.api.CORS, w.value)
			return where, word, true
		case "AllowMethods":
			words = []string{b.Method}
		case "AllowHeaders":
			words = firstOf(b.Verdict.Refused)
		}
		where, word = atItsSource(b.api.CORS, key, words...)
		return where, word, true
	}
	return "", "", false
}

// settingUnknown reports whether AWS alone knows what the route's own
// API allows there, so that what is to change cannot be told.
func (b *obstacle) settingUnknown(fields []wanted) bool {
	return b.api != nil && b.api.CORS != nil && len(fields) > 0 && slices.Contains(b.api.CORS.Unresolved, fields[0].key(b.api.Type))
}

// settingRight reports whether the template has the route's own REST API allow the
// origin that is wanted, and SAM local makes another one of the same text.
func (b *obstacle) settingRight(fields []wanted) bool {
	return b.api != nil && b.api.Type == sam.REST && b.api.CORS != nil && b.SetBy == SetBySAM && len(fields) > 0 &&
		fields[0].key(b.api.Type) == "AllowOrigin" && slices.Contains(b.api.CORS.AllowOrigins, fields[0].value)
}

// key is the key of a template that a field is for.
func (w wanted) key(apiType string) string {
	property := w.rest
	if apiType == sam.HTTP {
		property = w.http
	}
	key, _, _ := strings.Cut(property, ":")
	return key
}
