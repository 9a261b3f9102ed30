package samlog_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/samlog"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// A following is a Follower at work.
type following struct {
	t      *testing.T
	tables chan string
	notes  chan string
}

func follow(t *testing.T, path string) *following {
	t.Helper()
	f := &following{t, make(chan string, 64), make(chan string, 64)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&samlog.Follower{
			Learnt: func(r []sam.Route, _ time.Time) {
				for _, route := range r { // which any site may read
					if strings.ContainsAny(route.Source, `/\`) {
						t.Errorf("a route is from %s", route.Source)
					}
				}
				f.tables <- list(r)
			},
			Note: func(s string) { f.notes <- s },
			Poll: 5 * time.Millisecond,
		}).Follow(ctx, path)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Error("Follow does not return")
		}
	})
	return f
}

// await waits until c gives want; parts of a table may come before it.
func (f *following) await(c <-chan string, want string) {
	f.t.Helper()
	var got []string
	deadline := time.After(20 * time.Second)
	for {
		select {
		case s := <-c:
			if got = append(got, s); s == want {
				return
			}
		case <-deadline:
			f.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func put(t *testing.T, path, content string, flags int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFollowFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sam.log")
	f := follow(t, path)
	f.await(f.notes, fmt.Sprintf("waiting for SAM's log %q, which does not exist yet", path))

	put(t, path, "", 0)
	put(t, path, startup("GET /made"), os.O_APPEND)
	f.await(f.tables, "GET /made")

	put(t, path, startup("GET /appended", "GET /too"), os.O_APPEND)
	f.await(f.tables, "GET /appended, GET /too")

	put(t, path, startup("GET /t"), os.O_TRUNC)
	f.await(f.tables, "GET /t")

	longer := "another beginning\n" + startup("GET /longer", "GET /than", "GET /before", "GET /by", "GET /far")
	put(t, path, longer, os.O_TRUNC)
	f.await(f.tables, "GET /longer, GET /than, GET /before, GET /by, GET /far")

	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	put(t, path+".1", startup("GET /moved"), os.O_APPEND)
	f.await(f.tables, "GET /moved")
	put(t, path, startup("GET /rotated"), os.O_EXCL)
	f.await(f.tables, "GET /rotated")

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, path, startup("GET /recreated"), 0)
	f.await(f.tables, "GET /recreated")
}

func TestFollowDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := follow(t, dir)
	f.await(f.notes, fmt.Sprintf("SAM's log %q cannot be read: is a directory", dir))
}

func TestFollowDevice(t *testing.T) {
	t.Parallel()
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Skipf("%s is no device here: %v", os.DevNull, err)
	}
	f := follow(t, os.DevNull)
	f.await(f.notes, fmt.Sprintf("SAM's log %q cannot be read: it is a device; name a file or a named pipe", os.DevNull))
}

func TestFollowPipe(t *testing.T) {
	t.Parallel()
	mkfifo, err := exec.LookPath("mkfifo")
	if err != nil {
		t.Skip("there is no mkfifo")
	}
	path := filepath.Join(t.TempDir(), "sam.pipe")
	again := func() {
		t.Helper()
		_ = os.Remove(path)
		if err := exec.Command(mkfifo, path).Run(); err != nil {
			t.Fatal(err)
		}
	}
	again()
	f := follow(t, path)
	put(t, path, startup("GET /a", "GET /b"), 0)
	f.await(f.tables, "GET /a, GET /b")
	put(t, path, startup("GET /c"), 0) // the pipe may not have been seen to end in between
	f.await(f.tables, "GET /c")

	// A writer that stays open and says nothing does not keep Follow.
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if _, err := w.WriteString(startup("GET /d")); err != nil {
		t.Fatal(err)
	}
	f.await(f.tables, "GET /d")

	// Another pipe in its place is opened, or its writer would wait for ever.
	again()
	put(t, path, startup("GET /e"), 0)
	f.await(f.tables, "GET /e")
	again()
	put(t, path, startup("GET /f"), 0)
	f.await(f.tables, "GET /f")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, path, startup("GET /file"), 0)
	f.await(f.tables, "GET /file")
}
