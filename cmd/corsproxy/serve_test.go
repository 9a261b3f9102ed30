package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// volatile is what differs from run to run in a console log.
var volatile = regexp.MustCompile(`(?m)^[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9.]+ms|127\.0\.0\.1:[0-9]+| +$`)

// TestConsole has the log of a short session, line by line.
func TestConsole(t *testing.T) {
	t.Parallel()
	in := start(t, "--log-format", "console", "--upstream", samLocal(t),
		"--allow-origin", "http://localhost:5173", "--sam-route", "POST /scanRecords")
	in.stderr.Await(t, "^origins ")
	in.do("OPTIONS", "/scanRecords")
	in.preflight("http://localhost:5173")
	in.preflight("http://evil.example")
	in.do("POST", "/scanRecords?token=secret", "Origin: http://localhost:5173")
	in.do("POST", "/scanRecords", "Origin: http://evil.example")
	in.do("GET", "/scanRecord")
	in.do("GET", "/scanRecords")
	in.do("OPTIONS", "/%1b%5b31m")
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	want := `listening  http://ADDRESS
upstream   http://ADDRESS, which answers
template   none here; start corsproxy beside template.yaml, or name it with --template FILE
origins    http://localhost:5173 may send what needs a preflight; any page may send the rest, and the upstream says who may read the answers
TIME  OPTIONS  200   DURATION  /scanRecords
TIME  OPTIONS  200   DURATION  /scanRecords  preflight allowed http://localhost:5173, not with credentials
TIME  OPTIONS  403   DURATION  /scanRecords  CP1001 origin-not-allowed: …
TIME  POST     200   DURATION  /scanRecords  CP1103 missing-allow-origin-header: …
TIME  POST     200   DURATION  /scanRecords  the policy does not allow http://evil.example
TIME  GET      404   DURATION  /scanRecord  403 → 404 CP3001 route-not-found: …
TIME  GET      405   DURATION  /scanRecords  403 → 405 CP3002 method-not-defined: …
TIME  OPTIONS  200   DURATION  /%1b%5b31m
`
	got := volatile.ReplaceAllStringFunc(in.stderr.String(), func(s string) string {
		switch {
		case strings.HasSuffix(s, "ms"):
			return "DURATION"
		case strings.HasPrefix(s, "127."):
			return "ADDRESS"
		case strings.Contains(s, ":"):
			return "TIME"
		}
		return s
	})
	got = regexp.MustCompile(`(CP[0-9]{4} [a-z-]+): .*`).ReplaceAllString(got, "$1: …")
	got = regexp.MustCompile(` +DURATION`).ReplaceAllString(got, "   DURATION")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestJSON has the fields of a log that programs read.
func TestJSON(t *testing.T) {
	t.Parallel()
	in := start(t, "--upstream", samLocal(t))
	in.do("GET", "/scanRecord?token=secret", "Origin: http://localhost:5173")
	in.stderr.Await(t, `"msg":"exchange"`)
	entry := in.exchanges()[0]
	for key, want := range map[string]any{
		"level": "warn", "method": "GET", "path": "/scanRecord", "status": 403.0, "upstreamStatus": 403.0,
		"origin": "http://localhost:5173", "code": "CP3000",
	} {
		if entry[key] != want {
			t.Errorf("%s is %v, want %v", key, entry[key], want)
		}
	}
	for _, key := range []string{"time", "id", "durationMs", "detail", "diagnosis", "remote"} {
		if entry[key] == nil {
			t.Errorf("there is no %s in %v", key, entry)
		}
	}
	if strings.Contains(in.stderr.String(), "secret") {
		t.Error("the query is logged")
	}
}

func TestQuietLevels(t *testing.T) {
	t.Parallel()
	in := begin(t, t.TempDir(), "--listen", "0", "--upstream", samLocal(t), "--log-level", "error")
	in.signals <- syscall.SIGTERM
	if code := in.code(); code != 0 || in.stderr.String() != "" {
		t.Errorf("exit code %d and log %q", code, in.stderr)
	}
}

// slow starts an upstream that answers once release is closed, and says when
// a request has arrived.
func slow(t *testing.T) (address string, arrived chan struct{}, release func()) {
	arrived, gate := make(chan struct{}, 1), make(chan struct{})
	address = upstream(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-gate:
		case <-r.Context().Done():
		}
	})
	return address, arrived, sync.OnceFunc(func() { close(gate) })
}

