package proxy_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

// chaosWhole are the ways of the upstream in which every request gets its
// answer, whole; in chaosBroken, it cannot.
var (
	chaosWhole  = []string{"ok", "ok", "big", "chunks", "trickles", "closes", "unsaid", "betrays", "announces", "stray", "early"}
	chaosBroken = []string{"dies", "resets", "in-head", "in-body", "in-chunks", "garbage"}
)

// TestChaos has many clients of every kind ask an upstream that does everything
// wrong, and is restarted meanwhile. Each answer must be that of its request,
// and whole where the upstream's was; what could be acted upon twice is sent
// once; and afterwards nothing is left.
func TestChaos(t *testing.T) {
	u := newChaosUpstream(t, nil)
	p := serve(t, &url.URL{Scheme: "http", Host: u.address}, forwardsOptions)
	unleash(t, u, p, 30)
}

// TestChaosTLS is TestChaos, less of it, with an upstream behind TLS.
func TestChaosTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			u := newChaosUpstream(t, serverTLS(version))
			p := serve(t, &url.URL{Scheme: "https", Host: u.address}, forwardsOptions, trust)
			unleash(t, u, p, 10)
		})
	}
}

// unleash has each client send so many requests at a time.
func unleash(t *testing.T, u *chaosUpstream, p *served, requests int) {
	c := &chaos{TB: t, upstream: u, proxy: p.addr}
	c.round("warm", 2, 2, false)
	settle := c.start()

	c.round("a", 16, requests, false)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			u.stop()
			u.start()
			c.round("restarted", 1, 1, true) // something happens in between
		}
	}()
	c.round("b", 8, requests, true)
	close(stop)
	<-stopped
	c.round("c", 16, requests/3, false) // whoever comes now is served again

	p.CloseIdle()
	settle()
}

// A chaos is a run of clients.
type chaos struct {
	testing.TB
	upstream *chaosUpstream
	proxy    string
}

// start notes what there is, and returns the function that waits until there
// is no more than that.
func (c *chaos) start() (settle func()) {
	gc := debug.SetGCPercent(-1) // what only the collector closes is left, too
	goroutines, files := runtime.NumGoroutine(), openFiles()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	return func() {
		defer debug.SetGCPercent(gc)
		eventually(c, "the upstream's connections end", func() bool { return c.upstream.serving.Load() == 0 })
		eventually(c, "descriptors are closed", func() bool { return openFiles() <= files })
		eventually(c, "goroutines end", func() bool { return runtime.NumGoroutine() <= goroutines })
		runtime.GC()
		runtime.GC() // pools let go of what two collections have not seen used
		var after runtime.MemStats
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 2<<20 {
			c.Errorf("the heap has grown by %d bytes", grown)
		}
	}
}

// openFiles counts descriptors; it is 0 where that cannot be done.
func openFiles() int {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		return 0
	}
	fds, _ := filepath.Glob("/proc/self/fd/*")
	return len(fds)
}

// round has clients send requests each. Where the upstream is restarted
// meanwhile, each may fail, but not be answered wrongly.
func (c *chaos) round(name string, clients, requests int, restarts bool) {
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			k := &chaosClient{chaos: c, restarts: restarts, Rand: rand.New(rand.NewPCG(uint64(i), 1))}
			defer k.leave()
			for n := range requests {
				k.ask(fmt.Sprintf("%s-%d-%d-%d", name, i, n, k.Uint32()))
			}
		})
	}
	wg.Wait()
}

// A chaosClient sends one request after the other over a connection, as long
// as it lasts.
type chaosClient struct {
	*chaos
	*rand.Rand
	restarts bool
	nc       net.Conn
	br       *bufio.Reader
}

func (k *chaosClient) leave() {
	if k.nc != nil {
		_ = k.nc.Close()
		k.nc = nil
	}
}

func (k *chaosClient) connect() {
	if k.nc != nil {
		return
	}
	nc, err := net.Dial("tcp", k.proxy)
	if err != nil {
		k.Error(err)
		return
	}
	_ = nc.SetDeadline(time.Now().Add(6 * patience))
	k.nc, k.br = nc, bufio.NewReader(nc)
}

