//go:build unix

package smallfile_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A pipe has no writer here, so to wait for one would be for ever.
func TestPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := smallfile.Read(path, limit); !errors.Is(err, smallfile.ErrIrregular) {
		t.Errorf("the error is %v", err)
	}
}
