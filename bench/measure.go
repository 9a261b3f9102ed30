package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// load starts c, warms it up, and puts l on it.
func (f *field) load(ctx context.Context, c *contestant, l load) (result, error) {
	r, err := f.run(ctx, c)
	if err != nil {
		return result{}, err
	}
	defer r.stop()
	generate(ctx, r.address, l, f.options.duration/4)
	t := tree(r.Process.Pid)
	before := t.cpu()
	found := generate(ctx, r.address, l, f.options.duration)
	found.cpu = t.cpu() - before
	return found, nil
}

// once sends one request.
func once(ctx context.Context, address string, l load) (time.Duration, int) {
	start := time.Now()
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, 1
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if err := exchange(c, bufio.NewReader(c), l); err != nil && err != errLast {
		return 0, 1
	}
	return time.Since(start), 0
}

// A standing is what a contestant costs without a load.
type standing struct {
	first                time.Duration // from the start to the first answer
	rest, idle, sockets  int64         // memory in bytes: at rest, and with idle connections and WebSockets
	idlers, socketsCount int           // how many of each there were
	binary               int64         // size in bytes; 0 for what has none of its own
}

// rest measures what c costs without a load.
func (f *field) rest(ctx context.Context, c *contestant, report *report) error {
	var s standing
	for range f.options.rounds {
		r, err := f.run(ctx, c)
		if err != nil {
			return err
		}
		if s.first == 0 || r.first < s.first {
			s.first = r.first
		}
		s.rest = tree(r.Process.Pid).memory()
		r.stop()
	}
	if c.binary != "" {
		if info, err := os.Stat(c.binary); err == nil {
			s.binary = info.Size()
		}
	}
	var err error
	get := loads()[1]
	if s.idle, s.idlers, err = f.idle(ctx, c, get.request); err != nil {
		return err
	}
	if !c.plain {
		handshake := "GET /socket HTTP/1.1\r\n" + browserFields +
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		if s.sockets, s.socketsCount, err = f.idle(ctx, c, handshake); err != nil {
			return err
		}
	}
	report.standings[c.name] = s
	fmt.Fprintf(os.Stderr, "%-14s first answer %v, at rest %s, %d idle %s, %d WebSockets %s\n",
		c.name, s.first.Round(time.Millisecond), mebibytes(s.rest), s.idlers, mebibytes(s.idle), s.socketsCount, mebibytes(s.sockets))
	return nil
}

// idle opens many connections, sends one request on each, and returns the
// memory of the proxy while they do nothing.
func (f *field) idle(ctx context.Context, c *contestant, request string) (memory int64, n int, err error) {
	r, err := f.run(ctx, c)
	if err != nil {
		return 0, 0, err
	}
	defer r.stop()
	want := min(f.options.idle, maxSockets())
	var conns []net.Conn
	defer func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	for range want {
		conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", r.address)
		if err != nil {
			return 0, len(conns), fmt.Errorf("after %d idle connections: %w", len(conns), err)
		}
		conns = append(conns, conn)
		if err := hello(conn, request); err != nil {
			return 0, len(conns), fmt.Errorf("on idle connection %d: %w", len(conns), err)
		}
	}
	time.Sleep(6 * time.Second) // for what is to be given back
	return tree(r.Process.Pid).memory(), len(conns), nil
}

// hello sends a request and reads the answer.
func hello(c net.Conn, request string) error {
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	defer func() { _ = c.SetDeadline(time.Time{}) }()
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	br := bufio.NewReaderSize(c, 1<<10)
	line, err := br.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(line), "HTTP/1.1 200") && !strings.HasPrefix(string(line), "HTTP/1.1 101") {
		return fmt.Errorf("answered %q", line)
	}
	length, _, _, err := readFields(br)
	if err == nil && length > 0 {
		_, err = br.Discard(length)
	}
	return err
}
