package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// A read is a message as net/http reads it, which knows nothing of the proxy.
type read struct {
	line    string // method and target, or status
	header  http.Header
	body    string
	trailer http.Header
	err     error // of reading the body
}

// TestDifferentialRequests spoils requests. What of them reaches the upstream
// must be what net/http reads of the bytes that were sent, in order, and
// nothing else: no request that is part of another.
func TestDifferentialRequests(t *testing.T) {
	t.Parallel()
	spoilRequests(t, *differentialN, newUpstream)
}

func TestDifferentialRequestsTLS(t *testing.T) {
	t.Parallel()
	spoilRequests(t, *differentialTLS, newTLS13)
}

func spoilRequests(t *testing.T, n int, listen func(testing.TB, script) *upstream) {
	got := make(chan string, 100)
	u := listen(t, func(c *wire) {
		br := bufio.NewReader(c.Conn)
		for {
			raw, err := readRaw(br)
			if err != nil {
				return
			}
			got <- raw
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	})
	p := serve(t, u.url(), forwardsOptions, patient, u.trusted)
	generateOneByOne(t, n, func(g *generator, n int) {
		g.proxy = p.addr
		sent := ""
		for range 1 + g.IntN(2) {
			sent += g.plainRequest()
		}
		sent = g.spoil(sent)
		c := dial(t, p.addr)
		c.send(sent)
		c.closeWrite()
		answered := c.rest()
		_ = c.Close()
		direct := readRequests(sent)
		for i := 0; len(got) > 0; i++ {
			raw := <-got
			if err := compareRead(direct, i, readRequests(raw)); err != nil {
				t.Errorf("case %d (-differential.seed %d -differential.case %d): %v\nsent\n%s\nthe upstream received\n%s\nanswered\n%s", n, *differentialSeed, n, err, shown(sent), shown(raw), shown(answered))
			}
		}
	})
}

// generateOneByOne is generate for what cannot be told apart.
func generateOneByOne(t *testing.T, n int, f func(g *generator, n int)) {
	t.Helper()
	for n := range n {
		if *differentialCase < 0 || *differentialCase == n {
			f(newGenerator(n), n)
		}
		if t.Failed() {
			return
		}
	}
}

// plainRequest makes one that net/http takes, too.
func (g *generator) plainRequest() string {
	lines := []line{g.field("Host", "h"), g.field("X-A", "1"), g.field("x-b", "a, b"), g.field("X-A", "2")}
	body := ""
	switch g.IntN(3) {
	case 0:
		body = g.shortBody()
		lines = g.insert(lines, g.field("Content-Length", fmt.Sprint(len(body))))
	case 1:
		body, _ = g.chunks(g.shortBody())
		lines = g.insert(lines, g.field("Transfer-Encoding", "chunked"))
	}
	head, _ := write(pick(g, "GET", "POST", "PUT", "HEAD")+" "+pick(g, "/", "/a?b", "/a/b/c")+" HTTP/1.1", lines)
	return head + body
}

func (g *generator) shortBody() string {
	return pick(g, "", "abc", "GET /evil HTTP/1.1\r\nHost: h\r\n\r\n", "0\r\n\r\n", strings.Repeat("x", 100))
}

// spoil changes a few bytes of s.
func (g *generator) spoil(s string) string {
	for range 1 + g.IntN(3) {
		i := g.IntN(len(s) + 1)
		if g.chance(50) { // near the end of a line, where most is decided
			if k := strings.Index(s[i:], "\r\n"); k >= 0 {
				i += max(0, k-g.IntN(3)) + g.IntN(3)
			}
			i = min(i, len(s))
		}
		j := min(len(s), i+1)
		switch g.IntN(10) {
		case 0, 1, 2:
			s = s[:i] + pick(g, "\r", "\n", "\r\n", "\r\n\r\n", "\x00", " ", "\t", ":", ",", ";", "0", "1", "f", "-", "\x7f", "\x80", "\v", "\f", "\x85") + s[i:]
		case 3:
			s = s[:i] + s[j:]
		case 4:
			s = s[:i] + string(rune(g.IntN(128))) + s[j:]
		case 5:
			i = strings.LastIndex(s[:i], "\r\n")
			if i >= 0 {
				s = s[:i+2] + pick(g, "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Host: i\r\n", "Connection: X-C\r\n", "Connection: close\r\n", " folded\r\n", "Expect: 100-continue\r\n", "0\r\n", "\r\n") + s[i+2:]
			}
		case 6: // a line less, or twice
			if a := strings.LastIndex(s[:i], "\r\n") + 2; a >= 2 {
				if b := strings.Index(s[a:], "\r\n"); b >= 0 {
					s = pick(g, s[:a], s[:a+b+2]+s[a:a+b+2]) + s[a+b+2:]
				}
			}
		case 7:
			s = strings.Replace(s, "chunked", pick(g, "Chunked", "chunked, chunked", "identity", "\"chunked\"", "xchunked", "chunked\t", "\x0bchunked", "chunked,"), 1)
		case 8:
			s = strings.Replace(s, pick(g, "Content-Length", "Transfer-Encoding", "HTTP/1.1", ": "), pick(g, "Content_Length", "content-length", "HTTP/1.0", " :", ":", "TRANSFER-ENCODING"), 1)
		case 9:
			s = s[:i]
		}
	}
	return s
}

// readRequests reads all requests in raw, as far as they can be read.
func readRequests(raw string) (out []read) {
	br := bufio.NewReader(strings.NewReader(raw))
	for {
		for range 4 { // RFC 9112, section 2.2
			if b, _ := br.Peek(2); string(b) == "\r\n" {
				_, _ = br.Discard(2)
			}
		}
		r, err := http.ReadRequest(br)
		if err != nil {
			unread := strings.Contains(err.Error(), "URI") || strings.Contains(err.Error(), "parse ")
			if unread { // a target that it does not take, and a proxy does
				return append(out, read{line: "?"})
			}
			return out
		}
		body, err := io.ReadAll(r.Body)
		if r.Host != "" {
			r.Header.Set("Host", r.Host)
		}
		out = append(out, read{r.Method + " " + r.RequestURI, compared(r.Header), string(body), comparedTrailer(r.Trailer), err})
		if isBlankBeforeExtension(err) {
			return append(out[:len(out)-1], read{line: "?"})
		}
		if err != nil {
			return out
		}
	}
}

// isBlankBeforeExtension reports whether net/http has not read a blank between a
// chunk's size and its extension (RFC 9112, section 7.1.1).
func isBlankBeforeExtension(err error) bool {
	return err != nil && strings.Contains(err.Error(), "invalid byte in chunk length")
}

// compared is what two headers have to have in common.
func compared(h http.Header) http.Header {
	h = http1.EndToEnd(h).Clone()
	for _, values := range h {
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ") // of folded lines
		}
	}
	for _, name := range []string{"Connection", "Te", "Transfer-Encoding", "Content-Length", "Trailer", "Host"} {
		delete(h, name)
	}
	return h
}

