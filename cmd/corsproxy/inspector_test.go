package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/transcript"
)

// inspected starts corsproxy with an inspector, and returns the inspector's URL
// and the token of its page.
func inspected(t *testing.T, dir string, args ...string) (in *instance, url, token string) {
	t.Helper()
	in = startIn(t, dir, append([]string{"--inspect", "0"}, args...)...)
	url = "http://" + in.stderr.Await(t, `"inspector":"([0-9.:]+)"`)[1]
	page := read(t, url+"/", "")
	m := tokenIn.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no token: %s", page)
	}
	return in, url, m[1]
}

func read(t *testing.T, url, token string) string {
	t.Helper()
	resp := request(t, url, token)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func request(t *testing.T, url, token string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Corsproxy-Inspector", token)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestInspector(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "corsproxy.yaml")
	if err := os.WriteFile(file, []byte("cors:\n  max_age: 7s\nroutes:\n  - path: /admin/{proxy+}\n    cors: {max_age: 9s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in, url, token := inspected(t, dir, "--upstream", samLocal(t), "--sam-route", "POST /scanRecords", "--parameter-overrides", "Z=1 DbPassword=x&hunter2 Size=2")
	in.do("POST", "/scanRecords", "Origin: http://localhost:5173")
	if list := read(t, url+"/api/exchanges", token); !strings.Contains(list, `"target":"/scanRecords"`) || !strings.Contains(list, `"outcome":"blocked"`) {
		t.Errorf("the list is %s", list)
	}
	if got := read(t, url+"/readyz", ""); got != "ready\n" {
		t.Errorf("readyz: %s", got)
	}
	settings := read(t, url+"/api/settings", token)
	for _, want := range []string{
		`{"key":"listen","value":"127.0.0.1:0","from":"--listen"`,
		`{"key":"cors.max_age","value":"7s","from":"corsproxy.yaml:2:12"`,
		`{"key":"routes[0].cors.max_age","value":"9s","from":"corsproxy.yaml:5:21"`,
		`{"key":"cors.preflight_status","value":"200","from":"default"`,
		`"value":"Z=1 DbPassword=REDACTED","from":"--parameter-overrides"`,
	} {
		if !strings.Contains(settings, want) {
			t.Errorf("the settings lack %s:\n%s", want, settings)
		}
	}
	if strings.Contains(settings, "routes[0].cors.source") {
		t.Errorf("the settings list what a route does not set:\n%s", settings)
	}
	// A reload shows there.
	if err := os.WriteFile(file, []byte("cors:\n  max_age: 8s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.stderr.Await(t, "changed: cors.max_age")
	for deadline := time.Now().Add(transcript.Patience); !strings.Contains(read(t, url+"/api/settings", token), `"value":"8s"`); {
		if time.Now().After(deadline) {
			t.Fatal("the reloaded setting is not shown")
		}
	}
	if routes := read(t, url+"/api/routes", token); !strings.Contains(routes, `"path":"/scanRecords"`) {
		t.Errorf("the routes are %s", routes)
	}
}

// tokenIn finds the token in the inspector's page.
var tokenIn = regexp.MustCompile(`corsproxy-token" content="([A-Z2-7]+)"`)

// TestInspectorFollowsTheCommand has the inspector ask for the command where it
// listens, and not where it was expected.
func TestInspectorFollowsTheCommand(t *testing.T) {
	t.Parallel()
	inspectorOf := func(role string) (*instance, string) {
		in := startWith(t, role, "--template", "none", "--inspect", "0")
		return in, "http://" + in.stderr.Await(t, `"inspector":"([0-9.:]+)"`)[1]
	}
	in, url := inspectorOf("quick")
	address := in.stderr.Await(t, `"upstream":"(http://127\.0\.0\.1:\d+)","durationMs"`)[1]
	if got := read(t, url+"/readyz", ""); got != "ready\n" {
		t.Errorf("readyz says %q of a command that is ready", got)
	}
	if page := read(t, url+"/", ""); !strings.Contains(page, address) {
		t.Errorf("the page does not show %s: %s", address, page)
	}
	token := tokenIn.FindStringSubmatch(read(t, url+"/", ""))[1]
	if settings := read(t, url+"/api/settings", token); !strings.Contains(settings, `"key":"upstream","value":"where the command listens","from":"the command behind --"`) {
		t.Errorf("the settings name another upstream: %s", settings)
	}
	in, url = inspectorOf("silent")
	in.stderr.Await(t, "no address here")
	if got := request(t, url+"/readyz", ""); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("readyz says %d of a command that is not ready", got.StatusCode)
	}
}

func TestInspectorSaysWhatIsNotInUse(t *testing.T) {
	t.Parallel()
	const (
		full   = ""
		silent = "used only where the template does not tell, and in corsproxy's own errors"
		errors = "used only in corsproxy's own errors"
		unused = "not in use: the upstream answers OPTIONS"
	)
	for _, c := range []struct {
		name, config             string
		origins, methods, source string // how far the settings are in use
	}{
		{"by the policy", "", full, full, full},
		{"by the upstream", "cors: {source: upstream}", errors, unused, full},
		{"by the upstream, responses by the policy", "cors: {source: upstream, response_headers: fill}", full, unused, full},
		{"by the template", "cors: {source: template}", silent, silent, full},
		{"by the template, responses by the policy", "cors: {source: template, response_headers: replace}", full, silent, full},
		{"a route takes it over", "cors: {source: upstream}\nroutes: [{path: /a, cors: {source: config}}]", full, full, full},
		{"a route takes over a part", "cors: {source: upstream}\nroutes: [{path: /a, cors: {source: template, allow_methods: [PUT]}}]", silent, unused, full},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"corsproxy.yaml": c.config + "\n", "template.yaml": shopTemplate} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, url, token := inspected(t, dir)
			var settings []struct{ Key, Limit string }
			if err := json.Unmarshal([]byte(read(t, url+"/api/settings", token)), &settings); err != nil {
				t.Fatal(err)
			}
			got := make(map[string]string)
			for _, s := range settings {
				got[s.Key] = s.Limit
			}
			for key, want := range map[string]string{"cors.allow_origins": c.origins, "cors.allow_methods": c.methods, "cors.source": c.source} {
				if limit, listed := got[key]; !listed || limit != want {
					t.Errorf("%s: %q, want %q", key, limit, want)
				}
			}
		})
	}
}

func TestInspectorHoldsNoShutdown(t *testing.T) {
	t.Parallel()
	in, url, token := inspected(t, t.TempDir())
	stream := request(t, url+"/api/events", token)
	defer stream.Body.Close()
	in.signals <- os.Interrupt
	if code := in.code(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if strings.Contains(in.stderr.String(), "waiting for") {
		t.Errorf("the open page was waited for:\n%s", in.stderr)
	}
}

func TestInspectorPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	in := begin(t, t.TempDir(), "--listen", "0", "--inspect", taken.Addr().String())
	if code := in.code(); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	if got := in.stderr.String(); !strings.Contains(got, "CP5004") || !strings.Contains(got, "such as --inspect ") {
		t.Errorf("it says %s", got)
	}
}

func TestInspectorForOthersIsWarnedOf(t *testing.T) {
	t.Parallel()
	in := startIn(t, t.TempDir(), "--inspect", ":0")
	in.stderr.Await(t, `"level":"warn".*whoever can connect to it can read all that goes through the proxy`)
	other := start(t, "--inspect", "0")
	other.stderr.Await(t, `the inspector is at http://127\.0\.0\.1:`)
	other.stderr.Await(t, "any site may call") // the last line of the start
	if strings.Contains(other.stderr.String(), "whoever can connect") {
		t.Errorf("an inspector for this machine alone is warned of:\n%s", other.stderr)
	}
}
