package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const comparedTemplate = `Transform: AWS::Serverless-2016-10-31
Globals:
  Api:
    Cors:
      AllowOrigin: "'*'"
      AllowHeaders: "'content-type'"
Resources:
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Handler: bootstrap
      CodeUri: .
      Events:
        List: {Type: Api, Properties: {Path: /items, Method: get}}
        Add: {Type: Api, Properties: {Path: /items, Method: post}}
        Drop: {Type: Api, Properties: {Path: "/items/{id}", Method: delete}}
`

// An answering server notes what it is asked.
type answering struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serveAnswers(t *testing.T, answer http.HandlerFunc) *answering {
	t.Helper()
	a := &answering{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		a.asked = append(a.asked, r.Method+" "+r.URL.Path)
		a.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func allowAll(methods string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", methods)
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
			w.WriteHeader(status)
		}
	}
}

// compareIn runs compare with the template in a folder of its own.
func compareIn(t *testing.T, local, deployed string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(comparedTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	return outcome(t, append([]string{"compare", "--template", name, "--upstream", local, "--with", deployed}, args...)...)
}

func TestCompareSame(t *testing.T) {
	t.Parallel()
	// Neither the order of a list nor 204 is a difference to a browser.
	local := serveAnswers(t, allowAll("GET,POST,DELETE,OPTIONS", 200))
	deployed := serveAnswers(t, allowAll("DELETE, GET, OPTIONS, POST", 204))
	stdout, stderr, code := compareIn(t, local.URL, deployed.URL+"/Prod")
	if code != exitOK || stderr != "" {
		t.Errorf("exit code %d; stderr: %s", code, stderr)
	}
	want := "local     L\ndeployed  D/Prod\nasking    for content-type\n\n" +
		"ROUTE                FROM                    WHAT   LOCAL     DEPLOYED\n" +
		"GET POST /items      http://localhost:5173   same   allowed   allowed\n" +
		"DELETE /items/{id}   http://localhost:5173   same   allowed   allowed\n" +
		"\n3 questions, 0 different to a browser\n"
	if got := strings.NewReplacer(local.URL, "L", deployed.URL, "D").Replace(stdout); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, asked := range local.asked {
		if !strings.HasPrefix(asked, "OPTIONS /items") {
			t.Errorf("the local API was asked %s", asked)
		}
	}
	for _, asked := range deployed.asked {
		if !strings.HasPrefix(asked, "OPTIONS /Prod/items") {
			t.Errorf("the deployed API was asked %s", asked)
		}
	}
}

// A URL without the stage gets 403 to everything.
func TestCompareWithoutStage(t *testing.T) {
	t.Parallel()
	local := serveAnswers(t, allowAll("GET,POST,DELETE,OPTIONS", 200))
	deployed := serveAnswers(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	note := "note: the deployed API refuses all of them; is its stage missing? --with " + deployed.URL + "/Prod\n"
	if stdout, _, code := compareIn(t, local.URL, deployed.URL); code != exitFailed || !strings.HasSuffix(stdout, note) {
		t.Errorf("exit code %d, and no %q at the end of\n%s", code, note, stdout)
	}
	if stdout, _, _ := compareIn(t, local.URL, deployed.URL+"/Prod"); strings.Contains(stdout, "stage") {
		t.Errorf("the stage is there:\n%s", stdout)
	}
}

func TestCompareDifferent(t *testing.T) {
	t.Parallel()
	local := serveAnswers(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/items/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		allowAll("GET,POST,DELETE,OPTIONS", 200)(w, r)
	})
	deployed := serveAnswers(t, allowAll("GET,POST,DELETE,OPTIONS", 200))
	stdout, stderr, code := compareIn(t, local.URL, deployed.URL, "--requests")
	if code != exitFailed || stderr != "" {
		t.Errorf("exit code %d; stderr: %s", code, stderr)
	}
	for _, want := range []string{
		"GET POST /items        http://localhost:5173   same            allowed                             allowed\n",
		"GET /items (request)   http://localhost:5173   same            allowed                             allowed\n",
		"DELETE /items/{id}     http://localhost:5173   status          403                                 200\n",
		"                                               allow origin    –                                   *\n",
		"                                               verdict         PreflightMissingAllowOriginHeader   allowed\n",
		"\n4 questions, 1 different to a browser\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}

	stdout, _, code = compareIn(t, local.URL, deployed.URL, "--output", "json", "--origin", "https://app.example.com")
	var got struct {
		Same   bool
		Routes []struct {
			Kind, Method, Path, Target, Origin string
			Same                               bool
			Differences                        []string
			Local, Deployed                    struct {
				Status      int
				AllowOrigin *string
				Allowed     bool
				Chrome      *string
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != exitFailed {
		t.Fatalf("exit code %d, %v\n%s", code, err, stdout)
	}
	if got.Same || len(got.Routes) != 3 {
		t.Fatalf("got %+v", got)
	}
	for _, r := range got.Routes {
		if r.Origin != "https://app.example.com" || r.Kind != "preflight" || r.Same != (r.Method != "DELETE") {
			t.Errorf("got %+v", r)
		}
		if r.Method == "DELETE" && (r.Target != "/items/corsproxy" || r.Local.Status != 403 || r.Local.AllowOrigin != nil || r.Local.Chrome == nil || !r.Deployed.Allowed) {
			t.Errorf("got %+v", r)
		}
	}
}

func TestCompareCannotRun(t *testing.T) {
	t.Parallel()
	up := serveAnswers(t, allowAll("GET", 200))
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, stderr, code := compareIn(t, gone.URL, up.URL)
	if want := "corsproxy: " + gone.URL + " cannot be reached: nothing listens at " + strings.TrimPrefix(gone.URL, "http://") + "; start it with sam local start-api --port " + gone.URL[strings.LastIndexByte(gone.URL, ':')+1:] + ", or name another with --upstream\n"; code != exitNotRun || stderr != want {
		t.Errorf("exit code %d\n got %q\nwant %q", code, stderr, want)
	}
	_, stderr, code = compareIn(t, up.URL, gone.URL)
	if want := "corsproxy: " + gone.URL + " cannot be reached: nothing listens at " + strings.TrimPrefix(gone.URL, "http://") + "\n"; code != exitNotRun || stderr != want {
		t.Errorf("exit code %d\n got %q\nwant %q", code, stderr, want)
	}
}
