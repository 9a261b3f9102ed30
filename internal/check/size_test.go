package check_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/check"
)

// large are templates of any size.
var large = map[string]func(n int) string{
	"routes": func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(event(i, fmt.Sprintf("/a/%d/{id}", i)))
		}
		return b.String()
	},
	"variables": func(n int) string { return event(0, strings.Repeat("/a/{b}", n)) },
}

func event(i int, path string) string {
	return fmt.Sprintf("        E%d: {Type: Api, Properties: {Path: '%s', Method: get}}\n", i, path)
}

func checkLarge(tb testing.TB, events string) {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "template.yaml")
	const head = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n" +
		"    Properties:\n      Handler: a.b\n      Runtime: python3.13\n      CodeUri: .\n      Events:\n"
	if err := os.WriteFile(file, []byte(head+events), 0o600); err != nil {
		tb.Fatal(err)
	}
	if _, err := check.Run(check.Options{Template: file}); err != nil {
		tb.Fatal(err)
	}
}

// TestMemoryOfLargeTemplates has a check allocate in proportion to its
// template. It counts what all goroutines do, and so is not parallel.
func TestMemoryOfLargeTemplates(t *testing.T) {
	for name, template := range large {
		cost := func(n int) uint64 {
			text := template(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			checkLarge(t, text)
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		cost(10) // what is made once
		if small, large := cost(1000), cost(8000); large > 12*small {
			t.Errorf("%s: %d bytes for 1000, %d for 8000", name, small, large)
		}
	}
}

// BenchmarkLargeTemplates shows that the time grows as the template does.
func BenchmarkLargeTemplates(b *testing.B) {
	for name, template := range large {
		for _, n := range []int{2500, 5000, 10000, 20000} {
			b.Run(fmt.Sprintf("%s=%d", name, n), func(b *testing.B) {
				text := template(n)
				for b.Loop() {
					checkLarge(b, text)
				}
			})
		}
	}
}
