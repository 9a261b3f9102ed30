package browser_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
)

const page = "http://localhost:5173"

// fields makes a header of "Name: value" lines.
func fields(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimSpace(value))
	}
	return h
}

const (
	anyOrigin  = "Access-Control-Allow-Origin: *"
	thisOrigin = "Access-Control-Allow-Origin: " + page
	allowTrue  = "Access-Control-Allow-Credentials: true"
	methods    = "Access-Control-Allow-Methods: "
	headers    = "Access-Control-Allow-Headers: "
)

// TestPreflightOrder has each answer fail at one more check, while all later
// ones would fail too.
func TestPreflightOrder(t *testing.T) {
	t.Parallel()
	ask := browser.Preflight{Origin: page, Method: "PUT", Headers: []string{"x-a"}, Credentials: true}
	broken := []string{methods + "a b", headers + "a b"}
	for _, c := range []struct {
		status                  int
		lines                   []string
		chrome, firefox, safari string
	}{
		{302, []string{"Location: /x"}, "PreflightDisallowedRedirect", "CORSExternalRedirectNotAllowed", "Preflight response is not successful. Status code: 302"},
		{302, broken, "PreflightMissingAllowOriginHeader", "CORSMissingAllowOrigin", "Preflight response is not successful. Status code: 302"},
		{403, broken, "PreflightMissingAllowOriginHeader", "CORSMissingAllowOrigin", "Preflight response is not successful. Status code: 403"},
		{200, broken, "PreflightMissingAllowOriginHeader", "CORSMissingAllowOrigin", "Origin " + page + " is not allowed by Access-Control-Allow-Origin. Status code: 200"},
		{403, append(broken, anyOrigin), "PreflightWildcardOriginNotAllowed", "CORSNotSupportingCredentials", "Preflight response is not successful. Status code: 403"},
		{403, append(broken, thisOrigin), "PreflightInvalidAllowCredentials", "CORSMissingAllowCredentials", "Preflight response is not successful. Status code: 403"},
		{403, append(broken, thisOrigin, allowTrue), "PreflightInvalidStatus", "CORSPreflightDidNotSucceed", "Preflight response is not successful. Status code: 403"},
		{200, append(broken, thisOrigin, allowTrue), "InvalidAllowMethodsPreflightResponse", "CORSInvalidAllowMethod", ""},
		{200, []string{thisOrigin, allowTrue, broken[1]}, "InvalidAllowHeadersPreflightResponse", "CORSMethodNotFound", ""},
		{200, []string{thisOrigin, allowTrue, methods + "PUT", broken[1]}, "InvalidAllowHeadersPreflightResponse", "CORSInvalidAllowHeader", ""},
		{200, []string{thisOrigin, allowTrue}, "MethodDisallowedByPreflightResponse", "CORSMethodNotFound", "Method PUT is not allowed by Access-Control-Allow-Methods."},
		{200, []string{thisOrigin, allowTrue, methods + "PUT"}, "HeaderDisallowedByPreflightResponse", "CORSMissingAllowHeaderFromPreflight", "Request header field x-a is not allowed by Access-Control-Allow-Headers."},
		{200, []string{thisOrigin, allowTrue, methods + "PUT", headers + "X-A"}, "", "", ""},
	} {
		v := ask.Check(c.status, fields(c.lines...))
		if v.Chrome != c.chrome || v.Firefox != c.firefox || v.Safari != c.safari || v.Allowed != (c.chrome == "") || v.Stage != browser.StagePreflight {
			t.Errorf("%d %q: %+v", c.status, c.lines, v)
		}
		steps := v.Steps()
		for i, s := range steps {
			if s.Passed != (v.Allowed || i < len(steps)-1) {
				t.Errorf("%d %q: step %d is %+v of %d", c.status, c.lines, i, s, len(steps))
			}
		}
		if last := steps[len(steps)-1]; !v.Allowed && last.Header != v.Header {
			t.Errorf("%d %q: decided by %q, last step %+v", c.status, c.lines, v.Header, last)
		}
		if !v.Allowed && (v.Detail == "" || strings.HasSuffix(v.Detail, ".")) {
			t.Errorf("%d %q: detail %q", c.status, c.lines, v.Detail)
		}
	}
}

func TestNeedlessSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ask  browser.Preflight
		want []string
	}{
		{browser.Preflight{Origin: page, Method: "GET"}, []string{
			"Access-Control-Allow-Credentials: the request includes no credentials",
			"Access-Control-Allow-Methods: GET is always allowed",
			"Access-Control-Allow-Headers: the preflight asks for no header",
		}},
		{browser.Preflight{Origin: page, Method: "PUT", Headers: []string{"x-a"}, Credentials: true}, nil},
	} {
		var got []string
		for _, s := range c.ask.Check(200, fields(thisOrigin, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: x-a")).Steps() {
			if s.Needless != "" {
				got = append(got, s.Header+": "+s.Needless)
			}
			if !s.Passed {
				t.Errorf("%+v: %+v", c.ask, s)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.ask, got, c.want)
		}
	}
}

func TestPreflightLists(t *testing.T) {
	t.Parallel()
	const (
		method  = "MethodDisallowedByPreflightResponse"
		header  = "HeaderDisallowedByPreflightResponse"
		badList = "InvalidAllowMethodsPreflightResponse"
		badName = "InvalidAllowHeadersPreflightResponse"
	)
	for _, c := range []struct {
		method, headers string // asked
		credentials     bool
		lines           []string
		chrome          string
	}{
		{"PUT", "", false, []string{methods + "*"}, ""},
		{"PUT", "", true, []string{methods + "*"}, method},
		{"*", "", true, []string{methods + "*"}, ""},
		{"PUT", "", false, []string{methods + "put"}, method},
		{"patch", "", false, []string{methods + "PATCH"}, method},
		{"patch", "", false, []string{methods + "patch"}, ""},
		{"PUT", "", false, []string{methods + "GET", methods + " PUT ,"}, ""},
		{"PUT", "", false, []string{methods + ",,PUT"}, ""},
		{"POST", "x-a", false, []string{headers + "x-a"}, ""},
		{"PUT", "", false, []string{methods + "'GET,PUT,POST'"}, ""},
		{"PUT", "", false, []string{methods + "'PUT,POST'"}, method},
		{"PUT", "", false, []string{methods + `"PUT"`}, badList},
		{"POST", "x-a", false, []string{methods + "[GET]", headers + "x-a"}, badList},
		{"PUT", "", false, []string{methods + "PUT", headers + "a;b"}, badName},
		{"PUT", "", false, []string{methods + "PUT|GET"}, method},
		{"PUT", "", false, []string{methods + "PUT GET"}, badList},
		{"GET", "authorization", false, []string{headers + "*"}, ""},
		{"GET", "authorization", true, []string{headers + "*"}, header},
		{"GET", "*", true, []string{headers + "*"}, ""},
		{"GET", "x-a,x-b", false, []string{headers + "x-a", headers + "X-B"}, ""},
		{"GET", "x-a,x-b", false, []string{headers + "x-a"}, header},
	} {
		ask := browser.Preflight{Origin: page, Method: c.method, Headers: strings.FieldsFunc(c.headers, func(r rune) bool { return r == ',' }), Credentials: c.credentials}
		if v := ask.Check(200, fields(append(c.lines, thisOrigin, allowTrue)...)); v.Chrome != c.chrome {
			t.Errorf("%s %s %t %q: %q, want %q; %s", c.method, c.headers, c.credentials, c.lines, v.Chrome, c.chrome, v.Detail)
		}
	}
}

