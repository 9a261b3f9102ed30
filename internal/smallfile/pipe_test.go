//go:build unix

package smallfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

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

// TestPipeThatTakesThePlace of a file between the look at it and its opening is
// not waited for, and not taken for an empty file.
func TestPipeThatTakesThePlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, pipe, file := filepath.Join(dir, "path"), filepath.Join(dir, "pipe"), filepath.Join(dir, "file")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(file, path); err != nil {
		t.Skip(err)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			next := filepath.Join(dir, "next")
			_ = os.Link([]string{file, pipe}[i%2], next)
			_ = os.Rename(next, path)
			_ = os.Remove(next) // which a rename to another name of the same file leaves
		}
	}()
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; {
		data, err := smallfile.Read(path, limit)
		if err == nil && string(data) != "content" || err != nil && !errors.Is(err, smallfile.ErrIrregular) {
			t.Errorf("read %q and %v", data, err)
			break
		}
	}
	close(done)
	<-ended
}
