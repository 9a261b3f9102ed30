//go:build !unix

package http1

import (
	"errors"
	"net"
	"syscall"
)

// rawConn gives access to no descriptor here: without reading a connection,
// nothing can be told of it.
func rawConn(net.Conn) (syscall.RawConn, bool) { return nil, false }

// A lazyReader cannot read here.
type lazyReader struct{ raw syscall.RawConn }

func newLazyReader(net.Conn, func() []byte, func([]byte)) *lazyReader { return new(lazyReader) }

func (*lazyReader) read() ([]byte, int, error) { return nil, 0, errors.ErrUnsupported }

func readNow(syscall.RawConn, []byte) (int, error) { return 0, errors.ErrUnsupported }

// A quietness cannot look at an idle connection here. A request that may be
// sent again is, and others use a kept connection only for as long as the
// upstream has announced that it stays open.
type quietness struct{}

func newQuietness(net.Conn) *quietness { return &quietness{} }

func (*quietness) isQuiet() bool { return true }

func (*quietness) isSilent() bool { return true }
