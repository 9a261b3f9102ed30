//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

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
	address := loopback.Unused(t)
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
	address := loopback.Unused(t)
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
