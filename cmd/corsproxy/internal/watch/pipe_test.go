//go:build unix

package watch_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// A pipe that nobody writes does not hold up the watcher.
func TestPipeInPlaceOfTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	put(t, path, "first")
	reports := started(t, path)
	must(t, syscall.Mkfifo(path+".new", 0o600))
	must(t, os.Rename(path+".new", path))
	if c := next(t, reports); !errors.Is(c.Err, smallfile.ErrIrregular) {
		t.Errorf("reported %+v", c)
	}
	put(t, path+".new", "second")
	must(t, os.Rename(path+".new", path))
	expect(t, reports, "second")
}
