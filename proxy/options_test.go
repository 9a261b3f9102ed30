package proxy_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// readResponse reads one response to a request with method.
func readResponse(t *testing.T, c *wire, method string) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(c.br, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("read response: %v", err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read response body: %v", err)
	}
	return resp, string(b)
}

// TestOptionsNeverReachTheUpstream sends every kind of OPTIONS over one
// connection: each is answered, and the connection stays usable.
func TestOptionsNeverReachTheUpstream(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nup"))
	p := serve(t, u.url())
	c := dial(t, p.addr)
	for _, r := range []string{
		"OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
		"OPTIONS /a HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\n\r\n",
		"OPTIONS /a HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization,x-b\r\n\r\n",
		"OPTIONS /a HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
		"OPTIONS /%zz//{x} HTTP/1.1\r\nHost: h\r\nOrigin: null\r\nAccess-Control-Request-Method: patch\r\n\r\n",
		"OPTIONS /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
		"OPTIONS /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"OPTIONS http://" + p.addr + "/ HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		c.send(r)
		resp, body := readResponse(t, c, http.MethodOptions)
		if resp.StatusCode != 200 || body != "" {
			t.Errorf("%q: answered %d %q", r, resp.StatusCode, body)
		}
		for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers"} {
			if resp.Header.Get(name) == "" && !strings.Contains(r, "Request-Method") {
				t.Errorf("%q: answered without %s: %v", r, name, resp.Header)
			}
		}
		if x := p.exchange(t); !x.Answered || x.Diagnosis != nil {
			t.Errorf("%q: reported %+v", r, x)
		}
	}
	if n := u.conns(); n != 0 {
		t.Errorf("the upstream got %d connections", n)
	}
}

func TestPreflightAnswer(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	listed := policy.Default()
	listed.AllowOrigins = []string{"http://localhost:5173"}
	listed.AllowMethods = []string{"GET", "PUT"}
	listed.AllowHeaders = []string{"Content-Type"}
	listed.AllowCredentials = true
	admin := policy.Default()
	admin.AllowOrigins = []string{"http://admin.example"}
	admin.PreflightStatus = 204
	p := serve(t, u.url(), func(c *proxy.Config) {
		c.Rules.Default.Policy = newPolicy(t, listed)
		c.Rules.Routes = []proxy.Route{{Path: "/admin/{proxy+}", Rule: proxy.Rule{Policy: newPolicy(t, admin)}}}
	})
	for _, c := range []struct {
		name, target, origin, method, headers string
		status                                int
		diagnosis                             string
		allowOrigin                           string
	}{
		{"allowed", "/x", "http://localhost:5173", "PUT", "content-type", 200, "", "http://localhost:5173"},
		{"origin refused", "/x", "http://evil.example", "PUT", "", 403, "CP1001 origin-not-allowed", ""},
		{"method refused", "/x", "http://localhost:5173", "DELETE", "", 200, "CP1002 method-not-allowed", "http://localhost:5173"},
		{"header refused", "/x", "http://localhost:5173", "PUT", "x-y", 200, "CP1003 header-not-allowed", "http://localhost:5173"},
		{"route", "/admin/x", "http://admin.example", "DELETE", "x-y", 204, "", "http://admin.example"},
		{"route, encoded", "/%61dmin/x?y", "http://admin.example", "DELETE", "x-y", 204, "", "http://admin.example"},
		{"route refuses what the default allows", "/admin/x", "http://localhost:5173", "PUT", "", 403, "CP1001 origin-not-allowed", ""},
		{"greedy needs a segment", "/admin", "http://admin.example", "PUT", "", 403, "CP1001 origin-not-allowed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := dial(t, p.addr)
			w.send("OPTIONS " + c.target + " HTTP/1.1\r\nHost: h\r\nOrigin: " + c.origin + "\r\nAccess-Control-Request-Method: " + c.method + "\r\nAccess-Control-Request-Headers: " + c.headers + "\r\n\r\n")
			resp, body := readResponse(t, w, http.MethodOptions)
			if resp.StatusCode != c.status || resp.Header.Get("Access-Control-Allow-Origin") != c.allowOrigin || resp.Header.Get("Corsproxy-Diagnosis") != c.diagnosis {
				t.Errorf("answered %d %v", resp.StatusCode, resp.Header)
			}
			x := p.exchange(t)
			if (x.Diagnosis != nil) != (c.diagnosis != "") || x.Decision.Allowed != (c.diagnosis == "") {
				t.Errorf("reported %+v", x)
			}
			if c.diagnosis == "" {
				return
			}
			var problem struct{ Code, Detail, RequestID string }
			if err := json.Unmarshal([]byte(body), &problem); err != nil || !strings.HasPrefix(c.diagnosis, problem.Code) || problem.RequestID != x.ID || problem.Detail == "" {
				t.Errorf("body %s: %v", body, err)
			}
		})
	}
}

