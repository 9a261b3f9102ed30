package inspect_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/inspect"
)

// FuzzRedaction sends a secret in each place where secrets are known to stand,
// whatever stands around it. The inspector must show it nowhere.
func FuzzRedaction(f *testing.F) {
	f.Add("x=1", "a", "b")
	f.Add("code=2&sig", "\"", "';<>")
	f.Add("token%3D", "a;b", ";c=d")
	f.Add("a=%26amp;key=1", " ", "=")
	const secret = "5eCr3t0fUser"
	var setCookie string
	shared := newBench(f, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Set-Cookie"] = []string{setCookie}
	}, func(c *inspect.Config) { c.Exchanges = 1 })
	f.Fuzz(func(t *testing.T, query, before, after string) {
		b := *shared
		b.TB = t
		query, before, after = keep(query, "#"), keep(before, "&#"), keep(after, "&#")
		value := before + secret + after
		setCookie = "s=" + keep(before, ";") + secret + "; Path=/"
		token := [...]string{"token", "access_token", "X-Amz-Signature", "password", "api_key", "code"}[len(query)%6]
		r, err := http.NewRequest(http.MethodGet, b.proxyURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = "/a?" + query + "&" + token + "=" + value
		r.Header["Authorization"] = []string{"Bearer " + value}
		r.Header["Cookie"] = []string{"a=b; c=" + strings.ReplaceAll(value, ";", "")}
		r.Header["X-Api-Key"] = []string{value}
		r.Header["X-Session-Token"] = []string{value}
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Skip(err) // a target that cannot be sent
		}
		_ = resp.Body.Close()
		id := b.ended(1)[0].ID
		for _, path := range []string{"har", "exchanges", "exchanges/" + id} {
			shown := string(call[json.RawMessage](&b, http.MethodGet, path))
			if !strings.Contains(shown, "/a?") {
				t.Errorf("%s does not show it: %s", path, shown)
			}
			if i := strings.Index(shown, secret); i >= 0 {
				t.Errorf("%q %q: %s has …%s…", r.URL.Opaque, r.Header, path, shown[max(0, i-100):min(len(shown), i+100)])
			}
		}
	})
}

// keep returns what of s may stand in a target and a field, without some.
func keep(s, without string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(without, r) {
			return -1
		}
		return r
	}, s[:min(len(s), 100)])
}
