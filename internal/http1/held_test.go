package http1_test

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// heap returns the bytes that are in use, of all tests: one that asks for them
// runs alone.
func heap() int64 {
	runtime.GC()
	runtime.GC() // a pool keeps what it has until the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestLargeHeadsAreNotHeld has connections that have seen one large head each,
// and stay in use.
func TestLargeHeadsAreNotHeld(t *testing.T) {
	large := strings.Repeat("x", 300_000)
	for name, c := range map[string]struct{ request, answer string }{
		"of a request": {large, ""},
		"of an answer": {"", large},
	} {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/large" {
					w.Header().Set("X", c.answer)
				}
			})})
			const connections = 40
			before := heap()
			for range connections {
				client := dialIdle(t, addr)
				for _, head := range []string{"GET /large HTTP/1.1\r\nHost: h\r\nX: " + c.request, "GET / HTTP/1.1\r\nHost: h"} {
					_, _ = io.WriteString(client, head+"\r\n\r\n")
					if _, err := http.ReadResponse(client.br, nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			if grown := heap() - before; grown > connections*int64(len(large))/2 {
				t.Errorf("%d connections hold %d bytes", connections, grown)
			}
		})
	}
}

// TestIdleConnectionsHoldNoBuffers waits until they have given them back.
func TestIdleConnectionsHoldNoBuffers(t *testing.T) {
	addr := serve(t, &http1.Server{Handler: http.NotFoundHandler()})
	const connections, most = 400, 5 << 10
	br := bufio.NewReader(nil)
	before := heap()
	for range connections {
		client := dialIdle(t, addr)
		client.br = nil
		br.Reset(client)
		_, _ = io.WriteString(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	grown := heap() - before
	for began := time.Now(); grown > connections*most && time.Since(began) < patience; grown = heap() - before {
		runtime.Gosched()
	}
	if grown > connections*most {
		t.Errorf("each of %d connections holds %d bytes", connections, grown/connections)
	}
}

// TestBodyEndsWithItsExchange has a handler's helper read on when the handler
// has returned: it must not come to believe that it has read the whole body,
// nor get a byte of what follows.
func TestBodyEndsWithItsExchange(t *testing.T) {
	t.Parallel()
	bodies := make(chan io.Reader, 1)
	read := make(chan error, 1)
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			bodies <- r.Body
			return
		}
		_, err := io.ReadAll(<-bodies)
		read <- err
	})})
	send(t, addr, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n")
	if err := <-read; err == nil {
		t.Error("the body has come to its end")
	}
}
