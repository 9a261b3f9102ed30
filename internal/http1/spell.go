package http1

import (
	"net/http"
	"slices"
	"strings"
)

// appendFields appends h as field lines. A field that also stands in like is
// written in like's place and spelling; where h holds another number of values
// for it than like does, all of them stand at its first place. What like does
// not have follows, sorted by name. A nil value list writes nothing.
//
// Values come from h alone, so that an edit can never be undone by the
// spelling.
func appendFields(dst []byte, h http.Header, like []Field) []byte {
	if len(like) == 0 {
		return appendSorted(dst, h, nil)
	}
	// seen[key] is how many values of key like has, less those written.
	seen := make(map[string]spelling, len(like))
	for _, f := range like {
		s := seen[f.key]
		s.places++
		seen[f.key] = s
	}
	for _, f := range like {
		s := seen[f.key]
		values := h[f.key]
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
	return appendSorted(dst, h, seen)
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
	return head != nil && slices.ContainsFunc(head.Fields, func(f Field) bool { return f.key == key })
}

type spelling struct{ places, written int }

// appendSorted appends the fields of h that are not in except.
func appendSorted(dst []byte, h http.Header, except map[string]spelling) []byte {
	var buf [16]string
	keys := buf[:0]
	for k := range h {
		if _, ok := except[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		for _, v := range h[k] {
			dst = appendField(dst, k, v)
		}
	}
	return dst
}

func appendField(dst []byte, name, value string) []byte {
	if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
		return dst // a handler's mistake must not split the head
	}
	dst = append(dst, name...)
	dst = append(dst, ':', ' ')
	dst = append(dst, value...)
	return append(dst, '\r', '\n')
}
