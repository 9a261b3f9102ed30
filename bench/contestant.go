package main

import (
	"bytes"
	"cmp"
	"context"
	"debug/buildinfo"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/template"
	"time"
)

//go:embed conf
var configurations embed.FS

// A contestant is a proxy that is measured.
type contestant struct {
	name    string
	what    string // what it is and how it is set up
	version string
	binary  string // whose size is given; "" for what is none
	command func(a addresses) []string
	plain   bool // answers HTTP alone: no WebSockets
}

// addresses are what a configuration is made with.
type addresses struct {
	Folder, Listen, Upstream string
}

// Host and Port are the parts of Listen.
func (a addresses) Host() string { host, _, _ := net.SplitHostPort(a.Listen); return host }

// Port is the port of Listen.
func (a addresses) Port() string { _, port, _ := net.SplitHostPort(a.Listen); return port }

// configuration fills in one of the files in conf and returns its path.
func (a addresses) configuration(name string) string {
	t := template.Must(template.ParseFS(configurations, "conf/"+name))
	var b bytes.Buffer
	path := filepath.Join(a.Folder, name)
	if err := errors.Join(t.Execute(&b, a), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		panic(err) // the file is part of the program, and the folder was just made
	}
	return path
}

// A field is all that take part, and the upstream behind them.
type field struct {
	options     options
	work        string // a folder
	upstream    *exec.Cmd
	address     string // of the upstream
	contestants []*contestant
	absent      []string // what could not take part, and why
}

// newField builds what is built here, finds what is installed, and starts the
// upstream.
func newField(ctx context.Context, work string, o options) (*field, error) {
	f := &field{options: o, work: work}
	if err := f.gather(ctx); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f.upstream = exec.CommandContext(ctx, self, "upstream")
	f.upstream.Stderr = os.Stderr
	out, err := f.upstream.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := f.upstream.Start(); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscan(out, &f.address); err != nil {
		return nil, fmt.Errorf("the upstream does not start: %w", err)
	}
	return f, nil
}

func (f *field) close() {
	_ = f.upstream.Process.Kill()
	_ = f.upstream.Wait()
}

// gather fills in the contestants.
func (f *field) gather(ctx context.Context) error {
	build := func(name, pkg string) (string, error) {
		path := filepath.Join(f.work, name)
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
		return path, nil
	}
	own, err := build("corsproxy", "./cmd/corsproxy")
	if err != nil {
		return err
	}
	reverse, err := build("reverseproxy", "./bench/reverseproxy")
	if err != nil {
		return err
	}
	f.add(corsproxy(own))
	f.add(&contestant{
		name: "ReverseProxy", what: "net/http and httputil.ReverseProxy with a pool of connections and buffers, rs/cors; no log", binary: reverse, version: runtime.Version(),
		command: func(a addresses) []string { return []string{reverse, a.Listen, a.Upstream} },
	})
	f.installed(nginx(ctx))
	f.installed(haproxy(ctx))
	f.installed(caddy())
	f.installed(node("http-proxy-middleware", "middleware.mjs", func(script string, a addresses) []string {
		return []string{"node", script, a.Listen, a.Upstream}
	}))
	f.installed(node("local-cors-proxy", "node_modules/local-cors-proxy/bin/lcp.js", func(script string, a addresses) []string {
		return []string{"node", script, "--proxyUrl", "http://" + a.Upstream, "--port", a.Port(), "--proxyPartial", ""}
	}))
	if len(f.contestants) == 0 {
		return fmt.Errorf("nobody is called %q", f.options.only)
	}
	return nil
}

func (f *field) add(c *contestant) {
	if f.options.wants(c.name) {
		f.contestants = append(f.contestants, c)
	}
}

// installed adds c, or notes why it cannot take part.
func (f *field) installed(c *contestant, err error) {
	switch {
	case !f.options.wants(c.name):
	case err != nil:
		f.absent = append(f.absent, c.name+": "+err.Error())
		fmt.Fprintf(os.Stderr, "NOT MEASURED: %s: %v; make bench installs it\n", c.name, err)
	default:
		f.contestants = append(f.contestants, c)
	}
}

