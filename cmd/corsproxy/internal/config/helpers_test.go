package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
)

// write makes a directory that holds corsproxy.yaml with the given content.
func write(t testing.TB, content string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "corsproxy.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// load reads a file with the given content and nothing else.
func load(t testing.TB, content string) (*config.Loaded, error) {
	t.Helper()
	return config.Load(config.Input{Dir: write(t, content)})
}

func mustLoad(t testing.TB, in config.Input) *config.Loaded {
	t.Helper()
	l, err := config.Load(in)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return l
}
