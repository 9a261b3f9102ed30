package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
)

func request(t *testing.T, target, method string, lines ...string) browser.Request {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return browser.Request{Origin: page, URL: u, Method: method, Header: fields(lines...)}
}

func TestUnsafeHeaders(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 129)
	for _, c := range []struct{ line, asks string }{
		{"Accept: text/html", ""},
		{"Accept: a:b", "accept"},
		{"Accept: " + long, "accept"},
		{"Accept-Language: de-CH, *;q=0.1", ""},
		{"Accept-Language: de_CH", "accept-language"},
		{"Content-Type: text/plain;charset=UTF-8", ""},
		{"Content-Type: TEXT/PLAIN", ""},
		{"Content-Type: application/json", "content-type"},
		{"Content-Type: multipart/form-data; boundary=x", ""},
		{"Range: bytes=0-", ""},
		{"Range: bytes=0-5", ""},
		{"Range: bytes=-5", "range"},
		{"Range: bytes=5-1", "range"},
		{"Save-Data: on", ""},
		{"Save-Data: off", "save-data"},
		{"DPR: 2", ""},
		{"ECT: 4g", ""},
		{"User-Agent: me", ""},
		{"Cookie: a=b", ""},
		{"Sec-Anything: a", ""},
		{"Proxy-Anything: a", ""},
		{"X-HTTP-Method-Override: TRACE", ""},
		{"X-HTTP-Method-Override: PUT", "x-http-method-override"},
		{"Access-Control-Request-Private-Network: true", "access-control-request-private-network"},
		{"Authorization: Bearer x", "authorization"},
		{"X-B: 1", "x-b"},
	} {
		r := request(t, "http://localhost:3000/", "GET", c.line)
		if got := r.Preflight().RequestHeaders(); got != c.asks || r.NeedsPreflight() != (c.asks != "") {
			t.Errorf("%s: asks for %q, want %q", c.line, got, c.asks)
		}
	}
	r := request(t, "http://localhost:3000/", "GET", "X-B: 1", "Authorization: x", "Content-Type: application/json")
	if got := r.Preflight().RequestHeaders(); got != "authorization,content-type,x-b" {
		t.Errorf("asks for %q", got)
	}
}

func TestNeedsPreflight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		target, method string
		needs          bool
		asks           string
	}{
		{"http://localhost:3000/", "get", false, "GET"},
		{"http://localhost:3000/", "put", true, "PUT"},
		{"http://localhost:3000/", "patch", true, "patch"},
		{"http://LOCALHOST:5173/x", "PUT", false, "PUT"},
		{"https://localhost:5173/x", "PUT", true, "PUT"},
	} {
		r := request(t, c.target, c.method)
		if r.NeedsPreflight() != c.needs || r.Preflight().Method != c.asks {
			t.Errorf("%s %s: needs %t, %+v", c.method, c.target, r.NeedsPreflight(), r.Preflight())
		}
	}
	if !browser.ForbiddenMethod("trace") || browser.ForbiddenMethod("PROPFIND") || !browser.ForbiddenMethod("a b") {
		t.Error("forbidden methods")
	}
}

