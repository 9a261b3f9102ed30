package inspect_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCurl has a shell take the command apart, and compares what curl would be
// called with.
func TestCurl(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh on this machine, and quoting is for one")
	}
	b := newBench(t, echo)
	for _, c := range []struct {
		name, method, target, body string
		headers                    []string
		want                       []string // among the arguments, in this order
		never                      []string
	}{
		{name: "plain", method: "GET", target: "/items", want: []string{"--globoff", "--path-as-is"}, never: []string{"--request"}},
		{name: "quotes", method: "POST", target: "/it's?q=$(id)&x=`id`", body: "it's \"$HOME\" `id` \\ \n!!", headers: []string{"X-Quote: a'b\"c$(id)"},
			want: []string{"--request", "POST", "--header", "X-Quote: a'b\"c$(id)", "--data-raw", "it's \"$HOME\" `id` \\ \n!!"}},
		{name: "tabs and line ends", method: "POST", target: "/", body: "\ta\r\nb\r\n\n", headers: []string{"X-A: a\tb\xff"}, want: []string{"X-A: a\tb\xff", "--data-raw", "\ta\r\nb\r\n\n"}},
		{name: "a body that looks like a file", method: "PUT", target: "/", body: "@/etc/passwd", want: []string{"--data-raw", "@/etc/passwd"}},
		{name: "globs and dots", method: "GET", target: "/x/../y?a[1-3]={b,c}", never: []string{"--request"}},
		{name: "an empty value", method: "GET", target: "/", headers: []string{"X-Empty: "}, want: []string{"--header", "X-Empty;"}},
		{name: "binary", method: "POST", target: "/", body: "\x00\x01\x1b[2J", want: []string{"--data-binary", "@body.bin"}, never: []string{"--data-raw"}},
		{name: "HEAD", method: "HEAD", target: "/", want: []string{"--head"}, never: []string{"--request"}},
		{name: "GET with a body", method: "GET", target: "/", body: "a=1", want: []string{"--request", "GET", "--header", "Accept:", "--header", "Content-Type:", "--header", "User-Agent:", "--data-raw", "a=1"}, headers: []string{"User-Agent: "}},
		{name: "a body with a type", method: "POST", target: "/", body: "a", headers: []string{"Content-Type: a/b", "Accept: */*"}, want: []string{"--data-raw"}, never: []string{"Content-Type:", "Accept:", "User-Agent:"}},
		{name: "HEAD with a body", method: "HEAD", target: "/", body: "a", want: []string{"--head"}, never: []string{"--data-raw", "--request"}},
		{name: "compression", method: "GET", target: "/", headers: []string{"Accept-Encoding: br"}, want: []string{"--compressed"}},
	} {
		n := len(call[[]row](b, "GET", "exchanges"))
		b.through(c.method, c.target, c.body, c.headers...)
		rows := b.ended(n + 1)
		curl := call[detail](b, "GET", "exchanges/"+rows[n].ID).Curl
		var out bytes.Buffer
		cmd := exec.Command(shell, "-c", "curl() { printf '%s\\000' \"$@\"; }\n"+curl)
		cmd.Stdout = &out
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v of %s", c.name, err, curl)
			continue
		}
		args := strings.Split(strings.TrimSuffix(out.String(), "\x00"), "\x00")
		rest := args
		for _, want := range c.want {
			i := slices.Index(rest, want)
			if i < 0 {
				t.Errorf("%s: %q lack %q", c.name, args, want)
				break
			}
			rest = rest[i+1:]
		}
		for _, never := range c.never {
			if slices.Contains(args, never) {
				t.Errorf("%s: %q have %q", c.name, args, never)
			}
		}
		if got, want := args[len(args)-1], b.proxyURL+c.target; got != want {
			t.Errorf("%s: goes to %q, want %q", c.name, got, want)
		}
	}
}

// TestCurlOfRawTargets has what curl would send differently, were it a part of
// the URL.
func TestCurlOfRawTargets(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	for i, c := range []struct{ target, argument string }{
		{"/a#b?c=1", "--request-target '/a#b?c=1'"},
		{"/é", `--request-target "$(printf '/\303\251')"`},
		{"/\xff", `--request-target "$(printf '/\377')"`},
		{"/a?b|c", ""},
	} {
		b.raw("GET " + c.target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		curl := call[detail](b, "GET", "exchanges/"+b.ended(i + 1)[i].ID).Curl
		if !strings.Contains(curl, c.argument) || strings.Contains(curl, "--request-target") != (c.argument != "") {
			t.Errorf("%q: want %q in %s", c.target, c.argument, curl)
		}
	}
}

// TestCurlHasNoControls puts each control character, and each byte beyond ASCII,
// wherever a request may have it. To a terminal a tab in what is pasted completes a
// name, and the question that follows swallows a quote.
func TestCurlHasNoControls(t *testing.T) {
	t.Parallel()
	b := newBench(t, echo)
	const form = "POST%s /x%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A%s: v%s\r\nContent-Length: %d\r\n\r\nb%s"
	for c := range 256 {
		if c >= ' ' && c < 0x7f {
			continue
		}
		for _, bad := range []string{string([]byte{byte(c)}), string(rune(c))} {
			for part := range 5 {
				var in [5]string
				in[part] = bad + "'" + bad
				b.raw(fmt.Sprintf(form, in[0], in[1], in[2], in[3], 1+len(in[4]), in[4]))
			}
		}
	}
	for _, r := range b.ended(1) {
		curl := call[detail](b, "GET", "exchanges/"+r.ID).Curl
		if strings.ContainsFunc(curl, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
			t.Errorf("a command has %q", curl)
		}
	}
}
