package inspect

import (
	"strings"
	"sync"
	"time"

	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// An entry is an exchange as the ring has it. It is never modified: a change
// replaces it, so that whoever has read one may use it without a lock.
type entry struct {
	proxy.Exchange
	rev      uint64 // greater than that of all that changed before
	pending  bool
	replayOf string // ID of the exchange that this one repeats
	size     int64
}

// A ring keeps the last exchanges, within bounds of number and bytes.
type ring struct {
	maxEntries int
	maxBytes   int64

	mu      sync.Mutex
	rev     uint64
	bytes   int64
	entries []*entry // in the order in which they began
	byID    map[string]*entry
	evicted uint64
	readers map[*reader]struct{}
}

func newRing(maxEntries int, maxBytes int64) *ring {
	return &ring{
		maxEntries: maxEntries, maxBytes: maxBytes,
		byID: make(map[string]*entry), readers: make(map[*reader]struct{}),
	}
}

// put adds an exchange, or replaces it where it is known by its ID.
func (r *ring) put(x proxy.Exchange, pending bool, replayOf string) *entry {
	x.Decision.Headers = nil // they stand in the request, and may be many
	e := &entry{Exchange: x, pending: pending, replayOf: replayOf, size: sizeOf(x)}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rev++
	e.rev = r.rev
	if old, ok := r.byID[x.ID]; ok {
		if replayOf == "" {
			e.replayOf = old.replayOf // its connection may have ended meanwhile
		}
		r.replace(old, e)
	} else {
		r.entries = append(r.entries, e)
	}
	r.byID[x.ID] = e
	r.bytes += e.size
	r.trim()
	if len(r.readers) > 0 {
		r.tell(exchangeEvent(e))
	}
	return e
}

func (r *ring) replace(old, e *entry) {
	r.bytes -= old.size
	// An exchange that has just begun or ended is near the end.
	for i := len(r.entries) - 1; i >= 0; i-- {
		if r.entries[i] == old {
			r.entries[i] = e
			return
		}
	}
}

// trim drops the oldest entries until what is left is within bounds. The last
// one stays, whatever its size.
func (r *ring) trim() {
	for len(r.entries) > 1 && (len(r.entries) > r.maxEntries || r.bytes > r.maxBytes) {
		old := r.entries[0]
		r.entries[0] = nil // it must not stay reachable
		r.entries = r.entries[1:]
		r.bytes -= old.size
		r.evicted++
		delete(r.byID, old.ID)
	}
}

// clear drops all entries. Exchanges that are pending come back as they end.
func (r *ring) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rev++
	r.entries, r.bytes = nil, 0
	clear(r.byID)
	r.tell(clearedEvent(r.rev))
}

// all returns the entries in the order in which they began.
func (r *ring) all() []*entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*entry(nil), r.entries...)
}

func (r *ring) get(id string) (*entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byID[id]
	return e, ok
}

// usage is what the ring holds.
type usage struct {
	entries, maxEntries int
	bytes, maxBytes     int64
	evicted             uint64
	readers             int
}

func (r *ring) usage() usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return usage{len(r.entries), r.maxEntries, r.bytes, r.maxBytes, r.evicted, len(r.readers)}
}

// related returns the exchanges that belong to e: of an actual request the
// preflight before it, of a preflight the actual requests after it. A browser
// asks with the origin, URL and method of the request that it is about to send,
// and may remember the answer for later ones (Fetch, "CORS-preflight cache").
func (r *ring) related(e *entry) (preflight *entry, actual []*entry) {
	const longest = 2 * time.Hour // Chrome remembers an answer no longer
	if e.Origin == "" {
		return nil, nil
	}
	for _, other := range r.all() {
		if other == e || other.Origin != e.Origin || other.Target != e.Target || other.Host != e.Host {
			continue
		}
		switch gap := other.Start.Sub(e.Start); {
		case isPreflight(e) && !isPreflight(other) && other.Method == askedMethod(e) && gap >= 0 && gap < longest:
			if len(actual) < maxActual {
				actual = append(actual, other)
			}
		case !isPreflight(e) && isPreflight(other) && askedMethod(other) == e.Method && gap <= 0 && gap > -longest:
			preflight = other // the last one before e
		}
	}
	return preflight, actual
}

// maxActual is how many actual requests are named beside their preflight.
const maxActual = 20

func isPreflight(e *entry) bool {
	return e.Method == "OPTIONS" && e.Origin != "" && askedMethod(e) != ""
}

// askedMethod returns the method that a preflight asks for.
func askedMethod(e *entry) string {
	if e.Decision.Kind == policy.Preflight {
		return e.Decision.Method
	}
	if e.Method != "OPTIONS" {
		return ""
	}
	return fieldOf(requestOf(e), "Access-Control-Request-Method")
}

// requestOf returns the recorded request of e, or none.
func requestOf(e *entry) proxy.Message {
	if e.Record == nil {
		return proxy.Message{}
	}
	return e.Record.Request
}

// fieldOf returns the first value of a field.
func fieldOf(m proxy.Message, name string) string {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}
