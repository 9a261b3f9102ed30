package proxy_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/proxy"
)

// TestExchangesOutliveTheirConnection keeps what is reported of exchanges, as an
// inspector does, while the same connection carries others, which use the memory
// of the headers again: nothing of it may change.
func TestExchangesOutliveTheirConnection(t *testing.T) {
	t.Parallel()
	responses := map[string]string{
		"/readable":   ok(allowPage, "X-A: 1"),
		"/two":        ok(allowPage, allowAny),
		"/none":       ok("X-A: 2"),
		"/redirect":   "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/x?y\r\n" + allowAny + "\r\nContent-Length: 0\r\n\r\n",
		"/credential": ok(allowAny, allowTrue),
		"/token":      "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n{\"message\":\"Missing Authentication Token\"}",
		"/last":       ok("Access-Control-Allow-Origin: http://other.example", "Vary: *", "X-A: 3", "X-B: 4"),
	}
	u := newUpstream(t, func(c *wire) {
		for {
			r, err := http.ReadRequest(c.br)
			if err != nil {
				return
			}
			c.send(responses[r.URL.Path])
		}
	})
	type observed struct {
		exchange proxy.Exchange
		told     string // while it was reported
	}
	reported := make(chan observed, 1)
	p := serve(t, u.url(), func(c *proxy.Config) {
		c.Record = &proxy.Recorder{MaxBody: 1 << 10, MaxBodies: 1 << 20}
		c.Observe = func(x *proxy.Exchange) { reported <- observed{*x, told(t, *x)} }
	})
	c := dial(t, p.addr)
	get := func(path, origin string, more ...string) string {
		request := "GET " + path + " HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + "\r\n"
		for _, line := range more {
			request += line + "\r\n"
		}
		return request + "\r\n"
	}
	const page = "http://page.example"
	requests := []string{
		get("/readable", page), get("/two", page), get("/two", page, withCookie), get("/none", page), get("/redirect", page),
		get("/credential", page, withCookie), get("/token", page), get("/readable", "null", "Origin: http://page.example"),
		"OPTIONS /x HTTP/1.1\r\nHost: h\r\nOrigin: " + page + "\r\nAccess-Control-Request-Method: GET\r\nAccess-Control-Request-Headers: a\r\nAccess-Control-Request-Headers: b\r\n\r\n",
	}
	var kept []observed
	for _, request := range requests {
		c.send(request)
		readResponse(t, c, request[:3])
		kept = append(kept, <-reported)
	}
	for range 3 {
		c.send(get("/last", "http://third.example", "Cookie: z=1", "X-C: 5"))
		readResponse(t, c, "GET")
		<-reported
	}
	for i, x := range kept {
		if now := told(t, x.exchange); now != x.told {
			t.Errorf("%s was\n%s\nand is\n%s", requests[i], x.told, now)
		}
	}
}

// told is all that can be learned from an exchange.
func told(t *testing.T, x proxy.Exchange) string {
	t.Helper()
	var steps [][]browser.Step
	if x.Verdict != nil {
		steps = append(steps, x.Verdict.Plain.Steps(), x.Verdict.Credentials.Steps())
	}
	x.Err = nil
	b, err := json.Marshal(struct {
		Exchange proxy.Exchange
		Steps    [][]browser.Step
	}{x, steps})
	if err != nil {
		t.Error(err)
	}
	return string(b)
}
