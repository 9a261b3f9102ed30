package inspect

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// Who sets a field of an answer.
const (
	byUpstream = "upstream" // the function or SAM local: without a template nobody can tell
	byFunction = "function"
	bySAMLocal = "SAM local"
	byProxy    = "corsproxy"
	byNobody   = "removed" // the upstream's field, which corsproxy has taken away
)

// A setter is who set a field of an answer.
type setter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	By    string `json:"by"`
	Was   string `json:"was"` // what the upstream had set, where corsproxy replaced it
}

// setters says of each field that bears on CORS who set it, and which of the
// upstream's are gone.
func setters(e *entry, known *ruleBook, hide redactor) []setter {
	out := []setter{}
	if e.Record == nil || e.pending {
		return out
	}
	upstream, answer := headerOf(e.Record.Upstream), headerOf(e.Record.Answer)
	local := localFields(e, known)
	for _, f := range e.Record.Answer.Fields {
		if !bearsOnCORS(f.Name) {
			continue
		}
		s := setter{Name: f.Name, Value: hide.value(f.Name, f.Value), By: byProxy}
		was := upstream.Values(f.Name)
		switch {
		case slices.Contains(was, f.Value) && !e.Answered && !e.Replaced:
			s.By = upstreamSetter(f.Name, f.Value, local)
		case len(was) > 0:
			s.Was = strings.Join(was, ", ")
		}
		out = append(out, s)
	}
	for _, f := range e.Record.Upstream.Fields {
		if bearsOnCORS(f.Name) && len(answer.Values(f.Name)) == 0 {
			out = append(out, setter{Name: f.Name, By: byNobody, Was: f.Value})
		}
	}
	return out
}

// localFields returns the fields that SAM local puts on the answer, in place of
// the function's; nil where no template tells.
func localFields(e *entry, known *ruleBook) http.Header {
	if known.app() == nil {
		return nil
	}
	raw, _, _ := strings.Cut(e.Target, "?")
	route, cors, ok := known.localCORS(e.Method, pathpattern.Decode(raw))
	if !ok || cors == nil {
		return http.Header{}
	}
	return localHeader(cors, route, e.Origin)
}

// upstreamSetter tells the function from SAM local, which overwrites it.
func upstreamSetter(name, value string, local http.Header) string {
	switch {
	case local == nil:
		return byUpstream
	case slices.Contains(local.Values(name), value):
		return bySAMLocal
	}
	return byFunction
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
