//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
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

// click clicks the button with a label.
func (in *inspector) click(label string) {
	in.t.Helper()
	clicked := evaluate[bool](in.page, `(label => {
		const button = [...document.querySelectorAll("button")].find(b => b.textContent === label && !b.disabled && b.offsetParent);
		button?.click();
		return Boolean(button);
	})`+arguments(in.t, label))
	if !clicked {
		in.t.Fatalf("there is no button %q", label)
	}
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

func TestInspector(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-release
		case "/good":
			w.Header().Set("Access-Control-Allow-Origin", "*")
		case "/nowhere":
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintln(w, `{"message":"Missing Authentication Token"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true}`)
	}))
	t.Cleanup(upstream.Close)
	address := freeAddress(t)
	proxy := startProxy(t, upstream.URL, "--inspect", address, "--sam-route", "GET /good", "--max-age", "0s")
	in := openInspector(t, address)
	frontend := openPage(t)

	// A function that runs is shown while it runs.
	in.wait(`document.getElementById("empty").textContent.startsWith("Nothing yet")`)
	slow := make(chan struct{})
	go func() {
		defer close(slow)
		if resp, err := http.Get(proxy.url + "/slow"); err == nil {
			_ = resp.Body.Close()
		}
	}()
	in.wait(`document.querySelector("#rows .status.pending")`)
	close(release)
	<-slow
	in.wait(`document.querySelector("#rows .status")?.textContent === "200"`)

	// What a page does is shown, with the preflight and the verdict.
	frontend.readable(frontend.fetch(proxy.url+"/good?access_token=s3cr3t", object{"headers": object{"Authorization": "Bearer s3cr3t"}}), 200)
	frontend.blocked(frontend.fetch(proxy.url+"/bad", nil))
	frontend.readable(frontend.fetch(proxy.url+"/nowhere", nil), 404)
	in.wait(rowCount + ` === 5`)
	want := []string{"GET /nowhere 404 readable", "GET /bad 200 blocked", "GET /good?access_token=REDACTED 200 readable", "OPTIONS /good?access_token=REDACTED 200 allowed", "GET /slow 200"}
	if got := in.rows(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the list is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	t.Run("keys", func(t *testing.T) { in.t = t; testInspectorKeys(t, in) })
	t.Run("filter", func(t *testing.T) { in.t = t; testInspectorFilter(t, in) })
	t.Run("detail", func(t *testing.T) { in.t = t; testInspectorDetail(t, in) })
	t.Run("views", func(t *testing.T) { in.t = t; testInspectorViews(t, in, proxy) })
	t.Run("narrow", func(t *testing.T) { in.t = t; testInspectorNarrow(t, in) })
}

func testInspectorKeys(t *testing.T, in *inspector) {
	in.press("jj")
	in.wait(`document.activeElement.textContent === "/bad"`)
	in.press("k")
	in.wait(`document.activeElement.textContent === "/nowhere"`)
	in.press("j" + kb.Enter)
	in.wait(`document.activeElement.matches("#detail h2") && document.activeElement.textContent.includes("/bad")`)
	in.press("k")
	in.wait(detailText + `.includes("/nowhere")`)
	in.press(kb.Escape)
	in.wait(`document.getElementById("detail").hidden && document.activeElement.textContent === "/nowhere"`)
	in.press("?")
	in.wait(`document.getElementById("keys").open`)
	in.press(kb.Escape)
	in.wait(`!document.getElementById("keys").open`)
	in.press("/bad")
	in.wait(`document.activeElement.id === "text" && ` + rowCount + ` === 1`)
	in.press(kb.Escape)
	in.wait(rowCount + ` === 5`)
	in.press("b")
	in.wait(rowCount + ` === 1`)
	in.press("b")
	in.wait(rowCount + ` === 5`)
}

func testInspectorFilter(t *testing.T, in *inspector) {
	for _, c := range []struct {
		text string
		rows int
	}{
		{"options", 1},
		{"CP3001", 1},
		{"missingalloworiginheader get", 1},
		{"route-not-found", 1},
		{"nothing like it", 0},
		{"", 5}, // as it was
	} {
		evaluate[bool](in.page, `(text => {
			const input = document.getElementById("text");
			input.value = text;
			return input.dispatchEvent(new Event("input"));
		})`+arguments(t, c.text))
		in.wait(fmt.Sprintf("%s === %d", rowCount, c.rows))
	}
}