// comparedTrailer is compared for trailers, in which Connection names nothing.
func comparedTrailer(h http.Header) http.Header {
	h = h.Clone()
	delete(h, "Connection")
	return compared(h)
}

// compareRead expects the only message of got to be the ith of direct.
func compareRead(direct []read, i int, got []read) error {
	if len(direct) > 0 && direct[min(i, len(direct)-1)].line == "?" {
		return nil
	}
	switch {
	case len(got) != 1:
		return fmt.Errorf("%d messages in one", len(got))
	case i >= len(direct):
		return fmt.Errorf("there is no message %d", i)
	}
	return direct[i].differs(got[0])
}

func (r read) differs(got read) error {
	switch {
	case got.line != r.line:
		return fmt.Errorf("%q, want %q", got.line, r.line)
	case !equalHeaders(got.header, r.header):
		return fmt.Errorf("%q, want %q", got.header, r.header)
	case (got.err != nil) != (r.err != nil):
		return fmt.Errorf("the body ends with %q, want %q", fmt.Sprint(got.err), fmt.Sprint(r.err))
	case got.body != r.body && r.err == nil:
		return fmt.Errorf("the body is %q, want %q", got.body, r.body)
	case r.err == nil && !equalHeaders(got.trailer, r.trailer):
		return fmt.Errorf("the trailer is %q, want %q", got.trailer, r.trailer)
	}
	return nil
}

func equalHeaders(a, b http.Header) bool {
	return maps.EqualFunc(a, b, slices.Equal[[]string])
}

// TestDifferentialResponses spoils responses. What the client reads of them
// must be what it reads where no proxy stands between, or be named as no
// response at all; and it must not be whole where it was cut.
func TestDifferentialResponses(t *testing.T) {
	t.Parallel()
	spoilResponses(t, *differentialN, newUpstream)
}

// TestDifferentialResponsesTLS also ends connections without saying so.
func TestDifferentialResponsesTLS(t *testing.T) {
	t.Parallel()
	spoilResponses(t, *differentialTLS, newTLS13)
}

