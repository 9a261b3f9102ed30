//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// An inspector is the inspector's page, open in the browser.
type inspector struct {
	*page
	mu         sync.Mutex
	complaints []string // of the browser: errors, warnings, violations of the policy
}

// openInspector opens the inspector of a proxy that was started with --inspect
// and address.
func openInspector(t *testing.T, address string) *inspector {
	t.Helper()
	// Nothing may be missed, so the listener is there before the page is.
	in := &inspector{page: openURL(t, "http://"+address, "/healthz")}
	err := chromedp.Listen(in.ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			in.complain("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
		case *runtime.EventExceptionThrown:
			in.complain("exception: %s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
		case *runtime.EventConsoleAPICalled:
			in.complain("console: %s", e.Type)
		}
	})
	if err == nil {
		_, err = chromedp.Call(in.ctx, log.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = chromedp.Call(in.ctx, runtime.Enable, cdp.Empty{})
	}
	if err == nil {
		err = chromedp.Do(in.ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate("http://"+address+"/"))
	}
	if err != nil {
		t.Fatal(err)
	}
	in.wait(`document.getElementById("state").textContent === "Live"`)
	t.Cleanup(func() {
		in.mu.Lock()
		defer in.mu.Unlock()
		if len(in.complaints) > 0 {
			t.Errorf("the browser complains:\n%s", strings.Join(in.complaints, "\n"))
		}
	})
	return in
}

func (in *inspector) complain(format string, args ...any) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.complaints = append(in.complaints, fmt.Sprintf(format, args...))
}

// wait waits until an expression is true.
func (in *inspector) wait(expression string) {
	in.t.Helper()
	eventually(in.t, func() error {
		if evaluate[bool](in.page, "Boolean("+expression+")") {
			return nil
		}
		return fmt.Errorf("in the inspector it is not so that %s; it shows\n%s", expression, evaluate[string](in.page, "document.body.innerText"))
	})
}

// press presses keys, one after the other.
func (in *inspector) press(keys string) {
	in.t.Helper()
	if err := chromedp.Do(in.ctx, chromedp.KeyEvent(keys)); err != nil {
		in.t.Fatal(err)
	}
}

// click clicks the button with a label, once it is there: a view comes with the
// next frame.
func (in *inspector) click(label string) {
	in.t.Helper()
	in.wait(`(label => {
		const button = [...document.querySelectorAll("button")].find(b => b.textContent === label && !b.disabled && b.offsetParent);
		button?.click();
		return Boolean(button);
	})` + arguments(in.t, label))
}

// rows returns the shown rows: method, target, status and what the browser does.
func (in *inspector) rows() []string {
	in.t.Helper()
	return evaluate[[]string](in.page, `[...document.querySelectorAll("#rows tr:not([hidden])")].map(row =>
		[".c-method", ".c-path a", ".c-status", ".c-verdict .tag"].map(s => row.querySelector(s)?.textContent ?? "").join(" ").trim())`)
}

const (
	detailText = `document.getElementById("detail").innerText`
	rowCount   = `document.querySelectorAll("#rows tr:not([hidden])").length`
)

// openRow opens the first row of a GET whose target begins so.
func (in *inspector) openRow(target string) {
	in.t.Helper()
	opened := evaluate[bool](in.page, `(target => {
		const row = [...document.querySelectorAll("#rows tr")].find(r =>
			r.querySelector(".method").textContent === "GET" && r.querySelector(".c-path a").textContent.startsWith(target));
		row?.querySelector("a").click();
		return Boolean(row);
	})`+arguments(in.t, target))
	if !opened {
		in.t.Fatalf("there is no row GET %s", target)
	}
	in.wait(fmt.Sprintf("%s.includes(%q)", detailText, target))
}
