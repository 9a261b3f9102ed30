//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/corsproxy/corsproxy/internal/loopback"
)

// The origin that Express and Flask allow here.
const frontend = "http://localhost:5173"

// startTable starts a stand-in for DynamoDB that holds RecordsTable, and returns
// the environment in which AWS SDKs find it.
func startTable(t *testing.T) []string {
	t.Helper()
	address := loopback.Unused(t)
	cmd := exec.Command(tool(t, filepath.Join(cache, "flask", "bin", "moto_server")), "-H", "127.0.0.1", "-p", port(t, address))
	cmd.Env = environment()
	start(t, "moto_server", cmd).listens(address)

	env := environment("AWS_ENDPOINT_URL_DYNAMODB=http://" + address)
	seed := exec.Command(filepath.Join(cache, "flask", "bin", "python"), filepath.Join(repository, "examples", "seed_records.py"))
	seed.Env = env
	if out := command(t, seed); !strings.Contains(out, "RecordsTable holds 2 records") {
		t.Fatalf("seed_records.py said %q", out)
	}
	return env
}

// nodePath is where Node.js finds the packages that install.sh installed.
func nodePath(t *testing.T) string {
	t.Helper()
	var paths []string
	for _, name := range []string{"express", "node"} {
		path := filepath.Join(cache, name, "node_modules")
		if _, err := os.Stat(path); err != nil {
			missing(t, "there are no packages for Node.js: %v", err)
		}
		paths = append(paths, path)
	}
	return "NODE_PATH=" + strings.Join(paths, string(filepath.ListSeparator))
}

// A service of examples, which answers its own preflights. It listens on PORT,
// as its README says.
type service struct {
	name    string
	dir     string
	command func(t *testing.T) []string
	env     func(t *testing.T) string
}

var services = []service{
	{
		"Express", "express",
		func(t *testing.T) []string { return []string{tool(t, "node"), "server.js"} },
		nodePath,
	},
	{
		"Flask", "flask",
		func(t *testing.T) []string {
			return []string{tool(t, filepath.Join(cache, "flask", "bin", "python")), "-B", "app.py"}
		},
		func(*testing.T) string { return "PYTHONUNBUFFERED=1" },
	},
}

// folder is where the service is.
func (s service) folder() string { return filepath.Join(repository, "examples", s.dir) }

// start starts the service at address.
func (s service) start(t *testing.T, address string, env []string) {
	args := s.command(t)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = s.folder(), append(env, s.env(t), "PORT="+port(t, address))
	start(t, s.name, cmd).listens(address)
}

// TestServicesAsChildren has corsproxy start the services: what a page sends
// while they start waits for them.
func TestServicesAsChildren(t *testing.T) {
	t.Parallel()
	env := startTable(t)
	for _, s := range services {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			page := openPage(t)
			address := loopback.Unused(t)
			p := startChild(t, s.folder(), append(slices.Clone(env), "ALLOWED_ORIGIN="+page.origin, s.env(t), "PORT="+port(t, address)), s.command(t)...)
			page.readable(page.fetch(p.url+"/scanRecords", jsonPost()), http.StatusOK)
			p.said("upstream .*http://127.0.0.1:" + port(t, address))
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			<-p.done
			if c, err := net.Dial("tcp", address); err == nil {
				c.Close()
				t.Errorf("%s still listens on %s", s.name, address)
			}
		})
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	env := startTable(t)
	for _, s := range services {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			// A page at the only origin that the service allows.
			p := openPage(t)
			address := loopback.Unused(t)
			s.start(t, address, append(slices.Clone(env), "ALLOWED_ORIGIN="+p.origin))

			t.Run("corsproxy answers OPTIONS", func(t *testing.T) {
				testServiceBehindPolicy(t, p, address, startProxy(t, address))
			})
			t.Run("the service answers OPTIONS", func(t *testing.T) {
				testServiceByItself(t, p, address, startProxy(t, address, "--cors-source", "upstream"))
			})
		})
	}
}

// testServiceBehindPolicy tests a proxy that keeps OPTIONS from the service.
func testServiceBehindPolicy(t *testing.T, p *page, address string, proxy *proxy) {
	direct := send(t, address, fmt.Sprintf(preflight, "/scanRecords"))
	proxied := send(t, proxy.address, fmt.Sprintf(preflight, "/scanRecords"))
	if got := direct.header.Get("Access-Control-Allow-Origin"); got == "*" {
		t.Fatalf("the service alone allows %q, so that its answers and corsproxy's cannot be told apart", got)
	}
	if got := proxied.header.Get("Access-Control-Allow-Origin"); proxied.status != http.StatusOK || got != "*" {
		t.Errorf("status %d, Access-Control-Allow-Origin %q, want corsproxy's own 200 and *", proxied.status, got)
	}
	testServiceCalls(t, p, address, proxy)
}

// testServiceByItself tests a proxy that leaves OPTIONS to the service.
func testServiceByItself(t *testing.T, p *page, address string, proxy *proxy) {
	requests := map[string]string{
		"preflight":     strings.ReplaceAll(fmt.Sprintf(preflight, "/scanRecords"), frontend, p.origin),
		"other origin":  fmt.Sprintf(preflight, "/scanRecords"),
		"without CORS":  "OPTIONS /scanRecords HTTP/1.1\nHost: api.example.test\n\n",
		"unknown path":  fmt.Sprintf(preflight, "/nowhere"),
		"other methods": "OPTIONS /scanRecords?a=%2F HTTP/1.1\nHost: api.example.test\nOrigin: " + p.origin + "\nAccess-Control-Request-Method: DELETE\n\n",
	}
	for name, request := range requests {
		t.Run(name, func(t *testing.T) {
			same(t, send(t, address, request), send(t, proxy.address, request))
		})
	}
	if got := send(t, proxy.address, requests["preflight"]).header.Get("Access-Control-Max-Age"); got != "600" {
		t.Errorf("Access-Control-Max-Age %q, want the service's 600", got)
	}
	testServiceCalls(t, p, address, proxy)
}

// testServiceCalls tests what is the same whoever answers OPTIONS.
func testServiceCalls(t *testing.T, p *page, address string, proxy *proxy) {
	const want = `{"records":[{"id":"1","name":"first"},{"id":"2","name":"second"}],"request":{"limit":2}}`
	f := p.fetch(proxy.url+"/scanRecords", jsonPost())
	p.readable(f, http.StatusOK)
	// The order of the keys is the service's own business.
	got := evaluate[string](p, `(text => { const {records, request} = JSON.parse(text); `+
		`return JSON.stringify({records: records.map(({id, name}) => ({id, name})), request}); })`+arguments(t, f.Body))
	if got != want {
		t.Errorf("the page got %s, want %s", got, want)
	}

	for name, request := range map[string]string{
		"POST": "POST /scanRecords HTTP/1.1\nHost: api.example.test\nOrigin: " + p.origin +
			"\nContent-Type: application/json\nContent-Length: 11\n\n{\"limit\":2}",
		"its own 404": "GET /nowhere?a=%2F HTTP/1.1\nHost: api.example.test\nAccept: */*\n\n",
		"a bad body": "POST /scanRecords HTTP/1.1\nHost: api.example.test\n" +
			"Content-Type: application/json\nContent-Length: 1\n\n{",
	} {
		t.Run(name, func(t *testing.T) {
			same(t, send(t, address, request), send(t, proxy.address, request))
		})
	}
}
