package http1_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

const (
	kept       = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 2\r\n\r\nok"
	gaveUp     = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlate"
	gaveUpOpen = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\n\r\nlate"
)

// TestUnaskedTimeout has the upstream give up waiting just as a kept connection
// is used again: after it has been looked at, and before the request is sent.
func TestUnaskedTimeout(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what the other side has not acknowledged: elsewhere the 408 is passed on")
	}
	for _, c := range []struct {
		method, body string
		says         string
		status       int
		requests     int32 // that the upstream reads
	}{
		{"GET", "", gaveUp, 200, 2},
		{"DELETE", "", gaveUp, 200, 2},
		{"GET", "", gaveUpOpen, 408, 1}, // it may read on
		{"POST", "", gaveUp, 408, 1},
		{"PUT", "body", gaveUp, 408, 1},
	} {
		t.Run(c.method+c.body, func(t *testing.T) {
			t.Parallel()
			u := newQuitter(t)
			tr := &http1.Transport{Upstream: u.url}
			defer tr.CloseIdleConnections()
			ask(t, tr, context.Background(), "GET", "")
			// A request's context is asked for its end between the two.
			ctx := &hooked{Context: context.Background(), hook: func() { u.say <- c.says; <-u.said }}
			if got := ask(t, tr, ctx, c.method, c.body); got != c.status {
				t.Errorf("answered %d, want %d", got, c.status)
			}
			if n := u.requests.Load(); n != c.requests {
				t.Errorf("the upstream has read %d requests, want %d", n, c.requests)
			}
		})
	}
}

// TestTimeoutThatIsAnAnswer is passed on: the upstream has read the request, and
// may have acted upon it.
func TestTimeoutThatIsAnAnswer(t *testing.T) {
	t.Parallel()
	u := newQuitter(t)
	tr := &http1.Transport{Upstream: u.url}
	defer tr.CloseIdleConnections()
	for range 50 {
		ask(t, tr, context.Background(), "GET", "")
		before := u.requests.Load()
		u.answer.Store(true)
		if got := ask(t, tr, context.Background(), "GET", ""); got != 408 || u.requests.Load() != before+1 {
			t.Fatalf("answered %d after %d requests", got, u.requests.Load()-before)
		}
		u.answer.Store(false)
	}
}

// A quitter is an upstream that keeps each connection until it has had enough.
type quitter struct {
	url       *url.URL
	requests  atomic.Int32
	answer    atomic.Bool // a request with a 408
	say, said chan string // without having been asked
}

func newQuitter(t *testing.T) *quitter {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	u := &quitter{url: &url.URL{Scheme: "http", Host: l.Addr().String()}, say: make(chan string), said: make(chan string)}
	t.Cleanup(func() { close(u.say) })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go u.serve(nc)
		}
	}()
	return u
}

func (u *quitter) serve(nc net.Conn) {
	defer nc.Close()
	br := bufio.NewReader(nc)
	for first := true; ; first = false {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		u.requests.Add(1)
		if u.answer.Load() {
			_, _ = io.WriteString(nc, gaveUp)
			return
		}
		_, _ = io.WriteString(nc, kept)
		if first && u.requests.Load() == 1 {
			go func() {
				s, ok := <-u.say
				if !ok {
					return
				}
				_, _ = io.WriteString(nc, s)
				_ = nc.Close()
				u.said <- s
			}()
		}
	}
}

// hooked calls a function when it is asked for its end, once.
type hooked struct {
	context.Context
	hook func()
	done atomic.Bool
}

func (h *hooked) Done() <-chan struct{} {
	if !h.done.Swap(true) {
		h.hook()
	}
	return h.Context.Done()
}

// ask sends a request and returns the status of its answer.
func ask(t *testing.T, tr *http1.Transport, ctx context.Context, method, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, tr.Upstream.String()+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body, r.ContentLength = nil, 0
	}
	timer := time.AfterFunc(10*time.Second, tr.Retire)
	defer timer.Stop()
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}
