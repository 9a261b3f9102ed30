//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/corsproxy/corsproxy/internal/browser"
)

// batch is how many exchanges a page has under way, or has just ended, before
// the events of all of them are waited for.
const batch = 200

// readable is the outcome of an exchange that the script could read.
const readable = "readable"

// TestProxyVerdicts has Chromium make the exchanges of one hop through
// corsproxy, and compares what DevTools reports of each with what corsproxy
// logs.
func TestProxyVerdicts(t *testing.T) {
	s := newStage(t)
	for _, x := range matrix() {
		if x.to == "S" && len(x.visits) == 1 && !x.redirects() && !x.cut() {
			s.script = append(s.script, x)
		}
	}
	proxy := startProxy(t, s.origins["S"], "--cors-source", "upstream", "--log-format", "json")
	s.origins["S"] = proxy.url
	outcomes := s.play(t)
	proxy.said(`"path":"` + path(len(s.script)-1, 0) + `"`)
	logged := make([]string, len(s.script))
	for line := range strings.Lines(proxy.out.String()) {
		var entry struct{ Path, Blocked, BlockedWithCredentials string }
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue
		}
		if i, _, ok := place(entry.Path); ok {
			name := entry.Blocked
			if s.script[i].credentials {
				name = cmp.Or(entry.BlockedWithCredentials, name)
			}
			logged[i] = cmp.Or(logged[i], name)
		}
	}
	agree := 0
	for i, x := range s.script {
		if got := cmp.Or(logged[i], readable); got != outcomes[i] {
			t.Errorf("%d %s\n  Chromium:  %s\n  corsproxy: %s\n  %s %v credentials %t %+v", i, x.name, outcomes[i], got, x.method, x.header, x.credentials, x.visits)
			continue
		}
		agree++
	}
	t.Logf("%d of %d exchanges agree", agree, len(s.script))
}

// redirects reports whether the exchange may leave for another URL.
func (x *scripted) redirects() bool {
	return slices.ContainsFunc(x.visits[0].actual.lines, func(l string) bool { return strings.HasPrefix(l, "Location:") })
}

// cut reports whether the server ends a connection without an answer.
func (x *scripted) cut() bool {
	return x.visits[0].actual.status == 0 || x.visits[0].preflight.status == 0 && x.method == "PUT"
}

// TestVerdicts has Chromium make the exchanges of the matrix, and compares what
// DevTools reports of each, and what the servers saw, with internal/browser.
func TestVerdicts(t *testing.T) {
	s := newStage(t)
	s.script = matrix()
	outcomes := s.play(t)
	agree := 0
	names := map[string]int{}
	for i, x := range s.script {
		want, requests := s.expect(x, i)
		names[want]++
		if outcomes[i] == want && slices.Equal(x.seen, requests) {
			agree++
			continue
		}
		t.Errorf("%d %s\n  Chromium: %s\n  browser:  %s\n  seen:     %q\n  expected: %q\n  %s %s %v credentials %t %+v",
			i, x.name, outcomes[i], want, x.seen, requests, x.to, x.method, x.header, x.credentials, x.visits)
	}
	t.Logf("%d of %d exchanges agree", agree, len(s.script))
	for _, name := range slices.Sorted(mapKeys(names)) {
		t.Logf("%5d %s", names[name], name)
	}
	if len(s.script) < 300 {
		t.Errorf("the matrix has only %d exchanges", len(s.script))
	}
}

