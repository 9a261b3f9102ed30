package check

import (
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/sam/tree"
)

// How many texts a function is followed to, and how long each may be. Of one that
// makes more nothing is known: it is no origin.
const (
	mostMade    = 32
	longestMade = 1000
)

// made returns the texts that a value makes: one for each way that conditions and
// mappings leave open, with ${…} in place of what only parameters and AWS know.
// Each stands where it is written, or where the function is that makes it.
func made(template, v *tree.Value) []origin {
	text, isText := v.Str()
	branches, parts := v.Get("Fn::If").Items(), v.Get("Fn::Join").Items()
	switch {
	case isText:
		return []origin{{text: text, pos: v.Pos(), entry: true}}
	case v == nil, isNoValue(v):
		return nil
	case v.Is(tree.List):
		var all []origin
		for _, item := range v.Items() {
			all = append(all, made(template, item)...)
		}
		return all
	case len(branches) == 3:
		return append(made(template, branches[1]), made(template, branches[2])...)
	case v.Get("Fn::Sub") != nil:
		return madeBySub(template, v)
	case len(parts) == 2 && parts[0].Is(tree.String) && parts[1].Is(tree.List):
		delimiter, _ := parts[0].Str()
		all := []origin{{pos: v.Pos()}}
		for i, item := range parts[1].Items() {
			if i > 0 {
				all = followed(all, []origin{{text: delimiter}})
			}
			all = followed(all, made(template, item))
		}
		return all
	case v.Get("Fn::FindInMap") != nil:
		return madeByMap(template, v)
	}
	name, isName := v.Get("Ref").Str()
	if !isName {
		name = "…"
	}
	return []origin{{text: "${" + name + "}", pos: v.Pos()}}
}

// followed puts each of some texts behind each of others.
func followed(before, next []origin) []origin {
	if len(before)*len(next) > mostMade {
		return nil
	}
	var all []origin
	for _, b := range before {
		for _, n := range next {
			if len(b.text)+len(n.text) > longestMade {
				return nil
			}
			all = append(all, origin{text: b.text + n.text, pos: b.pos})
		}
	}
	return all
}

func madeBySub(template, v *tree.Value) []origin {
	sub := v.Get("Fn::Sub")
	text, isText := sub.Str()
	var own *tree.Value
	if items := sub.Items(); len(items) == 2 {
		own = items[1]
		text, isText = items[0].Str()
	}
	if !isText || strings.Contains(text, "${!") {
		return nil
	}
	all, end := []origin{{pos: v.Pos()}}, 0
	for _, m := range variable.FindAllStringSubmatchIndex(text, -1) {
		all = followed(all, []origin{{text: text[end:m[0]]}})
		if value := own.Get(text[m[2]:m[3]]); value != nil {
			all = followed(all, made(template, value))
		} else {
			all = followed(all, []origin{{text: text[m[0]:m[1]]}})
		}
		end = m[1]
	}
	return followed(all, []origin{{text: text[end:]}})
}

// madeByMap returns what a mapping has, of all keys where a function makes the key.
func madeByMap(template, v *tree.Value) []origin {
	args := v.Get("Fn::FindInMap").Items()
	if len(args) != 3 {
		return nil
	}
	name, _ := args[0].Str()
	var all []origin
	for _, first := range template.Get("Mappings").Get(name).Entries() {
		for _, second := range first.Value.Entries() {
			if !isKey(args[1], first) || !isKey(args[2], second) {
				continue
			}
			for _, o := range made(template, second.Value) {
				if o.mapping = name; second.Value.Is(tree.String) {
					o.key = second.Name()
				}
				all = append(all, o)
			}
		}
	}
	return all
}

// isKey reports whether a key may be what is looked for.
func isKey(wanted *tree.Value, e tree.Entry) bool {
	return !wanted.Is(tree.String) || wanted.EqualsString(e.Name())
}

// partFault says what is wrong with an origin whatever stands for ${…} in it, and
// how it is without that.
func partFault(text string) (fault, right string) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	}
	host, path, hasPath := strings.Cut(rest, "/")
	if ok {
		host = scheme + "://" + host
	}
	switch {
	case !hasPath || strings.ContainsAny(text, "',* ") || !ok && !strings.HasPrefix(text, "${"):
		return "", ""
	case path == "":
		return "ends with a slash", host
	}
	return "has a path", host
}

// A share is what a parameter gives to an origin, and what it is to give.
type share struct{ parameter, value, right string }

// shareIn returns the share of the one parameter that makes an origin of a policy
// what it is. It is false where no parameter does, or it cannot be told which.
func (p *policy) shareIn(o origin) (share, bool) {
	v, parameters := p.settings["AllowOrigin"].written, p.api.stack.Template.Get("Parameters")
	if i := slices.IndexFunc(v.Items(), func(item *tree.Value) bool { return item.Pos() == o.pos }); i >= 0 {
		v = v.Items()[i]
	}
	text, wanted := o.text, rightOrigin(o.text)
	if p.quoted() {
		text, wanted = "'"+text+"'", "'"+wanted+"'"
	}
	var all []share
	for _, m := range made(p.api.stack.Template, v) {
		if m.text == text {
			return share{}, false // which nothing else makes
		}
		names := variable.FindAllStringSubmatch(m.text, -1)
		if len(names) != 1 || !parameters.Has(names[0][1]) {
			continue
		}
		before, after, _ := strings.Cut(m.text, names[0][0])
		value, ok := between(text, before, after)
		right, isRight := between(wanted, before, after)
		if ok && isRight && value != right {
			all = append(all, share{names[0][1], value, right})
		}
	}
	if len(all) > 1 {
		all = slices.DeleteFunc(all, func(s share) bool { return !parameters.Get(s.parameter).Get("Default").EqualsString(s.value) })
	}
	if len(all) != 1 {
		return share{}, false
	}
	return all[0], true
}

// between returns what stands between two parts of a text.
func between(text, before, after string) (string, bool) {
	rest, begins := strings.CutPrefix(text, before)
	rest, ends := strings.CutSuffix(rest, after)
	return rest, begins && ends
}
