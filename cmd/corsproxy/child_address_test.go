package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/loopback"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// asSAM returns a command that runs the test binary under the name sam.
func asSAM(t *testing.T, role string, args ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	sam := filepath.Join(t.TempDir(), "sam")
	if err := os.Symlink(self, sam); err != nil {
		t.Fatal(err)
	}
	return append([]string{"--", "env", beUpstream + "=" + role, sam, "local", "start-api"}, args...)
}

// stranger starts a server that no command of corsproxy's has started, and
// fails the test where it gets a request.
func stranger(t *testing.T) (address, port string) {
	t.Helper()
	address = upstream(t, func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a stranger got %s %s", r.Method, r.URL)
	})
	_, port, _ = net.SplitHostPort(address)
	return address, port
}

// unusedPort returns a port on which nothing listens.
func unusedPort(t *testing.T) string {
	t.Helper()
	_, port, _ := net.SplitHostPort(loopback.Unused(t))
	return port
}

// TestChildStranger has corsproxy forward nothing to what listened on the
// command's port before.
func TestChildStranger(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		command   func(t *testing.T, address, port string) []string
		linuxOnly bool // elsewhere only guesses are looked at before the start
	}{
		{"named by an argument", func(t *testing.T, _, port string) []string {
			return append(asSAM(t, "silent")[:4], "--port", port)
		}, false},
		{"named by the log", func(t *testing.T, address, _ string) []string {
			return append([]string{"--", "env", "CLAIMS=Running on http://" + address}, asSAM(t, "claims")[2:4]...)
		}, true},
		{"named by localhost", func(t *testing.T, _, port string) []string {
			return append([]string{"--", "env", "CLAIMS=Local: http://localhost:" + port}, asSAM(t, "claims")[2:4]...)
		}, true},
		{"named by the lines of SAM local", func(t *testing.T, address, _ string) []string {
			claims := "CLAIMS=Mounting F at http://" + address + "/x [GET]"
			return append([]string{"--", "env", claims}, asSAM(t, "claims", "--port", unusedPort(t))[2:]...)
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.linuxOnly && runtime.GOOS != "linux" {
				t.Skip("only Linux tells who listens")
			}
			address, port := stranger(t)
			in := start(t, append([]string{"--ready-timeout", "100ms", "--template", "none"}, tt.command(t, address, port)...)...)
			in.awaitRefusal("CP2201", "it listened there before")
		})
	}
}

// awaitRefusal sends requests, each of which has to be refused, until a refusal
// has the code and the words.
func (in *instance) awaitRefusal(code, words string) {
	in.t.Helper()
	for deadline := time.Now().Add(transcript.Patience); ; {
		a := in.do("GET", "/x")
		if a.status != http.StatusServiceUnavailable || time.Now().After(deadline) {
			in.t.Fatalf("GET /x: %d %s", a.status, a.body)
		}
		if strings.Contains(a.body, `"`+code+`"`) && strings.Contains(a.body, words) {
			return
		}
	}
}

// TestChildStrangerNamed goes where --upstream leads, and says what is odd.
func TestChildStrangerNamed(t *testing.T) {
	t.Parallel()
	address := upstream(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "front") })
	in := start(t, append([]string{"--upstream", address, "--template", "none"}, asSAM(t, "silent")[:4]...)...)
	if a := in.do("GET", "/x"); a.status != http.StatusOK || a.body != "front" {
		t.Errorf("GET /x: %d %s", a.status, a.body)
	}
	in.stderr.Await(t, `something listened at http://`+address+`.* before .* was started; requests go to it, since --upstream names it`)
}

// TestSAMPortTaken has the port looked at before SAM local is started.
func TestSAMPortTaken(t *testing.T) {
	t.Parallel()
	_, port := stranger(t)
	config := "version = 0.1\n[default.local_start_api.parameters]\nport = " + port + "\n"
	tests := []struct {
		name, config string
		args         []string
	}{
		{"by an argument", "", []string{"-p", port}},
		{"by samconfig.toml", config, nil},
		{"by an argument, with --upstream", "", []string{"--port=" + port}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"--listen", "0"}
			if strings.HasSuffix(tt.name, "--upstream") {
				args = append(args, "--upstream", port)
			}
			in := begin(t, dir, append(args, asSAM(t, "quick", tt.args...)...)...)
			if code := in.code(); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			in.stderr.Await(t, `CP2216.*something listens at http://127\.0\.0\.1:`+port+`.*start corsproxy with --upstream `+port+` in place of the command; otherwise end it, or start SAM local with --port \d+ in place of `+port+`$`)
			if text := in.stderr.String(); strings.Contains(text, "Mounting") {
				t.Errorf("it was started:\n%s", text)
			}
		})
	}
}

