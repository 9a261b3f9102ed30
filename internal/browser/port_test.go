package browser_test

import (
	"testing"

	"github.com/corsproxy/corsproxy/internal/browser"
)

func TestBadPort(t *testing.T) {
	t.Parallel()
	for port, want := range map[string]bool{
		"": false, "80": false, "443": false, "3000": false, "8080": false, "6670": false, "65535": false, "x": false,
		"0": true, "1": true, "22": true, "2049": true, "4190": true, "6000": true, "6566": true, "6667": true, "6697": true, "10080": true,
	} {
		if got := browser.BadPort(port); got != want {
			t.Errorf("BadPort(%q) = %t", port, got)
		}
	}
}
