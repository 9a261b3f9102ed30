package proxy

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// A loop sees requests that come back. One that comes straight back is told by
// its connection. For one that others send here again, a field would have to go
// with every request; such a loop soon has many under way, and then a field goes
// with some of them.
type loop struct {
	waiting atomic.Int64 // requests without a final response's head
	via     string       // the field's value, of this proxy alone
}

const (
	// crowd is how many requests wait at once where one may be going round. SAM
	// local answers a few at a time, and a browser sends six.
	crowd = 128

	// every which of them carries the field then.
	everyWhich = 16
)

func newLoop() loop {
	return loop{via: "1.1 corsproxy-" + strconv.FormatUint(rand.Uint64(), 36)}
}

// begin counts a request that waits for its response until end is called, and
// marks it where many do (RFC 9110, section 7.6.3).
func (l *loop) begin(h http.Header) {
	if n := l.waiting.Add(1); n > crowd && n%everyWhich == 0 {
		h["Via"] = append(slices.Clip(h["Via"]), l.via)
	}
}

func (l *loop) end() { l.waiting.Add(-1) }

// isMarked reports whether a header has this proxy's mark, on a line of its own or
// in a list that others have made of it.
func (l *loop) isMarked(h http.Header) bool {
	return slices.ContainsFunc(h["Via"], func(line string) bool { return strings.Contains(line, l.via) })
}

// isLoop reports whether r is one of this proxy's own requests.
func (p *Proxy) isLoop(r *http.Request) bool {
	t, ok := p.upstream.Load().transport.(*http1.Transport)
	return ok && t.OwnsRequest(r) || p.loop.isMarked(r.Header)
}
