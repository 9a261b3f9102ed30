package http1

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// A tlsConn is a connection to an upstream behind TLS.
type tlsConn struct {
	*tls.Conn
	below *belowTLS
}

// ErrNoCloseNotify is the end of a body that only the end of its connection
// ends, where the upstream closed the connection and TLS has not said so:
// anybody on the way may have cut it (RFC 9112, section 9.8).
var ErrNoCloseNotify = errors.New("the connection ended without close_notify of TLS, so that more may be missing (RFC 9112 section 9.8)")

func (t *Transport) handshake(ctx context.Context, nc net.Conn) (net.Conn, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.TLS != nil {
		config = t.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = t.Upstream.Hostname()
	}
	config.NextProtos = []string{"http/1.1"}
	below := newBelowTLS(nc)
	tc := tls.Client(below, config)
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return &tlsConn{tc, below}, nil
}

// isQuiet reports whether nothing has arrived but what TLS says to itself:
// session tickets and new keys, which are dealt with. An end, an alert or a byte
// that nobody asked for is more than that. It is true where it cannot tell.
func (c *tlsConn) isQuiet(br *bufio.Reader) bool {
	if c.below.raw == nil {
		return true
	}
	c.below.waits = false
	_, err := br.Peek(1)
	c.below.waits = true
	return err == os.ErrDeadlineExceeded && !c.below.records.within
}

// belowTLS is the connection that carries one with TLS.
type belowTLS struct {
	net.Conn
	raw   syscall.RawConn // nil where there is no descriptor
	waits bool            // Read waits for what is to come
	ended bool            // by the upstream, and not only within TLS

	records records
}

// records follows the records of TLS that are read, which tell their length in a
// head of five bytes (RFC 8446, section 5.1).
type records struct {
	head   []byte
	left   int  // bytes of a record that are still to come behind its head
	within bool // a record has begun and not ended
}

func (r *records) read(p []byte) {
	const headSize = 5
	for len(p) > 0 {
		if r.left == 0 {
			n := min(headSize-len(r.head), len(p))
			r.head, p = append(r.head, p[:n]...), p[n:]
			if len(r.head) < headSize {
				break
			}
			r.left = int(r.head[3])<<8 | int(r.head[4])
			r.head = r.head[:0]
		}
		n := min(r.left, len(p))
		r.left, p = r.left-n, p[n:]
	}
	r.within = r.left > 0 || len(r.head) > 0
}

func newBelowTLS(nc net.Conn) *belowTLS {
	b := &belowTLS{Conn: nc, waits: true}
	b.raw, _ = rawConn(nc)
	return b
}

// NetConn returns the connection below.
func (b *belowTLS) NetConn() net.Conn { return b.Conn }

func (b *belowTLS) Read(p []byte) (n int, err error) {
	if b.waits {
		n, err = b.Conn.Read(p)
	} else {
		n, err = readNow(b.raw, p)
	}
	if err == io.EOF {
		b.ended = true
	}
	b.records.read(p[:max(n, 0)])
	return n, err
}

// withoutTLS is nc, or the connection below its TLS.
func withoutTLS(nc net.Conn) net.Conn {
	if c, ok := nc.(*tlsConn); ok {
		return c.below.Conn
	}
	return nc
}
