package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// What Chromium takes for a response and [Transport.Forgiving] takes too.

// forgivenBytes are what it reads differently in a head: a carriage return ends
// a line by itself, and a zero byte is nothing.
var forgivenBytes = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// mostSlop is how many bytes may stand before the word HTTP.
const mostSlop = 4

// skipSlop passes over what stands before a status line. It is false where
// there is none; the error is that of reading.
func skipSlop(br *bufio.Reader) (bool, error) {
	start, err := br.Peek(mostSlop + len("http"))
	i := bytes.Index(bytes.ToLower(start), []byte("http"))
	switch {
	case i >= 0:
		_, err = br.Discard(i)
		return true, err
	case err == io.EOF && len(start) > 0:
		return false, nil
	}
	return false, err
}

// forgivenStatus reads a status line, which need not have a status: it is 200
// then.
func forgivenStatus(line string) *http.Response {
	proto, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimLeft(rest, " ")
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	resp := &http.Response{Status: rest, StatusCode: http.StatusOK, Proto: proto, ProtoMajor: 1}
	if n, err := strconv.Atoi(digits); err == nil {
		resp.StatusCode = n
	}
	if version, ok := strings.CutPrefix(strings.ToUpper(proto), "HTTP/"); ok && version != "1.0" && version != "0.9" {
		resp.ProtoMinor = 1
	}
	return resp
}
