//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

// What the image is stamped with here.
const (
	imageVersion  = "0.0.0-e2e"
	imageRevision = "0123456789abcdef"
)

// buildImage builds the Dockerfile as it is, once for all tests, and returns the
// image's ID. Only the image that it builds in is a stand-in, which holds what
// it needs from the network.
var buildImage = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "image")
	cmd := exec.Command("docker", "build", "--network", "none", "--force-rm", "--iidfile", file,
		"--build-arg", "GO_IMAGE=corsproxy-e2e/golang:latest",
		"--build-arg", "VERSION="+imageVersion, "--build-arg", "REVISION="+imageRevision, ".")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("docker build: %w\n%s", err, out)
	}
	id, err := os.ReadFile(file)
	return string(id), err
})

func corsproxyImage(t *testing.T) string {
	t.Helper()
	if name := os.Getenv("CORSPROXY_IMAGE"); name != "" {
		return name
	}
	image(t, "corsproxy-e2e/golang:latest")
	name, err := buildImage()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// A container runs corsproxy.
type container struct {
	t       *testing.T
	id      string
	address string
	url     string
}

// startContainer runs the image as narrowly as its documentation advises, on
// the host's network, where SAM local on loopback is within reach.
func startContainer(t *testing.T, upstream string, options ...string) *container {
	t.Helper()
	address := loopback.Unused(t)
	args := []string{
		"run", "--detach", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "host",
		"--health-interval", "1s", "--env", "CORSPROXY_LISTEN=" + address, "--env", "CORSPROXY_UPSTREAM=" + upstream,
	}
	args = append(append(args, options...), corsproxyImage(t))
	c := &container{t: t, address: address, url: "http://" + address}
	c.id = strings.TrimSpace(command(t, exec.Command(docker(t), args...)))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container said:\n%s", c.docker("logs"))
		}
		c.docker("rm", "--force", "--volumes")
	})
	c.state("{{.State.Health.Status}}", "healthy")
	return c
}

// docker runs a docker command on the container.
func (c *container) docker(args ...string) string {
	c.t.Helper()
	return strings.TrimSpace(command(c.t, exec.Command("docker", append(args, c.id)...)))
}

// state waits until a part of the container's state is as wanted.
func (c *container) state(format, want string) {
	c.t.Helper()
	eventually(c.t, func() error {
		if got := c.docker("inspect", "--format", format); got != want {
			return fmt.Errorf("%s is %q, want %q; the container said:\n%s", format, got, want, c.docker("logs"))
		}
		return nil
	})
}

