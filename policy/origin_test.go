package policy_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/policy"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	tests := []struct {
		entry   string
		yes, no []string
	}{
		{"*", []string{"http://a.example", "null", "app://.", "HTTP://A", "http://a.example/"}, nil},
		{"http://localhost:5173", []string{"http://localhost:5173"}, []string{
			"http://localhost:5173/", "HTTP://localhost:5173", "http://LOCALHOST:5173", "http://localhost", "http://localhost:51730",
			"https://localhost:5173", "http://127.0.0.1:5173", "http://localhost:5173.evil.example", "http://localhost:5173 ", "null",
			"http://localhost:5173, http://localhost:5173",
		}},
		{"http://192.168.0.7", []string{"http://192.168.0.7"}, []string{"http://192.168.0.7:80", "http://192.168.0.70"}},
		{"http://[::1]:3000", []string{"http://[::1]:3000"}, []string{"http://[0::1]:3000", "http://[::1]"}},
		{"capacitor://localhost", []string{"capacitor://localhost"}, []string{"http://localhost", "capacitor://localhost:1"}},
		{"chrome-extension://abcdefghijklmnop", []string{"chrome-extension://abcdefghijklmnop"}, []string{"chrome-extension://abcdefghijklmnoq"}},
		{"app://.", []string{"app://."}, []string{"app://a"}},
		{"tauri://localhost", []string{"tauri://localhost"}, []string{"https://tauri.localhost"}},
		{"http://host.example:*", []string{"http://host.example", "http://host.example:1", "http://host.example:65535"}, []string{
			"http://host.example:80", "http://host.example:0", "http://host.example:", "http://host.example:*", "http://host.example:65536",
			"http://host.example:1x", "http://host.example:01", "http://host.example.evil.example", "https://host.example:1", "http://a.host.example:1",
		}},
		{"https://*.example.com", []string{"https://a.example.com", "https://a.b.example.com", "https://x_y-1.example.com"}, []string{
			"https://example.com", "https://.example.com", "https://a..example.com", "https://aexample.com", "http://a.example.com",
			"https://a.example.com:8443", "https://a.example.com.evil.example", "https://A.example.com", "https://evil/a.example.com",
			"https://evil@a.example.com", "https://*.example.com", "https://a.example.com.", "https://evil?.example.com",
		}},
		{"http://*.local.test:8080", []string{"http://a.local.test:8080"}, []string{"http://a.local.test", "http://a.local.test:8081"}},
		{"http://*.local.test:*", []string{"http://a.local.test", "http://a.b.local.test:8081"}, []string{"http://local.test:1", "http://a.local.test:80"}},
		{"localhost", []string{
			"http://localhost", "http://localhost:5173", "https://localhost:8443", "http://app.localhost:1", "http://a.b.localhost",
			"http://127.0.0.1", "http://127.1.2.3:8000", "https://127.255.255.254:1", "http://[::1]", "http://[::1]:5173",
		}, []string{
			"http://localhost.evil.example", "http://localhost:80", "http://evillocalhost", "http://.localhost", "http://127.0.0.1.evil.example",
			"http://128.0.0.1", "http://127.1", "http://127.0.0.01", "http://[::2]", "http://[0:0:0:0:0:0:0:1]", "http://0.0.0.0:5173",
			"capacitor://localhost", "http://LOCALHOST", "http://localhost/", "http://localhost:", "http://localhost:port", "null", "http://a@localhost",
			"http://192.168.0.7:5173",
		}},
		{"null", []string{"null"}, []string{"NULL", "http://null", "file://"}},
	}
	for _, tt := range tests {
		p := compile(t, origins(tt.entry))
		for _, o := range tt.yes {
			if d := p.Decide(request("GET", "Origin: "+o)); !d.Allowed || d.Kind != policy.Actual {
				t.Errorf("%q does not allow %q: %+v", tt.entry, o, d)
			}
		}
		for _, o := range tt.no {
			if d := p.Decide(request("GET", "Origin: "+o)); d.Allowed || d.Reason != policy.OriginNotAllowed || d.Offender != o {
				t.Errorf("%q allows %q: %+v", tt.entry, o, d)
			}
		}
	}
}

func TestOriginMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ entry, want string }{
		{"", `is empty; write an origin such as "http://localhost:5173", or remove it`},
		{"http://localhost:5173/", `ends in a slash, which browsers never send in an origin; write "http://localhost:5173"`},
		{"http://localhost:5173/app?x#y", `has more than scheme, host and port; write "http://localhost:5173"`},
		{"localhost:5173", `has no scheme; write "http://localhost:5173"`},
		{"//a.example", `has no scheme; write "http://a.example"`},
		{"https:a.example", `has no scheme; write "https://a.example"`},
		{"*.example.com", `has no scheme; write "http://*.example.com"`},
		{"localhost:*", `has no scheme; write "localhost"`},
		{"Localhost", `is not in lower case; write "localhost"`},
		{"NULL", `is not in lower case; write "null"`},
		{"http://Localhost:5173", `is not in lower case, and browsers never send upper case in an origin; write "http://localhost:5173"`},
		{"HTTPS://a.example", `is not in lower case, and browsers never send upper case in an origin; write "https://a.example"`},
		{"http://a.example:80", `names the default port of http, which browsers leave out; write "http://a.example"`},
		{"https://a.example:443", `names the default port of https, which browsers leave out; write "https://a.example"`},
		{"http://a.example:", `has a colon without a port; write "http://a.example"`},
		{"http://a.example:08080", `has a port that is not a number from 1 to 65535, written without a zero before it; write "http://a.example:8080"`},
		{"http://a.example:99999", `has a port that is not a number from 1 to 65535, written without a zero before it; ` + generic},
		{"http://user:pass@a.example", `has a user in it; write "http://a.example"`},
		{"http://user:pass/x@a.example", `has a user in it; write "http://a.example"`},
		{" http://a.example", `has white space around it; write "http://a.example"`},
		{"http://a.example, http://b.example", `is more than one origin; write one origin in each entry, without spaces`},
		{"'*'", `has quotes inside its value; write "*"`},
		{"http://localhost*", wildcards + `; write "localhost"`},
		{"http://localhost:5*", wildcards + `; write "localhost"`},
		{"https://*example.com", wildcards + `; write "https://*.example.com"`},
		{"https://*", wildcards + `; ` + generic},
		{"https://a.*.example.com", wildcards + `; ` + generic},
		{"https://*.*.example.com", wildcards + `; ` + generic},
		{"http://*.127.0.0.1", `has a wildcard before what is not a domain; ` + generic},
		{"capacitor://*.a", `has a wildcard before what is not a domain; ` + generic},
		{"http://müller.example", `has a host that is not in ASCII, as browsers send it; write "http://xn--mller-kva.example"`},
		{"http://[0:0::1]:3000", `has a host that no browser writes so; write "http://[::1]:3000"`},
		{"http://[::ffff:127.0.0.1]", `has a host that no browser writes so; write "http://[::ffff:7f00:1]"`},
		{"http://127.1", `has a host that no browser writes so; ` + generic},
		{"http://1.0x1", `has a host that no browser writes so; ` + generic},
		{"http://[]", `has a host that no browser writes so; ` + generic},
		{"app://a!b", `has a host that no browser writes so; ` + generic},
		{"http://a..example", `has a host that no browser writes so; ` + generic},
		{"http://", `has no host; ` + generic},
		{"app://", `has no host; ` + generic},
		{"file:///home/me/index.html", `is not an origin: browsers say null for files; write "null"`},
		{"ws://localhost:5173", `is the address of a WebSocket, which is not where a page comes from; write "http://localhost:5173"`},
		{"localhos", `has no scheme; write "localhost"`},
		{"loclahost", `has no scheme; write "localhost"`},
		{"1a://b", `has a scheme that is none; ` + generic},
	}
	for _, tt := range tests {
		_, err := policy.New(origins(tt.entry))
		if err == nil {
			t.Errorf("the origin %q is accepted", tt.entry)
			continue
		}
		want := "allow_origins[0]: " + strconv.Quote(users.ReplaceAllString(tt.entry, "REDACTED@")) + " " + tt.want
		if err.Error() != want {
			t.Errorf("%q:\n got %s\nwant %s", tt.entry, err, want)
		}
	}
}

var users = regexp.MustCompile("user:pass.*@")

const (
	generic   = `write a scheme, a host and a port if there is one, such as "http://localhost:5173", or "*" alone for any origin`
	wildcards = `has a wildcard where none may stand: it is "*." before a whole domain, or the whole port`
)

// FuzzOrigin checks that an entry of AllowOrigins allows what it says and
// nothing that merely looks like it, and that a refused one comes with advice
// that is good.
func FuzzOrigin(f *testing.F) {
	for _, s := range []string{
		"http://localhost:5173", "https://*.example.com", "http://a:*", "localhost", "null", "*", "app://.", "http://[::1]:1",
		"HTTP://A:80/", "localhost*", "'http://b'", "ws://ü.example:00443", "http://1.2.3", "file:///", "https:x", "http:80", "*.a:*",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		p, err := policy.New(origins(entry))
		if err != nil {
			e := err.(policy.Errors)[0]
			if e.Value != entry || e.Reason == "" || e.Suggestion == "" {
				t.Fatalf("%q: %+v", entry, e)
			}
			if advice, found := strings.CutPrefix(e.Suggestion, `write "`); found {
				good, err := strconv.Unquote(`"` + advice)
				if err != nil {
					t.Fatalf("%q: %s", entry, e.Suggestion)
				}
				compile(t, origins(good))
			}
			return
		}
		if entry == "*" || entry == "localhost" || entry == "null" {
			return
		}
		allows := func(o string) bool { return p.Decide(request("GET", "Origin: "+o)).Allowed }
		for _, o := range []string{
			entry + "/", entry + ".evil.example", entry + "@evil.example", " " + entry, strings.ToUpper(entry), "null", "", "http://evil.example",
		} {
			if o != entry && o != "" && allows(o) {
				t.Errorf("%q allows %q", entry, o)
			}
		}
		if strings.Contains(entry, "*") {
			if allows(entry) {
				t.Errorf("%q allows itself", entry)
			}
			return
		}
		u, err := url.Parse(entry)
		if err != nil || u.Scheme+"://"+u.Host != entry || u.Port() == "0" {
			t.Errorf("%q is accepted and is not an origin: %v, %v", entry, u, err)
		}
		if !allows(entry) {
			t.Errorf("%q does not allow itself", entry)
		}
	})
}
