package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/proxy"
)

// own returns an answer as SAM local makes it itself.
func own(status, body string) string {
	return "HTTP/1.1 " + status + "\r\nServer: Werkzeug/3.1.9 Python/3.11.7\r\nContent-Type: application/json\r\n" +
		fmt.Sprintf("Content-Length: %d\r\nDATE: Fri, 02 Jan 2026 03:04:05 GMT\r\nConnection: close\r\n\r\n%s", len(body), body)
}

// TestAnswersOfSAM has what SAM local says in place of a function named in the
// report, and passed on byte for byte.
func TestAnswersOfSAM(t *testing.T) {
	t.Parallel()
	const get, failed = "GET /a", "{\"message\":\"Internal server error\"}\n"
	for name, c := range map[string]struct{ request, fields, answer, code string }{
		"identity":      {get, "", own("401 UNAUTHORIZED", "{\"message\":\"Unauthorized\"}\n"), "CP4001"},
		"denied":        {get, "", own("403 FORBIDDEN", "{\"message\":\"User is not authorized to access this resource\"}\n"), "CP4002"},
		"failed":        {get, "", own("500 INTERNAL SERVER ERROR", failed), "CP4003"},
		"bad response":  {get, "", own("502 BAD GATEWAY", failed), "CP4004"},
		"binary":        {get, "Content-Type: image/png\r\n", own("502 BAD GATEWAY", failed), "CP4006"},
		"no function":   {get, "", own("502 BAD GATEWAY", "{\"message\":\"No function defined for resource method\"}\n"), "CP4007"},
		"inline":        {get, "", own("501 NOT IMPLEMENTED", "{\"message\":\"Inline code is not supported for sam local commands. Please write your code in a separate file.\"}\n"), "CP4008"},
		"container":     {get, "", own("501 NOT IMPLEMENTED", "{\"message\":\"no space left on device\"}\n"), "CP4009"},
		"double slash":  {"GET /x//a", "", "HTTP/1.1 308 PERMANENT REDIRECT\r\nLocation: http://127.0.0.1:3000/x/a\r\nContent-Length: 1\r\nConnection: close\r\n\r\n.", "CP3013"},
		"function":      {get, "", own("500 INTERNAL SERVER ERROR", strings.TrimSpace(failed)), ""},
		"a framework":   {get, "", strings.Replace(own("401 UNAUTHORIZED", "{\"message\":\"Unauthorized\"}\n"), "DATE", "X-Request-Id: 7\r\nDATE", 1), ""},
		"no SAM local":  {get, "", strings.Replace(own("401 UNAUTHORIZED", "{\"message\":\"Unauthorized\"}\n"), "Server: Werkzeug/3.1.9 Python/3.11.7\r\n", "", 1), ""},
		"long":          {get, "", own("500 INTERNAL SERVER ERROR", "{\"message\":\""+strings.Repeat("x", 2000)+"\"}\n"), ""},
		"chunked":       {get, "", "HTTP/1.1 500 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n", ""},
		"other":         {get, "", own("503 SERVICE UNAVAILABLE", failed), ""},
		"fine":          {get, "", own("200 OK", failed), ""},
		"cut":           {get, "", strings.TrimSuffix(own("500 INTERNAL SERVER ERROR", failed), "\n"), "CP2012"},
		"not gzip":      {get, "", strings.Replace(own("200 OK", failed), "DATE", "Content-Encoding: br, gzip\r\nDATE", 1), "CP2015"},
		"gzip":          {get, "", strings.Replace(own("200 OK", "\x1f\x8b\b"+failed), "DATE", "Content-Encoding: gzip\r\nDATE", 1), ""},
		"a part":        {get, "", strings.Replace(own("206 PARTIAL CONTENT", failed), "DATE", "Content-Encoding: gzip\r\nDATE", 1), ""},
		"another":       {get, "", strings.Replace(own("200 OK", failed), "DATE", "Content-Encoding: br\r\nDATE", 1), ""},
		"HEAD of gzip":  {"HEAD /a", "", strings.TrimSuffix(strings.Replace(own("200 OK", failed), "DATE", "Content-Encoding: gzip\r\nDATE", 1), failed), ""},
		"HEAD on a GET": {"HEAD /a", "", strings.TrimSuffix(own("502 BAD GATEWAY", failed), failed), "CP4005"},
	} {
		for mode, missing := range map[string]proxy.MissingToken{"convert": proxy.ConvertMissingToken, "keep": proxy.KeepMissingToken} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				p := serve(t, newUpstream(t, answer(c.answer)).url(), func(pc *proxy.Config) {
					pc.Rules.Known.Table, pc.Rules.MissingToken = routes(t, "GET /a"), missing
				})
				w := dial(t, p.addr)
				w.send(c.request + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + c.fields + "\r\n")
				if got, want := w.rest(), c.answer+"<EOF>"; got != want {
					t.Errorf("got %q\nwant %q", got, want)
				}
				code := ""
				if d := p.exchange(t).Diagnosis; d != nil {
					code = string(d.Code)
				}
				if code != c.code {
					t.Errorf("reported as %q, want %q", code, c.code)
				}
			})
		}
	}
}

// TestNotChunked has a function hand on Transfer-Encoding, which SAM local sends
// beside the Content-Length of the body.
func TestNotChunked(t *testing.T) {
	t.Parallel()
	p := serve(t, newUpstream(t, answer(strings.Replace(own("200 OK", `{"a":1}`), "DATE", "Transfer-Encoding: chunked\r\nDATE", 1))).url())
	w := dial(t, p.addr)
	w.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	w.rest()
	if d := p.exchange(t).Diagnosis; d == nil || !strings.HasSuffix(d.Detail, " says Transfer-Encoding: chunked, and its body is in no chunks") {
		t.Errorf("reported as %+v", d)
	}
}

// TestStreamingSuspect has SAM local pause within an answer of its own: it is
// not held back.
func TestStreamingSuspect(t *testing.T) {
	t.Parallel()
	u := newUpstream(t, func(c *wire) {
		readRequest(c)
		whole := own("500 INTERNAL SERVER ERROR", "{\"message\":\"Internal server error\"}\n")
		c.send(strings.TrimSuffix(whole, " error\"}\n"))
		c.rest() // until the proxy ends the connection
	})
	w := dial(t, serve(t, u.url()).addr)
	w.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if got := w.until("server"); !strings.HasSuffix(got, "{\"message\":\"Internal server") {
		t.Errorf("got %q", got)
	}
}
