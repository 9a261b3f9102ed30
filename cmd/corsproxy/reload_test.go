package main

import (
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
)

// write writes the configuration file of the instance's directory.
func write(t *testing.T, dir, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "corsproxy.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// allowed expects that a page of origin may call, or may not.
func (in *instance) allowed(origin string, want bool) {
	in.t.Helper()
	got := in.preflight(origin).header.Get("Access-Control-Allow-Origin")
	if (got == origin) != want {
		in.t.Errorf("%s: Access-Control-Allow-Origin is %q", origin, got)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "cors: {allow_origins: [http://one]}\n")
	in := startIn(t, dir, "--upstream", samLocal(t))
	in.allowed("http://one", true)

	write(t, dir, "cors: {allow_origins: [http://two]}\nlog: {level: debug}\n")
	in.stderr.Await(t, `"msg":"read corsproxy.yaml again; changed: cors.allow_origins, log.level","changed":\["cors.allow_origins","log.level"\]`)
	in.allowed("http://one", false)
	in.allowed("http://two", true)

	write(t, dir, "cors:\n  allow_origins: [http://three/]\n  max_age: 5\n")
	in.stderr.Await(t, `"msg":"corsproxy.yaml:2:19: cors.allow_origins\[0\]: .*http://three`)
	in.stderr.Await(t, `"msg":"corsproxy.yaml:3:12: cors.max_age: .*write 5s`)
	in.stderr.Await(t, `"msg":"CP5002 config-not-reloaded: corsproxy.yaml has 2 mistakes; the configuration stays as it was"`)
	in.allowed("http://two", true)

	if err := os.Remove(filepath.Join(dir, "corsproxy.yaml")); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, `"msg":"CP5002 config-not-reloaded: corsproxy.yaml is gone; the configuration stays as it was"`)
	in.allowed("http://two", true)

	write(t, dir, "upstream: 9\ncors: {allow_origins: [http://four]}\ntimeouts: {dial: 1s}\n")
	in.stderr.Await(t, `"msg":"CP5003 config-needs-restart: corsproxy.yaml:3:18: timeouts.dial is now 1s, and was 5s at the start; restart corsproxy to apply it"`)
	in.stderr.Await(t, `changed: cors.allow_origins, log.level"`)
	in.allowed("http://four", true)

	in.signals <- syscall.SIGHUP
	in.stderr.Await(t, `"msg":"read corsproxy.yaml again; nothing to apply has changed"`)
}

// TestReloadOfAPart has a file of which only the beginning is written yet: that
// must not open the policy.
func TestReloadOfAPart(t *testing.T) {
	t.Parallel()
	const (
		blank    = `corsproxy.yaml has no setting in it; for the defaults, write {}`
		mistaken = `corsproxy.yaml has 1 mistake`
	)
	for part, why := range map[string]string{
		"":                                    blank,
		" \n":                                 blank,
		"# hello\n":                           blank,
		"---\n":                               blank,
		"~":                                   blank,
		"cors:\n":                             mistaken,
		"routes:":                             mistaken,
		"log:\n":                              mistaken,
		"cors:\n  # allow_origins: [":         mistaken,
		"routes:\n  - path: /a\n    cors:\n":  mistaken,
		"cors: &a\nlog: {level: info}\n":      mistaken,
		"cors: {allow_origins: [http://evil]": mistaken,
	} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "cors: {allow_origins: [http://good]}\n")
			in := startIn(t, dir, "--upstream", samLocal(t))
			write(t, dir, part)
			in.stderr.Await(t, `"msg":"CP5002 config-not-reloaded: `+why+`; the configuration stays as it was"`)
			in.allowed("http://good", true)
			in.allowed("http://evil", false)
			if got := in.preflight("http://evil").status; got != http.StatusForbidden {
				t.Errorf("a preflight of another origin has %d", got)
			}
			write(t, dir, "{}")
			in.stderr.Await(t, `changed: cors.allow_origins"`)
		})
	}
}

// TestReloadOfANewFile makes the file after the start.
func TestReloadOfANewFile(t *testing.T) {
	t.Parallel()
	in := start(t, "--upstream", samLocal(t))
	in.allowed("http://one", false) // any origin is "*"
	write(t, in.dir, "cors: {allow_origins: [http://one]}\n")
	in.stderr.Await(t, `changed: cors.allow_origins`)
	in.allowed("http://one", true)
}

// TestReloadLosesNothing sends requests all the while.
func TestReloadLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "cors: {max_age: 1s}\n")
	in := startIn(t, dir, "--upstream", samLocal(t), "--log-level", "info")
	var stop atomic.Bool
	done := make(chan int)
	for range 2 {
		go func() {
			n := 0
			for ; !stop.Load(); n++ {
				response, err := http.Post(in.url+"/scanRecords", "", nil)
				if err != nil {
					t.Errorf("request %d: %v", n, err)
					continue
				}
				if response.Body.Close(); response.StatusCode != http.StatusOK {
					t.Errorf("request %d: %s", n, response.Status)
				}
			}
			done <- n
		}()
	}
	write(t, dir, "cors: {max_age: 2s}\n")
	in.stderr.Await(t, `changed: cors.max_age"`)
	write(t, dir, "cors: {max_age: 2s, preflight_status: 204}\n")
	in.stderr.Await(t, `changed: cors.preflight_status"`)
	stop.Store(true)
	if n := <-done + <-done; n < 2 {
		t.Errorf("only %d requests were sent", n)
	}
}
