package proxy_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A chaosUpstream does to each request what its path says. It counts how often
// it has seen each, and can be restarted.
type chaosUpstream struct {
	testing.TB
	address string
	tls     *tls.Config // nil: plain

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]struct{}
	seen     map[string]int

	serving atomic.Int64 // connections
}

func newChaosUpstream(tb testing.TB, config *tls.Config) *chaosUpstream {
	u := &chaosUpstream{TB: tb, tls: config, address: "127.0.0.1:0", conns: make(map[net.Conn]struct{}), seen: make(map[string]int)}
	u.start()
	tb.Cleanup(u.stop)
	return u
}

func (u *chaosUpstream) start() {
	u.mu.Lock()
	defer u.mu.Unlock()
	l, err := net.Listen("tcp", u.address)
	if err != nil {
		u.Fatal(err)
	}
	u.listener, u.address = l, l.Addr().String()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			u.mu.Lock()
			u.conns[nc] = struct{}{}
			u.mu.Unlock()
			u.serving.Add(1)
			if u.tls != nil {
				go u.serve(nc, tls.Server(nc, u.tls))
			} else {
				go u.serve(nc, nc)
			}
		}
	}()
}

// stop ends everything at once, as when a process is killed.
func (u *chaosUpstream) stop() {
	u.mu.Lock()
	defer u.mu.Unlock()
	_ = u.listener.Close()
	for nc := range u.conns {
		_ = nc.Close()
	}
}

func (u *chaosUpstream) count(nonce string) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.seen[nonce]
}

// serve answers on nc, which comes over the TCP connection below.
func (u *chaosUpstream) serve(below, nc net.Conn) {
	defer func() {
		_ = nc.Close()
		u.mu.Lock()
		delete(u.conns, below)
		u.mu.Unlock()
		u.serving.Add(-1)
	}()
	br := bufio.NewReader(nc)
	for last := ""; ; {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		what, nonce, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		u.mu.Lock()
		u.seen[nonce]++
		u.mu.Unlock()
		if last == "betrays" || !u.answer(nc, r, what, nonce) {
			return
		}
		last = what
	}
}

// chaosBody is the body of the answer to a request: it says throughout whose
// it is.
func chaosBody(what, nonce string) string {
	n := 20
	if what == "big" {
		n = 40_000
	}
	return strings.Repeat(nonce+" ", n)
}

// answer reports whether the connection goes on.
func (u *chaosUpstream) answer(nc net.Conn, r *http.Request, what, nonce string) bool {
	send := func(s string) { _, _ = io.WriteString(nc, s) }
	body := chaosBody(what, nonce)
	head := "HTTP/1.1 200 OK\r\nX-Nonce: " + nonce + "\r\n"
	length := fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, len(body))
	switch what {
	case "early": // before the upload is here
		send(head + "Connection: close\r\n" + strings.TrimPrefix(length, head) + body)
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, 1<<20))
		return false
	case "dies":
		return false
	case "resets":
		reset(nc)
		return false
	}
	got, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	if len(got) > 0 && string(got) != nonce {
		u.Errorf("%s: the upstream received the body %.50q", r.URL.Path, got)
	}
	switch what {
	case "ok", "big", "betrays": // which ends the connection just as it is used again
		send(length + body)
		return true
	case "announces": // how long it keeps the connection
		send(strings.Replace(length, "\r\n\r\n", "\r\nKeep-Alive: timeout=60\r\n\r\n", 1) + body)
		return true
	case "chunks", "trickles":
		send(head + "Transfer-Encoding: chunked\r\n\r\n")
		n := 7
		if what == "trickles" {
			n = 1
			body = body[:40]
		}
		for len(body) > 0 {
			k := min(n, len(body))
			send(strconv.FormatInt(int64(k), 16) + "\r\n" + body[:k] + "\r\n")
			body = body[k:]
		}
		send("0\r\n\r\n")
		return true
	case "closes": // an idle connection, without a word
		send(length + body)
		return false
	case "unsaid": // nor does TLS say so
		send(length + body)
		_ = tcp(nc).Close()
		return false
	case "in-head":
		send(head)
	case "in-body":
		send(length + body[:len(body)/2])
	case "in-chunks":
		send(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n" + body[:5] + "\r\n")
	case "garbage":
		send("\x00\x01garbage\r\n\r\n")
	case "stray": // more than was asked for
		send(length + body + "HTTP/1.1 200 OK\r\nX-Nonce: stray\r\nContent-Length: 5\r\n\r\nstray")
		return true
	case "stalls": // until the other side has had enough
		send(length + body[:5])
		_, _ = io.Copy(io.Discard, nc)
	}
	return false
}
