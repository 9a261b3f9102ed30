package inspect

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

const (
	// writeTimeout is how long one page may take to read what it is sent.
	writeTimeout = 10 * time.Second
	// heartbeat is how often a stream that has nothing to say says so, to see
	// whether anybody is there.
	heartbeat = 20 * time.Second
)

// streamEvents sends changes as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html), until the
// page goes, falls behind, or the inspector ends.
func (in *Inspector) streamEvents(w http.ResponseWriter, r *http.Request) {
	reader, ok := in.ring.subscribe()
	if !ok {
		deny(w, http.StatusServiceUnavailable, fmt.Sprintf("%d pages are open already. Close some.", maxReaders))
		return
	}
	defer in.ring.unsubscribe(reader)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	send := func(b []byte) bool {
		_ = out.SetWriteDeadline(time.Now().Add(writeTimeout)) // every server here can
		if _, err := w.Write(b); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	// The page reads the list once it knows that it will miss no change.
	for ok := send([]byte("event: ready\ndata: {}\n\n")); ok; {
		select {
		case c, open := <-reader.changes:
			if !open {
				return // it fell behind
			}
			ok = send(reader.take(c))
		case <-tick.C:
			ok = send([]byte(": still here\n\n"))
		case <-r.Context().Done():
			return
		}
	}
}

func exchangeEvent(e *entry) change {
	data, err := marshal(viewListed(e)) // JSON has no line breaks
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, "event: exchange\ndata: %s\n\n", bytes.TrimSpace(data))
}

func clearedEvent(rev uint64) change {
	return fmt.Appendf(nil, "event: cleared\ndata: {\"rev\":%d}\n\n", rev)
}
