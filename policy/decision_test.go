package policy_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

// request returns a request with the given lines as its header.
func request(method string, lines ...string) *http.Request {
	r := &http.Request{Method: method, Host: "127.0.0.1:8080", Header: make(http.Header)}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

// preflight returns a preflight of http://localhost:5173.
func preflight(method string, headers ...string) *http.Request {
	r := request("OPTIONS", "Origin: http://localhost:5173", "Access-Control-Request-Method: "+method)
	if len(headers) > 0 {
		r.Header["Access-Control-Request-Headers"] = headers
	}
	return r
}

// listed is a Config without wildcards.
func listed() policy.Config {
	return with(func(c *policy.Config) {
		c.AllowOrigins = []string{"http://localhost:5173"}
		c.AllowMethods = []string{"PUT", "PATCH"}
		c.AllowHeaders = []string{"Content-Type", "X-Api-Key"}
	})
}

func TestDecideKinds(t *testing.T) {
	t.Parallel()
	const origin = "Origin: http://a.example"
	tests := []struct {
		name string
		r    *http.Request
		want policy.Kind
	}{
		{"no origin", request("GET"), policy.NonCORS},
		{"empty origin", request("GET", "Origin: "), policy.NonCORS},
		{"the proxy's own origin", request("POST", "Origin: http://127.0.0.1:8080"), policy.NonCORS},
		{"the proxy's own origin behind TLS", request("POST", "Origin: https://127.0.0.1:8080"), policy.NonCORS},
		{"a page's own server passes it on", request("POST", origin, "Sec-Fetch-Site: same-origin"), policy.NonCORS},
		{"another origin of its site", request("POST", origin, "Sec-Fetch-Site: same-site"), policy.Actual},
		{"two words on its site", request("POST", origin, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: same-origin"), policy.Actual},
		{"a preflight of its own origin, which no browser sends", request("OPTIONS", origin, "Access-Control-Request-Method: PUT", "Sec-Fetch-Site: same-origin"), policy.Preflight},
		{"another port of its host", request("POST", "Origin: http://127.0.0.1:8081"), policy.Actual},
		{"origin", request("GET", origin), policy.Actual},
		{"request method on GET", request("GET", origin, "Access-Control-Request-Method: PUT"), policy.Actual},
		{"preflight", request("OPTIONS", origin, "Access-Control-Request-Method: PUT"), policy.Preflight},
		{"OPTIONS", request("OPTIONS"), policy.Options},
		{"OPTIONS with origin", request("OPTIONS", origin), policy.Options},
		{"OPTIONS without origin", request("OPTIONS", "Access-Control-Request-Method: PUT"), policy.Options},
		{"OPTIONS with an empty method", request("OPTIONS", origin, "Access-Control-Request-Method: "), policy.Options},
	}
	for _, tt := range tests {
		d := compile(t, policy.Default()).Decide(tt.r)
		if d.Kind != tt.want || !d.Allowed {
			t.Errorf("%s: kind %s, allowed %v; want %s, allowed", tt.name, d.Kind, d.Allowed, tt.want)
		}
	}
}

func TestKindString(t *testing.T) {
	t.Parallel()
	for kind, want := range map[policy.Kind]string{
		policy.NonCORS: "non-cors", policy.Actual: "actual", policy.Preflight: "preflight", policy.Options: "options", 9: "kind(9)",
	} {
		if got := kind.String(); got != want {
			t.Errorf("Kind %d is %q, want %q", kind, got, want)
		}
	}
}

func TestDecideAllowed(t *testing.T) {
	t.Parallel()
	headers := func(values ...string) *http.Request { return preflight("PUT", values...) }
	tests := []struct {
		name   string
		config policy.Config
		r      *http.Request
		detail string
	}{
		{"as browsers ask", listed(), headers("content-type,x-api-key"), ""},
		{"unsorted", listed(), headers("x-api-key,content-type"), ""},
		{"upper case", listed(), headers("X-API-KEY, Content-Type"), ""},
		{"spaces", listed(), headers("  content-type \t,   x-api-key  "), ""},
		{"several lines", listed(), headers("x-api-key", "content-type"), ""},
		{"empty elements", listed(), headers(strings.Repeat(",", 40)+"content-type,,", ""), ""},
		{"repeats", listed(), headers("content-type,Content-Type"), ""},
		{"no headers", listed(), headers(""), ""},
		{"many headers", policy.Default(), headers(strings.Repeat("x-a,", 50) + "x-b"), ""},
		{"any method", policy.Default(), preflight("PURGE"), ""},
		{"GET, not listed", listed(), preflight("GET"), `method "GET" is not listed, but browsers let every page use GET, HEAD and POST`},
		{"POST, nothing listed", policy.Config{AllowOrigins: []string{"*"}, PreflightStatus: 200}, preflight("POST"), `method "POST" is not listed, but browsers let every page use GET, HEAD and POST`},
		{"OPTIONS, not listed", listed(), preflight("OPTIONS"), ""},
		{"lower case among any", policy.Default(), preflight("patch"), `method "patch" is allowed, but is not PATCH: methods are case-sensitive`},
		{"actual request of a method not listed", listed(), request("DELETE", "Origin: http://localhost:5173"), ""},
		{"no origin that could be told", origins("https://*.example.com"), request("OPTIONS"), "send an Origin header to see Access-Control-Allow-Origin; allowed: https://*.example.com"},
		{"no origin at all", origins(), request("OPTIONS"), "send an Origin header to see Access-Control-Allow-Origin; allowed: none"},
	}
	for _, tt := range tests {
		d := compile(t, tt.config).Decide(tt.r)
		if !d.Allowed || d.Reason != "" || d.Offender != "" || d.Detail != tt.detail {
			t.Errorf("%s: %+v; want it allowed, detail %q", tt.name, d, tt.detail)
		}
	}
}

func TestDecideRefused(t *testing.T) {
	t.Parallel()
	origin := func(o string) *http.Request {
		return request("OPTIONS", "Origin: "+o, "Access-Control-Request-Method: GET")
	}
	long := "x" + strings.Repeat("é", 500)
	nothing := policy.Config{AllowOrigins: []string{"*"}, PreflightStatus: 200}
	many := origins(slices.Repeat([]string{"http://a.example"}, 30)...)
	tests := []struct {
		name     string
		config   policy.Config
		r        *http.Request
		reason   policy.Reason
		offender string
		detail   string
	}{
		{"origin", listed(), origin("http://evil.example"), policy.OriginNotAllowed, "http://evil.example",
			`origin "http://evil.example" is not allowed; allowed: http://localhost:5173`},
		{"origin with a slash", listed(), origin("http://localhost:5173/"), policy.OriginNotAllowed, "http://localhost:5173/",
			`origin "http://localhost:5173/" is not allowed: it ends in a slash, which browsers never send in an origin; allowed: http://localhost:5173`},
		{"origin in upper case", listed(), origin("http://LOCALHOST:5173"), policy.OriginNotAllowed, "http://LOCALHOST:5173",
			`origin "http://LOCALHOST:5173" is not allowed: it is not in lower case, and browsers never send upper case in an origin; allowed: http://localhost:5173`},
		{"no origin is allowed", origins(), origin("http://a"), policy.OriginNotAllowed, "http://a", `origin "http://a" is not allowed; allowed: none`},
		{"one of many origins", many, origin("http://b"), policy.OriginNotAllowed, "http://b",
			`origin "http://b" is not allowed; allowed: ` + strings.Repeat("http://a.example, ", 7) + `http://a.example and 22 more`},
		{"an origin for the log", listed(), origin("x\r\n\x1b[31m\u202e"), policy.OriginNotAllowed, "x\r\n\x1b[31m\u202e",
			`origin "x\r\n\x1b[31m\u202e" is not allowed; allowed: http://localhost:5173`},
		{"a long origin", listed(), origin(long), policy.OriginNotAllowed, long,
			`origin "x` + strings.Repeat("é", 39) + `"… is not allowed; allowed: http://localhost:5173`},
		{"two origins", listed(), request("OPTIONS", "Origin: http://localhost:5173", "Origin: http://evil.example", "Access-Control-Request-Method: GET"), policy.OriginNotAllowed,
			"http://localhost:5173, http://evil.example", `origin "http://localhost:5173, http://evil.example" is not allowed; allowed: http://localhost:5173`},
		{"origin before method", listed(), request("OPTIONS", "Origin: null", "Access-Control-Request-Method: DELETE"), policy.OriginNotAllowed, "null",
			`origin "null" is not allowed; allowed: http://localhost:5173`},
		{"actual request", listed(), request("GET", "Origin: null"), policy.OriginNotAllowed, "null", `origin "null" is not allowed; allowed: http://localhost:5173`},
		{"plain OPTIONS", listed(), request("OPTIONS", "Origin: null"), policy.OriginNotAllowed, "null", `origin "null" is not allowed; allowed: http://localhost:5173`},

		{"method", listed(), preflight("DELETE"), policy.MethodNotAllowed, "DELETE", `method "DELETE" is not allowed; allowed: PUT, PATCH, GET, HEAD, POST`},
		{"method in lower case", listed(), preflight("patch"), policy.MethodNotAllowed, "patch",
			`method "patch" is not allowed: methods are case-sensitive, so pass "PATCH" to fetch; allowed: PUT, PATCH, GET, HEAD, POST`},
		{"another method in lower case", listed(), preflight("delete"), policy.MethodNotAllowed, "delete", `method "delete" is not allowed; allowed: PUT, PATCH, GET, HEAD, POST`},
		{"forbidden method", policy.Default(), preflight("Trace"), policy.MethodNotAllowed, "Trace", `method "Trace" is not allowed: browsers let no page use it`},
		{"no method", policy.Default(), preflight("PUT, PUT"), policy.MethodNotAllowed, "PUT, PUT", `method "PUT, PUT" is not the name of a method`},
		{"method before header", listed(), preflight("DELETE", "x-other,content-type"), policy.MethodNotAllowed, "DELETE",
			`method "DELETE" is not allowed; allowed: PUT, PATCH, GET, HEAD, POST; header "x-other" is not allowed; allowed: Content-Type, X-Api-Key`},

		{"header", listed(), preflight("PUT", "content-type,x-other"), policy.HeaderNotAllowed, "x-other", `header "x-other" is not allowed; allowed: Content-Type, X-Api-Key`},
		{"headers", listed(), preflight("PUT", "X-Other,authorization,content-type"), policy.HeaderNotAllowed, "X-Other",
			`headers "X-Other", "authorization" are not allowed; allowed: Content-Type, X-Api-Key`},
		{"a header of rs/cors's own list", nothing, preflight("POST", "content-type"), policy.HeaderNotAllowed, "content-type", `header "content-type" is not allowed; allowed: none`},
		{"the wildcard as a header", listed(), preflight("PUT", "*"), policy.HeaderNotAllowed, "*", `header "*" is not allowed; allowed: Content-Type, X-Api-Key`},
		{"no header", policy.Default(), preflight("PUT", "x y"), policy.HeaderNotAllowed, "x y", `header "x y" is not allowed: that is not how headers are named`},
		{"a header that folds to one", listed(), preflight("PUT", "x-api-key,x-api-\u212aey"), policy.HeaderNotAllowed, "x-api-\u212aey", "header \"x-api-\u212aey\" is not allowed: that is not how headers are named"},
	}
	for _, tt := range tests {
		d := compile(t, tt.config).Decide(tt.r)
		if d.Allowed || d.Reason != tt.reason || d.Offender != tt.offender || d.Detail != tt.detail {
			t.Errorf("%s:\n got %+v\nwant %s of %q, %s", tt.name, d, tt.reason, tt.offender, tt.detail)
		}
	}
}

// TestDecideRefusesHeadersAtOnce checks that all headers are named, also where the
// method is refused before them.
func TestDecideRefusesHeadersAtOnce(t *testing.T) {
	t.Parallel()
	p := compile(t, listed())
	for _, method := range []string{"PUT", "DELETE"} {
		if d := p.Decide(preflight(method, "x-b,content-type,x-a")); !slices.Equal(d.Refused, []string{"x-b", "x-a"}) {
			t.Errorf("%s: Decide = %+v", method, d)
		}
	}
	for _, d := range []policy.Decision{p.Decide(preflight("DELETE", "content-type")), p.Decide(preflight("PUT", "content-type"))} {
		if d.Refused != nil {
			t.Errorf("Decide = %+v", d)
		}
	}
}

// TestDecideReportsTheRequest checks what a log line needs.
func TestDecideReportsTheRequest(t *testing.T) {
	t.Parallel()
	d := compile(t, policy.Default()).Decide(preflight("PUT", "X-B, x-a,,X-b", "x-c"))
	if d.Origin != "http://localhost:5173" || d.Method != "PUT" || !slices.Equal(d.Headers, []string{"X-B", "x-a", "x-c"}) {
		t.Errorf("Decide = %+v", d)
	}
	if d := compile(t, policy.Default()).Decide(request("GET", "Origin: http://a.example")); d.Method != "GET" || d.Headers != nil {
		t.Errorf("Decide = %+v", d)
	}
}

func TestPolicyIsForManyGoroutines(t *testing.T) {
	t.Parallel()
	p := compile(t, credentialed())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				h := make(http.Header)
				if d, _ := p.Answer(h, preflight("PUT", "x-api-key")); !d.Allowed {
					t.Error(d.Detail)
				}
				p.Apply(h, request("GET", "Origin: http://localhost:5173"), "X-D")
			}
		})
	}
	wg.Wait()
}
