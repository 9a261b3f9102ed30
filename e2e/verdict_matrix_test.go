//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The forms of each field of an answer. The page's origin is {P}.
var (
	originForms = []string{
		"*", "{P}", "{P}/", "{P}/path", "{P}?q", "{P}#f", "{O}", "{S}", "null", "NULL", "Null", "", "none", "true", "false", "undefined",
		"{P},", ",{P}", "{P},{O}", "{P}, {O}", "{P} {O}", "*,*", "*, {P}", "* {P}", "{P};{O}", "{P}|{O}", "**", "'*'", `"*"`, "'{P}'", `"{P}"`, "<{P}>", "[{P}]", "({P})",
		"localhost", "localhost:5173", "127.0.0.1", "127.0.0.1:5173", "127.0.0.1:*", "//127.0.0.1", "/", ".", "?", "{P-host}", "http:{P-host}", "http:/{P-host}", "http:///{P-host}",
		"HTTP://127.0.0.1:5173", "http://*", "https://*", "http://*:*", "http://localhost:*", "http://*.localhost", "https://*.example.com", "*.example.com", "*://localhost", "http*://localhost", "http://localhost:5173", "https://localhost:5173",
		"http://", "http:", "http", "https://", "http://:80", "http://localhost:", "http://localhost:0", "http://localhost:65535", "http://localhost:65536", "http://localhost:99999", "http://localhost:port", "http://localhost:80 ", "http://localhost:000080",
		"http://user@localhost", "http://user:pass@localhost", "http://@localhost", "http://:@localhost", "http://a@b@c", "http://[::1]:5173", "http://[::1]", "http://[::g]", "http://[::1", "http://::1", "http://::1:5173", "http://[1.2.3.4]", "http://[::ffff:1.2.3.4]", "http://[fe80::1%25eth0]",
		"http://1.2.3.4.5", "http://256.1.1.1", "http://1.2.3", "http://1", "http://0x7f.1", "http://0x", "http://08.1", "http://1.2.3.4294967296", "http://4294967295", "http://4294967296", "http://a.1", "http://1.a", "http://a.0x", "http://1.2.3.4.", "http://1..2",
		"a;b", "a|b", "a=b", "${Var}", "https://${Var}", "https://${Domain}.example.com", "{{origin}}", "http://{{origin}}", "http://a_b.example", "http://a%20b", "http://a%2fb", "http://a%25b", "http://a b", "http://a%zz", "http://a%", "http://a%41", "http://a;b", "http://a=b", "http://a|b", "http://a^b", "http://a`b", "http://a'b", `http://a"b`, "http://a<b", "http://a\\b", "http:\\\\a", "http://a$b", "http://a!b", "http://a(b)", "http://a&b", "http://a+b", "http://a~b", "http://-a-", "http://a..b", "http://.", "http://..", "http://a.", "http://.a",
		"ftp://a", "file:///a", "file://a", "data:,a", "about:blank", "javascript:1", "mailto:a", "foo:bar", "foo://a", "foo://a:b", "foo://a^b", "foo:", "foo://", "1foo:bar", "fo_o:bar", "f-o.o+1:bar", "chrome-extension://abc", "chrome-extension://a|b", "capacitor://localhost", "ws://a", "ws:a", "ws://", "app://.", "blob:http://a/b", "filesystem:http://a/b", "view-source:http://a",
		"http://ex\u00e4mple.com", "http://\u00e4", "\u00e4", "http://xn--a", "http://xn--mgb", "http://xn--exmple-cua.com", "http://a\u00adb", "http://\u00ad", "http://\u3002", "http://a\u2024b", "http://\ufffd", "http://\xff", "http://\u2100", "http://EX\u00c4MPLE.com", "http://fa\u00df.de", "http://\u200d", "http://\u5341", "http://ab--c", "http://a\tb", "{P}\u00a0", "\u3000{P}", "{P}\u200b", "HTTP://{P-host}", "Http://{P-host}", "{P}%20", "{P}\\", "{P}//", "{P}:80", "{P}:", "https://{P-host}", "http://{P-host}.", "+{P}", "={P}", "origin={P}", "url({P})", "{P}\t", "\t{P}", "{P}\t{P}", "{P}&{P}", "{P}+{P}", "any", "all", "self", "'self'", "0", "-", "_", "http", "://", ":", ":8080", "::", "a:", "a:b", "a:b:c", "#", "%", "%2A", "\\*", "*:*", "*.*", "*/*", "*;", "* ;", "http://*.com:*", "http://{P-host}, http://{P-host}", "http://a..", "http://1.2.3.4:", "http://1.2.3.4:x", "http://0.0.0.0", "http://0", "http://0x100000000", "http://1e3", "http://a.0x1", "http://a.0xg", "http://a.09", "http://[::1]:", "http://[::1]x", "http://[::1]:x", "http://[]", "http://[::1%lo]", "http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7:8:9]", "http://[1::2::3]", "http://[::1.2.3]", "http://[::1.2.3.04]", "http://[::1.2.3.0]", "http://[::1.2.0.4]", "http://[::1.2.3.08]", "http://[::1.2.3.0x4]", "http://[::1.2.3.0400]", "http://[1.2.3.4::]", "http://[::1.2.3.0004]", "http://[::01.2.3.4]", "http://[::1.2.3.4.5]", "http://[::1.2.3.256]", "http://[::FFFF:1.2.3.4]:1", "http://" + strings.Repeat("a", 64), "http://" + strings.Repeat("a.", 130) + "a",
	}
	credentialForms = []string{"true", "True", "TRUE", "false", "", "1", "yes", "'true'", `"true"`, "true,", "true;", "true true", ",true", "*"}
	tokenForms      = []string{"", ",", " , ", "*", "* ", "**", "*,*", "'*'", `"*"`, "a b", "a;b", "a/b", "a:b", "a=b", "a@b", "[a]", "(a)", "{a}", "<a>", "a|b", "a'b", "a`b", "a!b", "a#b", "a$b", "a%b", "a&b", "a+b", "a^b", "a~b", "a.b", "a-b", "a_b", "a?b", `a\b`, `"`, `"a`, `"a,b"`, `"a", "b"`, "\u00e4", "a\tb", "\ta", "a,,b", "null", "none", "undefined", "${Var}", "a,b;", "a,b,"}
	methodForms     = []string{"PUT", "put", "Put", "PUT,", ",PUT", "GET,PUT", "GET, PUT, POST", "GET ,PUT", "GET;PUT", "GET PUT", "GET|PUT", "GET/PUT", "'PUT'", `"PUT"`, "'GET,PUT,POST'", `"GET,PUT,POST"`, "[PUT]", "*,PUT", "PUT,*", "PUT;q=1", "PATCH", "patch", "patch,PUT,DELETE,get", "ANY", "any", "ALL", "POST"}
	headerForms     = []string{"x-a", "X-A", "x-a,", "x-a,x-b", "x-a, X-B", "x-b", "'x-a'", `"x-a"`, "'x-a,x-b,x-c'", "x-a;x-b", "x-a x-b", "x-a: 1", "x-a|x-b", "*,x-a", "*,authorization", "Authorization", "authorization,x-a,x-b,content-type", "Content-Type", "content-type,x-a", "x_a", "X-A,X-A", "any", "true"}
	statuses        = []int{200, 201, 202, 203, 204, 205, 206, 207, 226, 250, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 399, 400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 418, 422, 423, 424, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 511, 599, 600, 700, 999}
)

