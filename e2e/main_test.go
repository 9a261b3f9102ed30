//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What TestMain prepares for all tests.
var (
	repository string // the repository's root
	cache      string // where install.sh put its things
	scratch    string // a folder that is removed at the end
	corsproxy  string // the binary under test
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if repository, err = filepath.Abs(".."); err != nil {
		return 0, err
	}
	if cache = os.Getenv("E2E_CACHE"); cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return 0, err
		}
		cache = filepath.Join(dir, "corsproxy-e2e")
	}
	if scratch, err = os.MkdirTemp("", "corsproxy-e2e-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(scratch)
	if corsproxy, err = build(); err != nil {
		return 0, err
	}
	defer closeBrowser()
	return m.Run(), nil
}

// build builds corsproxy, unless CORSPROXY_BINARY names one.
func build() (string, error) {
	if binary := os.Getenv("CORSPROXY_BINARY"); binary != "" {
		return filepath.Abs(binary)
	}
	binary := filepath.Join(scratch, "corsproxy")
	cmd := exec.Command("go", "build", "-o", binary, "./cmd/corsproxy")
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/corsproxy: %w\n%s", err, out)
	}
	return binary, nil
}

// tool returns the first of the programs that is there: a name to look up in
// PATH, or a path. Without any the test is skipped, and says so, or fails where
// everything has to run.
func tool(t *testing.T, programs ...string) string {
	t.Helper()
	for _, p := range programs {
		if path, err := exec.LookPath(p); err == nil {
			return path
		}
	}
	missing(t, "none of %q is installed", programs)
	return ""
}

// missing ends a test that lacks something from the outside.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	why := fmt.Sprintf(format, args...) + "; make e2e-deps installs what the end-to-end tests need"
	if cmp.Or(os.Getenv("CI"), os.Getenv("E2E_REQUIRE")) != "" {
		t.Fatal(why)
	}
	t.Skip("NOT TESTED: " + why)
}

// docker returns the Docker client where a daemon answers it.
func docker(t *testing.T) string {
	t.Helper()
	client := tool(t, "docker")
	if out, err := exec.Command(client, "version").CombinedOutput(); err != nil {
		missing(t, "no Docker daemon answers: %v\n%s", err, out)
	}
	return client
}

// image requires an image that install.sh makes.
func image(t *testing.T, name string) string {
	t.Helper()
	if out, err := exec.Command(docker(t), "image", "inspect", name).CombinedOutput(); err != nil {
		missing(t, "there is no image %s: %v\n%s", name, err, out)
	}
	return name
}
