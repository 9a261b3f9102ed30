package http1

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Tunnel is the upstream's connection after a 101. As a response's body it is
// empty: its bytes go both ways, and only [Tunnel.Run] moves them.
type Tunnel struct {
	call *call
	head *Head
}

// TunnelOf returns the tunnel behind a 101 from a [Transport], else nil.
func TunnelOf(resp *http.Response) *Tunnel {
	t, _ := resp.Body.(*Tunnel)
	return t
}

func (x *call) tunnel(head *Head) *Tunnel {
	x.headReceived()
	x.stopHalfClose()
	return &Tunnel{x, head}
}

func (t *Tunnel) Read([]byte) (int, error) { return 0, io.EOF }

// Close does nothing: the connection belongs to Run, or to [Tunnel.Abandon].
func (t *Tunnel) Close() error { return nil }

// Abandon closes the upstream's connection, where Run is not going to be called,
// or to have it end.
func (t *Tunnel) Abandon() { t.call.end(false) }

// tunnelGrace is how long one direction may be silent after the other has
// ended.
const tunnelGrace = 10 * time.Second

// Run moves bytes between client and upstream until both directions have
// ended, then closes both connections. What either side had sent before Run,
// in the packet of its head even, comes first. It returns the bytes that went
// to the upstream and to the client.
func (t *Tunnel) Run(client net.Conn, fromClient *bufio.Reader) (sent, received int64) {
	up := t.call.conn
	defer t.call.end(false)
	defer func() { _ = client.Close() }()
	fromUpstream := up.br
	up.br, up.bw = nil, nil // a tunnel may last, and holds no buffer that it does not need
	var wg sync.WaitGroup
	wg.Go(func() { sent = pipe(up.nc, client, fromClient) })
	received = pipe(client, up.nc, fromUpstream)
	wg.Wait()
	return sent, received
}

// pipe copies what r has of src to dst. At src's end it ends dst's sending
// side, and bounds the silence of the other direction; an error ends both.
func pipe(dst, src net.Conn, r *bufio.Reader) (total int64) {
	// The reader's buffer first, then the connection itself. The kernel could
	// splice the two, through a pipe that keeps its descriptors for minutes.
	early, _ := r.Peek(r.Buffered())
	from := newLeanReader(src)
	from.overdue = newOverdue(func() (done bool) {
		if done = presenceOf(withoutTLS(src)) == cutOff; done {
			reset(dst)
			reset(src)
		}
		return done
	})
	n, err := from.write(dst, early)
	total = int64(n)
	for before := total; err == nil || isTimeout(err); before = 0 {
		var m int64
		m, err = from.copyTo(dst)
		total += m
		if err == nil || before+m == 0 {
			break
		}
		_ = src.SetReadDeadline(time.Now().Add(tunnelGrace)) // it was not silent
	}
	hc, ok := dst.(interface{ CloseWrite() error })
	if err != nil || !ok || hc.CloseWrite() != nil {
		reset(dst)
		reset(src)
		return total
	}
	_ = dst.SetReadDeadline(time.Now().Add(tunnelGrace))
	return total
}

// A leanReader reads a connection, and holds no buffer while it waits, where
// that can be had.
type leanReader struct {
	nc      net.Conn
	lazy    *lazyReader
	overdue *overdue // while what it has read is written
}

func newLeanReader(nc net.Conn) leanReader {
	return leanReader{nc: nc, lazy: newLazyReader(nc, takeCopyBuffer, giveCopyBuffer)}
}

// copyTo copies to the end, for which its error is nil.
func (r leanReader) copyTo(w io.Writer) (total int64, err error) {
	for {
		buf, n, err := r.read()
		if n > 0 {
			m, werr := r.write(w, buf[:n])
			total += int64(m)
			if err == nil {
				err = werr
			}
		}
		if buf != nil {
			giveCopyBuffer(buf)
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// write looks after the one who has sent p while w does not take it: nobody reads
// the connection then, and its end.
func (r leanReader) write(w io.Writer, p []byte) (int, error) {
	r.overdue.begin()
	defer r.overdue.end()
	return w.Write(p)
}

// read returns what it has read in a buffer that is to be given back.
func (r leanReader) read() (buf []byte, n int, err error) {
	if r.lazy.raw != nil {
		return r.lazy.read()
	}
	buf = takeCopyBuffer()
	n, err = r.nc.Read(buf)
	return buf, n, err
}

func takeCopyBuffer() []byte    { return copyBuffers.Get().(*[32 << 10]byte)[:] }
func giveCopyBuffer(buf []byte) { copyBuffers.Put((*[32 << 10]byte)(buf)) }

// reset ends a connection so that the other side sees that it was cut off.
func reset(nc net.Conn) {
	nc = withoutTLS(nc) // which would say that this is the end
	if tc, ok := nc.(*net.TCPConn); ok {
		_ = tc.SetLinger(0)
	}
	_ = nc.Close()
}
