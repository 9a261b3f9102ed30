package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A load is one kind of request, over a number of connections that each wait
// for an answer before they send again.
type load struct {
	kind        string
	connections int
	request     string // as bytes on the wire
	length      int    // of the body that is expected, at least
}

func (l load) name() string { return fmt.Sprintf("%s, %d", l.kind, l.connections) }

// The kinds of load.
const (
	preflights = "preflight"
	smallGets  = "small GET"
	bigGets    = "1 MiB GET"
)

// What a browser sends with every request of a page at localhost:5173.
const browserFields = "Host: localhost:8080\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n" +
	"Accept: */*\r\nOrigin: http://localhost:5173\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n" +
	"Referer: http://localhost:5173/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n"

func loads() []load {
	preflight := "OPTIONS /scanRecords HTTP/1.1\r\n" + browserFields +
		"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n"
	small := "GET /scanRecords HTTP/1.1\r\n" + browserFields + "\r\n"
	big := "GET /big HTTP/1.1\r\n" + browserFields + "\r\n"
	var all []load
	for _, n := range []int{1, 32, 1000} {
		all = append(all, load{preflights, n, preflight, 0}, load{smallGets, n, small, 1})
	}
	return append(all, load{bigGets, 1, big, bigSize}, load{bigGets, 32, big, bigSize})
}

// A result is what a load found.
type result struct {
	requests  int
	errors    int
	elapsed   time.Duration
	cpu       time.Duration // of the proxy alone
	latencies []time.Duration
}

func (r result) perSecond() float64 { return float64(r.requests) / r.elapsed.Seconds() }

// cpuPerRequest is in microseconds.
func (r result) cpuPerRequest() float64 {
	if r.requests == 0 {
		return 0
	}
	return float64(r.cpu.Microseconds()) / float64(r.requests)
}

// perCPUSecond is how many requests a second of the proxy's CPU time serves.
func (r result) perCPUSecond() float64 {
	if r.cpu == 0 {
		return 0
	}
	return float64(r.requests) / r.cpu.Seconds()
}

func (r result) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[min(int(q*float64(len(r.latencies))), len(r.latencies)-1)]
}

// generate puts load l on address for a while.
func generate(ctx context.Context, address string, l load, d time.Duration) result {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		total result
		start = time.Now()
	)
	for range l.connections {
		wg.Go(func() {
			latencies, failures := send(ctx, address, l)
			mu.Lock()
			defer mu.Unlock()
			total.requests += len(latencies)
			total.errors += failures
			total.latencies = append(total.latencies, latencies...)
		})
	}
	wg.Wait()
	total.elapsed = time.Since(start)
	slices.Sort(total.latencies)
	return total
}

// send sends one request after the other until ctx ends.
func send(ctx context.Context, address string, l load) (latencies []time.Duration, failures int) {
	var d net.Dialer
	for ctx.Err() == nil {
		c, err := d.DialContext(ctx, "tcp", address)
		if err != nil {
			if ctx.Err() == nil {
				failures++
				time.Sleep(time.Millisecond)
			}
			continue
		}
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		br := bufio.NewReaderSize(c, 64<<10)
		for {
			sent := time.Now()
			if err := exchange(c, br, l); err != nil {
				if ctx.Err() == nil && !errors.Is(err, errLast) {
					failures++
				}
				if errors.Is(err, errLast) {
					latencies = append(latencies, time.Since(sent))
				}
				break
			}
			latencies = append(latencies, time.Since(sent))
		}
		stop()
		_ = c.Close()
	}
	return latencies, failures
}

// errLast says that the answer was a good one, and the connection ends.
var errLast = errors.New("last answer of the connection")

// exchange sends one request and reads the answer.
func exchange(c net.Conn, br *bufio.Reader, l load) error {
	if _, err := io.WriteString(c, l.request); err != nil {
		return err
	}
	line, err := br.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 20")) {
		return fmt.Errorf("answered %q", line)
	}
	noContent := bytes.HasPrefix(line, []byte("HTTP/1.1 204"))
	length, closes, chunked, err := readFields(br)
	switch {
	case err != nil:
		return err
	case noContent:
	case chunked:
		err = readChunks(br)
	case length < l.length:
		return fmt.Errorf("the answer has %d bytes, want %d", length, l.length)
	default:
		_, err = br.Discard(length)
	}
	if err == nil && closes {
		return errLast
	}
	return err
}

func readFields(br *bufio.Reader) (length int, closes, chunked bool, err error) {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return 0, false, false, err
		}
		if len(line) <= 2 {
			return length, closes, chunked, nil
		}
		if c := line[0] | 0x20; c != 'c' && c != 't' {
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.Atoi(string(value))
		case bytes.EqualFold(name, []byte("Connection")):
			closes = bytes.EqualFold(value, []byte("close"))
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
		if err != nil {
			return 0, false, false, err
		}
	}
}

func readChunks(br *bufio.Reader) error {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := br.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}