// openRow opens the first row whose target begins so.
func (in *inspector) openRow(method, target string) {
	in.t.Helper()
	opened := evaluate[bool](in.page, `((method, target) => {
		const row = [...document.querySelectorAll("#rows tr")].find(r =>
			r.querySelector(".c-method").textContent === method && r.querySelector(".c-path a").textContent.startsWith(target));
		row?.querySelector("a").click();
		return Boolean(row);
	})`+arguments(in.t, method, target))
	if !opened {
		in.t.Fatalf("there is no row %s %s", method, target)
	}
	in.wait(fmt.Sprintf("%s.includes(%q)", detailText, target))
}

func testInspectorDetail(t *testing.T, in *inspector) {
	in.openRow("GET", "/good")
	for _, want := range []string{"Bearer REDACTED", "access_token=REDACTED", "Preflight and actual request", "Does Access-Control-Allow-Origin allow the origin?", "Readable: the script gets the answer", "Reveal secrets"} {
		in.wait(fmt.Sprintf("%s.toLowerCase().includes(%q)", detailText, strings.ToLower(want)))
	}
	if strings.Contains(evaluate[string](in.page, "document.documentElement.outerHTML"), "s3cr3t") {
		t.Error("a secret is in the page, and nobody has asked for it")
	}
	in.click("Reveal secrets")
	in.wait(detailText + `.includes("Bearer s3cr3t")`)
	in.click("Hide secrets")
	in.wait(`!` + detailText + `.includes("s3cr3t")`)

	evaluate[bool](in.page, `(() => {
		const original = URL.createObjectURL;
		URL.createObjectURL = blob => { window.saved = blob.text(); return original.call(URL, blob); };
		return true;
	})()`)
	in.click("Export HAR")
	in.wait(`window.saved`)
	var har struct {
		Log struct {
			Version string
			Entries []struct{ Request struct{ Method, URL string } }
		}
	}
	if err := json.Unmarshal([]byte(evaluate[string](in.page, `window.saved`)), &har); err != nil || har.Log.Version != "1.2" || len(har.Log.Entries) == 0 {
		t.Errorf("exported %+v, %v", har, err)
	}

	in.click("Replay")
	in.wait(rowCount + ` === 6`)
	in.wait(`document.querySelector("#rows tr").textContent.includes("replay")`)
	in.wait(`document.querySelector("#rows tr .status").textContent === "200"`)

	in.openRow("GET", "/bad")
	for _, want := range []string{"Blocked by the browser", "Chrome: MissingAllowOriginHeader", "Firefox: CORSMissingAllowOrigin", "--path-as-is"} {
		in.wait(fmt.Sprintf("%s.includes(%q)", detailText, want))
	}
	in.openRow("GET", "/nowhere")
	for _, want := range []string{"CP3001 route-not-found", "GET /good", `"message": "Missing Authentication Token"`} {
		in.wait(fmt.Sprintf("%s.includes(%q)", detailText, want))
	}
}

func testInspectorViews(t *testing.T, in *inspector, proxy *proxy) {
	in.press("2")
	in.wait(`document.querySelector("#matrix tbody th")?.textContent === "GET /good"`)
	in.wait(`document.querySelector("#matrix .tag.good")?.textContent === "allowed, 200"`)
	in.press("3")
	in.wait(`[...document.querySelectorAll("#settings tr")].some(r => r.textContent.includes("cors.max_age") && r.textContent.includes("--max-age"))`)
	in.press("1")
	in.click("Clear")
	in.wait(rowCount + ` === 0`)
	in.press(kb.Escape)
	if resp, err := http.Get(proxy.url + "/good"); err != nil {
		t.Error(err)
	} else {
		_ = resp.Body.Close()
	}
	in.wait(rowCount + ` === 1`)
}

func testInspectorNarrow(t *testing.T, in *inspector) {
	if err := chromedp.Do(in.ctx, chromedp.EmulateViewport(390, 800)); err != nil {
		t.Fatal(err)
	}
	const fits = `document.documentElement.scrollWidth <= 390`
	in.wait(fits)
	in.openRow("GET", "/good")
	in.wait(fits + ` && !document.getElementById("list").offsetParent && document.getElementById("detail").offsetParent`)
	in.press("2")
	in.wait(fits)
	in.press("3")
	in.wait(fits)
}

