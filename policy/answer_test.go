package policy_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/policy"
)

const varyAll = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"

// lines returns h as lines, sorted.
func lines(h http.Header) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, v := range h[name] {
			all = append(all, name+": "+v)
		}
	}
	return strings.Join(all, "\n")
}

// checkHeader compares a whole header with the lines that it should have.
func checkHeader(t *testing.T, h http.Header, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := lines(h); got != strings.Join(want, "\n") {
		t.Errorf("header:\n%s\n\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

// credentialed is listed with credentials and more.
func credentialed() policy.Config {
	c := listed()
	c.AllowCredentials = true
	c.ExposeHeaders = []string{"X-Request-Id", "ETag"}
	c.MaxAge = 10 * time.Minute
	c.PreflightStatus = 204
	return c
}

func TestAnswerPreflight(t *testing.T) {
	t.Parallel()
	anything := credentialed()
	anything.AllowMethods, anything.AllowHeaders = []string{"*"}, []string{"*"}
	tests := []struct {
		name   string
		config policy.Config
		r      *http.Request
		status int
		want   []string
	}{
		{"allowed: anything", policy.Default(), preflight("PUT", "authorization,x-a"), 200, []string{
			"Access-Control-Allow-Origin: *",
			"Access-Control-Allow-Methods: PUT",
			"Access-Control-Allow-Headers: authorization,x-a",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: anything, as people write it", policy.Default(), preflight("purge", " X-B ,Authorization", "x-b, ,X-A"), 200, []string{
			"Access-Control-Allow-Origin: *",
			"Access-Control-Allow-Methods: purge",
			"Access-Control-Allow-Headers: X-B,Authorization,X-A",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: anything, no headers asked for", policy.Default(), preflight("DELETE"), 200, []string{
			"Access-Control-Allow-Origin: *",
			"Access-Control-Allow-Methods: DELETE",
			"Access-Control-Allow-Headers: Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: listed", listed(), preflight("PATCH", "x-api-key"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: PATCH",
			"Access-Control-Allow-Headers: x-api-key",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: listed, no headers asked for", listed(), preflight("PATCH"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: PATCH",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: a method that needs no permission", listed(), preflight("POST", "content-type"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: POST",
			"Access-Control-Allow-Headers: content-type",
			"Access-Control-Max-Age: 5",
		}},
		{"allowed: credentials", credentialed(), preflight("PUT"), 204, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: PUT",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
			"Access-Control-Max-Age: 600",
		}},
		{"allowed: anything with credentials", anything, preflight("LOCK", "authorization"), 204, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: LOCK",
			"Access-Control-Allow-Headers: authorization",
			"Access-Control-Max-Age: 600",
		}},
		{"allowed: nothing configured but the origin", policy.Config{AllowOrigins: []string{"localhost"}, PreflightStatus: 299}, preflight("HEAD"), 299, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: HEAD",
			"Access-Control-Max-Age: 0",
		}},
		{"refused: origin", origins("http://a.example"), preflight("PUT", "x-a"), 403, nil},
		{"refused: origin, with credentials", credentialed(), request("OPTIONS", "Origin: null", "Access-Control-Request-Method: PUT"), 403, nil},
		{"refused: method", listed(), preflight("DELETE", "content-type"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: PUT,PATCH",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
		}},
		{"refused: method, with credentials", credentialed(), preflight("DELETE"), 204, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Credentials: true",
			"Access-Control-Allow-Methods: PUT,PATCH",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
		}},
		{"refused: method, nothing configured but the origin", policy.Config{AllowOrigins: []string{"*"}, PreflightStatus: 200}, preflight("PUT"), 200, []string{
			"Access-Control-Allow-Origin: *",
		}},
		{"refused: header", listed(), preflight("PATCH", "content-type,x-other"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: PUT,PATCH",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
		}},
		{"refused: header, of a method that is not listed", listed(), preflight("GET", "x-other"), 200, []string{
			"Access-Control-Allow-Origin: http://localhost:5173",
			"Access-Control-Allow-Methods: PUT,PATCH,GET",
			"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
		}},
		{"refused: what is no header", policy.Default(), preflight("PURGE", "x-a,x y"), 200, []string{
			"Access-Control-Allow-Origin: *",
			"Access-Control-Allow-Methods: DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,PURGE",
			"Access-Control-Allow-Headers: x-a",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := make(http.Header)
			d, status := compile(t, tt.config).Answer(h, tt.r)
			if status != tt.status || d.Kind != policy.Preflight {
				t.Errorf("status %d, kind %s; want %d, preflight", status, d.Kind, tt.status)
			}
			if want := strings.HasPrefix(tt.name, "allowed"); d.Allowed != want {
				t.Errorf("allowed %v: %s", d.Allowed, d.Detail)
			}
			checkHeader(t, h, append(tt.want, varyAll)...)
		})
	}
}

