package fetch_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/fetch"
)

const page = "http://localhost:5173"

// get is a request of the page.
func get(t *testing.T, target string, header ...string) fetch.Request {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r := fetch.Request{Request: browser.Request{Origin: page, URL: u, Method: "GET", Header: http.Header{}}}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

func do(t *testing.T, r fetch.Request) fetch.Result {
	t.Helper()
	return new(fetch.Client).Do(t.Context(), r, false)
}

const (
	open  = "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *\nAccess-Control-Allow-Headers: *\n"
	empty = "Content-Length: 0\n\n"
)

// What a server sends, and what Chromium calls it: "" where it is readable.
func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ answer, want string }{
		"allowed":                        {open + empty, ""},
		"by name":                        {"HTTP/1.1 200 OK\naccess-control-allow-origin:" + page + "\n" + empty, ""},
		"an error that may be read":      {"HTTP/1.1 500 X\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"no header":                      {"HTTP/1.1 200 OK\n" + empty, "MissingAllowOriginHeader"},
		"twice":                          {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Origin: *\n" + empty, "MultipleAllowOriginValues"},
		"empty":                          {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin:\n" + empty, "InvalidAllowOriginValue"},
		"folded":                         {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin:\n *\n" + empty, ""},
		"a blank before the colon":       {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin : *\n" + empty, ""},
		"a line without a colon":         {"HTTP/1.1 200 OK\nnonsense\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"a name that is no token":        {"HTTP/1.1 200 OK\nbad name: x\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"no reason":                      {"HTTP/1.1 200\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"no status":                      {"HTTP/1.1 OK\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"a status of two digits":         {"HTTP/1.1 20 OK\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"a version that is none":         {"http/9 200 OK\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"four bytes too many":            {"abc\x00HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"five bytes too many":            {"abcdeHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n" + empty, "net::ERR_INVALID_HTTP_RESPONSE"},
		"a proxy's answer":               {"HTTP/1.1 407 X\nAccess-Control-Allow-Origin: *\n" + empty, "net::ERR_UNEXPECTED_PROXY_AUTH"},
		"a head that is too long":        {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nX: " + strings.Repeat("a", 300<<10) + "\n" + empty, "net::ERR_RESPONSE_HEADERS_TOO_BIG"},
		"a switch that nobody asked for": {"HTTP/1.1 101 X\nUpgrade: x\nConnection: upgrade\nAccess-Control-Allow-Origin: *\n\n", "net::ERR_EMPTY_RESPONSE"},
		"no length":                      {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\nbody", ""},
		"a body that is cut":             {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 100\n\nbody", ""},
		"chunks that are none":           {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nTransfer-Encoding: chunked\n\nzz\nbody", ""},
		"codings beside chunked":         {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nTransfer-Encoding: gzip, chunked\n\n0\n\n", ""},
		"a length that is no number":     {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: many\n\nbody", ""},
		"an interim response":            {"HTTP/1.1 103 Early Hints\nLink: </a>\n\n" + open + empty, ""},
		"a head that is cut":             {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-", ""},
		"a head that is cut too early":   {"HTTP/1.1 200 OK\nAccess-Control-Al", "MissingAllowOriginHeader"},
		"two lengths":                    {"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 1\nContent-Length: 2\n\nab", "net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH"},
		"two locations":                  {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: /a\nLocation: /b\n" + empty, "net::ERR_RESPONSE_HEADERS_MULTIPLE_LOCATION"},
		"nothing":                        {"", "net::ERR_EMPTY_RESPONSE"},
		"no HTTP":                        {"hello\n", "net::ERR_INVALID_HTTP_RESPONSE"},
		"a redirect to another scheme":   {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: ftp://a/\n" + empty, "CorsDisabledScheme"},
		"a redirect without a location":  {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\n" + empty, ""},
		"a redirect that allows no one":  {"HTTP/1.1 302 Found\nLocation: /a\n" + empty, "MissingAllowOriginHeader"},
		"a redirect with a user name":    {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: http://u:p@127.0.0.1/\n" + empty, "RedirectContainsCredentials"},
		"a redirect to where no one is":  {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: http://127.0.0.1:2/\n" + empty, "net::ERR_CONNECTION_REFUSED"},
		"a redirect to a bad port":       {"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: http://127.0.0.1:6667/\n" + empty, "net::ERR_UNSAFE_PORT"},
		"a status that nobody has named": {"HTTP/1.1 299 \nAccess-Control-Allow-Origin: *\n" + empty, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := do(t, get(t, serveRaw(t, test.answer).url+"/items"))
			if result.Err != nil {
				t.Fatal(result.Err)
			}
			v := result.Verdict
			if v.Name() != test.want || v.Allowed != (test.want == "") {
				t.Errorf("got %q (%s), allowed %t, want %q", v.Name(), v.Detail, v.Allowed, test.want)
			}
			if isCORS := !strings.HasPrefix(test.want, "net::"); test.want != "" && (v.Chrome != "") != isCORS {
				t.Errorf("Chrome is %q, want a name: %t", v.Chrome, isCORS)
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, open+empty, open+"Content-Length: 2\n\nhi")
	r := get(t, s.url+"/items?a=b#c", "X-B: 1", "authorization: Bearer x", "Content-Type: application/json", "Cookie: a=b")
	r.Method, r.Body, r.Credentials = "post", []byte("{}"), false
	result := do(t, r)
	if !result.Verdict.Allowed || !result.Preflight || len(result.Exchanges) != 2 {
		t.Fatalf("got %+v", result)
	}
	seen := s.requests()
	for name, want := range map[string]string{
		"Origin": page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type,x-b",
		"Authorization": "", "Cookie": "", "Content-Type": "", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "cross-site",
		"Referer": page + "/", "Accept": "*/*",
	} {
		if got := seen[0].Header.Get(name); got != want {
			t.Errorf("preflight: %s is %q, want %q", name, got, want)
		}
	}
	if seen[0].Method != "OPTIONS" || seen[0].RequestURI != "/items?a=b" {
		t.Errorf("preflight is %s %s", seen[0].Method, seen[0].RequestURI)
	}
	for name, want := range map[string]string{
		"Origin": page, "Authorization": "Bearer x", "Content-Type": "application/json", "X-B": "1", "Cookie": "", "Content-Length": "2",
		"Access-Control-Request-Method": "",
	} {
		if got := seen[1].Header.Get(name); got != want {
			t.Errorf("request: %s is %q, want %q", name, got, want)
		}
	}
	if seen[1].Method != "POST" || s.bodies[1] != "{}" {
		t.Errorf("request is %s with body %q", seen[1].Method, s.bodies[1])
	}
	if got := result.Exchanges[1]; string(got.Body) != "hi" || got.Status != 200 || got.Reason != "OK" {
		t.Errorf("got %d %q with body %q", got.Status, got.Reason, got.Body)
	}
}

func TestPreflightOnly(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, open+empty, open+empty)
	r := get(t, s.url, "X-A: 1")
	if result := new(fetch.Client).Do(t.Context(), r, true); !result.Verdict.Allowed || result.Verdict.Stage != browser.StagePreflight || len(s.requests()) != 1 {
		t.Errorf("got %+v after %d requests", result.Verdict, len(s.requests()))
	}
	if result := new(fetch.Client).Do(t.Context(), get(t, s.url), true); !result.Verdict.Allowed || result.Preflight || len(s.requests()) != 1 {
		t.Errorf("without need: got %+v after %d requests", result.Verdict, len(s.requests()))
	}
}

// A request that needs a preflight has one at each hop, and only one answer may
// fail it.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := serveRaw(t, open+empty, open+empty)
	s := serveRaw(t, open+empty, strings.Replace(open, "200 OK", "307 X", 1)+"Location: "+other.url+"/b\n"+empty)
	r := get(t, s.url+"/a", "X-A: 1", "Authorization: Bearer x")
	r.Method, r.Body = "PUT", []byte("body")
	result := do(t, r)
	if !result.Verdict.Allowed || len(result.Exchanges) != 4 {
		t.Fatalf("got %+v", result)
	}
	seen := other.requests()
	if got := seen[0].Header.Get("Access-Control-Request-Headers"); got != "x-a" {
		t.Errorf("the second preflight asks for %q: Authorization does not go to another origin", got)
	}
	for _, request := range seen {
		if got := request.Header.Get("Origin"); got != "null" {
			t.Errorf("%s has Origin %q after a hop between two foreign origins", request.Method, got)
		}
	}
	if seen[1].Method != "PUT" || other.bodies[1] != "body" || seen[1].Header.Get("Authorization") != "" {
		t.Errorf("got %s, body %q, header %v", seen[1].Method, other.bodies[1], seen[1].Header)
	}
}

func TestRedirectTurnsPOSTIntoGET(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, strings.Replace(open, "200 OK", "302 X", 1)+"Location: /b\n"+empty, open+empty)
	r := get(t, s.url+"/a")
	r.Method, r.Body = "POST", []byte("body")
	if result := do(t, r); !result.Verdict.Allowed {
		t.Fatalf("got %+v", result.Verdict)
	}
	seen := s.requests()
	if seen[0].Header.Get("Content-Type") != "text/plain;charset=UTF-8" {
		t.Errorf("a string has Content-Type %q", seen[0].Header.Get("Content-Type"))
	}
	if seen[1].Method != "GET" || seen[1].Header.Get("Content-Type") != "" || s.bodies[1] != "" {
		t.Errorf("got %s, Content-Type %q, body %q", seen[1].Method, seen[1].Header.Get("Content-Type"), s.bodies[1])
	}
}

func TestTooManyRedirects(t *testing.T) {
	t.Parallel()
	var hops []string
	for range 30 {
		hops = append(hops, strings.Replace(open, "200 OK", "302 X", 1)+"Location: /\n"+empty)
	}
	result := do(t, get(t, serveRaw(t, hops...).url))
	if got := result.Verdict.Name(); got != "net::ERR_TOO_MANY_REDIRECTS" || len(result.Exchanges) != 21 {
		t.Errorf("got %q after %d requests", got, len(result.Exchanges))
	}
}

// A body that never ends keeps no verdict back.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		_, _ = w.Write([]byte("data: 1\n\n"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	if result := do(t, get(t, server.URL)); !result.Verdict.Allowed || string(result.Exchanges[0].Body) != "data: 1\n\n" {
		t.Errorf("got %+v", result)
	}
}

func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	why := errors.New("time is up")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, why)
	defer cancel()
	result := new(fetch.Client).Do(ctx, get(t, server.URL), false)
	if result.Err != why || result.Verdict.Allowed || result.Verdict.Name() != "" {
		t.Errorf("got %+v", result)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(server.Close)
	if got := do(t, get(t, server.URL)).Verdict.Name(); got != "net::ERR_CERT_AUTHORITY_INVALID" {
		t.Errorf("an unknown authority: got %q", got)
	}
	trusting := &fetch.Client{TLS: server.Client().Transport.(*http.Transport).TLSClientConfig}
	if v := trusting.Do(t.Context(), get(t, server.URL), false).Verdict; !v.Allowed {
		t.Errorf("a trusted authority: got %+v", v)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "https://"))
	if got := trusting.Do(t.Context(), get(t, "https://localhost:"+port), false).Verdict.Name(); got != "net::ERR_CERT_COMMON_NAME_INVALID" {
		t.Errorf("another name: got %q", got)
	}
	for answer, want := range map[string]string{"HTTP/1.1 400 Bad Request\n\n": "net::ERR_SSL_PROTOCOL_ERROR", "": "net::ERR_CONNECTION_CLOSED"} {
		plain := serveHello(t, answer)
		if got := do(t, get(t, "https://"+plain)).Verdict.Name(); got != want {
			t.Errorf("no TLS, but %q: got %q, want %q", answer, got, want)
		}
	}
}

// localhost is both loopback addresses, and so is every name below it.
func TestLocalhost(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("NOT TESTED: this machine has no %s: %v", address, err)
			continue
		}
		server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("X-Host", r.Host)
		})}}
		server.Start()
		t.Cleanup(server.Close)
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, host := range []string{"localhost", "api.localhost"} {
			result := do(t, get(t, "http://"+host+":"+port))
			if !result.Verdict.Allowed {
				t.Errorf("%s at %s: got %+v", host, address, result.Verdict)
				continue
			}
			if fields := result.Exchanges[0].Response; !hasField(fields, "X-Host", host+":"+port) {
				t.Errorf("%s: the server saw another Host: %v", host, fields)
			}
		}
	}
}

func hasField(fields []fetch.Field, name, value string) bool {
	for _, f := range fields {
		if f.Name == name && f.Value == value {
			return true
		}
	}
	return false
}

// Duplicates stay in order, with their spelling.
func TestFieldsAsReceived(t *testing.T) {
	t.Parallel()
	result := do(t, get(t, serveRaw(t, "HTTP/1.1 200 OK\nvary: a\nAccess-Control-Allow-Origin: *\nVARY: b\n"+empty).url))
	want := []fetch.Field{{"vary", "a"}, {"Access-Control-Allow-Origin", "*"}, {"VARY", "b"}, {"Content-Length", "0"}}
	got := result.Exchanges[0].Response
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("field %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ origin, target, want string }{
		"nothing":       {page, "http://localhost:3000/", ""},
		"same origin":   {page, page + "/a", "of the same origin"},
		"mixed content": {"https://app.example.com", "http://api.example.com/", "mixed content"},
		"local network": {"http://staging.example.com", "http://localhost:3000/", "local network access"},
		"a prompt":      {"https://app.example.com", "http://127.0.0.1:3000/", "asks the user"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := get(t, test.target)
			r.Origin = test.origin
			got := strings.Join(fetch.Notes(r, fetch.Result{}), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
	for header, want := range map[string]bool{"Authorization: Bearer x": true, "X-A: b": false} {
		r := get(t, serveRaw(t, open+empty, open+empty).url+"/items", header)
		if got := strings.Join(fetch.Notes(r, do(t, r)), "\n"); strings.Contains(got, "Authorization by * alone") != want {
			t.Errorf("%s: got %q", header, got)
		}
	}
	r := get(t, "http://localhost:3000/", "Cookie: a", "User-Agent: b", "X-A: c")
	if got := strings.Join(fetch.Dropped(r), " "); got != "cookie user-agent" {
		t.Errorf("dropped: %q", got)
	}
}

func TestSite(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, open+empty, open+empty, open+empty)
	for _, test := range []struct{ origin, want string }{
		{s.url, "same-origin"}, {"http://127.0.0.1:5173", "same-site"}, {"https://127.0.0.1:5173", "cross-site"},
	} {
		r := get(t, s.url)
		r.Origin = test.origin
		do(t, r)
		seen := s.requests()
		if got := seen[len(seen)-1].Header.Get("Sec-Fetch-Site"); got != test.want {
			t.Errorf("from %s: %q, want %q", test.origin, got, test.want)
		}
	}
}
