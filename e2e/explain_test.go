//go:build e2e

package e2e

import (
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// blocking returns an exchange for each thing that Chromium has words for.
func blocking() []*scripted {
	asked := func(lines ...string) []visit { return []visit{{preflight: reply{200, lines}}} }
	plain := func(lines ...string) []visit { return []visit{{actual: reply{200, lines}}} }
	redirected := func(lines ...string) []visit { return []visit{{actual: reply{302, lines}}, {}} }
	all := []*scripted{
		{method: "GET", visits: plain()},
		{method: "GET", visits: plain(acao("*")), credentials: true},
		{method: "GET", visits: plain(acao("{P}, {S}"))},
		{method: "GET", visits: plain(acao("localhost"))},
		{method: "GET", visits: plain(acao(""))},
		{method: "GET", visits: plain(acao("{S}"))},
		{method: "GET", visits: plain(acao("{P}")), credentials: true},
		{method: "PUT", visits: asked()},
		{method: "PUT", visits: asked(acao("*")), credentials: true},
		{method: "PUT", visits: asked(acao("*,*"))},
		{method: "PUT", visits: asked(acao("'*'"))},
		{method: "PUT", visits: asked(acao("{S}"))},
		{method: "PUT", visits: asked(acao("{P}"), acac("True")), credentials: true},
		{method: "PUT", visits: []visit{{preflight: reply{403, open()}}}},
		{method: "PUT", visits: []visit{{preflight: reply{308, open("Location: {next}")}}}},
		{method: "PUT", visits: asked(acao("*"), acam("PUT POST"))},
		{method: "PUT", visits: asked(acao("*"), acam("PUT"), acah(`"x-a"`))},
		{method: "PUT", visits: asked(acao("*"), acam("GET"))},
		{method: "patch", visits: asked(acao("*"), acam("PATCH"))},
		{method: "GET", header: xa, visits: asked(acao("*"), acah("x-b"))},
		{method: "GET", visits: redirected(acao("*"), "Location: http://u:p@{S-host}{next}")},
		{method: "GET", visits: redirected(acao("*"), "Location: ftp://localhost/")},
		{method: "GET", visits: redirected("Location: {next}")},
		{method: "GET", visits: []visit{{actual: reply{302, []string{acao("*"), "Location: {O}{next}"}}}, {actual: reply{200, nil}}}},
	}
	for _, x := range all {
		x.to = "S"
	}
	return all
}

// TestExplain has Chromium block requests, and `corsproxy explain` read what
// its console then says: the name has to be that which DevTools reports.
func TestExplain(t *testing.T) {
	s := newStage(t)
	s.script = blocking()
	w := &watcher{request: map[network.RequestID]int{}, failed: map[int]string{}}
	ctx := w.open(t, s.origins["P"]+"/")
	c := &consoleTexts{came: make(chan struct{}, 1000)}
	if err := chromedp.Listen(ctx, c.event); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	for i, x := range s.script {
		init := object{"method": x.method, "cache": "no-store"}
		if x.header != nil {
			init["headers"] = x.header
		}
		if x.credentials {
			init["credentials"] = "include"
		}
		call := []object{{"url": s.origins["S"] + path(i, 0), "init": init}}
		results, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](headScript+arguments(t, call), chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		if results[0] == readable {
			t.Errorf("%d %+v is readable", i, x.visits)
			continue
		}
		want, text := w.why(i), c.text(path(i, 0))
		if text == "" {
			t.Errorf("%d: the console says nothing of %s", i, want)
			continue
		}
		got := explain(t, text)
		if got.Chrome != want || got.Origin != s.origins["P"] && got.Origin != "null" || !strings.Contains(got.URL, "://") {
			t.Errorf("%s\n  DevTools: %s\n  explain:  %+v", text, want, got)
		}
	}
}

// consoleTexts keeps what the console says of CORS.
type consoleTexts struct {
	mu    sync.Mutex
	texts []string
	came  chan struct{}
}

func (c *consoleTexts) event(event any) {
	e, ok := event.(*log.EventEntryAdded)
	if !ok || !strings.Contains(e.Entry.Text, "CORS policy") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, e.Entry.Text)
	c.came <- struct{}{}
}

// text returns the text with a path in it, once it is there.
func (c *consoleTexts) text(path string) string {
	for deadline := time.After(patience); ; {
		c.mu.Lock()
		for _, text := range c.texts {
			if strings.Contains(text, path+"'") {
				c.mu.Unlock()
				return text
			}
		}
		c.mu.Unlock()
		select {
		case <-c.came:
		case <-deadline:
			return ""
		}
	}
}

type explained struct{ Chrome, URL, Origin, Topic string }

func explain(t *testing.T, text string) explained {
	t.Helper()
	out, err := exec.Command(corsproxy, "explain", "--output", "json", text).Output()
	var all struct{ Explanations []explained }
	if err == nil {
		err = json.Unmarshal(out, &all)
	}
	if err != nil || len(all.Explanations) != 1 {
		t.Errorf("%s: %v\n%s", text, err, out)
		return explained{}
	}
	return all.Explanations[0]
}
