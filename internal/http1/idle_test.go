package http1_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// TestIdleConnections waits for longer than connections keep their buffers. They
// serve on, each for its own client, and end when they have to.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	s := &http1.Server{IdleTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	})}
	addr := serve(t, s)
	clients := make([]*idleClient, 20)
	for i := range clients {
		clients[i] = dialIdle(t, addr)
	}
	const longer = 2300 * time.Millisecond
	for round := range 2 {
		var wg sync.WaitGroup
		for i, c := range clients {
			wg.Go(func() { c.ask(t, fmt.Sprintf("/%d/%d", round, i)) })
		}
		wg.Wait()
		time.Sleep(longer) // it is time itself that is waited for
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	for _, c := range clients {
		if b, err := c.br.ReadByte(); err != io.EOF {
			t.Errorf("after the shutdown: %q, %v", b, err)
		}
	}
}

// TestIdleTimeout has one end that has given its buffers back.
func TestIdleTimeout(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{50 * time.Millisecond, 2200 * time.Millisecond} {
		addr := serve(t, &http1.Server{IdleTimeout: timeout, Handler: http.NotFoundHandler()})
		c := dialIdle(t, addr)
		begin := time.Now()
		if b, err := c.br.ReadByte(); err != io.EOF {
			t.Errorf("after %v: %q, %v", timeout, b, err)
		}
		if d := time.Since(begin); d < timeout/3 {
			t.Errorf("it ended after %v, want %v", d, timeout)
		}
	}
}

// TestBlankLinesBeginNoRequest has some behind a request, and later: the
// connection has no request, and a shutdown does not wait for one.
func TestBlankLinesBeginNoRequest(t *testing.T) {
	t.Parallel()
	s := &http1.Server{IdleTimeout: time.Minute, HeadTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.URL.Path)
	})}
	addr := serve(t, s)
	c := dialIdle(t, addr)
	for i, blank := range []string{"", "\r\n", "\r\n\r\n\r\n\r\n"} {
		path := fmt.Sprint("/", i)
		for _, part := range []string{blank, "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi\r\n"} {
			if _, err := io.WriteString(c, part); err != nil {
				t.Fatal(err)
			}
		}
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != path {
			t.Errorf("%s got %q, %v", path, b, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

// TestIdleConnectionsMakeRoom closes those that have had no request for a while,
// and no other: not one that is new, and not one that is answered.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	begun, proceed := make(chan struct{}), make(chan struct{})
	s := &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-proceed
		_, _ = io.WriteString(w, "ok")
	})}
	addr := serve(t, s)
	idle := dialIdle(t, addr)
	if s.CloseIdle() {
		t.Error("a connection that was just opened was closed")
	}
	busy := dialIdle(t, addr)
	if _, err := io.WriteString(busy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-begun
	for deadline := time.Now().Add(5 * time.Second); !s.CloseIdle(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("an idle connection is not closed")
		}
	}
	if b, err := idle.br.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection: %q, %v", b, err)
	}
	if s.CloseIdle() {
		t.Error("a connection that is answered was closed")
	}
	close(proceed)
	resp, err := http.ReadResponse(busy.br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != "ok" {
		t.Errorf("the busy connection: %q, %v", b, err)
	}
}

type idleClient struct {
	net.Conn
	br *bufio.Reader
}

func dialIdle(t *testing.T, addr string) *idleClient {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return &idleClient{c, bufio.NewReader(c)}
}

// ask sends a request in three parts, and another right behind it.
func (c *idleClient) ask(t *testing.T, path string) {
	for _, part := range []string{"G", "ET " + path, " HTTP/1.1\r\nHost: h\r\n\r\nGET " + path + "/again HTTP/1.1\r\nHost: h\r\n\r\n"} {
		if _, err := io.WriteString(c, part); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{path, path + "/again"} {
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Error(err)
			return
		}
		if b, err := io.ReadAll(resp.Body); err != nil || string(b) != want {
			t.Errorf("%s got %q, %v", want, b, err)
		}
	}
}
