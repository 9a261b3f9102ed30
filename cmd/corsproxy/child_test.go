package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/child"
)

// beUpstream makes the test binary run as an upstream: what it does is its
// value.
const beUpstream = "BE_UPSTREAM"

// fakeSAM prints what SAM local prints, on a port of its own, and does what the
// path says.
func fakeSAM(role string) int {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	switch role {
	case "silent":
		fmt.Fprintln(os.Stderr, "no address here")
		<-interrupted
		return 0
	case "claims": // to listen where it does not
		fmt.Fprintln(os.Stderr, os.Getenv("CLAIMS"))
		<-interrupted
		return 0
	case "hidden": // where it listens
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 1
		}
		<-interrupted
		return len(l.Addr().Network()) // l lives until then
	case "orderly":
		return endInOrder(interrupted)
	case "deaf":
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, "deaf")
		select {}
	case "taken":
		fmt.Fprintln(os.Stderr, "OSError: [Errno 98] Address already in use")
		return 1
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	die := make(chan int, 1)
	var h http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/die":
			fmt.Fprintln(os.Stderr, "Traceback (most recent call last):\n  File \"x\"\nOSError: [Errno 28] No space left on device")
			die <- 3
			<-r.Context().Done()
		case "/broken":
			fmt.Fprintf(os.Stderr, "[ERROR] Runtime.ImportModuleError: Unable to import module 'app'\n127.0.0.1 - - [x] \"GET /broken HTTP/1.1\" 502 -\n")
			internalError(w)
		case "/unmounted":
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintln(w, `{"message":"Missing Authentication Token"}`)
		case "/python": // what its runtime posts, and SAM local takes for a response
			fmt.Fprint(os.Stderr, "[ERROR] KeyError: 'DB_URL'\rTraceback (most recent call last):\r  File \"/var/task/app.py\", line 6, in crash\n"+
				"Invalid lambda response received: Invalid API Gateway Response Keys: {'errorType', 'errorMessage', 'stackTrace', 'requestId'} in {'errorMessage': \"'DB_URL'\", 'errorType': 'KeyError', 'requestId': '1', 'stackTrace': []}\n"+
				"127.0.0.1 - - [x] \"GET /python HTTP/1.1\" 502 -\n")
			internalError(w)
		case "/sorry": // answers itself, and logs why
			fmt.Fprint(os.Stderr, "Traceback (most recent call last):\n  File \"/var/task/app.py\", line 6, in crash\nOSError: [Errno 28] No space left on device\n"+
				"127.0.0.1 - - [x] \"GET /sorry HTTP/1.1\" 500 -\n")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"message":"sorry"}`)
		case "/unsendable": // as Werkzeug fails of its header
			fmt.Fprint(os.Stderr, "127.0.0.1 - - [x] \"GET /unsendable HTTP/1.1\" 200 -\nError on request:\nTraceback (most recent call last):\n  File \"http/server.py\", line 526, in send_header\n"+
				"UnicodeEncodeError: 'latin-1' codec can't encode character '\\u0141' in position 8: ordinal not in range(256)\n")
			<-r.Context().Done()
		case "/hold": // until the whole request has come
			fmt.Fprintln(os.Stderr, "holding")
			_, _ = io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, "held")
		case "/cut":
			panic(http.ErrAbortHandler)
		case "/move":
			_ = l.Close()
			if l, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
				w.Header().Set("Connection", "close")
				fmt.Fprint(w, "http://", l.Addr())
				fmt.Fprintf(os.Stderr, "listening on http://%s\n", l.Addr())
			}
		case "/count":
			n, _ := os.ReadFile(os.Getenv("COUNT"))
			fmt.Fprint(w, string(n))
		default:
			fmt.Fprint(w, "pid ", os.Getpid())
		}
	}
	// What comes while it starts has to wait.
	if role != "quick" && role != "gentle" {
		_, _ = io.ReadAll(os.Stdin)
	}
	fmt.Fprintf(os.Stderr, "Mounting Scan at http://%s/scanRecords [POST]\n * Running on http://%s\n", l.Addr(), l.Addr())
	go func() { _ = http.Serve(l, h) }()
	select {
	case <-interrupted:
		if role == "gentle" { // takes its time
			fmt.Fprintln(os.Stderr, "ending")
			select {
			case <-interrupted:
				return 6
			case code := <-die:
				return code
			}
		}
		return 5
	case code := <-die:
		return code
	}
}

// internalError answers as SAM local does where it has no response.
func internalError(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
	w.WriteHeader(http.StatusBadGateway)
	fmt.Fprintln(w, `{"message":"Internal server error"}`)
}

// startWith runs corsproxy with the test binary as its upstream.
func startWith(t *testing.T, role string, args ...string) *instance {
	t.Helper()
	return startWithIn(t, t.TempDir(), role, args...)
}

func startWithIn(t *testing.T, dir, role string, args ...string) *instance {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args = append(append([]string{"--log-level", "debug"}, args...), "--", "env", beUpstream+"="+role, self)
	return startIn(t, dir, args...)
}

func TestChild(t *testing.T) {
	t.Parallel()
	in := startWith(t, "quick", "--template", "none")
	if a := in.do("GET", "/x"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "pid ") {
		t.Errorf("GET /x: %d %s", a.status, a.body)
	}
	in.stderr.Await(t, `^Mounting Scan at http://127\.0\.0\.1:\d+/scanRecords \[POST\]$`)
	in.stderr.Await(t, `"msg":"the upstream is ready at http://127\.0\.0\.1:\d+"`)
	in.stderr.Await(t, `learned 1 route from SAM's log`)
	in.signals <- os.Interrupt
	if code := in.code(); code != 5 {
		t.Errorf("exit code %d, want the command's 5", code)
	}
}