func TestImage(t *testing.T) {
	t.Parallel()
	name := corsproxyImage(t)
	var inspected []struct {
		Config struct {
			User        string
			Env         []string
			Entrypoint  []string
			Labels      map[string]string
			Healthcheck struct{ Test []string }
		}
	}
	if err := json.Unmarshal([]byte(command(t, exec.Command("docker", "image", "inspect", name))), &inspected); err != nil {
		t.Fatal(err)
	}
	config := inspected[0].Config
	if config.User != "65532:65532" {
		t.Errorf("user %q, want a number that is not 0, for runAsNonRoot", config.User)
	}
	if !slices.Contains(config.Env, "CORSPROXY_LISTEN=0.0.0.0:8080") {
		t.Errorf("environment %q has no CORSPROXY_LISTEN=0.0.0.0:8080", config.Env)
	}
	if want := []string{"CMD", "/corsproxy", "healthcheck"}; !slices.Equal(config.Healthcheck.Test, want) {
		t.Errorf("health check %q, want %q", config.Healthcheck.Test, want)
	}
	run := func(args ...string) (string, error) {
		out, err := exec.Command("docker", append([]string{"run", "--rm", "--network", "none", "--read-only"}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := run("--entrypoint", "/bin/sh", name, "-c", "true"); err == nil {
		t.Errorf("the image has a shell: %s", out)
	}
	if os.Getenv("CORSPROXY_IMAGE") != "" {
		return // what it is stamped with is not known
	}
	out, err := run(name, "version")
	if want := "corsproxy " + imageVersion + " (revision " + imageRevision + ","; err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("version: %q, %v, want %q", out, err, want)
	}
	for label, want := range map[string]string{
		"org.opencontainers.image.version":  imageVersion,
		"org.opencontainers.image.revision": imageRevision,
		"org.opencontainers.image.licenses": "MIT",
	} {
		if got := config.Labels[label]; got != want {
			t.Errorf("label %s is %q, want %q", label, got, want)
		}
	}
}

func TestSidecar(t *testing.T) {
	t.Parallel()
	sam := startSAM(t, loopback.Unused(t), "")
	c := startContainer(t, "http://"+sam.address)
	p := openPage(t)
	f := p.fetch(c.url+"/scanRecords", jsonPost())
	p.readable(f, http.StatusOK)
	if !strings.Contains(f.Body, `"name":"first"`) {
		t.Errorf("the page got %s", f.Body)
	}
	if got := p.problem(p.fetch(c.url+"/nowhere", jsonPost()), http.StatusForbidden); got.Code != "CP3000" {
		t.Errorf("problem %+v, want CP3000", got)
	}
}

// TestContainerDrains tells a container to stop while it has a request.
func TestContainerDrains(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		fmt.Fprint(w, "finished")
	}))
	t.Cleanup(upstream.Close)
	c := startContainer(t, upstream.URL)

	answers := make(chan answer, 1)
	go func() {
		a, err := exchange(c.address, "GET / HTTP/1.1\nHost: api.example.test\n\n")
		if err != nil {
			t.Errorf("the request in flight: %v", err)
		}
		answers <- a
	}()
	<-arrived
	c.docker("kill", "--signal", "TERM")
	eventually(t, func() error {
		if resp, err := http.Get(c.url); err == nil {
			resp.Body.Close()
			return fmt.Errorf("new requests are answered %s", resp.Status)
		}
		return nil
	})
	select {
	case a := <-answers:
		t.Fatalf("the request ended before its answer was there: %q", a.head)
	default:
	}
	if got := c.docker("inspect", "--format", "{{.State.Running}}"); got != "true" {
		t.Fatal("the container ended before its last request")
	}
	close(release)
	if a := <-answers; a.status != http.StatusOK || a.body != "finished" {
		t.Errorf("the request in flight got %q %q", a.head, a.body)
	}
	if code := c.docker("wait"); code != "0" {
		t.Errorf("exit code %s after SIGTERM, want 0", code)
	}
}

// TestContainerReloads edits a configuration in a mounted folder, in place and
// as editors do, by renaming.
func TestContainerReloads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "corsproxy.yaml")
	write := func(file, origin string) {
		t.Helper()
		// The container's user is not this one.
		if err := os.WriteFile(file, []byte("cors:\n  allow_origins: ["+origin+"]\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(file, frontend)
	c := startContainer(t, "http://"+loopback.Unused(t), "--volume", dir+":/etc/corsproxy:ro")
	allows := func(origin string) {
		t.Helper()
		eventually(t, func() error {
			a := send(t, c.address, strings.ReplaceAll(fmt.Sprintf(preflight, "/"), frontend, origin))
			if got := a.header.Get("Access-Control-Allow-Origin"); got != origin {
				return fmt.Errorf("Access-Control-Allow-Origin is %q for the origin %s", got, origin)
			}
			return nil
		})
	}
	allows(frontend)
	write(file, "http://localhost:5174")
	allows("http://localhost:5174")
	write(file+".new", "http://localhost:5175")
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	allows("http://localhost:5175")
}

// TestCompose validates the compose example.
func TestCompose(t *testing.T) {
	t.Parallel()
	compose := []string{tool(t, "docker", "docker-compose"), "compose"}
	if exec.Command(compose[0], "compose", "version").Run() != nil {
		compose = []string{tool(t, "docker-compose")}
	}
	args := append(compose[1:], "--file", filepath.Join(repository, "examples", "compose.yaml"), "config")
	out := command(t, exec.Command(compose[0], args...))
	for _, want := range []string{"read_only: true", "http://host.docker.internal:3000", "127.0.0.1", "no-new-privileges"} {
		if !strings.Contains(out, want) {
			t.Errorf("compose config has no %q:\n%s", want, out)
		}
	}
}
