package inspect_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/proxy"
)

// sample is one line of the text format.
var sample = regexp.MustCompile(`^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+$`)

func TestMetrics(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") })
	b.through("GET", "/a", "", page)
	b.through("GET", "/b", "", page)
	b.through("OPTIONS", "/a", "", page, "Access-Control-Request-Method: PUT")
	b.ended(3)
	for i := range 100 {
		x := exchange(fmt.Sprint("odd", i), "")
		x.Method, x.Status, x.Duration = fmt.Sprint("ODD", i), 900+i, time.Hour
		b.Observe(x)
	}
	filled := exchange("filled", "")
	filled.Applied = &proxy.Applied{Mode: proxy.FillHeaders, Fields: []string{"Access-Control-Allow-Origin"}}
	b.Observe(filled)
	complete := exchange("complete", "")
	complete.Applied = &proxy.Applied{Mode: proxy.FillHeaders} // there was nothing to fill in
	b.Observe(complete)
	a := b.get("/metrics", "")
	if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("answered %d %q", a.status, a.header.Get("Content-Type"))
	}
	for _, want := range []string{
		`corsproxy_exchanges_total{method="GET",status="2xx",answered="false",code="CP1103"} 2`,
		`corsproxy_exchanges_total{method="OPTIONS",status="2xx",answered="true",code="none"} 1`,
		`corsproxy_exchanges_total{method="other",status="none",answered="false",code="none"} 100`,
		`corsproxy_preflights_total{decision="allowed"} 1`,
		`corsproxy_blocked_total{verdict="MissingAllowOriginHeader"} 2`,
		`corsproxy_response_headers_total{mode="fill"} 1`,
		`corsproxy_exchange_duration_seconds_bucket{le="900"} 5`,
		`corsproxy_exchange_duration_seconds_bucket{le="+Inf"} 105`,
		`corsproxy_exchange_duration_seconds_count 105`,
		`corsproxy_inspector_exchanges 105`,
		`corsproxy_inspector_exchanges_limit 1000`,
	} {
		if !strings.Contains(a.body, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
	if !strings.Contains(a.body, "\ngo_goroutines ") {
		t.Error("the goroutines are not counted")
	}
	typed := map[string]bool{}
	for line := range strings.Lines(a.body) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ = strings.Cut(name, " ")
			if typed[name] {
				t.Errorf("%s has two types", name)
			}
			typed[name] = true
			continue
		}
		if !strings.HasPrefix(line, "# HELP ") && !sample.MatchString(line) {
			t.Errorf("no sample: %q", line)
		}
	}
	if t.Failed() {
		t.Log(a.body)
	}
}

func TestUpstreamErrorsAreCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	b.through("GET", "/", "")
	rows := b.ended(1)
	want := fmt.Sprintf("corsproxy_upstream_errors_total{code=%q} 1\n", rows[0].Code)
	if a := b.get("/metrics", ""); rows[0].Code == "" || !strings.Contains(a.body, want) {
		t.Errorf("there is no %s in\n%s", want, a.body)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	ready := errors.New("connection refused")
	b := newBench(t, echo, func(c *inspect.Config) { c.Ready = func(context.Context) error { return ready } })
	if a := b.get("/healthz", ""); a.status != 200 {
		t.Errorf("healthz: %d", a.status)
	}
	if a := b.get("/readyz", ""); a.status != 503 || !strings.Contains(a.body, "connection refused") {
		t.Errorf("readyz: %d %s", a.status, a.body)
	}
	ready = nil
	if a := b.get("/readyz", ""); a.status != 200 {
		t.Errorf("readyz: %d %s", a.status, a.body)
	}
}

// BenchmarkObserve is what the inspector adds to each exchange.
func BenchmarkObserve(b *testing.B) {
	in := inspect.New(inspect.Config{})
	x := exchange("id", "items")
	x.Origin, x.Host = "http://localhost:5173", "127.0.0.1:8080"
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.ID = fmt.Sprint(i)
		in.Begin(proxy.Exchange{ID: x.ID, Start: x.Start, Method: x.Method, Target: x.Target, Record: &proxy.Record{}})
		in.Observe(x)
	}
}
