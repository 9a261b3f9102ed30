package http1_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// TestKeepsABoundedNumber has more requests under way at once than connections
// are kept for. All are answered; afterwards 512 connections are kept, and the
// others are closed.
func TestKeepsABoundedNumber(t *testing.T) {
	t.Parallel()
	const n, kept = 530, 512
	var arrived, open atomic.Int64
	all, closed := make(chan struct{}), make(chan struct{}, n)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	upstream := &http.Server{
		ReadHeaderTimeout: patience,
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if arrived.Add(1) == n {
				close(all)
			}
			<-all
		}),
		ConnState: func(_ net.Conn, s http.ConnState) {
			switch s {
			case http.StateNew:
				open.Add(1)
			case http.StateClosed:
				open.Add(-1)
				closed <- struct{}{}
			}
		},
	}
	go func() { _ = upstream.Serve(l) }()
	defer upstream.Close()
	transport := &http1.Transport{Upstream: &url.URL{Scheme: "http", Host: l.Addr().String()}}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			r, _ := http.NewRequestWithContext(ctx, http.MethodGet, transport.Upstream.String()+"/", nil)
			resp, err := transport.RoundTrip(r)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		})
	}
	wg.Wait()
	for range n - kept {
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatalf("%d connections are open, want %d", open.Load(), kept)
		}
	}
	if got := open.Load(); got != kept {
		t.Errorf("%d connections are kept, want %d", got, kept)
	}
}
