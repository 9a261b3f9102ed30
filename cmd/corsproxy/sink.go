package main

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// maxQueued is how many log lines may wait for a slow reader.
const maxQueued = 2048

// A sink writes lines from a goroutine of its own, so that a log that is read
// slowly, or not at all, holds up no request. Lines that find no room are
// dropped and counted; errors of the writer, such as a full disk, lose lines
// and nothing else.
type sink struct {
	w       io.Writer
	lost    func(n int64) string // the line that tells of n dropped ones
	lines   chan []byte
	dropped atomic.Int64
	quit    chan struct{}
	once    sync.Once
	done    chan struct{}
}

func newSink(w io.Writer, lost func(n int64) string) *sink {
	s := &sink{w: w, lost: lost, lines: make(chan []byte, maxQueued), quit: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

// Write takes over a copy of one line.
func (s *sink) Write(line []byte) (int, error) {
	select {
	case s.lines <- append([]byte(nil), line...):
	default:
		s.dropped.Add(1)
	}
	return len(line), nil
}

// Sync does nothing: zap calls it with lines that are urgent, and waiting is
// what a sink is there to avoid.
func (s *sink) Sync() error { return nil }

// close writes what waits, for at most the given time.
func (s *sink) close(timeout time.Duration) {
	s.once.Do(func() { close(s.quit) })
	select {
	case <-s.done:
	case <-time.After(timeout):
	}
}

func (s *sink) run() {
	defer close(s.done)
	for {
		select {
		case line := <-s.lines:
			s.write(line)
		case <-s.quit:
			for {
				select {
				case line := <-s.lines:
					s.write(line)
				default:
					return
				}
			}
		}
	}
}

func (s *sink) write(line []byte) {
	_, _ = s.w.Write(line)
	if n := s.dropped.Swap(0); n > 0 {
		_, _ = io.WriteString(s.w, s.lost(n))
	}
}
