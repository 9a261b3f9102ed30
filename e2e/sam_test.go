//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/corsproxy/corsproxy/internal/loopback"
)

// What SAM local says to a request for which it has mounted nothing.
const missingToken = `{"message":"Missing Authentication Token"}` + "\n"

// preflight is what a browser sends before it posts JSON with Authorization.
const preflight = `OPTIONS %s HTTP/1.1
Host: api.example.test
Origin: http://localhost:5173
Access-Control-Request-Method: POST
Access-Control-Request-Headers: authorization,content-type

`

// buildSAM builds the example with sam build, once for all tests.
var buildSAM = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(scratch, "sam")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(repository, "examples", "sam"))); err != nil {
		return "", err
	}
	cmd := exec.Command(filepath.Join(cache, "sam", "bin", "sam"), "build")
	cmd.Dir = dir
	// The container holds no C library.
	cmd.Env = environment("CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("sam build: %w\n%s", err, out)
	}
	return dir, nil
})

// A sam is a running sam local start-api.
type sam struct {
	*process
	address string
}

// startSAM starts the example at address. What SAM says also goes to the file
// log, where there is one.
func startSAM(t *testing.T, address, log string) *sam {
	t.Helper()
	program := tool(t, filepath.Join(cache, "sam", "bin", "sam"))
	lambda := image(t, "corsproxy-e2e/lambda:latest")
	dir, err := buildSAM()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"local", "start-api", "--port", port(t, address), "--skip-pull-image", "--invoke-image", lambda}
	cmd := exec.Command(program, args...)
	if log != "" {
		// As a person types it: sam local start-api 2>&1 | tee sam.log
		cmd = exec.Command("sh", append([]string{"-c", `log=$1; shift; "$@" 2>&1 | tee "$log"`, "sh", log, program}, args...)...)
	}
	cmd.Dir = dir
	cmd.Env = environment()
	s := &sam{start(t, "sam local start-api", cmd), address}
	s.listens(address)
	return s
}

func TestSAM(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "sam.log")
	sam := startSAM(t, loopback.Unused(t), log)
	proxy := startProxy(t, sam.address)

	t.Run("alone, it refuses the preflight", func(t *testing.T) {
		t.Parallel()
		a := send(t, sam.address, fmt.Sprintf(preflight, "/scanRecords"))
		if a.head[0] != "HTTP/1.1 403 FORBIDDEN" || a.header.Get("Content-Length") != "43" || a.body != missingToken {
			t.Errorf("SAM local answered %q with the body %q", a.head, a.body)
		}
		p := openPage(t)
		why := p.blocked(p.fetch("http://"+sam.address+"/scanRecords", jsonPost()))
		if why.CorsError != network.CorsErrorPreflightMissingAllowOriginHeader {
			t.Errorf("blocked because of %s, want %s", why.CorsError, network.CorsErrorPreflightMissingAllowOriginHeader)
		}
	})

	t.Run("corsproxy answers the preflight", func(t *testing.T) {
		t.Parallel()
		a := send(t, proxy.address, fmt.Sprintf(preflight, "/scanRecords"))
		if a.status != http.StatusOK || a.body != "" {
			t.Errorf("status %d with the body %q, want 200 without any", a.status, a.body)
		}
		if got := a.header.Values("Access-Control-Allow-Origin"); !slices.Equal(got, []string{"*"}) {
			t.Errorf("Access-Control-Allow-Origin %q, want *", got)
		}
		if got := list(a.header.Values("Access-Control-Allow-Methods")); !slices.Contains(got, "POST") {
			t.Errorf("Access-Control-Allow-Methods %q has no POST", got)
		}
		if got := list(a.header.Values("Access-Control-Allow-Headers")); !slices.Equal(got, []string{"authorization", "content-type"}) {
			t.Errorf("Access-Control-Allow-Headers %q, want those requested", got)
		}
	})

	t.Run("corsproxy answers OPTIONS without an origin", func(t *testing.T) {
		t.Parallel()
		a := send(t, proxy.address, "OPTIONS /scanRecords HTTP/1.1\nHost: api.example.test\n\n")
		if a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("answer %q, want 200 with Access-Control-Allow-Origin: *", a.head)
		}
	})

	t.Run("no OPTIONS reaches it", func(t *testing.T) {
		t.Parallel()
		send(t, proxy.address, fmt.Sprintf(preflight, "/kept-back"))
		send(t, proxy.address, "GET /let-through HTTP/1.1\nHost: api.example.test\n\n")
		sam.said(`GET /let-through`)
		if strings.Contains(sam.out.String(), "/kept-back") {
			t.Error("SAM local got the preflight")
		}
	})

	t.Run("a page can call the function", func(t *testing.T) {
		t.Parallel()
		p := openPage(t)
		f := p.fetch(proxy.url+"/scanRecords", jsonPost())
		p.readable(f, http.StatusOK)
		for _, want := range []string{`"name":"first"`, `"Authorization":"Bearer token"`, `{\"limit\":2}`} {
			if !strings.Contains(f.Body, want) {
				t.Errorf("the function's answer has no %s: %s", want, f.Body)
			}
		}
	})

	t.Run("the function's answer is the same with and without corsproxy", func(t *testing.T) {
		t.Parallel()
		const request = "POST /scanRecords?a=1&b=%2F HTTP/1.1\nHost: api.example.test\nX-Twice: 1\nX-Twice: 2\n" +
			"Content-Type: application/json\nContent-Length: 13\n\n{\"limit\" : 2}"
		direct := send(t, sam.address, request)
		if direct.status != http.StatusOK {
			t.Fatalf("SAM local answered %q %q", direct.head, direct.body)
		}
		same(t, direct, send(t, proxy.address, request))
	})

	t.Run("a frontend with corsproxy as its base URL", func(t *testing.T) {
		t.Parallel()
		files := http.FileServer(http.Dir(filepath.Join(repository, "examples", "page")))
		scan := func(api string) string {
			p := openPageWith(t, "/?api="+api, files)
			text, err := chromedp.Run(p.ctx, func(ctx context.Context, target *chromedp.Target) (string, error) {
				if _, err := chromedp.Click(chromedp.CSS("#scan"))(ctx, target); err != nil {
					return "", err
				}
				return chromedp.Poll[string](`(text => text.length > 1 && text)(document.getElementById('answer').textContent)`)(ctx, target)
			})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		if got := scan("http://" + sam.address); !strings.HasPrefix(got, "TypeError: Failed to fetch") {
			t.Errorf("with SAM local as the base URL the page shows %q", got)
		}
		if got := scan(proxy.url); !strings.HasPrefix(got, `200 {"records":`) {
			t.Errorf("with corsproxy as the base URL the page shows %q", got)
		}
	})

	t.Run("a wrong path, routes not known", func(t *testing.T) {
		t.Parallel()
		p := openPage(t)
		got := p.problem(p.fetch(proxy.url+"/scanRecord", jsonPost()), http.StatusForbidden)
		if got.Code != "CP3000" || got.Upstream == nil || got.Upstream.Status != http.StatusForbidden {
			t.Errorf("problem %+v, want CP3000 with what SAM local said", got)
		}
		if got.RequestID == "" {
			t.Error("the problem has no requestId")
		}
		proxy.said(got.RequestID) // the log's line of the same request
	})

	t.Run("with the log", func(t *testing.T) {
		t.Parallel()
		testSAMLog(t, startProxy(t, sam.address, "--sam-log", log))
	})
}

