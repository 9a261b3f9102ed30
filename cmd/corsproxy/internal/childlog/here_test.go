package childlog_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/childlog"
)

func TestHere(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]int{
		"http://127.0.0.1:3000":              1,
		"http://127.9.9.9:3000":              1,
		"http://[::1]:3000":                  1,
		"http://localhost:3000":              2, // 127.0.0.1 and ::1
		"https://LOCALHOST:3000":             2,
		"http://evil:80":                     0,
		"http://localhost.evil.example:80":   0,
		"http://169.254.169.254:80":          0,
		"http://[::ffff:169.254.169.254]:80": 0,
		"http://[::ffff:127.0.0.1]:80":       1,
		"http://2130706433:80":               0,
		"http://0x7f.1:80":                   0,
		"http://127.0.0.1.nip.example:80":    0,
		"http://127.0.0.1@evil.example:80":   0,
		"http://192.0.2.7:3000":              0,
		"http://127.0.0.1":                   0,
		"":                                   0,
	} {
		if got := childlog.Here(address); len(got) != want {
			t.Errorf("%s is %v, want %d addresses", address, got, want)
		}
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || prefix.Addr().IsLinkLocalUnicast() {
			continue
		}
		if got := childlog.Here("http://" + net.JoinHostPort(prefix.Addr().String(), "3000")); len(got) != 1 {
			t.Errorf("this machine's own %s is %v", prefix.Addr(), got)
		}
	}
}
