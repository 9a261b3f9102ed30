package http1_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// serve runs a server with handler and returns its address.
func serve(tb testing.TB, s *http1.Server) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	tb.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// send writes raw to a new connection, ends its sending side, and returns all
// that is answered.
func send(tb testing.TB, addr, raw string) string {
	tb.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, raw)
	_ = c.(*net.TCPConn).CloseWrite()
	b, _ := io.ReadAll(c)
	return string(b)
}

func TestHeadOf(t *testing.T) {
	t.Parallel()
	heads := make(chan *http1.Head, 1)
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		heads <- http1.HeadOf(r.Context())
	})})
	for _, blank := range []string{" ", strings.Repeat(" ", 100_000)} { // with which the head is copied
		send(t, addr, "GET /%zz HTTP/1.1\r\nhOST: h\r\nx-b: 1\r\nX-A: "+blank+"2 \r\nx-b: 3\r\n\r\n")
		h := <-heads
		var got strings.Builder
		for _, f := range h.Fields {
			got.WriteString(f.Name + "=" + f.Value + ";")
		}
		if h.Line != "GET /%zz HTTP/1.1" || got.String() != "hOST=h;x-b=1;X-A=2;x-b=3;" {
			t.Errorf("got %q, %s", h.Line, got.String())
		}
		if b, a := h.Header()["X-B"], h.Header()["X-A"]; len(b) != 2 || b[0] != "1" || b[1] != "3" || len(a) != 1 || a[0] != "2" {
			t.Errorf("X-B: %q, X-A: %q", b, a)
		}
	}
}

// TestSpelling edits a header and looks at what is sent of it.
func TestSpelling(t *testing.T) {
	t.Parallel()
	const received = "HTTP/1.1 200 Fine\r\nb: 1\r\nSET-cookie: x\r\na: 2\r\nset-COOKIE: y\r\n"
	for _, c := range []struct {
		name string
		edit func(http.Header)
		want string
	}{
		{"unchanged", func(http.Header) {}, "b: 1\r\nSET-cookie: x\r\na: 2\r\nset-COOKIE: y\r\n"},
		{"removed", func(h http.Header) { h.Del("B") }, "SET-cookie: x\r\na: 2\r\nset-COOKIE: y\r\n"},
		{"changed", func(h http.Header) { h.Set("A", "9") }, "b: 1\r\nSET-cookie: x\r\na: 9\r\nset-COOKIE: y\r\n"},
		{"added", func(h http.Header) { h.Set("C", "3"); h.Set("A0", "0") }, "b: 1\r\nSET-cookie: x\r\na: 2\r\nset-COOKIE: y\r\nA0: 0\r\nC: 3\r\n"},
		{"one more value", func(h http.Header) { h.Add("Set-Cookie", "z") }, "b: 1\r\nSET-cookie: x\r\nSET-cookie: y\r\nSET-cookie: z\r\na: 2\r\n"},
		{"one value less", func(h http.Header) { h["Set-Cookie"] = []string{"y"} }, "b: 1\r\nSET-cookie: y\r\na: 2\r\n"},
		{"no values", func(h http.Header) { h["Set-Cookie"] = nil }, "b: 1\r\na: 2\r\n"},
		{"cannot split the head", func(h http.Header) { h.Set("C", "x\r\nD: y"); h.Set("A", "\n"); h["E: f"] = []string{"g"} }, "b: 1\r\nSET-cookie: x\r\nset-COOKIE: y\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				head := http1.HeadOf(r.Context())
				for k, vv := range head.Header() {
					if k != "Host" {
						w.Header()[k] = vv
					}
				}
				c.edit(w.Header())
				w.Header().Set("Content-Length", "0")
				w.(http1.Speller).Spell(&http1.Head{Line: "HTTP/1.1 200 Fine", Fields: head.Fields})
				w.WriteHeader(200)
			})})
			request := "GET / HTTP/1.1\r\nHost: h\r\n" + strings.TrimPrefix(received, "HTTP/1.1 200 Fine\r\n") + "\r\n"
			got := send(t, addr, request)
			want := "HTTP/1.1 200 Fine\r\n" + c.want
			if strings.Replace(got, "Content-Length: 0\r\n", "", 1) != want+"\r\n" {
				t.Errorf("got\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestHeadTimeout(t *testing.T) {
	t.Parallel()
	addr := serve(t, &http1.Server{HeadTimeout: 20 * time.Millisecond, Handler: http.NotFoundHandler()})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ")
	b, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 408 ") {
		t.Errorf("got %q, %v", b, err)
	}
}

