package http1

import (
	"net/http"
	"slices"
	"strings"
)

// An override is a field whose values stand in place of a header's own; no
// values leave it out.
type override struct {
	key    string
	values []string
}

// A fieldList is what is written: the fields of a header, with overrides.
type fieldList struct {
	header    http.Header
	overrides []override // a few
}

func (l fieldList) values(key string) []string {
	for _, o := range l.overrides {
		if o.key == key {
			return o.values
		}
	}
	return l.header[key]
}

// appendFields appends h as field lines. A field that also stands in like is
// written in like's place and spelling; where h holds another number of values
// for it than like does, all of them stand at its first place. What like does
// not have follows, sorted by name. A nil value list writes nothing.
//
// Values come from h and the overrides alone, so that an edit can never be
// undone by the spelling.
func appendFields(dst []byte, h http.Header, like []Field, overrides ...override) []byte {
	l := fieldList{h, overrides}
	if len(like) > fewFields || repeats(like) {
		return l.appendRepeated(dst, like)
	}
	for _, f := range like {
		for _, v := range l.values(f.key) {
			dst = appendField(dst, f.Name, v)
		}
	}
	return l.appendOthers(dst, func(key string) bool { return hasKey(like, key) })
}

// fewFields is how many fields are compared with each other rather than
// counted in a map.
const fewFields = 32

func hasKey(fields []Field, key string) bool {
	return slices.ContainsFunc(fields, func(f Field) bool { return f.key == key })
}

// repeats reports whether one of a few fields stands there twice.
func repeats(fields []Field) bool {
	for i, f := range fields {
		if hasKey(fields[:i], f.key) {
			return true
		}
	}
	return false
}

// appendRepeated is appendFields for any like.
func (l fieldList) appendRepeated(dst []byte, like []Field) []byte {
	type spelling struct{ places, written int }
	seen := make(map[string]spelling, len(like))
	for _, f := range like {
		s := seen[f.key]
		s.places++
		seen[f.key] = s
	}
	for _, f := range like {
		s := seen[f.key]
		values := l.values(f.key)
		switch {
		case s.places == len(values):
			dst = appendField(dst, f.Name, values[s.written])
		case s.written == 0:
			for _, v := range values {
				dst = appendField(dst, f.Name, v)
			}
		}
		s.written++
		seen[f.key] = s
	}
	return l.appendOthers(dst, func(key string) bool { _, ok := seen[key]; return ok })
}

// Written returns the fields of h in the order and spelling in which they are
// written where their sender spelled them as in like, which may be nil.
func Written(h http.Header, like *Head) []Field {
	var spelled []Field
	if like != nil {
		spelled = like.Fields
	}
	// What was written can be read.
	fields, _ := lenient.parseFields(string(appendFields(nil, h, spelled)))
	return fields
}

// hasField reports whether head, which may be nil, has a field of this key.
func hasField(head *Head, key string) bool {
	return head != nil && hasKey(head.Fields, key)
}

// appendOthers appends the fields that are not written, sorted.
func (l fieldList) appendOthers(dst []byte, written func(key string) bool) []byte {
	var buf [16]override
	others := buf[:0]
	for _, o := range l.overrides {
		if len(o.values) > 0 && !written(o.key) {
			others = append(others, o)
		}
	}
	overridden := func(key string) bool {
		return slices.ContainsFunc(l.overrides, func(o override) bool { return o.key == key })
	}
	for key, values := range l.header {
		if !written(key) && !overridden(key) {
			others = append(others, override{key, values})
		}
	}
	slices.SortFunc(others, func(a, b override) int { return strings.Compare(a.key, b.key) })
	for _, o := range others {
		for _, v := range o.values {
			dst = appendField(dst, o.key, v)
		}
	}
	return dst
}

func appendField(dst []byte, name, value string) []byte {
	if !isToken(name) || splits(value) {
		return dst // a handler's mistake must not split the head
	}
	dst = append(dst, name...)
	dst = append(dst, ':', ' ')
	dst = append(dst, value...)
	return append(dst, '\r', '\n')
}

// splits reports whether value would end its field line.
func splits(value string) bool {
	for i := range len(value) {
		if c := value[i]; c <= '\r' && (c == '\r' || c == '\n' || c == 0) { // few are that small
			return true
		}
	}
	return false
}
