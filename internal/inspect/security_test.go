package inspect_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/inspect"
)

// everyPath is all that can be asked for, with and without success.
var everyPath = []string{
	"/", "/static/app.js", "/static/style.css", "/static/icon.svg", "/static/nothing", "/static/index.html", "/static/../inspector.go",
	"/metrics", "/healthz", "/readyz", "/nothing", "/api/exchanges", "/api/events", "/api/nothing", "/api/exchanges/x/reveal",
}

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	for _, path := range everyPath {
		for _, host := range []string{"", "Host: evil.test"} {
			for _, method := range []string{"GET", "POST", "OPTIONS"} {
				headers := []string{"Sec-Fetch-Site: same-origin"}
				if host != "" {
					headers = append(headers, host)
				}
				a := b.send(method, path, headers...)
				for name, want := range map[string]string{
					"X-Content-Type-Options":       "nosniff",
					"Cache-Control":                "no-store",
					"Cross-Origin-Opener-Policy":   "same-origin",
					"Cross-Origin-Resource-Policy": "same-origin",
					"Cross-Origin-Embedder-Policy": "require-corp",
					"Referrer-Policy":              "no-referrer",
					"X-Frame-Options":              "DENY",
				} {
					if got := a.header.Get(name); got != want {
						t.Errorf("%s %s: %s is %q, want %q", method, path, name, got, want)
					}
				}
				csp := a.header.Get("Content-Security-Policy")
				for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'"} {
					if !strings.Contains(csp, want) {
						t.Errorf("%s %s: the policy %q has no %s", method, path, csp, want)
					}
				}
				if strings.Contains(csp, "unsafe") {
					t.Errorf("%s %s: the policy is %q", method, path, csp)
				}
				for name := range a.header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s: has %s", method, path, name)
					}
				}
			}
		}
	}
}

func TestWhoIsAnswered(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo, func(c *inspect.Config) { c.Listen = "workstation.test:4040" })
	own := strings.TrimPrefix(b.url, "http://")
	port := own[strings.LastIndexByte(own, ':'):]
	token := "X-Corsproxy-Inspector: " + b.token
	for _, c := range []struct {
		name    string
		path    string
		headers []string
		status  int
	}{
		{"by address", "/", nil, 200},
		{"by localhost", "/", []string{"Host: localhost" + port}, 200},
		{"by a name below localhost", "/", []string{"Host: inspector.localhost" + port}, 200},
		{"by loopback of the other kind", "/", []string{"Host: [::1]" + port}, 200},
		{"by the name that is configured", "/", []string{"Host: Workstation.TEST:4040"}, 200},
		{"rebound", "/", []string{"Host: evil.test" + port}, 421},
		{"rebound, with an address in the name", "/", []string{"Host: 127.0.0.1.evil.test" + port}, 421},
		{"rebound, below localhost.", "/", []string{"Host: localhost.evil.test" + port}, 421},
		{"another address", "/", []string{"Host: 192.0.2.1" + port}, 421},
		{"rebound API with the token", "/api/exchanges", []string{"Host: evil.test" + port, token}, 421},
		{"rebound metrics", "/metrics", []string{"Host: evil.test" + port}, 421},
		{"a link from another site", "/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
		{"a link from another site to what is no page", "/metrics", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"a frame of another site", "/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"a script of another site", "/", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"}, 403},
		{"a script of another port", "/api/exchanges", []string{"Sec-Fetch-Site: same-site", token}, 403},
		{"another origin with the token", "/api/exchanges", []string{"Origin: http://localhost:5173", token}, 403},
		{"no origin at all", "/api/exchanges", []string{"Origin: null", token}, 403},
		{"its own page", "/api/exchanges", []string{"Origin: " + b.url, "Sec-Fetch-Site: same-origin", token}, 200},
		{"without the token", "/api/exchanges", nil, 401},
		{"with another token", "/api/exchanges", []string{"X-Corsproxy-Inspector: " + b.token + "X"}, 401},
		{"with the token in the query", "/api/exchanges?token=" + b.token, nil, 401},
		{"a file of the page", "/static/app.js", []string{"Sec-Fetch-Site: same-origin"}, 200},
		{"the page's own file by its path", "/static/index.html", nil, 404},
	} {
		if got := b.send(http.MethodGet, c.path, c.headers...).status; got != c.status {
			t.Errorf("%s: %d, want %d", c.name, got, c.status)
		}
	}
	if a := b.send("GET", "/", "Host: evil.test"); !strings.Contains(a.body, `"evil.test"`) || !strings.Contains(a.body, "DNS rebinding") {
		t.Errorf("a rebound page is told %q", a.body)
	}
}

func TestChangesNeedPOST(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	b.through("GET", "/items", "", "Authorization: Bearer abc")
	id := b.ended(1)[0].ID
	for _, path := range []string{"clear", "exchanges/" + id + "/replay", "exchanges/" + id + "/reveal", "exchanges/" + id + "/revealed-har"} {
		if a := b.get("/api/"+path, b.token); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "POST" {
			t.Errorf("GET %s: %d, Allow %q", path, a.status, a.header.Get("Allow"))
		}
		if a := b.send("POST", "/api/"+path); a.status != http.StatusUnauthorized {
			t.Errorf("POST %s without the token: %d", path, a.status)
		}
	}
	if rows := b.ended(1); len(rows) != 1 || rows[0].ID != id {
		t.Errorf("afterwards there are %+v", rows)
	}
}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	if a, b := newBench(t, echo), newBench(t, echo); a.token == b.token || len(a.token) < 26 {
		t.Errorf("the tokens are %q and %q", a.token, b.token)
	}
}
