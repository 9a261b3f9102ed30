package redact

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// An edit has text in place of what lies from start to before end.
type edit struct {
	start, end int
	text       string
}

// apply returns s with its edits, of which those that overlap one that begins
// before them, or that stands before them in the list, are left out.
func apply(s string, edits []edit) string {
	if len(edits) == 0 {
		return s
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var b strings.Builder
	done := 0
	for _, e := range edits {
		if e.start < done {
			continue
		}
		b.WriteString(s[done:e.start])
		b.WriteString(e.text)
		done = e.end
	}
	return b.String() + s[done:]
}

// A view is a text with what is percent-encoded in it decoded. What is found
// there can be replaced in the text itself, of which the rest stays as it is.
type view struct {
	text   string
	places []int // where each byte of text, and its end, is in the text itself; nil: at the same place
}

// decoded returns v with escapes decoded: those that stand in it, or also those
// that stand encoded, so often as it may be.
func (v view) decoded(often bool) view {
	if !strings.Contains(v.text, "%") {
		return v
	}
	b := make([]byte, 0, len(v.text))
	places := make([]int, 0, len(v.text)+1)
	for i := 0; i < len(v.text); {
		c, length := v.text[i], 1
		if c == '%' {
			at := i + 1
			for often && strings.HasPrefix(v.text[at:], "25") && isEscape(v.text[at+2:]) {
				at += 2
			}
			if isEscape(v.text[at:]) {
				n, _ := strconv.ParseUint(v.text[at:at+2], 16, 8)
				c, length = byte(n), at+2-i
			}
		}
		b, places = append(b, c), append(places, v.place(i))
		i += length
	}
	return view{string(b), append(places, v.place(len(v.text)))}
}

// isEscape reports whether s begins with two hexadecimal digits.
func isEscape(s string) bool {
	const digits = "0123456789abcdefABCDEF"
	return len(s) >= 2 && strings.IndexByte(digits, s[0]) >= 0 && strings.IndexByte(digits, s[1]) >= 0
}

func (v view) place(i int) int {
	if v.places == nil {
		return i
	}
	return v.places[i]
}

// apply makes edits of v in s, the text itself. Their own text is encoded as
// often as s is.
func (v view) apply(s string, level int, edits []edit) string {
	for i, e := range edits {
		for range level {
			e.text = url.QueryEscape(e.text)
		}
		edits[i] = edit{v.place(e.start), v.place(e.end), e.text}
	}
	return apply(s, edits)
}
