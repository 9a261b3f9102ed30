package policy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

// header returns a header of the given lines.
func header(lines ...string) http.Header {
	return request("", lines...).Header
}

func TestApply(t *testing.T) {
	t.Parallel()
	exposing := func(c policy.Config, names ...string) policy.Config {
		c.ExposeHeaders = names
		return c
	}
	tests := []struct {
		name   string
		config policy.Config
		origin string
		before string // lines, joined by "|"
		expose []string
		want   string
	}{
		{"any origin", policy.Default(), "http://a.example", "", nil, "Access-Control-Allow-Origin: *"},
		{"any origin, none asks", policy.Default(), "", "Vary: Accept", nil, "Access-Control-Allow-Origin: *|Vary: Accept"},
		{"listed", listed(), "http://localhost:5173", "", nil, "Access-Control-Allow-Origin: http://localhost:5173|Vary: Origin"},
		{"listed, none asks", listed(), "", "", []string{"X-D"}, "Vary: Origin"},
		{"refused", listed(), "null", "Access-Control-Allow-Origin: null", []string{"X-D"}, "Vary: Origin"},
		{"credentials", credentialed(), "http://localhost:5173", "", nil,
			"Access-Control-Allow-Credentials: true|Access-Control-Allow-Origin: http://localhost:5173|Access-Control-Expose-Headers: X-Request-Id,ETag|Vary: Origin"},
		{"all that stood there goes", policy.Default(), "null",
			"Access-Control-Allow-Origin: a|Access-Control-Allow-Origin: b|Access-Control-Allow-Credentials: true|Access-Control-Allow-Methods: PUT|Access-Control-Expose-Headers: X|Access-Control-Max-Age: 1|Etag: 1", nil,
			"Access-Control-Allow-Origin: *|Etag: 1"},

		{"Vary gains Origin", listed(), "null", "Vary: Accept, Cookie|Vary: Accept-Language", nil, "Vary: Accept, Cookie, Accept-Language, Origin"},
		{"Vary has Origin", listed(), "null", "Vary: Accept|Vary: ORIGIN ,Cookie", nil, "Vary: Accept|Vary: ORIGIN ,Cookie"},
		{"Vary is everything", listed(), "null", "Vary: Accept, *", nil, "Vary: Accept, *"},
		{"Vary is empty", listed(), "null", "Vary: ", nil, "Vary: Origin"},

		{"exposed besides", exposing(policy.Default(), "X-Request-Id"), "null", "", []string{"X-D", "x-request-id", "X-E"},
			"Access-Control-Allow-Origin: *|Access-Control-Expose-Headers: X-Request-Id,X-D,X-E"},
		{"exposed alone", policy.Default(), "null", "", []string{"X-D"}, "Access-Control-Allow-Origin: *|Access-Control-Expose-Headers: X-D"},
		{"exposed anyway", exposing(policy.Default(), "*"), "null", "", []string{"X-D"}, "Access-Control-Allow-Origin: *|Access-Control-Expose-Headers: *"},
		{"exposed with credentials", credentialed(), "http://localhost:5173", "", []string{"X-D"},
			"Access-Control-Allow-Credentials: true|Access-Control-Allow-Origin: http://localhost:5173|Access-Control-Expose-Headers: X-Request-Id,ETag,X-D|Vary: Origin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := make(http.Header)
			if tt.before != "" {
				h = header(strings.Split(tt.before, "|")...)
			}
			r := request("DELETE") // actual requests are not held to the list of methods
			if tt.origin != "" {
				r.Header.Set("Origin", tt.origin)
			}
			compile(t, tt.config).Apply(h, r, tt.expose...)
			if got := strings.ReplaceAll(lines(h), "\n", "|"); got != tt.want {
				t.Errorf("header %s\nwant   %s", got, tt.want)
			}
		})
	}
}

func TestExpose(t *testing.T) {
	t.Parallel()
	const acao = "Access-Control-Allow-Origin: http://a|"
	tests := []struct{ name, before, want string }{
		{"nobody may read", "Etag: 1", "Etag: 1"},
		{"nothing exposed", acao + "Etag: 1", acao + "Access-Control-Expose-Headers: X-D|Etag: 1"},
		{"some exposed", acao + "Access-Control-Expose-Headers: A, B|Access-Control-Expose-Headers: C", acao + "Access-Control-Expose-Headers: A,B,C,X-D"},
		{"exposed already", acao + "Access-Control-Expose-Headers: A, x-d", acao + "Access-Control-Expose-Headers: A, x-d"},
		{"all exposed", acao + "Access-Control-Expose-Headers: *", acao + "Access-Control-Expose-Headers: *"},
		{"a star with credentials", "Access-Control-Allow-Credentials: true|" + acao + "Access-Control-Expose-Headers: *",
			"Access-Control-Allow-Credentials: true|" + acao + "Access-Control-Expose-Headers: *,X-D"},
	}
	for _, tt := range tests {
		h := header(strings.Split(tt.before, "|")...)
		policy.Expose(h, "X-D")
		if got := strings.ReplaceAll(lines(h), "\n", "|"); got != tt.want {
			t.Errorf("%s: header %s\nwant %s", tt.name, got, tt.want)
		}
	}
	h := header(acao)
	policy.Expose(h)
	if len(h) != 1 {
		t.Errorf("Expose of nothing: %v", h)
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	const page = "http://localhost:5173"
	for _, tt := range []struct {
		name   string
		config policy.Config
		origin string
		before string // lines, joined by "|"
		want   string
	}{
		{"nothing is there", credentialed(), page, "", "Access-Control-Allow-Credentials: true|Access-Control-Allow-Origin: " + page + "|Access-Control-Expose-Headers: X-Request-Id,ETag|Vary: Origin"},
		{"what is there stays", policy.Default(), page, "Access-Control-Allow-Origin: https://app.example.com", "Access-Control-Allow-Origin: https://app.example.com"},
		{"empty stays", policy.Default(), page, "Access-Control-Allow-Origin: ", "Access-Control-Allow-Origin: "},
		{"credentials beside the origin", credentialed(), page, "Access-Control-Allow-Origin: " + page + "|Access-Control-Expose-Headers: X-A", "Access-Control-Allow-Credentials: true|Access-Control-Allow-Origin: " + page + "|Access-Control-Expose-Headers: X-A|Vary: Origin"},
		{"no credentials beside *", credentialed(), page, "Access-Control-Allow-Origin: *|Access-Control-Expose-Headers: X-A", "Access-Control-Allow-Origin: *|Access-Control-Expose-Headers: X-A"},
		{"refused", listed(), "null", "Access-Control-Expose-Headers: X-A", "Access-Control-Expose-Headers: X-A|Vary: Origin"},
		{"Vary is merged", listed(), page, "Vary: Accept-Encoding", "Access-Control-Allow-Origin: " + page + "|Vary: Accept-Encoding, Origin"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := make(http.Header)
			if tt.before != "" {
				h = header(strings.Split(tt.before, "|")...)
			}
			r := request("GET", "Origin: "+tt.origin)
			compile(t, tt.config).Fill(h, r)
			if got := strings.ReplaceAll(lines(h), "\n", "|"); got != tt.want {
				t.Errorf("filled to\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
