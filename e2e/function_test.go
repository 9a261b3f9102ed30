//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

// TestFunctionRaises has functions in the real runtime of Python, which end with
// an error. SAM local answers the same to each of them, and the log says why.
func TestFunctionRaises(t *testing.T) {
	t.Parallel()
	program := tool(t, filepath.Join(cache, "sam", "bin", "sam"))
	python := image(t, "corsproxy-e2e/lambda-python:latest")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "raises"))); err != nil {
		t.Fatal(err)
	}
	sam := loopback.Unused(t)
	p := startChild(t, dir, environment(), program, "local", "start-api", "--port", port(t, sam), "--skip-pull-image", "--invoke-image", python)
	get := func(path string) answer {
		return send(t, p.address, "GET "+path+" HTTP/1.1\nHost: api.example.test\n\n")
	}
	if a := get("/fine"); a.status != http.StatusOK || a.body != "fine" {
		t.Fatalf("GET /fine: %q %q", a.head, a.body)
	}
	for path, explanation := range map[string]string{
		"/raises":     `"code":"CP4003".*the function raised KeyError: 'DB_URL'`,
		"/unloadable": `"code":"CP2213".*the function's handler cannot be loaded: Unable to import module 'missing': No module named 'missing'`,
	} {
		a := get(path)
		if a.status != http.StatusBadGateway || a.body != `{"message":"Internal server error"}`+"\n" {
			t.Errorf("GET %s: %q %q, want SAM local's own 502", path, a.head, a.body)
		}
		p.said(`"path":"` + path + `","status":502,.*` + explanation)
	}
}
