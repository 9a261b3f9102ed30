package inspect

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// metrics counts exchanges for Prometheus. The format is plain enough to be
// written by hand
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format);
// the client library would bring protocol buffers along.
//
// No label has a value that a client can choose: there are nine methods and
// "other", six classes of a status, and the codes of the catalogue.
type metrics struct {
	mu        sync.Mutex
	exchanges map[exchangeLabels]uint64
	preflight map[string]uint64 // by decision
	blocked   map[string]uint64 // by the browser's name for it
	failures  map[string]uint64 // of the upstream, by code
	applied   map[string]uint64 // by cors.response_headers, where that changed a response
	buckets   [len(bounds)]uint64
	count     uint64
	sum       float64
	sockets   uint64
}

type exchangeLabels struct {
	method, status, code string
	answered             bool
}

// bounds are those of the histogram, in seconds. Lambda functions take from
// milliseconds to minutes.
var bounds = [...]float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900}

func newMetrics() *metrics {
	return &metrics{
		exchanges: make(map[exchangeLabels]uint64), preflight: make(map[string]uint64),
		blocked: make(map[string]uint64), failures: make(map[string]uint64), applied: make(map[string]uint64),
	}
}

// observe counts an exchange that has ended.
func (m *metrics) observe(e *entry) {
	labels := exchangeLabels{method: methodLabel(e.Method), status: statusLabel(e.Status), code: "none", answered: e.Answered}
	if e.Diagnosis != nil {
		labels.code = string(e.Diagnosis.Code)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.exchanges[labels]++
	if e.Decision.Kind == policy.Preflight {
		decision := "allowed"
		if !e.Decision.Allowed {
			decision = string(e.Decision.Reason)
		}
		m.preflight[decision]++
	}
	if outcome(e.Verdict) == "blocked" {
		m.blocked[e.Verdict.Decisive().Name()]++
	}
	if strings.HasPrefix(labels.code, "CP20") || strings.HasPrefix(labels.code, "CP22") {
		m.failures[labels.code]++
	}
	if e.Applied != nil && len(e.Applied.Fields) > 0 {
		m.applied[modeLabel(e.Applied.Mode)]++
	}
	if e.Upgraded {
		m.sockets++
		return // how long a WebSocket was open is no measure of an answer
	}
	m.time(e.Duration)
}

func (m *metrics) time(d time.Duration) {
	seconds := d.Seconds()
	m.count++
	m.sum += seconds
	for i, bound := range bounds {
		if seconds <= bound {
			m.buckets[i]++
		}
	}
}

func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return method
	}
	return "other"
}

func modeLabel(m proxy.ResponseHeaders) string {
	if m == proxy.ReplaceHeaders {
		return "replace"
	}
	return "fill"
}

func statusLabel(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return strconv.Itoa(status/100) + "xx"
}

// text returns all metrics.
func (m *metrics) text(u usage) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var w metricWriter
	w.family("corsproxy_exchanges_total", "counter", "Exchanges that have ended.")
	for _, l := range slices.SortedFunc(maps.Keys(m.exchanges), compareLabels) {
		w.sample("corsproxy_exchanges_total", float64(m.exchanges[l]),
			"method", l.method, "status", l.status, "answered", strconv.FormatBool(l.answered), "code", l.code)
	}
	w.family("corsproxy_exchange_duration_seconds", "histogram", "From a request's head to the last byte of its answer; WebSockets apart.")
	for i, bound := range bounds {
		w.sample("corsproxy_exchange_duration_seconds_bucket", float64(m.buckets[i]), "le", strconv.FormatFloat(bound, 'g', -1, 64))
	}
	w.sample("corsproxy_exchange_duration_seconds_bucket", float64(m.count), "le", "+Inf")
	w.sample("corsproxy_exchange_duration_seconds_sum", m.sum)
	w.sample("corsproxy_exchange_duration_seconds_count", float64(m.count))
	w.counters("corsproxy_preflights_total", "Preflights, by the decision of the policy.", "decision", m.preflight)
	w.counters("corsproxy_blocked_total", "Answers that a browser keeps from the script, by its name for the reason.", "verdict", m.blocked)
	w.counters("corsproxy_upstream_errors_total", "Failures to get an answer from the upstream, by diagnosis code.", "code", m.failures)
	w.counters("corsproxy_response_headers_total", "Responses whose Access-Control fields corsproxy has changed, by cors.response_headers.", "mode", m.applied)
	w.single("corsproxy_websockets_total", "counter", "WebSockets that have ended.", float64(m.sockets))
	w.single("corsproxy_inspector_exchanges", "gauge", "Exchanges in memory.", float64(u.entries))
	w.single("corsproxy_inspector_exchanges_limit", "gauge", "Most exchanges to keep in memory.", float64(u.maxEntries))
	w.single("corsproxy_inspector_bytes", "gauge", "Bytes of the exchanges in memory, about.", float64(u.bytes))
	w.single("corsproxy_inspector_bytes_limit", "gauge", "Most bytes to keep in memory.", float64(u.maxBytes))
	w.single("corsproxy_inspector_evicted_total", "counter", "Exchanges that made room for later ones.", float64(u.evicted))
	w.single("corsproxy_inspector_pages", "gauge", "Pages of the inspector that are open.", float64(u.readers))
	w.single("go_goroutines", "gauge", "Goroutines that exist.", float64(runtime.NumGoroutine()))
	return w.out
}

func compareLabels(a, b exchangeLabels) int {
	return cmp.Or(
		strings.Compare(a.method, b.method), strings.Compare(a.status, b.status),
		strings.Compare(strconv.FormatBool(a.answered), strconv.FormatBool(b.answered)), strings.Compare(a.code, b.code),
	)
}

// A metricWriter writes the text format.
type metricWriter struct{ out []byte }

func (w *metricWriter) family(name, kind, help string) {
	w.out = fmt.Appendf(w.out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

func (w *metricWriter) sample(name string, value float64, labels ...string) {
	w.out = append(w.out, name...)
	for i := 0; i < len(labels); i += 2 {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		w.out = fmt.Appendf(append(w.out, separator), "%s=%q", labels[i], labels[i+1])
	}
	if len(labels) > 0 {
		w.out = append(w.out, '}')
	}
	w.out = append(append(append(w.out, ' '), strconv.FormatFloat(value, 'g', -1, 64)...), '\n')
}

func (w *metricWriter) single(name, kind, help string, value float64) {
	w.family(name, kind, help)
	w.sample(name, value)
}

func (w *metricWriter) counters(name, help, label string, counts map[string]uint64) {
	w.family(name, "counter", help)
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		w.sample(name, float64(counts[key]), label, key)
	}
}
