package demo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/demo"
)

const (
	upstreamURL = "http://127.0.0.1:3000"
	proxyURL    = "http://127.0.0.1:8080"
)

func get(t *testing.T, method, target string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	demo.Page(upstreamURL, proxyURL).ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func TestPageParts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target string
		status         int
		mediaType      string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/script.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/index.html", 404, ""},
		{"GET", "/page/", 404, ""},
		{"POST", "/", 405, ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			resp := get(t, tt.method, tt.target)
			if resp.StatusCode != tt.status {
				t.Fatalf("%d, want %d", resp.StatusCode, tt.status)
			}
			if tt.status == 200 && (resp.Header.Get("Content-Type") != tt.mediaType || resp.Header.Get("Content-Security-Policy") == "") {
				t.Errorf("header %v", resp.Header)
			}
		})
	}
}

// TestPageMayCallTheTwoAlone holds that the page runs its own script and calls
// the upstream and the proxy, and nothing else.
func TestPageMayCallTheTwoAlone(t *testing.T) {
	t.Parallel()
	got := strings.Split(get(t, "GET", "/").Header.Get("Content-Security-Policy"), "; ")
	want := []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src data:",
		"connect-src " + upstreamURL + " " + proxyURL, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the policy is %q, want %q", got, want)
	}
}

func TestPageNamesTheTwo(t *testing.T) {
	t.Parallel()
	html := read(t, "/")
	for _, want := range append(demo.CurlLines(upstreamURL, proxyURL), `data-upstream="`+upstreamURL+`"`, `data-proxy="`+proxyURL+`"`, `<html lang="en">`) {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in\n%s", want, html)
		}
	}
}

// TestPageLoadsNothingElse looks for what would reach out, or be stopped by the
// page's own policy.
func TestPageLoadsNothingElse(t *testing.T) {
	t.Parallel()
	elsewhere := regexp.MustCompile(`https?://[^\s"<]*|url\([^)]*\)|@import`)
	inline := regexp.MustCompile(`<style|<script>|\son[a-z]+=|\sstyle=|innerHTML|\beval\b`)
	for _, target := range []string{"/", "/style.css", "/script.js"} {
		body := read(t, target)
		for _, u := range elsewhere.FindAllString(body, -1) {
			if !strings.HasPrefix(u, upstreamURL) && !strings.HasPrefix(u, proxyURL) {
				t.Errorf("%s has %s", target, u)
			}
		}
		if m := inline.FindString(body); m != "" {
			t.Errorf("%s has %s", target, m)
		}
	}
}

func read(t *testing.T, target string) string {
	t.Helper()
	body, err := io.ReadAll(get(t, "GET", target).Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCurlLines(t *testing.T) {
	t.Parallel()
	want := []string{
		"curl -i -X OPTIONS http://127.0.0.1:3000/scanRecords",
		"curl -i -X OPTIONS http://127.0.0.1:8080/scanRecords",
		"curl -i http://127.0.0.1:8080/scanRecord",
	}
	if got := demo.CurlLines(upstreamURL, proxyURL); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
