package main

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/browser"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/transcript"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

// logOf returns what a logger writes of one exchange, without the time.
func logOf(x proxy.Exchange, format string) string {
	out := transcript.New()
	l := newLogger(world{stderr: out}, config.Log{Level: "debug", Format: format})
	l.exchange(&x)
	l.close()
	_, line, _ := strings.Cut(out.String(), "  ")
	if format == "json" {
		return out.String()
	}
	return line
}

func TestLine(t *testing.T) {
	t.Parallel()
	preflight := policy.Decision{Kind: policy.Preflight, Origin: "http://localhost:5173", Allowed: true}
	for name, c := range map[string]struct {
		exchange proxy.Exchange
		want     string
	}{
		"forwarded": {
			proxy.Exchange{Method: "POST", Target: "/scanRecords?a=b", Status: 200, UpstreamStatus: 200, Duration: 412 * time.Millisecond},
			"POST     200   412ms  /scanRecords\n",
		},
		"preflight": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 204, Answered: true, Decision: preflight, Duration: 94 * time.Microsecond},
			"OPTIONS  204   0.1ms  /a  preflight allowed http://localhost:5173\n",
		},
		"refused": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 403, Answered: true, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.OriginNotAllowed, Status: 403, Detail: "why"}},
			"OPTIONS  403   0.0ms  /a  CP1001 origin-not-allowed: why\n",
		},
		"a header field with a secret": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.OriginNotAllowed, Detail: `it is "https://u:s3cr3t@a.example/b?page=2&c=s3cr3t d", not "http://b"`}},
			"GET      200   0.0ms  /a  CP1001 origin-not-allowed: it is \"https://REDACTED@a.example/b?…\", not \"http://b\"\n",
		},
		"converted": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 404, UpstreamStatus: 403, Duration: time.Second, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.RouteNotFound, Status: 404, Detail: "why"}},
			"GET      404    1.0s  /a  403 → 404 CP3001 route-not-found: why\n",
		},
		"explained for the log alone": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 501, UpstreamStatus: 501, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.ContainerFailed, Status: 501, Detail: "why", Hints: []string{"check whether Docker runs:\ndocker info"}}},
			"GET      501   0.0ms  /a  CP4009 container-failed: why; check whether Docker runs: docker info\n",
		},
		"secrets of an origin": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a?token=s3cr3t", Status: 204, Answered: true, Decision: policy.Decision{Kind: policy.Preflight, Allowed: true, Origin: "https://u:s3cr3t@a.example/?b=s3cr3t\x1b"}},
			"OPTIONS  204   0.0ms  /a  preflight allowed https://REDACTED@a.example/?…\n",
		},
		"secrets of a hint": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 501, UpstreamStatus: 501, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.ContainerFailed, Status: 501, Detail: "why", Hints: []string{"see https://u:s3cr3t@a.example/\x1b"}}},
			"GET      501   0.0ms  /a  CP4009 container-failed: why; see https://REDACTED@a.example/\\x1b\n",
		},
		"a method that the policy refuses": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 200, Answered: true, Decision: policy.Decision{Kind: policy.Preflight}, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.MethodNotAllowed, Detail: "why", Hints: []string{"add: - PUT"}}},
			"OPTIONS  200   0.0ms  /a  CP1002 method-not-allowed: why; add: - PUT\n",
		},
		"an origin of this machine that the policy refuses": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 403, Answered: true, Decision: policy.Decision{Kind: policy.Preflight, Origin: "http://localhost:5174"}, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.OriginNotAllowed, Detail: "why", Hints: []string{"the port differs"}}},
			"OPTIONS  403   0.0ms  /a  CP1001 origin-not-allowed: why; the port differs\n",
		},
		"another origin that it refuses": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 403, Answered: true, Decision: policy.Decision{Kind: policy.Preflight, Origin: "https://evil.example"}, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.OriginNotAllowed, Detail: "why", Hints: []string{"allow it"}}},
			"OPTIONS  403   0.0ms  /a  CP1001 origin-not-allowed: why\n",
		},
		"refused as AWS does": {
			proxy.Exchange{Method: "OPTIONS", Target: "/a", Status: 204, Answered: true, Decision: policy.Decision{Kind: policy.Preflight}, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin, Detail: "why", Hints: []string{"to call here:\ncorsproxy --cors-source config"}}},
			"OPTIONS  204   0.0ms  /a  CP1202 deployed-origin-not-allowed: why; to call here: corsproxy --cors-source config\n",
		},
		"explained to the client, with the status kept": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 403, UpstreamStatus: 403, Replaced: true, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.Unexplained, Status: 403, Detail: "why", Hints: []string{"check"}}},
			"GET      403   0.0ms  /a  CP3000 unexplained: why\n",
		},
		"upstream refused": {
			proxy.Exchange{Method: "GET", Target: "/a", Status: 502, Duration: 75 * time.Second, Err: errors.New("dial"), Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.UpstreamRefused, Status: 502, Detail: "why"}},
			"GET      502   1m15s  /a  CP2001 upstream-refused: why\n",
		},
		"cut off without an answer": {
			proxy.Exchange{Method: "GET", Target: "/a", Err: errors.New("connection reset\nby peer")},
			"GET      ---   0.0ms  /a  connection reset\\nby peer\n",
		},
		"WebSocket": {
			proxy.Exchange{Method: "GET", Target: "/ws", Status: 101, Upgraded: true, BytesIn: 3, BytesOut: 40, Duration: 3 * time.Second},
			"GET      101    3.0s  /ws  WebSocket ended after 3 bytes in and 40 out\n",
		},
		"hostile": {
			proxy.Exchange{Method: "G\x1b[31mT", Target: "/\r\n12:00:00  GET 200\x9b\u202e\u2028é", Status: 200},
			"G\\x1b[31mT  200   0.0ms  /\\r\\n12:00:00  GET 200\\x9b\\u202e\\u2028é\n",
		},
		"endless": {
			proxy.Exchange{Method: "GET", Target: "/" + strings.Repeat("é", maxLogged), Status: 200},
			"GET      200   0.0ms  /" + strings.Repeat("é", (maxLogged-1)/2) + "…\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := logOf(c.exchange, "console"); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestJSONForgesNothing(t *testing.T) {
	t.Parallel()
	got := logOf(proxy.Exchange{
		Method: "GET\n{}", Target: "/\u009b31m\"", Host: "a\x00b", Origin: "\u202e", RemoteAddr: "\x7f",
		Err: errors.New("\x1b]0;title\a"),
	}, "json")
	if strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\x00\x07\x1b\x7f\u009b\u202e") {
		t.Errorf("got %q", got)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("/a\x1b[0m\n\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		for _, r := range got {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u202e' || r == '\ufeff' {
				t.Errorf("%q holds %q", got, r)
			}
		}
		if len(s) <= maxLogged && clean(got) != got && !strings.HasSuffix(clean(got), "…") {
			t.Errorf("%q is not stable: %q", got, clean(got))
		}
	})
}

