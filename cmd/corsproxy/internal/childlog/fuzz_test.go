package childlog_test

import (
	"io"
	"net/url"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
)

// FuzzLog holds that a log is read the same however it is cut, and that what it
// says to listen on is an address.
func FuzzLog(f *testing.F) {
	f.Add(samLog, 300)
	f.Add(" * Running on http://0.0.0.0:5000\nlistening on port 3000\n", 20)
	f.Add("Mounting A at http://127.0.0.1:3000/a [GET]\r\nNow listening on: https://[::1]:7001", 5)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		cut = min(max(cut, 0), len(text))
		whole, addresses := readLog(text)
		parts, again := readLog(text[:cut], text[cut:])
		if !reflect.DeepEqual(whole, parts) || !reflect.DeepEqual(addresses, again) {
			t.Errorf("cut at %d: %+v %q, whole: %+v %q", cut, parts, again, whole, addresses)
		}
		for _, address := range addresses {
			u, err := url.Parse(address)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
				t.Errorf("%q: %v", address, err)
				continue
			}
			if port, err := strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
				t.Errorf("the port of %q", address)
			}
		}
	})
}

func readLog(parts ...string) (f childlog.Finding, addresses []string) {
	l := &childlog.Log{Address: func(url string) { addresses = append(addresses, url) }}
	for _, part := range parts {
		_, _ = io.WriteString(l, part)
	}
	l.End()
	f, _ = l.Since(time.Time{})
	return f, addresses
}