func acao(v string) string { return "Access-Control-Allow-Origin: " + v }
func acac(v string) string { return "Access-Control-Allow-Credentials: " + v }
func acam(v string) string { return "Access-Control-Allow-Methods: " + v }
func acah(v string) string { return "Access-Control-Allow-Headers: " + v }

// open allows everything to the page, credentials too.
func open(lines ...string) []string {
	return append([]string{acao("{P}"), acac("true"), acam("PUT,PATCH,DELETE,patch"), acah("x-a,x-b,authorization,content-type")}, lines...)
}

// without returns lines but for the field of the given one, which takes its
// place.
func with(lines []string, line string) []string {
	name, _, _ := strings.Cut(line, ":")
	lines = slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, name+":") })
	return append(lines, line)
}

// A book collects scripted exchanges.
type book struct{ all []*scripted }

func (b *book) add(x *scripted) {
	if x.to == "" {
		x.to = "S"
	}
	b.all = append(b.all, x)
}

// simple adds an exchange without a preflight, and asked one with it.
func (b *book) simple(name string, credentials bool, r reply) {
	b.add(&scripted{name: name, method: "GET", credentials: credentials, visits: []visit{{actual: r}}})
}

func (b *book) asked(name, method string, header [][2]string, credentials bool, r reply) {
	b.add(&scripted{name: name, method: method, header: header, credentials: credentials, visits: []visit{{preflight: r, actual: reply{200, open()}}}})
}

