package proxy_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/proxy"
)

// TestTransparency plays each exchange twice, against the upstream itself and
// through the proxy, and compares what either end has received, byte for byte.
// want… says what differs, where something does.
func TestTransparency(t *testing.T) {
	t.Parallel()
	for _, c := range transparencyCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.request == "" {
				c.request = header("")
			}
			if !strings.Contains(c.request, "\r\n\r\n") {
				c.request += "\r\nHost: h\r\n\r\n"
			}
			if c.response == "" {
				c.response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
			}
			direct := newPlain(t, answer(c.response))
			atDirect, fromDirect := play(t, direct, direct.addr(), c.request)
			wantRequest, wantResponse := atDirect, fromDirect
			if c.wantRequest != "" {
				wantRequest = c.wantRequest
			}
			if c.wantResponse != "" {
				wantResponse = c.wantResponse
			}
			for _, records := range []bool{false, true} {
				behind := newUpstream(t, answer(c.response))
				p := serve(t, behind.url(), func(c *proxy.Config) {
					c.Rules.Default.Source = proxy.FromUpstream
					if records {
						keeping(1000, 10000, nil)(c)
					}
				})
				atBehind, fromProxy := play(t, behind, p.addr, c.request)
				if atBehind != wantRequest {
					t.Errorf("the upstream received (recorded %v)\n  direct   %q\n  proxied  %q\n  expected %q", records, atDirect, atBehind, wantRequest)
				}
				// The client ends the connection in either case.
				if fromProxy != wantResponse {
					t.Errorf("the client received (recorded %v)\n  direct   %q\n  proxied  %q\n  expected %q", records, fromDirect, fromProxy, wantResponse)
				}
			}
		})
	}
}

// play sends request to addr, ends the sending side, and returns what u has
// received and what was answered.
func play(t *testing.T, u *upstream, addr, request string) (received, answered string) {
	t.Helper()
	c := dial(t, addr)
	c.send(request)
	c.closeWrite()
	answered = c.rest()
	return u.received(), answered
}

type transparencyCase struct {
	name                      string
	request, response         string
	wantRequest, wantResponse string // where they differ from the direct exchange
}

func header(fields string) string { return "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n" }

