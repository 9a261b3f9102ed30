package proxy_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/proxy"
)

var tlsVersions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// TestTLSEndOfBody ends connections in each way that there is. Where nothing
// else ends a body, only TLS can say that this is its end.
func TestTLSEndOfBody(t *testing.T) {
	t.Parallel()
	const length, chunks, bare = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nok"
	for name, end := range map[string]func(c *wire, records *sealer){
		"close_notify":  func(c *wire, s *sealer) { s.record(tlsAlert, closeNotify) },
		"no word":       func(c *wire, s *sealer) { _ = s.below.Close() },
		"reset":         func(c *wire, s *sealer) { c.until("never"); reset(s.below) },
		"fatal alert":   func(c *wire, s *sealer) { s.record(tlsAlert, internalFail) },
		"half a record": func(c *wire, s *sealer) { _, _ = s.below.Write([]byte{tlsApplication, 3, 3, 0, 50, 1, 2}) },
	} {
		for _, version := range tlsVersions {
			for _, response := range []string{length, chunks, bare} {
				if name == "reset" && response != bare {
					continue // it would overtake the answer
				}
				t.Run(fmt.Sprint(name, tls.VersionName(version), len(response)), func(t *testing.T) {
					t.Parallel()
					ends := make(chan struct{})
					u := newSealed(t, version, func(c *wire, s *sealer) {
						c.head()
						c.send(response)
						if name == "reset" {
							<-ends
							_ = c.SetDeadline(time.Now())
						}
						end(c, s)
					})
					p := serve(t, u.url(), u.trusted)
					c := dial(t, p.addr)
					c.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
					got := c.until("ok")
					close(ends)
					got += c.rest()
					complete := strings.HasSuffix(got, "ok<EOF>") || strings.HasSuffix(got, "0\r\n\r\n<EOF>")
					if want := name == "close_notify" || response != bare; complete != want {
						t.Errorf("answered %q, complete %v, want %v", got, complete, want)
					}
					if x := p.exchange(t); name == "no word" && response == bare && (x.Diagnosis == nil || !strings.Contains(x.Diagnosis.Detail, "close_notify")) {
						t.Errorf("the diagnosis is %v", x.Diagnosis)
					}
				})
			}
		}
	}
}

// TestTLSAlertBehindTheLastByte has an alert come together with the end of a
// body: the body is whole all the same.
func TestTLSAlertBehindTheLastByte(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 12_000)
	for _, version := range tlsVersions {
		u := newSealed(t, version, func(c *wire, s *sealer) {
			c.head()
			c.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(body)))
			var together bytes.Buffer
			s.to = &together
			c.send(body)
			s.record(tlsAlert, internalFail)
			_, _ = together.WriteTo(s.below)
			_, _ = c.br.ReadByte()
		})
		p := serve(t, u.url(), u.trusted)
		c := dial(t, p.addr)
		c.send(get)
		c.head()
		if got := c.until(body); got != body {
			t.Errorf("%s: got %d bytes", tls.VersionName(version), len(got))
		}
		if x := p.exchange(t); x.Err != nil {
			t.Errorf("%s: reported %v", tls.VersionName(version), x.Err)
		}
	}
}

const kept = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 2\r\n\r\nok"

