//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// startUpstream starts the upstream of the folder node and returns its address.
func startUpstream(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(tool(t, "node"), "upstream.js")
	cmd.Dir = "node"
	cmd.Env = environment(nodePath(t))
	return start(t, "node/upstream.js", cmd).said(`listening on http://(\S+)`)[1]
}

// received is what /anything of the upstream says that it received.
type received struct {
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	upstream := startUpstream(t)
	// The upstream knows nothing of CORS: what lets the page read the answers
	// is filled in.
	open := startProxy(t, upstream, "--response-headers", "fill", "--expose-header", "X-Answer")

	for _, tt := range []struct {
		name string
		init object
		want received // headers: at least these
	}{{
		name: "GET without a preflight",
		init: object{},
		want: received{Method: "GET"},
	}, {
		name: "POST of JSON with Authorization",
		init: jsonPost(),
		want: received{
			Method:  "POST",
			Headers: map[string]string{"authorization": "Bearer token", "content-type": "application/json"},
			Body:    json.RawMessage(`{"limit":2}`),
		},
	}, {
		name: "PUT",
		init: object{"method": "PUT", "headers": object{"Content-Type": "application/json"}, "body": `{"a":1}`},
		want: received{Method: "PUT", Body: json.RawMessage(`{"a":1}`)},
	}, {
		name: "PATCH",
		init: object{"method": "PATCH", "headers": object{"Content-Type": "application/json"}, "body": `{"a":1}`},
		want: received{Method: "PATCH", Body: json.RawMessage(`{"a":1}`)},
	}, {
		name: "DELETE",
		init: object{"method": "DELETE"},
		want: received{Method: "DELETE"},
	}, {
		name: "headers of its own",
		init: object{"headers": object{"X-Api-Key": "key", "X-Amz-Date": "20261124T000000Z", "X-Tenant": "a b"}},
		want: received{Method: "GET", Headers: map[string]string{"x-api-key": "key", "x-amz-date": "20261124T000000Z", "x-tenant": "a b"}},
	}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openPage(t)
			f := p.fetch(open.url+"/anything", tt.init)
			p.readable(f, http.StatusOK)
			if f.Header["x-answer"] != "yes" {
				t.Errorf("the script reads X-Answer %q, want yes, which is exposed", f.Header["x-answer"])
			}
			requireReceived(t, f.Body, tt.want)
		})
	}

	t.Run("from an opaque origin", func(t *testing.T) {
		t.Parallel()
		p := openPage(t)
		f := p.fetchSandboxed(open.url+"/anything", jsonPost())
		p.readable(f, http.StatusOK)
		requireReceived(t, f.Body, received{Method: "POST", Headers: map[string]string{"origin": "null"}, Body: json.RawMessage(`{"limit":2}`)})
	})

	t.Run("with credentials", func(t *testing.T) {
		t.Parallel()
		p := openPage(t)
		proxy := startProxy(t, upstream, "--response-headers", "fill", "--allow-origin", p.origin, "--allow-credentials")
		// Cookies know no ports: what the page sets goes to corsproxy too.
		evaluate[string](p, `document.cookie = "session=1"`)
		init := jsonPost()
		init["credentials"] = "include"
		f := p.fetch(proxy.url+"/anything", init)
		p.readable(f, http.StatusOK)
		requireReceived(t, f.Body, received{Method: "POST", Headers: map[string]string{"cookie": "session=1"}, Body: json.RawMessage(`{"limit":2}`)})
	})
}

// requireReceived compares what the upstream got with what was to reach it.
func requireReceived(t *testing.T, body string, want received) {
	t.Helper()
	var got received
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("the upstream's answer: %v\n%s", err, body)
	}
	if got.Method != want.Method {
		t.Errorf("the upstream got %s, want %s", got.Method, want.Method)
	}
	for name, value := range want.Headers {
		if got.Headers[name] != value {
			t.Errorf("the upstream got %s: %q, want %q", name, got.Headers[name], value)
		}
	}
	if want.Body == nil {
		want.Body = json.RawMessage("null")
	}
	if string(got.Body) != string(want.Body) {
		t.Errorf("the upstream got the body %s, want %s", got.Body, want.Body)
	}
}

// fetchSandboxed calls fetch in a frame whose origin is opaque: it sends
// Origin: null.
func (p *page) fetchSandboxed(url string, init object) fetched {
	p.t.Helper()
	frame := "<script>" + fetchScript + arguments(p.t, url, init) + ".then(result => parent.postMessage(result, '*'))</script>"
	return evaluate[fetched](p, `(frame => new Promise(resolve => {
		addEventListener('message', event => resolve(event.data), {once: true});
		const element = document.createElement('iframe');
		element.sandbox = 'allow-scripts';
		element.srcdoc = frame;
		document.body.append(element);
	}))`+arguments(p.t, frame))
}

func TestRefused(t *testing.T) {
	t.Parallel()
	upstream := startUpstream(t)
	for _, tt := range []struct {
		name      string
		arguments []string // ORIGIN stands for the page's
		init      object
		sandboxed bool
		why       network.CorsErrorStatus
		code      string // of the diagnosis in corsproxy's log
	}{{
		name:      "origin",
		arguments: []string{"--allow-origin", "http://localhost:5173"},
		init:      jsonPost(),
		why:       network.CorsErrorStatus{CorsError: network.CorsErrorPreflightMissingAllowOriginHeader},
		code:      "CP1001 origin-not-allowed",
	}, {
		name:      "opaque origin",
		arguments: []string{"--allow-origin", "ORIGIN,localhost"},
		init:      jsonPost(),
		sandboxed: true,
		why:       network.CorsErrorStatus{CorsError: network.CorsErrorPreflightMissingAllowOriginHeader},
		code:      "CP1001 origin-not-allowed",
	}, {
		name:      "method",
		arguments: []string{"--allow-method", "GET,PUT"},
		init:      object{"method": "DELETE"},
		why:       network.CorsErrorStatus{CorsError: network.CorsErrorMethodDisallowedByPreflightResponse, FailedParameter: "DELETE"},
		code:      "CP1002 method-not-allowed",
	}, {
		name:      "header",
		arguments: []string{"--allow-header", "Content-Type"},
		init:      jsonPost(),
		why:       network.CorsErrorStatus{CorsError: network.CorsErrorHeaderDisallowedByPreflightResponse, FailedParameter: "authorization"},
		code:      "CP1003 header-not-allowed",
	}, {
		name:      "credentials",
		arguments: []string{"--allow-origin", "*"},
		init:      object{"method": "PUT", "credentials": "include"},
		why:       network.CorsErrorStatus{CorsError: network.CorsErrorPreflightWildcardOriginNotAllowed},
	}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openPage(t)
			args := []string{"--response-headers", "fill"}
			for _, a := range tt.arguments {
				args = append(args, strings.ReplaceAll(a, "ORIGIN", p.origin))
			}
			proxy := startProxy(t, upstream, args...)
			fetch := p.fetch
			if tt.sandboxed {
				fetch = p.fetchSandboxed
			}
			if why := p.blocked(fetch(proxy.url+"/anything", tt.init)); why != tt.why {
				t.Errorf("blocked because of %+v, want %+v", why, tt.why)
			}
			if tt.code != "" {
				proxy.said(tt.code)
			}
		})
	}
}
