package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// writeTemplate writes a template with one path to dir.
func writeTemplate(t *testing.T, dir, path string) {
	t.Helper()
	template := "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        E: {Type: Api, Properties: {Method: get, Path: " + path + "}}\n"
	if err := os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
}

// hold has the upstream hold a request until its body, which is returned, is
// closed. The channel gets the answer.
func hold(t *testing.T, in *instance) (io.Closer, <-chan answer) {
	t.Helper()
	body, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	got := make(chan answer, 1)
	go func() {
		defer close(got)
		response, err := http.Post(in.url+"/hold", "text/plain", body)
		if err != nil {
			t.Error(err)
			return
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		got <- answer{response.StatusCode, response.Header, string(text)}
	}()
	in.stderr.Await(t, `^holding$`)
	return w, got
}

// restartable starts a command that is started again when its template changes,
// which stands in the instance's folder.
func restartable(t *testing.T, flags ...string) *instance {
	t.Helper()
	dir := t.TempDir()
	writeTemplate(t, dir, "/a")
	return startWithIn(t, dir, "quick", append([]string{"--restart-on-template-change"}, flags...)...)
}

// TestChildRestart starts the command again when the template changes, and
// keeps requests waiting meanwhile.
func TestChildRestart(t *testing.T) {
	t.Parallel()
	in := restartable(t)
	first := in.do("GET", "/x").body
	writeTemplate(t, in.dir, "/b")
	in.stderr.Await(t, `what SAM local reads has changed: starting`)
	second := in.do("GET", "/x")
	if second.status != http.StatusOK || second.body == first {
		t.Errorf("after the change: %d %s, before it: %s", second.status, second.body, first)
	}
	pid, err := strconv.Atoi(strings.TrimPrefix(first, "pid "))
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.FindProcess(pid)
	if err == nil && old.Signal(syscall.Signal(0)) == nil {
		t.Errorf("process %d lives on", pid)
	}
}

// TestChildRestartBuild starts the command again for a build, and neither for its
// source, which SAM local does not read, nor while there is none.
func TestChildRestartBuild(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	build := filepath.Join(dir, ".aws-sam", "build")
	built := func(path string) {
		if err := os.MkdirAll(build, 0o700); err != nil {
			t.Fatal(err)
		}
		writeTemplate(t, build, path)
	}
	writeTemplate(t, dir, "/a")
	built("/a")
	in := startWithIn(t, dir, "quick", "--restart-on-template-change")
	first := in.do("GET", "/x").body
	writeTemplate(t, dir, "/bb")
	in.stderr.Await(t, `SAM local mounts them after sam build`)
	if err := os.RemoveAll(filepath.Join(dir, ".aws-sam")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `the template is now template.yaml, 1 route; SAM local is started again with the next build`)
	if a := in.do("GET", "/x"); a.body != first {
		t.Errorf("the command was started again: %s, before it %s", a.body, first)
	}
	built("/bb")
	in.stderr.Await(t, `what SAM local reads has changed: starting`)
	if a := in.do("GET", "/x"); a.body == first {
		t.Error("the command was not started again")
	}
	if n := strings.Count(in.stderr.String(), "what SAM local reads has changed: starting"); n != 1 {
		t.Errorf("it was started again %d times", n)
	}
}

// TestChildRestartUnread starts the command again, and finds where it listens,
// while who reads the output has stopped: Ctrl-S on a terminal.
func TestChildRestartUnread(t *testing.T) {
	t.Parallel()
	in := restartable(t, "--ready-timeout", "10s")
	first := in.do("GET", "/x").body
	resume := in.stderr.Hold()
	defer resume()
	writeTemplate(t, in.dir, "/b")
	for deadline := time.Now().Add(transcript.Patience); ; {
		a := in.do("GET", "/x")
		if a.status == http.StatusOK && a.body != first {
			break
		}
		if a.status == http.StatusServiceUnavailable || time.Now().After(deadline) {
			t.Fatalf("after the change: %d %s, before it: %s", a.status, a.body, first)
		}
		time.Sleep(probeInterval)
	}
	resume()
	in.stderr.Await(t, `(?s)Mounting .*Mounting `)
}

// TestChildRestartCuts says of a request that takes too long for a restart what
// has cut it, and of later ones nothing of that.
func TestChildRestartCuts(t *testing.T) {
	t.Parallel()
	in := restartable(t, "--inspect", "0")
	inspector := in.stderr.Await(t, `the inspector is at (http://[0-9.:]+)`)[1]
	in.do("GET", "/x")
	_, got := hold(t, in)
	writeTemplate(t, in.dir, "/b")
	if a := <-got; a.status != http.StatusBadGateway || !strings.Contains(a.body, `"corsproxy.test was ended before it answered, to be started again, since the template has changed"`) {
		t.Errorf("who was cut: %d %s", a.status, a.body)
	}
	if a := in.do("GET", "/x"); a.status != http.StatusOK {
		t.Errorf("GET /x: %d %s", a.status, a.body)
	}
	if a := in.do("GET", "/cut"); a.status != http.StatusBadGateway || !strings.Contains(a.body, "took the connection and closed it before it answered") {
		t.Errorf("GET /cut: %d %s", a.status, a.body)
	}
	response, err := http.Get(inspector + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET /readyz: %d", response.StatusCode)
	}
}

// endInOrder is a server that ends when it is interrupted and its connections have
// ended, of which it ends none but idle ones: those of WebSockets, not even then.
func endInOrder(interrupted <-chan os.Signal) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	var sockets sync.WaitGroup
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(os.Stderr, "serving", r.URL.Path)
		switch r.URL.Path {
		case "/events":
			w.Header().Set("Content-Type", "text/event-stream")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		case "/hold":
			_, _ = io.Copy(io.Discard, r.Body)
		case "/ws":
			c, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			sockets.Add(1)
			defer sockets.Done()
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			_, _ = io.Copy(io.Discard, rw)
			_ = c.Close()
		}
	})}
	fmt.Fprintf(os.Stderr, "Mounting Scan at http://%s/scanRecords [POST]\n * Running on http://%s\n", l.Addr(), l.Addr())
	go func() { _ = s.Serve(l) }()
	<-interrupted
	_ = s.Shutdown(context.Background())
	sockets.Wait()
	fmt.Fprintln(os.Stderr, "ended in order")
	return 0
}