// TestTLSKeptConnectionThatTheUpstreamEnded is noticed before it is used, and
// be it for what must not be sent twice.
func TestTLSKeptConnectionThatTheUpstreamEnded(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(c *wire, s *sealer){
		"close_notify":       func(c *wire, s *sealer) { s.record(tlsAlert, closeNotify); _ = s.below.Close() },
		"close_notify alone": func(c *wire, s *sealer) { s.record(tlsAlert, closeNotify) },
		"no word":            func(c *wire, s *sealer) { _ = s.below.Close() },
		"reset":              func(c *wire, s *sealer) { reset(s.below) },
		"fatal alert":        func(c *wire, s *sealer) { s.record(tlsAlert, internalFail) },
		"408 unasked": func(c *wire, s *sealer) {
			c.send("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		},
		"a part of a record": func(c *wire, s *sealer) { _, _ = io.WriteString(s.below, "\x17\x03\x03\x00") },
		"renegotiation":      func(c *wire, s *sealer) { s.record(tlsHandshake, helloRequest) },
	} {
		for _, version := range tlsVersions {
			t.Run(name+" "+tls.VersionName(version), func(t *testing.T) {
				t.Parallel()
				answered, ended := make(chan struct{}), make(chan struct{})
				var seen atomic.Int32
				u := newSealed(t, version, func(c *wire, s *sealer) {
					if strings.Contains(c.head(), "/2") {
						seen.Add(1)
						c.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
						return
					}
					c.send(kept)
					<-answered
					end(c, s)
					close(ended)
					_, _ = c.br.ReadByte() // the proxy's end
				})
				p := serve(t, u.url(), u.trusted)
				c := dial(t, p.addr)
				c.send(get)
				c.until("ok")
				p.exchange(t) // the connection has been put aside
				close(answered)
				<-ended
				c.send("POST /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
				if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 200 ") || seen.Load() != 1 {
					t.Errorf("answered %q; the upstream has seen it %d times", got, seen.Load())
				}
			})
		}
	}
}

// TestTLSTalksToItself has an idle connection receive what concerns TLS alone.
// It is used on, with the keys that are agreed by then.
func TestTLSTalksToItself(t *testing.T) {
	t.Parallel()
	said := make(chan struct{})
	u := newSealed(t, tls.VersionTLS13, func(c *wire, s *sealer) {
		for c.head() != "" {
			s.record(tlsHandshake, keyUpdate) // within an exchange, too
			c.send(kept)
			s.record(tlsHandshake, keyUpdate)
			s.record(tlsHandshake, ticket)
			s.record(tlsAlert, userCanceled)
			said <- struct{}{}
		}
	})
	p := serve(t, u.url(), u.trusted)
	c := dial(t, p.addr)
	for range 5 {
		for _, request := range []string{get, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"} {
			c.send(request)
			if got := c.until("ok"); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
				t.Fatalf("answered %q", got)
			}
			<-said
			p.exchange(t)
		}
	}
	if n := u.conns(); n != 1 {
		t.Errorf("the upstream got %d connections, want 1", n)
	}
}

// TestTLSTrouble names the cause and the cure.
func TestTLSTrouble(t *testing.T) {
	t.Parallel()
	from := func(edit func(*tls.Config)) func(t *testing.T) *upstream {
		return func(t *testing.T) *upstream {
			config := serverTLS(tls.VersionTLS13)
			edit(config)
			return newTLSUpstream(t, config, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
		}
	}
	roots := func(c *http1.Transport) *x509.CertPool { return c.TLS.RootCAs }
	for _, c := range []struct {
		name     string
		upstream func(*testing.T) *upstream
		edit     func(*http1.Transport)
		code     string
		says     []string
	}{
		{"authority unknown", from(func(*tls.Config) {}), func(c *http1.Transport) { c.TLS = nil }, "CP2010", []string{"authority that this machine does not trust", "SSL_CERT_FILE="}},
		{"another name", from(func(*tls.Config) {}), func(c *http1.Transport) { c.TLS.ServerName = "api.test" }, "CP2010", []string{"not for api.test, but for 127.0.0.1", "have a certificate made for api.test"}},
		{"expired", from(func(*tls.Config) {}), func(c *http1.Transport) {
			c.TLS = &tls.Config{RootCAs: roots(c), Time: func() time.Time { return time.Now().Add(2 * time.Hour) }}
		}, "CP2010", []string{"expired", "renew the certificate"}},
		{"HTTP/1.1 refused", from(func(c *tls.Config) { c.NextProtos = []string{"h3"} }), nil, "CP2010", []string{"does not speak HTTP/1.1", "let it speak HTTP/1.1 beside HTTP/2"}},
		{"HTTP/2 unasked", func(t *testing.T) *upstream {
			return newTLS13(t, func(c *wire) { c.send("\x00\x00\x12\x04\x00\x00\x00\x00\x00"); c.rest() })
		}, nil, "CP2007", []string{"HTTP/2 without asking"}},
		{"client certificate wanted", from(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), nil, "CP2010", []string{"broke the handshake off", "client certificate, which corsproxy has none of"}},
		{"no version in common", from(func(c *tls.Config) { c.MinVersion = 0; c.MaxVersion = tls.VersionTLS11 }), nil, "CP2010", []string{"version"}},
		{"renegotiation", func(t *testing.T) *upstream {
			return newSealed(t, tls.VersionTLS12, func(c *wire, s *sealer) { c.head(); s.record(tlsHandshake, helloRequest); c.rest() })
		}, nil, "CP2010", []string{"renegotiation", "client certificate for this path"}},
		{"a stalled handshake", func(t *testing.T) *upstream {
			u := newPlain(t, func(c *wire) { c.rest() })
			u.secure = true
			return u
		}, func(c *http1.Transport) { c.DialTimeout = 100 * time.Millisecond }, "CP2002", []string{"timeouts.dial", "check whether it speaks TLS: --upstream http://127.0.0.1"}},
		{"closed in the handshake", func(t *testing.T) *upstream {
			u := newPlain(t, func(c *wire) { _, _ = c.br.ReadByte() })
			u.secure = true
			return u
		}, nil, "CP2005", []string{"before it answered"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := c.upstream(t)
			p := serve(t, u.url(), u.trusted, func(pc *proxy.Config) {
				if c.edit != nil {
					c.edit(pc.Transport.(*http1.Transport))
				}
			})
			w := dial(t, p.addr)
			w.send(get)
			resp, body := readResponse(t, w, http.MethodGet)
			if !strings.HasPrefix(resp.Header.Get("Corsproxy-Diagnosis"), c.code+" ") {
				t.Errorf("answered %s %v: %s", resp.Status, resp.Header, body)
			}
			for _, want := range c.says {
				if !strings.Contains(body, want) {
					t.Errorf("it does not say %q: %s", want, body)
				}
			}
		})
	}
}

// TestTLSHalfClose has a client close its sending side: the upstream is told,
// and answers.
func TestTLSHalfClose(t *testing.T) {
	t.Parallel()
	for _, listen := range []func(testing.TB, script) *upstream{newTLS12, newTLS13} {
		u := listen(t, func(c *wire) {
			if got := c.rest(); got != get+"<EOF>" {
				t.Errorf("the upstream saw %q", got)
			}
			c.send("HTTP/1.1 200 OK\r\n\r\nok")
		})
		p := serve(t, u.url(), u.trusted)
		c := dial(t, p.addr)
		c.send(get)
		c.closeWrite()
		if got := c.rest(); !strings.HasSuffix(got, "\r\n\r\n2\r\nok\r\n0\r\n\r\n<EOF>") {
			t.Errorf("answered %q", got)
		}
	}
}

// TestTLSTunnelReset has a client reset its WebSocket: for the upstream that is
// not an end that TLS has a word for.
func TestTLSTunnelReset(t *testing.T) {
	t.Parallel()
	for _, listen := range []func(testing.TB, script) *upstream{newTLS12, newTLS13} {
		ended := make(chan string, 1)
		u := listen(t, func(c *wire) {
			c.head()
			c.send(upgraded + "x")
			ended <- c.rest()
		})
		p := serve(t, u.url(), u.trusted)
		c := dial(t, p.addr)
		c.send(upgrade)
		c.head()
		c.until("x")
		c.reset()
		if got := <-ended; got != "<RST>" {
			t.Errorf("the upstream saw %q", got)
		}
	}
}
