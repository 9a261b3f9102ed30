package http1_test

import (
	"net"
	"strings"
	"sync"
	"time"
)

// A memListener accepts connections that exist in memory only.
type memListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newMemListener() *memListener {
	return &memListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

// play has the server read raw and then the end of the connection, and waits
// until the server has closed it.
func (l *memListener) play(raw string) {
	c := &memConn{Reader: strings.NewReader(raw), closed: make(chan struct{})}
	l.conns <- c
	<-c.closed
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *memListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *memListener) Addr() net.Addr { return memAddr{} }

// A memConn is a connection whose client has sent all it will ever send, and
// reads nothing.
type memConn struct {
	*strings.Reader
	once   sync.Once
	closed chan struct{}
}

func (c *memConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *memConn) LocalAddr() net.Addr              { return memAddr{} }
func (c *memConn) RemoteAddr() net.Addr             { return memAddr{} }
func (c *memConn) SetDeadline(time.Time) error      { return nil }
func (c *memConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memConn) SetWriteDeadline(time.Time) error { return nil }

func (c *memConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

type memAddr struct{}

func (memAddr) Network() string { return "memory" }
func (memAddr) String() string  { return "memory" }