func corsproxy(binary string) *contestant {
	return &contestant{
		name: "corsproxy", what: "as it comes: with diagnosis, verdict, and a log line for each request", binary: binary, version: "this one",
		command: func(a addresses) []string {
			return []string{binary, "--listen", a.Listen, "--upstream", a.Upstream, "--log-format", "json"}
		},
	}
}

func nginx(ctx context.Context) (*contestant, error) {
	path, err := exec.LookPath("nginx")
	return &contestant{
		name: "nginx", what: "a worker for each core, connections to the upstream kept, no buffering to disk, no log", binary: path,
		version: versionOf(ctx, path, "-v"),
		command: func(a addresses) []string {
			return []string{path, "-p", a.Folder, "-c", a.configuration("nginx.conf")}
		},
	}, err
}

func haproxy(ctx context.Context) (*contestant, error) {
	path, err := exec.LookPath("haproxy")
	return &contestant{
		name: "haproxy", what: "a thread for each core, connections to the upstream reused, no log", binary: path,
		version: versionOf(ctx, path, "-v"),
		command: func(a addresses) []string {
			return []string{path, "-db", "-f", a.configuration("haproxy.cfg")}
		},
	}, err
}

func caddy() (*contestant, error) {
	path, err := exec.LookPath(cmp.Or(os.Getenv("BENCH_CADDY"), "caddy"))
	return &contestant{
		name: "Caddy", what: "reverse_proxy with connections kept and no buffering, no log", binary: path,
		version: moduleVersion(path),
		command: func(a addresses) []string {
			return []string{path, "run", "--adapter", "caddyfile", "--config", a.configuration("Caddyfile")}
		},
	}, err
}

// node returns a contestant whose packages are below bench/node.
func node(name, script string, command func(script string, a addresses) []string) (*contestant, error) {
	c := &contestant{name: name, what: "on Node.js, one process"}
	path, err := filepath.Abs(filepath.Join("bench", "node", script))
	if err != nil {
		return c, err
	}
	if _, err := exec.LookPath("node"); err != nil {
		return c, err
	}
	manifest, err := os.ReadFile(filepath.Join("bench", "node", "node_modules", name, "package.json"))
	if err != nil {
		return c, errors.New("its packages are not installed below bench/node")
	}
	c.version = firstVersion.FindString(string(manifest[bytes.Index(manifest, []byte(`"version"`)):]))
	c.command = func(a addresses) []string { return command(path, a) }
	c.plain = name == "local-cors-proxy"
	return c, nil
}

var firstVersion = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+`)

// moduleVersion returns the version of the module that a program was built from;
// one that is built by go install does not know it itself.
func moduleVersion(path string) string {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return ""
	}
	return info.Main.Version
}

// versionOf returns the version that a program prints.
func versionOf(ctx context.Context, path string, args ...string) string {
	out, _ := exec.CommandContext(ctx, path, args...).CombinedOutput() // without one there is none to tell
	return firstVersion.FindString(string(out))
}

// running is a contestant at work.
type running struct {
	*exec.Cmd
	address string
	first   time.Duration // from the start to the first answer
}

// run starts c and waits for its first answer.
func (f *field) run(ctx context.Context, c *contestant) (*running, error) {
	listen, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(f.work, c.name)
	if err != nil {
		return nil, err
	}
	args := c.command(addresses{folder, listen, f.address})
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder) // Caddy writes there
	var said strings.Builder
	if c.name != "corsproxy" { // whose log goes where a user's would: somewhere else
		cmd.Stderr = &said
	}
	// It may have workers, which end with it.
	cmd.WaitDelay = time.Second
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := loads()[1]
	for time.Since(start) < 20*time.Second {
		if _, failures := once(ctx, listen, l); failures == 0 {
			return &running{cmd, listen, time.Since(start)}, nil
		}
		time.Sleep(time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return nil, fmt.Errorf("it does not answer within 20 s; it said: %s", said.String())
}

func (r *running) stop() {
	for _, pid := range tree(r.Process.Pid).pids() {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
	_ = r.Wait()
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
