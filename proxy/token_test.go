package proxy_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/proxy"
)

// samSays is SAM local's answer to anything that it does not mount.
const samSays = "HTTP/1.1 403 FORBIDDEN\r\nServer: Werkzeug/3.1.9 Python/3.11.7\r\nContent-Type: application/json\r\nContent-Length: 43\r\nConnection: close\r\n\r\n" +
	"{\"message\":\"Missing Authentication Token\"}\n"

func routes(t *testing.T, list ...string) *sam.Table {
	t.Helper()
	var all []sam.Route
	for _, s := range list {
		rr, err := sam.ParseRoute(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rr...)
	}
	return sam.NewTable(all)
}

func TestMissingToken(t *testing.T) {
	t.Parallel()
	table := routes(t, "POST /scanRecords", "GET /items/{id}")
	for _, c := range []struct {
		name, request string
		table         *sam.Table
		mode          proxy.MissingToken
		status        int
		code          string
		allow         string
		problem       bool
	}{
		{"no table", "GET /scanRecords", nil, proxy.ConvertMissingToken, 403, "CP3000 unexplained", "", true},
		{"no such path", "GET /scanRecord", table, proxy.ConvertMissingToken, 404, "CP3001 route-not-found", "", true},
		{"other method", "GET /scanRecords?x=1", table, proxy.ConvertMissingToken, 405, "CP3002 method-not-defined", "POST", true},
		{"mounted: the function said it", "POST /scanRecords/", table, proxy.ConvertMissingToken, 403, "", "", false},
		{"annotate", "GET /scanRecord", table, proxy.AnnotateMissingToken, 403, "CP3001 route-not-found", "", false},
		{"keep", "GET /scanRecord", table, proxy.KeepMissingToken, 403, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer(samSays))
			p := serve(t, u.url(), func(pc *proxy.Config) {
				pc.Rules.Known.Table, pc.Rules.MissingToken = c.table, c.mode
			})
			w := dial(t, p.addr)
			w.send(c.request + " HTTP/1.1\r\nHost: h\r\nOrigin: http://a.example\r\n\r\n")
			resp, body := readResponse(t, w, http.MethodGet)
			if resp.StatusCode != c.status || resp.Header.Get("Corsproxy-Diagnosis") != c.code || resp.Header.Get("Allow") != c.allow {
				t.Errorf("answered %d %v", resp.StatusCode, resp.Header)
			}
			if readable := resp.Header.Get("Access-Control-Allow-Origin") != ""; readable != (c.code != "") {
				t.Errorf("readable for a script: %v: %v", readable, resp.Header)
			}
			x := p.exchange(t)
			if x.UpstreamStatus != 403 || x.Status != c.status || x.Diagnosis == nil || (c.mode == proxy.KeepMissingToken) != (x.Diagnosis.Code == diagnosis.MissingAllowOriginHeader) {
				t.Errorf("reported %+v", x)
			}
			if !c.problem {
				if body != "{\"message\":\"Missing Authentication Token\"}\n" || resp.ContentLength != 43 || resp.Status != "403 FORBIDDEN" {
					t.Errorf("the answer was changed: %v %q", resp.Status, body)
				}
				return
			}
			var problem struct {
				Status                  int
				Code, Detail, RequestID string
				Upstream                struct {
					Status int
					Body   string
				}
			}
			if err := json.Unmarshal([]byte(body), &problem); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			method, path, _ := strings.Cut(strings.TrimSuffix(c.request, "?x=1"), " ")
			if problem.Status != c.status || problem.Upstream.Status != 403 || problem.RequestID != x.ID ||
				!strings.HasPrefix(c.code, problem.Code) || !strings.Contains(problem.Detail, method) || !strings.Contains(problem.Detail, path) {
				t.Errorf("problem %s", body)
			}
			if resp.Header.Get("Content-Type") != "application/problem+json" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("content type %q", resp.Header.Get("Content-Type"))
			}
		})
	}
}

