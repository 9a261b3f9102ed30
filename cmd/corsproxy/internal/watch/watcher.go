// Package watch reports the settled content of one file whenever it changes.
//
// A file changes in many ways: an editor writes it in place, or beside it and
// renames; it is deleted and made anew; a volume that Kubernetes mounts swaps
// a symbolic link that stands above it; on a bind mount nothing may be told at
// all. The package therefore trusts no event. An event, of the file or of its
// directory, only says when to look. What is reported is a content that
// differs from the last one and that nothing has touched for a while, so that
// a file that is truncated and then written is not seen half-written.
package watch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/corsproxy/corsproxy/internal/smallfile"
)

// The defaults of a [Watcher].
const (
	DefaultDebounce = 150 * time.Millisecond
	DefaultPoll     = 2 * time.Second
)

// A Content is what the file holds, or why it cannot be read.
type Content struct {
	Data []byte
	Err  error // fs.ErrNotExist where there is no file
}

func (c Content) same(other Content) bool {
	if errors.Is(c.Err, fs.ErrNotExist) && errors.Is(other.Err, fs.ErrNotExist) {
		return true
	}
	return bytes.Equal(c.Data, other.Data) && fmt.Sprint(c.Err) == fmt.Sprint(other.Err)
}

// Read returns the present content of the file called path, which has at most
// limit bytes.
func Read(path string, limit int) Content {
	data, err := smallfile.Read(path, limit)
	return Content{Data: data, Err: err}
}

// A Watcher watches one file. Its fields must not change while it runs.
type Watcher struct {
	Path string
	// Limit is how many bytes the file has at most.
	Limit int
	// Debounce is how long nothing may have touched the file, and then how
	// long its content must stay, before it is reported; 0 is DefaultDebounce.
	Debounce time.Duration
	// Poll is how often the file is looked at although no event came; 0 is
	// DefaultPoll.
	Poll time.Duration
	// PollOnly leaves the system's events alone.
	PollOnly bool
	// Force makes a content be reported although it has not changed.
	Force <-chan struct{}
	// Report is called with each new content, one call at a time.
	Report func(Content)
}

// Run watches until ctx ends, beginning from the content that the caller
// knows already. It works without the system's events too, at the pace of
// Poll; the error that keeps it from them goes to degraded, which may be nil.
func (w *Watcher) Run(ctx context.Context, known Content, degraded func(error)) {
	if w.PollOnly {
		w.settle(ctx, known, nil)
		return
	}
	d, err := newDirs(w.Path)
	if err != nil {
		if degraded != nil {
			degraded(err)
		}
		w.settle(ctx, known, nil)
		return
	}
	touched := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.follow(ctx, touched)
	}()
	w.settle(ctx, known, touched)
	<-done
	d.close()
}

// settle turns touches into reports.
func (w *Watcher) settle(ctx context.Context, known Content, touched <-chan struct{}) {
	poll := time.NewTicker(orDefault(w.Poll, DefaultPoll))
	defer poll.Stop()
	quiet := time.NewTimer(0)
	quiet.Stop()
	defer quiet.Stop()
	var seen *Content // when the file was last found changed
	waiting, forced := false, false
	wait := func() {
		waiting = true
		quiet.Reset(orDefault(w.Debounce, DefaultDebounce))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-touched:
			wait()
		case <-w.Force:
			forced = true
			wait()
		case <-poll.C:
			if !waiting && !Read(w.Path, w.Limit).same(known) {
				wait()
			}
		case <-quiet.C:
			now := Read(w.Path, w.Limit)
			if !now.same(known) && (seen == nil || !now.same(*seen)) {
				// Nothing may have told of a change since it was first seen.
				seen = &now
				wait()
				continue
			}
			waiting = false
			seen = nil
			if forced || !now.same(known) {
				forced = false
				known = now
				w.Report(now)
			}
		}
	}
}

func orDefault(d, other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return d
}

// dirs watches the directories through which a file is reached. It is used by
// one goroutine.
type dirs struct {
	watcher *fsnotify.Watcher
	path    string
	real    string // path without symbolic links, when it was last looked at
}

func newDirs(path string) (*dirs, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	d := &dirs{watcher: watcher, path: path}
	if err := watcher.Add(filepath.Dir(path)); err != nil {
		watcher.Close()
		return nil, err
	}
	d.resolve()
	return d, nil
}

func (d *dirs) close() { d.watcher.Close() }

// follow reports until ctx ends when the file may have been touched.
func (d *dirs) follow(ctx context.Context, touched chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-d.watcher.Events:
			if !d.concerns(e.Name) {
				continue
			}
		case _, open := <-d.watcher.Errors:
			if !open {
				return
			}
			// Events were lost, so any may have been.
		}
		select {
		case touched <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}

// resolve finds the file behind symbolic links, watches its directory too and
// reports whether it is another than before.
func (d *dirs) resolve() bool {
	target, err := filepath.EvalSymlinks(d.path)
	if err != nil {
		target = ""
	}
	if target == d.real {
		return false
	}
	if old := filepath.Dir(d.real); d.real != "" && old != filepath.Dir(d.path) && old != filepath.Dir(target) {
		// It fails where the directory is gone, and then nothing is left to do.
		_ = d.watcher.Remove(old)
	}
	d.real = target
	if target != "" {
		// Where it fails, the poll still sees every change.
		_ = d.watcher.Add(filepath.Dir(target))
	}
	return true
}

// concerns reports whether an event for name may be about the file. Other
// files in its directory may change all the time.
func (d *dirs) concerns(name string) bool {
	return d.resolve() || name == d.path || name == d.real
}