// inFlight sends a request and returns its outcome when there is one.
func (in *instance) inFlight() <-chan error {
	outcome := make(chan error, 1)
	go func() {
		response, err := http.Get(in.url + "/slow")
		if err == nil {
			_, err = io.ReadAll(response.Body)
			err = errors.Join(err, response.Body.Close())
		}
		outcome <- err
	}()
	return outcome
}

func TestDrain(t *testing.T) {
	t.Parallel()
	address, arrived, release := slow(t)
	in := start(t, "--upstream", address)
	outcome := in.inFlight()
	<-arrived
	in.signals <- os.Interrupt
	in.stderr.Await(t, `waiting for 1 request; press Ctrl-C again to end at once`)
	release()
	if err := <-outcome; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestSecondSignal(t *testing.T) {
	t.Parallel()
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143} {
		address, arrived, release := slow(t)
		defer release()
		in := start(t, "--upstream", address)
		outcome := in.inFlight()
		<-arrived
		in.signals <- signal
		in.stderr.Await(t, `waiting for 1 request`)
		in.signals <- signal
		if code := in.code(); code != want {
			t.Errorf("%v twice: exit code %d, want %d", signal, code, want)
		}
		if err := <-outcome; err == nil {
			t.Errorf("%v twice: the request in flight ended as if nothing was", signal)
		}
		in.stderr.Await(t, `"code":"CP2109".*corsproxy was ended at once while GET \S+ was under way`)
		if x := in.exchanges(); len(x) != 1 || x[0]["status"] != nil && x[0]["status"] != 0.0 {
			t.Errorf("%v twice: the log has %v, and the client got no status", signal, x)
		}
	}
}

// TestSignalTwiceAtOnce takes a signal that comes to the process and to its
// group, as timeout(1) sends it, for one.
func TestSignalTwiceAtOnce(t *testing.T) {
	t.Parallel()
	address, arrived, release := slow(t)
	in := start(t, "--upstream", address)
	outcome := in.inFlight()
	<-arrived
	in.signals <- syscall.SIGTERM
	in.signals <- syscall.SIGTERM
	in.stderr.Await(t, `waiting for 1 request`)
	release()
	if err := <-outcome; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestHealthcheck(t *testing.T) {
	t.Parallel()
	in := start(t, "--upstream", samLocal(t), "--log-level", "debug")
	check := begin(t, t.TempDir(), "healthcheck", "--listen", strings.TrimPrefix(in.url, "http://"))
	if code := check.code(); code != 0 || check.stderr.String() != "" {
		t.Errorf("exit code %d: %s", code, check.stderr)
	}
	in.stderr.Await(t, `"level":"debug".*"method":"OPTIONS","path":"\*"`)
}

func TestSAMLogFromStdin(t *testing.T) {
	t.Parallel()
	in := start(t, "--upstream", samLocal(t), "--sam-log", "-", "--log-level", "debug")
	line := "Mounting Scan at http://127.0.0.1:3000/scanRecords [POST]\n"
	if _, err := io.WriteString(in.stdin, "\x1b[32mstarting\x1b[0m\n"+line); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `learned 1 route from SAM's log`)
	if !strings.Contains(in.stderr.String(), "\x1b[32mstarting\x1b[0m\n"+line) {
		t.Error("SAM's lines are not passed through")
	}
	if a := in.do("GET", "/scanRecords"); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" {
		t.Errorf("GET /scanRecords: %d %s", a.status, a.body)
	}
	in.stdin.Close()
	in.stderr.Await(t, `standard input has ended; the routes learned from it stay`)
}

func TestSAMLogFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := startIn(t, dir, "--upstream", samLocal(t), "--sam-log", "sam.log", "--log-level", "debug")
	in.stderr.Await(t, `waiting for SAM's log .*sam\.log`)
	log := "Mounting Scan at http://127.0.0.1:3000/scanRecords [POST]\n"
	if err := os.WriteFile(filepath.Join(dir, "sam.log"), []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `learned 1 route from SAM's log`)
	if a := in.do("GET", "/scanRecord"); a.status != http.StatusNotFound {
		t.Errorf("GET /scanRecord: %d %s", a.status, a.body)
	}
}
