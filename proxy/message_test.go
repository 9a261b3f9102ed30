package proxy_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A message is what one side receives of another, apart from how its data is
// divided into chunks.
type message struct {
	lines    []string // start line and fields
	data     string
	chunked  bool
	trailer  []string
	complete bool
}

// differs says how got is not what was wanted.
func (m message) differs(got message) error {
	switch {
	case !slices.Equal(got.lines, m.lines):
		i := 0
		for i < min(len(got.lines), len(m.lines)) && got.lines[i] == m.lines[i] {
			i++
		}
		return fmt.Errorf("line %d of the head begins %.300q, want %.300q", i, got.lines[i:], m.lines[i:])
	case got.data != m.data:
		return fmt.Errorf("%d bytes of data are\n%s, want %d\n%s", len(got.data), shown(got.data), len(m.data), shown(m.data))
	case got.chunked != m.chunked:
		return fmt.Errorf("chunked is %v", got.chunked)
	case got.complete != m.complete:
		return fmt.Errorf("complete is %v", got.complete)
	case got.complete && !slices.Equal(got.trailer, m.trailer):
		return fmt.Errorf("the trailers are %q, want %q", got.trailer, m.trailer)
	}
	return nil
}

// parseMessage reads a message as strictly as RFC 9112 allows.
func parseMessage(raw string, bodiless, request bool) (m message, rest string, err error) {
	head, rest, ok := strings.Cut(raw, "\r\n\r\n")
	if !ok {
		return m, "", fmt.Errorf("no whole head: %s", shown(raw))
	}
	m.lines = strings.Split(head, "\r\n")
	length := -1
	for _, l := range m.lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		switch {
		case strings.EqualFold(name, "Transfer-Encoding") && value != "chunked", strings.EqualFold(name, "Content-Length") && length >= 0:
			return m, "", fmt.Errorf("odd framing: %q", m.lines)
		case strings.EqualFold(name, "Transfer-Encoding"):
			m.chunked = true
		case strings.EqualFold(name, "Content-Length"):
			if length, err = strconv.Atoi(value); err != nil {
				return m, "", err
			}
		}
	}
	if status := strings.SplitN(m.lines[0], " ", 3); !request && len(status) > 1 && (status[1] == "204" || status[1] == "304") {
		bodiless = true
	}
	switch {
	case bodiless:
		m.chunked, m.complete = false, true
	case m.chunked && length >= 0:
		return m, "", fmt.Errorf("two framings: %q", m.lines)
	case m.chunked:
		rest, err = m.readChunks(rest)
	case length >= 0:
		n, _ := ended(rest)
		n = min(n, length)
		m.data, rest = rest[:n], rest[n:]
		m.complete = len(m.data) == length
	case request:
		m.complete = true
	default:
		n, clean := ended(rest)
		m.data, rest, m.complete = rest[:n], rest[n:], clean
	}
	return m, rest, err
}

// ended returns the length of what came before the connection's end, and
// whether that was a clean one.
func ended(s string) (n int, clean bool) {
	for _, mark := range []string{"<EOF>", "<RST>", "<open>"} {
		if strings.HasSuffix(s, mark) {
			return len(s) - len(mark), mark == "<EOF>"
		}
	}
	return len(s), false
}

func (m *message) readChunks(s string) (rest string, err error) {
	for {
		size, data, ok := strings.Cut(s, "\r\n")
		n, err := strconv.ParseUint(size, 16, 31)
		if _, clean := ended(s); !ok && (clean || strings.HasSuffix(s, "<RST>")) {
			return s[len(s)-len("<EOF>"):], nil // cut
		}
		if err != nil || size != strconv.FormatUint(n, 16) {
			return "", fmt.Errorf("%q is no plain chunk size", size)
		}
		if n == 0 {
			m.complete = true
			for {
				line, rest, ok := strings.Cut(data, "\r\n")
				if !ok {
					return "", errors.New("the trailers have no end")
				}
				if data = rest; line == "" {
					return data, nil
				}
				m.trailer = append(m.trailer, line)
			}
		}
		if len(data) < int(n)+2 || data[n:n+2] != "\r\n" {
			k, _ := ended(data)
			m.data += data[:min(k, int(n))]
			return data[k:], nil // cut
		}
		m.data, s = m.data+data[:n], data[n+2:]
	}
}
