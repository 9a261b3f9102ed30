package diagnosis_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// exchanged is a request to SAM local, as a fixture has it, and the answer.
type exchanged struct {
	Request   string   // method and raw target
	Fields    []string // of the request: "Upgrade: websocket"
	Length    int64    // of its body
	Routes    []string // method, path, function and source; none has the template's
	BasePaths []string
	Changed   string // when the template was, from SAM local's start: "5s", "-5s"

	Status   int      // 403 if zero
	Answered []string // fields of the answer
	Body     string
}

func (x exchanged) evidence() diagnosis.Evidence {
	e := tokenEvidence(x.Request)
	e.Header, e.UpstreamHeader, e.Length = fields(x.Fields), fields(x.Answered), x.Length
	if x.Status != 0 {
		e.UpstreamStatus, e.UpstreamBody = x.Status, x.Body
	}
	return e
}

func (x exchanged) knowledge(t *testing.T, a *txtar.Archive) diagnosis.Knowledge {
	t.Helper()
	k := diagnosis.Knowledge{BasePaths: x.BasePaths}
	if x.Routes != nil {
		k.Table = tableFrom(t, x.Routes...)
	}
	k.Template = load(t, section(a, "template.yaml"))
	if build := section(a, "build.yaml"); build != nil {
		k.Template, k.Source = load(t, build), k.Template
		k.Template.Template = ".aws-sam/build/template.yaml"
	}
	if x.Changed != "" {
		d, err := time.ParseDuration(x.Changed)
		if err != nil {
			t.Fatal(err)
		}
		k.Mounted = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		k.TemplateChanged = k.Mounted.Add(d)
	}
	return k
}

// load reads a template, if there is one.
func load(t *testing.T, text []byte) *sam.Application {
	t.Helper()
	if text == nil {
		return nil
	}
	name := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := sam.Load(name, sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fields(lines []string) http.Header {
	h := make(http.Header)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

// tokenEvidence is SAM local's 403 to a request such as "GET /a%2Fb?x=1".
func tokenEvidence(request string) diagnosis.Evidence {
	method, target, _ := strings.Cut(request, " ")
	path, query, _ := strings.Cut(target, "?")
	return diagnosis.Evidence{
		Method: method, Path: pathpattern.Decode(path), RawPath: path, Query: query,
		UpstreamStatus: 403, UpstreamBody: tokenBody,
	}
}

// explain explains SAM local's 403 where t holds all routes.
func explain(e diagnosis.Evidence, t *sam.Table) (diagnosis.Diagnosis, bool) {
	return diagnosis.NewExplainer(diagnosis.Knowledge{Table: t}).MissingToken(e)
}

// tableFrom makes a table of routes such as
// "POST /scanRecords ScanRecords template.yaml:12", the last two optional.
func tableFrom(t *testing.T, routes ...string) *sam.Table {
	t.Helper()
	var all []sam.Route
	for _, s := range routes {
		f := strings.Fields(s)
		parsed, err := sam.ParseRoute(strings.Join(f[:2], " "))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range parsed {
			if len(f) > 2 {
				r.Function, r.Source = f[2], f[3]
			}
			all = append(all, r)
		}
	}
	return sam.NewTable(all)
}
