package watch_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/watch"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(content), 0o600))
}

const limit = 1000

// start runs a watcher that relies on events alone, until the test ends.
func start(t *testing.T, path string) <-chan watch.Content {
	t.Helper()
	reports := make(chan watch.Content, 16)
	w := &watch.Watcher{
		Path:     path,
		Limit:    limit,
		Debounce: 10 * time.Millisecond,
		Poll:     time.Hour,
		Report:   func(c watch.Content) { reports <- c },
	}
	known := watch.Read(path, limit)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx, known, func(err error) { t.Errorf("no events: %v", err) })
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return reports
}

// next returns the next report.
func next(t *testing.T, reports <-chan watch.Content) watch.Content {
	t.Helper()
	select {
	case c := <-reports:
		return c
	case <-time.After(20 * time.Second):
		t.Fatal("no report")
		panic("unreachable")
	}
}

func expect(t *testing.T, reports <-chan watch.Content, want string) {
	t.Helper()
	c := next(t, reports)
	if c.Err != nil || string(c.Data) != want {
		t.Fatalf("got %q, %v; want %q", c.Data, c.Err, want)
	}
}

// TestWaysOfWriting changes the file in every way that editors, shells and
// orchestrators do, twice each, since some ways end naive watches.
func TestWaysOfWriting(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(t *testing.T, path, content string){
		"in place": put,
		"renamed over": func(t *testing.T, path, content string) {
			put(t, path+".tmp", content)
			must(t, os.Rename(path+".tmp", path))
		},
		"old moved away, new written": func(t *testing.T, path, content string) {
			must(t, os.Rename(path, path+"~"))
			put(t, path, content)
		},
		"deleted and made anew": func(t *testing.T, path, content string) {
			must(t, os.Remove(path))
			put(t, path, content)
		},
		"through a hard link": func(t *testing.T, path, content string) {
			_ = os.Remove(path + ".link")
			must(t, os.Link(path, path+".link"))
			f, err := os.OpenFile(path+".link", os.O_WRONLY|os.O_TRUNC, 0)
			must(t, err)
			_, err = f.WriteString(content)
			must(t, err)
			must(t, f.Close())
			// An event comes for the other name alone, or for none; touching
			// the mode is what such tools do afterwards.
			must(t, os.Chmod(path, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "corsproxy.yaml")
			put(t, path, "one")
			reports := started(t, path)
			way(t, path, "two")
			expect(t, reports, "two")
			way(t, path, "three")
			expect(t, reports, "three")
		})
	}
}

// started starts a watcher and waits until it sees events.
func started(t *testing.T, path string) <-chan watch.Content {
	t.Helper()
	before, err := os.ReadFile(path)
	must(t, err)
	reports := start(t, path)
	for {
		put(t, path, "probe")
		select {
		case <-reports:
		case <-time.After(300 * time.Millisecond):
			continue // the watch did not stand yet
		}
		break
	}
	put(t, path, string(before))
	expect(t, reports, string(before))
	return reports
}

// TestKubernetesSwap changes a file as a mounted ConfigMap does: the file is a
// link through the link ..data, which is swapped to a new directory.
func TestKubernetesSwap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	swap := func(version, content string) {
		must(t, os.Mkdir(filepath.Join(dir, version), 0o700))
		put(t, filepath.Join(dir, version, "corsproxy.yaml"), content)
		must(t, os.Symlink(version, filepath.Join(dir, "..tmp")))
		must(t, os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data")))
	}
	swap("..v1", "one")
	path := filepath.Join(dir, "corsproxy.yaml")
	must(t, os.Symlink(filepath.Join("..data", "corsproxy.yaml"), path))
	reports := started(t, path)
	swap("..v2", "two")
	expect(t, reports, "two")
	must(t, os.RemoveAll(filepath.Join(dir, "..v1")))
	swap("..v3", "three")
	expect(t, reports, "three")
}

// TestTargetOfLink changes the file that a link in another directory leads to.
func TestTargetOfLink(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "real.yaml")
	put(t, target, "one")
	path := filepath.Join(t.TempDir(), "corsproxy.yaml")
	must(t, os.Symlink(target, path))
	reports := started(t, path)
	put(t, target, "two")
	expect(t, reports, "two")
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "corsproxy.yaml")
	put(t, path, "one")
	reports := started(t, path)
	must(t, os.Remove(path))
	if c := next(t, reports); !errors.Is(c.Err, fs.ErrNotExist) {
		t.Fatalf("got %q, %v", c.Data, c.Err)
	}
	// What it held before is news after that.
	put(t, path, "one")
	expect(t, reports, "one")
}

// The tests below run on a clock of their own, without events.

// simulate runs test with a watcher that polls a file, which holds "one".
func simulate(t *testing.T, test func(path string, reports <-chan watch.Content, force chan<- struct{})) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corsproxy.yaml")
	put(t, path, "one")
	synctest.Test(t, func(t *testing.T) {
		reports := make(chan watch.Content, 16)
		force := make(chan struct{})
		w := &watch.Watcher{Path: path, Limit: limit, PollOnly: true, Force: force, Report: func(c watch.Content) { reports <- c }}
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		known := watch.Read(path, limit)
		go w.Run(ctx, known, nil)
		test(path, reports, force)
	})
}

func TestPoll(t *testing.T) {
	t.Parallel()
	simulate(t, func(path string, reports <-chan watch.Content, _ chan<- struct{}) {
		time.Sleep(10 * watch.DefaultPoll)
		put(t, path, "two")
		begin := time.Now()
		expect(t, reports, "two")
		if d, most := time.Since(begin), watch.DefaultPoll+2*watch.DefaultDebounce; d > most {
			t.Errorf("seen after %v; want at most %v", d, most)
		}
		time.Sleep(10 * watch.DefaultPoll)
		if len(reports) > 0 {
			t.Errorf("reported without a change: %q", (<-reports).Data)
		}
	})
}

func TestForce(t *testing.T) {
	t.Parallel()
	simulate(t, func(_ string, reports <-chan watch.Content, force chan<- struct{}) {
		force <- struct{}{}
		expect(t, reports, "one")
	})
}

// TestHalfWritten truncates the file and writes it a little later, in pieces.
func TestHalfWritten(t *testing.T) {
	t.Parallel()
	simulate(t, func(path string, reports <-chan watch.Content, force chan<- struct{}) {
		for _, piece := range []string{"", "t", "tw", "two"} {
			put(t, path, piece)
			force <- struct{}{}
			time.Sleep(watch.DefaultDebounce / 2)
		}
		expect(t, reports, "two")
	})
}

// TestHalfWrittenUnnoticed does so where no event tells of the pieces.
func TestHalfWrittenUnnoticed(t *testing.T) {
	t.Parallel()
	simulate(t, func(path string, reports <-chan watch.Content, _ chan<- struct{}) {
		time.Sleep(watch.DefaultPoll - time.Millisecond)
		put(t, path, "")
		time.Sleep(watch.DefaultDebounce + 2*time.Millisecond)
		put(t, path, "two")
		expect(t, reports, "two")
	})
}