// TestChildRestartLetsGo ends the connections to a command before it is to end,
// since it may wait for them.
func TestChildRestartLetsGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTemplate(t, dir, "/a")
	in := startWithIn(t, dir, "orderly", "--restart-on-template-change")
	connect := func() net.Conn {
		c, err := net.Dial("tcp", strings.TrimPrefix(in.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(transcript.Patience))
		return c
	}
	ask := func(request string) *bufio.Reader {
		c := connect()
		_, _ = io.WriteString(c, request)
		r := bufio.NewReader(c)
		response, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("%q: %v", request, err)
		}
		if want := map[bool]int{false: 200, true: 101}[strings.Contains(request, "Upgrade")]; response.StatusCode != want {
			t.Fatalf("%q: %s", request, response.Status)
		}
		return r
	}
	const socket = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	clients := map[string]*bufio.Reader{
		"the event stream": ask("GET /events HTTP/1.1\r\nHost: h\r\n\r\n"),
		"the WebSocket":    ask(socket),
	}
	upload := connect() // of which the end never comes
	_, _ = io.WriteString(upload, "POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab")
	in.stderr.Await(t, `^serving /hold$`)
	in.do("GET", "/x") // of which the connection is kept
	writeTemplate(t, in.dir, "/b")
	in.stderr.Await(t, `^ended in order$`)
	for name, r := range clients {
		if _, err := io.Copy(io.Discard, r); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s of the client goes on", name)
		}
	}
	in.stderr.Await(t, `"code":"CP2012".*corsproxy\.test was ended before the end of its answer, to be started again`)
	in.stderr.Await(t, `"code":"CP2005".*corsproxy\.test was ended before it answered, to be started again`)
	ask(socket)
}

// TestChildEndsNotAgain starts nothing again when corsproxy is to end.
func TestChildEndsNotAgain(t *testing.T) {
	t.Parallel()
	in := restartable(t)
	in.do("GET", "/x")
	release, got := hold(t, in)
	in.signals <- os.Interrupt
	in.stderr.Await(t, `waiting for 1 request`)
	writeTemplate(t, in.dir, "/b")
	in.stderr.Await(t, `read template\.yaml again`)
	release.Close()
	if a := <-got; a.status != http.StatusOK || a.body != "held" {
		t.Errorf("POST /hold: %d %s", a.status, a.body)
	}
	if code := in.code(); code != 5 {
		t.Errorf("exit code %d, want the command's 5", code)
	}
	if strings.Contains(in.stderr.String(), "the template has changed") {
		t.Error("the command is started again")
	}
}

// TestChildEndsWhileRestarting waits for the requests under way, as at any end,
// where corsproxy is to end while they are given time to end before a restart.
func TestChildEndsWhileRestarting(t *testing.T) {
	t.Parallel()
	in := restartable(t)
	in.do("GET", "/x")
	release, got := hold(t, in)
	writeTemplate(t, in.dir, "/b")
	in.stderr.Await(t, `what SAM local reads has changed: starting`)
	in.signals <- os.Interrupt
	in.stderr.Await(t, `waiting for 1 request`)
	select {
	case <-time.After(lastRequests):
	case a := <-got:
		t.Errorf("POST /hold was cut: %d %s", a.status, a.body)
		return
	}
	release.Close()
	if a := <-got; a.status != http.StatusOK || a.body != "held" {
		t.Errorf("POST /hold: %d %s", a.status, a.body)
	}
	if code := in.code(); code != 5 {
		t.Errorf("exit code %d, want the command's 5", code)
	}
}

// TestChildEndsAsItIsRestarted leaves a command the time to end where it has
// been interrupted already, and interrupts it no second time.
func TestChildEndsAsItIsRestarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTemplate(t, dir, "/a")
	in := startWithIn(t, dir, "gentle", "--restart-on-template-change")
	in.do("GET", "/x")
	address := in.stderr.Await(t, `Running on (http://[0-9.:]+)`)[1]
	writeTemplate(t, in.dir, "/b")
	in.stderr.Await(t, `^ending$`)
	in.signals <- os.Interrupt
	in.stderr.Await(t, `waiting for corsproxy\.test to end`)
	if response, err := http.Get(address + "/die"); err == nil {
		response.Body.Close()
	}
	if code := in.code(); code != 3 {
		t.Errorf("exit code %d, want the command's 3", code)
	}
}
