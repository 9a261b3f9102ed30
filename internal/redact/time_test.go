package redact_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/redact"
)

// TestTimeGrowsWithTheLength repeats what begins a secret again and again: a
// look from each to the end would take many times as long.
func TestTimeGrowsWithTheLength(t *testing.T) {
	t.Parallel()
	const short, times, most = 2 << 10, 16, 5 * 16
	for name, of := range map[string]func(string) string{
		"Line": redact.Line, "Path": redact.Path, "Value": redact.Value, "Text": redact.Text, "JSON": redact.JSON,
		"Field": func(s string) string { return redact.Field("X-Any", s) },
	} {
		for _, c := range []struct{ begin, unit string }{
			{"/", "basic+"},
			{"/", "basic "},
			{"/", "bearer+"},
			{`/"token":{`, `\`},
			{`/%22token%22:{`, `%5c`},
			{`/"token":{`, `\"`},
			{"{\"a\":\"", "basic+"},
			{"/", `"token":`},
			{"/", "token="},
			{"/?a=", "{"},
			{"/", "http://a"},
			{"/", "%2525"},
		} {
			t.Run(name+" "+c.begin+c.unit, func(t *testing.T) {
				t.Parallel()
				runtime.LockOSThread() // for the clock
				defer runtime.UnlockOSThread()
				quickest := func(length int) time.Duration {
					s := c.begin + strings.Repeat(c.unit, length/len(c.unit))
					best := time.Hour
					for range 3 {
						began := clock()
						of(s)
						best = min(best, clock()-began)
					}
					return best
				}
				less, more := time.Hour, time.Hour
				for began := time.Now(); time.Since(began) < 20*time.Second; { // a machine may be busy for a while
					less, more = min(less, quickest(short)), min(more, quickest(times*short))
					if more < most*max(less, 20*time.Microsecond) {
						return
					}
				}
				t.Errorf("a text %d times as long takes %v, and %v before", times, more, less)
			})
		}
	}
}