var transparencyCases = []transparencyCase{
	// The request line.
	{name: "plain", request: "GET / HTTP/1.1"},
	{name: "query", request: "GET /a?x=1&y=2 HTTP/1.1"},
	{name: "empty query", request: "GET /a? HTTP/1.1"},
	{name: "query with semicolon", request: "GET /?a;b=1&c=%zz&d=%2F HTTP/1.1"},
	{name: "query in query", request: "GET /?a?b?c HTTP/1.1"},
	{name: "encoded slash", request: "GET /a%2Fb%2fc HTTP/1.1"},
	{name: "encoded unreserved", request: "GET /a%7Eb%41 HTTP/1.1"},
	{name: "bad escape", request: "GET /%zz HTTP/1.1"},
	{name: "lone percent", request: "GET /100% HTTP/1.1"},
	{name: "double slash", request: "GET //x//y HTTP/1.1"},
	{name: "double slash and braces", request: "GET //{x} HTTP/1.1"},
	{name: "dot segments", request: "GET /a/../b/./c HTTP/1.1"},
	{name: "braces and bar", request: "GET /{id}/a|b HTTP/1.1"},
	{name: "quote caret backtick", request: "GET /a\"b^`<c> HTTP/1.1"},
	{name: "backslash", request: "GET /a\\b HTTP/1.1"},
	{name: "fragment", request: "GET /a#f HTTP/1.1"},
	{name: "utf-8", request: "GET /é?ü=ß HTTP/1.1"},
	{name: "latin-1", request: "GET /\xe9\xff HTTP/1.1"},
	{name: "colon in path", request: "GET /a:b/c:80 HTTP/1.1"},
	{name: "URL in path", request: "GET /http://x/y HTTP/1.1"},
	{name: "at sign", request: "GET /@x@y HTTP/1.1"},
	{name: "brackets", request: "GET /[a]?b[]=1 HTTP/1.1"},
	{name: "long target", request: "GET /" + strings.Repeat("a", 60<<10) + " HTTP/1.1"},
	{name: "asterisk", request: "OPTIONS * HTTP/1.1"},
	{name: "extension method", request: "PROPFIND / HTTP/1.1"},
	{name: "lower-case method", request: "patch / HTTP/1.1"},
	{name: "odd method", request: "M-SEARCH!#$ / HTTP/1.1"},
	{name: "trace", request: "TRACE / HTTP/1.1"},

	// Fields.
	{name: "no user agent is added", request: header("")},
	{name: "spelling and order", request: header("x-LoWer: 1\r\nZ: 2\r\nACCEPT: */*\r\nuser-agent: me\r\na: 3\r\n")},
	{name: "host not first", request: "GET / HTTP/1.1\r\nA: 1\r\nhOsT: example.com:81\r\nB: 2\r\n\r\n"},
	{name: "empty host", request: "GET / HTTP/1.1\r\nA: 1\r\nHost: \r\n\r\n"},
	{name: "repeats", request: header("A: 1\r\nB: 2\r\nA: 3\r\nb: 4\r\nA: 5\r\n")},
	{name: "cookies", request: header("Cookie: a=1; b=2\r\nCookie: c=3\r\n")},
	{name: "empty value", request: header("X-Empty:\r\nX-Blank:   \r\n"), wantRequest: header("X-Empty: \r\nX-Blank: \r\n")},
	{name: "white space around a value", request: header("X:\t a  b \t\r\n"), wantRequest: header("X: a  b\r\n")},
	{name: "tab within a value", request: header("X: a\tb\r\n")},
	{name: "latin-1 value", request: header("X: caf\xe9 \xff\x80\r\n")},
	{name: "utf-8 value", request: header("X: é€😀\r\n")},
	{name: "60 KB in one field", request: header("X: " + strings.Repeat("v", 60_000) + "\r\n")},
	{name: "1,000 fields", request: header(strings.Repeat("X-Many: v\r\n", 1000))},
	{name: "token characters in a name", request: header("!#$%&'*+-.^_`|~: v\r\n")},
	{name: "underscore", request: header("x_under_score: v\r\n")},
	{name: "forwarding fields", request: header("X-Forwarded-For: 1.2.3.4\r\nForwarded: for=x\r\nVia: 1.1 v\r\nX-Real-Ip: 5.6.7.8\r\nX-Forwarded-Host: e\r\nX-Forwarded-Proto: https\r\n")},
	{name: "accept-encoding", request: header("Accept-Encoding: gzip, br;q=0.5\r\n")},
	{name: "authorization", request: header("Authorization: Bearer a.b.c\r\nX-Amz-Date: 20260101T000000Z\r\n")},
	{name: "conditional and range", request: header("If-None-Match: \"x\"\r\nRange: bytes=0-1\r\nIf-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n")},
	{name: "origin and fetch metadata", request: header("Origin: http://a.example\r\nSec-Fetch-Mode: cors\r\nReferer: http://a.example/p\r\n")},
	{name: "pragma", request: header("Pragma: no-cache\r\nCache-Control: max-age=0\r\n")},
	{name: "connection is one hop's", request: header("Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\nX: 1\r\n"), wantRequest: header("X: 1\r\n"),
		wantResponse: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok<EOF>"},
	{name: "proxy authorization is one hop's", request: header("Proxy-Authorization: Basic eDp5\r\nX: 1\r\n"), wantRequest: header("X: 1\r\n")},
	{name: "h2c is not passed on", request: header("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nX: 1\r\n"), wantRequest: header("X: 1\r\n")},
	{name: "TE trailers", request: header("TE: trailers\r\nConnection: TE\r\n")},
	{name: "TE trailers without a connection option", request: header("te: trailers\r\n")},
	{name: "HTTP/1.0", request: "GET /x HTTP/1.0\r\nA: 1\r\nHost: h\r\n\r\n",
		wantRequest: "GET /x HTTP/1.1\r\nA: 1\r\nHost: h\r\n\r\n", wantResponse: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok<EOF>"},

	// Request bodies.
	{name: "length", request: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"},
	{name: "length zero", request: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"},
	{name: "GET with length zero", request: "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"},
	{name: "POST without length", request: "POST / HTTP/1.1"},
	{name: "GET with a body", request: "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "DELETE with a body", request: "DELETE / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "OPTIONS with a body", request: "OPTIONS / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "chunked", request: "POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nxyz\r\n0\r\n\r\n"},
	{name: "chunked and empty", request: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{name: "chunk extensions end at a hop", request: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n05;a=b\r\nhello\r\n0;last\r\n\r\n",
		wantRequest: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{name: "trailers", request: "POST / HTTP/1.1\r\nHost: h\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nx-SUM: 1\r\nX-Other: 2\r\n\r\n"},
	{name: "trailers that would frame or route", request: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\nHost: i\r\nA: 1\r\ntransfer-encoding: chunked\r\n\r\n",
		wantRequest: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n"},
	{name: "binary", request: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n\x00\xff\r\n\r\n"},
	{name: "1 MiB", request: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" + strings.Repeat("0123456789abcdef", 65536)},

	// The status line.
	{name: "reason", response: "HTTP/1.1 200 Fine By Me\r\nContent-Length: 0\r\n\r\n"},
	{name: "upper-case reason", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Length: 0\r\n\r\n"},
	{name: "no reason", response: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"},
	{name: "unregistered status", response: "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n"},
	{name: "status above 599", response: "HTTP/1.1 799 Very Odd\r\nContent-Length: 0\r\n\r\n"},
	{name: "redirect", response: "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/{x}\r\nContent-Length: 0\r\n\r\n"},
	{name: "308", response: "HTTP/1.1 308 PERMANENT REDIRECT\r\nLocation: /a/b\r\nContent-Length: 0\r\n\r\n"},
	{name: "401", response: "HTTP/1.1 401 UNAUTHORIZED\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "500", response: "HTTP/1.1 500 INTERNAL SERVER ERROR\r\nContent-Length: 3\r\n\r\nabc"},

	{name: "426", response: "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\nabc"},
	{name: "an upgrade that is offered", response: "HTTP/1.1 200 OK\r\nConnection: keep-alive, upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc",
		wantResponse: "HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc<EOF>"},

	// Response fields.
	{name: "response spelling and order", response: "HTTP/1.1 200 OK\r\nserver: s\r\nX-a: 1\r\nDATE: d\r\ncontent-length: 0\r\nA: 2\r\n\r\n"},
	{name: "set-cookie", response: "HTTP/1.1 200 OK\r\nSet-Cookie: b=1; Path=/\r\nX: y\r\nSet-Cookie: a=2\r\nSet-Cookie: b=3\r\nContent-Length: 0\r\n\r\n"},
	{name: "no content type is added", response: "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n<html></html>\n"},
	{name: "access-control is kept", response: "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: http://only.example\r\naccess-control-allow-origin: *\r\nVary: Origin\r\nContent-Length: 0\r\n\r\n"},
	{name: "content-encoding", request: header("Accept-Encoding: gzip\r\n"), response: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"},
	{name: "unasked content-encoding", response: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"},
	{name: "latin-1 response value", response: "HTTP/1.1 200 OK\r\nX: caf\xe9\r\nContent-Length: 0\r\n\r\n"},
	{name: "folded response field", response: "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 0\r\n\r\n",
		wantResponse: "HTTP/1.1 200 OK\r\nX: a b\r\nContent-Length: 0\r\n\r\n<EOF>"},
	{name: "bare LF in a response head", response: "HTTP/1.1 200 OK\nX: a\nContent-Length: 2\n\nok",
		wantResponse: "HTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 2\r\n\r\nok<EOF>"},
	{name: "response connection is one hop's", response: "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX: 1\r\nContent-Length: 0\r\n\r\n",
		wantResponse: "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\n\r\n<EOF>"},
	{name: "equal lengths are one", response: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
		wantResponse: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok<EOF>"},

	// Response framing.
	{name: "response chunks", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"},
	{name: "control characters in a chunk's extension", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\x00\x01\r\nhello\r\n0\r\n\r\n",
		wantResponse: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n<EOF>"},
	{name: "empty chunked response", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{name: "response trailers", response: "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n"},
	{name: "unannounced trailers", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"},
	{name: "spelling and order of trailers", response: "HTTP/1.1 200 OK\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nZ: 1\r\nx-sum: 2\r\nA: 3\r\nZ: 4\r\n\r\n"},
	{name: "until close", response: "HTTP/1.1 200 OK\r\nX: 1\r\n\r\nall the rest",
		wantResponse: "HTTP/1.1 200 OK\r\nX: 1\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nall the rest\r\n0\r\n\r\n<EOF>"},
	{name: "HTTP/1.0 upstream", response: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
		wantResponse: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok<EOF>"},
	{name: "until close for HTTP/1.0", request: "GET / HTTP/1.0\r\nHost: h\r\n\r\n", response: "HTTP/1.0 200 OK\r\n\r\nrest",
		wantRequest: header(""), wantResponse: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nrest<EOF>"},
	{name: "chunked for HTTP/1.0", request: "GET / HTTP/1.0\r\nHost: h\r\n\r\n", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
		wantRequest: header(""), wantResponse: "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab<EOF>"},
	{name: "HEAD with length", request: "HEAD / HTTP/1.1", response: "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nContent-Type: text/x\r\n\r\n"},
	{name: "HEAD with coding", request: "HEAD / HTTP/1.1", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{name: "HEAD with nothing", request: "HEAD / HTTP/1.1", response: "HTTP/1.1 200 OK\r\n\r\n"},
	{name: "304 with length", response: "HTTP/1.1 304 NOT MODIFIED\r\nContent-Length: 99\r\nContent-Type: a/b\r\nETag: \"x\"\r\n\r\n"},
	{name: "204", response: "HTTP/1.1 204 NO CONTENT\r\nX: 1\r\n\r\n"},
	{name: "204 with length", response: "HTTP/1.1 204 NO CONTENT\r\nContent-Length: 0\r\n\r\n"},
	{name: "205", response: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
	{name: "206", response: "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/5\r\nContent-Length: 2\r\n\r\nab"},
	{name: "binary response", response: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n"},
	{name: "1 MiB response", response: "HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + strings.Repeat("0123456789abcdef", 65536)},
	{name: "interim responses", response: "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{name: "interim response larger than a buffer", response: "HTTP/1.1 103 Early Hints\r\nLink: </" + strings.Repeat("a", 5000) + ">\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{name: "cut by length", response: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
	{name: "cut in a chunk", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde",
		wantResponse: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n<EOF>"},
	{name: "cut between chunks", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},

	// 403s that are not ours to touch.
	{name: "other 403", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{\"message\":\"Forbidden\"}"},
	{name: "403 with more in it", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"message\":\"Missing Authentication Token\",\"a\":123}"},
	{name: "chunked 403", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n6\r\nerr\":1\r\n1\r\n}\r\n0\r\n\r\n",
		wantResponse: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"err\":1\r\n1\r\n}\r\n0\r\n\r\n<EOF>"},
	{name: "403 with unannounced trailers", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\nX-Sum: 1\r\n\r\n"},
	{name: "HTML 403", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno"},
	{name: "cut 403", response: "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n{\"message\":\"Missing"},
	{name: "401 that says the same", response: "HTTP/1.1 401 U\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n{\"message\":\"Missing Authentication Token\"}"},
}
