package diagnosis_test

import (
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

func TestRefusedPreflight(t *testing.T) {
	t.Parallel()
	const origin, method, header = "origin-not-allowed", "method-not-allowed", "header-not-allowed"
	tests := []struct {
		name     string
		evidence diagnosis.Preflight
		want     string // in one of the hints
		not      string // in none
	}{
		{"a flag to paste", diagnosis.Preflight{Reason: origin, Refused: []string{"https://app.example.com:8443"}}, "--allow-origin https://app.example.com:8443", "localhost"},
		{"a key to paste", diagnosis.Preflight{Reason: origin, Refused: []string{"https://app.example.com"}}, "cors.allow_origins in the configuration file, which such a flag replaces: - https://app.example.com", ""},
		{"IPv6, quoted for the shell", diagnosis.Preflight{Reason: origin, Refused: []string{"http://[::1]:5173"}}, "--allow-origin 'http://[::1]:5173'", ""},
		{"an app's scheme", diagnosis.Preflight{Reason: origin, Refused: []string{"chrome-extension://abcdef"}}, "--allow-origin chrome-extension://abcdef", ""},
		{"a page of this machine", diagnosis.Preflight{Reason: origin, Refused: []string{"http://127.0.0.1:5173"}}, "--allow-origin localhost", ""},
		{"another name of this machine", diagnosis.Preflight{Reason: origin, Refused: []string{"http://127.0.0.1:5173"}, Allowed: []string{"*.test", "http://localhost:5173"}}, "the host name differs", ""},
		{"an origin with a slash", diagnosis.Preflight{Reason: origin, Refused: []string{"http://localhost:5173/"}, Allowed: []string{"http://localhost:5173"}}, "check what wrote", "differs"},
		{"another scheme", diagnosis.Preflight{Reason: origin, Refused: []string{"https://localhost:5173"}, Allowed: []string{"http://localhost:5173"}}, "the scheme differs", ""},
		{"nothing for a shell to run", diagnosis.Preflight{Reason: origin, Refused: []string{"http://x;reboot"}}, "check what wrote", "--allow-origin"},
		{"nothing for a flag to split", diagnosis.Preflight{Reason: origin, Refused: []string{"http://a,http://b"}}, "check what wrote", "--allow-origin"},
		{"an origin with a path is none", diagnosis.Preflight{Reason: origin, Refused: []string{"http://a/b"}}, "check what wrote", "--allow-origin"},
		{"null is not recommended", diagnosis.Preflight{Reason: origin, Refused: []string{"null"}}, "sandboxed", ""},
		{"lower case, already allowed", diagnosis.Preflight{Reason: method, Refused: []string{"patch"}, Allowed: []string{"PATCH"}}, "write PATCH", "--allow-method"},
		{"lower case, not yet allowed", diagnosis.Preflight{Reason: method, Refused: []string{"patch"}}, "--allow-method PATCH", ""},
		{"no page can send it", diagnosis.Preflight{Reason: method, Refused: []string{"TRACE"}}, "check what wrote", "--allow-method"},
		{"not a flag", diagnosis.Preflight{Reason: header, Refused: []string{"--help"}}, "check what wrote", "--allow-header"},
		{"a route's own policy", diagnosis.Preflight{Reason: header, Refused: []string{"x-a"}, Route: "/admin/{proxy+}"}, "cors.allow_headers that holds for /admin/{proxy+}", "--allow-header"},
		{"a list in a file", diagnosis.Preflight{Reason: header, Refused: []string{"x-a"}, Given: diagnosis.Given{File: "corsproxy.yaml:5:3"}}, "to allow x-a, add it to the list cors.allow_headers (corsproxy.yaml:5:3): x-a", "--allow-header"},
		{"a list that a route takes over", diagnosis.Preflight{Reason: header, Refused: []string{"x-a"}, Route: "/a", Given: diagnosis.Given{File: "c.yaml:9", Shared: true}}, "add it to the list cors.allow_headers of all paths, which the route /a takes over (c.yaml:9): x-a", "--allow-header"},
		{"a list of a route in a file", diagnosis.Preflight{Reason: header, Refused: []string{"x-a"}, Route: "/a", Given: diagnosis.Given{File: "c.yaml:9"}}, "add it to the list cors.allow_headers of the route /a (c.yaml:9): x-a", "--allow-header"},
		{"a page of this machine, in a file", diagnosis.Preflight{Reason: origin, Refused: []string{"http://127.0.0.1:5173"}, Given: diagnosis.Given{File: "c.yaml:9"}}, "on any port: localhost, at the same place", "--allow-origin"},
		{"all headers for a flag", diagnosis.Preflight{Reason: header, Refused: []string{"x-a", "x-b"}}, "to allow x-a and x-b, add to the command line: --allow-header x-a,x-b", ""},
		{"all headers in a file", diagnosis.Preflight{Reason: header, Refused: []string{"x-a", "x-b", "on"}, Given: diagnosis.Given{File: "c.yaml:9"}}, `to allow x-a, x-b and on, add them to the list cors.allow_headers (c.yaml:9), each as an item of its own: x-a, x-b, "on"`, "--allow-header"},
		{"all headers of a route", diagnosis.Preflight{Reason: header, Refused: []string{"x-a", "x-b"}, Route: "/a"}, "that holds for /a in the configuration file, each as an item of its own: x-a, x-b", "--allow-header"},
		{"all headers in a variable", diagnosis.Preflight{Reason: header, Refused: []string{"x-a", "x-b"}, Given: diagnosis.Given{Variable: "CORSPROXY_CORS_ALLOW_HEADERS"}}, "which holds the list, behind a comma: x-a,x-b", ""},
		{"one of the headers is none", diagnosis.Preflight{Reason: header, Refused: []string{"x-a", "x b"}}, "check what wrote these headers into the request", "--allow-header"},
		{"a list in a variable", diagnosis.Preflight{Reason: method, Refused: []string{"PUT"}, Given: diagnosis.Given{Variable: "CORSPROXY_CORS_ALLOW_METHODS"}}, "add to CORSPROXY_CORS_ALLOW_METHODS, which holds the list, behind a comma: PUT", "--allow-method"},
		{"a list of flags", diagnosis.Preflight{Reason: method, Refused: []string{"PUT"}, Given: diagnosis.Given{Flag: "--allow-method"}}, "add to the command line: --allow-method PUT", "configuration file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.evidence.Status = 403
			d, ok := diagnosis.RefusedPreflight(tt.evidence)
			if !ok || d.Status != 403 || !strings.HasSuffix(d.Header(), tt.evidence.Reason) {
				t.Fatalf("%v, %s with %d", ok, d, d.Status)
			}
			hints := strings.Join(d.Hints, "\n")
			if !strings.Contains(hints, tt.want) || tt.not != "" && strings.Contains(hints, tt.not) {
				t.Errorf("want %q and not %q in\n%s", tt.want, tt.not, hints)
			}
		})
	}
}

func TestRefusedPreflightTakesThePolicysWord(t *testing.T) {
	t.Parallel()
	d, _ := diagnosis.RefusedPreflight(diagnosis.Preflight{Reason: "header-not-allowed", Refused: []string{"x-a"}, Detail: `headers "x-a" and "x-b" are not allowed`})
	if want := `headers "x-a" and "x-b" are not allowed`; d.Detail != want {
		t.Errorf("detail %q, want %q", d.Detail, want)
	}
}

func TestRefusedPreflightKnowsItsReasons(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"", "upstream-refused", "CP1001"} {
		if d, ok := diagnosis.RefusedPreflight(diagnosis.Preflight{Reason: reason}); ok {
			t.Errorf("reason %q is %s", reason, d)
		}
	}
}