// What "*" alone allows is told, so that nobody relies on it unawares.
func TestAuthorizationByWildcard(t *testing.T) {
	t.Parallel()
	const headers = "Access-Control-Allow-Headers: "
	for name, c := range map[string]struct {
		asks  string
		lines []string
		want  bool
	}{
		"by *":            {"authorization", []string{headers + "x-a, *"}, true},
		"named, too":      {"authorization", []string{headers + "*", headers + "Authorization"}, false},
		"another header":  {"x-a", []string{headers + "*"}, false},
		"not allowed":     {"authorization", []string{headers + "x-a"}, false},
		"among others":    {"authorization x-a", []string{headers + "*"}, true},
		"none is asked":   {"", []string{headers + "*"}, false},
		"refused for all": {"authorization", []string{headers + "*", "Access-Control-Allow-Origin: null"}, false},
	} {
		p := browser.Preflight{Origin: page, Method: "GET", Headers: strings.Fields(c.asks)}
		if got := p.Check(200, fields(append(c.lines, thisOrigin)...)).AuthorizationByWildcard(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	if (browser.Verdict{}).AuthorizationByWildcard() || browser.CheckActual(page, false, 200, fields(thisOrigin)).AuthorizationByWildcard() {
		t.Error("a verdict on no preflight has it")
	}
}

func TestPreflightStatus(t *testing.T) {
	t.Parallel()
	for status, chrome := range map[int]string{
		200: "", 201: "", 204: "", 205: "", 299: "",
		300: "PreflightInvalidStatus", 304: "PreflightInvalidStatus", 404: "PreflightInvalidStatus", 502: "PreflightInvalidStatus",
		301: "PreflightDisallowedRedirect", 303: "PreflightDisallowedRedirect", 308: "PreflightDisallowedRedirect",
	} {
		ask := browser.Preflight{Origin: page, Method: "GET"}
		if v := ask.Check(status, fields(anyOrigin, "Location: /x")); v.Chrome != chrome {
			t.Errorf("%d: %q, want %q", status, v.Chrome, chrome)
		}
	}
}

func TestPreflightOf(t *testing.T) {
	t.Parallel()
	p, ok := browser.PreflightOf(fields("Origin: "+page, "Access-Control-Request-Method: PUT", "Access-Control-Request-Headers: X-B, x-a", "Access-Control-Request-Headers: x-b,"))
	if !ok || p.Origin != page || p.Method != "PUT" || !slices.Equal(p.Headers, []string{"x-a", "x-b"}) {
		t.Errorf("read %+v", p)
	}
	if got := p.Header().Get("Access-Control-Request-Headers"); got != "x-a,x-b" {
		t.Errorf("asks for %q", got)
	}
	if _, ok := browser.PreflightOf(fields("Origin: " + page)); ok {
		t.Error("an OPTIONS request without Access-Control-Request-Method is no preflight")
	}
}

// All headers are named, also where the method is looked at before them.
func TestRefusedHeaders(t *testing.T) {
	t.Parallel()
	h := http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Headers": {"X-B"}}
	p := browser.Preflight{Origin: "http://a.example", Method: "PUT", Headers: []string{"x-a", "x-b", "x-c"}}
	v := p.Check(http.StatusOK, h)
	if v.Offender != "PUT" || !slices.Equal(v.Refused, []string{"PUT"}) {
		t.Errorf("%q of %q is refused, want PUT", v.Offender, v.Refused)
	}
	next := v.WithMethod()
	if next.Offender != "x-a" || !slices.Equal(next.Refused, []string{"x-a", "x-c"}) {
		t.Errorf("%q of %q is refused, want x-a and x-c", next.Offender, next.Refused)
	}
	if want := `Access-Control-Allow-Headers is "X-B", which does not name the headers "x-a" and "x-c"`; next.Detail != want {
		t.Errorf("it says %s\nwant %s", next.Detail, want)
	}
	p.Method, p.Headers = "GET", strings.Split(strings.Repeat("x,", 30)+"x", ",")
	if v := p.Check(http.StatusOK, h); !strings.HasSuffix(v.Detail, `"x" and 15 more`) {
		t.Errorf("it says %s", v.Detail)
	}
}

// Many names take no more than their number of steps, and are judged as few are.
func TestManyHeaders(t *testing.T) {
	t.Parallel()
	names := make([]string, 50_000)
	for i := range names {
		names[i] = fmt.Sprintf("x-%05d", i)
	}
	slices.Sort(names)
	p := browser.Preflight{Origin: "http://a.example", Method: "GET", Headers: names}
	answer := func(list ...string) http.Header {
		return http.Header{"Access-Control-Allow-Origin": {"*"}, "Access-Control-Allow-Headers": list}
	}
	upper := strings.ToUpper(strings.Join(names, ", "))
	if v := p.Check(http.StatusOK, answer(upper)); !v.Allowed {
		t.Errorf("all are listed, and it is blocked: %s", v.Chrome)
	}
	if v := p.Check(http.StatusOK, answer("X-A", "*")); !v.Allowed {
		t.Errorf("* is listed, and it is blocked: %s", v.Chrome)
	}
	last := names[len(names)-1]
	if v := p.Check(http.StatusOK, answer(strings.Join(names[:len(names)-1], ","))); v.Chrome != "HeaderDisallowedByPreflightResponse" || v.Offender != last {
		t.Errorf("%s is not listed, and it is %q for %q", last, v.Chrome, v.Offender)
	}
	p.Credentials = true
	h := answer("*")
	h["Access-Control-Allow-Origin"], h["Access-Control-Allow-Credentials"] = []string{p.Origin}, []string{"true"}
	if v := p.Check(http.StatusOK, h); v.Offender != names[0] {
		t.Errorf("with credentials * is a name, and it is %q for %q", v.Chrome, v.Offender)
	}
}
