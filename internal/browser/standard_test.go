package browser_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
)

// corsCheck is Fetch's "CORS check", as the standard words it.
func corsCheck(origin string, credentials bool, h http.Header) bool {
	allowed, present := get(h, "Access-Control-Allow-Origin")
	switch {
	case !present:
		return false
	case !credentials && allowed == "*":
		return true
	case allowed != origin:
		return false
	case !credentials:
		return true
	}
	allowed, _ = get(h, "Access-Control-Allow-Credentials")
	return allowed == "true"
}

// get is Fetch's "get a header from a header list".
func get(h http.Header, name string) (string, bool) {
	lines := slices.Clone(h[name])
	for i := range lines {
		lines[i] = strings.Trim(lines[i], " \t")
	}
	return strings.Join(lines, ", "), len(lines) > 0
}

// list is Fetch's "extract header list values", of a list of tokens.
func list(h http.Header, name string) (out []string, ok bool) {
	for _, line := range h[name] {
		for member := range strings.SplitSeq(line, ",") {
			member = strings.Trim(member, " \t")
			if member == "" {
				continue
			}
			if strings.Trim(member, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
				return nil, false
			}
			out = append(out, member)
		}
	}
	return out, true
}

// preflightPasses is the end of Fetch's "CORS-preflight fetch", but for
// Authorization, which "*" covers in browsers.
func preflightPasses(p browser.Preflight, status int, h http.Header) bool {
	if !corsCheck(p.Origin, p.Credentials, h) || status < 200 || status > 299 {
		return false
	}
	methods, ok1 := list(h, "Access-Control-Allow-Methods")
	headers, ok2 := list(h, "Access-Control-Allow-Headers")
	if !ok1 || !ok2 {
		return false
	}
	anyOf := func(list []string) bool { return !p.Credentials && slices.Contains(list, "*") }
	if !slices.Contains([]string{"GET", "HEAD", "POST"}, p.Method) && !slices.Contains(methods, p.Method) && !anyOf(methods) {
		return false
	}
	for _, name := range p.Headers {
		if !slices.ContainsFunc(headers, func(m string) bool { return strings.EqualFold(m, name) }) && !anyOf(headers) {
			return false
		}
	}
	return true
}

// FuzzLikeTheStandard compares verdicts with what the Fetch standard says.
func FuzzLikeTheStandard(f *testing.F) {
	f.Add(page, true, 200, page, "true", "PUT, PATCH", "X-A,x-b", "PUT", "x-a x-b")
	f.Add(page, false, 204, "*", "", "*", "*", "PATCH", "authorization")
	f.Add("null", true, 302, "*\n*", "True", "a b", "\"x\"", "GET", "")
	f.Add(page, false, 403, " "+page+"\t", "true", ",,", "*", "patch", "x-a")
	f.Add("http://a:1", true, 200, "http://a:1 http://b", "true\ntrue", "PUT", "*", "PUT", "*")
	f.Fuzz(func(t *testing.T, origin string, credentials bool, status int, allowOrigin, allowCredentials, allowMethods, allowHeaders, method, asked string) {
		if status < 200 || status > 999 || origin == "" {
			t.Skip()
		}
		h := http.Header{}
		for name, value := range map[string]string{
			"Access-Control-Allow-Origin": allowOrigin, "Access-Control-Allow-Credentials": allowCredentials,
			"Access-Control-Allow-Methods": allowMethods, "Access-Control-Allow-Headers": allowHeaders,
		} {
			if value != "" { // a line end parts the lines of a field, which has no other control characters
				h[name] = strings.Split(strings.Map(printable, value), "\n")
			}
		}
		v := browser.CheckActual(origin, credentials, status, h)
		if want := corsCheck(origin, credentials, h); v.Allowed != want {
			t.Errorf("%q is allowed %v by %q, want %v", origin, v.Allowed, h, want)
		}
		p := browser.Preflight{Origin: origin, Method: method, Headers: strings.Fields(strings.ToLower(asked)), Credentials: credentials}
		v = p.Check(status, h)
		if want := preflightPasses(p, status, h); v.Allowed != want {
			t.Errorf("%+v is allowed %v by %d %q, want %v (%s)", p, v.Allowed, status, h, want, v.Detail)
		}
	})
}

func printable(r rune) rune {
	if r == '\n' || r == '\t' || r >= ' ' && r != 0x7f {
		return r
	}
	return -1
}