func spoilResponses(t *testing.T, n int, listen func(testing.TB, script) *upstream) {
	script, unsaid := make(chan string, 1), make(chan bool, 1)
	u := listen(t, func(c *wire) {
		if _, err := readRaw(bufio.NewReader(c.Conn)); err == nil {
			c.send(<-script)
			if <-unsaid {
				_ = tcp(c.Conn).Close()
			}
		}
	})
	p := serve(t, u.url(), forwardsOptions, patient, u.trusted)
	generateOneByOne(t, n, func(g *generator, n int) {
		response := g.spoil(g.plainResponse())
		method := pick(g, "GET", "GET", "HEAD", "POST")
		end := "<EOF>"
		if u.secure && g.chance(30) {
			end = "<RST>"
		}
		script <- response
		unsaid <- end == "<RST>"
		c := dial(t, p.addr)
		_ = c.SetDeadline(time.Now().Add(6 * patience))
		c.send(method + " / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		answered := c.rest()
		_ = c.Close()
		direct, refused := readResponses(response+end, method)
		proxied, err := readResponses(answered, method)
		fail := func(why error) {
			t.Errorf("case %d (-differential.seed %d -differential.case %d): %v\nthe upstream answered %s\n%s\nthe client received\n%s", n, *differentialSeed, n, why, method, shown(response), shown(answered))
		}
		switch {
		case err != nil && refused == nil:
			fail(fmt.Errorf("not a response: %w", err))
		case strings.Contains(answered, "\r\nCorsproxy-Diagnosis: CP2"):
			if refused == nil && !mayBeRefused(response) {
				fail(fmt.Errorf("refused: %+v", direct))
			}
		case refused == nil && !blankInName.MatchString(response):
			if len(direct) != len(proxied) {
				fail(fmt.Errorf("%d responses, want %d", len(proxied), len(direct)))
				return
			}
			for i := range direct {
				if err := direct[i].differs(proxied[i]); err != nil {
					fail(err)
				}
			}
		}
	})
}

// blankInName finds what net/http takes for a name that has a blank, and
// browsers do not.
var blankInName = regexp.MustCompile(`(?m)^[\w-]+[ \t]+[\w-]*[ \t]*:`)

// otherVersion finds a status line, after an interim one, of which browsers say
// that it is none.
var otherVersion = regexp.MustCompile(`(?m)^HTTP/([^1]|1[^.])`)

// noStatus finds a number below 100, or with a sign, which net/http takes for a
// status.
var noStatus = regexp.MustCompile(`(?m)^HTTP/1\.[0-9] +[+0]`)

// mayBeRefused reports whether a response has what net/http overlooks and
// corsproxy names.
func mayBeRefused(response string) bool {
	return strings.Contains(response, "101 ") || !strings.HasPrefix(response, "HTTP/1.") || otherVersion.MatchString(response) || noStatus.MatchString(response) || blankInName.MatchString(response)
}

func (g *generator) plainResponse() string {
	lines := []line{g.field("Server", "s"), g.field("X-A", "1"), g.field("x-b", "a, b"), g.field("X-A", "2")}
	body := g.shortBody()
	switch g.IntN(4) {
	case 0, 1:
		lines = g.insert(lines, g.field("Content-Length", fmt.Sprint(len(body))))
	case 2:
		body, _ = g.chunks(body)
		lines = g.insert(lines, g.field("Transfer-Encoding", "chunked"))
	}
	head, _ := write("HTTP/1.1 "+pick(g, "200 OK", "200 OK", "404 Not Found", "204 No Content", "304 Not Modified", "403 FORBIDDEN"), lines)
	if g.chance(20) {
		head = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + head
	}
	return head + body
}

// readResponses reads a final response and the interim ones before it.
func readResponses(raw, method string) (out []read, err error) {
	n, clean := ended(raw)
	br := bufio.NewReader(io.MultiReader(bytes.NewReader([]byte(raw[:n])), ending(clean)))
	for {
		resp, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, err // malformed chunks, of which browsers take most
		}
		r := read{line: fmt.Sprint(resp.StatusCode), header: compared(resp.Header), body: string(body), trailer: comparedTrailer(resp.Trailer), err: err}
		if out = append(out, r); resp.StatusCode >= 200 || resp.StatusCode == 101 {
			return out, nil
		}
	}
}

// An ending is the end of a connection.
type ending bool

func (clean ending) Read([]byte) (int, error) {
	if clean {
		return 0, io.EOF
	}
	return 0, io.ErrUnexpectedEOF
}
