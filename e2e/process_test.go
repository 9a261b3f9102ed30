//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/loopback"
	"github.com/corsproxy/corsproxy/internal/transcript"
)

// patience bounds every wait. It is long, because the machine may be busy: a
// test that waits for it has failed.
const patience = 90 * time.Second

// A process is a program that runs during a test.
type process struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	out  *transcript.Transcript
	done chan struct{} // closed when it has ended
}

// start starts a program in a process group of its own, and ends the whole
// group when the test does. A failed test prints what the program said.
func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, out: transcript.New(), done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = cmd.Wait() // the exit code is in cmd.ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.out.String())
		}
	})
	return p
}

// environment is this process's, without what configures corsproxy, and with
// more. AWS SDKs find credentials that are good for nothing and, where a test
// names no emulator, an address where nobody listens: SAM itself asks AWS who it
// is, and tries again for ten seconds where that cannot be looked up.
func environment(more ...string) []string {
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "CORSPROXY_") {
			env = append(env, e)
		}
	}
	env = append(env, "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=1", "SAM_CLI_TELEMETRY=0")
	return append(env, more...)
}

// stop ends the process, asking first, and returns its exit code: -1 where a
// signal ended it. It may be called again.
func (p *process) stop() int {
	p.t.Helper()
	// ESRCH says that it has ended by itself.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Errorf("%s goes on %v after SIGTERM", p.name, patience)
	}
	// What is left of the group has nobody else to end it.
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
	return p.cmd.ProcessState.ExitCode()
}

// said waits until the process has said what matches, and returns the match
// with its groups.
func (p *process) said(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		text, changed := p.out.Read()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-changed:
		case <-p.done:
			// All output is there before done is closed.
			if m := re.FindStringSubmatch(p.out.String()); m != nil {
				return m
			}
			p.t.Fatalf("%s ended (%v) and did not say %q", p.name, p.cmd.ProcessState, pattern)
		case <-deadline:
			p.t.Fatalf("%s has not said %q", p.name, pattern)
		}
	}
}

// listens waits until the process accepts connections at address.
func (p *process) listens(address string) {
	p.t.Helper()
	eventually(p.t, func() error {
		select {
		case <-p.done:
			p.t.Fatalf("%s ended: %v", p.name, p.cmd.ProcessState)
		default:
		}
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

// eventually calls try again and again until it returns nil.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %v: %v", patience, err)
		}
	}
}

// port returns the port of an address.
func port(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// command runs a program to its end and returns its output.
func command(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			err = fmt.Errorf("start: %w", err)
		}
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// A proxy is a running corsproxy.
type proxy struct {
	*process
	address string // host and port
	url     string
}

// startProxy starts corsproxy before the upstream. It must end well when it is
// told to.
func startProxy(t *testing.T, upstream string, args ...string) *proxy {
	t.Helper()
	return startProxyIn(t, t.TempDir(), upstream, args...) // where there is no corsproxy.yaml
}

// startProxyIn is startProxy with a working directory.
func startProxyIn(t *testing.T, dir, upstream string, args ...string) *proxy {
	t.Helper()
	address := loopback.Unused(t)
	cmd := exec.Command(corsproxy, append([]string{"--listen", address, "--upstream", upstream}, args...)...)
	cmd.Env = environment()
	cmd.Dir = dir
	p := &proxy{start(t, "corsproxy", cmd), address, "http://" + address}
	t.Cleanup(func() {
		if code := p.stop(); code != 0 {
			t.Errorf("corsproxy ended with %v after SIGTERM, want exit code 0", p.cmd.ProcessState)
		}
	})
	p.listens(address)
	return p
}
