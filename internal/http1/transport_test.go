package http1_test

import (
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/corsproxy/corsproxy/internal/http1"
)

// TestOwns tells the transport's connections from others that share a port
// with them.
func TestOwns(t *testing.T) {
	t.Parallel()
	clients := make(chan string, 1)
	addr := serve(t, &http1.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		clients <- r.RemoteAddr
	})})
	tr := &http1.Transport{Upstream: &url.URL{Scheme: "http", Host: addr}}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	tcp := func(s string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", s)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	client := <-clients
	if !tr.Owns(tcp(client), tcp(addr)) {
		t.Error("its own connection is not known")
	}
	if tr.Owns(tcp(client), tcp("127.0.0.1:1")) || tr.Owns(tcp("127.0.0.1:1"), tcp(addr)) {
		t.Error("another connection is taken for its own")
	}
}
