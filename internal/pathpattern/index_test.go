package pathpattern_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
)

// index returns an Index of patterns whose values are the patterns' texts.
func index(t testing.TB, patterns ...string) *pathpattern.Index[string] {
	t.Helper()
	x := new(pathpattern.Index[string])
	for _, s := range patterns {
		x.Insert(parse(t, s), s)
	}
	return x
}

func TestIndex(t *testing.T) {
	t.Parallel()
	patterns := []string{
		"/{proxy+}", "/items/{id}", "/items/new", "$default", "/{name}.png", "/{kind}-{name}.png",
		"/items/{id}/parts", "/{a}/{b}", "/admin/{rest+}", "/",
	}
	x := index(t, patterns...)
	if x.Len() != len(patterns) {
		t.Errorf("Len() = %d, want %d", x.Len(), len(patterns))
	}
	tests := []struct {
		path, first string
		matches     []string // the best first
	}{
		{"/", "$default", []string{"/", "$default"}},
		{"/items/new", "/{proxy+}", []string{"/items/new", "/items/{id}", "/{a}/{b}", "/{proxy+}", "$default"}},
		{"/items/7/", "/{proxy+}", []string{"/items/{id}", "/{a}/{b}", "/{proxy+}", "$default"}},
		{"/items/7/parts", "/{proxy+}", []string{"/items/{id}/parts", "/{proxy+}", "$default"}},
		{"/big-cat.png", "/{proxy+}", []string{"/{kind}-{name}.png", "/{name}.png", "/{proxy+}", "$default"}},
		{"/admin/x/y", "/{proxy+}", []string{"/admin/{rest+}", "/{proxy+}", "$default"}},
		{"/admin/", "/{proxy+}", []string{"/{proxy+}", "$default"}},
		{"*", "$default", []string{"$default"}},
	}
	for _, tt := range tests {
		if got, ok := x.First(tt.path); !ok || got != tt.first {
			t.Errorf("First(%q) = %q, %v; want %q", tt.path, got, ok, tt.first)
		}
		if got, ok := x.Best(tt.path); !ok || got != tt.matches[0] {
			t.Errorf("Best(%q) = %q, %v; want %q", tt.path, got, ok, tt.matches[0])
		}
		if got := slices.Collect(x.Matches(tt.path)); !slices.Equal(got, tt.matches) {
			t.Errorf("Matches(%q) = %q, want %q", tt.path, got, tt.matches)
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	t.Parallel()
	var x pathpattern.Index[int]
	if v, ok := x.First("/"); ok || v != 0 {
		t.Errorf("First = %d, %v", v, ok)
	}
	if v, ok := x.Best("/"); ok || v != 0 {
		t.Errorf("Best = %d, %v", v, ok)
	}
}

func TestIndexFirstIsTheEarliest(t *testing.T) {
	t.Parallel()
	x := index(t, "/admin/{x}", "/admin/{y}", "/{proxy+}", "/admin/users", "$default")
	for path, want := range map[string]string{
		"/admin/users":   "/admin/{x}",
		"/admin/users/1": "/{proxy+}",
		"/":              "$default",
	} {
		if got, _ := x.First(path); got != want {
			t.Errorf("First(%q) = %q, want %q", path, got, want)
		}
	}
	if got, _ := index(t, "$default", "/a").First("/a"); got != "$default" {
		t.Errorf("a $default that stands first is not First: %q", got)
	}
}

// TestIndexAgreesWithWerkzeug replays what Werkzeug 3.1's router, on which
// SAM local runs, chose for many sets of patterns.
func TestIndexAgreesWithWerkzeug(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/werkzeug.json")
	if err != nil {
		t.Fatal(err)
	}
	var sets []struct {
		Patterns []string
		Best     [][2]any // path, number of the pattern or -1
	}
	if err := json.Unmarshal(data, &sets); err != nil {
		t.Fatal(err)
	}
	for _, set := range sets {
		x := index(t, set.Patterns...)
		for _, b := range set.Best {
			path, want := b[0].(string), ""
			if n := int(b[1].(float64)); n >= 0 {
				want = set.Patterns[n]
			}
			// Werkzeug drops repeated slashes at the start before it routes.
			if got, _ := x.Best(pathpattern.Decode(path)); got != want {
				t.Errorf("Best(%q) = %q, Werkzeug chose %q; patterns %q", path, got, want, set.Patterns)
			}
		}
	}
}

// TestIndexDoesNotBlowUp asks the hardest question of the largest sets that
// fit: each mixture of text and parameters at each depth, and a path that
// fails only at its end. A lookup that visited a node twice would not return
// in the life of the test.
func TestIndexDoesNotBlowUp(t *testing.T) {
	t.Parallel()
	var x pathpattern.Index[int]
	const depth = 12
	for n := range 1 << depth {
		var b strings.Builder
		for bit := range depth {
			b.WriteString([]string{"/a", "/{x}"}[n>>bit&1])
		}
		x.Insert(parse(t, b.String()+"/end"), n)
	}
	path := strings.Repeat("/a", depth)
	if v, ok := x.Best(path + "/no"); ok {
		t.Errorf("Best = %d for a path that no pattern matches", v)
	}
	if v, ok := x.First(path + "/end"); !ok || v != 0 {
		t.Errorf("First = %d, %v; want 0", v, ok)
	}

	hard := parse(t, "/"+strings.Repeat("{a}x", 200)+"y")
	if hard.Match("/" + strings.Repeat("x", 1<<20)) {
		t.Error("a pattern that ends in y matches a path that does not")
	}
	if !parse(t, "/a/{rest+}").Match("/a" + strings.Repeat("/", 1<<20)) {
		t.Error("{rest+} does not match slashes")
	}
}

func BenchmarkIndex(b *testing.B) {
	for _, size := range []int{10, 100, 1000, 10_000} {
		x := new(pathpattern.Index[int])
		for i := range size {
			pattern := []string{"/r%d/items", "/r%d/{id}", "/files/{name}.v%d", "/api/{version}/r%d/{rest+}"}[i%4]
			x.Insert(parse(b, fmt.Sprintf(pattern, i)), i)
		}
		paths := map[string]string{
			"literal": fmt.Sprintf("/r%d/items", size/2/4*4),
			"mixed":   fmt.Sprintf("/files/name.v%d", size/2/4*4+2),
			"greedy":  fmt.Sprintf("/api/v1/r%d/a/b/c", size/2/4*4+3),
			"none":    "/api/v1/nothing/a/b/c",
		}
		for name, path := range paths {
			b.Run(fmt.Sprintf("%s/patterns=%d/First", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, ok := x.First(path); ok == (name == "none") {
						b.Fatal(path)
					}
				}
			})
			b.Run(fmt.Sprintf("%s/patterns=%d/Best", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					x.Best(path)
				}
			})
		}
	}
}
