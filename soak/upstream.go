package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// An upstream echoes what it gets, and counts how often it has got each request
// that must not come twice.
type upstream struct {
	address string

	mu     sync.Mutex
	server *http.Server
	seen   map[string]int
}

func newUpstream() (*upstream, error) {
	u := &upstream{address: "127.0.0.1:0", seen: make(map[string]int)}
	return u, u.start()
}

func (u *upstream) start() error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", u.address)
	if err != nil {
		return err
	}
	u.address = l.Addr().String()
	server := &http.Server{Handler: u}
	u.mu.Lock()
	u.server = server
	u.mu.Unlock()
	go func() { _ = server.Serve(l) }()
	return nil
}

func (u *upstream) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	_ = u.server.Close()
}

// restart ends all connections as a killed process does, and serves again.
func (u *upstream) restart() error {
	u.stop()
	return u.start()
}

// times returns how often a nonce was seen, and forgets it.
func (u *upstream) times(nonce string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.seen[nonce]
	delete(u.seen, nonce)
	return n
}

var mebibyte = bytes.Repeat([]byte("0123456789abcdef"), 1<<16)

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	nonce := r.Header.Get("X-Nonce")
	w.Header().Set("X-Nonce", nonce)
	if r.Method == http.MethodPost {
		u.mu.Lock()
		u.seen[nonce]++
		u.mu.Unlock()
	}
	switch {
	case r.Header.Get("Upgrade") != "":
		u.tunnel(w)
	case r.URL.Path == "/echo":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client has left
		}
		_, _ = w.Write(body)
	case r.URL.Path == "/mebibyte":
		w.Header().Set("Content-Length", strconv.Itoa(len(mebibyte)))
		_, _ = w.Write(mebibyte)
	case r.URL.Path == "/chunks":
		for range 10 {
			_, _ = io.WriteString(w, nonce)
			_ = http.NewResponseController(w).Flush()
		}
	case strings.HasPrefix(r.URL.Path, "/none"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message":"Missing Authentication Token"}`+"\n")
	case r.URL.Path == "/forever": // until the client has had enough
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	default:
		_, _ = fmt.Fprintf(w, "{%q:1}", nonce)
	}
}

// tunnel echoes bytes.
func (u *upstream) tunnel(w http.ResponseWriter) {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = nc.Close() }()
	_, _ = io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
	_, _ = io.Copy(nc, rw)
}
