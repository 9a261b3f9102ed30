//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// One Chromium serves all tests; each page has a profile of its own in it.
var (
	startBrowser sync.Once
	chromium     context.Context
	closeBrowser = func() {}
)

func browserContext(t *testing.T) context.Context {
	t.Helper()
	path := tool(t, "chromium", "chromium-browser", "google-chrome")
	startBrowser.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.UserDataDir(filepath.Join(scratch, "chromium")),
			chromedp.NoSandbox, // root has none
			chromedp.DisableGPU,
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-quic", true),
			// Whatever the browser itself would like to look up stays here.
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
			chromedp.Flag("no-proxy-server", true),
			// A sandboxed frame in a process of its own would be a target of
			// its own, whose events the page's listener does not get.
			chromedp.Flag("disable-features", "IsolateSandboxedIframes,Translate"),
			chromedp.WSURLReadTimeout(patience),
		)
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, _ := chromedp.NewContext(allocator)
		if err := chromedp.Do(ctx); err != nil {
			// Each test then says that its page did not open.
			fmt.Fprintln(os.Stderr, "e2e: start Chromium:", err)
		}
		chromium = ctx
		closeBrowser = func() {
			// It writes to its folder until it has ended.
			ctx, done := context.WithTimeout(ctx, patience)
			defer done()
			if err := chromedp.Cancel(ctx); err != nil {
				fmt.Fprintln(os.Stderr, "e2e: close Chromium:", err)
			}
			stop()
		}
	})
	return chromium
}

// A page is open in the browser, at an origin of its own.
type page struct {
	t      *testing.T
	ctx    context.Context
	origin string
	failed chan network.CorsErrorStatus // requests that CORS blocked, as they fail
}

// openPage opens an empty page.
func openPage(t *testing.T) *page {
	return openPageWith(t, "/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!DOCTYPE html><title>page</title><link rel=icon href='data:,'>")
	}))
}

// openPageWith serves an origin of its own and opens target there.
func openPageWith(t *testing.T, target string, h http.Handler) *page {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return openURL(t, server.URL, target)
}

func openURL(t *testing.T, origin, target string) *page {
	t.Helper()
	ctx, cancel := context.WithTimeout(browserContext(t), 2*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &page{t, ctx, origin, make(chan network.CorsErrorStatus, 100)}
	err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*network.EventLoadingFailed); ok && e.CorsErrorStatus != nil {
			p.failed <- *e.CorsErrorStatus
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, network.Enable, network.EnableParams{})
	}
	if err == nil {
		err = chromedp.Do(ctx, chromedp.Navigate(origin+target))
	}
	if err != nil {
		t.Fatalf("open %s%s in Chromium: %v", origin, target, err)
	}
	return p
}

// evaluate runs an expression in a page, waits where it is a promise, and
// returns its value.
func evaluate[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("in Chromium: %v\n%s", err, expression)
	}
	return value
}

// fetched is what a script learns from fetch.
type fetched struct {
	Error  string            `json:"error"` // why it was rejected
	Status int               `json:"status"`
	Header map[string]string `json:"header"` // what CORS lets it read; names in lower case
	Body   string            `json:"body"`
}

// object is a JavaScript object.
type object map[string]any

const fetchScript = `(async (url, init) => {
  try {
    const response = await fetch(url, init);
    return {status: response.status, header: Object.fromEntries(response.headers), body: await response.text()};
  } catch (error) {
    return {error: String(error)};
  }
})`

// fetch calls fetch in the page.
func (p *page) fetch(url string, init object) fetched {
	p.t.Helper()
	return evaluate[fetched](p, fetchScript+arguments(p.t, url, init))
}

// arguments writes values as the arguments of a call.
func arguments(t *testing.T, values ...any) string {
	t.Helper()
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

// blocked requires that the browser refused to show the answer to a script, and
// returns its reason.
func (p *page) blocked(f fetched) network.CorsErrorStatus {
	p.t.Helper()
	if f.Error == "" {
		p.t.Fatalf("the browser let the script read the answer: %+v", f)
	}
	select {
	case status := <-p.failed:
		return status
	case <-time.After(patience):
		p.t.Fatalf("the fetch failed with %q, and not because of CORS", f.Error)
		return network.CorsErrorStatus{}
	}
}

// readable requires that the browser let the script read the answer.
func (p *page) readable(f fetched, status int) {
	p.t.Helper()
	if f.Error != "" {
		select {
		case why := <-p.failed:
			p.t.Fatalf("the browser blocked the fetch: %s %s", why.CorsError, why.FailedParameter)
		case <-time.After(time.Second):
			p.t.Fatalf("the fetch failed: %s", f.Error)
		}
	}
	if f.Status != status {
		p.t.Fatalf("status %d, want %d; body: %s", f.Status, status, f.Body)
	}
}

// problem requires that the script could read an error that corsproxy made.
func (p *page) problem(f fetched, status int) problem {
	p.t.Helper()
	p.readable(f, status)
	if got := f.Header["content-type"]; got != "application/problem+json" {
		p.t.Errorf("Content-Type %q, want application/problem+json", got)
	}
	return parseProblem(p.t, f.Body)
}
