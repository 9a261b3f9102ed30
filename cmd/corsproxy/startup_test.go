package main

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/cmd/corsproxy/internal/config"
	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/transcript"
	"github.com/corsproxy/corsproxy/proxy"
)

// TestWhoMayCall holds what the last line of the start says against what
// becomes of requests: a preflight, and a POST that needs none, from a page of
// another site, with a function that lets all sites read.
func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	const machine, rest = "pages of this machine (localhost, any port) may send what needs a preflight", "any page may send the rest"
	for name, c := range map[string]struct {
		args       []string
		says       string
		preflight  int
		read, mute string // Access-Control-Allow-Origin of the answer, and of one without it
	}{
		"any": {nil, "any site may call; --allow-origin localhost limits what needs a preflight to pages of this machine", 200, "*", ""},
		"keep": {
			[]string{"--allow-origin", "localhost"},
			machine + "; " + rest + ", and the upstream says who may read the answers", 403, "*", "",
		},
		"fill": {
			[]string{"--allow-origin", "localhost", "--response-headers", "fill"},
			machine + ", and read answers that the upstream gives no Access-Control headers; " + rest, 403, "*", "",
		},
		"replace": {
			[]string{"--allow-origin", "localhost", "--response-headers", "replace", "--allow-credentials"},
			machine + ", also with credentials, and read the answers; " + rest, 403, "", "",
		},
		"none": {
			[]string{"--allow-origin", "", "--response-headers", "replace"},
			"no other site may send what needs a preflight, and read the answers; " + rest, 403, "", "",
		},
		"upstream": {
			[]string{"--cors-source", "upstream"},
			"the upstream answers OPTIONS, and says who may send what needs a preflight", 200, "*", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := start(t, append(c.args, "--upstream", upstream(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/mute" {
					w.Header().Set("Access-Control-Allow-Origin", "*")
				}
				fmt.Fprint(w, r.Method)
			}))...)
			if got := in.stderr.Await(t, `"msg":"([^"]*)","allowOrigins"`)[1]; got != c.says {
				t.Errorf("it says %q\nwant    %q", got, c.says)
			}
			const evil, plain = "Origin: http://evil.example", "Content-Type: text/plain"
			if a := in.preflight("http://evil.example"); a.status != c.preflight {
				t.Errorf("the preflight has %d, want %d", a.status, c.preflight)
			}
			for path, want := range map[string]string{"/": c.read, "/mute": c.mute} {
				a := in.do("POST", path, evil, plain)
				if got := a.header.Get("Access-Control-Allow-Origin"); a.body != "POST" || got != want {
					t.Errorf("%s: %q with %q, want %q", path, a.body, got, want)
				}
			}
		})
	}
}

// TestLocalhostIsBoth has an upstream that listens on the second address of
// localhost alone, whatever a name server says of that name.
func TestLocalhostIsBoth(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	server := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	in := start(t, "--upstream", "LocalHost:"+port)
	in.stderr.Await(t, `which answers"`)
	if a := in.do("GET", "/x"); a.status != http.StatusNotFound {
		t.Errorf("GET /x: %d %s", a.status, a.body)
	}
}

