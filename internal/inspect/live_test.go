package inspect_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/proxy"
)

// events reads the stream of events.
type events struct {
	testing.TB
	resp *http.Response
	br   *bufio.Reader
}

// follow opens the stream and waits until it is ready.
func (b *bench) follow() *events {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r, err := http.NewRequestWithContext(ctx, "GET", b.url+"/api/events", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Corsproxy-Inspector", b.token)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cancel(); _ = resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream" {
		b.Fatalf("answered %d, %q", resp.StatusCode, got)
	}
	e := &events{b, resp, bufio.NewReader(resp.Body)}
	if name, _ := e.next(); name != "ready" {
		b.Fatalf("the first event is %q", name)
	}
	return e
}

// next returns the next event.
func (e *events) next() (name, data string) {
	e.Helper()
	for {
		line, err := e.br.ReadString('\n')
		if err != nil {
			e.Fatalf("the stream ended: %v", err)
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" && name != "" {
			return name, data
		}
		if v, ok := strings.CutPrefix(line, "event: "); ok {
			name = v
		} else if v, ok := strings.CutPrefix(line, "data: "); ok {
			data = v
		}
	}
}

func (e *events) row() (r row) {
	e.Helper()
	name, data := e.next()
	if name != "exchange" {
		e.Fatalf("event %q, want exchange", name)
	}
	if err := json.Unmarshal([]byte(data), &r); err != nil {
		e.Fatal(err)
	}
	return r
}

func TestEventsAsTheyHappen(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		<-release
		fmt.Fprint(w, "ok")
	})
	one, two := b.follow(), b.follow()
	done := make(chan struct{})
	go func() {
		defer close(done)
		resp, err := http.Get(b.proxyURL + "/slow")
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	begun := one.row()
	if !begun.Pending || begun.Target != "/slow" || begun.Status != 0 {
		t.Errorf("began as %+v", begun)
	}
	if d := call[detail](b, "GET", "exchanges/"+begun.ID); !d.Pending || d.Replay == "" || d.Answer != nil {
		t.Errorf("while it runs it is %+v", d)
	}
	close(release)
	<-done
	ended := one.row()
	if ended.Pending || ended.ID != begun.ID || ended.Status != 200 || ended.Rev <= begun.Rev {
		t.Errorf("ended as %+v", ended)
	}
	if two.row() != begun || two.row() != ended {
		t.Error("the other page saw something else")
	}
	call[struct{}](b, "POST", "clear")
	if name, _ := one.next(); name != "cleared" {
		t.Errorf("event %q, want cleared", name)
	}
	if rows := call[[]row](b, "GET", "exchanges"); len(rows) != 0 {
		t.Errorf("afterwards there are %+v", rows)
	}
}

func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	e := b.follow()
	b.Shutdown()
	if _, err := io.ReadAll(e.br); errors.Is(err, context.DeadlineExceeded) {
		t.Error("the stream goes on")
	}
}

// TestListIsShort has a target of nearly a megabyte in full in the detail alone.
func TestListIsShort(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	stream := b.follow()
	x := exchange("id", "?a="+strings.Repeat("é", 450_000))
	x.Origin = "http://" + strings.Repeat("<", 900_000)
	b.Observe(x)
	_, event := stream.next()
	list := b.get("/api/exchanges", b.token).body
	for name, got := range map[string]string{"the list": list, "the event": event} {
		if len(got) > 4<<10 || !strings.Contains(got, "éé…\"") {
			t.Errorf("%s has %d bytes: %.3000s", name, len(got), got)
		}
	}
	if d := call[detail](b, "GET", "exchanges/id"); d.Target != x.Target {
		t.Errorf("the detail has %d bytes of the target, want %d", len(d.Target), len(x.Target))
	}
}

func TestPagesAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	for range 64 {
		b.follow()
	}
	if a := b.get("/api/events", b.token); a.status != http.StatusServiceUnavailable {
		t.Errorf("one more is answered with %d", a.status)
	}
}

func exchange(id, target string) proxy.Exchange {
	return proxy.Exchange{ID: id, Start: time.Now(), Method: "GET", Target: "/" + target, Status: 200, Record: &proxy.Record{
		Answer: proxy.Message{Line: "HTTP/1.1 200 OK", Body: proxy.Body{Data: make([]byte, 1000), Size: 1000, Whole: true}},
	}}
}

func TestRingIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		exchanges int
		bytes     int64
		most      int
		exchange  func(id, target string) proxy.Exchange
	}{
		{"by number", 10, 1 << 30, 10, nil},
		{"by bytes", 1000, 51_000, 10, nil},
		{"one that is too large alone", 1000, 1, 1, nil},
		{"by the names that preflights ask for", 1000, 1 << 20, 6, func(id, target string) proxy.Exchange {
			x := exchange(id, target)
			x.Record.Request.Fields = []proxy.Field{{Name: "access-control-request-headers", Value: strings.Repeat("a,", 10_000)}}
			x.Verdict = &proxy.Verdict{} // 160 kB of strings
			return x
		}},
	} {
		b := newBench(t, echo, func(config *inspect.Config) { config.Exchanges, config.Bytes = c.exchanges, c.bytes })
		makeOne := c.exchange
		if makeOne == nil {
			makeOne = exchange
		}
		for i := range 50 {
			b.Begin(makeOne(fmt.Sprint("id", i), ""))
			b.Observe(makeOne(fmt.Sprint("id", i), ""))
		}
		rows := call[[]row](b, "GET", "exchanges")
		if len(rows) > c.most || len(rows) < 1 || rows[len(rows)-1].ID != "id49" {
			t.Errorf("%s: %d are kept, want at most %d", c.name, len(rows), c.most)
		}
		if a := b.get("/api/exchanges/id0", b.token); a.status != http.StatusNotFound {
			t.Errorf("%s: the first is answered with %d", c.name, a.status)
		}
	}
}