func TestPalette(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		environ []string
		want    bool
	}{
		{nil, true},
		{[]string{"NO_COLOR="}, true},
		{[]string{"NO_COLOR=1"}, false},
		{[]string{"TERM=dumb"}, false},
	} {
		if got := wantsColour(c.environ); got != c.want {
			t.Errorf("wantsColour(%q) = %v", c.environ, got)
		}
	}
	if got := palette(true).status(404, "404"); got != "\x1b[33m404\x1b[0m" {
		t.Errorf("got %q", got)
	}
	if got := palette(false).status(404, "404"); got != "404" {
		t.Errorf("got %q", got)
	}
}

// TestSteps holds that what there is to do has a line of its own on a terminal,
// and that a note which says the same again is left out on a console.
func TestSteps(t *testing.T) {
	t.Parallel()
	const step = "the route's own, Web, allows it: --cors-source template"
	blocked := &diagnosis.Diagnosis{Code: diagnosis.MissingAllowOriginHeader, Detail: "no header; " + step, Step: step}
	same := &diagnosis.Diagnosis{Code: diagnosis.DeployedResponseReadable, Detail: "readable when deployed", Hints: []string{"to have it:\ncorsproxy --cors-source template"}}
	other := &diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin, Detail: "blocked when deployed", Hints: []string{"write:\nAllowOrigins: [a]"}}
	long := &diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin, Detail: "blocked when deployed", Hints: []string{"write:\nAllowOrigins: [" + strings.Repeat("a", maxStep) + "]"}}
	for name, c := range map[string]struct {
		exchange proxy.Exchange
		terminal bool
		want     string
	}{
		"a step":                  {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Diagnosis: blocked, Deployed: same}, false, "GET      200   0.0ms  /a  CP1103 missing-allow-origin-header: no header; " + step + "\n"},
		"a step, on a terminal":   {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Diagnosis: blocked, Deployed: same}, true, "GET      200   0.0ms  /a  CP1103 missing-allow-origin-header: no header\n          → " + step + "\n"},
		"a note":                  {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Deployed: other}, false, "GET      200   0.0ms  /a\nwarning: CP1202 deployed-origin-not-allowed: blocked when deployed; write: AllowOrigins: [a]\n"},
		"a note, on a terminal":   {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Deployed: other}, true, "GET      200   0.0ms  /a\nwarning: CP1202 deployed-origin-not-allowed: blocked when deployed\n          → write: AllowOrigins: [a]\n"},
		"a note that is news":     {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Deployed: same}, false, "GET      200   0.0ms  /a\nCP1209 deployed-response-readable: readable when deployed; to have it: corsproxy --cors-source template\n"},
		"a step that is too long": {proxy.Exchange{Method: "GET", Target: "/a", Status: 200, Deployed: long}, false, "GET      200   0.0ms  /a\nwarning: CP1202 deployed-origin-not-allowed: blocked when deployed; what to write is too long for this line; the inspector has it whole: --inspect 4040\n"},
		"what the client is told": {proxy.Exchange{Method: "GET", Target: "/a", Status: 404, UpstreamStatus: 403, Diagnosis: other}, true, "GET      404   0.0ms  /a  403 → 404 CP1202 deployed-origin-not-allowed: blocked when deployed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := transcript.New()
			l := newLogger(world{stderr: out}, config.Log{Level: "debug", Format: "console"})
			l.terminal = c.terminal
			l.exchange(&c.exchange)
			l.close()
			got := clock.ReplaceAllString(out.String(), "")
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestBlockedOnce holds that the console says in full what browsers block once
// for each route and reason, and JSON each time.
func TestBlockedOnce(t *testing.T) {
	t.Parallel()
	exchange := func(target, route, detail string) proxy.Exchange {
		d := &diagnosis.Diagnosis{Code: diagnosis.MissingAllowOriginHeader, Detail: detail, Routes: []diagnosis.Route{{Method: "GET", Path: route}}}
		return proxy.Exchange{Method: "GET", Target: target, Status: 200, Diagnosis: d, Verdict: &proxy.Verdict{Blocked: d}}
	}
	open := proxy.Exchange{Method: "GET", Target: "/open", Status: 200, Decision: policy.Decision{Kind: policy.Actual, Allowed: true},
		Verdict: &proxy.Verdict{Plain: browser.Verdict{Allowed: true}, Credentials: browser.Verdict{Chrome: "WildcardOriginNotAllowed"}}}
	all := []proxy.Exchange{
		exchange("/items/1", "/items/{id}", "no header"), exchange("/items/2", "/items/{id}", "no header"),
		exchange("/items/3", "/items/{id}", "two headers"), exchange("/a", "/a", "no header"), open, open,
	}
	asAWS := proxy.Exchange{Method: "OPTIONS", Target: "/aws", Status: 204, Answered: true, Decision: policy.Decision{Kind: policy.Preflight}, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin, Detail: "no"}}
	all = append(all, asAWS, asAWS)
	preflight := open
	preflight.Method, preflight.Target, preflight.Origin, preflight.Answered = "OPTIONS", "/open", "http://a.example", true
	preflight.Decision = policy.Decision{Kind: policy.Preflight, Allowed: true, Origin: preflight.Origin}
	own := open
	own.Target, own.Status, own.UpstreamStatus, own.Replaced = "/nowhere", 404, 403, true
	own.Diagnosis = &diagnosis.Diagnosis{Code: diagnosis.RouteNotFound, Status: 404, Detail: "no route"}
	cookies := own
	cookies.Target = "/cookies"
	cookies.Verdict = &proxy.Verdict{Included: true, Blocked: &diagnosis.Diagnosis{Code: diagnosis.WildcardOriginNotAllowed, Detail: "no"}}
	preflight.Decision.Method = "PUT"
	followed := open
	followed.Method, followed.Target, followed.Origin, followed.Decision.Method = "PUT", "/open?a=b", preflight.Origin, "PUT"
	all = append(all, preflight, preflight, followed, preflight, own, own, cookies)
	const want = "/items/1  CP1103 missing-allow-origin-header: no header\n" +
		"/items/2  CP1103 missing-allow-origin-header\n" +
		"/items/3  CP1103 missing-allow-origin-header: two headers\n" +
		"/a  CP1103 missing-allow-origin-header: no header\n" +
		"/open  readable, not with credentials\n" +
		"/open\n" +
		"/aws  CP1202 deployed-origin-not-allowed: no\n" +
		"/aws  CP1202 deployed-origin-not-allowed\n" +
		"/open  preflight allowed http://a.example, not with credentials\n" +
		"/open  preflight allowed http://a.example, not with credentials\n" +
		"/open  readable, not with credentials\n" +
		"/open  preflight allowed http://a.example\n" +
		"/nowhere  403 → 404 CP3001 route-not-found: no route; readable, not with credentials\n" +
		"/nowhere  403 → 404 CP3001 route-not-found: no route\n" +
		"/cookies  403 → 404 CP3001 route-not-found: no route; also CP1101 wildcard-origin-not-allowed: no\n"
	for format, want := range map[string]string{"console": want, "json": ""} {
		out := transcript.New()
		l := newLogger(world{stderr: out}, config.Log{Level: "debug", Format: format})
		for _, x := range all {
			l.exchange(&x)
		}
		l.close()
		got := regexp.MustCompile(`(?m)^.*0\.0ms  `).ReplaceAllString(out.String(), "")
		if format == "console" && got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if n := strings.Count(got, `"detail":"no header"`); format == "json" && n != 3 {
			t.Errorf("JSON says it %d times, want 3:\n%s", n, got)
		}
	}
}

var clock = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  `)

func TestPanicked(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"console", "json"} {
		out := transcript.New()
		l := newLogger(world{stderr: out}, config.Log{Level: "error", Format: format})
		l.panicked("index \x1b[2J out of range")
		l.close()
		for _, want := range []string{"please report it, with this: index ", "TestPanicked"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", format, want, out)
			}
		}
		if strings.Contains(out.String(), "\x1b[2J") {
			t.Errorf("%s writes a terminal sequence:\n%s", format, out)
		}
	}
}
