package inspect_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A stalled is a page that reads nothing of what is written to it.
type stalled struct {
	*httptest.ResponseRecorder
	begin  func() // at the first byte
	resume chan struct{}
	ended  chan struct{} // closed when the stream has ended
}

// stall opens the stream of events for a page that reads nothing until resume is
// closed, or the test ends.
func (b *bench) stall() *stalled {
	b.Helper()
	began := make(chan struct{})
	s := &stalled{
		ResponseRecorder: httptest.NewRecorder(), begin: sync.OnceFunc(func() { close(began) }),
		resume: make(chan struct{}), ended: make(chan struct{}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, b.url+"/api/events", nil)
	r.Header.Set("X-Corsproxy-Inspector", b.token)
	go func() {
		defer close(s.ended)
		b.ServeHTTP(s, r)
	}()
	b.Cleanup(func() {
		cancel()
		select {
		case <-s.resume:
		default:
			close(s.resume)
		}
		<-s.ended
	})
	<-began
	return s
}

func (s *stalled) Write(p []byte) (int, error) {
	s.begin()
	<-s.resume
	return len(p), nil
}

func (s *stalled) SetWriteDeadline(time.Time) error { return nil }

// pages returns how many pages the inspector has open.
func (b *bench) pages() (n int) {
	b.Helper()
	_, rest, _ := strings.Cut(b.get("/metrics", "").body, "\ncorsproxy_inspector_pages ")
	if _, err := fmt.Sscan(rest, &n); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestSlowReadersAreDropped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		target string // of each exchange
		most   int    // changes before it is dropped
	}{
		"by number": {"", 513},
		"by bytes":  {strings.Repeat("x", 4000), 1 << 20 / (2 << 10)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, echo)
			slow, quick := b.stall(), b.follow()
			for i := range c.most {
				if i == 100 && b.pages() != 2 {
					t.Error("the slow one was dropped after 100 changes")
				}
				b.Observe(exchange(fmt.Sprint("id", i), c.target))
				if got := quick.row(); got.ID != fmt.Sprint("id", i) {
					t.Fatalf("the quick one got %s, want %d", got.ID, i)
				}
			}
			if n := b.pages(); n != 1 {
				t.Errorf("after %d changes %d pages are open, want the quick one", c.most, n)
			}
			close(slow.resume)
			<-slow.ended
		})
	}
}
