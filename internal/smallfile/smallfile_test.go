package smallfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/smallfile"
)

const limit = 1000

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(path string) error
		err  func(error) bool
		size int
	}{
		{"full", write(limit), nil, limit},
		{"empty", write(0), nil, 0},
		{"link", func(path string) error {
			return errors.Join(write(3)(path+".real"), os.Symlink(path+".real", path))
		}, nil, 3},
		{"large", write(limit + 1), isLarge, 0},
		{"sparse", func(path string) error { return errors.Join(write(1)(path), os.Truncate(path, 1<<40)) }, isLarge, 0},
		{"missing", func(string) error { return nil }, is(fs.ErrNotExist), 0},
		{"folder", func(path string) error { return os.Mkdir(path, 0o700) }, is(smallfile.ErrIrregular), 0},
		{"device", func(path string) error { return os.Symlink(os.DevNull, path) }, is(smallfile.ErrIrregular), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := c.make(filepath.Join(dir, c.name)); err != nil {
				t.Fatal(err)
			}
			data, err := smallfile.Read(filepath.Join(dir, c.name), limit)
			check(t, data, err, c.size, c.err)
			if c.name == "link" || c.name == "device" {
				return // a link that leads out of the root by its absolute path
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			data, err = smallfile.ReadIn(root, c.name, limit)
			check(t, data, err, c.size, c.err)
		})
	}
}

func check(t *testing.T, data []byte, err error, size int, wrong func(error) bool) {
	t.Helper()
	if wrong == nil {
		wrong = func(err error) bool { return err == nil }
	}
	if len(data) != size || !wrong(err) {
		t.Errorf("%d bytes and the error %v, want %d", len(data), err, size)
	}
	var path *fs.PathError
	if err != nil && !errors.As(err, &path) {
		t.Errorf("the error %v is no PathError", err)
	}
}

func write(size int) func(string) error {
	return func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o600) }
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isLarge(err error) bool {
	var large *smallfile.SizeError
	return errors.As(err, &large) && large.Limit == limit
}
