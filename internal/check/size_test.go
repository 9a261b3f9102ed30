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

// lists are templates with a list of any length, each of whose entries is found.
var lists = map[string]func(n int) string{
	"origins": func(n int) string { return httpAPI("AllowOrigins: [" + listOf(n, "https://a%d.example/") + "]") },
	"pairs": func(n int) string {
		return httpAPI("AllowOrigins: [" + listOf(n, "'https://a%[1]d.example https://b%[1]d.example'") + "]")
	},
	"keys": func(n int) string { return httpAPI(listOf(n, "AllowOrigin%d: https://a.example")) },
}

func httpAPI(cors string) string {
	return "Resources:\n  A: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {" + cors + "}}}\n"
}

func listOf(n int, entry string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(entry, i)
	}
	return strings.Join(all, ", ")
}

// TestOutputOfLongLists has the findings be as long as what they are of, and not as
// its square.
func TestOutputOfLongLists(t *testing.T) {
	t.Parallel()
	for name, template := range lists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			length := func(n int) int {
				var b strings.Builder
				if err := check.Write(&b, check.FormatJSON, findingsOf(t, "Transform: AWS::Serverless-2016-10-31\n"+template(n)), false); err != nil {
					t.Fatal(err)
				}
				return b.Len()
			}
			if small, large := length(110), length(330); small < 110*100 || large > 4*small {
				t.Errorf("%d bytes for 110, %d for 330", small, large)
			}
		})
	}
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

// TestMemoryOfCode has the code of a template's functions be one file, by many
// names: its size says little of what a check would read.
func TestMemoryOfCode(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "src"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "app.py"), make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	cost := func(n int) uint64 {
		var b strings.Builder
		b.WriteString("Transform: AWS::Serverless-2016-10-31\nResources:\n")
		for i := range n {
			name := fmt.Sprint("f", i)
			if err := os.Symlink("src", filepath.Join(dir, name)); err != nil && !os.IsExist(err) {
				t.Skip("no links can be made:", err)
			}
			fmt.Fprintf(&b, "  F%d: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.13, Handler: app.b, CodeUri: %s/,"+
				" Events: {E: {Type: Api, Properties: {Path: /%s, Method: get}}}}}\n", i, name, name)
		}
		file := filepath.Join(dir, "template.yaml")
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := check.Run(check.Options{Template: file}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if some, many := cost(11), cost(44); many > 2*some {
		t.Errorf("%d bytes for the code of 11 functions, %d for that of 44", some, many)
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
