package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/loopback"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// A policyFile is a configuration of which a preflight tells each part.
func policyFile(n int) string {
	const quiet = "log: {level: error}\n" // what the test keeps of the log would count as a leak
	return fmt.Sprintf("%scors: {allow_origins: [http://any, 'http://o%d'], allow_methods: [PUT, 'M%d'], max_age: %ds}\n", quiet[:len(quiet)*min(n-1, 1)], n, n, n)
}

// TestThousandRewrites rewrites the configuration and the template 1,000 times
// under load, as editors do: in place, by renaming, with mistakes. Each answer
// is that of one configuration as a whole, none fails, the last one holds, and
// nothing is left of the others.
func TestThousandRewrites(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, policyFile(1))
	put(t, dir, "template.yaml", template("GET /1"))
	in := startIn(t, dir, "--upstream", mounting(t, "GET /1"))
	seen := loadPreflights(t, in)
	// From the second on the log is quiet: what the test keeps of it is memory.
	write(t, dir, policyFile(2))
	for seen.last.Load() != 2 {
		seen.ask(http.DefaultTransport.(*http.Transport))
	}
	before := measure()
	settle := seen.start(4)
	const times = 1000
	for n := 3; n <= times; n++ {
		content := policyFile(n)
		switch n % 7 {
		case 3:
			content = content[:len(content)/2] // as who reads while it is written may see it
		case 5:
			content = ""
		}
		if n%2 == 0 {
			write(t, dir, content)
		} else {
			put(t, dir, "next", content)
			rename(t, dir, "next", "corsproxy.yaml")
		}
		put(t, dir, "template.yaml", template("GET /1", fmt.Sprintf("GET /t%d", n)))
	}
	write(t, dir, policyFile(times+1))
	for deadline := time.Now().Add(transcript.Patience); seen.last.Load() != times+1; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("the last configuration is not in force: %d is", seen.last.Load())
		}
	}
	settle()
	if n := seen.answers.Load(); n < 100 {
		t.Errorf("only %d requests were sent", n)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	before.awaitNoMore(t)
}

// A preflightLoad is what clients see of the policy in force.
type preflightLoad struct {
	testing.TB
	in            *instance
	last, answers atomic.Int64
}

func loadPreflights(t *testing.T, in *instance) *preflightLoad {
	return &preflightLoad{TB: t, in: in}
}

// start has clients ask all the while, and returns what stops them.
func (l *preflightLoad) start(clients int) (stop func()) {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	for range clients {
		wg.Go(func() {
			for ctx.Err() == nil {
				l.ask(transport)
			}
		})
	}
	return func() {
		cancel()
		wg.Wait()
		transport.CloseIdleConnections()
	}
}

func (l *preflightLoad) ask(transport *http.Transport) {
	r, _ := http.NewRequest(http.MethodOptions, l.in.url+"/1", nil)
	r.Header.Set("Origin", "http://any")
	r.Header.Set("Access-Control-Request-Method", "OTHER") // so that all methods are listed
	response, err := transport.RoundTrip(r)
	if err != nil {
		l.Error(err)
		return
	}
	_ = response.Body.Close()
	l.answers.Add(1)
	h := response.Header
	var n int64
	if _, err := fmt.Sscanf(h.Get("Access-Control-Allow-Methods"), "PUT,M%d", &n); err != nil {
		l.Errorf("answered %s %v", response.Status, h)
	}
	// The origin that came with the method is allowed, and no other.
	r.Header.Set("Access-Control-Request-Method", fmt.Sprintf("M%d", n))
	r.Header.Set("Origin", fmt.Sprintf("http://o%d", n))
	if response, err = transport.RoundTrip(r); err != nil {
		l.Error(err)
		return
	}
	_ = response.Body.Close()
	h = response.Header
	if allowed := h.Get("Access-Control-Allow-Origin"); allowed != "" && h.Get("Access-Control-Max-Age") != fmt.Sprint(n) {
		l.Errorf("a mixture: %v for %d", h, n)
	}
	l.last.Store(n)
}

func rename(t *testing.T, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		t.Fatal(err)
	}
}

// A held is what a process holds.
type held struct {
	goroutines, files int
	heap              uint64
}

func measure() held {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := filepath.Glob("/proc/self/fd/*")
	return held{runtime.NumGoroutine(), len(files), m.HeapAlloc}
}

// awaitNoMore waits until no more is held than before.
func (before held) awaitNoMore(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(transcript.Patience); ; time.Sleep(5 * time.Millisecond) {
		now := measure()
		if now.goroutines <= before.goroutines && now.files <= before.files && now.heap <= before.heap+(4<<20) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("held before %+v, now %+v", before, now)
		}
	}
}

// TestFullLog has the log go to a full disk.
func TestFullLog(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("only Linux has a file of a full disk:", err)
	}
	t.Cleanup(func() { full.Close() })
	cmd, url := process(t, samLocal(t), nil)
	cmd.Stderr = full
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	awaitServing(t, url)
	for range 200 {
		ask(t, url)
	}
	terminate(t, cmd)
}

// TestDescriptorsRunOut gives it few descriptors, and holds them by connections
// that have no request. They have to give way: each request is answered.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no shell that limits descriptors")
	}
	cmd, url := process(t, samLocal(t), []string{shell, "-c", `ulimit -n 40 && exec "$0" "$@"`})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	awaitServing(t, url)
	address := strings.TrimPrefix(url, "http://")
	var held []net.Conn
	for range 60 {
		c, err := net.Dial("tcp", address) // the system queues what is not accepted
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for range 20 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		_ = c.SetDeadline(time.Now().Add(transcript.Patience))
		fmt.Fprint(c, "POST /scanRecords HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}")
		answer := make([]byte, 12)
		if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 200" {
			t.Errorf("answered %q, %v", answer, err)
		}
	}
	for _, c := range held {
		_ = c.Close()
	}
	awaitServing(t, url)
	for range 20 {
		ask(t, url)
	}
	terminate(t, cmd)
}

// process prepares corsproxy in a process of its own, which wrapper starts, on a
// port of its own.
func process(t *testing.T, upstream string, wrapper []string) (cmd *exec.Cmd, url string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	address := loopback.Unused(t)
	args := append(append([]string{}, wrapper...), executable, "--listen", address, "--upstream", upstream)
	cmd = exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), beCorsproxy+"=1")
	cmd.Dir = t.TempDir()
	return cmd, "http://" + address
}

// awaitServing waits until a request is answered.
func awaitServing(t *testing.T, url string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodOptions, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	for deadline := time.Now().Add(transcript.Patience); ; time.Sleep(10 * time.Millisecond) {
		response, err := transport.RoundTrip(r)
		if err == nil {
			_ = response.Body.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
