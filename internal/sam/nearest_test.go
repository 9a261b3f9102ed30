package sam_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		routes  string
		request string
		n       int
		want    string
	}{
		{"spelling", "GET /users|POST /scanRecords|GET /orders", "POST /scanRecord", 1, "POST /scanRecords"},
		{"case", "POST /scan|POST /scanRecords", "POST /SCANRECORDS", 1, "POST /scanRecords"},
		{"method", "GET /orders|GET /scanRecords", "POST /scanRecords", 1, "GET /scanRecords"},
		{"the request's method first", "GET /a|POST /a", "POST /a", 2, "POST /a, GET /a"},
		{"a variable takes any segment", "GET /items/{id}|GET /orders/{id}", "GET /item/4711", 1, "GET /items/{id}"},
		{"a literal before a variable", "GET /items/{id}|GET /items/latest", "GET /items/lates", 1, "GET /items/latest"},
		{"missing parameter", "GET /orders|GET /items/{id}/tags|GET /items/{id}", "GET /items/", 1, "GET /items/{id}"},
		{"a segment too many", "GET /b|GET /items|GET /orders/x", "GET /items/5", 1, "GET /items"},
		{"a stage before it", "GET /items/{id}|GET /orders", "GET /Prod/items/1", 1, "GET /items/{id}"},
		{"greedy", "GET /docs/{proxy+}|GET /items", "GET /doc/a/b/c/d", 1, "GET /docs/{proxy+}"},
		{"greedy without its tail", "GET /p/{proxy+}|GET /items/x", "GET /p", 1, "GET /p/{proxy+}"},
		{"default", "$default|GET /items", "GET /a/b/c", 1, "GET $default"},
		{"root", "GET /|GET /items/x", "GET /i", 1, "GET /"},
		{"a word in common before another word", "GET /internal|POST /admin/users", "GET /admin", 1, "POST /admin/users"},
		{"OPTIONS last", "OPTIONS /users|POST /users|OPTIONS /b", "GET /user", 1, "POST /users"},
		{"OPTIONS where that is asked for", "OPTIONS /users|POST /users|OPTIONS /b", "OPTIONS /user", 1, "OPTIONS /users"},
		{"any counts as one", "ANY /a|GET /b", "POST /a", 2, "POST /a, GET /b"},
		{"ties keep the order", "GET /aaa1|GET /aaa2|GET /aaa3", "GET /aaa4", 3, "GET /aaa1, GET /aaa2, GET /aaa3"},
		{"no more than there are", "GET /a", "GET /b", 3, "GET /a"},
		{"none asked for", "GET /a", "GET /a", 0, ""},
		{"fewer than none", "GET /a", "GET /a", -1, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tab := table(t, strings.Split(test.routes, "|")...)
			method, path, _ := strings.Cut(test.request, " ")
			if got := names(tab.Nearest(method, path, test.n)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The first request is one that a person makes, the second one that an
// attacker makes against a template made for it.
func BenchmarkNearest(b *testing.B) {
	const n = 5000
	routes := make([]string, n)
	for i := range routes {
		routes[i] = fmt.Sprintf("GET /api/v%d/items%d/{id}", i%7, i)
	}
	b.Run("usual", func(b *testing.B) {
		tab := table(b, routes...)
		for b.Loop() {
			tab.Nearest("GET", "/api/v3/item12/42", 3)
		}
	})
	for i := range routes {
		routes[i] = "GET " + strings.Repeat(fmt.Sprintf("/%d%s", i, strings.Repeat("x", 100)), 20)
	}
	b.Run("hostile", func(b *testing.B) {
		tab := table(b, routes...)
		path := strings.Repeat("/"+strings.Repeat("y", 100), 100)
		for b.Loop() {
			tab.Nearest("GET", path, 3)
		}
	})
}