func (k *chaosClient) any(of []string) string { return of[k.IntN(len(of))] }

// ask sends one request and judges its answer.
func (k *chaosClient) ask(nonce string) {
	k.connect()
	method, body := k.any([]string{"GET", "GET", "POST", "PATCH", "PUT", "DELETE"}), ""
	if method == "POST" || method == "PATCH" || method == "PUT" {
		body = nonce
	}
	what, broken := k.any(chaosWhole), false
	switch k.IntN(10) {
	case 0, 1:
		what, broken = k.any(chaosBroken), true
	case 2:
		k.vanish(method, nonce, body)
		return
	}
	half := k.IntN(10) == 0
	k.send(k.request(method, what, nonce, body))
	if half {
		_ = k.nc.(*net.TCPConn).CloseWrite()
	}
	resp, err := http.ReadResponse(k.br, &http.Request{Method: method})
	if err != nil {
		k.Errorf("%s %s/%s: no answer: %v", method, what, nonce, err)
		k.leave()
		return
	}
	if half && strings.HasPrefix(resp.Header.Get("Corsproxy-Diagnosis"), "CP2013") {
		k.leave() // to the client's end, or what was to be read: that cannot be told
		return
	}
	k.judge(resp, method, what, nonce, broken)
	if n := k.upstream.count(nonce); n > 1 && (method == "POST" || method == "PATCH" || body != "") {
		k.Errorf("%s %s/%s: the upstream has seen it %d times", method, what, nonce, n)
	}
	if resp.Close || half || what == "early" {
		k.leave()
	}
}

// judge reads the body of an answer and says what is wrong with it.
func (k *chaosClient) judge(resp *http.Response, method, what, nonce string, broken bool) {
	body, err := io.ReadAll(resp.Body)
	name := method + " " + what + "/" + nonce
	if err != nil {
		resp.Close = true
	}
	want := chaosBody(what, nonce)
	if what == "trickles" {
		want = want[:40]
	}
	switch {
	case resp.StatusCode == 502 && strings.HasPrefix(resp.Header.Get("Corsproxy-Diagnosis"), "CP20"):
		if !broken && !k.restarts {
			k.Errorf("%s: %s", name, body)
		}
	case resp.StatusCode != 200 || resp.Header.Get("X-Nonce") != nonce:
		k.Errorf("%s: answered %s %v", name, resp.Status, resp.Header)
	case err != nil:
		if !broken && !k.restarts {
			k.Errorf("%s: cut: %v", name, err)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(want, string(body)) {
			k.Errorf("%s: %v after %.60q", name, err, body)
		}
	case broken || string(body) != want:
		k.Errorf("%s: %d bytes, want %d: %.60q", name, len(body), len(want), body)
	}
}

func (k *chaosClient) request(method, what, nonce, body string) string {
	s := fmt.Sprintf("%s /%s/%s HTTP/1.1\r\nHost: h\r\n", method, what, nonce)
	switch {
	case body == "":
		return s + "\r\n"
	case k.IntN(2) == 0:
		return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", s, len(body), body)
	}
	return fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", s, len(body), body)
}

// send writes s, sometimes byte by byte.
func (k *chaosClient) send(s string) {
	n := len(s)
	if k.IntN(5) == 0 {
		n = 1 + k.IntN(3)
	}
	for len(s) > 0 {
		m := min(n, len(s))
		_, _ = io.WriteString(k.nc, s[:m])
		s = s[m:]
	}
}

// vanish leaves somewhere in the middle.
func (k *chaosClient) vanish(method, nonce, body string) {
	what := k.any([]string{"big", "stalls", "chunks", "ok"})
	s := k.request(method, what, nonce, body)
	switch k.IntN(4) {
	case 0:
		s = s[:k.IntN(len(s))]
		fallthrough
	case 1:
		k.send(s)
	default: // within the answer
		k.send(s)
		_, _ = k.br.ReadByte()
	}
	if k.IntN(2) == 0 {
		_ = k.nc.(*net.TCPConn).SetLinger(0)
	}
	k.leave()
}
