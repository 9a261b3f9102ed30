package diagnosis_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// tokenBody is what SAM local sends: 43 bytes.
const tokenBody = `{"message":"Missing Authentication Token"}` + "\n"

// bodies are complete bodies and whether they are the answer.
var bodies = []struct {
	name, body string
	want       bool
}{
	{"SAM local", tokenBody, true},
	{"API Gateway", strings.TrimSpace(tokenBody), true},
	{"white space everywhere", " \r\n\t{ \"message\"\t:\n\"Missing Authentication Token\" } \r\n ", true},
	{"as much white space as is held", strings.TrimSpace(tokenBody) + strings.Repeat(" ", diagnosis.MatchLimit-42), true},
	{"one byte more", strings.TrimSpace(tokenBody) + strings.Repeat(" ", diagnosis.MatchLimit-41), false},
	{"empty", "", false},
	{"white space alone", " \n", false},
	{"cut short", tokenBody[:41], false},
	{"another message", `{"message":"Forbidden"}`, false},
	{"another key", `{"Message":"Missing Authentication Token"}`, false},
	{"a second key", `{"message":"Missing Authentication Token","x":1}`, false},
	{"the key twice", `{"message":"Missing Authentication Token","message":"Missing Authentication Token"}`, false},
	{"an array of it", `[{"message":"Missing Authentication Token"}]`, false},
	{"the string alone", `"Missing Authentication Token"`, false},
	{"white space in the key", `{" message":"Missing Authentication Token"}`, false},
	{"white space in the value", `{"message":"Missing  Authentication Token"}`, false},
	{"a full stop more", `{"message":"Missing Authentication Token."}`, false},
	{"other case", `{"message":"missing authentication token"}`, false},
	{"something after it", tokenBody + "{}", false},
	{"it twice", tokenBody + tokenBody, false},
	{"byte order mark", "\ufeff" + tokenBody, false},
	{"white space that is not JSON's", "\v" + tokenBody, false},
	{"a NUL at the end", tokenBody + "\x00", false},
	{"single quotes", `{'message':'Missing Authentication Token'}`, false},
	{"unquoted", "Missing Authentication Token", false},
}

// TestMatcherAtEverySplit feeds each body in two pieces, cut everywhere, and
// in single bytes.
func TestMatcherAtEverySplit(t *testing.T) {
	t.Parallel()
	for _, tt := range bodies {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := diagnosis.Mismatch
			if tt.want {
				want = diagnosis.Match
			}
			for cut := range len(tt.body) + 1 {
				var m diagnosis.Matcher
				first := m.Feed([]byte(tt.body[:cut]))
				second := m.Feed([]byte(tt.body[cut:]))
				if got := m.End(); got != want {
					t.Fatalf("cut at %d: %v, want %v", cut, got, want)
				}
				if tt.want && (first != diagnosis.Undecided || second != diagnosis.Undecided) {
					t.Fatalf("cut at %d: %v, then %v before the end", cut, first, second)
				}
				if first == diagnosis.Mismatch && second != first {
					t.Fatalf("cut at %d: a mismatch was taken back", cut)
				}
			}
			var m diagnosis.Matcher
			for i := range len(tt.body) {
				m.Feed([]byte{tt.body[i]})
			}
			if got := m.End(); got != want {
				t.Errorf("byte by byte: %v, want %v", got, want)
			}
		})
	}
}

// TestMatcherGivesUpAtOnce holds that a foreign body is let go at the first
// byte that cannot belong.
func TestMatcherGivesUpAtOnce(t *testing.T) {
	t.Parallel()
	for i := range tokenBody {
		for _, c := range []byte("x\x00\"") {
			if c == tokenBody[i] {
				continue
			}
			var m diagnosis.Matcher
			if got := m.Feed([]byte(tokenBody[:i])); got != diagnosis.Undecided {
				t.Fatalf("after %q: %v", tokenBody[:i], got)
			}
			if got := m.Feed([]byte{c}); got != diagnosis.Mismatch {
				t.Errorf("after %q and %q: %v, want a mismatch", tokenBody[:i], c, got)
			}
		}
	}
}

func TestIsMissingToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		header http.Header
		want   bool
	}{
		{"as SAM local sends it", 403, http.Header{"Content-Type": {"application/json"}, "Content-Length": {"43"}}, true},
		{"with a parameter", 403, http.Header{"Content-Type": {"Application/JSON; charset=utf-8"}}, true},
		{"with a broken parameter", 403, http.Header{"Content-Type": {"application/json; charset"}}, true},
		{"a JSON suffix", 403, http.Header{"Content-Type": {"application/vnd.api+json"}}, true},
		{"without a media type", 403, http.Header{}, true},
		{"identity", 403, http.Header{"Content-Encoding": {"identity"}}, true},
		{"no coding at all", 403, http.Header{"Content-Encoding": {""}}, true},
		{"another status", 401, http.Header{"Content-Type": {"application/json"}}, false},
		{"success", 200, http.Header{"Content-Type": {"application/json"}}, false},
		{"text", 403, http.Header{"Content-Type": {"text/plain"}}, false},
		{"HTML", 403, http.Header{"Content-Type": {"text/html"}}, false},
		{"JSON by half its name", 403, http.Header{"Content-Type": {"application/json5"}}, false},
		{"two media types", 403, http.Header{"Content-Type": {"application/json", "text/html"}}, false},
		{"an unknown coding", 403, http.Header{"Content-Encoding": {"compress"}}, false},
		{"an unknown coding behind a known one", 403, http.Header{"Content-Encoding": {"identity, dcb"}}, false},
		{"a length beyond all bounds", 403, http.Header{"Content-Length": {"4097"}}, false},
		{"not coded as it says", 403, http.Header{"Content-Encoding": {"gzip"}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := diagnosis.IsMissingToken(tt.status, tt.header, []byte(tokenBody)); got != tt.want {
				t.Errorf("IsMissingToken = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestMatchByHeader holds that a response which cannot be the answer is not
// held back for a single byte.
func TestMatchByHeader(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		want   diagnosis.State
	}{
		{"nothing is known", http.Header{}, diagnosis.Undecided},
		{"JSON", http.Header{"Content-Type": {"application/json"}}, diagnosis.Undecided},
		{"compressed", http.Header{"Content-Encoding": {"br, gzip"}}, diagnosis.Undecided},
		{"an event stream", http.Header{"Content-Type": {"text/event-stream"}}, diagnosis.Mismatch},
		{"too long", http.Header{"Content-Length": {"100000"}}, diagnosis.Mismatch},
		{"compressed too often", http.Header{"Content-Encoding": {"gzip,gzip,gzip,gzip,gzip"}}, diagnosis.Mismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := diagnosis.MatchMissingToken(tt.header, nil, false); got != tt.want {
				t.Errorf("MatchMissingToken = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestIsMissingTokenHead(t *testing.T) {
	t.Parallel()
	header := func(length, mediaType string, more ...string) http.Header {
		h := http.Header{"Server": {"Werkzeug/3.1.9 Python/3.11.7"}, "Date": {"Sat, 28 Nov 2026 10:00:00 GMT"}, "Connection": {"close"}}
		fields := append([]string{"Content-Length", length, "Content-Type", mediaType}, more...)
		for i := 0; i < len(fields); i += 2 {
			if h.Del(fields[i]); fields[i+1] != "" {
				h.Set(fields[i], fields[i+1])
			}
		}
		return h
	}
	const amznError = "X-Amzn-Errortype"
	tests := []struct {
		name   string
		status int
		header http.Header
		want   bool
	}{
		{"SAM local", 403, header("43", "application/json"), true},
		{"API Gateway", 403, header("42", "application/json", "Server", "", amznError, "MissingAuthenticationTokenException", "X-Amzn-Requestid", "1"), true},
		{"API Gateway's other errors", 403, header("42", "application/json", amznError, "AccessDeniedException"), false},
		{"shorter", 403, header("42", "application/json"), false},
		{"longer", 403, header("44", "application/json"), false},
		{"no length", 403, header("", "application/json"), false},
		{"a length that is none", 403, header("43, 43", "application/json"), false},
		{"no media type", 403, header("43", ""), false},
		{"text", 403, header("43", "text/plain"), false},
		{"compressed", 403, header("43", "application/json", "Content-Encoding", "gzip"), false},
		{"another server", 403, header("43", "application/json", "Server", "nginx"), false},
		{"no server", 403, header("43", "application/json", "Server", ""), false},
		{"a field of a function's", 403, header("43", "application/json", "Set-Cookie", "a=b"), false},
		{"another status", 404, header("43", "application/json"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := diagnosis.IsMissingTokenHead(tt.status, tt.header); got != tt.want {
				t.Errorf("IsMissingTokenHead = %v, want %v", got, tt.want)
			}
		})
	}
}

// FuzzMatcher holds that a match is JSON of one object with that one member,
// however the body is cut.
func FuzzMatcher(f *testing.F) {
	for _, tt := range bodies {
		f.Add([]byte(tt.body), 7)
	}
	f.Fuzz(func(t *testing.T, body []byte, cut int) {
		var whole, cutUp diagnosis.Matcher
		whole.Feed(body)
		if cut < 0 || cut > len(body) {
			cut = 0
		}
		cutUp.Feed(body[:cut])
		cutUp.Feed(body[cut:])
		got := whole.End()
		if again := cutUp.End(); again != got {
			t.Fatalf("%v whole, %v cut at %d", got, again, cut)
		}
		if got == diagnosis.Match && !isTheMessage(body) {
			t.Fatalf("%q matches", body)
		}
	})
}

// isTheMessage is what a match must mean to a JSON parser.
func isTheMessage(body []byte) bool {
	var m map[string]string
	return json.Unmarshal(body, &m) == nil && len(m) == 1 && m["message"] == "Missing Authentication Token"
}
