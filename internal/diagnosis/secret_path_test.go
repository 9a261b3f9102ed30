package diagnosis_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestSecretsOfPaths has the password of a URL, and other secrets, in a path
// that is explained in parts. That there is one changes nothing else.
func TestSecretsOfPaths(t *testing.T) {
	t.Parallel()
	const secret = "5eCr3t"
	known := diagnosis.NewExplainer(diagnosis.Knowledge{Table: tableFrom(t, "GET /plain/{t}", "GET /files/{proxy+}", "GET /a/{b}/c")})
	for _, path := range []string{
		"/plain/https://%sh/x", "/Prod/plain/https://%sh", "/plain/1//%sh/", "/zzz//%sh", "/plainn/https://%sh", "/plain/1/https:%%2F%%2F%sh/x",
		"/plain/%%2F%sh/x", "/a//%sc", "/files/https://%sx", "/PLAIN/https://%sh",
	} {
		for name, x := range map[string]*diagnosis.Explainer{"a table": known, "nothing": nil} {
			with, own := x.MissingToken(tokenEvidence("GET " + fmt.Sprintf(path, "u:"+secret+"@")))
			without, same := x.MissingToken(tokenEvidence("GET " + fmt.Sprintf(path, "REDACTED@")))
			if said := fmt.Sprint(with); strings.Contains(strings.ToLower(said+strings.Join(with.Hints, " ")), strings.ToLower(secret)) {
				t.Errorf("%s, of which %s is known: %s %q", path, name, said, with.Hints)
			}
			if with.Code != without.Code || own != same || len(with.Routes) != len(without.Routes) {
				t.Errorf("%s, of which %s is known: %s, and with another user %s", path, name, with, without)
			}
		}
	}
	for _, path := range []string{"/zzz/token=" + secret, "/zzz;sid=" + secret + "/1", "/zzz/eyJhbGciOiJIUzI1NiJ9." + secret} {
		d, _ := known.MissingToken(tokenEvidence("GET " + path))
		if said := d.Detail + strings.Join(d.Hints, "\n"); strings.Contains(strings.ToLower(said), strings.ToLower(secret)) {
			t.Errorf("%s is explained by %s", path, said)
		}
	}
	for _, path := range []string{"/@user", "/users/a@b.c"} {
		d, _ := known.MissingToken(tokenEvidence("GET " + path))
		if !strings.Contains(d.Detail, path) || !strings.Contains(strings.Join(d.Hints, "\n"), "Path: "+path) {
			t.Errorf("%s is explained by %s %q", path, d, d.Hints)
		}
	}
}

// TestSecretsOfRedirects has one in a path with two slashes, which SAM local
// takes for one.
func TestSecretsOfRedirects(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/plain/https://u:5eCr3t@h": "/plain/https://REDACTED@h has two slashes in a row, and SAM local redirects it to /plain/https:/REDACTED@h;",
		"/zzz//u:5eCr3t@h":          "/zzz//REDACTED@h has two slashes in a row, and SAM local redirects it to /zzz/REDACTED@h;",
		"/users//@me":               "/users//@me has two slashes in a row, and SAM local redirects it to /users/@me;",
	} {
		e := tokenEvidence("GET " + path)
		e.UpstreamStatus, e.UpstreamBody = http.StatusPermanentRedirect, ""
		e.UpstreamHeader = http.Header{"Location": {"http://127.0.0.1:3000" + strings.Replace(path, "//", "/", 1)}}
		d, ok := diagnosis.NewExplainer(diagnosis.Knowledge{}).Answer(e)
		if !ok || d.Code != diagnosis.DoubleSlash || !strings.Contains(d.Detail, want) || strings.Contains(strings.Join(d.Hints, "\n"), "5eCr3t") {
			t.Errorf("%s is explained by %v %s %q, want %s", path, ok, d, d.Hints, want)
		}
	}
}
