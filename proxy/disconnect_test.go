package proxy_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestDisconnect ends each kind of connection to the upstream, on which another
// exchange came before. Later exchanges are as welcome as ever.
func TestDisconnect(t *testing.T) {
	t.Parallel()
	const (
		first = "GET /first HTTP/1.1\r\nHost: h\r\n\r\n"
		whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: timeout=60\r\n\r\nfirst"
		post  = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"
	)
	for name, tt := range map[string]struct {
		request, answer string // as far as they come
		code            diagnosis.Code
		rest            string // that the client gets of an answer
	}{
		"none under way":    {"", "", "", ""},
		"no answer":         {get, "", diagnosis.UpstreamClosed, ""},
		"a part of a head":  {get, "HTTP/1.1 200 OK\r\nA: b", diagnosis.UpstreamClosed, ""},
		"no answer to POST": {post + "hello", "", diagnosis.UpstreamClosed, ""},
		"an upload":         {post + "he", "", diagnosis.UpstreamClosed, ""},
		"chunks":            {get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", diagnosis.UpstreamBodyCut, "2\r\nab\r\n<EOF>"},
		"a length":          {get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", diagnosis.UpstreamBodyCut, "ab<EOF>"},
		"no length":         {get, "HTTP/1.1 200 OK\r\n\r\nab", diagnosis.UpstreamBodyCut, "2\r\nab\r\n<EOF>"},
		"a WebSocket":       {upgrade, upgraded + "ab", "", "ab<EOF>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			arrived, ended := make(chan struct{}, 2), make(chan string, 2)
			u := newUpstream(t, func(c *wire) {
				if strings.HasPrefix(c.head(), "GET /first ") {
					c.send(whole)
				}
				if tt.request != "" {
					c.until(tt.request[len(tt.request)-4:])
					c.send(tt.answer)
				}
				arrived <- struct{}{}
				ended <- c.rest()
			})
			p := serve(t, u.url())
			c := dial(t, p.addr)
			for range 2 {
				c.send(first)
				c.until("first")
				p.exchange(t)
				c.send(tt.request)
				<-arrived
				if _, body, _ := strings.Cut(tt.answer, "\r\n\r\n"); body != "" {
					head := c.head()
					if !strings.HasPrefix(tt.answer, head[:12]) {
						t.Fatalf("answered %q", head)
					}
					if _, err := c.br.Peek(len(body)); err != nil {
						t.Fatal(err)
					}
				}
				before := u.conns()
				p.Disconnect()
				if got := <-ended; got != "<EOF>" && got != "<RST>" {
					t.Errorf("the upstream's connection has %q", got)
				}
				if tt.request != "" {
					x := p.exchange(t)
					if (x.Diagnosis == nil) != (tt.code == "") || x.Diagnosis != nil && x.Diagnosis.Code != tt.code {
						t.Errorf("reported is %v, %v", x.Diagnosis, x.Err)
					}
				}
				if n := u.conns(); n != before {
					t.Errorf("%d connections to the upstream, where there were %d", n, before)
				}
				switch {
				case tt.code == diagnosis.UpstreamClosed:
					if got := c.until("}\n"); !strings.HasPrefix(got, "HTTP/1.1 502 ") {
						t.Errorf("answered %q", got)
					}
				case tt.rest != "":
					if got := c.rest(); got != tt.rest {
						t.Errorf("the client has %q, want %q", got, tt.rest)
					}
				}
				_ = c.Close()
				c = dial(t, p.addr)
			}
		})
	}
}