var both = []bool{false, true}

// xa are the fields of a script's own.
var xa = [][2]string{{"X-A", "1"}}

// matrix returns the exchanges that Chromium is compared with.
func matrix() []*scripted {
	b := &book{}
	b.origins()
	b.lists()
	b.statuses()
	b.requests()
	b.redirects()
	b.orders()
	b.mixed(600)
	return b.all
}

func (b *book) origins() {
	for _, v := range originForms {
		for _, c := range both {
			b.simple(fmt.Sprintf("ACAO %q", v), c, reply{200, with(open(), acao(v))})
		}
		b.asked(fmt.Sprintf("preflight ACAO %q", v), "PUT", nil, true, reply{200, with(open(), acao(v))})
	}
	for _, two := range [][2]string{{"*", "*"}, {"{P}", "{P}"}, {"{P}", ""}, {"", "{P}"}, {"", ""}, {"*", "{P}"}, {"{P}", "{O}"}, {"null", "null"}} {
		for _, c := range both {
			lines := append(with(open(), acao(two[0])), acao(two[1]))
			b.simple(fmt.Sprintf("ACAO lines %q", two), c, reply{200, lines})
			b.asked(fmt.Sprintf("preflight ACAO lines %q", two), "PUT", nil, c, reply{200, lines})
		}
	}
	for _, v := range credentialForms {
		for _, lines := range [][]string{{acac(v)}, {acac(v), acac("true")}} {
			lines = append([]string{acao("{P}"), acam("PUT")}, lines...)
			b.simple(fmt.Sprintf("ACAC %q", lines), true, reply{200, lines})
			b.asked(fmt.Sprintf("preflight ACAC %q", lines), "PUT", nil, true, reply{200, lines})
		}
	}
	b.simple("no ACAC", true, reply{200, []string{acao("{P}")}})
	b.simple("no ACAO", false, reply{200, nil})
	b.asked("preflight without anything", "PUT", nil, false, reply{200, nil})
	b.simple("spelling of names", true, reply{200, []string{"access-control-allow-origin:{P}", "ACCESS-CONTROL-ALLOW-CREDENTIALS:\ttrue"}})
}

func (b *book) lists() {
	for _, v := range append(slices.Clone(methodForms), tokenForms...) {
		for _, c := range both {
			for _, method := range []string{"PUT", "patch", "POST"} {
				b.asked(fmt.Sprintf("ACAM %q", v), method, xa, c, reply{200, with(open(), acam(v))})
			}
		}
	}
	for _, v := range append(slices.Clone(headerForms), tokenForms...) {
		for _, c := range both {
			for _, header := range [][][2]string{xa, {{"Authorization", "x"}}, {{"X-B", "1"}, {"X-A", "1"}}, {{"Content-Type", "application/json"}}} {
				b.asked(fmt.Sprintf("ACAH %q", v), "GET", header, c, reply{200, with(open(), acah(v))})
			}
		}
	}
	for _, lines := range [][]string{{acam("GET"), acam("PUT")}, {acam("PUT"), acam("")}, {acam(""), acam("PUT")}, {acam("a b"), acam("PUT")}, {acah("x-b"), acah("x-a")}, {acah("*"), acah("x-a")}, {acah("x-a"), acah("a b")}} {
		b.asked(fmt.Sprintf("lines %q", lines), "PUT", xa, true, reply{200, append([]string{acao("{P}"), acac("true"), acam("PUT"), acah("x-a")}, lines...)})
		b.asked(fmt.Sprintf("only lines %q", lines), "PUT", nil, false, reply{200, append([]string{acao("*")}, lines...)})
	}
}

