//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

// samAtOnce is how many SAM CLIs run beside each other: each takes a core while
// it starts.
const samAtOnce = 2

// TestTemplates holds what corsproxy reads in a template against what SAM CLI
// makes of it: which routes are mounted, and what becomes of requests, sent to
// both. Each folder of testdata/templates has a template and its requests; SAM
// CLI refuses those whose names begin with "refused-".
//
// No function has its code on the disk. SAM local mounts them all the same, and
// answers 502 at once, without a container.
func TestTemplates(t *testing.T) {
	t.Parallel()
	program := tool(t, filepath.Join(cache, "sam", "bin", "sam"))
	folders, err := os.ReadDir(filepath.Join("testdata", "templates"))
	if err != nil {
		t.Fatal(err)
	}
	turn := make(chan struct{}, samAtOnce)
	for _, f := range folders {
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			turn <- struct{}{}
			defer func() { <-turn }()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "templates", f.Name()))); err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(f.Name(), "refused-") {
				refused(t, program, dir)
				return
			}
			mountedAsRead(t, program, dir)
		})
	}
}

// startAPI starts sam local start-api in a folder.
func startAPI(t *testing.T, program, dir string) *sam {
	t.Helper()
	address := loopback.Unused(t)
	cmd := exec.Command(program, "local", "start-api", "--port", port(t, address), "--skip-pull-image")
	cmd.Dir = dir
	cmd.Env = environment()
	return &sam{start(t, "sam local start-api", cmd), address}
}

// located is how an error begins that says where in a template it is.
var located = regexp.MustCompile(`\btemplate\.yaml(:\d+:\d+)?: \S+`)

// refused holds for a template that SAM CLI does not start with: corsproxy must
// say so before, why, and where.
func refused(t *testing.T, program, dir string) {
	sam := startAPI(t, program, dir)
	<-sam.done
	if code := sam.cmd.ProcessState.ExitCode(); code < 1 {
		t.Errorf("SAM CLI takes the template: %v\n%s", sam.cmd.ProcessState, sam.out)
	}
	out, err := routes(dir)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || len(out) > 0 {
		t.Fatalf("corsproxy routes: %v, want exit code 3 and no output\n%s", err, out)
	}
	if !located.Match(exit.Stderr) {
		t.Errorf("corsproxy routes does not say where and why:\n%s", exit.Stderr)
	}
}

// routes runs corsproxy routes in a folder.
func routes(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command(corsproxy, append([]string{"routes"}, args...)...)
	cmd.Dir = dir
	cmd.Env = environment()
	return cmd.Output()
}

// mountedAsRead holds for a template that SAM CLI starts with, or that has no
// routes.
func mountedAsRead(t *testing.T, program, dir string) {
	sam := startAPI(t, program, dir)
	read := readRoutes(t, dir)
	if len(read) == 0 {
		sam.said(`Template does not have any APIs connected to Lambda functions`)
		return
	}
	sam.said(`Running on http://`)
	if mounted := sam.mounted(t); !slices.Equal(mounted, read) {
		t.Errorf("corsproxy read %q, SAM local mounted %q", read, mounted)
	}
	args, requests := readRequests(t, filepath.Join(dir, "requests"))
	proxy := startProxyIn(t, dir, sam.address, args...)
	for _, r := range requests {
		r.check(t, sam, proxy)
	}
}

