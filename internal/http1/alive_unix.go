//go:build unix

package http1

import (
	"io"
	"net"
	"os"
	"syscall"
)

// rawConn gives access to a connection's descriptor. There is none where bytes
// of the connection may wait elsewhere, as with TLS.
func rawConn(nc net.Conn) (syscall.RawConn, bool) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := sc.SyscallConn()
	return raw, err == nil
}

// A quietness looks whether anything has arrived on an idle connection: its
// end, or a byte that nobody asked for.
type quietness struct {
	raw   syscall.RawConn // nil where it cannot be told
	quiet bool
	look  func(fd uintptr) bool
}

func newQuietness(nc net.Conn) *quietness {
	q := new(quietness)
	q.raw, _ = rawConn(nc)
	var b [1]byte
	q.look = func(fd uintptr) bool {
		q.quiet = isNotYet(peek(fd, b[:]))
		return true
	}
	return q
}

// isQuiet reads nothing. It is true where it cannot tell.
func (q *quietness) isQuiet() bool {
	if q.raw == nil {
		return true
	}
	q.quiet = false
	return q.raw.Read(q.look) == nil && q.quiet
}

// isSilent is isQuiet from a goroutine that does not own the connection, which
// another may wait to read.
func (q *quietness) isSilent() bool {
	q.quiet = q.raw == nil
	return q.raw == nil || q.raw.Control(func(fd uintptr) { q.look(fd) }) == nil && q.quiet
}

// readFD reads what is there, without waiting.
func readFD(fd uintptr, p []byte) (n int, err error) {
	for {
		if n, err = syscall.Read(int(fd), p); err != syscall.EINTR {
			return n, err
		}
	}
}

// peek looks at what could be read, without waiting.
func peek(fd uintptr, b []byte) error {
	for {
		_, _, err := syscall.Recvfrom(int(fd), b, syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if err != syscall.EINTR {
			return err
		}
	}
}

func isNotYet(err error) bool { return err == syscall.EAGAIN || err == syscall.EWOULDBLOCK }

// A lazyReader reads a connection, and holds no buffer while it waits.
type lazyReader struct {
	raw  syscall.RawConn // nil where there is no descriptor to wait for
	take func() []byte
	give func([]byte) // takes back what take gave

	buf  []byte
	n    int
	err  error
	once func(fd uintptr) bool
}

func newLazyReader(nc net.Conn, take func() []byte, give func([]byte)) *lazyReader {
	r := &lazyReader{take: take, give: give}
	r.raw, _ = rawConn(nc)
	r.once = r.attempt
	return r
}

// read reads what is there, or waits for it, within the read deadline. It returns
// a buffer with what it has read, which is to be given back; the error is io.EOF
// at the end.
func (r *lazyReader) read() (buf []byte, n int, err error) {
	r.n, r.err = 0, nil // no attempt is made where the deadline has passed
	err = r.raw.Read(r.once)
	if err == nil {
		err = r.err
	}
	if err == nil && r.n == 0 {
		err = io.EOF
	}
	buf, r.buf = r.buf, nil
	return buf, max(r.n, 0), err
}

func (r *lazyReader) attempt(fd uintptr) bool {
	r.buf = r.take()
	r.n, r.err = readFD(fd, r.buf)
	if !isNotYet(r.err) {
		return true
	}
	r.give(r.buf)
	r.buf = nil
	return false
}

// readNow reads what is there. Where that is nothing, its error is
// os.ErrDeadlineExceeded, after which TLS can read on.
func readNow(raw syscall.RawConn, p []byte) (n int, err error) {
	failure := raw.Read(func(fd uintptr) bool {
		n, err = readFD(fd, p)
		return true
	})
	switch {
	case failure != nil:
		return 0, net.ErrClosed
	case isNotYet(err):
		return 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
