package samlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxHead is how many of a file's first bytes tell it from another that was
// written over it.
const maxHead = 512

var errDevice = errors.New("it is a device; name a file or a named pipe")

// A tail reads what is new in a file or named pipe.
type tail struct {
	path    string
	poll    time.Duration // how long a pipe is read before its path is looked at again
	learner *learner

	mu     sync.Mutex // guards file and closed
	file   *os.File
	closed bool

	pipe   bool
	read   int64  // bytes read of file
	head   []byte // the first of them
	buffer [32 << 10]byte
}

// close ends the tail, and a read that waits. It may be called at any time,
// more than once.
func (t *tail) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.closeFile()
}

func (t *tail) closeFile() {
	if t.file != nil {
		_ = t.file.Close() // it was only read
		t.file = nil
	}
}

// advance reads to the present end and returns what keeps it from reading, in
// a sentence, or "".
func (t *tail) advance() string {
	f, err := t.current()
	for {
		if err == nil && f != nil {
			err = t.drain(f)
		}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Sprintf("waiting for SAM's log %q, which does not exist yet", t.path)
		case err != nil:
			t.forget()
			var path *fs.PathError
			if errors.As(err, &path) {
				err = path.Err
			}
			return fmt.Sprintf("SAM's log %q cannot be read: %v", t.path, err)
		case f == nil || !t.replaced(f):
			return ""
		}
		t.forget()
		f, err = t.current()
	}
}

// current returns the open file, ready to be read on: from its beginning if
// it was just opened or has been written anew. It is nil after close.
func (t *tail) current() (*os.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, nil
	}
	if t.file != nil {
		return t.file, t.rewind()
	}
	// A device may have no end, as /dev/zero. SAM writes to none.
	if at, err := os.Stat(t.path); err == nil && at.Mode()&fs.ModeDevice != 0 {
		return nil, errDevice
	}
	// Without O_NONBLOCK, opening a named pipe waits for its writer, and
	// nothing can end that.
	f, err := os.OpenFile(t.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t.file, t.pipe = f, !info.Mode().IsRegular() && !info.IsDir()
	t.begin()
	return f, nil
}

func (t *tail) begin() {
	t.read, t.head = 0, nil
	t.learner.restart()
}

// rewind goes back to the beginning if the file has shrunk, or begins with
// something else than what was read.
func (t *tail) rewind() error {
	if t.pipe {
		return nil
	}
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() >= t.read {
		now := make([]byte, len(t.head))
		if _, err := t.file.ReadAt(now, 0); err == nil && bytes.Equal(now, t.head) || len(t.head) == 0 {
			return nil
		}
	}
	t.begin()
	_, err = t.file.Seek(0, io.SeekStart)
	return err
}

// drain reads f to its present end. One of a pipe that somebody may still write
// to comes with time.
func (t *tail) drain(f *os.File) error {
	if t.pipe {
		_ = f.SetReadDeadline(time.Now().Add(t.poll)) // where a system has none, a read does not wait
	}
	for {
		n, err := f.Read(t.buffer[:])
		got := t.buffer[:n]
		t.read += int64(n)
		t.head = append(t.head, got[:min(n, maxHead-len(t.head))]...)
		_, _ = t.learner.Write(got)
		switch {
		case errors.Is(err, os.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EAGAIN):
			return nil
		case errors.Is(err, io.EOF) && t.pipe && t.read > 0:
			// The writer has gone. The next one is another SAM.
			t.learner.end()
			t.begin()
			return nil
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// written returns when what is read now was written, at the latest: a log may
// be older than its reader.
func (t *tail) written() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file != nil && !t.pipe {
		if info, err := t.file.Stat(); err == nil {
			return info.ModTime()
		}
	}
	return time.Now()
}

// replaced reports whether another file has taken the place of f. One that is
// gone is read on: it may have been moved, and may still be written.
func (t *tail) replaced(f *os.File) bool {
	at, err := os.Stat(t.path)
	if err != nil {
		return false
	}
	open, err := f.Stat()
	return err == nil && !os.SameFile(at, open)
}

// forget closes the file, so that the next advance opens the path anew.
func (t *tail) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closeFile()
}
