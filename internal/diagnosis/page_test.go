package diagnosis_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

var visit = diagnosis.Visit{
	Method: "GET", Target: "/item?token=secret", Host: "localhost:8080", RequestID: "01JXAMPLE",
	Mounted: []sam.Route{
		{Method: "POST", Path: "/{id}", Function: "Fn", Source: "template.yaml:12"},
		{Method: "GET", Path: "/items", Function: "List", Source: "template.yaml:20"},
	},
}

func TestPage(t *testing.T) {
	t.Parallel()
	page := string(full.Page(visit))
	for _, want := range []string{
		"405 · CP3002 method-not-defined", "&lt;script&gt;", `<html lang="en">`, "<title>The path is mounted", "</html>",
		"You asked for</span> GET /item?…</p>",
		`Second:<pre class="copy" tabindex="0">Events:` + "\n  Get:",
		`<span class="method">POST</span> <span class="path">/{id}</span> <span class="soft from">Fn, template.yaml:12</span>`,
		"curl -i -X POST -H &#39;Content-Type: application/json&#39; -d &#39;{}&#39; http://localhost:8080/ID</pre>",
		"What is mounted: 2 routes", `<a class="path" href="/items">/items</a>`,
		"403 {&#34;message&#34;", "01JXAMPLE",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "secret") {
		t.Error("the query is in the page")
	}
	harmless(t, page)
}

// TestPageHidesSecretsOfThePath does so wherever the inspector does.
func TestPageHidesSecretsOfThePath(t *testing.T) {
	t.Parallel()
	const secret = "5eCr3t"
	for _, target := range []string{
		"/m%3Ftoken=" + secret, "/m&token=" + secret, "/m;sid=" + secret, "/m/access_token=" + secret + "/y", "/http://u:" + secret + "@h/x",
		"//u:" + secret + "@h/x", "/m#token=" + secret, "u:" + secret + "@h:443", `/m/{"password":"` + secret + `"}`,
	} {
		page := string(full.Page(diagnosis.Visit{Method: "GET", Target: target, Host: "localhost:8080"}))
		if strings.Contains(page, secret) || !strings.Contains(page, "REDACTED") {
			t.Errorf("%s is in\n%s", target, page)
		}
	}
}

// TestPageOfLittle shows no heading without what it is for.
func TestPageOfLittle(t *testing.T) {
	t.Parallel()
	page := string(diagnosis.Diagnosis{Code: diagnosis.UpstreamFailed, Status: 502, Detail: "it failed"}.Page(diagnosis.Visit{}))
	if strings.Contains(page, "<h2>") || strings.Contains(page, "<summary>") || strings.Contains(page, "You asked") {
		t.Errorf("an empty section in\n%s", page)
	}
	harmless(t, page)
}

// TestPageListsManyRoutes does so up to a bound.
func TestPageListsManyRoutes(t *testing.T) {
	t.Parallel()
	v := diagnosis.Visit{Method: "GET", Target: "/"}
	for range 5000 {
		v.Mounted = append(v.Mounted, sam.Route{Method: "GET", Path: "/a"})
	}
	page := string(full.Page(v))
	if n := strings.Count(page, `href="/a"`); n != 300 || !strings.Contains(page, "300 of 5000 routes") {
		t.Errorf("%d links", n)
	}
}

var (
	tag  = regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	href = regexp.MustCompile(`(?i)\b(?:href|src|action|style|on[a-z]+)\s*=\s*"?([^"\s>]*)`)
	path = regexp.MustCompile(`^/([A-Za-z0-9._~-][A-Za-z0-9._~/-]*)?$`)
)

// harmless fails for a page with an element, a link or a line that corsproxy
// did not write.
func harmless(t *testing.T, page string) {
	t.Helper()
	_, body, _ := strings.Cut(page, "<body>")
	for _, element := range tag.FindAllString(body, -1) {
		name := strings.FieldsFunc(strings.Trim(element, "</>"), func(r rune) bool { return r == ' ' })[0]
		if !strings.Contains(" main p h1 h2 ul li pre span a details summary footer body html ", " "+name+" ") {
			t.Errorf("the page has %s", element)
		}
		for _, m := range href.FindAllStringSubmatch(element, -1) {
			if !strings.HasPrefix(element, "<a ") || !path.MatchString(m[1]) {
				t.Errorf("the page has %s", element)
			}
		}
	}
	if strings.ContainsAny(page, "\x00\x1b\r\u202e\u2028") {
		t.Error("a control character is in the page")
	}
}

// TestPageOfHostileText puts text of an attacker wherever a request, a
// template or an upstream can.
func TestPageOfHostileText(t *testing.T) {
	t.Parallel()
	for _, hostile := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</pre></title></style><script>1</script>`,
		`javascript:alert(1)`, `//evil.example/a`, `/\evil.example`, `/a"onclick="alert(1)`, `{{.Code}}`, `<!--`, `&lt;script&gt;`,
		"/a\r\nSet-Cookie: a=b", "\x1b[2J\x00", "/\u202egnp.a", "/;reboot", "/$(reboot)", "/`reboot`", "/a'b", "data:text/html,<script>1</script>",
	} {
		d := full
		d.Detail, d.Hints = hostile, []string{hostile, hostile + "\n" + hostile}
		d.Routes = []diagnosis.Route{{Method: "GET", Path: hostile, Function: hostile, Source: hostile}, {Method: hostile, Path: "/a", Function: hostile}, {Method: "POST", Path: "/" + hostile}}
		d.Upstream = &diagnosis.Upstream{Status: 403, Body: hostile}
		v := diagnosis.Visit{Method: hostile, Target: hostile, Host: hostile, RequestID: hostile}
		for _, r := range d.Routes {
			v.Mounted = append(v.Mounted, sam.Route{Method: r.Method, Path: r.Path, Function: r.Function})
		}
		page := string(d.Page(v))
		_, end, _ := strings.Cut(page, "<footer")
		if !strings.HasSuffix(page, "</html>\n") || strings.Count(end, "</footer>") != 1 {
			t.Errorf("%q breaks the page:\n%s", hostile, page)
		}
		// What does not print is escaped where the diagnosis is made.
		harmless(t, strings.NewReplacer("\x1b", "", "\x00", "", "\r", "", "\u202e", "").Replace(page))
		if strings.Contains(page, "curl") && strings.Contains(page, "http://"+hostile) {
			t.Errorf("%q is in a command", hostile)
		}
	}
}

func TestWantsPage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header http.Header
		want   bool
	}{
		{"address bar", http.Header{"Sec-Fetch-Mode": {"navigate"}, "Accept": {"text/html,*/*;q=0.8"}}, true},
		{"address bar, host that is not trusted", http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}}, true},
		{"fetch", http.Header{"Sec-Fetch-Mode": {"cors"}, "Accept": {"*/*"}}, false},
		{"fetch for HTML", http.Header{"Sec-Fetch-Mode": {"cors"}, "Accept": {"text/html"}}, false},
		{"curl", http.Header{"Accept": {"*/*"}}, false},
		{"nothing", http.Header{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := diagnosis.WantsPage(tt.header); got != tt.want {
				t.Errorf("WantsPage = %v, want %v", got, tt.want)
			}
		})
	}
}
