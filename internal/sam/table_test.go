package sam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// table returns the table of routes written "GET /a", each with the function
// F0, F1, … after its place in the list.
func table(tb testing.TB, routes ...string) *sam.Table {
	tb.Helper()
	var all []sam.Route
	for i, s := range routes {
		parsed, err := sam.ParseRoute(s)
		if err != nil {
			tb.Fatal(err)
		}
		for j := range parsed {
			parsed[j].Function = fmt.Sprintf("F%d", i)
		}
		all = append(all, parsed...)
	}
	return sam.NewTable(all)
}

func TestMatch(t *testing.T) {
	t.Parallel()
	const none = ""
	for _, test := range []struct {
		name   string
		routes []string
		want   map[string]string // "GET /path" → "F0 GET /route", or none
	}{
		{"literal", []string{"POST /scanRecords"}, map[string]string{
			"POST /scanRecords":    "F0 POST /scanRecords",
			"POST /scanRecords/":   "F0 POST /scanRecords",
			"post /scanRecords":    "F0 POST /scanRecords",
			"POST /scanrecords":    none,
			"POST /scanRecords/1":  none,
			"POST /scanRecords//":  none,
			"POST /":               none,
			"GET /scanRecords":     none,
			"HEAD /scanRecords":    none,
			"OPTIONS /scanRecords": none,
			"POST //scanRecords":   "F0 POST /scanRecords",
		}},
		{"with and without a slash", []string{"GET /a/", "GET /a", "POST /a/", "GET /{x}", "GET /{y}/"}, map[string]string{
			"GET /a":   "F1 GET /a",
			"GET /a/":  "F0 GET /a/",
			"POST /a":  "F2 POST /a/",
			"POST /a/": "F2 POST /a/",
			"GET /b":   "F3 GET /{x}",
			"GET /b/":  "F4 GET /{y}/",
		}},
		{"trailing slash", []string{"GET /a/"}, map[string]string{
			"GET /a": "F0 GET /a/", "GET /a/": "F0 GET /a/",
		}},
		{"HEAD reaches the rule of GET", []string{"GET /a"}, map[string]string{
			"HEAD /a": "F0 GET /a",
		}},
		{"HEAD with its own route", []string{"HEAD /a", "GET /a"}, map[string]string{
			"HEAD /a": "F0 HEAD /a", "GET /a": "F1 GET /a",
		}},
		{"HEAD with its own route, later", []string{"GET /a", "HEAD /a"}, map[string]string{
			"HEAD /a": "F1 HEAD /a",
		}},
		{"variable", []string{"GET /items/{id}"}, map[string]string{
			"GET /items/1":    "F0 GET /items/{id}",
			"GET /items/1/":   "F0 GET /items/{id}",
			"GET /items/a b":  "F0 GET /items/{id}",
			"GET /items":      none,
			"GET /items/":     none,
			"GET /items/1/2":  none,
			"GET /items//1":   none,
			"GET /Items/1":    none,
			"GET //items/1":   "F0 GET /items/{id}",
			"GET ///items/1/": "F0 GET /items/{id}",
		}},
		{"greedy", []string{"GET /p/{proxy+}"}, map[string]string{
			"GET /p/a":   "F0 GET /p/{proxy+}",
			"GET /p/a/b": "F0 GET /p/{proxy+}",
			"GET /p/a/":  "F0 GET /p/{proxy+}",
			"GET /p":     none,
			"GET /p/":    none,
			"GET /":      none,
		}},
		{"greedy at the root", []string{"GET /{proxy+}"}, map[string]string{
			"GET /a": "F0 GET /{proxy+}", "GET /a/b": "F0 GET /{proxy+}", "GET /": none,
		}},
		{"preference", []string{"GET /{proxy+}", "GET /a/{x}", "GET /a/b"}, map[string]string{
			"GET /a/b":   "F2 GET /a/b",
			"GET /a/c":   "F1 GET /a/{x}",
			"GET /a/c/d": "F0 GET /{proxy+}",
			"GET /c":     "F0 GET /{proxy+}",
		}},
		{"preference goes back", []string{"GET /a/b/c", "GET /{x}/b/d"}, map[string]string{
			"GET /a/b/d": "F1 GET /{x}/b/d",
		}},
		{"method and path count together", []string{"GET /items/new", "POST /items/{id}"}, map[string]string{
			"GET /items/new":  "F0 GET /items/new",
			"POST /items/new": "F1 POST /items/{id}",
			"PUT /items/new":  none,
		}},
		{"the later of two equal routes", []string{"GET /a", "GET /a"}, map[string]string{
			"GET /a": "F1 GET /a",
		}},
		{"default", []string{"$default", "GET /a"}, map[string]string{
			"GET /a":       "F1 GET /a",
			"POST /a":      "F0 POST $default",
			"GET /":        "F0 GET $default",
			"PATCH /x/y/z": "F0 PATCH $default",
			"TRACE /x":     none,
		}},
		{"default and a root", []string{"GET /", "$default"}, map[string]string{
			"GET /": "F0 GET /", "HEAD /": "F0 GET /", "POST /": "F1 POST $default",
		}},
		{"default after greedy", []string{"GET /{proxy+}", "$default"}, map[string]string{
			"GET /a": "F0 GET /{proxy+}", "PUT /a": "F1 PUT $default",
		}},
		{"the later of two defaults", []string{"$default", "$default"}, map[string]string{
			"GET /a": "F1 GET $default",
		}},
		{"any", []string{"ANY /a"}, map[string]string{
			"GET /a": "F0 GET /a", "HEAD /a": "F0 HEAD /a", "PATCH /a": "F0 PATCH /a", "TRACE /a": none,
		}},
		{"empty", nil, map[string]string{"GET /": none}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tab := table(t, test.routes...)
			for request, want := range test.want {
				method, path, _ := strings.Cut(request, " ")
				got := none
				if r, ok := tab.Match(method, path); ok {
					got = r.Function + " " + r.String()
				}
				if got != want {
					t.Errorf("%s: got %q, want %q", request, got, want)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, routes, path, want string
	}{
		{"unknown path", "GET /a", "/b", ""},
		{"sorted", "POST /a|GET /a|DELETE /a", "/a/", "DELETE GET POST"},
		{"no HEAD for GET", "GET /a", "/a", "GET"},
		{"a HEAD of its own", "GET /a|HEAD /a", "/a", "GET HEAD"},
		{"over several patterns", "GET /items/new|POST /items/{id}|PUT /{proxy+}", "/items/new", "GET POST PUT"},
		{"any", "ANY /a", "/a", "DELETE GET HEAD OPTIONS PATCH POST PUT"},
		{"default", "$default", "/a/b", "DELETE GET HEAD OPTIONS PATCH POST PUT"},
		{"leading slashes", "GET /a", "//a", "GET"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tab := table(t, strings.Split(test.routes, "|")...)
			if got := strings.Join(tab.Methods(test.path), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTableKeepsItsRoutes(t *testing.T) {
	t.Parallel()
	routes := []sam.Route{{Method: "GET", Path: "no path"}, {Method: "GET", Path: "/b", Function: "B"}, {Method: "get", Path: "/a"}}
	tab := sam.NewTable(routes)
	if got := tab.Routes(); !slices.Equal(got, routes) {
		t.Errorf("got %v, want %v", got, routes)
	}
	routes[1].Function = "changed"
	if r, ok := tab.Match("GET", "/b"); !ok || r.Function != "B" {
		t.Errorf("got %v, %v: the table changed with its argument", r, ok)
	}
	if _, ok := tab.Match("GET", "/a"); !ok {
		t.Error("a route whose method is in lower case is not matched")
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 5000} {
		routes := make([]string, n)
		for i := range routes {
			routes[i] = fmt.Sprintf("GET /api/v%d/items%d/{id}", i%7, i)
		}
		tab := table(b, routes...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				tab.Match("GET", "/api/v3/items3/42")
			}
		})
	}
}
