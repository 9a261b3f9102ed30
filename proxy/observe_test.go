package proxy_test

import (
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
