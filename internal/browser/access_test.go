package browser_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
)

func TestActual(t *testing.T) {
	t.Parallel()
	const (
		missing  = "MissingAllowOriginHeader"
		wildcard = "WildcardOriginNotAllowed"
		several  = "MultipleAllowOriginValues"
		invalid  = "InvalidAllowOriginValue"
		mismatch = "AllowOriginMismatch"
		secret   = "InvalidAllowCredentials"
	)
	origin := func(values ...string) (lines []string) {
		for _, v := range values {
			lines = append(lines, "Access-Control-Allow-Origin: "+v)
		}
		return lines
	}
	for _, c := range []struct {
		lines       []string
		credentials bool
		chrome      string
	}{
		{nil, false, missing},
		{origin("*"), false, ""},
		{origin("*"), true, wildcard},
		{origin(page), false, ""},
		{origin(page), true, secret},
		{append(origin(page), "Access-Control-Allow-Credentials: true"), true, ""},
		{append(origin(page), "Access-Control-Allow-Credentials: True"), true, secret},
		{append(origin(page), "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true"), true, secret},
		{append(origin("*"), "Access-Control-Allow-Credentials: true"), true, wildcard},
		{origin(""), false, invalid},
		{origin("", page), false, several},
		{origin(page, page), false, several},
		{origin("*", "*"), false, several},
		{origin(page + ","), false, several},
		{origin(page + ", http://b"), false, several},
		{origin("http://a http://b"), false, several},
		{origin("null"), false, mismatch},
		{origin("NULL"), false, invalid},
		{origin("localhost"), false, invalid},
		{origin("localhost:5173"), false, mismatch},
		{origin("http://localhost:5174"), false, mismatch},
		{origin("http://localhost:5173/"), false, mismatch},
		{origin("http://localhost:5173/path"), false, mismatch},
		{origin("HTTP://LOCALHOST:5173"), false, mismatch},
		{origin("http://user@localhost:5173"), false, mismatch},
		{origin("http://*"), false, mismatch},
		{origin("http://*.localhost"), false, mismatch},
		{origin("https://*.example.com"), false, mismatch},
		{origin("http://localhost:*"), false, invalid},
		{origin("http://localhost:99999"), false, invalid},
		{origin("'" + page + "'"), false, invalid},
		{origin(`"` + page + `"`), false, invalid},
		{origin("a;b"), false, invalid},
		{origin("a|b"), false, invalid},
		{origin("${Var}"), false, invalid},
		{origin("https://${Var}"), false, mismatch},
		{origin("http://"), false, invalid},
		{origin("http://[::1]:5173"), false, mismatch},
		{origin("http://[::g]"), false, invalid},
		{origin("http://1.2.3.4.5"), false, invalid},
		{origin("http://256.1.1.1"), false, invalid},
	} {
		for _, status := range []int{200, 404, 500, 302} {
			if v := browser.CheckActual(page, c.credentials, status, fields(c.lines...)); v.Chrome != c.chrome || v.Allowed != (c.chrome == "") || v.Stage != browser.StageActual {
				t.Errorf("%d %q credentials %t: %q, want %q; %s", status, c.lines, c.credentials, v.Chrome, c.chrome, v.Detail)
			}
		}
	}
	if v := browser.CheckActual("null", true, 200, fields("Access-Control-Allow-Origin: null", "Access-Control-Allow-Credentials: true")); !v.Allowed {
		t.Errorf("null is not allowed by null: %+v", v)
	}
}

// TestOneAllocation holds for what a browser lets pass: that is judged on every
// cross-origin exchange, and may cost little.
func TestOneAllocation(t *testing.T) {
	h := fields("Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: GET,PUT", "Access-Control-Allow-Headers: x-a,x-b")
	ask := browser.Preflight{Origin: page, Method: "PUT", Headers: []string{"x-a", "x-b"}, Credentials: true}
	allowed := true
	if n := testing.AllocsPerRun(100, func() {
		allowed = allowed && browser.CheckActual(page, true, 200, h).Allowed && ask.Check(200, h).Allowed
	}); n > 2 || !allowed {
		t.Errorf("%v allocations for two verdicts, allowed %t", n, allowed)
	}
}
