package sam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/sam"
)

func names(routes []sam.Route) string {
	s := make([]string, len(routes))
	for i, r := range routes {
		s[i] = r.String()
	}
	return strings.Join(s, ", ")
}

func TestParseRoute(t *testing.T) {
	t.Parallel()
	const any = "GET /x, DELETE /x, PUT /x, POST /x, HEAD /x, OPTIONS /x, PATCH /x"
	for _, test := range []struct{ in, want string }{
		{"POST /scanRecords", "POST /scanRecords"},
		{"  post\t/scanRecords ", "POST /scanRecords"},
		{"GET /", "GET /"},
		{"GET /items/{id}", "GET /items/{id}"},
		{"DELETE /admin/{proxy+}", "DELETE /admin/{proxy+}"},
		{"ANY /x", any},
		{"any /x", any},
		{"$default", strings.ReplaceAll(any, "/x", "$default")},
		{"ANY $default", strings.ReplaceAll(any, "/x", "$default")},
	} {
		t.Run(test.in, func(t *testing.T) {
			t.Parallel()
			got, err := sam.ParseRoute(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if names(got) != test.want {
				t.Errorf("got %s, want %s", names(got), test.want)
			}
		})
	}
}

func TestParseRouteError(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, want string }{
		{"empty", " ", `route " ": it is empty; write a method, a blank and a path, such as "POST /scanRecords"`},
		{"no blank", "POST/scanRecords", `route "POST/scanRecords": a blank between method and path is missing; write "POST /scanRecords"`},
		{"no method", "/scanRecords", `route "/scanRecords": the method is missing; write "GET /scanRecords" or "ANY /scanRecords"`},
		{"no path", "POST", `route "POST": the path is missing; write it after the method, such as "POST /scanRecords"`},
		{"a word", "scanRecords", `route "scanRecords": method and path are missing; write a method, a blank and a path, such as "GET /scanRecords"`},
		{"no slash", "POST scanRecords", `route "POST scanRecords": the path must begin with a slash; write "POST /scanRecords"`},
		{"swapped", "/scanRecords post", `route "/scanRecords post": the method goes first; write "POST /scanRecords"`},
		{"two paths", "GET /a /b", `route "GET /a /b": it has 3 words; write one method, a blank and one path, such as "GET /a"`},
		{"unknown method", "TRACE /x", `route "TRACE /x": "TRACE" is not a method that SAM local serves; use ANY or one of GET, DELETE, PUT, POST, HEAD, OPTIONS, PATCH`},
		{"URL", "GET http://127.0.0.1:3000/x", `route "GET http://127.0.0.1:3000/x": a route has a path, not a URL; write "GET /x"`},
		{"query", "GET /x?y=1", `route "GET /x?y=1": a route has no query or fragment; write "GET /x"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := sam.ParseRoute(test.in)
			if err == nil {
				t.Fatalf("got %s, want an error", names(got))
			}
			if err.Error() != test.want {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
	t.Run("bad pattern", func(t *testing.T) {
		t.Parallel()
		if got, err := sam.ParseRoute("GET /items/{id"); err == nil {
			t.Errorf("got %s, want an error", names(got))
		}
	})
}

func TestParseMounting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, line     string
		function, want string
	}{
		{"one method", "Mounting ScanRecords at http://127.0.0.1:3000/scanRecords [POST]", "ScanRecords", "POST /scanRecords"},
		{"several methods", "Mounting A at http://127.0.0.1:3000/a/b [GET, POST, OPTIONS]", "A", "GET /a/b, POST /a/b, OPTIONS /a/b"},
		{"without blanks", "Mounting A at http://127.0.0.1:3000/a [GET,POST]", "A", "GET /a, POST /a"},
		{"no function", "Mounting None at http://127.0.0.1:3000/a [OPTIONS]", "", "OPTIONS /a"},
		{"root", "Mounting A at http://127.0.0.1:3000/ [GET]", "A", "GET /"},
		{"TLS", "Mounting A at https://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"bare IPv6 host", "Mounting A at http://::1:3000/a [GET]", "A", "GET /a"},
		{"bracketed IPv6 host", "Mounting A at http://[::1]:3000/a [GET]", "A", "GET /a"},
		{"variable", "Mounting A at http://127.0.0.1:3000/items/{id} [GET]", "A", "GET /items/{id}"},
		{"greedy", "Mounting A at http://127.0.0.1:3000/p/{proxy+} [GET]", "A", "GET /p/{proxy+}"},
		{"Werkzeug variable", "Mounting A at http://127.0.0.1:3000/items/<id>/x/<y> [GET]", "A", "GET /items/{id}/x/{y}"},
		{"Werkzeug greedy", "Mounting A at http://127.0.0.1:3000/p/<path:proxy> [GET]", "A", "GET /p/{proxy+}"},
		{"default route", "Mounting A at http://127.0.0.1:3000$default [GET, POST]", "A", "GET $default, DELETE $default, PUT $default, POST $default, HEAD $default, OPTIONS $default, PATCH $default"},
		{"default route of an event that says nothing", "Mounting A at http://127.0.0.1:3000$default [X-AMAZON-APIGATEWAY-ANY-METHOD, OPTIONS]", "A", "GET $default, DELETE $default, PUT $default, POST $default, HEAD $default, OPTIONS $default, PATCH $default"},
		{"brackets in the path", "Mounting A at http://127.0.0.1:3000/a[0] [1] [GET]", "A", "GET /a[0] [1]"},
		{"colour around", "\x1b[32mMounting A at http://127.0.0.1:3000/a [GET]\x1b[0m", "A", "GET /a"},
		{"colour within", "Mounting \x1b[1;33mA\x1b[m at \x1b[38;5;12mhttp://127.0.0.1:3000/a\x1b[0m [GET]", "A", "GET /a"},
		{"link", "Mounting A at \x1b]8;;http://x\x1b\\http://127.0.0.1:3000/a\x1b]8;;\x07 [GET]", "A", "GET /a"},
		{"carriage return", "Mounting A at http://127.0.0.1:3000/a [GET]\r\n", "A", "GET /a"},
		{"time before", "2026-11-25 10:00:00 Mounting A at http://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"debug log", "2026-11-25 10:00:00,123 | Mounting A at http://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"container before", "sam-1  | Mounting A at http://0.0.0.0:3000/a [GET]", "A", "GET /a"},
		{"brackets before", "[sam] Mounting A at http://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"system log before", "Nov 25 10:00:00 host sam[123]: Mounting A at http://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"bar and time before", "api-1 | 2026-11-25T10:00:00Z Mounting A at http://127.0.0.1:3000/a [GET]", "A", "GET /a"},
		{"handler for a name", "Mounting index.handler (nodejs6.10) at http://127.0.0.1:3000/a [GET]", "index.handler (nodejs6.10)", "GET /a"},
		{"no methods", "Mounting A at http://127.0.0.1:3000/a []", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _, ok := sam.ParseMounting(test.line)
			if !ok {
				t.Fatal("not recognised")
			}
			if names(got) != test.want {
				t.Errorf("got %s, want %s", names(got), test.want)
			}
			if slices.ContainsFunc(got, func(r sam.Route) bool { return r.Function != test.function }) {
				t.Errorf("got %+v, want function %q", got, test.function)
			}
		})
	}
}

func TestParseMountingOtherLines(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"",
		"Mounting static files from /home/me/public at /",
		"You can now browse to the above endpoints to invoke your functions.",
		`127.0.0.1 - - [25/Nov/2026 10:00:00] "GET /a HTTP/1.1" 200 -`,
		"Mounting /tmp/src as /var/task:ro,delegated, inside runtime container",
		"Mounting A at http://127.0.0.1:3000/a",
		"Mounting A at http://127.0.0.1/a [GET]",
		"received: Mounting A at http://127.0.0.1:3000/a [GET]",
		`{"body": "Mounting A at http://127.0.0.1:3000/a [GET]`,
		"Dismounting A at http://127.0.0.1:3000/a [GET]",
	} {
		if got, _, ok := sam.ParseMounting(line); ok {
			t.Errorf("%q: got %s", line, names(got))
		}
	}
}

func FuzzParseMounting(f *testing.F) {
	f.Add("Mounting A at http://127.0.0.1:3000/p/<path:proxy> [GET, POST]")
	f.Add("\x1b[32mMounting None at https://::1:3000$default [ANY]\x1b[0m")
	f.Fuzz(func(t *testing.T, line string) {
		routes, _, _ := sam.ParseMounting(line)
		for _, r := range routes {
			if r.Path != sam.DefaultPath && !strings.HasPrefix(r.Path, "/") || r.Method == "" {
				t.Errorf("%q: got %+v", line, r)
			}
		}
		sam.NewTable(routes).Match("GET", "/a/b")
	})
}
