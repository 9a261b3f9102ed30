package samlog

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Stdin is the name that stands for standard input.
const Stdin = "-"

// DefaultPoll is how often a file is looked at for more.
const DefaultPoll = 250 * time.Millisecond

// A Follower reads a log. Its fields must not change while it runs.
type Follower struct {
	// Learnt is called with all routes of the present start of SAM whenever
	// they change, and with the time at which SAM had mounted them at the
	// latest, one call at a time.
	Learnt func(routes []sam.Route, mounted time.Time)
	// Note is called with a sentence about what happens to the log.
	Note func(string)
	// Once says that each log that [Follower.Writer] gets is of one process of
	// SAM, which starts once.
	Once bool
	// Poll is how often a file is looked at; 0 is DefaultPoll.
	Poll time.Duration
}

// Read reads a log from r until it ends and copies all of it to through, so
// that a person still sees it. An error of through does not end it.
func (f *Follower) Read(r io.Reader, through io.Writer) error {
	l := &learner{name: "standard input", learnt: f.Learnt, written: time.Now}
	_, err := io.Copy(l, io.TeeReader(r, stubborn{through}))
	l.end()
	if err != nil {
		return fmt.Errorf("read SAM's log from standard input: %w", err)
	}
	f.Note("standard input has ended; the routes learned from it stay")
	return nil
}

// Writer returns a writer to which the log called name is written. Close says
// that it has ended; the next write is to another log, from its first line.
func (f *Follower) Writer(name string) io.WriteCloser {
	return logWriter{&learner{name: name, once: f.Once, learnt: f.Learnt, written: time.Now}}
}

type logWriter struct{ *learner }

func (w logWriter) Close() error {
	w.end()
	w.restart()
	return nil
}

// stubborn is a writer that goes on after errors.
type stubborn struct{ io.Writer }

func (s stubborn) Write(p []byte) (int, error) {
	_, _ = s.Writer.Write(p)
	return len(p), nil
}

// Follow follows the file or named pipe called path until ctx ends. A file
// that does not exist is waited for. Errors are told to Note, once each, and
// do not end it.
func (f *Follower) Follow(ctx context.Context, path string) {
	poll := cmp.Or(f.Poll, DefaultPoll)
	t := &tail{path: path, poll: poll}
	t.learner = &learner{name: filepath.Base(path), learnt: f.Learnt, written: t.written}
	defer t.close()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	// A pipe that is open for writing is read until something comes; closing
	// it ends that.
	defer context.AfterFunc(ctx, t.close)()
	last := ""
	for {
		state := t.advance()
		if state != last && state != "" {
			f.Note(state)
		}
		last = state
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
