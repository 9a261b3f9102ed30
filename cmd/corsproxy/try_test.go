package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// outcome runs a command within the test, and returns what it prints and its
// exit code.
func outcome(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), world{stdin: strings.NewReader(""), stdout: &out, stderr: &err, environ: []string{}, dir: t.TempDir()}, args)
	return out.String(), err.String(), code
}

var took = regexp.MustCompile(`   \d+\.\dms`)

// settled replaces what differs between two runs.
func settled(text, serverURL string) string {
	return took.ReplaceAllString(strings.ReplaceAll(text, serverURL, "http://127.0.0.1:3000"), "   1.0ms")
}

func TestTry(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/closed":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		case r.URL.Path == "/moved":
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Location", "/open")
			w.WriteHeader(http.StatusFound)
		case r.URL.Path == "/proxy":
			w.Header().Set("Corsproxy-Diagnosis", "CP1001 origin-not-allowed")
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/open" && r.Method == http.MethodOptions:
			w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
		case r.URL.Path == "/open":
			w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
			w.WriteHeader(http.StatusTeapot)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message":"Missing Authentication Token"}` + "\n"))
		}
	}))
	t.Cleanup(server.Close)
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"preflight blocked": {[]string{"/scanRecords", "--method", "POST", "--header", "Content-Type: application/json"}, 1, `POST http://127.0.0.1:3000/scanRecords from a page at http://localhost:5173
a preflight goes first: content-type needs permission

OPTIONS http://127.0.0.1:3000/scanRecords   preflight
  > Origin: http://localhost:5173
  > Access-Control-Request-Method: POST
  > Access-Control-Request-Headers: content-type
  < 403 Forbidden   1.0ms
  < {"message":"Missing Authentication Token"}
  ✗ Access-Control-Allow-Origin allows the origin                      missing

blocked  the response has no Access-Control-Allow-Origin
Chrome   PreflightMissingAllowOriginHeader
Firefox  CORSMissingAllowOrigin
Safari   Preflight response is not successful. Status code: 403
fix      run corsproxy with --cors-source config, or have the upstream send Access-Control-Allow-Origin: http://localhost:5173
next     corsproxy explain PreflightMissingAllowOriginHeader
`},
		"readable, after a preflight": {[]string{"/open", "--method", "PUT", "--header", "Cookie: a=b"}, 0, `PUT http://127.0.0.1:3000/open from a page at http://localhost:5173
a preflight goes first: PUT needs permission

OPTIONS http://127.0.0.1:3000/open   preflight
  > Origin: http://localhost:5173
  > Access-Control-Request-Method: PUT
  < 200 OK   1.0ms
  < Access-Control-Allow-Methods: PUT
  < Access-Control-Allow-Origin: http://localhost:5173
  ✓ Access-Control-Allow-Origin allows the origin                      http://localhost:5173
  ✓ the status is 200 to 299                                           200
  ✓ Access-Control-Allow-Methods is a list of methods                  PUT
  ✓ Access-Control-Allow-Methods allows the method                     PUT

PUT http://127.0.0.1:3000/open   actual
  > Origin: http://localhost:5173
  < 418 I'm a teapot   1.0ms
  < Access-Control-Allow-Origin: http://localhost:5173
  ✓ Access-Control-Allow-Origin allows the origin                      http://localhost:5173

readable  the page gets the 418, and may read it
note     a browser lets no script set cookie, and so it is not sent
`},
		"redirected": {[]string{"/moved", "--credentials"}, 1, `GET http://127.0.0.1:3000/moved from a page at http://localhost:5173, with credentials
no preflight: a page may send this without asking

GET http://127.0.0.1:3000/moved   redirect
  > Origin: http://localhost:5173
  < 302 Found   1.0ms
  < Access-Control-Allow-Origin: *
  < Location: /open
  ✓ Location is a URL                                                  /open
  ✗ Access-Control-Allow-Origin allows the origin                      *

blocked  Access-Control-Allow-Origin is *, which does not allow a request that includes credentials
Chrome   WildcardOriginNotAllowed
Firefox  CORSNotSupportingCredentials
`},
		"closed": {[]string{"/closed"}, 1, `GET http://127.0.0.1:3000/closed from a page at http://localhost:5173
no preflight: a page may send this without asking

GET http://127.0.0.1:3000/closed   actual
  > Origin: http://localhost:5173
  ✗ the connection was closed without an answer

blocked  the connection was closed without an answer
Chrome   net::ERR_EMPTY_RESPONSE
Firefox  CORSDidNotSucceed
Safari   Load failed
next     corsproxy explain net::ERR_EMPTY_RESPONSE
`},
		"an answer of corsproxy": {[]string{"/proxy", "--preflight-only", "--method", "PUT"}, 1, "fix      Allow the origin with --allow-origin, or under cors.allow_origins in the configuration file. --allow-origin localhost allows every page served from this machine, on any port\nnext     corsproxy explain CP1001\n"},
		"preflight only":         {[]string{"/open", "--preflight-only", "--method", "PUT"}, 0, "allowed  the browser would send the request\n"},
		"nothing to ask":         {[]string{"/open", "--preflight-only"}, 0, "nothing to ask  this request needs no preflight, so nothing was sent\n"},
		"same origin":            {[]string{"/open", "--origin", server.URL}, 0, "note     the page is of the same origin as the URL, and CORS does not apply\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"try", server.URL + test.args[0], "--origin", "http://localhost:5173"}, test.args[1:]...)
			stdout, stderr, code := outcome(t, args...)
			if code != test.code || stderr != "" {
				t.Errorf("exit code %d, want %d; stderr: %s", code, test.code, stderr)
			}
			if got := settled(stdout, server.URL); !strings.Contains(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestTryURL has URLs of this machine as people shorten them.
func TestTryURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for target, want := range map[string]string{
		":" + port + "/a?b=:1":           "GET http://localhost:" + port + "/a?b=:1 ",
		"localhost:" + port:              "GET http://localhost:" + port + "/ ",
		"127.0.0.1:" + port + "/items/3": "GET http://127.0.0.1:" + port + "/items/3 ",
	} {
		stdout, stderr, code := outcome(t, "try", target, "--origin", "http://localhost:5173")
		if code != 0 || stderr != "" || !strings.HasPrefix(stdout, want) {
			t.Errorf("%s: exit code %d, stderr %q, got\n%s\nwant %s", target, code, stderr, stdout, want)
		}
	}
}

func TestTryJSON(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}))
	t.Cleanup(server.Close)
	for _, test := range []struct {
		args []string
		code int
		want map[string]any
	}{
		{nil, 0, map[string]any{"allowed": true, "stage": nil, "chrome": nil, "firefox": nil, "safari": nil, "netError": nil, "preflight": false, "method": "GET", "error": nil}},
		{[]string{"--method", "put"}, 1, map[string]any{
			"allowed": false, "stage": "preflight", "chrome": "MethodDisallowedByPreflightResponse", "firefox": "CORSMethodNotFound",
			"preflight": true, "method": "PUT", "offender": "PUT", "header": "Access-Control-Allow-Methods",
		}},
		{[]string{"--credentials"}, 1, map[string]any{"allowed": false, "stage": "actual", "chrome": "WildcardOriginNotAllowed", "preflight": false}},
	} {
		stdout, stderr, code := outcome(t, append([]string{"try", server.URL, "--origin", "http://localhost:5173", "--output", "json"}, test.args...)...)
		if code != test.code || stderr != "" {
			t.Errorf("%v: exit code %d, want %d; stderr: %s", test.args, code, test.code, stderr)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatalf("%v\n%s", err, stdout)
		}
		for key, want := range test.want {
			if have, ok := got[key]; !ok || have != want {
				t.Errorf("%v: %s is %v, want %v", test.args, key, have, want)
			}
		}
		if exchanges, _ := got["exchanges"].([]any); len(exchanges) != 1 {
			t.Errorf("%v: %d exchanges", test.args, len(exchanges))
		}
	}
}