// TestChildElsewhere follows no address in a log that may be another machine's.
func TestChildElsewhere(t *testing.T) {
	t.Parallel()
	for _, claim := range []string{
		"Mounting F at http://evil.example:80/x [GET]",
		" * Running on http://169.254.169.254:80",
		"Listening on http://192.0.2.7:3000",
		"Local: http://2130706433:3000/",
	} {
		t.Run(claim, func(t *testing.T) {
			t.Parallel()
			in := start(t, append([]string{"--ready-timeout", "100ms", "--template", "none", "--", "env", "CLAIMS=" + claim}, asSAM(t, "claims")[2:4]...)...)
			in.awaitRefusal("CP2203", "may be another machine")
		})
	}
}

// TestChildNoisyLog finds where a command listens behind many other addresses
// in its output.
func TestChildNoisyLog(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells who listens")
	}
	address := upstream(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "") })
	var claims strings.Builder
	for port := range 40 {
		fmt.Fprintf(&claims, "worker listening on 127.0.0.1:%d\n", 10+port)
	}
	in := start(t, append([]string{"--ready-timeout", "200ms", "--template", "none", "--", "env", "CLAIMS=" + claims.String() + "Listening on http://" + address}, asSAM(t, "claims")[2:4]...)...)
	// It is found, and is not the command's.
	in.awaitRefusal("CP2201", "what listens at http://"+address+" is not")
}

// TestChildListensElsewhere compares SAM local's address with --upstream.
func TestChildListensElsewhere(t *testing.T) {
	t.Parallel()
	other := unusedPort(t)
	in := start(t, append([]string{"--upstream", other, "--template", "none"}, asSAM(t, "quick", "--port", unusedPort(t))...)...)
	m := in.stderr.Await(t, `SAM local listens at http://127\.0\.0\.1:(\d+), and --upstream names http://127\.0\.0\.1:`+other+`, to which requests go; leave out --upstream, or write --upstream (\d+)`)
	if m[1] != m[2] {
		t.Errorf("it listens on %s, and the text says %s", m[1], m[2])
	}
}

// TestChildNowhere says that it is not known where a command listens, and what
// may tell.
func TestChildNowhere(t *testing.T) {
	t.Parallel()
	const nothing = `runs, and neither its arguments nor its output say yet where it listens; if its output never does, name the address, before the -- of corsproxy's command line`
	tests := []struct {
		name, role, timeout, config string
		args                        []string
		want                        string
	}{
		{"nothing tells", "silent", "10s", "", nil, nothing + `, such as --upstream 3000"`},
		{"an argument", "silent", "10s", "port = 24308", []string{"app.js", "28799"}, nothing + `; a number among the arguments may be its port: --upstream 28799"`},
		{"samconfig.toml", "silent", "10s", "port = 24308", nil, nothing + `; the samconfig of its folder has this port for SAM local: --upstream 24308"`},
		{"no port in samconfig.toml", "silent", "10s", "port = 70000", nil, nothing + `, such as --upstream 3000"`},
		{"it listens", "hidden", "1m", "port = 24308", nil, `listens on port \d+, and neither its arguments nor its output say yet that requests are to go there; if they are, name the address, before the -- of corsproxy's command line: --upstream \d+"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.role == "hidden" && runtime.GOOS != "linux" {
				t.Skip("only Linux tells who listens")
			}
			dir := t.TempDir()
			config := "version = 0.1\n[default.local_start_api.parameters]\n" + tt.config + "\n"
			if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"--ready-timeout", tt.timeout, "--template", "none"}, asSAM(t, tt.role)[:4]...)
			in := startIn(t, dir, append(args, tt.args...)...)
			in.stderr.Await(t, `"msg":"CP2203.*`+tt.want)
		})
	}
}

