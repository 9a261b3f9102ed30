package proxy_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// respond makes the response of x.
func (g *generator) respond(x *generated, method string, http10 bool) {
	interim := ""
	for range g.IntN(3) * g.IntN(2) {
		status := pick(g, 100, 102, 103, 103, 110)
		lines := g.fields(isRequestValueByte)
		sent, _ := write(fmt.Sprintf("HTTP/1.1 %d %s", status, pick(g, "", "Interim")), lines)
		interim += sent
		if !http10 {
			x.wantInterim = append(x.wantInterim, append([]string{fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status))}, canonicalSorted(lines)...))
		}
	}
	if g.chance(8) {
		g.malformedResponse(x, interim)
		return
	}
	status := pick(g, 200, 200, 200, 200, 201, 204, 205, 206, 299, 301, 304, 308, 400, 401, 403, 404, 418, 500, 502, 503, 600, 799, 999)
	if status == 403 && method == http.MethodHead {
		status = 401 // a length may be all that tells it from Missing Authentication Token
	}
	version, reason := "HTTP/1.1", pick(g, "", "OK", "NOT FOUND", g.text(20, isResponseValueByte))
	start, want := fmt.Sprintf("%s %d %s", version, status, reason), fmt.Sprintf("HTTP/1.1 %d %s", status, reason)
	upstream10 := g.chance(5)
	switch {
	case upstream10:
		start = "HTTP/1.0" + strings.TrimPrefix(start, version)
	case reason == "" && g.chance(50):
		start = strings.TrimSuffix(start, " ")
	}
	lines := g.fields(isResponseValueByte)
	for i := range lines {
		g.loosen(&lines[i])
	}
	if g.chance(10) {
		lines = g.insert(lines, g.field("Content-Type", pick(g, "application/json", "text/html", "text/event-stream")))
	}
	if g.chance(15) {
		lines = g.hopByHop(lines)
	}
	if !x.closes && g.chance(10) {
		lines, x.closes = g.insert(lines, g.field(g.spell("Connection"), "close")), true
	}
	x.closes = x.closes || upstream10 && !hasOption(lines, "keep-alive") // else it may have promised to stay
	body, lines := g.body(x, lines, status, method == http.MethodHead, http10 || upstream10)
	head, _ := write(start, lines)
	kept := slices.DeleteFunc(endToEnd(lines), func(l line) bool { return l.name == "" })
	if x.wantResponse.chunked && http10 {
		x.wantResponse.chunked, x.wantResponse.trailer = false, nil
		kept = slices.DeleteFunc(kept, func(l line) bool { return strings.EqualFold(l.name, "Transfer-Encoding") })
	}
	_, x.wantResponse.lines = write("", kept)
	x.wantResponse.lines = append([]string{want}, x.wantResponse.lines...)
	x.response = interim + head + body
}

// loosen sends a field as no request may be sent, but responses are.
func (g *generator) loosen(l *line) {
	name, rest, _ := strings.Cut(l.sent, ":")
	switch {
	case !g.chance(10):
	case g.chance(30):
		l.sent = name + pick(g, " ", "\t") + ":" + rest
	case g.chance(50):
		l.sent = strings.TrimSuffix(l.sent, "\r\n") + "\n"
	default:
		l.sent += pick(g, " ", "\t  ") + "folded\r\n"
		l.value = strings.Trim(l.value+" folded", " \t")
	}
}

