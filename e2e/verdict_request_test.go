//go:build e2e

package e2e

import (
	"fmt"
	"strings"
)

// requestFields are what a script may want to send.
var requestFields = [][2]string{
	{"Accept", "text/html"}, {"Accept", "application/json, text/plain, */*"}, {"Accept", `a"b`}, {"Accept", "a:b"}, {"Accept", "a\tb"}, {"Accept", strings.Repeat("a", 128)}, {"Accept", strings.Repeat("a", 129)}, {"Accept", "\u00e4"}, {"Accept", ""},
	{"Accept-Language", "de-CH, *;q=0.1"}, {"Accept-Language", "de_CH"}, {"Accept-Language", ""}, {"Content-Language", "de"}, {"Content-Language", "de@"}, {"Content-Language", "a/b"},
	{"Content-Type", "text/plain"}, {"Content-Type", "TEXT/PLAIN"}, {"Content-Type", "text/plain;charset=UTF-8"}, {"Content-Type", "text/plain ; a"}, {"Content-Type", " text/plain"}, {"Content-Type", "text/plain, application/json"}, {"Content-Type", "text/plain,"}, {"Content-Type", "text/plain a"}, {"Content-Type", "text /plain"}, {"Content-Type", "text/plain;"}, {"Content-Type", "text/plain; a=\"b\""}, {"Content-Type", "text/plain; a=(b)"}, {"Content-Type", ";text/plain"}, {"Content-Type", "text"}, {"Content-Type", ""},
	{"Content-Type", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"}, {"Content-Type", "multipart/form-data"}, {"Content-Type", "multipart/form-data; boundary=x"}, {"Content-Type", "text/html"}, {"Content-Type", "text/plain\u00e4"}, {"Content-Type", "text/plain;" + strings.Repeat("a", 120)},
	{"Range", "bytes=0-"}, {"Range", "bytes=0-5"}, {"Range", "bytes=5-5"}, {"Range", "bytes=5-1"}, {"Range", "bytes=-5"}, {"Range", "bytes=-"}, {"Range", "bytes="}, {"Range", "bytes=0-5,7-9"}, {"Range", "bytes=0-5,"}, {"Range", "bytes =0-5"}, {"Range", "bytes= 0-5"}, {"Range", "bytes=0 -5"}, {"Range", "Bytes=0-5"}, {"Range", "items=0-5"}, {"Range", "bytes=00-05"}, {"Range", "bytes=0-9223372036854775806"}, {"Range", "bytes=0-9223372036854775807"}, {"Range", "bytes=99999999999999999999-"}, {"Range", "bytes=+1-5"}, {"Range", ""},
	{"Save-Data", "on"}, {"Save-Data", "ON"}, {"Save-Data", "off"}, {"Save-Data", ""}, {"DPR", "2"}, {"DPR", "1.5"}, {"DPR", ".5"}, {"DPR", "1."}, {"DPR", "x"}, {"Device-Memory", "8"}, {"Device-Memory", "a"}, {"Width", "100"}, {"Width", "1.5"}, {"Viewport-Width", "100"}, {"Viewport-Width", ""}, {"Downlink", "1.5"}, {"Downlink", "-1"}, {"RTT", "50"}, {"RTT", "5.0"}, {"ECT", "4g"}, {"ECT", "slow-2g"}, {"ECT", "2g"}, {"ECT", "3g"}, {"ECT", "5g"}, {"ECT", "offline"}, {"ECT", "Unknown"}, {"ECT", ""}, {"ECT", "4G"}, {"Intervention", "a"}, {"Intervention", ""}, {"Viewport-Height", "1"}, {"Lang", "de"},
	{"User-Agent", "me"}, {"Authorization", "Bearer x"}, {"authorization", ""}, {"X-A", "1"}, {"x-a", ""}, {"X-B", "2"}, {"X-Amz-Date", "1"}, {"X-Api-Key", "k"}, {"X-Requested-With", "XMLHttpRequest"}, {"Cache-Control", "no-cache"}, {"Pragma", "no-cache"}, {"If-None-Match", `"a"`}, {"If-Modified-Since", "x"}, {"If-Range", "a"}, {"Last-Event-ID", "1"}, {"Upgrade-Insecure-Requests", "1"}, {"Traceparent", "00"}, {"Priority", "u=1"}, {"Purpose", "prefetch"}, {"Early-Data", "1"},
	{"Accept-Charset", "a"}, {"Accept-Encoding", "a"}, {"Access-Control-Request-Headers", "a"}, {"Access-Control-Request-Method", "PUT"}, {"Access-Control-Request-Private-Network", "true"}, {"Access-Control-Request-Local-Network", "true"}, {"Access-Control-Allow-Origin", "*"}, {"Connection", "close"}, {"Content-Length", "1"}, {"Cookie", "a=b"}, {"Cookie2", "a"}, {"Date", "x"}, {"DNT", "1"}, {"Expect", "x"}, {"Host", "x"}, {"Keep-Alive", "x"}, {"Origin", "http://x"}, {"Referer", "http://x"}, {"Set-Cookie", "a=b"}, {"Set-Cookie2", "a=b"}, {"TE", "x"}, {"Trailer", "x"}, {"Transfer-Encoding", "chunked"}, {"Upgrade", "x"}, {"Via", "x"}, {"Proxy-Authorization", "x"}, {"Proxy-", "x"}, {"Sec-Fetch-Mode", "x"}, {"Sec-CH-UA", "x"}, {"Sec-GPC", "1"}, {"Secx", "1"}, {"Proxyx", "1"},
	{"X-HTTP-Method", "TRACE"}, {"X-HTTP-Method-Override", "trace"}, {"X-Method-Override", "CONNECT"}, {"X-HTTP-Method-Override", "PUT"}, {"X-HTTP-Method-Override", "PUT, TRACK"}, {"X-HTTP-Method-Override", "TRACER"}, {"X-HTTP-Method-Override", `"TRACE"`}, {"*", "1"},
}

// requests adds what a script may set. The answer to a preflight allows nothing,
// so that what it asks shows.
func (b *book) requests() {
	for _, f := range requestFields {
		for _, method := range []string{"GET", "PUT"} {
			b.asked(fmt.Sprintf("request field %q", f), method, [][2]string{f}, false, reply{200, []string{acao("*")}})
		}
		b.asked(fmt.Sprintf("request field %q with *", f), "GET", [][2]string{f}, true, reply{200, with(open(), acah("*"))})
	}
	for _, method := range []string{"get", "Get", "head", "HEAD", "post", "put", "delete", "DELETE", "options", "OPTIONS", "patch", "Patch", "PATCH", "PROPFIND", "QUERY", "query", "x", "*", "GETT", "connectx", "Trace1", "!#$"} {
		for _, lines := range [][]string{{acao("*")}, {acao("*"), acam("*")}, {acao("*"), acam(method)}, {acao("*"), acam(strings.ToUpper(method))}, {acao("*"), acam(strings.ToLower(method))}} {
			b.asked(fmt.Sprintf("method %s %q", method, lines), method, nil, false, reply{200, lines})
		}
		b.asked("credentials, method "+method, method, nil, true, reply{200, with(open(), acam("*"))})
	}
	long := strings.Repeat("a", 100)
	var many, more [][2]string
	for _, name := range []string{"Accept", "Accept-Language", "Content-Language", "Intervention"} {
		many = append(many, [2]string{name, long})
	}
	for _, name := range []string{"Accept", "Accept-Language", "Content-Language", "Intervention", "DPR", "Device-Memory", "Width", "Viewport-Width", "Downlink", "RTT"} {
		value := strings.Repeat("1", 128)
		more = append(more, [2]string{name, value})
	}
	b.asked("400 bytes of safelisted values", "GET", many, false, reply{200, []string{acao("*")}})
	b.asked("1280 bytes of safelisted values", "GET", more, false, reply{200, []string{acao("*")}})
	b.asked("1024 bytes of safelisted values", "GET", more[:8], false, reply{200, []string{acao("*")}})
	b.asked("twice the same name", "GET", [][2]string{{"Accept", "a"}, {"Accept", "b:c"}}, false, reply{200, []string{acao("*")}})
	b.asked("Range twice", "GET", [][2]string{{"Range", "bytes=0-5"}, {"Range", "bytes=7-9"}}, false, reply{200, []string{acao("*")}})
	b.asked("sorted", "GET", [][2]string{{"X-B", "1"}, {"x-a", "1"}, {"Authorization", "1"}, {"Accept", "a:b"}, {"X_A", "1"}, {"X", "1"}}, false, reply{200, []string{acao("*"), acah("x-b,accept,authorization")}})
}

// locations are where a redirect may lead.
var locations = []string{
	"{next}", "{P}{next}", "{S}{next}", "{O}{next}", "//{O-host}{next}", "{S}{next}#f", "{S}{next}?a=b", `\{next}`, " {next}", "{next} ",
	"HTTP://{S-host}{next}", "Http:{next}", "http:///{S-host}{next}", "http:\\\\{S-host}{next}", "/\\{O-host}{next}", "\\\\{O-host}{next}", "{next}?a b", "{next}?%zz", "{next}#%", "{next}?\u00e4", "./..{next}", "/..{next}", "/a/..{next}", "/%2e%2e{next}", "{S}{next}?http://u:p@x", "{S}{next}#@", "{O}{next}?a=http://b", "http://%75@{S-host}{next}", "http://u:@{S-host}{next}", "http://@@{S-host}{next}", "http://a@b@{S-host}{next}", "http://::@{S-host}{next}", "//@{S-host}{next}", "//:@{O-host}{next}", "http://{S-host}:{next}", "http://127.1:99999{next}", "http://0x7f.1:x{next}", "ws://{S-host}{next}", "ftp://{S-host}{next}", "http://u:p@{S-host}{next}", "http://u@{S-host}{next}", "http://:p@{S-host}{next}", "http://@{S-host}{next}", "http://:@{S-host}{next}", "http://u@{P-host}{next}", "http://u:p@{O-host}{next}", "//u@{S-host}{next}",
	"http://[x/", "http://", "http://a b/", "http://localhost:99999/", "http:", "http:{next}", "https://", "//", "//[", "http://u:p@[",
	"ftp://localhost/", "javascript:alert(1)", "mailto:a@b.c", "ws://localhost/", "wss://localhost/", "foo:bar", "foo://u:p@a/", "ftp://u:p@localhost/", "tel:1", "about:blank", "about:srcdoc", "data:text/plain,a", "file:///etc/hosts", "blob:{S}/x", "blob:{P}/x", "chrome-extension://abc/", "chrome://version/", "filesystem:{S}/x", "view-source:{S}/", "devtools://x/", "intent://x/", "urn:a:b", "content://a", "chrome-error://x", "ftp:", "ws:", "isolated-app://x/", "capacitor://localhost/", "app://.", "chrome-untrusted://x/", "javascript:", "x:", "cid:1", "ms-appx://x/", "resource://x/",
}

func (b *book) redirects() {
	any := reply{200, []string{acao("*"), acam("*"), acah("*")}}
	for _, to := range []string{"S", "P"} {
		for _, where := range locations {
			for _, allow := range []string{"*", "{P}", "none"} {
				if to == "P" && allow != "none" {
					continue
				}
				hop := visit{any, reply{302, []string{acao(allow), acac("true"), "Location: " + where}}}
				b.add(&scripted{name: to + " redirects to " + where, to: to, method: "GET", visits: []visit{hop, {any, any}}})
			}
			hop := visit{any, reply{307, []string{acao("*"), "Location: " + where}}}
			b.add(&scripted{name: to + " redirects PUT to " + where, to: to, method: "PUT", header: xa, visits: []visit{hop, {any, any}}})
			hop.preflight = reply{307, open("Location: " + where)}
			b.add(&scripted{name: to + " redirects the preflight to " + where, to: to, method: "PUT", header: xa, visits: []visit{hop, {any, any}}})
		}
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "patch", "DELETE", "OPTIONS"} {
			for _, where := range []string{"{next}", "{P}{next}", "{O}{next}"} {
				header := [][2]string{{"Content-Type", "application/json"}, {"Authorization", "x"}, {"X-A", "1"}}
				for n := range 3 {
					b.add(&scripted{name: fmt.Sprintf("%d of %s to %s", status, method, where), method: method, header: header[:n], visits: []visit{{any, reply{status, []string{acao("*"), "Location: " + where}}}, {any, any}}})
				}
			}
		}
	}
	b.chains()
}

