package proxy_test

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// keeping has a proxy record, and sends what begins to begun, if there is
// such a channel.
func keeping(maxBody int, maxBodies int64, begun chan<- proxy.Exchange) func(*proxy.Config) {
	return func(c *proxy.Config) {
		c.Record = &proxy.Recorder{MaxBody: maxBody, MaxBodies: maxBodies}
		if begun != nil {
			c.Record.Begin = func(x proxy.Exchange) { begun <- x }
		}
	}
}

const (
	oddRequest = "POST /a?x=1 HTTP/1.1\r\nhOST: h\r\nx-b: 2\r\nORIGIN: http://a.test\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
	oddResponse = "HTTP/1.1 200 Fine\r\nx-z: 1\r\naccess-control-allow-origin: http://other.test\r\nX-Y: 2\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer(oddResponse))
	begun := make(chan proxy.Exchange, 1)
	p := serve(t, u.url(), keeping(100, 1000, begun), func(c *proxy.Config) {
		config := policy.Default()
		config.AllowOrigins = []string{"http://a.test"}
		replace := proxy.Rule{Policy: newPolicy(t, config), ResponseHeaders: proxy.ReplaceHeaders}
		c.Rules.Routes = []proxy.Route{{Path: "/a", Rule: replace}}
	})
	c := dial(t, p.addr)
	c.send(oddRequest)
	head := c.head()
	c.until("hello")
	x := p.exchange(t)
	want := &proxy.Record{
		Request: proxy.Message{
			Line:   "POST /a?x=1 HTTP/1.1",
			Fields: []proxy.Field{{"hOST", "h"}, {"x-b", "2"}, {"ORIGIN", "http://a.test"}, {"X-A", "1"}, {"Transfer-Encoding", "chunked"}},
			Body:   proxy.Body{Data: []byte("abcde"), Size: 5, Whole: true},
		},
		Upstream: proxy.Message{
			Line:   "HTTP/1.1 200 Fine",
			Fields: []proxy.Field{{"x-z", "1"}, {"access-control-allow-origin", "http://other.test"}, {"X-Y", "2"}, {"Connection", "close"}, {"Content-Length", "5"}},
		},
		Answer: parseHead(head, proxy.Body{Data: []byte("hello"), Size: 5, Whole: true}),
		Route:  "/a",
	}
	got := *x.Record
	if got.FirstByte <= 0 || got.FirstByte > x.Duration {
		t.Errorf("the first byte after %v of %v", got.FirstByte, x.Duration)
	}
	got.FirstByte = 0
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("recorded\n%+v\nwant\n%+v", &got, want)
	}
	b := <-begun
	if b.ID != x.ID || b.Method != "POST" || !reflect.DeepEqual(b.Record.Request.Fields, want.Request.Fields) {
		t.Errorf("began as %+v", b)
	}
}

// parseHead returns the head that a client has received as the Message that it
// must have been recorded as.
func parseHead(head string, body proxy.Body) proxy.Message {
	lines := strings.Split(strings.TrimSuffix(head, "\r\n\r\n"), "\r\n")
	m := proxy.Message{Line: lines[0], Body: body}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		m.Fields = append(m.Fields, proxy.Field{Name: name, Value: value})
	}
	return m
}

func TestRecordOfAnswersByTheProxy(t *testing.T) {
	t.Parallel()
	const token = `{"message":"Missing Authentication Token"}`
	u := newUpstream(t, answer("HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nContent-Length: 42\r\nConnection: close\r\n\r\n"+token))
	p := serve(t, u.url(), keeping(2000, 20000, nil))
	for _, c := range []struct {
		name, request    string
		upstream, answer string // the beginnings of the answers' lines
		upstreamBody     string
		answerHas        string
		wholeRequest     bool
	}{
		{"converted", "GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "HTTP/1.1 403 FORBIDDEN", "HTTP/1.1 403 Forbidden", token, `"code"`, true},
		{"a preflight", "OPTIONS /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "", "HTTP/1.1 200 OK", "", "", true},
		{"with a body that nobody reads", "OPTIONS /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", "", "HTTP/1.1 200 OK", "", "", false},
		{"malformed", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "", "HTTP/1.1 400 Bad Request", "", `"code"`, true},
	} {
		client := dial(t, p.addr)
		client.send(c.request)
		client.rest()
		r := p.exchange(t).Record
		if r.Upstream.Line != c.upstream || string(r.Upstream.Body.Data) != c.upstreamBody {
			t.Errorf("%s: from the upstream %q %q", c.name, r.Upstream.Line, r.Upstream.Body.Data)
		}
		if r.Answer.Line != c.answer || !strings.Contains(string(r.Answer.Body.Data), c.answerHas) || !r.Answer.Body.Whole {
			t.Errorf("%s: answered %q %q", c.name, r.Answer.Line, r.Answer.Body.Data)
		}
		if r.Request.Body.Whole != c.wholeRequest {
			t.Errorf("%s: request body %+v", c.name, r.Request.Body)
		}
	}
}

func TestRecordIsBounded(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("0123456789", 200)
	for _, c := range []struct {
		name      string
		maxBody   int
		maxBodies int64
		kept      int
	}{
		{"all of it", 2000, 4000, 2000},
		{"the beginning", 999, 4000, 999},
		{"nothing", 0, 4000, 0},
		{"no room in total", 2000, 100, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, func(w *wire) {
				readRequest(w)
				w.send("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n" + body)
			})
			p := serve(t, u.url(), keeping(c.maxBody, c.maxBodies, nil))
			// What one exchange has held is there for the next.
			for range 3 {
				client := dial(t, p.addr)
				client.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2000\r\n\r\n" + body)
				if got := client.rest(); !strings.HasSuffix(got, body+"<EOF>") {
					t.Fatalf("answered %q", got)
				}
				r := p.exchange(t).Record
				for name, b := range map[string]proxy.Body{"request": r.Request.Body, "answer": r.Answer.Body} {
					if string(b.Data) != body[:c.kept] || b.Size != 2000 || b.Whole != (c.kept == 2000) {
						t.Errorf("%s: kept %d bytes of %d, whole %v", name, len(b.Data), b.Size, b.Whole)
					}
				}
			}
		})
	}
}