// body makes the body of the response, with the fields that frame it.
func (g *generator) body(x *generated, lines []line, status int, head, plain bool) (string, []line) {
	want := &x.wantResponse
	want.complete = true
	data := g.data()
	if status == 403 && g.chance(60) { // almost Missing Authentication Token
		data = pick(g, `{"message":"Missing Authentication Token","a":1}`, `{"message":"Missing Authentication Tok`, `{"message":"Forbidden"}`, `{`, `{"message":"Missing Authentication Token"}x`,
			strings.Repeat(" ", 5000)+`{"message":"Missing Authentication Token"}`)
		lines = g.insert(lines, g.field("content-type", "application/json"))
	}
	if head || status == 204 || status == 304 {
		return g.bodiless(lines, data, plain, status == 204 && !head)
	}
	cut := g.chance(8)
	switch framing := g.IntN(10); {
	case framing < 5 || plain && framing < 8:
		length := g.field(g.spell("Content-Length"), strconv.Itoa(len(data)))
		lines = g.insert(lines, length)
		if g.chance(5) {
			lines = append(lines, line{sent: length.sent})
			lines = lengthFirst(lines, length)
		}
		if cut && len(data) > 0 {
			data, want.complete, x.closes = data[:g.IntN(len(data))], false, true
		}
		want.data = data
		return data, lines
	case framing < 8:
		coding := g.field(g.spell("Transfer-Encoding"), "chunked")
		coding.sent = strings.Replace(coding.sent, "chunked", pick(g, "chunked", "Chunked"), 1)
		lines = g.insert(lines, coding)
		if g.chance(5) { // chunked prevails
			lines, x.closes = g.insert(lines, line{sent: "Content-Length: 1\r\n"}), true
		}
		want.data, want.chunked = data, true
		sent, trailer := g.chunks(data)
		want.trailer = trailer
		if cut && len(data) > 0 {
			// The last chunk is cut before its data is complete.
			i := strings.LastIndex(sent, data[len(data)-1:]+"\r\n0")
			sent, want.data, want.complete, want.trailer, x.closes = sent[:i], data[:len(data)-1], false, nil, true
		}
		return sent, lines
	}
	// The end of the connection ends it.
	x.closes, x.untilClose, want.data, want.chunked = true, true, data, true
	return data, lines
}

// overTLS has x end as only a connection with TLS can: the TCP connection is
// closed, and TLS has not said so. A response that has no other end is cut then
// (RFC 9112, section 9.8).
func (g *generator) overTLS(x *generated) {
	x.split = g.IntN(len(x.response) + 1)
	if x.unsaid = x.closes && g.chance(40); x.unsaid && x.untilClose {
		x.wantResponse.complete = false
	}
}

// lengthFirst moves the length to the first place of all that repeat it.
func lengthFirst(lines []line, length line) []line {
	i := slices.IndexFunc(lines, func(l line) bool { return l.sent == length.sent })
	for j := range lines {
		if j != i && lines[j].sent == length.sent {
			lines[j].name, lines[j].value = "", ""
		}
	}
	lines[i] = length
	return lines
}

// bodiless makes the fields of a response that has no body, whatever they say.
// Some upstreams send one all the same.
func (g *generator) bodiless(lines []line, data string, plain, bare bool) (string, []line) {
	switch g.IntN(4) {
	case 0:
		lines = g.insert(lines, g.field(g.spell("Content-Length"), strconv.Itoa(len(data))))
	case 1:
		if !plain {
			coding := g.field(g.spell("Transfer-Encoding"), "chunked")
			if bare { // a 204 must not name one (RFC 9112, section 6.1)
				coding.name = ""
			}
			lines = g.insert(lines, coding)
		}
	}
	if g.chance(10) && !strings.HasPrefix(data, "HTTP") {
		return data, lines // the connection cannot be used again
	}
	return "", lines
}

// malformedResponse makes one that is a 502.
func (g *generator) malformedResponse(x *generated, interim string) {
	x.failed, x.closes = true, true
	x.response = interim + pick(g,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
		"HTTP/1.1 200 OK\r\n folded: first\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX: "+strings.Repeat("y", 5000), "HTTP/1.1 200 OK\r\n", "HTTP", "", "\x00\x00\x12\x04", "<html>", "SSH-2.0-x\r\n",
		"HTTP/1.1 200 OK\r\n"+strings.Repeat("X: y\r\n", 2001)+"\r\n")
}
