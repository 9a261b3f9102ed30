package proxy_test

import (
	"bufio"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A player is an upstream that answers each request with what was generated
// for it, and keeps what it has received.
type player struct {
	*upstream
	mu        sync.Mutex
	exchanges map[string]*generated
	got       map[string][]string
}

func newPlayer(t *testing.T, listen func(testing.TB, script) *upstream) *player {
	p := &player{exchanges: make(map[string]*generated), got: make(map[string][]string)}
	p.upstream = listen(t, p.perform)
	return p
}

func (p *player) expect(exchanges []*generated) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range exchanges {
		p.exchanges[x.nonce] = x
	}
}

func (p *player) forget(exchanges []*generated) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range exchanges {
		delete(p.exchanges, x.nonce)
		delete(p.got, x.nonce)
	}
}

func (p *player) received(nonce string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got[nonce]
}

// perform is the script of one connection.
func (p *player) perform(c *wire) {
	_ = c.SetDeadline(time.Time{})
	br := bufio.NewReader(c.Conn) // what comes is kept by request, not by connection
	for {
		raw, err := readRaw(br)
		if err != nil {
			return
		}
		_, after, _ := strings.Cut(raw, "\r\nX-Nonce: ")
		nonce, _, _ := strings.Cut(after, "\r\n")
		p.mu.Lock()
		x := p.exchanges[nonce]
		p.got[nonce] = append(p.got[nonce], raw)
		p.mu.Unlock()
		if x == nil {
			c.Errorf("nobody has sent %s", shown(raw))
			return
		}
		c.send(x.response[:x.split])
		c.send(x.response[x.split:])
		if x.unsaid {
			_ = tcp(c.Conn).Close()
		}
		if x.closes {
			return
		}
	}
}

// readRaw reads the bytes of one request.
func readRaw(br *bufio.Reader) (string, error) {
	var b strings.Builder
	line := func() (string, error) {
		l, err := br.ReadString('\n')
		b.WriteString(l)
		return l, err
	}
	take := func(n int64) error {
		_, err := io.CopyN(&b, br, n)
		return err
	}
	var chunked bool
	var length int64
	for {
		l, err := line()
		if err != nil {
			return "", err
		}
		if l == "\r\n" {
			break
		}
		switch name, value, _ := strings.Cut(strings.TrimSuffix(l, "\r\n"), ": "); http.CanonicalHeaderKey(name) {
		case "Transfer-Encoding":
			chunked = true
		case "Content-Length":
			length, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	if !chunked {
		err := take(length)
		return b.String(), err
	}
	for {
		l, err := line()
		if err != nil {
			return "", err
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(l, "\r\n"), 16, 64)
		if err != nil {
			return "", err
		}
		if n > 0 {
			if err := take(n + 2); err != nil {
				return "", err
			}
			continue
		}
		for l != "\r\n" {
			if l, err = line(); err != nil {
				return "", err
			}
		}
		return b.String(), nil
	}
}