// readRoutes returns what corsproxy reads in the folder's template, as "GET
// /items Function", sorted.
func readRoutes(t *testing.T, dir string) []string {
	t.Helper()
	out, err := routes(dir, "--output", "json")
	if err != nil {
		t.Fatalf("corsproxy routes: %v", err)
	}
	var table struct {
		Routes []struct{ Method, Path, Function string }
	}
	if err := json.Unmarshal(out, &table); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range table.Routes {
		all = append(all, routeLine(r.Method, r.Path, r.Function))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// routeLine writes a route for comparison. SAM local prints for $default the
// methods that the template has, and mounts all seven.
func routeLine(method, path, function string) string {
	if path == "$default" {
		method = "ANY"
	}
	return strings.TrimSpace(method + " " + path + " " + function)
}

var mountingLine = regexp.MustCompile(`(?m)^Mounting (\S+) at http://127\.0\.0\.1:\d+(\S*) \[(.*)\]$`)

// mounted returns what SAM local says that it has mounted, sorted.
func (s *sam) mounted(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, m := range mountingLine.FindAllStringSubmatch(s.out.String(), -1) {
		function := m[1]
		if function == "None" {
			function = ""
		}
		for method := range strings.SplitSeq(m[3], ", ") {
			all = append(all, routeLine(method, m[2], function))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A wrong is a request, which most often is a wrong one, with what SAM local and
// what corsproxy answer to it. Each is a line of a file:
//
//	METHOD TARGET SAM CORSPROXY [CODE [METHOD PATH | *] [allow=METHODS]] [Name:value]…
//
// SAM and CORSPROXY are statuses; "=" says that corsproxy passes SAM local's
// answer on unchanged, and names the code in its log. METHOD PATH is the nearest
// route; "*" is any.
type wrong struct {
	method, target string
	header         string
	want           []string // from SAM on
}

// readRequests reads the requests of a template, and flags for corsproxy, which
// may stand in the first line.
func readRequests(t *testing.T, name string) (flags []string, all []wrong) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if fields[0] == "corsproxy" {
			flags = fields[1:]
			continue
		}
		w := wrong{method: fields[0], target: fields[1]}
		for _, f := range fields[2:] {
			if name, _, ok := strings.Cut(f, ":"); ok && !strings.Contains(name, "/") {
				w.header += f + "\n"
			} else {
				w.want = append(w.want, f)
			}
		}
		all = append(all, w)
	}
	return flags, all
}

// check sends a request to SAM local and to corsproxy.
func (w wrong) check(t *testing.T, sam *sam, proxy *proxy) {
	t.Helper()
	request := fmt.Sprintf("%s %s HTTP/1.1\nHost: api.example.test\n%s\n", w.method, w.target, w.header)
	direct, err := ask(sam.address, w.method, request)
	if err != nil {
		t.Fatalf("%s %s: SAM local: %v", w.method, w.target, err)
	}
	proxied, err := ask(proxy.address, w.method, request)
	if err != nil {
		t.Fatalf("%s %s: corsproxy: %v", w.method, w.target, err)
	}
	got := []string{strconv.Itoa(direct.status)}
	if w.want[1] == "=" {
		same(t, direct, proxied)
		got = append(got, "=")
		if len(w.want) > 2 {
			got = append(got, proxy.said(`"method":"` + w.method + `","path":"` + regexp.QuoteMeta(w.target) + `","status":` + got[0] + `,.*"code":"(CP\d+)`)[1])
		}
	} else {
		got = append(got, strconv.Itoa(proxied.status))
		got = append(got, w.named(t, direct, proxied)...)
	}
	if !slices.Equal(got, w.want) {
		t.Errorf("%s %s:\ngot  %s\nwant %s\nSAM local: %q\ncorsproxy: %q %s",
			w.method, w.target, strings.Join(got, " "), strings.Join(w.want, " "), direct.body, proxied.head, proxied.body)
	}
}

// named returns what corsproxy names where it has said something in place of SAM
// local.
func (w wrong) named(t *testing.T, direct, proxied answer) []string {
	t.Helper()
	if proxied.status < http.StatusBadRequest {
		return nil
	}
	p := parseProblem(t, proxied.body)
	if p.Status != proxied.status || p.Upstream == nil || p.Upstream.Status != direct.status || p.Detail == "" ||
		!strings.HasPrefix(proxied.header.Get("Corsproxy-Diagnosis"), p.Code+" ") {
		t.Errorf("%s %s: an incomplete problem: %q %s", w.method, w.target, proxied.head, proxied.body)
	}
	named := []string{p.Code}
	switch {
	case len(p.Routes) > 0 && slices.Contains(w.want, "*"):
		named = append(named, "*")
	case len(p.Routes) > 0:
		named = append(named, p.Routes[0].Method, p.Routes[0].Path)
	}
	if allow := list(proxied.header.Values("Allow")); len(allow) > 0 {
		named = append(named, "allow="+strings.Join(allow, ","))
	}
	return named
}

// ask sends a request on a connection of its own. The answer to HEAD has no
// body.
func ask(address, method, request string) (answer, error) {
	if method == "HEAD" {
		return exchangeHead(address, request)
	}
	return exchange(address, request)
}
