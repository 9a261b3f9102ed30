package proxy_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/proxy"
)

// TestErrorsDoNotWait has an upstream's error observed by who takes time to find
// its cause: the client has the whole answer before.
func TestErrorsDoNotWait(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"length":  "Content-Length: 5\r\n\r\nwrong",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nwrong\r\n0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testErrorDoesNotWait(t, "HTTP/1.1 502 BAD GATEWAY\r\n"+body, body[len(body)-5:])
		})
	}
}

func testErrorDoesNotWait(t *testing.T, bad, end string) {
	u := newUpstream(t, answer(bad))
	read := make(chan struct{})
	p := serve(t, u.url(), func(c *proxy.Config) {
		c.Observe = func(*proxy.Exchange) {
			select {
			case <-read:
			case <-time.After(patience):
				t.Error("the answer waits for the cause")
			}
		}
	})
	c := dial(t, p.addr)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := c.head() + c.until(end); !strings.HasPrefix(got, "HTTP/1.1 502") {
		t.Errorf("got %q", got)
	}
	close(read)
}

// TestPanicsAreTold has a request that ends in a panic: who runs the proxy is
// told, and the next request is served.
func TestPanicsAreTold(t *testing.T) {
	t.Parallel()
	told := make(chan any, 1)
	p := serve(t, &url.URL{Scheme: "http", Host: "h"}, func(c *proxy.Config) {
		c.Panicked = func(value any) { told <- value }
		c.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodDelete {
				panic("oops")
			}
			return &http.Response{StatusCode: http.StatusNoContent, Header: make(http.Header), Body: http.NoBody}, nil
		})
	})
	broken := dial(t, p.addr)
	broken.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := broken.rest(); got != "<EOF>" {
		t.Errorf("answered %q", got)
	}
	select {
	case value := <-told:
		if value != "oops" {
			t.Errorf("told of %v", value)
		}
	case <-time.After(patience):
		t.Fatal("nobody is told")
	}
	c := dial(t, p.addr)
	c.send(get)
	if got := c.head(); !strings.HasPrefix(got, "HTTP/1.1 204 ") {
		t.Errorf("then %q", got)
	}
}
