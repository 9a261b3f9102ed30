package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A load is clients of every kind.
type load struct {
	url      string
	upstream *upstream
	nonces   atomic.Int64

	mu      sync.Mutex
	counts  map[string]int // by kind
	excused int            // failures while the upstream was restarted
	faults  map[string]int // what must not be

	down     bool
	downUpTo time.Time // the end of the last restart
}

func newLoad(url string, u *upstream) *load {
	l := &load{url: url, upstream: u}
	l.reset()
	return l
}

func (l *load) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts, l.faults, l.excused = map[string]int{}, map[string]int{}, 0
}

// excuse says that the upstream goes down, or has come up again.
func (l *load) excuse(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down, l.downUpTo = down, time.Now()
}

// fail notes what went wrong with an exchange that began at a time. It is the
// upstream's restart where that fell into it, unless it is never to happen.
func (l *load) fail(begin time.Time, never bool, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !never && (l.down || !l.downUpTo.Before(begin)) {
		l.excused++
		return
	}
	if len(l.faults) < 100 {
		l.faults[fmt.Sprintf(format, args...)]++
	}
}

// run has clients ask for a while, and calls each second.
func (l *load) run(clients int, d time.Duration, each func() error) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			c := &client{load: l, transport: &http.Transport{MaxIdleConnsPerHost: 1, DisableCompression: true}}
			defer c.transport.CloseIdleConnections()
			for {
				select {
				case <-stop:
					return
				default:
					c.ask()
				}
			}
		})
	}
	end := time.After(d)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-end:
			over = true
		case <-tick.C:
			if each == nil {
				continue
			}
			if err := each(); err != nil {
				l.fail(time.Time{}, true, "%v", err)
				over = true
			}
		}
	}
	close(stop)
	wg.Wait()
}

// A client sends one request after the other.
type client struct {
	*load
	transport *http.Transport
}

func (c *client) ask() {
	nonce := fmt.Sprint("n", c.nonces.Add(1))
	begin := time.Now()
	kind := "GET"
	switch n := rand.IntN(1000); {
	case n < 300:
		kind = "preflight"
		c.preflight(begin)
	case n < 600:
		c.exchange(begin, kind, "GET", "/r1", nonce, "", fmt.Sprintf("{%q:1}", nonce), 200)
	case n < 800:
		kind = "POST"
		body := strings.Repeat(nonce, 1+rand.IntN(200))
		c.exchange(begin, kind, "POST", "/echo", nonce, body, body, 200)
		if n := c.upstream.times(nonce); n > 1 {
			c.fail(begin, true, "a POST reached the upstream %d times", n)
		}
	case n < 880:
		kind = "chunks"
		c.exchange(begin, kind, "GET", "/chunks", nonce, "", strings.Repeat(nonce, 10), 200)
	case n < 900:
		kind = "1 MiB"
		c.exchange(begin, kind, "GET", "/mebibyte", nonce, "", string(mebibyte), 200)
	case n < 940:
		kind = "Missing Authentication Token"
		c.exchange(begin, kind, "GET", "/none", nonce, "", "", 404)
	case n < 970:
		kind = "client that vanishes"
		c.vanish(nonce)
	default:
		kind = "WebSocket"
		c.tunnel(begin, nonce)
	}
	c.mu.Lock()
	c.counts[kind]++
	c.mu.Unlock()
}

func (c *client) preflight(begin time.Time) {
	r, _ := http.NewRequestWithContext(context.Background(), http.MethodOptions, c.url+"/r1", nil)
	r.Header.Set("Origin", "http://localhost:5173")
	r.Header.Set("Access-Control-Request-Method", "PUT")
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		c.fail(begin, true, "preflight: %v", err) // the upstream has no part in it
		return
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Access-Control-Allow-Origin") != "http://localhost:5173" {
		c.fail(begin, true, "preflight: %s", resp.Status)
	}
}

// exchange expects an answer that is its own, and whole.
func (c *client) exchange(begin time.Time, kind, method, path, nonce, body, want string, status int) {
	r, _ := http.NewRequestWithContext(context.Background(), method, c.url+path, strings.NewReader(body))
	if body == "" {
		r.Body = nil
	} else if rand.IntN(2) == 0 {
		r.ContentLength = -1
	}
	r.Header.Set("X-Nonce", nonce)
	r.Header.Set("Origin", "http://localhost:5173")
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		c.fail(begin, true, "%s: %v", kind, withoutNumbers(err))
		return
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	switch {
	case resp.StatusCode == 502:
		c.fail(begin, false, "%s: 502 %s", kind, resp.Header.Get("Corsproxy-Diagnosis"))
	case resp.StatusCode != status:
		c.fail(begin, true, "%s: %s", kind, resp.Status)
	case want == "" && err == nil:
	case resp.Header.Get("X-Nonce") != nonce:
		c.fail(begin, true, "%s: the answer to another request", kind)
	case err != nil:
		c.fail(begin, false, "%s: %v", kind, withoutNumbers(err))
	case !bytes.Equal(got, []byte(want)):
		c.fail(begin, true, "%s: another body than the upstream's", kind)
	}
}

// withoutNumbers leaves out what differs between errors of one kind.
func withoutNumbers(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

func (c *client) dial() (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(context.Background(), "tcp", strings.TrimPrefix(c.url, "http://"))
	if err == nil {
		_ = nc.SetDeadline(time.Now().Add(time.Minute))
	}
	return nc, err
}

// vanish leaves in the middle of a request, of waiting or of an answer.
func (c *client) vanish(nonce string) {
	nc, err := c.dial()
	if err != nil {
		c.fail(time.Now(), true, "connect: %v", err)
		return
	}
	defer func() { _ = nc.Close() }()
	request := "POST /" + [...]string{"forever", "mebibyte", "echo"}[rand.IntN(3)] + " HTTP/1.1\r\nHost: h\r\nX-Nonce: " + nonce + "\r\nContent-Length: 5\r\n\r\nhello"
	_, _ = io.WriteString(nc, request[:len(request)-rand.IntN(2)*rand.IntN(len(request))])
	if rand.IntN(2) == 0 {
		_ = nc.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, _ = nc.Read(make([]byte, 100))
	}
	c.upstream.times(nonce)
}

// tunnel sends something through a WebSocket's tunnel and back.
func (c *client) tunnel(begin time.Time, nonce string) {
	nc, err := c.dial()
	if err != nil {
		c.fail(begin, true, "connect: %v", err)
		return
	}
	defer func() { _ = nc.Close() }()
	_, _ = io.WriteString(nc, "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n"+nonce)
	br := bufio.NewReader(nc)
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		c.fail(begin, false, "WebSocket: no upgrade")
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusSwitchingProtocols {
		c.fail(begin, false, "WebSocket: %s", resp.Status)
		return
	}
	got := make([]byte, len(nonce))
	if _, err := io.ReadFull(br, got); err != nil || string(got) != nonce {
		c.fail(begin, false, "WebSocket: %q came back, %v", got, err)
	}
}