func TestRecordShowsWhatRuns(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		<-release
		c.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	begun := make(chan proxy.Exchange, 1)
	p := serve(t, u.url(), keeping(100, 1000, begun))
	c := dial(t, p.addr)
	c.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
	select {
	case x := <-begun:
		if x.Target != "/slow" || x.Status != 0 {
			t.Errorf("began as %+v", x)
		}
	case <-time.After(patience):
		t.Error("nothing was said to begin")
	}
	close(release)
	c.head()
	if x := p.exchange(t); x.Status != 200 {
		t.Errorf("ended as %+v", x)
	}
}

func TestRecordOfAWebSocketOnlyCounts(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) { c.head(); c.send(upgraded + "down"); c.until("upup") })
	p := serve(t, u.url(), keeping(100, 1000, nil))
	c := dial(t, p.addr)
	c.send(upgrade + "upup")
	c.rest()
	_ = c.Close()
	x := p.exchange(t)
	if x.BytesIn != 4 || x.BytesOut != 4 || x.Record.Request.Body.Size != 0 || x.Record.Answer.Body.Size != 0 {
		t.Errorf("recorded %+v of %+v", x.Record, x)
	}
	if want := "HTTP/1.1 101 Switching Protocols"; x.Record.Answer.Line != want || x.Record.Upstream.Line != want {
		t.Errorf("recorded %q and %q", x.Record.Upstream.Line, x.Record.Answer.Line)
	}
}

func TestNoRecordWhereNoneIsAskedFor(t *testing.T) {
	t.Parallel()
	p := serve(t, newUpstream(t, answer("HTTP/1.1 204 No Content\r\n\r\n")).url())
	c := dial(t, p.addr)
	c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	c.head()
	if x := p.exchange(t); x.Record != nil {
		t.Errorf("recorded %+v", x.Record)
	}
}

// BenchmarkRecord compares exchanges that are recorded with those that are not.
func BenchmarkRecord(b *testing.B) {
	const response = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
	u := newUpstream(b, func(c *wire) {
		_ = c.SetDeadline(time.Time{})
		for {
			if c.head() == "" {
				return
			}
			c.send(response + strings.Repeat("x", 1000))
		}
	})
	took := map[string]time.Duration{}
	for _, mode := range []string{"off", "on"} {
		b.Run(mode, func(b *testing.B) {
			took[mode] = benchmarkExchanges(b, u.url(), mode == "on")
			if mode == "on" && took["off"] > 0 {
				b.ReportMetric(float64(took["on"])/float64(took["off"]), "on/off")
			}
		})
	}
}

// benchmarkExchanges returns the time that one exchange took.
func benchmarkExchanges(b *testing.B, u *url.URL, records bool) time.Duration {
	p := serve(b, u, func(c *proxy.Config) {
		c.Observe = func(*proxy.Exchange) {}
		if records {
			keeping(64<<10, 64<<20, nil)(c)
		}
	})
	c := dial(b, p.addr)
	_ = c.SetDeadline(time.Time{})
	b.ReportAllocs()
	for b.Loop() {
		c.send("GET /items/1 HTTP/1.1\r\nHost: h\r\nOrigin: http://localhost:5173\r\nAccept: */*\r\n\r\n")
		c.head()
		c.until("xx")
		_, _ = c.br.Discard(998)
	}
	return b.Elapsed() / time.Duration(b.N)
}
