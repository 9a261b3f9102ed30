//go:build e2e

package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// rawAnswers are what servers send that do not keep to HTTP, or hardly do; \n
// stands for a line end.
var rawAnswers = []string{
	"",
	"HTTP/1.1 200 OK\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin:\n *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n \nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n ,*\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin : *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\n Access-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nX: y\n Access-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nnonsense\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nbad name: x\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\n: x\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\rContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: \x01*\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\x0b\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\u00a0\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: \xe4\nContent-Length: 0\n\n",
	"HTTP/1.1 200\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.0 200 OK\nAccess-Control-Allow-Origin: *\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 100\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: many\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: -1\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 4, 4\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 4\nContent-Length: 4\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 4\nContent-Length: 5\n\nbody",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 4\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nTransfer-Encoding: chunked\n\n4\nbody\n0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nTransfer-Encoding: gzip, chunked\n\n4\nbody\n0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Disposition: a\nContent-Disposition: b\nContent-Length: 0\n\n",
	"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: /a\nLocation: /b\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nLocation: /a\nLocation: /b\nContent-Length: 0\n\n",
	"HTTP/1.1 302 Found\nAccess-Control-Allow-Origin: *\nLocation: /done\nLocation: /done\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *",
	"HTTP/1.1 200 OK\nAccess-Control-Al",
	"HTTP/1.1 200 OK",
	"HTTP/1.1 200 OK\n",
	"HTTP/1.1",
	"HTTP/1.1 \n\n",
	"HTTP/1.1 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 2xx OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 20 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 2000 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 999 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1  200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1\t200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"http/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.2 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/2.0 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/0.9 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"abcHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"abcdefHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n\n",
	"hello\n",
	"\x15\x03\x01\x00\x02\x02\x46",
	"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Length: 0\n\n",
	"HTTP/1.1 103 Early Hints\nAccess-Control-Allow-Origin: *\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n",
	"HTTP/1.1 103 Early Hints\n\n",
	"HTTP/1.1 101 Switching Protocols\nAccess-Control-Allow-Origin: *\nUpgrade: x\nConnection: upgrade\n\n",
	"HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: *\nContent-Length: 5\n\nbody!",
	"HTTP/1.1 205 Reset Content\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 304 Not Modified\nAccess-Control-Allow-Origin: *\n\n",
	"HTTP/1.1 401 Unauthorized\nAccess-Control-Allow-Origin: *\nWWW-Authenticate: Basic realm=\"x\"\nContent-Length: 0\n\n",
	"HTTP/1.1 407 Proxy Authentication Required\nAccess-Control-Allow-Origin: *\nProxy-Authenticate: Basic realm=\"x\"\nContent-Length: 0\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nX: " + strings.Repeat("a", 300<<10) + "\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nX: " + strings.Repeat("a", 200<<10) + "\n\n",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nContent-Encoding: gzip\n\nnot gzip",
	"HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nClear-Site-Data: \"cache\"\nRefresh: 0\nContent-Length: 0\n\n",
}

// serveRaw answers /xN/… with the answer N, and with one that allows everything
// where N is beyond: to a PUT it is the preflight that gets the answer.
func serveRaw(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answerRaw(conn)
		}
	}()
	return "http://" + l.Addr().String()
}

func answerRaw(conn net.Conn) {
	defer conn.Close()
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	answer := "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: *\nContent-Length: 0\nConnection: close\n\n"
	if n, _, ok := place(r.URL.Path); ok && r.Method != http.MethodPut {
		answer = rawAnswers[n%len(rawAnswers)]
	}
	_, _ = io.WriteString(conn, strings.ReplaceAll(answer, "\n", "\r\n"))
}

// headScript has a page fetch URLs, and reads no body: a script gets a response
// before that.
const headScript = `(async (calls) => {
  const results = [];
  for (const {url, init} of calls) {
    try {
      await fetch(url, init);
      results.push('readable');
    } catch (error) {
      results.push(String(error));
    }
  }
  return results;
})`

// TestTryRaw compares what Chromium and `corsproxy try` make of answers that do
// not keep to HTTP, as answers to a request and to a preflight.
func TestTryRaw(t *testing.T) {
	server := serveRaw(t)
	page := newStage(t).origins["P"]
	w := &watcher{request: map[network.RequestID]int{}, failed: map[int]string{}}
	ctx := w.open(t, page+"/")
	n := 2 * len(rawAnswers)
	method := func(i int) string {
		if i < len(rawAnswers) {
			return http.MethodGet
		}
		return http.MethodPut
	}
	var calls []object
	for i := range n {
		calls = append(calls, object{"url": server + path(i, 0), "init": object{"method": method(i), "cache": "no-store"}})
	}
	chromium, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](headScript+arguments(t, calls), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make([]string, n)
	each(n, func(i int) { outcomes[i] = try(server+path(i, 0), "--origin", page, "--method", method(i)) })
	for i, want := range chromium {
		if want != readable {
			want = w.why(i)
		}
		if outcomes[i] != want {
			answer := rawAnswers[i%len(rawAnswers)]
			t.Errorf("%s %.200q\n  Chromium: %s\n  try:      %s", method(i), answer, want, outcomes[i])
		}
	}
}
