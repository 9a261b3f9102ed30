//go:build e2e

package e2e

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

// startChild starts corsproxy with a command as its upstream.
func startChild(t *testing.T, dir string, env []string, command ...string) *proxy {
	t.Helper()
	address := loopback.Unused(t)
	cmd := exec.Command(corsproxy, append([]string{"--listen", address, "--"}, command...)...)
	cmd.Env, cmd.Dir = env, dir
	p := &proxy{start(t, "corsproxy", cmd), address, "http://" + address}
	p.listens(address)
	return p
}

// TestSAMAsChild has SAM local started with corsproxy: a request that comes
// first waits, a wrong path is explained by the routes that SAM local says it
// has mounted, and nothing is left at the end.
func TestSAMAsChild(t *testing.T) {
	t.Parallel()
	program := tool(t, filepath.Join(cache, "sam", "bin", "sam"))
	lambda := image(t, "corsproxy-e2e/lambda:latest")
	dir, err := buildSAM()
	if err != nil {
		t.Fatal(err)
	}
	sam := loopback.Unused(t)
	p := startChild(t, dir, environment(), program, "local", "start-api", "--port", port(t, sam), "--skip-pull-image", "--invoke-image", lambda)
	page := openPage(t)
	page.readable(page.fetch(p.url+"/scanRecords", jsonPost()), http.StatusOK)
	p.said(`Mounting \S+ at http://` + sam + `/scanRecords \[POST\]`)
	got := page.problem(page.fetch(p.url+"/scanRecord", jsonPost()), http.StatusNotFound)
	if got.Code != "CP3001" {
		t.Errorf("problem %+v, want CP3001", got)
	}
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if out, err := exec.Command("pgrep", "-f", "local start-api --port "+port(t, sam)).Output(); err == nil {
		t.Errorf("processes are left: %s", strings.TrimSpace(string(out)))
	}
}

// TestNodeAsChild has a Node program as the upstream, which prints where it
// listens.
func TestNodeAsChild(t *testing.T) {
	t.Parallel()
	node := tool(t, "node")
	const program = `require('http').createServer((q, r) => r.end('hello')).listen(0, '127.0.0.1', function () { console.log('listening on ' + this.address().port) })`
	p := startChild(t, t.TempDir(), environment(), node, "-e", program)
	if a := send(t, p.address, "GET / HTTP/1.1\nHost: api.example.test\n\n"); a.status != http.StatusOK || a.body != "hello" {
		t.Errorf("GET /: %q %q", a.head, a.body)
	}
}
