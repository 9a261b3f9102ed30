//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
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
	address := freeAddress(t)
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
		t.Errorf("SAM CLI takes the template: %v\n%s", sam.cmd.ProcessState, &sam.out)
	}
	out, err := routes(dir)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || len(out) > 0 {
		t.Fatalf("corsproxy routes: %v, want exit code 1 and no output\n%s", err, out)
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
//	METHOD TARGET SAM CORSPROXY CODE METHOD PATH [allow=METHODS] [Name:value]…
//
// SAM and CORSPROXY are statuses; "=" says that corsproxy passes SAM local's
// answer on unchanged, with the code in its log. METHOD PATH is the nearest
// route; "*" is any, and "-" is none.
type wrong struct {
	line           string
	method, target string
	header         string
	sam, corsproxy int
	unchanged      bool
	code           string
	nearest        string
	allow          []string
}

// readRequests reads the requests of a template, and flags for corsproxy, which
// may stand in the first line.
func readRequests(t *testing.T, name string) (flags []string, all []wrong) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		fields := strings.Fields(string(line))
		if fields[0] == "corsproxy" {
			flags = fields[1:]
			continue
		}
		w, err := parseRequest(fields)
		if err != nil {
			t.Fatalf("%s: %q: %v", name, line, err)
		}
		all = append(all, w)
	}
	return flags, all
}

func parseRequest(fields []string) (w wrong, err error) {
	if len(fields) < 4 {
		return w, errors.New("there are less than four fields")
	}
	w = wrong{line: strings.Join(fields, " "), method: fields[0], target: fields[1]}
	if w.sam, err = strconv.Atoi(fields[2]); err != nil {
		return w, err
	}
	if w.unchanged = fields[3] == "="; w.unchanged {
		w.corsproxy = w.sam
	} else if w.corsproxy, err = strconv.Atoi(fields[3]); err != nil {
		return w, err
	}
	var words []string
	for _, f := range fields[4:] {
		allow, ok := strings.CutPrefix(f, "allow=")
		switch {
		case ok:
			w.allow = strings.Split(allow, ",")
		case strings.Contains(f, ":") && !strings.HasPrefix(f, "/"):
			w.header += f + "\n"
		default:
			words = append(words, f)
		}
	}
	if len(words) > 0 {
		w.code, w.nearest = words[0], strings.Join(words[1:], " ")
	}
	return w, nil
}

// check sends a request to SAM local and to corsproxy.
func (w wrong) check(t *testing.T, sam *sam, proxy *proxy) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s\n%s", w.line, fmt.Sprintf(format, args...))
	}
	request := fmt.Sprintf("%s %s HTTP/1.1\nHost: api.example.test\n%s\n", w.method, w.target, w.header)
	direct, err := ask(sam.address, w.method, request)
	if err != nil {
		t.Fatalf("%s: SAM local: %v", w.line, err)
	}
	proxied, err := ask(proxy.address, w.method, request)
	if err != nil {
		t.Fatalf("%s: corsproxy: %v", w.line, err)
	}
	if direct.status != w.sam {
		fail("SAM local answers %q %q", direct.head, direct.body)
	}
	if proxied.status != w.corsproxy {
		fail("corsproxy answers %q %q", proxied.head, proxied.body)
	}
	switch {
	case w.unchanged:
		same(t, direct, proxied)
		if w.code != "" {
			proxy.said(regexp.QuoteMeta(w.target) + `.*\b` + w.code + `\b`)
		}
	case w.code != "":
		w.checkProblem(t, fail, proxied)
	}
}

// checkProblem compares what a problem of corsproxy's names.
func (w wrong) checkProblem(t *testing.T, fail func(string, ...any), a answer) {
	t.Helper()
	if a.status < 400 {
		return
	}
	p := parseProblem(t, a.body)
	if p.Code != w.code || p.Status != w.corsproxy || p.Upstream == nil || p.Upstream.Status != w.sam || len(p.Hints) == 0 && w.code != "CP3027" {
		fail("corsproxy says %s", a.body)
	}
	if got, _, _ := strings.Cut(a.header.Get("Corsproxy-Diagnosis"), " "); got != w.code {
		fail("Corsproxy-Diagnosis: %q", a.header.Get("Corsproxy-Diagnosis"))
	}
	if got := list(a.header.Values("Allow")); !slices.Equal(got, w.allow) && len(got)+len(w.allow) > 0 {
		fail("Allow: %q", got)
	}
	nearest := "-"
	if len(p.Routes) > 0 {
		nearest = p.Routes[0].Method + " " + p.Routes[0].Path
		if w.nearest == "*" {
			nearest = "*"
		}
	}
	if nearest != w.nearest && w.nearest != "" {
		fail("the nearest route is %q\n%s", nearest, a.body)
	}
}

// ask sends a request on a connection of its own. The answer to HEAD has no
// body.
func ask(address, method, request string) (answer, error) {
	if method == "HEAD" {
		return exchangeHead(address, request)
	}
	return exchange(address, request)
}
