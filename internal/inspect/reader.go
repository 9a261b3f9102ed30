package inspect

import (
	"slices"
	"sync/atomic"
)

// A change is what subscribers are told of, as an event. It holds no entry, which
// a reader that is slow would keep in memory after it was evicted.
type change []byte

// A reader is told of changes. One that does not keep up is dropped: its
// channel is closed, and it may come back and begin again.
//
// All readers get the same bytes, so many that have stopped reading hold no more
// than one does.
type reader struct {
	changes chan change
	waiting atomic.Int64 // bytes of changes
}

// maxReaders is how many pages may be open at once, maxBehind and maxBytesBehind
// how far one may fall behind.
const (
	maxReaders     = 64
	maxBehind      = 512
	maxBytesBehind = 1 << 20
)

func newReader() *reader { return &reader{changes: make(chan change, maxBehind)} }

// offer is false where the reader is too far behind.
func (s *reader) offer(c change) bool {
	if s.waiting.Add(int64(len(c))) > maxBytesBehind {
		return false
	}
	select {
	case s.changes <- c:
		return true
	default:
		return false
	}
}

// drop ends the reader. What waits for it is let go, since it may not come for it
// soon.
func (s *reader) drop() {
	close(s.changes)
	for range s.changes {
	}
}

// take returns the change c, which came from changes, and those that wait behind
// it, as far as one write goes.
func (s *reader) take(c change) []byte {
	const most = 32 << 10 // bytes: each page may have so many on their way
	out := slices.Clip(c)
	s.waiting.Add(-int64(len(c)))
	for len(out) < most {
		select {
		case next, open := <-s.changes:
			if !open {
				return out
			}
			s.waiting.Add(-int64(len(next)))
			out = append(out, next...)
		default:
			return out
		}
	}
	return out
}

// subscribe is false where there are too many readers.
func (r *ring) subscribe() (*reader, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.readers) >= maxReaders {
		return nil, false
	}
	s := newReader()
	r.readers[s] = struct{}{}
	return s, true
}

func (r *ring) unsubscribe(s *reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.readers, s)
}

func (r *ring) tell(c change) {
	for s := range r.readers {
		if !s.offer(c) {
			s.drop()
			delete(r.readers, s)
		}
	}
}
