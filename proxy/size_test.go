package proxy_test

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// A sized is a proxy whose rules can be of any size, and a request of which
// each repeat has to be thought about anew.
type sized struct {
	name    string
	rules   func(tb testing.TB, n int) proxy.Rules
	request func(n int) string // of which the first field line may be a format for a number
	status  int
	linear  bool // its time grows with the number, as it must
}

const asked = "\nAccess-Control-Request-Method: PUT\nAccess-Control-Request-Headers: x-%d"

// sizes are the ways in which what somebody configures may grow. Each asks for
// the entry that a search from end to end would find last, or for none.
var sizes = []sized{
	{"policies/preflight", policies, func(n int) string { return fmt.Sprintf("OPTIONS /r%d/1\nOrigin: http://h%d.example", n-1, n-1) + asked }, 200, false},
	{"policies/refused", policies, func(n int) string { return fmt.Sprintf("OPTIONS /r%d/1\nOrigin: http://localhost:9", n-1) + asked }, 403, false},
	{"policies/GET", policies, func(n int) string { return fmt.Sprintf("GET /r%d/1\nOrigin: http://h%d.example\nX-N: %%d", n-1, n-1) }, 200, false},
	{"origins/preflight", origins("http://h%d.example"), func(n int) string { return fmt.Sprintf("OPTIONS /\nOrigin: http://h%d.example", n-1) + asked }, 200, false},
	{"origins/refused", origins("http://h%d.example"), func(int) string { return "OPTIONS /\nOrigin: http://localhost:9" + asked }, 403, false},
	{"origins/GET", origins("http://h%d.example"), func(int) string { return "GET /\nOrigin: http://h%d.example" }, 200, false},
	{"sub-domains/preflight", origins("https://*.h%d.example"), func(n int) string { return fmt.Sprintf("OPTIONS /\nOrigin: https://a.b.h%d.example", n-1) + asked }, 200, false},
	{"sub-domains/refused", origins("https://*.h%d.example"), func(int) string { return "OPTIONS /\nOrigin: https://a.b.c.example" + asked }, 403, false},
	{"any port/preflight", origins("http://h%d.example:*"), func(n int) string { return fmt.Sprintf("OPTIONS /\nOrigin: http://h%d.example:8", n-1) + asked }, 200, false},
	{"template/preflight", template, func(n int) string { return fmt.Sprintf("OPTIONS /r%d/1\nOrigin: http://h%d.example", n-1, n-1) + asked }, 204, false},
	{"template/refused", template, func(n int) string { return fmt.Sprintf("OPTIONS /r%d/1\nOrigin: http://other.example", n-1) + asked }, 204, false},
	{"template/GET", template, func(n int) string { return fmt.Sprintf("GET /r%d/1\nOrigin: http://h%d.example\nX-N: %%d", n-1, n-1) }, 200, false},
	{"template/blocked", blockedTemplate, func(n int) string { return fmt.Sprintf("GET /r%d/1\nOrigin: http://other.example\nX-N: %%d", n-1) }, 200, false},
	{"template/no such route", template, func(int) string { return "GET /missing/r7/1\nX-N: %d" }, 404, true},
}

// policies has a policy of its own for each of n paths.
func policies(tb testing.TB, n int) proxy.Rules {
	rules := proxy.Rules{Default: proxy.Rule{Policy: allowing(tb, "*")}}
	for i := range n {
		rules.Routes = append(rules.Routes, proxy.Route{Path: fmt.Sprintf("/r%d/{id}", i), Rule: proxy.Rule{Policy: allowing(tb, fmt.Sprintf("http://h%d.example", i))}})
	}
	return rules
}

// origins has one policy that allows n origins.
func origins(format string) func(testing.TB, int) proxy.Rules {
	return func(tb testing.TB, n int) proxy.Rules {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(format, i)
		}
		return proxy.Rules{Default: proxy.Rule{Policy: allowing(tb, list...)}}
	}
}

// template has a template of n routes, and of as many origins.
func template(tb testing.TB, n int) proxy.Rules {
	api := sam.API{ID: "Http", Type: sam.HTTP, CORS: &sam.CORS{AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}}}
	for i := range n {
		path := fmt.Sprintf("/r%d/{id}", i)
		api.Routes = append(api.Routes, sam.Route{Method: "GET", Path: path, Function: "F", API: "Http", APIType: sam.HTTP, Source: "template.yaml:1"})
		api.Preflights = append(api.Preflights, sam.Preflight{Path: path, By: sam.ByCORS, CORS: api.CORS})
		api.CORS.AllowOrigins = append(api.CORS.AllowOrigins, fmt.Sprintf("http://h%d.example", i))
	}
	return proxy.Rules{
		Default: proxy.Rule{Policy: allowing(tb, "*"), Source: proxy.FromTemplate},
		Known:   diagnosis.Knowledge{Template: &sam.Application{Local: sam.Local{Routes: api.Routes}, Deployed: []sam.API{api}}},
	}
}

