//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/corsproxy/corsproxy/internal/loopback"
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
	address := loopback.Unused(t)
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
	want := []string{"GET /nowhere 404 readable", "GET /bad 200 blocked", "GET /good?access_token=REDACTED 200 readable, not with credentials", "OPTIONS for GET /good?access_token=REDACTED 200 allowed, not with credentials", "GET /slow 200"}
	if got := in.rows(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the list is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	t.Run("keys", func(t *testing.T) { in.t = t; testInspectorKeys(in) })
	t.Run("filter", func(t *testing.T) { in.t = t; testInspectorFilter(t, in) })
	t.Run("detail", func(t *testing.T) { in.t = t; testInspectorDetail(t, in) })
	t.Run("views", func(t *testing.T) { in.t = t; testInspectorViews(t, in, proxy) })
	t.Run("narrow", func(t *testing.T) { in.t = t; testInspectorNarrow(t, in) })
}

func testInspectorKeys(in *inspector) {
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
		{"for get", 1},
		{"not with credentials", 2},
		{"nothing like it", 0},
	} {
		evaluate[bool](in.page, `(text => {
			const input = document.getElementById("text");
			input.value = text;
			return input.dispatchEvent(new Event("input"));
		})`+arguments(t, c.text))
		in.wait(fmt.Sprintf("%s === %d", rowCount, c.rows))
	}
	in.wait(`document.getElementById("unfilter")`) // comes with the next frame
	in.click("Clear the filter")
	in.wait(rowCount + ` === 5 && document.activeElement.closest("#rows")`)
}

func testInspectorDetail(t *testing.T, in *inspector) {
	in.openRow("/good")
	for _, want := range []string{"Bearer REDACTED", "access_token=REDACTED", "Preflight and actual request", "Access-Control-Allow-Origin allows the origin", "Access-Control-Allow-Credentials is not needed: the request includes no credentials", "Readable: the script gets the answer", "Reveal secrets"} {
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

	in.openRow("/bad")
	for _, want := range []string{"Blocked by the browser", "Chrome: MissingAllowOriginHeader", "Firefox: CORSMissingAllowOrigin", "--path-as-is"} {
		in.wait(fmt.Sprintf("%s.includes(%q)", detailText, want))
	}
	in.openRow("/nowhere")
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
	for _, path := range []string{"/favicon.ico", "/good"} {
		resp, err := http.Get(proxy.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if path == "/favicon.ico" {
			in.wait(rowCount + ` === 0 && document.getElementById("empty").textContent.includes("only noise")`)
		}
	}
	in.wait(rowCount + ` === 1`)
}

func testInspectorNarrow(t *testing.T, in *inspector) {
	if err := chromedp.Do(in.ctx, chromedp.EmulateViewport(390, 800)); err != nil {
		t.Fatal(err)
	}
	const fits = `document.documentElement.scrollWidth <= 390`
	in.wait(fits)
	in.openRow("/good")
	in.wait(fits + ` && !document.getElementById("list").offsetParent && document.getElementById("detail").offsetParent`)
	in.press("2")
	in.wait(fits)
	in.press("3")
	in.wait(fits)
}