func mapKeys[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// expect returns what internal/browser says of an exchange: its outcome and the
// requests that the servers see.
func (s *stage) expect(x *scripted, i int) (outcome string, requests []string) {
	target, err := url.Parse(s.origins[x.to] + path(i, 0))
	if err != nil {
		return err.Error(), nil
	}
	r := browser.Request{Origin: s.origins["P"], URL: target, Method: x.method, Header: http.Header{}, Credentials: x.credentials}
	for _, f := range x.header {
		r.Header[f[0]] = append(r.Header[f[0]], f[1])
	}
	for f := browser.Start(r); ; {
		_, hop, ok := place(f.URL().Path)
		switch {
		case f.URL().Hostname() != "127.0.0.1":
			return "net::ERR_NAME_NOT_RESOLVED", requests // no name is, see browserContext
		case !ok:
			return "left the stage for " + f.URL().String(), requests
		}
		v := visit{actual: reply{200, []string{"Access-Control-Allow-Origin: *"}}}
		if hop < len(x.visits) {
			v = x.visits[hop]
		}
		if f.NeedsPreflight() {
			p := f.Preflight()
			requests = append(requests, asked(f.URL().Path, p.Origin, p.Method, p.RequestHeaders()))
			if v.preflight.status == 0 {
				return "net::ERR_EMPTY_RESPONSE", requests
			}
			if verdict := p.Check(v.preflight.status, s.header(v.preflight, i, hop)); !verdict.Allowed {
				return verdict.Name(), requests
			}
		}
		requests = append(requests, sent(f.URL().Path, f.Header().Get("Origin"), f.Method(), ownNames(f.Header())))
		if v.actual.status == 0 {
			return "net::ERR_EMPTY_RESPONSE", requests
		}
		verdict, follow := f.Receive(v.actual.status, s.header(v.actual, i, hop))
		if !verdict.Allowed {
			return verdict.Name(), requests
		}
		if !follow {
			return readable, requests
		}
	}
}

func ownNames(h http.Header) []string {
	var own []string
	for name := range h {
		key := textproto.CanonicalMIMEHeaderKey(name)
		if strings.HasPrefix(key, "X-") || key == "Authorization" || key == "Content-Type" {
			own = append(own, strings.ToLower(name))
		}
	}
	slices.Sort(own)
	return own
}

// matrixScript makes three requests at a time. A redirect that is preflighted
// keeps its connection while the preflight waits for one, and Chromium has six
// for a host: more requests would wait for each other.
const matrixScript = `(async (calls) => {
  const results = [];
  const one = async ({url, init, n}) => {
    try {
      const response = await fetch(url, {...init, signal: AbortSignal.timeout(30000)});
      await response.text();
      results[n] = 'readable';
    } catch (error) {
      results[n] = String(error);
    }
  };
  const waiting = calls.map((c, n) => ({...c, n}));
  await Promise.all(Array.from({length: 3}, async () => {
    while (waiting.length) await one(waiting.shift());
  }));
  return results;
})`

// networkChanged is how Chromium ends a request when a network interface comes or goes,
// as one does with each container of this machine.
const networkChanged = "net::ERR_NETWORK_CHANGED"

// play has the page make all exchanges, and returns how each ended. One that the
// network ended is made again.
func (s *stage) play(t *testing.T) []string {
	t.Helper()
	w := &watcher{request: map[network.RequestID]int{}, failed: map[int]string{}}
	ctx := w.open(t, s.origins["P"]+"/")
	outcomes := make([]string, len(s.script))
	all := make([]int, len(s.script))
	for i := range all {
		all[i] = i
	}
	for len(all) > 0 {
		now := all[:min(batch, len(all))]
		all = all[len(now):]
		for k, result := range s.calls(ctx, t, now) {
			n := now[k]
			switch {
			case strings.HasPrefix(result, "TimeoutError"):
				result = "no outcome after 30 seconds"
			case result != readable:
				result = w.why(n)
			}
			if outcomes[n] = result; result == networkChanged {
				t.Logf("exchange %d is made again: %s", n, result)
				all = append(all, n)
				w.forget(n)
				s.script[n].forget()
			}
		}
		t.Logf("%d exchanges", len(s.script)-len(all))
	}
	return outcomes
}

// calls has the page make the exchanges of these numbers.
func (s *stage) calls(ctx context.Context, t *testing.T, numbers []int) []string {
	t.Helper()
	var calls []object
	for _, n := range numbers {
		x := s.script[n]
		init := object{"method": x.method, "headers": x.header, "cache": "no-store", "mode": "cors"}
		if x.header == nil {
			delete(init, "headers")
		}
		if x.credentials {
			init["credentials"] = "include"
		}
		calls = append(calls, object{"url": s.origins[x.to] + path(n, 0), "init": init})
	}
	results, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](matrixScript+arguments(t, calls), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// A watcher keeps what DevTools reports of failed requests.
type watcher struct {
	mu      sync.Mutex
	request map[network.RequestID]int
	failed  map[int]string
}

// open opens a page that the watcher watches.
func (w *watcher) open(t *testing.T, target string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(browserContext(t), 10*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, w.event)
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate(target))
	}
	if err != nil {
		t.Fatalf("open %s in Chromium: %v", target, err)
	}
	return ctx
}

func (w *watcher) event(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || e.Type == network.ResourceTypePreflight {
			return
		}
		if n, _, ok := place(u.Path); ok && e.RedirectResponse == nil {
			w.request[e.RequestID] = n
		}
	case *network.EventLoadingFailed:
		n, ok := w.request[e.RequestID]
		if !ok || e.Type == network.ResourceTypePreflight {
			return
		}
		w.failed[n] = e.ErrorText
		if e.CorsErrorStatus != nil {
			w.failed[n] = string(e.CorsErrorStatus.CorsError)
		}
	}
}

func (w *watcher) forget(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.failed, n)
}

// why returns the name that DevTools reports for a failed exchange.
func (w *watcher) why(n int) string {
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		w.mu.Lock()
		name := w.failed[n]
		w.mu.Unlock()
		if name != "" {
			return name
		}
	}
	return fmt.Sprintf("DevTools did not report exchange %d in time", n)
}
