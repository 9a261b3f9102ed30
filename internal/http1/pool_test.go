package http1_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

const patience = 10 * time.Second

// A line is a connection of an upstream that plays a script.
type line struct {
	*testing.T
	net.Conn
	br *bufio.Reader
}

// scripted is an upstream that plays a script on each connection, in order. A
// connection too many is an error.
func scripted(t *testing.T, scripts ...func(*line)) *http1.Transport {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	played := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-played
	})
	go func() {
		defer close(played)
		for i := 0; ; i++ {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = nc.Close() })
			if i >= len(scripts) {
				t.Errorf("connection %d is opened", i+1)
				_ = nc.Close()
				continue
			}
			_ = nc.SetDeadline(time.Now().Add(patience))
			go scripts[i](&line{t, nc, bufio.NewReader(nc)})
		}
	}()
	return &http1.Transport{Upstream: &url.URL{Scheme: "http", Host: l.Addr().String()}}
}

// head reads a request's head.
func (c *line) head() string {
	var b strings.Builder
	for !strings.HasSuffix(b.String(), "\r\n\r\n") {
		s, err := c.br.ReadString('\n')
		b.WriteString(s)
		if err != nil {
			break
		}
	}
	return b.String()
}

func (c *line) send(s string) { _, _ = io.WriteString(c, s) }

// answer answers one request, and lets the connection be.
func answer(s string) func(*line) {
	return func(c *line) {
		c.head()
		c.send(s)
	}
}

const (
	okA = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
	okB = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"
)

// get sends a GET and returns the body of its answer.
func get(t *testing.T, tr *http1.Transport) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, tr.Upstream.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func wantGet(t *testing.T, tr *http1.Transport, want string) {
	t.Helper()
	if got, err := get(t, tr); got != want || err != nil {
		t.Errorf("got %q and %v, want %q", got, err, want)
	}
}

// TestKeptConnections have nothing on them that is not the next answer, and the
// next request is theirs alone.
func TestKeptConnections(t *testing.T) {
	t.Parallel()
	t.Run("used again", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, func(c *line) { answer(okA)(c); answer(okB)(c) })
		wantGet(t, tr, "a")
		wantGet(t, tr, "b")
	})
	t.Run("an answer that nobody asked for", func(t *testing.T) {
		t.Parallel()
		read, sent := make(chan struct{}), make(chan struct{})
		tr := scripted(t, func(c *line) {
			answer(okA)(c)
			<-read
			c.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
			close(sent)
		}, answer(okB))
		wantGet(t, tr, "a")
		close(read)
		<-sent
		wantGet(t, tr, "b")
	})
	t.Run("two answers at once", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer(okA+"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"), answer(okB))
		wantGet(t, tr, "a")
		wantGet(t, tr, "b")
	})
	t.Run("a length beside chunks", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), answer(okB))
		wantGet(t, tr, "a")
		wantGet(t, tr, "b")
	})
	t.Run("a coding that changes nothing", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: identity\r\n\r\na"))
		wantGet(t, tr, "a")
	})
	t.Run("a body that was not read", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na"), answer(okB))
		r, _ := http.NewRequest(http.MethodGet, tr.Upstream.String(), nil)
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		wantGet(t, tr, "b")
	})
	t.Run("a request that was not sent", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer(okA), answer(okB))
		body, more := io.Pipe()
		defer more.Close()
		r, _ := http.NewRequest(http.MethodPost, tr.Upstream.String(), body)
		r.ContentLength = 5
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); string(b) != "a" || err != nil {
			t.Errorf("got %q and %v", b, err)
		}
		_ = resp.Body.Close()
		wantGet(t, tr, "b")
	})
	t.Run("a body that a HEAD must not have", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, func(c *line) {
			answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")(c)
			answer("hello")(c)
		}, answer(okB))
		r, _ := http.NewRequest(http.MethodHead, tr.Upstream.String(), nil)
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		wantGet(t, tr, "b")
	})
	t.Run("idle for too long", func(t *testing.T) {
		t.Parallel()
		tr := scripted(t, answer(okA), answer(okB))
		tr.IdleTimeout = 1
		wantGet(t, tr, "a")
		wantGet(t, tr, "b")
	})
}

// TestHalfClosedConnectionIsNotKept has a client that closes its sending side,
// which the upstream is told by closing ours: nothing more can be sent there.
func TestHalfClosedConnectionIsNotKept(t *testing.T) {
	t.Parallel()
	const kept = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 1\r\n\r\n"
	tr := scripted(t, func(c *line) {
		c.head()
		if _, err := c.br.ReadByte(); err != io.EOF {
			c.Errorf("the end of the client came as %v", err)
		}
		c.send(kept + "a")
	}, answer(kept+"b"))
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp, err := tr.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.Header().Set("Content-Length", resp.Header.Get("Content-Length"))
		_, _ = io.Copy(w, resp.Body)
	})})
	for _, want := range []string{"a", "b"} {
		c := dialIdle(t, addr)
		_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
		if want == "a" {
			_ = c.Conn.(*net.TCPConn).CloseWrite()
		}
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(resp.Body); string(b) != want {
			t.Errorf("got %q, want %q", b, want)
		}
		_ = resp.Body.Close()
	}
}

