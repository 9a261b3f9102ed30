package proxy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// A browser's request, as a page at localhost:5173 sends it.
const browserFields = "Host: localhost:8080\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n" +
	"Origin: http://localhost:5173\r\nSec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n" +
	"Referer: http://localhost:5173/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"

// BenchmarkExchange is what one exchange costs on a kept connection, the
// client's and the upstream's part included; neither allocates.
func BenchmarkExchange(b *testing.B) {
	for name, request := range map[string]string{
		"preflight": "OPTIONS /scanRecords HTTP/1.1\r\n" + browserFields + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type\r\n\r\n",
		"GET":       "GET /scanRecords HTTP/1.1\r\n" + browserFields + "\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			c, err := net.Dial("tcp", benchProxy(b, benchUpstream(b)))
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			br := bufio.NewReader(c)
			exchange := func() {
				if _, err := io.WriteString(c, request); err != nil {
					b.Fatal(err)
				}
				skipAnswer(b, br)
			}
			exchange()
			b.ReportAllocs()
			for b.Loop() {
				exchange()
			}
		})
	}
}

// skipAnswer reads a response that is framed by its length.
func skipAnswer(b *testing.B, br *bufio.Reader) {
	length := 0
	for {
		line, err := br.ReadSlice('\n')
		if err != nil {
			b.Fatal(err)
		}
		if len(line) == 2 {
			break
		}
		if n := len("Content-Length: "); len(line) > n && string(line[:n]) == "Content-Length: " {
			length, _ = strconv.Atoi(string(line[n : len(line)-2]))
		}
	}
	if _, err := br.Discard(length); err != nil {
		b.Fatal(err)
	}
}

func benchUpstream(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\nDate: Sat, 28 Nov 2026 09:00:00 GMT\r\nContent-Length: 13\r\n\r\n{\"records\":3}")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for br := bufio.NewReader(c); ; {
					line, err := br.ReadSlice('\n')
					if err != nil {
						return
					}
					if len(line) == 2 {
						_, _ = c.Write(answer)
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func benchProxy(b *testing.B, upstream string) string {
	pol, err := policy.New(policy.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, PreflightStatus: http.StatusOK})
	if err != nil {
		b.Fatal(err)
	}
	p, err := proxy.New(proxy.Config{
		Upstream: &url.URL{Scheme: "http", Host: upstream},
		Rules:    proxy.Rules{Default: proxy.Rule{Policy: pol}},
		Observe:  func(*proxy.Exchange) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = p.Serve(l) }()
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	return l.Addr().String()
}
