package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the WebSocket handshake is made of it (RFC 6455, section 4.2.2)
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// bigSize is the length of the answer to GET /big, in bytes.
const bigSize = 1 << 20

// The upstream gives canned answers, and reads no more of a request than it
// must, so that the proxies are what is measured.
type upstream struct {
	small, big []byte
}

// runUpstream serves until ctx ends. It prints its address.
func runUpstream(ctx context.Context, _ []string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	context.AfterFunc(ctx, func() { _ = l.Close() })
	u := &upstream{
		small: canned("application/json", []byte(`{"count":3,"records":[{"id":"r-001"},{"id":"r-002"},{"id":"r-003"}]}`)),
		big:   canned("application/octet-stream", bytes.Repeat([]byte("0123456789abcdef"), bigSize/16)),
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return nil //nolint:nilerr // it was closed
		}
		go u.serve(c)
	}
}

func canned(mediaType string, body []byte) []byte {
	head := "HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 09:00:00 GMT\r\nContent-Type: " + mediaType +
		"\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	return append([]byte(head), body...)
}

func (u *upstream) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	br := bufio.NewReaderSize(c, 4<<10)
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return
		}
		answer := u.small
		if bytes.HasPrefix(line, []byte("GET /big ")) {
			answer = u.big
		}
		key, length, err := skipFields(br)
		if err != nil {
			return
		}
		if key != "" {
			_, _ = io.WriteString(c, switching(key))
			_, _ = io.Copy(io.Discard, br) // until the client ends it
			return
		}
		if _, err := br.Discard(length); err != nil {
			return
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}

// skipFields reads to the end of a head. It returns the key of a WebSocket
// handshake, if it is one, and the length of the body.
func skipFields(br *bufio.Reader) (key string, length int, err error) {
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			return "", 0, err
		}
		if len(line) <= 2 {
			return key, length, nil
		}
		if line[0]|0x20 != 's' && line[0]|0x20 != 'c' {
			continue
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch strings.ToLower(name) {
		case "sec-websocket-key":
			key = strings.TrimSpace(value)
		case "content-length":
			length, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
}

func switching(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see above
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"
}
