package http1_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// TestAnsweredIsNotActive has clients that have their answer, and do not close
// their connection: no request is under way. A shutdown waits a moment for one
// that has nothing more to send, and for longer for another, which a reset might
// cost its answer.
func TestAnsweredIsNotActive(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request string
		waits   bool
	}{
		"the whole request was read": {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
		"a body was not read":        {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n", true},
		"it was malformed":           {"GET / HTTP/1.1\r\nHost: h\r\nX Y: z\r\n\r\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "ok")
			})}
			client := dialIdle(t, serve(t, s))
			if _, err := io.WriteString(client, c.request); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(client.br); err != nil {
				t.Fatal(err)
			}
			if n := s.Active(); n != 0 {
				t.Errorf("%d requests are active", n)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := s.Shutdown(ctx); (err != nil) != c.waits {
				t.Errorf("the shutdown: %v", err)
			}
		})
	}
}

// TestUnreadUpload has a handler that does not read what clients upload, at once
// or over seconds: they get their answer, and may use their connection again.
func TestUnreadUpload(t *testing.T) {
	t.Parallel()
	const parts, size = 20, 64 << 10
	s := &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2")
		_, _ = io.WriteString(w, "no")
	})}
	addr := serve(t, s)
	for name, pause := range map[string]time.Duration{"at once": 0, "over seconds": 130 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dialIdle(t, addr)
			send := func(s string) {
				t.Helper()
				if _, err := io.WriteString(c, s); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 3 {
				send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + strconv.Itoa(parts*size) + "\r\n\r\n")
				for range parts {
					send(strings.Repeat("x", size))
					time.Sleep(pause)
				}
				resp, err := http.ReadResponse(c.br, nil)
				if err != nil {
					t.Fatalf("request %d: %v", i+1, err)
				}
				if body, err := io.ReadAll(resp.Body); string(body) != "no" || err != nil || resp.Close {
					t.Errorf("request %d: answered %q, %v, close %v", i+1, body, err, resp.Close)
				}
				if pause > 0 {
					return
				}
			}
		})
	}
}

// TestUnreadChunks is TestUnreadUpload for one in chunks that come one by one.
func TestUnreadChunks(t *testing.T) {
	t.Parallel()
	s := &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		go func() { _, _ = io.Copy(io.Discard, r.Body) }() // as a transport does, until the handler ends
		time.Sleep(20 * time.Millisecond)
		w.Header().Set("Content-Length", "2")
		_, _ = io.WriteString(w, "no")
	})}
	c := dialIdle(t, serve(t, s))
	for i := range 3 {
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		for _, chunk := range []string{"5\r\nhello\r\n", "5\r\nhello\r\n", "5\r\nhello\r\n", "0\r\n\r\n"} {
			if _, err := io.WriteString(c, chunk); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Millisecond)
		}
		resp, err := http.ReadResponse(c.br, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i+1, err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "no" || err != nil || resp.Close {
			t.Errorf("request %d: answered %q, %v, close %v", i+1, body, err, resp.Close)
		}
	}
}

// TestCloseCutsAnswers closes the server within an answer that only the end of the
// connection ends: the client must not take it for complete.
func TestCloseCutsAnswers(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	s := &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
		<-closed
	})}
	c := dialIdle(t, serve(t, s))
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(c.br, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, len("hello"))); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	close(closed)
	if rest, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("it ends as if it were complete, after %q", rest)
	}
}