// TestChildEvidence has the cause that the log names in the log's line of the
// exchange, whose answer stays as it is.
func TestChildEvidence(t *testing.T) {
	t.Parallel()
	in := startWith(t, "quick")
	in.do("GET", "/x") // waits until it is ready
	in.stderr.Await(t, `learned 1 route`)
	a := in.do("GET", "/broken")
	if a.status != http.StatusBadGateway || a.body != `{"message":"Internal server error"}`+"\n" {
		t.Errorf("GET /broken: %d %s", a.status, a.body)
	}
	in.stderr.Await(t, `"path":"/broken".*"code":"CP2213".*the function's handler cannot be loaded: Unable to import module 'app'`)
	in.do("GET", "/python")
	in.stderr.Await(t, `"path":"/python".*"code":"CP4003".*: the function raised KeyError: 'DB_URL'","hint":"read the traceback in its log"`)
	in.do("GET", "/sorry", "Origin: http://localhost:5173")
	in.stderr.Await(t, `"path":"/sorry".*"code":"CP1103".*browsers keep it from http://localhost:5173: the response has no Access-Control-Allow-Origin`)
}

// TestChildUnanswered has SAM local fail while it sends the header of an answer, and
// leave the request waiting.
func TestChildUnanswered(t *testing.T) {
	t.Parallel()
	in := startWith(t, "quick", "--timeout-response-header", "1s")
	in.do("GET", "/x")
	const why = "SAM local leaves the request without an answer: the function's response has a header field with a character beyond Latin-1"
	if a := in.do("GET", "/unsendable"); a.status != http.StatusGatewayTimeout || !strings.Contains(a.body, why) {
		t.Errorf("GET /unsendable: %d %s", a.status, a.body)
	}
	in.stderr.Await(t, `"path":"/unsendable".*"code":"CP2220"`)
}

// TestChildOutdated has the template change under SAM local, which ends with
// corsproxy: it is not to be started alone.
func TestChildOutdated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTemplate(t, dir, "/a")
	in := startWithIn(t, dir, "quick")
	in.do("GET", "/x") // waits until it is ready
	in.stderr.Await(t, `learned 1 route`)
	writeTemplate(t, dir, "/unmounted")
	future := time.Now().Add(time.Hour) // file systems have coarser clocks than Go
	if err := os.Chtimes(filepath.Join(dir, "template.yaml"), future, future); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `read template.yaml again: 1 route`)
	p := in.told("GET /unmounted", http.StatusNotFound, "CP3015 template-newer-than-sam", "template.yaml:6")
	if hints := strings.Join(p.Hints, "\n"); !strings.Contains(hints, "start both again") || strings.Contains(hints, "sam local start-api") {
		t.Errorf("the hints are %q", hints)
	}
}

// TestChildEnds has corsproxy end with its command, and say why to those who
// wait for an answer.
func TestChildEnds(t *testing.T) {
	t.Parallel()
	in := startWith(t, "quick")
	a := in.do("GET", "/die", "Origin: http://localhost:5173")
	var problem struct {
		Code   string
		Detail string
	}
	if err := json.Unmarshal([]byte(a.body), &problem); err != nil {
		t.Fatalf("%d %q: %v", a.status, a.body, err)
	}
	if a.status != http.StatusBadGateway || problem.Code != "CP2202" || !strings.Contains(problem.Detail, "(exit code 3)") ||
		!strings.Contains(problem.Detail, "the disk is full") || a.header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("GET /die: %d %v %+v", a.status, a.header, problem)
	}
	if code := in.code(); code != 3 {
		t.Errorf("exit code %d, want the command's 3", code)
	}
	in.stderr.Await(t, `"code":"CP2202"`)
}

