package proxy_test

import (
	"context"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// gated starts a proxy whose upstream is ready once the gate is closed. Each
// request that waits is told of.
func gated(t *testing.T, u *url.URL) (s *served, gate chan struct{}, waiting chan struct{}) {
	t.Helper()
	gate, waiting = make(chan struct{}), make(chan struct{}, 10)
	s = serve(t, u, func(c *proxy.Config) {
		c.Await = func(ctx context.Context) (func(), *diagnosis.Diagnosis) {
			waiting <- struct{}{}
			select {
			case <-gate:
				return func() {}, nil
			case <-ctx.Done():
				return nil, &diagnosis.Diagnosis{Code: diagnosis.ChildNotReady, Status: 503, RetryAfter: 4500 * time.Millisecond}
			}
		}
	})
	return s, gate, waiting
}

// TestAwait has a request wait for its upstream, which may be set meanwhile. A
// preflight does not.
func TestAwait(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
	s, gate, waiting := gated(t, &url.URL{Scheme: "http", Host: "nowhere.invalid"})
	c := dial(t, s.addr)
	c.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
	<-waiting

	p := dial(t, s.addr)
	p.send("OPTIONS /a HTTP/1.1\r\nHost: h\r\nOrigin: http://localhost:5173\r\nAccess-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n")
	if got := p.rest(); !strings.HasPrefix(got, "HTTP/1.1 200 ") {
		t.Errorf("the preflight got %q", got)
	}
	if err := s.SetUpstream(u.url()); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got, "ok<EOF>") {
		t.Errorf("the request got %q", got)
	}
	if got := u.received(); !strings.HasSuffix(got, "\r\n\r\nabc") {
		t.Errorf("the upstream got %q", got)
	}
}

// TestAwaitTakesTheRulesOfItsUpstream has the rules change while a request is held:
// what answers it is what they are about.
func TestAwaitTakesTheRulesOfItsUpstream(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 43\r\nServer: Werkzeug/3.1.9 Python/3.11.7\r\n\r\n"+`{"message":"Missing Authentication Token"}`+"\n"))
	s, gate, waiting := gated(t, u.url())
	c := dial(t, s.addr)
	c.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	<-waiting
	rules := proxy.Rules{Default: proxy.Rule{Policy: newPolicy(t, policy.Default())}, MissingToken: proxy.ConvertMissingToken}
	rules.Known.Table = sam.NewTable([]sam.Route{{Method: "GET", Path: "/b"}})
	if err := s.SetRules(rules); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if got := c.rest(); !strings.HasPrefix(got, "HTTP/1.1 404 ") {
		t.Errorf("the request got %q", got)
	}
}

// TestAwaitOver tells when whoever waits for those under way need wait for an
// exchange no more: after it was observed, or when it is a WebSocket.
func TestAwaitOver(t *testing.T) {
	t.Parallel()
	const ok, cut = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	for name, tt := range map[string]struct{ request, answer, want string }{
		"answered":    {get, ok, "await observed over"},
		"cut":         {get, cut, "await observed over"},
		"no answer":   {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "", "await observed over"},
		"a WebSocket": {upgrade, upgraded, "await over observed"},
		"a preflight": {"OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: http://localhost:5173\r\nAccess-Control-Request-Method: PUT\r\n\r\n", "", "observed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(c *wire) {
				c.head()
				c.send(tt.answer)
				if tt.answer == upgraded {
					c.rest()
				}
			})
			events := make(chan string, 4)
			s := serve(t, u.url(), func(c *proxy.Config) {
				c.Await = func(context.Context) (func(), *diagnosis.Diagnosis) {
					events <- "await"
					return func() { events <- "over" }, nil
				}
				c.Observe = func(*proxy.Exchange) { events <- "observed" }
			})
			c := dial(t, s.addr)
			c.send(tt.request)
			for i, want := range strings.Fields(tt.want) {
				if i == 2 && tt.answer == upgraded {
					_ = c.Close()
				}
				if got := <-events; got != want {
					t.Fatalf("event %d of %q is %s", i, tt.want, got)
				}
			}
		})
	}
}

// TestAwaitLeft lets a client go that has left while it waited.
func TestAwaitLeft(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*wire){
		"closed": func(c *wire) { _ = c.Close() }, "reset": (*wire).reset, "half-closed": (*wire).closeWrite,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer(""))
			s, _, waiting := gated(t, u.url())
			c := dial(t, s.addr)
			c.send("GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://localhost:5173\r\n\r\n")
			<-waiting
			leave(c)
			x := s.exchange(t)
			if !x.Answered || x.Diagnosis == nil || x.Status != 503 || u.conns() != 0 {
				t.Errorf("the exchange is %+v, and the upstream has %d connections", x, u.conns())
			}
			if name == "half-closed" {
				head := c.head()
				for _, want := range []string{"HTTP/1.1 503 ", "\r\nRetry-After: 5\r\n", "\r\nAccess-Control-Allow-Origin: http://localhost:5173\r\n", "Retry-After\r\n"} {
					if !strings.Contains(head, want) {
						t.Errorf("the head has no %q:\n%s", want, head)
					}
				}
			}
		})
	}
}

// TestAwaitLeftUnread lets a client go, too, whose body nobody has read yet.
func TestAwaitLeftUnread(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells of an end behind what is not read")
	}
	for name, leave := range map[string]func(*wire){
		"closed": func(c *wire) { _ = c.Close() }, "reset": (*wire).reset, "half-closed": (*wire).closeWrite,
	} {
		for _, request := range []string{
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				u := newUpstream(t, answer(""))
				s, _, waiting := gated(t, u.url())
				c := dial(t, s.addr)
				c.send(request)
				<-waiting
				leave(c)
				if x := s.exchange(t); !x.Answered || x.Diagnosis == nil || x.Status != 503 || u.conns() != 0 {
					t.Errorf("the exchange is %+v, and the upstream has %d connections", x, u.conns())
				}
			})
		}
	}
}

// TestRefine has what is known beside the exchange in the problem body.
func TestRefine(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) { readRequest(c) })
	s := serve(t, u.url(), func(c *proxy.Config) {
		c.Refine = func(x proxy.Exchange, d diagnosis.Diagnosis) diagnosis.Diagnosis {
			d.Detail = x.Method + " " + string(d.Code) + " refined"
			return d
		}
	})
	c := dial(t, s.addr)
	c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	if got := c.rest(); !strings.Contains(got, `"detail": "POST CP2005 refined"`) {
		t.Errorf("the answer is %q", got)
	}
}

func TestSetUpstreamRefuses(t *testing.T) {
	t.Parallel()
	s := serve(t, &url.URL{Scheme: "http", Host: "127.0.0.1:9"})
	for _, u := range []*url.URL{nil, {Scheme: "ftp", Host: "h"}, {Scheme: "http"}, {Scheme: "http", Host: "h", Path: "/x"}} {
		if err := s.SetUpstream(u); err == nil {
			t.Errorf("%v is taken", u)
		}
	}
}