func TestAnswerPrivateNetwork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		r     *http.Request
		value string
		want  string
	}{
		{"allowed", preflight("PUT"), "true", "true"},
		{"refused method", preflight("DELETE"), "true", "true"},
		{"refused origin", request("OPTIONS", "Origin: null", "Access-Control-Request-Method: PUT"), "true", ""},
		{"another value", preflight("PUT"), "1", ""},
		{"plain OPTIONS", request("OPTIONS", "Origin: http://localhost:5173"), "true", ""},
	}
	for _, tt := range tests {
		tt.r.Header.Set("Access-Control-Request-Private-Network", tt.value)
		h := make(http.Header)
		compile(t, listed()).Answer(h, tt.r)
		if got := h.Get("Access-Control-Allow-Private-Network"); got != tt.want {
			t.Errorf("%s: Access-Control-Allow-Private-Network is %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAnswerPlainOptions(t *testing.T) {
	t.Parallel()
	anyMethod := "Access-Control-Allow-Methods: DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
	gateway := "Access-Control-Allow-Headers: Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"
	anyAllow := "Allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
	lists := []string{
		"Access-Control-Allow-Methods: PUT,PATCH",
		"Access-Control-Allow-Headers: Content-Type,X-Api-Key",
		"Allow: GET, HEAD, OPTIONS, PATCH, POST, PUT",
	}
	secret := []string{"Access-Control-Allow-Credentials: true"}
	exposed := []string{"Access-Control-Expose-Headers: X-Request-Id,ETag"}
	tests := []struct {
		name    string
		config  policy.Config
		origin  string
		status  int
		allowed bool
		acao    string
		want    []string
	}{
		{"default", policy.Default(), "", 200, true, "*", []string{anyMethod, gateway, anyAllow}},
		{"default, with an origin", policy.Default(), "http://a.example", 200, true, "*", []string{anyMethod, gateway, anyAllow}},
		{"one origin", listed(), "", 200, true, "http://localhost:5173", lists},
		{"that origin", listed(), "http://localhost:5173", 200, true, "http://localhost:5173", lists},
		{"another origin", listed(), "http://evil.example", 200, false, "http://localhost:5173", lists},
		{"credentials", credentialed(), "", 204, true, "http://localhost:5173", slices.Concat(lists, secret, exposed)},
		{"credentials, another origin", credentialed(), "null", 204, false, "http://localhost:5173", slices.Concat(lists, secret)},
		{"the first of several", origins("https://*.example.com", "http://b.example", "http://c.example"), "", 200, true, "http://b.example", []string{anyMethod, gateway, anyAllow}},
		{"the named one of several", origins("http://b.example", "http://c.example"), "http://c.example", 200, true, "http://c.example", []string{anyMethod, gateway, anyAllow}},
		{"loopback", origins("localhost"), "", 200, true, "http://localhost", []string{anyMethod, gateway, anyAllow}},
		{"a loopback origin", origins("localhost"), "http://[::1]:3", 200, true, "http://[::1]:3", []string{anyMethod, gateway, anyAllow}},
		{"any port", origins("http://b.example:*"), "", 200, true, "http://b.example", []string{anyMethod, gateway, anyAllow}},
		{"null", origins("null"), "", 200, true, "null", []string{anyMethod, gateway, anyAllow}},
		{"sub-domains", origins("https://*.example.com"), "", 200, true, "", []string{anyMethod, gateway, anyAllow}},
		{"nothing", policy.Config{PreflightStatus: 202}, "", 202, true, "", []string{"Allow: GET, HEAD, OPTIONS, POST"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request("OPTIONS")
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			h := make(http.Header)
			d, status := compile(t, tt.config).Answer(h, r)
			if status != tt.status || d.Kind != policy.Options || d.Allowed != tt.allowed {
				t.Errorf("status %d, %+v; want %d, allowed %v", status, d, tt.status, tt.allowed)
			}
			want := append(slices.Clone(tt.want), varyAll)
			if tt.acao != "" {
				want = append(want, "Access-Control-Allow-Origin: "+tt.acao)
			}
			checkHeader(t, h, want...)
		})
	}
}

// TestAnswersShareNothing changes every value of an answer, in place, and
// expects the next answer to be as it should.
func TestAnswersShareNothing(t *testing.T) {
	t.Parallel()
	p := compile(t, credentialed())
	answer := func() http.Header {
		h := make(http.Header)
		r := preflight("PUT", "content-type")
		r.Header.Set("Access-Control-Request-Private-Network", "true")
		p.Answer(h, r)
		return h
	}
	first := answer()
	want := lines(first)
	for _, values := range first {
		values[0] = "changed"
		_ = append(values, "grown")
	}
	if got := lines(answer()); got != want {
		t.Errorf("the second answer:\n%s\n\nwant:\n%s", got, want)
	}
}

func TestAnswerReplacesWhatStoodThere(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"Access-Control-Allow-Origin":   {"http://a", "http://b"},
		"Access-Control-Expose-Headers": {"X"},
		"Vary":                          {"Accept-Encoding", "origin"},
		"X-Other":                       {"kept"},
	}
	compile(t, origins("http://b.example")).Answer(h, preflight("PUT"))
	checkHeader(t, h, "X-Other: kept",
		"Vary: Accept-Encoding, origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network")
}

func TestServeOptions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config policy.Config
		r      *http.Request
		status int
		body   string
	}{
		{"allowed", policy.Default(), preflight("PUT"), 200, ""},
		{"plain", policy.Default(), request("OPTIONS"), 200, ""},
		{"origin refused", origins("null"), preflight("PUT"), 403, "origin \"http://localhost:5173\" is not allowed; allowed: null\n"},
		{"method refused", listed(), preflight("DELETE"), 200, "method \"DELETE\" is not allowed; allowed: PUT, PATCH, GET, HEAD, POST\n"},
		{"method refused, without a body", credentialed(), preflight("DELETE"), 204, ""},
	}
	for _, tt := range tests {
		w := httptest.NewRecorder()
		d := compile(t, tt.config).ServeOptions(w, tt.r)
		if w.Code != tt.status || w.Body.String() != tt.body {
			t.Errorf("%s: %d %q, want %d %q", tt.name, w.Code, w.Body, tt.status, tt.body)
		}
		if d.Allowed != strings.Contains("allowed plain", tt.name) {
			t.Errorf("%s: %+v", tt.name, d)
		}
		contentType := ""
		if tt.body != "" {
			contentType = "text/plain; charset=utf-8"
		}
		if got := w.Header().Get("Content-Type"); got != contentType {
			t.Errorf("%s: Content-Type %q, want %q", tt.name, got, contentType)
		}
	}
}
