package compare_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/compare"
	"github.com/corsproxy/corsproxy/internal/fetch"
	"github.com/corsproxy/corsproxy/internal/sam"
)

func TestFill(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/items": "/items", "/items/{id}": "/items/corsproxy", "/a/{proxy+}": "/a/corsproxy", "/{a}/x-{b}": "/corsproxy/x-corsproxy", "$default": "/corsproxy", "/": "/",
	} {
		if got := compare.Fill(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

// answer serves one answer to everything: a status and header lines.
func answer(t *testing.T, status int, lines ...string) *url.URL {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			w.Header().Add(name, value)
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func plan(local, deployed *url.URL) compare.Plan {
	return compare.Plan{
		Local: local, Deployed: deployed, Client: &fetch.Client{}, Origins: []string{"http://localhost:5173"}, Headers: []string{"content-type"},
		Routes: []sam.Route{{Method: "GET", Path: "/items"}, {Method: "OPTIONS", Path: "/items"}}, Requests: true,
	}
}

const (
	star    = "Access-Control-Allow-Origin: *"
	headers = "Access-Control-Allow-Headers: content-type"
)

// What is a difference to a browser, in a preflight and in a request.
func TestDifferences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status             int
		lines              []string
		preflight, request string
	}{
		"the same":            {200, []string{star, headers}, "", ""},
		"another success":     {204, []string{star, headers}, "", "status"},
		"an error":            {500, []string{star, headers}, "status verdict", "status"},
		"another spelling":    {200, []string{star, "Access-Control-Allow-Headers: Content-Type"}, "", ""},
		"another origin":      {200, []string{"Access-Control-Allow-Origin: http://localhost:5173", headers}, "allow origin", "allow origin"},
		"a mismatch":          {200, []string{"Access-Control-Allow-Origin: http://a.test", headers}, "allow origin verdict", "allow origin verdict"},
		"no headers":          {200, []string{star}, "allow headers verdict", ""},
		"methods":             {200, []string{star, headers, "Access-Control-Allow-Methods: PUT"}, "allow methods", ""},
		"credentials":         {200, []string{star, headers, "Access-Control-Allow-Credentials: true"}, "credentials", "credentials"},
		"max age":             {200, []string{star, headers, "Access-Control-Max-Age: 5"}, "max age", ""},
		"exposed headers":     {200, []string{star, headers, "Access-Control-Expose-Headers: a"}, "", "expose headers"},
		"a header of its own": {200, []string{star, headers, "X-A: 1"}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := compare.Run(t.Context(), plan(answer(t, 200, star, headers), answer(t, test.status, test.lines...)))
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) != 2 || rows[0].Kind != compare.Preflight || rows[1].Kind != compare.Request {
				t.Fatalf("got %+v", rows)
			}
			for i, want := range []string{test.preflight, test.request} {
				if got := strings.Join(rows[i].Differences, " "); got != want {
					t.Errorf("%s: got %q, want %q", rows[i].Kind, got, want)
				}
			}
		})
	}
}

// What changes no verdict is no difference to a page, but for the kind of a
// status that it reads.
func TestSame(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status             int
		lines              []string
		preflight, request bool
		unimportant        string
	}{
		"the same":       {200, []string{star, headers}, true, true, ""},
		"more methods":   {200, []string{star, headers, "Access-Control-Allow-Methods: PUT"}, true, true, "allow methods"},
		"another 2xx":    {204, []string{star, headers}, true, true, "status"},
		"an error":       {500, []string{star, headers}, false, false, ""},
		"another origin": {200, []string{"Access-Control-Allow-Origin: http://localhost:5173", headers}, true, true, "allow origin"},
		"a mismatch":     {200, []string{"Access-Control-Allow-Origin: http://a.test", headers}, false, false, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := compare.Run(t.Context(), plan(answer(t, 200, star, headers), answer(t, test.status, test.lines...)))
			if err != nil {
				t.Fatal(err)
			}
			if rows[0].Same() != test.preflight || rows[1].Same() != test.request {
				t.Errorf("got %v for the preflight, %v for the request", rows[0].Same(), rows[1].Same())
			}
			if got := strings.Join(compare.Unimportant(rows), " "); got != test.unimportant {
				t.Errorf("got %q, want %q", got, test.unimportant)
			}
		})
	}
}

// A connection that is closed is an answer; one that is refused is none.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	closing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(closing.Close)
	u, err := url.Parse(closing.URL)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := compare.Run(t.Context(), plan(answer(t, 200, star, headers), u))
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[0].Deployed.Value("verdict"); got != "net::ERR_EMPTY_RESPONSE" || rows[0].Same() {
		t.Errorf("got %q", got)
	}
	closing.Close()
	var unreachable *compare.UnreachableError
	if _, err := compare.Run(t.Context(), plan(answer(t, 200, star, headers), u)); !errors.As(err, &unreachable) || unreachable.Base != u {
		t.Errorf("got %v", err)
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	why := errors.New("time is up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	here := answer(t, 200)
	if _, err := compare.Run(ctx, plan(here, here)); err != why {
		t.Errorf("got %v", err)
	}
}

// What a server says cannot forge a row, or more.
func TestHostileTable(t *testing.T) {
	t.Parallel()
	rows, err := compare.Run(t.Context(), plan(answer(t, 200, star, headers), answer(t, 200, "Access-Control-Allow-Origin: \x1b[2Jx\ty", headers)))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := compare.WriteTable(&b, rows); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\t") {
		t.Errorf("got %q", b.String())
	}
}