func (b *book) statuses() {
	for _, status := range statuses {
		for _, lines := range [][]string{open(), nil, open("Location: {next}"), {"Location: {next}"}, open("Location:"), open("Location: http://[x/")} {
			b.simple(fmt.Sprintf("status %d %q", status, lines), true, reply{status, lines})
			b.asked(fmt.Sprintf("preflight status %d %q", status, lines), "PUT", nil, true, reply{status, lines})
		}
	}
	b.simple("cut", false, reply{})
	b.asked("preflight cut", "PUT", nil, false, reply{})
	b.add(&scripted{name: "cut after the preflight", method: "PUT", visits: []visit{{preflight: reply{200, open()}}}})
}

// orders adds answers that are wrong in several ways at once, every pair of
// the checks with every other.
func (b *book) orders() {
	wrong := []func(*reply){
		func(r *reply) { r.status = 302; r.lines = append(r.lines, "Location: {next}") },
		func(r *reply) { r.lines = with(r.lines, acao("{O}")) },
		func(r *reply) { r.lines = with(r.lines, acao("*")) },
		func(r *reply) { r.lines = with(r.lines, acac("no")) },
		func(r *reply) { r.status = 403 },
		func(r *reply) { r.lines = with(r.lines, acam("a b")) },
		func(r *reply) { r.lines = with(r.lines, acah("a b")) },
		func(r *reply) { r.lines = with(r.lines, acam("GET")) },
		func(r *reply) { r.lines = with(r.lines, acah("x-c")) },
	}
	for i := range wrong {
		for j := range wrong {
			r := reply{200, open()}
			wrong[i](&r)
			wrong[j](&r)
			b.asked(fmt.Sprintf("wrong in %d and %d", i, j), "PUT", xa, true, r)
		}
	}
}

// mixed adds n exchanges whose every part is drawn from its forms.
func (b *book) mixed(n int) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(forms []string) string { return forms[random.IntN(len(forms))] }
	answer := func() reply {
		r := reply{200, nil}
		if random.IntN(5) == 0 {
			r.status = statuses[random.IntN(len(statuses))]
		}
		for _, part := range []struct {
			line  func(string) string
			usual string
			forms []string
		}{{acao, "{P}", originForms}, {acac, "true", credentialForms}, {acam, "PUT,patch,DELETE", append(methodForms, tokenForms...)}, {acah, "x-a,x-b,authorization,content-type", append(headerForms, tokenForms...)}} {
			switch random.IntN(8) {
			case 0:
			case 1:
				r.lines = append(r.lines, part.line(pick(part.forms)), part.line(pick(part.forms)))
			case 2, 3:
				r.lines = append(r.lines, part.line(pick(part.forms)))
			default:
				r.lines = append(r.lines, part.line(part.usual))
			}
		}
		if random.IntN(4) == 0 {
			r.lines = append(r.lines, "Location: "+pick(locations))
		}
		return r
	}
	for i := range n {
		x := &scripted{name: fmt.Sprintf("mixed %d", i), method: pick([]string{"GET", "POST", "PUT", "patch", "DELETE", "HEAD"}), credentials: random.IntN(2) == 0}
		for range random.IntN(3) {
			x.header = append(x.header, requestFields[random.IntN(len(requestFields))])
		}
		for range 3 {
			x.visits = append(x.visits, visit{answer(), answer()})
		}
		b.add(x)
	}
}