// TestNoticeDue leaves a script the time to start SAM local before anything is
// said to be missing.
func TestNoticeDue(t *testing.T) {
	t.Parallel()
	const early, late = 29 * time.Second, 30 * time.Second
	npm, samLocal := []string{"npm", "run", "api"}, []string{"sam", "local", "start-api"}
	tests := []struct {
		name    string
		command []string
		state   diagnosis.Child
		ran     time.Duration
		mounted bool
		want    bool
	}{
		{"nothing tells yet", npm, diagnosis.Child{}, early, false, false},
		{"a guess tells", npm, diagnosis.Child{Port: "24308", PortBy: diagnosis.PortSAMConfig}, early, false, false},
		{"nothing told", npm, diagnosis.Child{}, late, false, true},
		{"it listens", npm, diagnosis.Child{Port: "24308", PortBy: diagnosis.PortHeld}, nowhereNotice, false, true},
		{"another host", npm, diagnosis.Child{Elsewhere: "http://build-7:3000"}, nowhereNotice, false, true},
		{"a stranger", samLocal, diagnosis.Child{Upstream: "http://127.0.0.1:3000", Taken: "http://127.0.0.1:3000"}, nowhereNotice, false, true},
		{"it starts", npm, diagnosis.Child{Upstream: "http://127.0.0.1:3000"}, time.Hour, false, false},
		{"one of several servers", npm, diagnosis.Child{Upstream: "http://127.0.0.1:3000", Says: "http://127.0.0.1:5173"}, early, false, false},
		{"another port", npm, diagnosis.Child{Upstream: "http://127.0.0.1:3000", Says: "http://127.0.0.1:3001"}, late, false, true},
		{"another port of SAM local's", npm, diagnosis.Child{Upstream: "http://127.0.0.1:3000", Says: "http://127.0.0.1:3001"}, early, true, true},
		{"SAM local itself, which was compared", samLocal, diagnosis.Child{Upstream: "http://127.0.0.1:3000", Says: "http://127.0.0.1:3001"}, late, true, false},
		{"it starts again", npm, diagnosis.Child{Restarts: true, Port: "9229", PortBy: diagnosis.PortHeld}, early, false, false},
		{"it starts again for long", npm, diagnosis.Child{Restarts: true}, late, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &upstreamChild{isSAM: tt.command[0] == "sam", gate: newReadyGate(time.Minute, nil)}
			c.command.Args = tt.command
			if got := c.noticeDue(tt.state, tt.ran, tt.mounted); got != tt.want {
				t.Errorf("noticeDue: %v", got)
			}
		})
	}
}

// TestChildNamesAnotherPort compares the output of any command with --upstream,
// early and in the answers.
func TestChildNamesAnotherPort(t *testing.T) {
	t.Parallel()
	other, port := unusedPort(t), unusedPort(t)
	in := start(t, append([]string{"--ready-timeout", "100ms", "--upstream", other, "--template", "none", "--", "env", "CLAIMS=listening on port " + port}, asSAM(t, "claims")[2:4]...)...)
	words := `names http://127.0.0.1:` + port + `, and --upstream names http://127.0.0.1:` + other + `, which takes no connections yet`
	in.awaitRefusal("CP2201", words)
	in.stderr.Await(t, `"msg":"CP2201.*`+regexp.QuoteMeta(words)+`; if what the output names is the upstream, leave out --upstream, or name it, before the -- of corsproxy's command line: --upstream `+port)
}

// TestChildMoves says where a command listens that has started its server anew
// elsewhere, and sends nothing there: a request may have had that written.
func TestChildMoves(t *testing.T) {
	t.Parallel()
	in := startWith(t, "quick", "--template", "none")
	moved := in.do("GET", "/move").body
	in.stderr.Await(t, "^listening on "+regexp.QuoteMeta(moved))
	// It is read when it has been passed on.
	for deadline := time.Now().Add(transcript.Patience); ; {
		a := in.do("GET", "/x")
		if a.status != http.StatusBadGateway {
			t.Fatalf("GET /x: %d %s", a.status, a.body)
		}
		if strings.Contains(a.body, "its output has named "+moved+" since") && strings.Contains(a.body, "start corsproxy again") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET /x: %s", a.body)
		}
	}
}
