package inspect

import (
	"net/textproto"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/proxy"
)

// A setter is who set a field of an answer.
type setter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	By    string `json:"by"`  // a [diagnosis.Setter], or removed
	Was   string `json:"was"` // what the upstream had set, where corsproxy changed it
}

// removed stands for who set a field of the upstream's that corsproxy has taken
// away.
const removed = "removed"

// setters says of each field that bears on CORS who set it, and which of the
// upstream's are gone.
func setters(e *entry, hide redactor) []setter {
	out := []setter{}
	if e.Record == nil || e.pending {
		return out
	}
	upstream, answer := headerOf(e.Record.Upstream), headerOf(e.Record.Answer)
	for _, f := range e.Record.Answer.Fields {
		if !bearsOnCORS(f.Name) {
			continue
		}
		was := upstream.Values(f.Name)
		s := setter{Name: f.Name, Value: hide.value(f.Name, f.Value), By: string(setBy(e, f, was))}
		if !slices.Contains(was, f.Value) {
			s.Was = hide.value(f.Name, strings.Join(was, ", "))
		}
		out = append(out, s)
	}
	for _, f := range e.Record.Upstream.Fields {
		if bearsOnCORS(f.Name) && len(answer.Values(f.Name)) == 0 {
			out = append(out, setter{Name: f.Name, By: removed, Was: hide.value(f.Name, f.Value)})
		}
	}
	return out
}

// setBy returns who set a field that has the values was in the upstream's
// answer.
func setBy(e *entry, f proxy.Field, was []string) diagnosis.Setter {
	if e.Verdict != nil {
		if by, ok := e.Verdict.SetBy[textproto.CanonicalMIMEHeaderKey(f.Name)]; ok {
			return by
		}
	}
	if slices.Contains(was, f.Value) && !e.Answered && !e.Replaced {
		return diagnosis.SetByUpstream
	}
	return diagnosis.SetByCorsproxy
}

// bearsOnCORS reports whether a field of an answer takes part in CORS, or tells
// caches that it does.
func bearsOnCORS(name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "vary", "allow", "timing-allow-origin", "cross-origin-resource-policy", "corsproxy-diagnosis":
		return true
	}
	return strings.HasPrefix(lower, "access-control-")
}