// TestTLSIsNamed answers a TLS handshake at once, in plain words.
func TestTLSIsNamed(t *testing.T) {
	t.Parallel()
	addr := serve(t, &http1.Server{Handler: http.NotFoundHandler()})
	if got := send(t, addr, "\x16\x03\x01\x00\xa5\x01"); !strings.Contains(got, "TLS") {
		t.Errorf("got %q", got)
	}
}

func TestPanicsEndTheConnection(t *testing.T) {
	t.Parallel()
	panics := make(chan any, 1)
	addr := serve(t, &http1.Server{
		Panicked: func(v any) { panics <- v },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "abc")
			if r.URL.Path == "/abort" {
				panic(http.ErrAbortHandler)
			}
			panic("oops")
		}),
	})
	for _, path := range []string{"/", "/abort"} {
		got := send(t, addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if got != "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc" {
			t.Errorf("%s: got %q", path, got)
		}
	}
	if v := <-panics; v != "oops" || len(panics) > 0 {
		t.Errorf("reported %v", v)
	}
}

// TestShortHandlers are not taken for complete.
func TestShortHandlers(t *testing.T) {
	t.Parallel()
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		_, _ = io.WriteString(w, strings.TrimPrefix(r.URL.Path, "/"))
	})})
	const whole = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
	for path, want := range map[string]string{"/ab": "ab", "/abc": "abc" + whole + "xyz", "/abcd": ""} {
		got := send(t, addr, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\nGET /xyz HTTP/1.1\r\nHost: h\r\n\r\n")
		if got != whole+want {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

// TestAbortIsSeenWithoutAFraming has an answer that only the end of the
// connection ends, as HTTP/1.0 has it: one that is cut must not end that way.
func TestAbortIsSeenWithoutAFraming(t *testing.T) {
	t.Parallel()
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "abc")
		if r.URL.Path == "/cut" {
			panic(http.ErrAbortHandler)
		}
	})})
	for path, cut := range map[string]bool{"/whole": false, "/cut": true} {
		c := dialIdle(t, addr)
		_, _ = io.WriteString(c, "GET "+path+" HTTP/1.0\r\n\r\n")
		if b, err := io.ReadAll(c.br); (err != nil) != cut {
			t.Errorf("%s: got %q and %v", path, b, err)
		}
	}
}

func TestEndToEnd(t *testing.T) {
	t.Parallel()
	plain := http.Header{"A": {"1"}}
	got := http1.EndToEnd(plain)
	got.Set("B", "2")
	if plain.Get("B") == "" {
		t.Error("a header without hop-by-hop fields was copied")
	}
	hop := http.Header{"Connection": {"close, x-hop", "Te"}, "X-Hop": {"1"}, "Te": {"trailers"}, "Keep-Alive": {"x"}, "A": {"1"}}
	got = http1.EndToEnd(hop)
	if len(got) != 3 || got.Get("Te") != "trailers" || got.Get("Connection") != "TE" || got.Get("A") != "1" {
		t.Errorf("got %v", got)
	}
	if len(hop) != 5 {
		t.Errorf("the header given was changed: %v", hop)
	}
}

// FuzzRequest compares the server with net/http: where both take a request,
// they must have read the same one. Framing that two readers could take for
// two things must not be taken at all.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /a?b#c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n3;x\r\nabc\r\n0\r\nX: y\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET / HTTP/1.1\nHost: h\nX: a\n b\n\n",
		"OPTIONS * HTTP/1.0\r\n\r\n",
		"GET http://h/x HTTP/1.1\r\nHost: i\r\n\r\n",
	} {
		f.Add(seed)
	}
	type seen struct {
		*http.Request
		body string
		err  error
	}
	requests := make(chan seen, 16)
	l := newMemListener()
	s := &http1.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		requests <- seen{r, string(b), err}
		panic(http.ErrAbortHandler) // one request is enough
	})}
	go func() { _ = s.Serve(l) }()
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, raw string) {
		l.play(raw)
		var ours *seen
		select {
		case r := <-requests:
			ours = &r
		default:
			return
		}
		theirs, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.TrimLeft(raw, "\r\n"))))
		if err != nil {
			return // net/http refuses some targets that are passed on here
		}
		if ours.Method != theirs.Method || ours.RequestURI != theirs.RequestURI || ours.ContentLength != theirs.ContentLength {
			t.Fatalf("read %s %s %d, net/http %s %s %d", ours.Method, ours.RequestURI, ours.ContentLength, theirs.Method, theirs.RequestURI, theirs.ContentLength)
		}
		body, err := io.ReadAll(theirs.Body)
		if ours.err == nil && (err != nil || ours.body != string(body)) {
			t.Fatalf("read the body %q, net/http %q, %v", ours.body, body, err)
		}
	})
}