// A plain sam local start-api is no upstream for https.
func TestSilence(t *testing.T) {
	t.Parallel()
	for upstream, want := range map[string]string{
		"http://127.0.0.1:3000":             "start it with sam local start-api",
		"http://localhost:3000":             "start it with sam local start-api",
		"http://[::1]:3001":                 "start it with sam local start-api --port 3001 --host ::1",
		"http://host.docker.internal:24600": "start it with sam local start-api --port 24600 --host 0.0.0.0",
		"http://127.0.0.1:3001":             "start it with sam local start-api --port 3001",
		"https://127.0.0.1:3001":            "start it, or, if it is a sam local start-api without a certificate, write --upstream http://127.0.0.1:3001",
	} {
		s := &service{config: &config.Loaded{Config: config.Config{Upstream: upstream}}}
		if got := s.silence(syscall.ECONNREFUSED); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q, want %q", upstream, got, want)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte("version = 0.1\n[default.local_start_api.parameters]\nport = 27011\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for upstream, want := range map[string][]string{
		"http://127.0.0.1:27011":           {"start it with sam local start-api --port 27011"},
		"http://127.0.0.1:3000":            {"start it with sam local start-api --port 3000", "or write --upstream 27011, the port that samconfig.toml has SAM local listen on"},
		"http://host.docker.internal:3000": {"start it with sam local start-api --port 3000 --host 0.0.0.0"},
	} {
		s := &service{config: &config.Loaded{Config: config.Config{Upstream: upstream}}, world: world{dir: dir}}
		if got := s.silence(syscall.ECONNREFUSED); !slices.Equal(got, want) {
			t.Errorf("%s beside samconfig.toml: %q, want %q", upstream, got, want)
		}
		u, err := url.Parse(upstream)
		if err != nil {
			t.Fatal(err)
		}
		d := s.elsewhere(proxy.Exchange{}, diagnosis.UpstreamError(syscall.ECONNREFUSED, u, false))
		if start := strings.TrimPrefix(want[0], "start it with "); !strings.Contains(d.Detail, `start it with "`+start+`"`) {
			t.Errorf("%s beside samconfig.toml: %s", upstream, d.Detail)
		}
		if told := strings.HasSuffix(d.Detail, "; samconfig.toml has SAM local listen on port 27011: if that is meant, start corsproxy with --upstream 27011"); told != (len(want) == 2) {
			t.Errorf("%s beside samconfig.toml: %s", upstream, d.Detail)
		}
	}
	for _, port := range []string{`"3001 $(touch PWN)\u001b[31m\u202e\nforged"`, "0", "65536", `"x"`, "true"} {
		if err := os.WriteFile(filepath.Join(dir, "samconfig.toml"), []byte("[default.local_start_api.parameters]\nport = "+port+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s := &service{config: &config.Loaded{Config: config.Config{Upstream: "http://127.0.0.1:3000"}}, world: world{dir: dir}}
		want := []string{"start it with sam local start-api --port 3000", "and correct the host or the port that samconfig.toml has for it: one of them is none"}
		if got := s.silence(syscall.ECONNREFUSED); !slices.Equal(got, want) {
			t.Errorf("port %s: %q, want %q", port, got, want)
		}
		plain := diagnosis.UpstreamError(syscall.ECONNREFUSED, &url.URL{Scheme: "http", Host: "127.0.0.1:3000"}, false)
		if d := s.elsewhere(proxy.Exchange{}, plain); d.Detail != plain.Detail {
			t.Errorf("port %s: %s", port, d.Detail)
		}
	}
	s := &service{config: &config.Loaded{Config: config.Config{Upstream: "http://127.0.0.1:3000"}}, world: world{inContainer: true}}
	want := []string{"start it with sam local start-api", "or, for one outside this container, write --upstream host.docker.internal:3000, and start it with --host 0.0.0.0"}
	if got := s.silence(syscall.ECONNREFUSED); !slices.Equal(got, want) {
		t.Errorf("in a container: %q, want %q", got, want)
	}
}

func TestBadPortIsWarnedOf(t *testing.T) {
	t.Parallel()
	for port, want := range map[int]string{
		8080: "",
		6667: "warning: browsers call nothing on port 6667 (net::ERR_UNSAFE_PORT), so no page reaches the proxy there; choose another port: --listen 8080\n",
	} {
		out := transcript.New()
		l := newLogger(world{stderr: out}, config.Log{Level: "info", Format: "console"})
		l.warnOfPort(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, "the proxy", "--listen 8080")
		l.close()
		if _, got, _ := strings.Cut(out.String(), "  "); got != want {
			t.Errorf("port %d: %q, want %q", port, got, want)
		}
	}
}