// hostile is what must stay text wherever it stands.
const hostile = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`

func TestInspectorShowsHostileTextAsText(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Hostile", hostile)
		w.Header().Set("Access-Control-Allow-Origin", hostile)
		fmt.Fprint(w, "<!DOCTYPE html>"+hostile)
	}))
	t.Cleanup(upstream.Close)
	address := freeAddress(t)
	proxy := startProxy(t, upstream.URL, "--inspect", address)
	in := openInspector(t, address)
	compact := strings.ReplaceAll(hostile, " ", "/")
	for _, request := range []string{
		"GET /" + compact + "?q=" + compact + " HTTP/1.1\nHost: h\nOrigin: " + hostile + "\nX-Hostile: " + hostile + "\nConnection: close\n\n",
		fmt.Sprintf("POST /json HTTP/1.1\nHost: h\nContent-Type: application/json\nConnection: close\nContent-Length: %d\n\n%s", len(hostile), hostile),
		"OPTIONS /preflight HTTP/1.1\nHost: h\nOrigin: " + hostile + "\nAccess-Control-Request-Method: " + hostile + "\nConnection: close\n\n",
		"GET " + hostile + " HTTP/1.1\nHost: h\n\n",
	} {
		send(t, proxy.address, request)
	}
	in.wait(rowCount + ` === 4`)
	for i := range 4 {
		evaluate[bool](in.page, fmt.Sprintf(`(document.querySelectorAll("#rows a")[%d].click(), true)`, i))
		in.wait(fmt.Sprintf(`%s.includes("id " + document.querySelectorAll("#rows tr")[%d].dataset.id)`, detailText, i))
		if n := evaluate[int](in.page, `document.querySelectorAll("main img, main script, main iframe").length`); n != 0 {
			t.Errorf("row %d became %d elements", i, n)
		}
		// Of a request that could not be read there is nothing to show.
		if i > 0 && !strings.Contains(evaluate[string](in.page, detailText), "onerror=") {
			t.Errorf("row %d does not show what was sent", i)
		}
	}
	if evaluate[bool](in.page, `"pwned" in window`) {
		t.Error("a script has run")
	}
}

func TestInspectorIsClosedToOtherSites(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "ok") }))
	t.Cleanup(upstream.Close)
	address := freeAddress(t)
	proxy := startProxy(t, upstream.URL, "--inspect", address)
	in := openInspector(t, address)
	if resp, err := http.Get(proxy.url + "/kept"); err != nil {
		t.Fatal(err)
	} else {
		_ = resp.Body.Close()
	}
	in.wait(rowCount + ` === 1`)
	token := evaluate[string](in.page, `document.querySelector('meta[name="corsproxy-token"]').content`)
	evil := openPage(t)
	base := "http://" + address
	for _, path := range []string{"/", "/metrics", "/healthz", "/api/exchanges", "/static/app.js"} {
		if f := evil.fetch(base+path, nil); f.Error == "" {
			t.Errorf("another site may read %s: %+v", path, f)
		}
	}
	// Not even one that knows the token.
	for _, init := range []object{{"method": "POST", "headers": object{"X-Corsproxy-Inspector": token}}, {"method": "POST", "mode": "no-cors"}, {"method": "POST", "mode": "no-cors", "credentials": "include"}} {
		evil.fetch(base+"/api/clear", init)
	}
	loads := evaluate[[]string](evil, `((base) => Promise.all([["script", "/static/app.js"], ["img", "/static/icon.svg"]].map(([tag, path]) => new Promise(resolve => {
		const node = document.createElement(tag);
		node.onload = () => resolve(tag);
		node.onerror = () => resolve("");
		node.src = base + path;
		document.head.append(node);
	}))).then(all => all.filter(Boolean)))`+arguments(t, base))
	if len(loads) > 0 {
		t.Errorf("another site may load %q", loads)
	}
	framed := evaluate[bool](evil, `((base) => new Promise(resolve => {
		const frame = document.createElement("iframe");
		frame.onload = () => { try { resolve(frame.contentDocument === null ? false : frame.contentDocument.body.innerText !== ""); } catch { resolve(false); } };
		frame.src = base + "/";
		document.body.append(frame);
	}))`+arguments(t, base))
	if framed {
		t.Error("another site may frame the page")
	}
	// A name that was rebound to this address.
	rebound, err := http.NewRequest(http.MethodGet, base+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	rebound.Host = "evil.test"
	resp, err := http.DefaultClient.Do(rebound)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("a rebound name is answered with %d", resp.StatusCode)
	}
	in.wait(rowCount + ` === 1`)
	if got := in.rows(); len(got) != 1 || got[0] != "GET /kept 200" {
		t.Errorf("afterwards the list is %q", got)
	}
}
