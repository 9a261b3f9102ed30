package tree

import (
	"strconv"
	"strings"

	"github.com/corsproxy/corsproxy/internal/printable"
)

// maxInline bounds what is written in one line, in bytes. More is nothing to
// read there.
const maxInline = 1000

// Inline writes v as YAML in one line, with CloudFormation's functions in their
// short form. It is false where that is too long or cannot be, and … stands in
// its place.
func (v *Value) Inline() (string, bool) {
	var b strings.Builder
	if !v.inline(&b, false) || b.Len() > maxInline {
		return "…", false
	}
	return b.String(), true
}

// inline writes v. Two tags never stand in a row: after one, a function is a
// map.
func (v *Value) inline(b *strings.Builder, tagged bool) bool {
	if b.Len() > maxInline {
		return false
	}
	switch {
	case v.Is(String):
		s, _ := v.Str()
		b.WriteString(strconv.Quote(s))
		return true
	case v.Is(Bool):
		b.WriteString(strconv.FormatBool(v.IsTrue()))
		return true
	case v.Is(Int):
		b.WriteString(v.Text())
		return true
	case v.Is(List):
		return v.inlineList(b)
	case v.Is(Map):
		return v.inlineMap(b, tagged)
	}
	return false
}

func (v *Value) inlineList(b *strings.Builder) bool {
	b.WriteByte('[')
	for i, item := range v.Items() {
		if i > 0 {
			b.WriteString(", ")
		}
		if !item.inline(b, false) {
			return false
		}
	}
	b.WriteByte(']')
	return true
}

func (v *Value) inlineMap(b *strings.Builder, tagged bool) bool {
	if entries := v.Entries(); len(entries) == 1 && !tagged {
		arg := entries[0].Value
		switch name, short := strings.CutPrefix(entries[0].Name(), "Fn::"); {
		case !short && name == "Ref":
			if id, ok := arg.Str(); ok {
				b.WriteString("!Ref " + printable.Line(id))
				return true
			}
		case short && name == "If" && arg.Len() == 3 && arg.Items() != nil:
			b.WriteString("!If [" + printable.Line(arg.Items()[0].Text()))
			for _, branch := range arg.Items()[1:] {
				b.WriteString(", ")
				if !branch.inline(b, false) {
					return false
				}
			}
			b.WriteByte(']')
			return true
		case short:
			b.WriteString("!" + name + " ")
			return arg.inline(b, true)
		}
	}
	b.WriteByte('{')
	for i, e := range v.Entries() {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(inlineKey(e.Key.Text()) + ": ")
		if !e.Value.inline(b, false) {
			return false
		}
	}
	b.WriteByte('}')
	return true
}

// inlineKey writes a key, in quotes unless it is a word.
func inlineKey(key string) string {
	if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && key != "" {
		return key
	}
	return strconv.Quote(key)
}
