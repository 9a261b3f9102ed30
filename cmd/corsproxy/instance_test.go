package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// An instance is a corsproxy that runs within the test.
type instance struct {
	t       *testing.T
	dir     string
	stdin   *io.PipeWriter
	stdout  *transcript.Transcript
	stderr  *transcript.Transcript
	signals chan os.Signal
	exit    chan int
	url     string
}

// begin runs corsproxy with args in dir; it does not wait for anything.
func begin(t *testing.T, dir string, args ...string) *instance {
	t.Helper()
	stdin, input := io.Pipe()
	in := &instance{
		t: t, dir: dir, stdin: input, stdout: transcript.New(), stderr: transcript.New(),
		signals: make(chan os.Signal, 2), exit: make(chan int, 1),
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := world{
		stdin: stdin, stdout: in.stdout, stderr: in.stderr, dir: dir,
		environ: []string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"},
		signals: func() (<-chan os.Signal, func()) { return in.signals, func() {} },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.exit <- run(ctx, w, args)
	}()
	t.Cleanup(func() {
		cancel()
		input.Close()
		select {
		case <-done:
		case <-time.After(transcript.Patience):
			t.Error("corsproxy does not end")
		}
		if t.Failed() {
			t.Logf("standard error:\n%s", in.stderr)
		}
	})
	return in
}

// start runs corsproxy with args in an empty directory, with JSON logs on any
// free port, and waits until it listens.
func start(t *testing.T, args ...string) *instance {
	t.Helper()
	return startIn(t, t.TempDir(), args...)
}

func startIn(t *testing.T, dir string, args ...string) *instance {
	t.Helper()
	in := begin(t, dir, append([]string{"--listen", "0"}, args...)...)
	in.url = "http://" + in.stderr.Await(t, `(?:"address":"|^listening  http://)([0-9.]+:[0-9]+)`)[1]
	return in
}

// code waits for the end and returns the exit code.
func (in *instance) code() int {
	in.t.Helper()
	select {
	case code := <-in.exit:
		return code
	case <-time.After(transcript.Patience):
		in.t.Fatal("corsproxy does not end")
		panic("unreachable")
	}
}

// An answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with headers, each "Name: value".
func (in *instance) do(method, target string, headers ...string) answer {
	in.t.Helper()
	r, err := http.NewRequest(method, in.url+target, nil)
	if err != nil {
		in.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		in.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// preflight asks whether a page of origin may PUT.
func (in *instance) preflight(origin string) answer {
	in.t.Helper()
	return in.do("OPTIONS", "/scanRecords", "Origin: "+origin, "Access-Control-Request-Method: PUT")
}

// exchanges returns the log entries of the exchanges so far.
func (in *instance) exchanges() []map[string]any {
	in.t.Helper()
	var out []map[string]any
	for line := range strings.Lines(in.stderr.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			in.t.Fatalf("not JSON: %q: %v", line, err)
		}
		if entry["msg"] == "exchange" {
			out = append(out, entry)
		}
	}
	return out
}

// samLocal starts an upstream that knows POST /scanRecords and answers
// anything else as SAM local does. It returns its address.
func samLocal(t *testing.T) string {
	t.Helper()
	return upstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/scanRecords" {
			fmt.Fprint(w, `{"records":[]}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintln(w, `{"message":"Missing Authentication Token"}`)
	})
}

func upstream(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}
