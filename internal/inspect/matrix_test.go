package inspect_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/inspect"
	"github.com/corsproxy/corsproxy/internal/sam"
	"github.com/corsproxy/corsproxy/policy"
	"github.com/corsproxy/corsproxy/proxy"
)

const template = `Transform: AWS::Serverless-2016-10-31
Globals:
  Api:
    Cors:
      AllowOrigin: "'https://app.example.com'"
      AllowHeaders: "'content-type'"
Resources:
  Items:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      CodeUri: .
      Events:
        List: {Type: Api, Properties: {Path: /items, Method: get}}
        Put: {Type: Api, Properties: {Path: "/items/{id}", Method: put}}
`

type matrix struct {
	Origin, Template string
	Known            bool
	Rows             []struct {
		Method, Path, Function, API, Source string

		Local, Here, Deployed cell
	}
}

type cell struct {
	Known, Allowed bool
	Status         int
	By, Verdict    string
	Fields         []string
}

func load(t *testing.T) (*sam.Application, string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(name, []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	app, err := sam.Load(name, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return app, name
}

func TestWhoSetWhat(t *testing.T) {
	t.Parallel()
	app, _ := load(t)
	b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example.com")
		w.Header().Set("Access-Control-Expose-Headers", "x-total")
	})
	pol, err := policy.New(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	setBy := func(path string) string {
		n := len(call[[]row](b, "GET", "exchanges"))
		b.through("GET", path, "", page)
		var told []string
		for _, s := range call[detail](b, "GET", "exchanges/"+b.ended(n + 1)[n].ID).SetBy {
			told = append(told, s.Name+" "+s.By)
		}
		return strings.Join(told, ", ")
	}
	if got, want := setBy("/items"), "Access-Control-Allow-Origin upstream, Access-Control-Expose-Headers upstream"; got != want {
		t.Errorf("without a template: %s, want %s", got, want)
	}
	b.use(proxy.Rules{Default: proxy.Rule{Policy: pol}, Known: diagnosis.Knowledge{Template: app}})
	if got, want := setBy("/items"), "Access-Control-Allow-Origin SAM local, Access-Control-Expose-Headers function"; got != want {
		t.Errorf("with a template: %s, want %s", got, want)
	}
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	app, name := load(t)
	b := newBench(t, echo)
	config := policy.Default()
	config.AllowOrigins = []string{"http://localhost:5173"}
	pol, err := policy.New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.use(proxy.Rules{Default: proxy.Rule{Policy: pol}, Known: diagnosis.Knowledge{Template: app}})
	b.SetSettings([]inspect.Setting{{Key: "listen", Value: "127.0.0.1:8080", From: "--listen"}})

	m := call[matrix](b, "GET", "routes?origin=http%3A%2F%2Flocalhost%3A5173&headers=Content-Type")
	if !m.Known || m.Template != name || len(m.Rows) != 2 {
		t.Fatalf("the matrix is %+v", m)
	}
	for _, r := range m.Rows {
		if !r.Here.Known || !r.Here.Allowed || r.Here.Status != 200 || r.Here.By != "policy" {
			t.Errorf("%s %s: here %+v", r.Method, r.Path, r.Here)
		}
		for side, c := range map[string]cell{"local": r.Local, "deployed": r.Deployed} {
			if !c.Known || c.Allowed || c.Status != 200 || c.Verdict != "PreflightAllowOriginMismatch" {
				t.Errorf("%s %s: %s %+v", r.Method, r.Path, side, c)
			}
		}
	}
	m = call[matrix](b, "GET", "routes?origin=https%3A%2F%2Fapp.example.com&headers=x-other")
	for _, r := range m.Rows {
		if r.Here.Allowed || r.Here.Status != 403 || r.Deployed.Verdict != "HeaderDisallowedByPreflightResponse" {
			t.Errorf("%s %s: here %+v, deployed %+v", r.Method, r.Path, r.Here, r.Deployed)
		}
	}
	settings := call[[]inspect.Setting](b, "GET", "settings")
	if len(settings) != 1 || settings[0].From != "--listen" {
		t.Errorf("the settings are %+v", settings)
	}
}

// TestMatrixPlaces has the places of the template where SAM's log has mounted
// the routes: its lines say less.
func TestMatrixPlaces(t *testing.T) {
	t.Parallel()
	app, _ := load(t)
	b := newBench(t, echo)
	logged := sam.NewTable([]sam.Route{
		{Method: "GET", Path: "/items", Function: "Items", Source: "sam:1"},
		{Method: "GET", Path: "/old", Function: "Old", Source: "sam:2"},
	})
	pol, err := policy.New(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	b.use(proxy.Rules{Default: proxy.Rule{Policy: pol}, Known: diagnosis.Knowledge{Template: app, Table: logged}})
	for _, r := range call[matrix](b, "GET", "routes").Rows {
		want := "template.yaml:"
		if r.Path == "/old" {
			want = "sam:2"
		}
		if !strings.HasPrefix(r.Source, want) || r.Function == "" || (r.API == "") != (r.Path == "/old") {
			t.Errorf("%+v has to be from %s", r, want)
		}
	}
}