// TestPreflightRefusedTwice says what to change for the method and for all headers at
// once: browsers would name one after the other.
func TestPreflightRefusedTwice(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	listed := policy.Default()
	listed.AllowMethods, listed.AllowHeaders = []string{"GET"}, []string{"Content-Type"}
	p := serve(t, u.url(), func(c *proxy.Config) {
		c.Rules.Default.Policy = newPolicy(t, listed)
		c.Rules.Default.Given = map[policy.Reason]diagnosis.Given{policy.MethodNotAllowed: {Flag: "--allow-method"}, policy.HeaderNotAllowed: {File: "corsproxy.yaml:7:22"}}
	})
	ask := func(method string) *diagnosis.Diagnosis {
		w := dial(t, p.addr)
		w.send("OPTIONS /x HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\nAccess-Control-Request-Method: " + method + "\r\nAccess-Control-Request-Headers: content-type,x-a,x-b\r\n\r\n")
		readResponse(t, w, http.MethodOptions)
		return p.exchange(t).Diagnosis
	}
	const headers = "to allow x-a and x-b, add them to the list cors.allow_headers (corsproxy.yaml:7:22), each as an item of its own: x-a, x-b"
	if d := ask("DELETE"); d == nil || d.Code != diagnosis.MethodNotAllowed || !slices.Equal(d.Hints, []string{"to allow DELETE, add to the command line: --allow-method DELETE; " + headers}) {
		t.Errorf("a method and headers: %+v", d)
	}
	if d := ask("GET"); d == nil || d.Code != diagnosis.HeaderNotAllowed || !slices.Equal(d.Hints, []string{headers}) {
		t.Errorf("headers: %+v", d)
	}
}

// TestRulesAreSwapped changes the rules under load: no request fails, and each
// is answered by one set of rules or the other.
func TestRulesAreSwapped(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	rules := func(origin string) proxy.Rules {
		c := policy.Default()
		c.AllowOrigins = []string{origin}
		return proxy.Rules{Default: proxy.Rule{Policy: newPolicy(t, c)}}
	}
	p := serve(t, u.url(), func(c *proxy.Config) { c.Rules = rules("http://a.example") })
	stop := make(chan struct{})
	swapped := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				swapped <- n
				return
			default:
				n++
				_ = p.SetRules(rules([]string{"http://a.example", "http://b.example"}[n%2]))
			}
		}
	}()
	c := dial(t, p.addr)
	_ = c.SetDeadline(time.Now().Add(2 * patience))
	for range 300 {
		c.send("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n")
		resp, err := http.ReadResponse(bufio.NewReader(c.br), nil)
		if err != nil {
			t.Fatal(err)
		}
		if o := resp.Header.Get("Access-Control-Allow-Origin"); o != "http://a.example" && o != "http://b.example" {
			t.Fatalf("answered %q", o)
		}
	}
	close(stop)
	if n := <-swapped; n == 0 {
		t.Error("the rules were never swapped")
	}
	if err := p.SetRules(proxy.Rules{}); err == nil {
		t.Error("rules without a policy were taken")
	}
}

// TestResponseHeaders looks at what becomes of the upstream's own fields.
func TestResponseHeaders(t *testing.T) {
	t.Parallel()
	const bare = "HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 0\r\n\r\n"
	const own = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: http://own.example\r\nVary: Accept\r\nContent-Length: 0\r\n\r\n"
	for _, c := range []struct {
		name     string
		mode     proxy.ResponseHeaders
		response string
		origin   string
		vary     string
	}{
		{"keep, bare", proxy.KeepHeaders, bare, "", ""},
		{"keep, own", proxy.KeepHeaders, own, "http://own.example", "Accept"},
		{"fill, bare", proxy.FillHeaders, bare, "http://a.example", "Origin"},
		{"fill, own", proxy.FillHeaders, own, "http://own.example", "Accept"},
		{"replace, bare", proxy.ReplaceHeaders, bare, "http://a.example", "Origin"},
		{"replace, own", proxy.ReplaceHeaders, own, "http://a.example", "Accept, Origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer(c.response))
			config := policy.Default()
			config.AllowOrigins = []string{"http://a.example"}
			p := serve(t, u.url(), func(pc *proxy.Config) {
				pc.Rules.Default = proxy.Rule{Policy: newPolicy(t, config), ResponseHeaders: c.mode}
			})
			w := dial(t, p.addr)
			w.send("GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\n\r\n")
			resp, _ := readResponse(t, w, http.MethodGet)
			if got := resp.Header.Get("Access-Control-Allow-Origin"); got != c.origin {
				t.Errorf("Access-Control-Allow-Origin: %q, want %q", got, c.origin)
			}
			if got := strings.Join(resp.Header.Values("Vary"), ", "); got != c.vary {
				t.Errorf("Vary: %q, want %q", got, c.vary)
			}
		})
	}
}