// blockedTemplate is template, whose answers lack what pages need.
func blockedTemplate(tb testing.TB, n int) proxy.Rules {
	rules := template(tb, n)
	rules.Default.ResponseHeaders = proxy.ReplaceHeaders
	rules.Default.Policy = allowing(tb, "http://h0.example")
	return rules
}

func allowing(tb testing.TB, list ...string) *policy.Policy {
	p, err := policy.New(policy.Config{AllowOrigins: list, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"}, PreflightStatus: 200})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// instant is an upstream that answers at once: what a route has is there, and
// what is missing is not.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, "{}"
	if strings.HasPrefix(r.URL.Opaque, "/missing") {
		status, body = http.StatusForbidden, `{"message":"Missing Authentication Token"}`
	}
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}, "Access-Control-Allow-Origin": {"*"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

// ask returns a function that sends the next request to a proxy of size n.
func (s sized) ask(tb testing.TB, n int) func() {
	p, err := proxy.New(proxy.Config{Upstream: &url.URL{Scheme: "http", Host: "h"}, Transport: instant{}, Rules: s.rules(tb, n), Observe: func(*proxy.Exchange) {}})
	if err != nil {
		tb.Fatal(err)
	}
	line, fields, _ := strings.Cut(s.request(n), "\n")
	method, target, _ := strings.Cut(line, " ")
	type field struct{ name, value string }
	var all []field
	for f := range strings.SplitSeq(fields, "\n") {
		name, value, _ := strings.Cut(f, ": ")
		all = append(all, field{name, value})
	}
	i := 0
	return func() {
		i++
		r := httptest.NewRequest(method, target, nil)
		for _, f := range all {
			number := i
			if f.name == "Origin" {
				number %= n
			}
			r.Header[f.name] = []string{strings.Replace(f.value, "%d", strconv.Itoa(number), 1)}
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != s.status {
			tb.Fatalf("%s of %d: %s %s is answered with %d %s", s.name, n, method, target, w.Code, w.Body)
		}
	}
}

// BenchmarkSize is the time of one exchange with ever more policies, origins
// and routes, and the memory that each of them takes.
func BenchmarkSize(b *testing.B) {
	for _, s := range sizes {
		for _, n := range []int{10, 1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", s.name, n), func(b *testing.B) {
				before := heap()
				ask := s.ask(b, n)
				memory := float64(heap()) - float64(before)
				b.ReportAllocs()
				for b.Loop() {
					ask()
				}
				b.ReportMetric(memory/float64(n), "B/entry")
				b.ReportMetric(float64(quickest(ask)), "ns-quickest/op") // which says more on a busy machine
			})
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestTimeDoesNotGrow compares the time of an exchange where there is little
// with the same where there is a lot. A search from end to end would take many
// times as long.
func TestTimeDoesNotGrow(t *testing.T) {
	t.Parallel()
	const small, large, most = 10, 5000, 4
	for _, s := range sizes {
		if s.linear {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			less, more := s.ask(t, small), s.ask(t, large)
			few, many := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for began := time.Now(); time.Since(began) < patience; { // a machine may be busy for a while
				few, many = min(few, quickest(less)), min(many, quickest(more))
				if many < most*few {
					return
				}
			}
			t.Errorf("with %d entries it takes %v, and with %d only %v", large, many, small, few)
		})
	}
}

// quickest returns the time of the quickest of some calls.
func quickest(call func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 50 {
		began := time.Now()
		call()
		best = min(best, time.Since(began))
	}
	return best
}

// TestWhatIsRememberedIsBounded has clients that never ask for the same twice,
// or ask at length. No other test runs beside it, as all share one heap.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	p, err := proxy.New(proxy.Config{
		Upstream: &url.URL{Scheme: "http", Host: "h"}, Transport: instant{}, Observe: func(*proxy.Exchange) {},
		Rules: proxy.Rules{Default: proxy.Rule{Policy: allowing(t, "localhost"), ResponseHeaders: proxy.FillHeaders}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ size, repeats int }{{400, 8000}, {64 << 10, 150}} {
		for _, method := range []string{"GET", "OPTIONS"} {
			before := heap()
			for i := range c.repeats {
				r := httptest.NewRequest(method, "/", nil)
				r.Header["Origin"] = []string{fmt.Sprintf("http://%d%s.localhost", i, strings.Repeat("x", c.size))}
				if method == http.MethodOptions {
					r.Header["Access-Control-Request-Method"] = []string{"PUT"}
				}
				p.ServeHTTP(httptest.NewRecorder(), r)
			}
			const most = 2 << 20
			if grown := int64(heap()) - int64(before); grown > most {
				t.Errorf("%d times %s from an origin of %d bytes leave %d bytes", c.repeats, method, c.size, grown)
			}
		}
	}
	runtime.KeepAlive(p)
}
