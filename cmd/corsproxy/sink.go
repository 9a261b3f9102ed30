package main

import (
	"io"
	"sync"
	"time"
)

const (
	// maxQueued is how many log lines may wait for a slow reader.
	maxQueued = 2048
	// gatherFor is how long a line waits for others to be written with it: too
	// short to be noticed, and enough to make one system call of many.
	gatherFor = 2 * time.Millisecond
)

// A sink writes lines from a goroutine of its own, so that a log that is read
// slowly, or not at all, holds up no request. Lines that find no room are
// dropped and counted; errors of the writer, such as a full disk, lose lines
// and nothing else.
type sink struct {
	w    io.Writer
	lost func(n int64) string // the line that tells of n dropped ones
	wake chan struct{}        // has a value where lines wait
	quit chan struct{}
	once sync.Once
	done chan struct{}

	mu      sync.Mutex
	waiting []byte // whole lines
	lines   int    // how many
	dropped int64
}

func newSink(w io.Writer, lost func(n int64) string) *sink {
	s := &sink{w: w, lost: lost, wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

// Write takes over a copy of one line.
func (s *sink) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lines == maxQueued {
		s.dropped++
		return len(line), nil
	}
	s.waiting = append(s.waiting, line...)
	if s.lines++; s.lines == 1 {
		s.wake <- struct{}{} // there is room: the last one was taken with its lines
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
	var batch []byte
	for {
		select {
		case <-s.wake:
			time.Sleep(gatherFor)
			batch = s.write(batch[:0])
		case <-s.quit:
			select {
			case <-s.wake:
				s.write(nil)
			default:
			}
			return
		}
	}
}

// write writes what waits, and returns its memory to be used again. What comes
// meanwhile gathers in spare.
func (s *sink) write(spare []byte) []byte {
	s.mu.Lock()
	batch := s.waiting
	s.waiting, s.lines = spare, 0
	s.mu.Unlock()
	_, _ = s.w.Write(batch)
	s.mu.Lock()
	n := s.dropped
	s.dropped = 0
	s.mu.Unlock()
	if n > 0 {
		_, _ = io.WriteString(s.w, s.lost(n))
	}
	return batch
}
