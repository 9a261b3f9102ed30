package proxy_test

import (
	"strconv"
	"strings"
)

// request makes the request of x, and returns its method and whether it is one
// of HTTP/1.0.
func (g *generator) request(x *generated, last bool) (method string, http10 bool) {
	method = pick(g, "GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get", "M-SEARCH", g.text(8, isTokenByte)+"X")
	if method == "CONNECT" {
		method = "GET"
	}
	http10 = g.chance(5)
	lines := g.fields(isRequestValueByte)
	host := g.field(g.spell("Host"), pick(g, "h", "localhost:3000", "[::1]:80", "ü", ""))
	target, wantTarget := g.target(method, &host)
	lines = g.insert(lines, host, g.field("X-Nonce", x.nonce))
	if g.chance(15) {
		lines = g.hopByHop(lines)
	}
	if last && g.chance(50) {
		lines = g.insert(lines, g.field(g.spell("Connection"), pick(g, "close", "Close", "x, close")))
	}
	x.ends = hasOption(lines, "close") || http10 && !hasOption(lines, "keep-alive")
	body := ""
	switch {
	case g.chance(50):
	case g.chance(50) || http10:
		body = g.data()
		length := g.field(g.spell("Content-Length"), strconv.Itoa(len(body)))
		if g.chance(5) { // zeros in front are not passed on
			length.sent = strings.Replace(length.sent, length.value, "00"+length.value, 1)
		}
		lines = g.insert(lines, length)
		x.wantRequest.data = body
	default:
		x.wantRequest.data, x.wantRequest.chunked = g.data(), true
		body, x.wantRequest.trailer = g.chunks(x.wantRequest.data)
		coding := g.field(g.spell("Transfer-Encoding"), "chunked")
		coding.sent = strings.Replace(coding.sent, "chunked", pick(g, "chunked", "chunked", "Chunked"), 1)
		lines = g.insert(lines, coding)
		if g.chance(30) {
			lines = g.insert(lines, g.field(g.spell("Trailer"), "x-sum"))
		}
	}
	if body != "" && g.chance(5) {
		lines = g.insert(lines, g.field("Expect", "100-continue"))
	}
	if g.chance(10) {
		x.request, x.refused = g.malformed(method, target, lines)
		x.request += body
		if x.refused != 0 {
			return method, http10
		}
	}
	version := "HTTP/1.1"
	if http10 {
		version = "HTTP/1.0"
	}
	head, _ := write(method+" "+target+" "+version, lines)
	x.request = pick(g, "", "", "", "\r\n") + head + body
	_, x.wantRequest.lines = write("", endToEnd(lines))
	x.wantRequest.lines = append([]string{method + " " + wantTarget + " HTTP/1.1"}, x.wantRequest.lines...)
	x.wantRequest.complete = true
	return method, http10
}

// hasOption reports whether a Connection field of lines has an option.
func hasOption(lines []line, option string) bool {
	for _, l := range lines {
		if strings.EqualFold(l.name, "Connection") {
			for o := range strings.SplitSeq(l.value, ",") {
				if strings.EqualFold(strings.Trim(o, " \t"), option) {
					return true
				}
			}
		}
	}
	return false
}

// target makes a request target. One in absolute form brings its own host.
func (g *generator) target(method string, host *line) (sent, want string) {
	want = "/" + g.text(40, isTargetByte)
	switch {
	case method == "OPTIONS" && g.chance(10):
		want = "*"
	case g.chance(10):
		want = pick(g, "/", "//", "//x//y", "/a/../b", "/%", "/%zz", "/%2F", "/a?", "/?", "/{id}", "/a#b", "/http://x/", "/@", "/\\", "/a;b=c?d;e")
	case g.chance(1):
		want += strings.Repeat("a", 50_000)
	case g.chance(5):
		sent = "http://" + g.proxy + want
		*host = line{host.name, host.sent, g.proxy}
		return sent, want
	}
	return want, want
}

// malformed makes a request that has to be refused, with the status. It is 0
// where that could not be made of these fields.
func (g *generator) malformed(method, target string, lines []line) (string, int) {
	put := func(sent string) []line { return g.insert(lines, line{sent: sent}) }
	start, status := method+" "+target+" HTTP/1.1", 400
	var framed, coded bool
	for _, l := range lines {
		framed = framed || strings.EqualFold(l.name, "Content-Length")
		coded = coded || strings.EqualFold(l.name, "Transfer-Encoding")
	}
	switch g.IntN(20) {
	case 0:
		lines = put("Host: other\r\n")
	case 1:
		lines = put("Content-Length: 1\r\nContent-Length: 1\r\n")
	case 2:
		lines = put("Content-Length: " + pick(g, "+1", "-1", "1,1", "0x1", "1 1", "", "1e3", "٣", strings.Repeat("9", 30)) + "\r\n")
	case 3:
		lines = put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")
	case 4:
		if framed || coded {
			return "", 0
		}
		lines = put("Transfer-Encoding: " + pick(g, "chunked, chunked", "gzip, chunked", "chunked,", ",chunked") + "\r\n")
	case 5:
		if framed || coded {
			return "", 0
		}
		lines, status = put("Transfer-Encoding: "+pick(g, "gzip", "identity", "xchunked", "chunked;x")+"\r\n"), 501
	case 6:
		lines = put("X: a\r\n" + pick(g, " ", "\t") + "folded\r\n")
	case 7:
		lines = put("X: a\nY: b\r\n")
	case 8:
		lines = put("X" + pick(g, " ", "\t", "\x0b") + ": a\r\n")
	case 9:
		lines = put("X: a" + string(rune(pick(g, 0, 1, 8, 0x0b, 0x0d, 0x1f, 0x7f))) + "b\r\n")
	case 10:
		lines = put(pick(g, ": no name\r\n", "no colon\r\n", "ü: 1\r\n", "a b: 1\r\n", "(: 1\r\n"))
	case 11:
		start, status = method+" "+target+" "+pick(g, "HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/11"), 505
	case 12:
		start = pick(g, method+"  "+target+" HTTP/1.1", method+" "+target+" HTTP/1.1 ", method+" "+target, method+"\t"+target+" HTTP/1.1", " "+method+" "+target+" HTTP/1.1", method+" "+target+" http/1.1")
	case 13:
		start = pick(g, "(", "G\x00T", "", "ü") + " " + target + " HTTP/1.1"
	case 14:
		start = method + " " + pick(g, "relative", "/a\x7f", "/a\x01", "") + " HTTP/1.1"
	case 15:
		start, status = "CONNECT h:443 HTTP/1.1", 405
	case 16:
		start, status = method+" "+pick(g, "http://elsewhere.example/", "https://"+g.proxy+"/", "http://"+g.proxy+"@x/", "ftp://x/")+" HTTP/1.1", 421
	case 17:
		lines, status = put(strings.Repeat("X: y\r\n", 2001)), 431
	case 18:
		if !g.chance(10) {
			return "", 0
		}
		lines, status = put("X: "+strings.Repeat("y", 1<<20)+"\r\n"), 431
	case 19:
		lines = g.withoutHost(lines)
	}
	sent, _ := write(start, lines)
	return sent, status
}

func (g *generator) withoutHost(lines []line) []line {
	var kept []line
	for _, l := range lines {
		if !strings.EqualFold(l.name, "Host") {
			kept = append(kept, l)
		}
	}
	return kept
}
