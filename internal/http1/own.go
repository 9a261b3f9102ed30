package http1

import "strings"

// own lets raw go where much of it is not in the head that was read from it: what
// is kept of a head, in a log or for the inspector, would keep all of raw in memory,
// and the rest may be white space, or what came after a mistake.
func (h *Head) own(raw string) {
	const little = 8 << 10 // bytes that are not worth the trouble
	kept := len(h.Line)
	for _, f := range h.Fields {
		kept += len(f.Name) + len(f.Value)
	}
	if wasted := len(raw) - kept; wasted < little || wasted < len(raw)/4 {
		return
	}
	var text strings.Builder
	text.Grow(kept)
	text.WriteString(h.Line)
	for _, f := range h.Fields {
		text.WriteString(f.Name)
		text.WriteString(f.Value)
	}
	rest := text.String()
	next := func(s string) (own string) {
		own, rest = rest[:len(s)], rest[len(s):]
		return own
	}
	h.Line = next(h.Line)
	for i := range h.Fields {
		f := &h.Fields[i]
		canonical := f.key == f.Name
		f.Name, f.Value = next(f.Name), next(f.Value)
		if canonical {
			f.key = f.Name
		}
	}
}
