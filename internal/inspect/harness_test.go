package inspect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// patience bounds every wait for what must come soon.
const patience = 10 * time.Second

// A bench is an upstream, a proxy before it, and an inspector of the proxy.
type bench struct {
	testing.TB
	*inspect.Inspector
	proxy    *proxy.Proxy
	proxyURL string
	url      string // of the inspector
	token    string
}

// newBench starts all three; edit changes the inspector's configuration.
func newBench(tb testing.TB, upstream http.HandlerFunc, edit ...func(*inspect.Config)) *bench {
	tb.Helper()
	u := httptest.NewServer(upstream)
	tb.Cleanup(u.Close)
	upstreamURL, err := url.Parse(u.URL)
	if err != nil {
		tb.Fatal(err)
	}
	proxyListener, listener := listen(tb), listen(tb)
	b := &bench{TB: tb, proxyURL: "http://" + proxyListener.Addr().String(), url: "http://" + listener.Addr().String()}
	config := inspect.Config{
		Listen: listener.Addr().String(), ProxyURL: b.proxyURL, Upstream: func() string { return u.URL }, Version: "test",
		Ready: func(context.Context) error { return nil },
	}
	for _, e := range edit {
		e(&config)
	}
	b.Inspector = inspect.New(config)
	pol, err := policy.New(policy.Default())
	if err != nil {
		tb.Fatal(err)
	}
	rules := proxy.Rules{Default: proxy.Rule{Policy: pol}}
	p, err := proxy.New(proxy.Config{
		Upstream: upstreamURL, Rules: rules, Observe: func(x *proxy.Exchange) { b.Observe(*x) }, Record: b.Recorder(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	b.proxy = p
	b.use(rules)
	go func() { _ = p.Serve(proxyListener) }()
	done := make(chan error, 1)
	go func() { done <- b.Serve(listener) }()
	tb.Cleanup(func() {
		_ = p.Close()
		b.Shutdown()
		if err := <-done; err != nil {
			tb.Errorf("Serve returned %v", err)
		}
	})
	page := b.get("/", "").body
	m := regexp.MustCompile(`name="corsproxy-token" content="([A-Z2-7]+)"`).FindStringSubmatch(page)
	if m == nil {
		tb.Fatalf("the page has no token: %s", page)
	}
	b.token = m[1]
	return b
}

// use has the proxy follow rules, and the inspector show them.
func (b *bench) use(rules proxy.Rules) {
	b.Helper()
	if err := b.proxy.SetRules(rules); err != nil {
		b.Fatal(err)
	}
	b.SetRules(rules)
}

func listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// An answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request to the inspector, with headers "Name: value". A Host
// replaces the address's own.
func (b *bench) send(method, target string, headers ...string) answer {
	b.Helper()
	return b.sendTo(b.url+target, method, nil, headers...)
}

func (b *bench) sendTo(url, method string, body io.Reader, headers ...string) answer {
	b.Helper()
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		b.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func (b *bench) get(target, token string) answer {
	b.Helper()
	if token == "" {
		return b.send(http.MethodGet, target)
	}
	return b.send(http.MethodGet, target, "X-Corsproxy-Inspector: "+token)
}

// call calls the API as the page does and decodes what it answers.
func call[T any](b *bench, method, path string) (out T) {
	b.Helper()
	a := b.send(method, "/api/"+path, "X-Corsproxy-Inspector: "+b.token)
	if a.status != http.StatusOK {
		b.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		b.Fatalf("%s %s: %v in %s", method, path, err, a.body)
	}
	return out
}

// through sends a request through the proxy.
func (b *bench) through(method, target, body string, headers ...string) {
	b.Helper()
	b.sendTo(b.proxyURL+target, method, strings.NewReader(body), headers...)
}

// A row is what the list says of an exchange.
type row struct {
	ID, Method, Asks, Target, Outcome, Verdict, Code, Kind, ReplayOf string
	Status                                                           int
	Pending, Noise, Answered                                         bool
	Rev                                                              uint64
}

// ended waits until n exchanges are listed and have ended.
func (b *bench) ended(n int) []row {
	b.Helper()
	deadline := time.Now().Add(patience)
	for {
		rows := call[[]row](b, "GET", "exchanges")
		pending := 0
		for _, r := range rows {
			if r.Pending {
				pending++
			}
		}
		if len(rows) >= n && pending == 0 {
			return rows
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d exchanges have not ended: %+v", n, rows)
		}
		time.Sleep(time.Millisecond)
	}
}

// A detail is what is said of one exchange.
type detail struct {
	row
	Hidden, Revealed bool
	Request          message
	Upstream         *message
	Answer           *message
	Curl, Replay     string
	SetBy            []struct{ Name, Value, By, Was string }
	Steps            []struct{ By, Mark, Text, More string }
	Preflight        *row
	Actual           []row
	Diagnosis        *struct{ Code, Detail string }
}

type message struct {
	Line   string
	Fields []proxy.Field
	Body   struct {
		Kind, Text, Note string
		Size             int64
		Whole            bool
	}
}

func (m message) field(name string) string {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// echo answers with what it got.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"method":%q,"length":%d}`, r.Method, len(body))
}
