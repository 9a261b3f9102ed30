package policy

import (
	"net/http"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/memo"
)

// A memory holds answers to preflights, and what origins are granted otherwise.
// Pages ask the same few things over and over, and a policy never changes, so
// each needs to be thought about once.
//
// What is remembered is copied: a field of a request may be a part of the whole
// head, which would stay in memory with it.
type memory struct {
	answers memo.Table[preflightKey, *remembered]
	grants  memo.Table[string, http.Header] // by origin
}

// maxKey is how many bytes of a request are remembered.
const maxKey = 512

// A preflightKey is all of a preflight that its answer depends on.
type preflightKey struct{ origin, method, headers, privateNetwork string }

// A remembered is an answer. Its values are shared by all who get it, and have
// no room to be appended to.
type remembered struct {
	decision Decision
	status   int
	header   http.Header
}

// keyOf returns the key of a preflight. It is false for another request, and
// for a preflight that no browser sends.
func keyOf(r *http.Request) (k preflightKey, ok bool) {
	if r.Method != http.MethodOptions {
		return k, false
	}
	for _, f := range [...]struct {
		value *string
		name  string
	}{{&k.origin, "Origin"}, {&k.method, acrm}, {&k.headers, acrh}, {&k.privateNetwork, acrpn}} {
		switch lines := r.Header[f.name]; {
		case len(lines) == 1:
			*f.value = lines[0]
		case len(lines) > 1:
			return k, false
		}
	}
	size := len(k.origin) + len(k.method) + len(k.headers) + len(k.privateNetwork)
	return k, k.origin != "" && k.method != "" && size <= maxKey
}

// recall sets the remembered fields in h, and returns what is remembered of k.
func (m *memory) recall(k preflightKey, h http.Header) (Decision, int, bool) {
	a, ok := m.answers.Get(k)
	if !ok {
		return Decision{}, 0, false
	}
	for name, values := range a.header {
		h[name] = values
	}
	return a.decision, a.status, true
}

// remember notes the answer to k: the fields of h, which had none before.
func (m *memory) remember(k preflightKey, h http.Header, d Decision, status int) {
	k = preflightKey{strings.Clone(k.origin), strings.Clone(k.method), strings.Clone(k.headers), strings.Clone(k.privateNetwork)}
	d.Origin, d.Method, d.Headers, d.Offender = k.origin, k.method, cloned(d.Headers), strings.Clone(d.Offender)
	m.answers.Put(k, &remembered{decision: d, status: status, header: clonedHeader(h)})
}

// granted returns what an origin is granted, which must not be changed. What is
// not remembered is asked for.
func (m *memory) granted(origin string, ask func() http.Header) http.Header {
	if h, ok := m.grants.Get(origin); ok {
		return h
	}
	h := ask()
	if len(origin) <= maxKey {
		m.grants.Put(strings.Clone(origin), clonedHeader(h))
	}
	return h
}

// clonedHeader returns a copy of h, whose values have no room to be appended to.
func clonedHeader(h http.Header) http.Header {
	own := make(http.Header, len(h))
	for name, values := range h {
		own[name] = cloned(values)
	}
	return own
}

func cloned(values []string) []string {
	own := slices.Clip(slices.Clone(values))
	for i, v := range own {
		if len(v) <= maxKey { // what is longer is the policy's, and shared
			own[i] = strings.Clone(v)
		}
	}
	return own
}