func TestChildNotReady(t *testing.T) {
	t.Parallel()
	in := startWith(t, "silent", "--ready-timeout", "1ms")
	a := in.do("GET", "/x", "Origin: http://localhost:5173")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "5" || !strings.Contains(a.body, `"CP2203"`) {
		t.Errorf("GET /x: %d %v %s", a.status, a.header, a.body)
	}
	if a := in.preflight("http://localhost:5173"); a.status != http.StatusOK {
		t.Errorf("the preflight: %d %s", a.status, a.body)
	}
	in.stderr.Await(t, `no address here`) // it hears of an interrupt
	in.signals <- syscall.SIGTERM
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestChildDrain lets a request that waits go when corsproxy is to end.
func TestChildDrain(t *testing.T) {
	t.Parallel()
	in := startWith(t, "silent")
	outcome := make(chan int, 1) // the status; 0 where the connection was not accepted any more
	go func() {
		response, err := http.Get(in.url + "/x")
		if err != nil {
			outcome <- 0
			return
		}
		_ = response.Body.Close()
		outcome <- response.StatusCode
	}()
	in.stderr.Await(t, `no address here`)
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if status := <-outcome; status != 0 && status != http.StatusServiceUnavailable {
		t.Errorf("who waited got %d", status)
	}
}

func TestChildSecondSignal(t *testing.T) {
	t.Parallel()
	in := startWith(t, "deaf")
	in.stderr.Await(t, `^deaf$`)
	in.signals <- os.Interrupt
	in.stderr.Await(t, `to end; press Ctrl-C again to end it at once`)
	in.signals <- os.Interrupt
	if code := in.code(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

func TestChildStartFails(t *testing.T) {
	t.Parallel()
	in := startWith(t, "taken")
	if code := in.code(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	in.stderr.Await(t, `another program listens on its port already`)
}

// TestChildKeepsItsPath has the command in answers, which any site may read, by its
// name alone.
func TestChildKeepsItsPath(t *testing.T) {
	t.Parallel()
	in := start(t, append([]string{"--template", "none"}, asSAM(t, "quick")...)...)
	in.stderr.Await(t, `is ready at`)
	if a := in.do("GET", "/unmounted"); !strings.Contains(a.body, `"source": "sam local start-api:1"`) {
		t.Errorf("GET /unmounted: %d %s", a.status, a.body)
	}
}

// TestChildKeepsSecrets has the arguments of the command in no answer, and in
// the log without what is secret in them.
func TestChildKeepsSecrets(t *testing.T) {
	t.Parallel()
	const secret = "S3CRETPW"
	arguments := []string{"--port", unusedPort(t), "--parameter-overrides", "DbPassword=" + secret, "Z=1 DbPassword=x&" + secret, "--token", secret, "https://u:" + secret + "@h/?token=" + secret}
	for _, command := range [][]string{asSAM(t, "silent", arguments...), append(asSAM(t, "silent")[:4], arguments...)} {
		in := start(t, append([]string{"--ready-timeout", "1ms", "--template", "none"}, command...)...)
		in.stderr.Await(t, `no address here`)
		if a := in.do("GET", "/x", "Origin: https://evil.example"); a.status != http.StatusServiceUnavailable || strings.Contains(a.body, secret) || strings.Contains(a.body, "--parameter-overrides") {
			t.Errorf("GET /x: %d %s", a.status, a.body)
		}
		in.signals <- os.Interrupt
		in.code()
		if log := in.stderr.String(); strings.Contains(log, secret) || !strings.Contains(log, "DbPassword=REDACTED 'Z=1 DbPassword=REDACTED' --token REDACTED 'https://REDACTED@h/?token=REDACTED'") {
			t.Errorf("the log:\n%s", log)
		}
	}
}

// TestSAMIsNotInstalled proposes no other program whose name is near.
func TestSAMIsNotInstalled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sum"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	w := world{environ: []string{"PATH=" + dir}}
	err := startFailure(&child.StartError{Program: "sam", Code: child.ExitNotFound, Err: exec.ErrNotFound}, w, []string{"sam", "local", "start-api"})
	if want := `cannot start "sam": there is no such program in PATH; install the AWS SAM CLI, activate the environment that has it, or name it by its path`; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