// testSAMLog tests a proxy that knows what SAM local has mounted.
func testSAMLog(t *testing.T, proxy *proxy) {
	// It reads the log while it serves, and may be a moment behind.
	eventually(t, func() error {
		if a := send(t, proxy.address, "GET /nowhere HTTP/1.1\nHost: api.example.test\n\n"); a.status != http.StatusNotFound {
			return fmt.Errorf("GET /nowhere: status %d, want 404 once the routes are known", a.status)
		}
		return nil
	})
	p := openPage(t)

	got := p.problem(p.fetch(proxy.url+"/scanRecord", jsonPost()), http.StatusNotFound)
	if got.Code != "CP3001" || len(got.Routes) == 0 || got.Routes[0].Method+" "+got.Routes[0].Path != "POST /scanRecords" {
		t.Errorf("a path that is not mounted: problem %+v, want CP3001 with POST /scanRecords as the nearest route", got)
	}

	f := p.fetch(proxy.url+"/scanRecords", object{"method": "PUT"})
	got = p.problem(f, http.StatusMethodNotAllowed)
	if got.Code != "CP3002" || len(got.Routes) != 1 || got.Routes[0].Method != "POST" || len(got.Hints) == 0 {
		t.Errorf("a method that is not mounted: problem %+v, want CP3002 with POST /scanRecords and hints", got)
	}
	if got := f.Header["corsproxy-diagnosis"]; got != "CP3002 method-not-defined" {
		t.Errorf("a script reads Corsproxy-Diagnosis %q, want CP3002 method-not-defined", got)
	}
	a := send(t, proxy.address, "PUT /scanRecords HTTP/1.1\nHost: api.example.test\nContent-Length: 0\n\n")
	if got := list(a.header.Values("Allow")); !slices.Contains(got, "POST") || slices.Contains(got, "PUT") {
		t.Errorf("Allow %q, want POST", got)
	}
}

func TestSAMComesAndGoes(t *testing.T) {
	t.Parallel()
	address := loopback.Unused(t)
	image(t, "corsproxy-e2e/lambda:latest") // say so at once
	proxy := startProxy(t, address)
	p := openPage(t)
	down := func() {
		t.Helper()
		got := p.problem(p.fetch(proxy.url+"/scanRecords", jsonPost()), http.StatusBadGateway)
		if got.Code != "CP2001" || !strings.Contains(got.Detail, address) {
			t.Errorf("problem %+v, want CP2001 that names %s", got, address)
		}
	}
	up := func() {
		t.Helper()
		p.readable(p.fetch(proxy.url+"/scanRecords", jsonPost()), http.StatusOK)
	}

	down()
	first := startSAM(t, address, "")
	up()
	first.stop()
	down()
	startSAM(t, address, "")
	up()
}

// jsonPost is what needs a preflight: JSON, with Authorization.
func jsonPost() object {
	return object{
		"method":  "POST",
		"headers": object{"Content-Type": "application/json", "Authorization": "Bearer token"},
		"body":    `{"limit":2}`,
	}
}
