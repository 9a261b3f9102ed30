package browser_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/corsproxy/corsproxy/internal/browser"
)

// FuzzVerdict holds that a verdict, its steps and its sentences agree, whatever
// a server sends.
func FuzzVerdict(f *testing.F) {
	f.Add(200, page, "true", "GET, PUT", "x-a", "/b", "PUT", "x-a", true)
	f.Add(302, "*", "", `"`, "a;b", "http://u:p@[::1]:99999/%zz?#", "patch", "*", false)
	f.Add(403, "http://a b", "True", "", "\xff", "foo://[", "GET", "", true)
	f.Add(308, "http://xn--a.1.2.3.4.5", "", "*", "*", "http:\\\\a\\b", "HEAD", "", false)
	f.Fuzz(func(t *testing.T, status int, acao, acac, acam, acah, location, method, name string, credentials bool) {
		h := http.Header{}
		for field, value := range map[string]string{"Origin": acao, "Credentials": acac, "Methods": acam, "Headers": acah} {
			if value != "" {
				h["Access-Control-Allow-"+field] = strings.Split(value, "\n")
			}
		}
		if location != "" {
			h["Location"] = []string{location}
		}
		r := browser.Request{Origin: page, URL: &url.URL{Scheme: "http", Host: "localhost:3000", Path: "/"}, Method: method, Header: http.Header{name: {"1"}}, Credentials: credentials}
		fetch := browser.Start(r)
		received, follow := fetch.Receive(status, h)
		if follow && (fetch.URL().Host == "" || fetch.Redirects() != 1) {
			t.Errorf("followed to %q", fetch.URL())
		}
		for _, v := range []browser.Verdict{
			r.Preflight().Check(status, h),
			browser.CheckActual(page, credentials, status, h),
			browser.CheckRedirect(r, status, h),
			received,
		} {
			steps := v.Steps()
			if len(steps) == 0 || steps[len(steps)-1].Passed != v.Allowed || v.Allowed != (v.Name() == "") || v.Allowed != (v.Detail == "") {
				t.Errorf("%+v with steps %+v", v, steps)
			}
			if strings.ContainsFunc(v.Detail+v.Safari, unicode.IsControl) {
				t.Errorf("%q and %q are not safe to print", v.Detail, v.Safari)
			}
		}
	})
}
