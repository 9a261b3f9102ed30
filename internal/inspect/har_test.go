package inspect_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// archive has every field that HAR 1.2 requires, by its name.
type archive struct {
	Log struct {
		Version string
		Creator struct{ Name, Version string }
		Entries []struct {
			StartedDateTime string
			Time            *float64
			Request         *struct {
				Method, URL, HTTPVersion string
				Cookies, Headers         []struct{ Name, Value string }
				QueryString              []struct{ Name, Value string }
				PostData                 *struct{ MimeType, Text string }
				HeadersSize, BodySize    *int
			}
			Response *struct {
				Status                               int
				StatusText, HTTPVersion, RedirectURL string
				Cookies, Headers                     []struct{ Name, Value string }
				Content                              struct {
					Size                     *int
					MimeType, Text, Encoding string
				}
				HeadersSize, BodySize *int
			}
			Cache   *struct{}
			Timings *struct{ Send, Wait, Receive *float64 }
		}
	}
}

// TestHARIsNotKept has a program stop reading an archive of many bodies. It is not
// parallel, since it looks at the memory of all.
func TestHARIsNotKept(t *testing.T) {
	const bodies, size, most = 100, 200_000, 4 << 20
	b := newBench(t, echo)
	for range bodies {
		b.through("POST", "/", strings.Repeat("\x00", size)) // each byte is six in JSON, or base64
	}
	b.ended(bodies)
	before := heap()
	r, err := http.NewRequest("GET", b.url+"/api/har", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Corsproxy-Inspector", b.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	first := make([]byte, size)
	if _, err := io.ReadFull(resp.Body, first); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v", resp.StatusCode, err)
	}
	// It is written until the connection holds no more, and is in the way till then.
	got := heap() - before
	for deadline := time.Now().Add(patience); got > most && time.Now().Before(deadline); {
		got = heap() - before
	}
	if got > most {
		t.Errorf("an archive of %d bodies of %d bytes takes %.1f MB while nobody reads, want at most %.1f", bodies, size, float64(got)/1e6, float64(most)/1e6)
	}
	rest, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var read archive
	if err := json.Unmarshal(append(first, rest...), &read); err != nil || len(read.Log.Entries) != bodies {
		t.Errorf("the archive has %d entries, want %d: %v", len(read.Log.Entries), bodies, err)
	}
}

func TestHAR(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bytes" {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write([]byte{0xff, 0xfe, 0})
			return
		}
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		echo(w, r)
	})
	b.through("POST", "/a?x=1&y=%20z", "hello", page, "Content-Type: text/plain", "Cookie: c=d; e=f")
	b.through("GET", "/bytes", "")
	b.through("OPTIONS", "/a", "", page, "Access-Control-Request-Method: POST")
	b.ended(3)
	log := call[archive](b, "GET", "har").Log
	if log.Version != "1.2" || log.Creator.Name != "corsproxy" || log.Creator.Version == "" || len(log.Entries) != 3 {
		t.Fatalf("the log is %+v", log)
	}
	for i, e := range log.Entries {
		if _, err := time.Parse(time.RFC3339Nano, e.StartedDateTime); err != nil {
			t.Error(err)
		}
		if e.Request == nil || e.Response == nil || e.Cache == nil || e.Timings == nil || e.Time == nil {
			t.Fatalf("entry %d lacks a part: %+v", i, e)
		}
		if e.Request.Cookies == nil || e.Request.Headers == nil || e.Request.QueryString == nil || e.Request.HeadersSize == nil || e.Request.BodySize == nil ||
			e.Response.Cookies == nil || e.Response.Headers == nil || e.Response.Content.Size == nil || e.Response.Content.MimeType == "" || e.Response.HeadersSize == nil || e.Response.BodySize == nil {
			t.Errorf("entry %d lacks a field: %+v %+v", i, e.Request, e.Response)
		}
		tm := e.Timings
		if tm.Send == nil || tm.Wait == nil || tm.Receive == nil || *tm.Send < 0 || *tm.Wait < 0 || *tm.Receive < 0 || *tm.Send+*tm.Wait+*tm.Receive > *e.Time+0.01 {
			t.Errorf("entry %d took %+v of %v", i, tm, *e.Time)
		}
	}
	first := log.Entries[0]
	if first.Request.URL != b.proxyURL+"/a?x=1&y=%20z" || len(first.Request.QueryString) != 2 || first.Request.QueryString[1].Value != " z" ||
		len(first.Request.Cookies) != 2 || first.Request.PostData == nil || first.Request.PostData.Text != "hello" || first.Request.HTTPVersion != "HTTP/1.1" {
		t.Errorf("the request is %+v", first.Request)
	}
	if first.Response.Status != 200 || first.Response.StatusText != "OK" || len(first.Response.Cookies) != 1 || !strings.Contains(first.Response.Content.Text, `"length":5`) {
		t.Errorf("the response is %+v", first.Response)
	}
	if c := log.Entries[1].Response.Content; c.Encoding != "base64" || c.Text != base64.StdEncoding.EncodeToString([]byte{0xff, 0xfe, 0}) {
		t.Errorf("bytes are %+v", c)
	}
}