// What would make it work is said at once, and never in place of another site.
func TestTryFix(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/site":
			w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		case "/port":
			w.Header().Set("Access-Control-Allow-Origin", "http://localhost:3000")
		case "/problem":
			w.Header().Set("Corsproxy-Diagnosis", "CP3002 method-not-defined")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("{\n" + `"detail": "/problem is mounted for POST",` + "\n" + `"hints": ["add a route:\nPOST /items"]}`))
		case "/nope":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message":"Missing Authentication Token"}` + "\n"))
		}
	}))
	t.Cleanup(server.Close)
	for path, want := range map[string]string{
		"/none":    "run corsproxy with --response-headers fill, or have the upstream send Access-Control-Allow-Origin: http://localhost:5173",
		"/site":    "run corsproxy with --response-headers replace",
		"/port":    "run corsproxy with --response-headers replace, or have the upstream send Access-Control-Allow-Origin: http://localhost:5173",
		"/problem": "add a route: POST /items",
		"/nope":    "no route is mounted for GET /nope, or its function said so; in the folder of the template, corsproxy routes lists those that are",
	} {
		stdout, _, code := outcome(t, "try", server.URL+path, "--origin", "http://localhost:5173")
		if code != 1 || !strings.Contains(stdout, "\nfix      "+want+"\nnext ") {
			t.Errorf("%s: exit code %d, want %q in\n%s", path, code, want, stdout)
		}
		if path == "/problem" && !strings.Contains(stdout, "\n  < /problem is mounted for POST\n") {
			t.Errorf("what corsproxy found is missing in\n%s", stdout)
		}
		if path == "/nope" && !strings.HasSuffix(stdout, "\nnext     corsproxy explain CP3000\n") {
			t.Errorf("the next step is not the answer's in\n%s", stdout)
		}
	}
}