// TestMissingTokenForms sends the same answer in the forms that HTTP has for
// it. The connection stays usable after each.
func TestMissingTokenForms(t *testing.T) {
	t.Parallel()
	const text = `{"message":"Missing Authentication Token"}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	head := func(fields string) string {
		return "HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\n" + fields + "\r\n"
	}
	for name, response := range map[string]string{
		"length":       head("Content-Length: 42\r\n") + text,
		"chunked":      head("Transfer-Encoding: chunked\r\n") + "a\r\n" + text[:10] + "\r\n20\r\n" + text[10:] + "\r\n0\r\n\r\n",
		"byte chunks":  head("Transfer-Encoding: chunked\r\n") + "1\r\n" + strings.Join(strings.Split(text, ""), "\r\n1\r\n") + "\r\n0\r\n\r\n",
		"until close":  head("") + text,
		"white space":  head("Content-Length: 56\r\n") + "\r\n{ \"message\" :\n\t\"Missing Authentication Token\" }\r\n\r\n   ",
		"gzip":         head(fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n", zipped.Len())) + zipped.String(),
		"gzip chunked": head("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", zipped.Len(), zipped.String()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUpstream(t, answer(response))
			p := serve(t, u.url(), func(c *proxy.Config) { c.Rules.Known.Table = routes(t, "GET /b") })
			w := dial(t, p.addr)
			for range 2 {
				w.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
				resp, body := readResponse(t, w, http.MethodGet)
				if resp.StatusCode != 404 || resp.Header.Get("Content-Encoding") != "" || !strings.Contains(body, "CP3001") {
					t.Errorf("answered %d %v %s", resp.StatusCode, resp.Header, body)
				}
			}
		})
	}
	t.Run("HEAD", func(t *testing.T) {
		t.Parallel()
		u := newUpstream(t, answer(head("Server: Werkzeug/3.1.9 Python/3.11.7\r\nContent-Length: 43\r\n")))
		p := serve(t, u.url(), func(c *proxy.Config) { c.Rules.Known.Table = routes(t, "GET /b") })
		w := dial(t, p.addr)
		w.send("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
		if got := w.rest(); !strings.HasPrefix(got, "HTTP/1.1 404 ") || !strings.HasSuffix(got, "\r\n\r\n<EOF>") {
			t.Errorf("answered %q", got)
		}
	})
}

// TestCutMissingToken ends one byte early, where the length says so: what is
// cut is not taken for complete.
func TestCutMissingToken(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer(strings.TrimSuffix(samSays, "\n")))
	p := serve(t, u.url())
	w := dial(t, p.addr)
	w.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := w.rest(); !strings.HasPrefix(got, "HTTP/1.1 403 FORBIDDEN\r\n") || !strings.HasSuffix(got, "Token\"}<EOF>") {
		t.Errorf("answered %q", got)
	}
}

// TestStreaming403 has an upstream pause within a 403: what cannot be Missing
// Authentication Token is not held back.
func TestStreaming403(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		c.send("HTTP/1.1 403 FORBIDDEN\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
		c.send("5\r\n{\"mes\r\n")
		c.send("1\r\nX\r\n")
		c.rest() // until the proxy ends the connection
	})
	p := serve(t, u.url())
	w := dial(t, p.addr)
	w.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := w.until("X\r\n"); !strings.HasSuffix(got, "X\r\n") {
		t.Errorf("got %q", got)
	}
}

// TestPageForAPerson opens a wrong URL in the address bar.
func TestPageForAPerson(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, answer(samSays))
	p := serve(t, u.url(), func(c *proxy.Config) { c.Rules.Known.Table = routes(t, "GET /b", "POST /b") })
	const evil = "\"'><b/onclick=x>evil</b><script>alert(1)</script>"
	for _, request := range []string{
		"GET /<script>alert(1)</script>?" + evil + " HTTP/1.1\r\nHost: h\r\n",
		"GET /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: h\r\n",
		"GET //evil.example/a HTTP/1.1\r\nHost: h\r\n",
		"GET /a HTTP/1.1\r\nHost: h\r\nOrigin: " + evil + "\r\nUser-Agent: " + evil + "\r\nAuthorization: " + evil + "\r\nReferer: " + evil + "\r\n",
	} {
		w := dial(t, p.addr)
		w.send(request + "Sec-Fetch-Mode: navigate\r\nAccept: text/html,*/*\r\n\r\n")
		resp, body := readResponse(t, w, http.MethodGet)
		if resp.StatusCode != 404 || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(body, "CP3001") {
			t.Errorf("%q: answered %d %v %s", request, resp.StatusCode, resp.Header, body)
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "<b/onclick") || strings.Contains(body, `="//`) {
			t.Errorf("%q got into the page: %s", request, body)
		}
		if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%q: there is no policy: %v", request, resp.Header)
		}
		if !strings.Contains(body, `href="/b"`) || !strings.Contains(body, "What is mounted: 2 routes") {
			t.Errorf("%q: the page does not say what is mounted: %s", request, body)
		}
	}
}
