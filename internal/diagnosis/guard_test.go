package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

func TestGuardCode(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 408, 431, 501, 505} {
		code := diagnosis.GuardCode(status)
		if info, ok := diagnosis.Lookup(code); !ok || info.Status != status {
			t.Errorf("GuardCode(%d) = %s, which answers %d", status, code, info.Status)
		}
	}
	if got := diagnosis.GuardCode(418); got != diagnosis.MalformedRequest {
		t.Errorf("GuardCode(418) = %s", got)
	}
}

// TestGuard holds that each code has a sentence, with the evidence in it and
// fit for a terminal.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, info := range diagnosis.All() {
		if !strings.HasPrefix(string(info.Code), "CP21") {
			continue
		}
		d := diagnosis.Guard(info.Code, "evil.test\x1b[2J")
		if d.Status != info.Status || d.Status == 0 || d.Detail == "" || strings.Contains(d.Detail, "%!") || strings.Contains(d.Detail, "\x1b") {
			t.Errorf("%s with %d", d, d.Status)
		}
		if !strings.Contains(d.Detail, "evil.test") {
			t.Errorf("%s: the evidence is missing", d)
		}
		if allow := len(d.Allow) > 0; allow != (d.Status == 405) {
			t.Errorf("%s: a 405, and only a 405, has Allow; got %v", d, d.Allow)
		}
	}
}

// TestGuardKeepsSecrets has one in the path of a request that was under way.
func TestGuardKeepsSecrets(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/a;sid=5eCr3t", "/a%3Ftoken=5eCr3t", "/http://u:5eCr3t@h/"} {
		if d := diagnosis.Guard(diagnosis.ShuttingDown, "GET "+path); strings.Contains(d.Detail, "5eCr3t") || !strings.Contains(d.Detail, "GET /") {
			t.Errorf("%s is in %s", path, d)
		}
	}
}
