package demo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/demo"
)

const missingToken = `{"message":"Missing Authentication Token"}` + "\n"

func TestUpstream(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(demo.Upstream())
	t.Cleanup(server.Close)
	tests := []struct {
		name, method, target string
		status               int
		allowOrigin          string
	}{
		{"the function", "POST", "/scanRecords", 200, "*"},
		{"a slash at the end", "POST", "/scanRecords/", 200, "*"},
		{"a query", "POST", "/scanRecords?limit=3", 200, "*"},
		{"escaped letters", "POST", "/scan%52ecords", 200, "*"},
		{"a preflight", "OPTIONS", "/scanRecords", 403, ""},
		{"another method", "GET", "/scanRecords", 403, ""},
		{"HEAD", "HEAD", "/scanRecords", 403, ""},
		{"another case", "POST", "/scanrecords", 403, ""},
		{"another path", "GET", "/scanRecord", 403, ""},
		{"more path", "POST", "/scanRecords/7", 403, ""},
		{"the root", "GET", "/", 403, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequest(tt.method, server.URL+tt.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", "http://localhost:5173")
			resp, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || resp.Header.Get("Access-Control-Allow-Origin") != tt.allowOrigin {
				t.Errorf("%d with Allow-Origin %q, want %d with %q", resp.StatusCode, resp.Header.Get("Access-Control-Allow-Origin"), tt.status, tt.allowOrigin)
			}
			if resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Server") != "Werkzeug/3.1.9 Python/3.11.7" || !resp.Close {
				t.Errorf("header %v, closes %v", resp.Header, resp.Close)
			}
			if tt.status != 403 {
				return
			}
			want := missingToken
			if tt.method == "HEAD" {
				want = ""
			}
			if resp.ContentLength != 43 || string(body) != want {
				t.Errorf("length %d, body %q", resp.ContentLength, body)
			}
		})
	}
}

func TestUpstreamCountsRecords(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		"":                            0,
		"not JSON":                    0,
		"[1, 2]":                      0,
		`{"records": null}`:           0,
		`{"records": [{}, {}]}`:       2,
		`{"records": [1, "b", null]}`: 3,
		`{"records": [{}, {}`:         0,
	} {
		w := httptest.NewRecorder()
		demo.Upstream().ServeHTTP(w, httptest.NewRequest("POST", "/scanRecords", strings.NewReader(body)))
		var got struct {
			Count, Received int
			Records         []struct{ ID string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if got.Received != want || got.Count != len(got.Records) || got.Count == 0 || got.Records[0].ID == "" {
			t.Errorf("%q: %+v, want %d received", body, got, want)
		}
	}
}
