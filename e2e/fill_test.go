//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestFillAndReplace has a page read, with a cookie at stake, what an upstream
// sends without the fields that it would need.
func TestFillAndReplace(t *testing.T) {
	for _, tt := range []struct {
		name, mode string
		status     int
		lines      []string
		chrome     string // "" is readable
	}{
		{"keep nothing", "keep", 200, nil, "MissingAllowOriginHeader"},
		{"fill nothing", "fill", 200, []string{"X-A: 1", "Vary: Accept-Encoding"}, ""},
		{"fill an error", "fill", 502, []string{"X-A: 1"}, ""},
		{"fill beside the origin", "fill", 200, []string{acao("{P}"), "X-A: 1"}, ""},
		{"fill beside *", "fill", 200, []string{acao("*"), "X-A: 1"}, "WildcardOriginNotAllowed"},
		{"fill leaves another origin", "fill", 200, []string{acao("{O}")}, "AllowOriginMismatch"},
		{"replace *", "replace", 200, []string{acao("*"), "X-A: 1"}, ""},
		{"replace two lines", "replace", 404, []string{acao("*"), acao("{O}"), acac("no"), "X-A: 1"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			s.script = []*scripted{{visits: []visit{{actual: reply{tt.status, tt.lines}}}}}
			proxy := startProxy(t, s.origins["S"], "--response-headers", tt.mode, "--log-format", "json",
				"--allow-origin", s.origins["P"], "--allow-credentials", "--expose-header", "X-A")
			page := openURL(t, s.origins["P"], "/")
			f := page.fetch(proxy.url+path(0, 0), object{"credentials": "include"})
			if tt.chrome != "" {
				if got := string(page.blocked(f).CorsError); got != tt.chrome {
					t.Errorf("blocked by %s, want %s", got, tt.chrome)
				}
				return
			}
			page.readable(f, tt.status)
			if f.Header["x-a"] != "1" {
				t.Errorf("the script reads %v, and should read X-A", f.Header)
			}
			logged := proxy.said(`"path":"/x0/0".*"applied":\[([^]]*)\]`)[1]
			if !strings.Contains(logged, "Access-Control-Expose-Headers") {
				t.Errorf("the log says that %s were applied", logged)
			}
		})
	}
}
