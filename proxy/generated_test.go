package proxy_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sort"
	"strings"
)

// A generated exchange is a request and the response that the upstream gives
// it, as bytes, with what each side has to receive: the same, but for what
// docs/forwarding.md lists.
type generated struct {
	nonce string

	request     string
	wantRequest message // zero where it is refused
	refused     int     // status with which it is refused; 0 where it is forwarded

	response     string
	split        int  // where it is divided in two
	closes       bool // the upstream closes after it
	untilClose   bool // that ends its body
	unsaid       bool // it closes without the word that TLS has for it
	wantInterim  [][]string
	wantResponse message
	failed       bool // the response is malformed: 502

	ends bool // the client's connection ends with it
}

// A generator makes exchanges of random numbers.
type generator struct {
	*rand.Rand
	proxy, upstream string // addresses
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// text returns up to n bytes of those that in allows.
func (g *generator) text(n int, in func(byte) bool) string {
	b := make([]byte, 0, n)
	for range g.IntN(n + 1) {
		c := byte(g.IntN(256))
		if g.chance(70) {
			c = byte(' ' + g.IntN(95))
		}
		if in(c) {
			b = append(b, c)
		}
	}
	return string(b)
}

func isTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isTargetByte(c byte) bool { return c > ' ' && c != 0x7f }

func isRequestValueByte(c byte) bool { return c >= ' ' && c != 0x7f || c == '\t' }

func isResponseValueByte(c byte) bool { return c != 0 && c != '\r' && c != '\n' }

// special are fields that a proxy treats by rules of their own.
var special = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Host", "Content-Length", "Expect", "X-Nonce", "Content-Encoding", "Content-Type"}

var usual = []string{"Accept", "Accept-Encoding", "Authorization", "Cache-Control", "Cookie", "Date", "ETag", "Forwarded", "If-None-Match",
	"Location", "Origin", "Pragma", "Range", "Referer", "Sec-Fetch-Mode", "Server", "Set-Cookie", "User-Agent", "Vary", "Via", "X-Amz-Date",
	"X-Forwarded-For", "Access-Control-Allow-Origin", "Access-Control-Request-Method", "Warning", "Idempotency-Key"}

// A line is a field as it is sent, and as it has to be received.
type line struct{ name, sent, value string }

// spell writes a name in some mixture of cases.
func (g *generator) spell(name string) string {
	switch g.IntN(4) {
	case 0:
		return strings.ToLower(name)
	case 1:
		return strings.ToUpper(name)
	case 2:
		b := []byte(name)
		for i := range b {
			if g.chance(50) {
				b[i] = strings.ToUpper(string(b[i]))[0]
			}
		}
		return string(b)
	}
	return name
}

func (g *generator) field(name, value string) line {
	ows := func() string { return pick(g, "", " ", " ", " ", "\t", "  \t ") }
	return line{name, name + ":" + ows() + value + ows() + "\r\n", value}
}

// fields returns some that are nobody's business but the receiver's.
func (g *generator) fields(allowed func(byte) bool) []line {
	n := g.IntN(7)
	if g.chance(1) {
		n = 100
	}
	var lines []line
	for range n {
		name := g.spell(pick(g, usual...))
		if g.chance(40) {
			name = g.text(12, isTokenByte) + "x"
		}
		if len(lines) > 0 && g.chance(25) {
			name = g.spell(lines[g.IntN(len(lines))].name)
		}
		if slices.Contains(special, http.CanonicalHeaderKey(name)) {
			continue
		}
		length := 30
		if g.chance(2) {
			length = 9000
		}
		value := strings.Trim(g.text(length, allowed), " \t")
		lines = append(lines, g.field(name, value))
	}
	return lines
}

// insert puts a line at any place.
func (g *generator) insert(lines []line, l ...line) []line {
	for _, l := range l {
		lines = slices.Insert(lines, g.IntN(len(lines)+1), l)
	}
	return lines
}

func (g *generator) data() string {
	n := g.IntN(60)
	switch {
	case g.chance(10):
		n = 0
	case g.chance(3):
		n = g.IntN(70_000)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	if n > 8 && g.chance(20) {
		copy(b, pick(g, "0\r\n\r\n", "\r\n\r\n", "HTTP/1.1", "GET / HT"))
	}
	return string(b)
}

// chunks divides data into chunks in any of the ways that are allowed, with
// trailers.
func (g *generator) chunks(data string) (sent string, trailer []string) {
	var b strings.Builder
	for len(data) > 0 {
		n := 1 + g.IntN(len(data))
		size := fmt.Sprintf(pick(g, "%x", "%X", "%05x"), n)
		fmt.Fprintf(&b, "%s%s\r\n%s\r\n", size, g.extension(), data[:n])
		data = data[n:]
	}
	fmt.Fprintf(&b, "%s%s\r\n", pick(g, "0", "0", "000"), g.extension())
	if g.chance(30) {
		for range 1 + g.IntN(3) {
			name, value := g.spell(pick(g, "X-Sum", "Y", "Server-Timing", "ETag")), g.text(10, isTokenByte)
			if g.chance(20) {
				name = g.spell(pick(g, "Content-Length", "Host", "Transfer-Encoding", "Connection", "Trailer", "Upgrade"))
			} else {
				trailer = append(trailer, name+": "+value)
			}
			fmt.Fprintf(&b, "%s:%s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	return b.String(), trailer
}

func (g *generator) extension() string {
	if g.chance(80) {
		return ""
	}
	return pick(g, ";a", ";a=b", " ; a=\"b;c\"", "\t", ";"+g.text(20, isTargetByte))
}

// exchange makes one whose response comes with what its request asked for.
func (g *generator) exchange(nonce string, last bool) *generated {
	x := &generated{nonce: nonce}
	method, http10 := g.request(x, last)
	if x.refused != 0 {
		x.ends = true
		return x
	}
	g.respond(x, method, http10)
	return x
}

// write joins a start line and fields, as sent and as wanted.
func write(start string, lines []line) (sent string, want []string) {
	var b strings.Builder
	b.WriteString(start + "\r\n")
	for _, l := range lines {
		b.WriteString(l.sent)
		want = append(want, l.name+": "+l.value)
	}
	b.WriteString("\r\n")
	return b.String(), want
}

// hopByHop are fields about one connection, which must not arrive.
func (g *generator) hopByHop(lines []line) []line {
	for range g.IntN(4) {
		lines = g.insert(lines, pick(g,
			g.field(g.spell("Keep-Alive"), "timeout=5"), g.field(g.spell("Proxy-Connection"), "close"),
			g.field(g.spell("Proxy-Authorization"), "Basic x"), g.field("Upgrade", "h2c"), g.field("te", "gzip"),
			g.field(g.spell("Connection"), "X-Hop, keep-alive"), g.field("x-hop", "1"), g.field("connection", ",x-hop ,, Host")))
	}
	return lines
}

// endToEnd is what of lines goes further.
func endToEnd(lines []line) []line {
	named := map[string]bool{}
	for _, l := range lines {
		if strings.EqualFold(l.name, "Connection") {
			for name := range strings.SplitSeq(l.value, ",") {
				named[strings.ToLower(strings.Trim(name, " \t"))] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(lines), func(l line) bool {
		lower := strings.ToLower(l.name)
		switch lower {
		case "host", "transfer-encoding", "content-length": // which frame and route
			return false
		case "connection", "keep-alive", "proxy-connection", "proxy-authorization", "upgrade", "te":
			return true
		}
		return named[lower]
	})
}

// canonicalSorted is how the fields of an interim response are relayed.
func canonicalSorted(lines []line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, http.CanonicalHeaderKey(l.name)+": "+l.value)
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, _, _ := strings.Cut(out[i], ":")
		b, _, _ := strings.Cut(out[j], ":")
		return a < b
	})
	return out
}
