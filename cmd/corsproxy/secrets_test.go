package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/http1"
	"github.com/corsproxy/corsproxy/proxy"
)

// TestLogKeepsSecrets has a secret wherever one may come to the log, in both of
// its formats.
func TestLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	const secret = "S3CRET"
	target := func(method, target string) proxy.Exchange {
		return proxy.Exchange{Method: method, Target: target, Status: 200}
	}
	say := func(detail string) proxy.Exchange {
		return proxy.Exchange{Method: "GET", Target: "/", Status: 200, Diagnosis: &diagnosis.Diagnosis{Code: diagnosis.InvalidAllowOriginValue, Detail: detail}}
	}
	for name, c := range map[string]struct {
		exchange proxy.Exchange
		shown    string // what stays readable
	}{
		"a query":                    {target("GET", "/mat?foo="+secret), "/mat"},
		"a fragment":                 {target("GET", "/mat#foo="+secret), "/mat"},
		"a parameter of a path":      {target("GET", "/mat;token="+secret), "/mat;token=REDACTED"},
		"an encoded query":           {target("GET", "/mat%3Ftoken="+secret), "/mat%3Ftoken=REDACTED"},
		"absolute form":              {target("GET", "http://u:"+secret+"@localhost/mat"), "localhost/mat"},
		"authority form":             {target("CONNECT", "u:"+secret+"@h:80"), "@h:80"},
		"its refusal":                {say(diagnosis.Guard(diagnosis.ConnectRefused, "u:"+secret+"@h:80").Detail), "no tunnel to h:80"},
		"a reference without scheme": {say(`Location is "//h:99999999/next?foo=` + secret + `"`), `//h:99999999/next?`},
		"a reference without slash":  {say(`Location is "myapp:cb?foo=` + secret + ` \"` + secret + `" and "b"`), `myapp:cb?`},
		"a path":                     {say(`Access-Control-Allow-Origin is "/x?foo=` + secret + `"; is it? yes`), `is it? yes`},
		"without quotes":             {say(`it is /x?foo=` + secret + `, or (why?) b`), `it is /x?`},
		"an origin":                  {proxy.Exchange{Method: "GET", Target: "/", Status: 200, Origin: "a?foo=" + secret}, " /"},
		"a URL that is no origin":    {proxy.Exchange{Method: "GET", Target: "/", Status: 200, Origin: "http://u:" + secret + "@a/?" + secret}, " /"},
		"a head that is malformed": {proxy.Exchange{Method: "GET", Target: "/", Status: 502,
			Err: &http1.ResponseError{Reason: "a line without a colon", Got: []byte("HTTP/1.1 200 OK\r\nSet-Cookie: " + secret)}}, "a line without a colon"},
		"an error": {proxy.Exchange{Method: "GET", Target: "/", Err: errors.New(`parse "http://u:` + secret + `@a/?b=` + secret + `"`)}, "parse"},
		"a note": {proxy.Exchange{Method: "GET", Target: "/", Status: 200, Deployed: &diagnosis.Diagnosis{Code: diagnosis.DeployedOrigin,
			Detail: `it is "http://u:` + secret + `@h/?token=` + secret + `"`,
			Hints:  []string{"write:\ncorsproxy --allow-origin http://u:" + secret + "@h/?foo=" + secret, `see "http://u:` + secret + `@h/"`}}}, "http://REDACTED@h/?…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{"console", "json"} {
				got := logOf(c.exchange, format)
				shown := c.shown
				if format == "json" {
					shown = strings.TrimLeft(shown, " ")
				}
				if strings.Contains(got, secret) || !strings.Contains(got, shown) {
					t.Errorf("%s: got %s\nwant %s, and no secret", format, got, shown)
				}
			}
		})
	}
}