// What browsers keep from leaving is not sent.
func TestTryOfABadPort(t *testing.T) {
	t.Parallel()
	stdout, _, code := outcome(t, "try", "http://localhost:6667/", "--origin", "http://localhost:5173", "--method", "PUT")
	want := "\nblocked  browsers call nothing on port 6667, which belongs to another protocol, so nothing was sent; serve on another port\nChrome   net::ERR_UNSAFE_PORT\n"
	if code != 1 || !strings.Contains(stdout, want) || !strings.HasSuffix(stdout, "next     corsproxy explain net::ERR_UNSAFE_PORT\n") || strings.Contains(stdout, "  > ") {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	if stdout, _, code := outcome(t, "explain", "net::ERR_UNSAFE_PORT"); code != 0 || !strings.Contains(stdout, "Browsers refuse to call that port") {
		t.Errorf("explain: exit code %d\n%s", code, stdout)
	}
}

// A header's characters are bytes, or fetch throws.
func TestTryByteString(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		if r.Method == http.MethodGet && r.Header.Get("X-A") != "\xe9" {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(server.Close)
	stdout, stderr, code := outcome(t, "try", server.URL, "--origin", "http://localhost:5173", "--header", "X-A: é")
	if code != 0 || !strings.Contains(stdout, "the page gets the 200") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	stdout, stderr, code = outcome(t, "try", server.URL, "--origin", "http://localhost:5173", "--header", "X-A: é€")
	want := "corsproxy: --header: fetch throws at '€' in the value of X-A, as no character after U+00FF can stand in a header; have the page encode it: encodeURIComponent gives %E2%82%AC\n"
	if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, want) {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// Time that is up leaves no verdict.
func TestTryTimeout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	stdout, stderr, code := outcome(t, "try", server.URL, "--origin", "http://localhost:5173", "--timeout", "50ms")
	if code != exitNotRun || !strings.HasSuffix(stdout, "\nno verdict\n") || stderr != "" ||
		strings.Count(stdout, "no answer within 50ms; --timeout sets how long to wait") != 1 {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}