// TestKeptConnectionsEnd has the transport end what is of no use any more: the
// upstream waits for it.
func TestKeptConnectionsEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer string
		then   func(*line)
		after  func(*http1.Transport)
	}{
		"kept for as long as was announced": {"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 1\r\n\r\na", nil, nil},
		"closed by the upstream":            {okA, func(c *line) { _ = c.Conn.(*net.TCPConn).CloseWrite() }, nil},
		"of a transport that was replaced":  {okA, nil, (*http1.Transport).Retire},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan error, 1)
			tr := scripted(t, func(l *line) {
				answer(c.answer)(l)
				if c.then != nil {
					c.then(l)
				}
				_, err := l.br.ReadByte()
				ended <- err
			})
			wantGet(t, tr, "a")
			if c.after != nil {
				c.after(tr)
			}
			if err := <-ended; err != io.EOF {
				t.Errorf("the upstream saw %v", err)
			}
		})
	}
}

// TestPartOfAHeadIsAnAnswer to a request that is not sent again, though it
// could be.
func TestPartOfAHeadIsAnAnswer(t *testing.T) {
	t.Parallel()
	tr := scripted(t, func(c *line) {
		answer(okA)(c)
		answer("HTTP/1.1 20")(c)
		_ = c.Close()
	})
	wantGet(t, tr, "a")
	var none *http1.NoResponseError
	if got, err := get(t, tr); !errors.As(err, &none) {
		t.Errorf("got %q and %v", got, err)
	}
}

// TestFramingIsWhatWasRead says that an edit of the header cannot make two
// framings of one.
func TestFramingIsWhatWasRead(t *testing.T) {
	t.Parallel()
	heads := make(chan string, 2)
	script := func(c *line) {
		heads <- c.head()
		c.send(okA)
	}
	tr := scripted(t, script, script)
	for _, c := range []struct {
		length int64
		want   string
	}{{-1, "Transfer-Encoding: chunked\r\n"}, {1, "Content-Length: 1\r\n"}} {
		r, _ := http.NewRequest(http.MethodPost, tr.Upstream.String(), strings.NewReader("x"))
		r.ContentLength = c.length
		r.Header = http.Header{"Content-Length": {"7"}, "Transfer-Encoding": {"gzip"}}
		resp, err := tr.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got, want := <-heads, "POST / HTTP/1.1\r\nHost: "+tr.Upstream.Host+"\r\n"+c.want+"\r\n"; got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
}

// TestHeaderTimeoutEndsWithTheHead has a body that comes later than a head may.
func TestHeaderTimeoutEndsWithTheHead(t *testing.T) {
	t.Parallel()
	tr := scripted(t, func(c *line) {
		answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")(c)
		time.Sleep(400 * time.Millisecond) // it is time itself that is waited for
		c.send("a")
	})
	tr.ResponseHeaderTimeout = 200 * time.Millisecond
	wantGet(t, tr, "a")
}

// TestLargeHeadOfAResponse is not read to its end.
func TestLargeHeadOfAResponse(t *testing.T) {
	t.Parallel()
	tr := scripted(t, answer("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", http1.DefaultMaxHeadBytes)+"\r\nContent-Length: 0\r\n\r\n"))
	var malformed *http1.ResponseError
	if got, err := get(t, tr); !errors.As(err, &malformed) || !malformed.TooLarge {
		t.Errorf("got %q and %v", got, err)
	}
}

// TestFaultOfAFieldName says which line of a head has it, and nothing that stands
// there: it may be a secret.
func TestFaultOfAFieldName(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"Cache Control: v": "field line 2: a field name has a blank, which no field name may have (RFC 9110 section 5.1)",
		"X\u00e9: v":       "field line 2: a field name has '\\u00e9', which no field name may have (RFC 9110 section 5.1)",
		"X\xe9: v":         "field line 2: a field name has '\\u00e9', which no field name may have (RFC 9110 section 5.1)",
		"X\x1b: v":         "field line 2: a field name has '\\x1b', which no field name may have (RFC 9110 section 5.1)",
		": v":              "field line 2: a field name is empty (RFC 9110 section 5.1)",
		"S3CRET":           "field line 2: there is no colon",
	} {
		tr := scripted(t, answer("HTTP/1.1 200 OK\r\nX: y\r\n"+line+"\r\nContent-Length: 0\r\n\r\n"))
		var malformed *http1.ResponseError
		if got, err := get(t, tr); !errors.As(err, &malformed) || malformed.Reason != want {
			t.Errorf("%q: got %q and %v, want %s", line, got, err, want)
		}
	}
}

// TestResetThatTheWriterIsTold has the upstream reset the connection while the
// request's body is written, and the answer read, which only the end of the
// connection ends. The system tells one of the two.
func TestResetThatTheWriterIsTold(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a reset from an end once it was told")
	}
	for name, c := range map[string]struct {
		end   func(*net.TCPConn)
		whole bool
	}{
		"a reset":      {func(tc *net.TCPConn) { _ = tc.SetLinger(0) }, false},
		"a proper end": {func(tc *net.TCPConn) { _ = tc.CloseWrite(); _, _ = io.CopyN(io.Discard, tc, 1<<20) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := scripted(t, func(l *line) {
				l.head()
				l.send("HTTP/1.1 200 OK\r\n\r\nhello")
				c.end(l.Conn.(*net.TCPConn))
				_ = l.Close() // with what has come and was not read
			})
			body, upload := io.Pipe()
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				for block := make([]byte, 32<<10); ; {
					if _, err := upload.Write(block); err != nil {
						return
					}
				}
			}()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tr.Upstream.String()+"/", body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = -1
			resp, err := tr.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			<-stopped
			got, err := io.ReadAll(resp.Body)
			if whole := err == nil; whole != c.whole || whole && string(got) != "hello" {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}
