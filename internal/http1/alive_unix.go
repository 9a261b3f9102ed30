//go:build unix

package http1

import (
	"net"
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

// awaitByte waits until a byte, an end or an error can be read, within the
// read deadline. It reads nothing.
func awaitByte(raw syscall.RawConn) error {
	var b [1]byte
	return raw.Read(func(fd uintptr) bool { return !isNotYet(peek(fd, b[:])) })
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
		return true // TLS: its records cannot be looked at from outside
	}
	q.quiet = false
	return q.raw.Read(q.look) == nil && q.quiet
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

// readInto reads what is there, or waits for it, into a buffer that get
// returns. While it waits it holds none: give takes it back.
func readInto(raw syscall.RawConn, get func() []byte, give func([]byte)) (buf []byte, n int, err error) {
	var failure error
	err = raw.Read(func(fd uintptr) bool {
		buf = get()
		for {
			if n, failure = syscall.Read(int(fd), buf); failure != syscall.EINTR {
				break
			}
		}
		if !isNotYet(failure) {
			return true
		}
		give(buf)
		buf = nil
		return false
	})
	if err == nil {
		err = failure
	}
	return buf, n, err
}