// A step is what the server answers and what comes of it.
type step struct {
	status   int
	location string
	allow    string // Access-Control-Allow-Origin
	want     string // the verdict's name, or "" where it goes on
	goes     string // "METHOD URL origin preflight" afterwards
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	const there, other = "http://localhost:3000", "http://127.0.0.1:3000"
	for _, c := range []struct {
		name, target, method string
		lines                []string
		steps                []step
	}{
		{"page to there keeps the origin", page + "/", "GET", nil, []step{
			{302, there + "/a", "", "", "GET " + there + "/a " + page + " -"},
			{200, "", page, "", ""},
		}},
		{"there to another taints it", there + "/", "GET", nil, []step{
			{302, other + "/a", page, "", "GET " + other + "/a null -"},
			{302, "/b", page, "AllowOriginMismatch", ""},
		}},
		{"back to the page stays tainted", there + "/", "GET", nil, []step{
			{302, page + "/a", page, "", "GET " + page + "/a null -"},
			{200, "", "", "MissingAllowOriginHeader", ""},
		}},
		{"the redirect itself is checked", there + "/", "GET", nil, []step{{302, "ftp://x/", "", "MissingAllowOriginHeader", ""}}},
		{"scheme", there + "/", "GET", nil, []step{{302, "mailto:a@b", "*", "CorsDisabledScheme", ""}}},
		{"unsafe scheme", there + "/", "GET", nil, []step{{302, "data:,a", "*", "net::ERR_UNSAFE_REDIRECT", ""}}},
		{"user and password", there + "/", "GET", nil, []step{{302, "http://a:b@localhost:3000/", "*", "RedirectContainsCredentials", ""}}},
		{"to the page's origin with a user", there + "/", "GET", nil, []step{{302, "http://a@localhost:5173/", "*", "RedirectContainsCredentials", ""}}},
		{"within the page with a user", page + "/", "GET", nil, []step{{302, "http://a@localhost:5173/", "", "net::ERR_ABORTED", ""}}},
		{"an empty user passes", there + "/", "GET", nil, []step{{302, "http://@localhost:3000/a", "*", "", "GET " + there + "/a " + page + " -"}}},
		{"no URL", there + "/", "GET", nil, []step{{302, "http://[x/", "*", "net::ERR_INVALID_REDIRECT", ""}}},
		{"POST becomes GET", there + "/", "POST", []string{"Content-Type: application/json", "X-A: 1"}, []step{
			{302, "/a", "*", "", "GET " + there + "/a " + page + " x-a"},
		}},
		{"307 keeps PUT", there + "/", "PUT", nil, []step{{307, "/a?b#c", "*", "", "PUT " + there + "/a?b#c " + page + " PUT"}}},
		{"a query that has to be escaped", there + "/", "GET", nil, []step{{302, "/a b?c d%zz'", "*", "", "GET " + there + "/a%20b?c%20d%zz%27 " + page + " -"}}},
		{"slashes of Windows", there + "/", "GET", nil, []step{{302, `\\127.0.0.1:3000\a`, "*", "", "GET " + other + "/a null -"}}},
		{"encoded dots", there + "/a/b", "GET", nil, []step{{302, "%2e%2E/c", "*", "", "GET " + there + "/c " + page + " -"}}},
		{"303 of PUT", there + "/", "PUT", nil, []step{{303, "a", "*", "", "GET " + there + "/a " + page + " -"}}},
		{"303 of HEAD", there + "/", "HEAD", nil, []step{{303, "a", "*", "", "HEAD " + there + "/a " + page + " -"}}},
		{"Authorization stays", there + "/", "GET", []string{"Authorization: x"}, []step{{302, "/a", "*", "", "GET " + there + "/a " + page + " authorization"}}},
		{"Authorization is dropped", there + "/", "GET", []string{"Authorization: x"}, []step{{302, other + "/a", "*", "", "GET " + other + "/a null -"}}},
		{"no Location", there + "/", "GET", nil, []step{{302, "", "*", "", ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := browser.Start(request(t, c.target, c.method, c.lines...))
			for _, s := range c.steps {
				h := http.Header{}
				if s.allow != "" {
					h.Set("Access-Control-Allow-Origin", s.allow)
				}
				if s.location != "" {
					h.Set("Location", s.location)
				}
				v, follow := f.Receive(s.status, h)
				if v.Name() != s.want || v.Allowed != (s.want == "") || follow != (s.goes != "") {
					t.Fatalf("%d %s: %q, follow %t; want %+v", s.status, s.location, v.Name(), follow, s)
				}
				if got := at(f); follow && got != s.goes {
					t.Errorf("%d %s: goes on with %q, want %q", s.status, s.location, got, s.goes)
				}
			}
		})
	}
}

func at(f *browser.Fetch) string {
	preflight := "-"
	if f.NeedsPreflight() {
		if preflight = f.Preflight().RequestHeaders(); preflight == "" {
			preflight = f.Preflight().Method
		}
	}
	return strings.Join([]string{f.Method(), f.URL().String(), f.Origin(), preflight}, " ")
}

func TestTooManyRedirects(t *testing.T) {
	t.Parallel()
	f := browser.Start(request(t, "http://localhost:3000/", "GET"))
	h := fields("Access-Control-Allow-Origin: *", "Location: /")
	for range 20 {
		if _, follow := f.Receive(302, h); !follow {
			t.Fatalf("stopped after %d", f.Redirects())
		}
	}
	if v, _ := f.Receive(302, h); v.Name() != "net::ERR_TOO_MANY_REDIRECTS" {
		t.Errorf("%+v", v)
	}
}