// chains adds exchanges of several hops through the three origins.
func (b *book) chains() {
	any := reply{200, []string{acao("*"), acam("*"), acah("*")}}
	for _, to := range []string{"P", "S"} {
		for _, second := range []string{"P", "S", "O"} {
			for _, third := range []string{"P", "S", "O"} {
				for _, allow := range []string{"*", "{P}", "null"} {
					for _, header := range [][][2]string{nil, xa, {{"Authorization", "x"}}} {
						last := reply{200, []string{acao(allow), acam("*"), acah("*")}}
						b.add(&scripted{name: to + " " + second + " " + third + " " + allow, to: to, method: "GET", header: header, visits: []visit{
							{any, reply{302, []string{acao("*"), "Location: {" + second + "}{next}"}}},
							{any, reply{302, []string{acao("*"), "Location: {" + third + "}{next}"}}},
							{last, last},
						}})
					}
				}
				b.add(&scripted{name: to + " " + second + " " + third + " with credentials", to: to, method: "GET", credentials: true, visits: []visit{
					{actual: reply{302, []string{acao("{P}"), acac("true"), "Location: {" + second + "}{next}"}}},
					{actual: reply{302, []string{acao("null"), acac("true"), "Location: {" + third + "}{next}"}}},
					{actual: reply{200, []string{acao("null"), acac("true")}}},
				}})
			}
		}
	}
	var round []visit
	for range 22 {
		round = append(round, visit{any, reply{302, []string{acao("*"), "Location: {next}"}}})
	}
	b.add(&scripted{name: "22 redirects", method: "GET", visits: round})
	b.add(&scripted{name: "20 redirects", method: "GET", visits: round[:20]})
	b.add(&scripted{name: "21 redirects", method: "GET", visits: round[:21]})
}
