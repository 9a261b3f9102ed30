package diagnosis_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

var someRoutes = []string{
	"POST /scanRecords ScanRecords template.yaml:12",
	"GET /items/{id} GetItem template.yaml:20",
	"PUT /items/{id} PutItem template.yaml:27",
	"ANY /files/{proxy+} Files template.yaml:34",
}

func TestMissingToken(t *testing.T) {
	t.Parallel()
	tests := []struct {
		request string
		code    diagnosis.Code
		status  int
		allow   []string
		routes  []string // the first of those listed
	}{
		{"GET /scanRecord", diagnosis.RouteNotFound, 404, nil, []string{"POST /scanRecords"}},
		{"POST /scanrecords", diagnosis.CaseMismatch, 404, nil, []string{"POST /scanRecords"}},
		{"GET /scanRecords", diagnosis.MethodNotDefined, 405, []string{"POST"}, []string{"POST /scanRecords"}},
		{"GET /scanRecords/?limit=3", diagnosis.MethodNotDefined, 405, []string{"POST"}, []string{"POST /scanRecords"}},
		{"DELETE /items/7", diagnosis.MethodNotDefined, 405, []string{"GET", "PUT"}, []string{"GET /items/{id}", "PUT /items/{id}"}},
		{"PURGE /items/7", diagnosis.MethodNotSupported, 405, []string{"GET", "PUT"}, []string{"GET /items/{id}"}},
		{"GET /files", diagnosis.GreedyNeedsSegment, 404, nil, []string{"GET /files/{proxy+}"}},
		{"POST /scanRecords", diagnosis.SaidByTheFunction, 403, nil, []string{"POST /scanRecords"}},
		{"GET /items/a%2Db", diagnosis.SaidByTheFunction, 403, nil, []string{"GET /items/{id}"}},
		{"PATCH /files/a/b", diagnosis.SaidByTheFunction, 403, nil, []string{"PATCH /files/{proxy+}"}},
	}
	for _, tt := range tests {
		t.Run(tt.request, func(t *testing.T) {
			t.Parallel()
			d, ok := explain(tokenEvidence(tt.request), tableFrom(t, someRoutes...))
			if mounted := tt.code == diagnosis.SaidByTheFunction; ok == mounted {
				t.Errorf("ok = %v", ok)
			}
			if d.Code != tt.code || d.Status != tt.status || !slices.Equal(d.Allow, tt.allow) {
				t.Errorf("%s with %d and Allow %v; want %s, %d, %v", d, d.Status, d.Allow, tt.code, tt.status, tt.allow)
			}
			for i, want := range tt.routes {
				if i >= len(d.Routes) || d.Routes[i].Method+" "+d.Routes[i].Path != want {
					t.Fatalf("routes are %v, want %v first", d.Routes, tt.routes)
				}
			}
			if *d.Upstream != (diagnosis.Upstream{Status: 403, Body: strings.TrimSpace(tokenBody)}) {
				t.Errorf("upstream is %v", *d.Upstream)
			}
		})
	}
}

// TestMissingTokenWithoutRoutes holds that nothing is claimed where the routes
// are not known.
func TestMissingTokenWithoutRoutes(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]*sam.Table{"no table": nil, "an empty table": sam.NewTable(nil)} {
		d, ok := explain(tokenEvidence("GET /scanRecord"), table)
		if !ok || d.Code != diagnosis.Unexplained || d.Status != 403 || d.Routes != nil || d.Allow != nil {
			t.Errorf("%s: %v %s %d %v %v", name, ok, d, d.Status, d.Routes, d.Allow)
		}
	}
}

func TestMissingTokenHints(t *testing.T) {
	t.Parallel()
	navigation := tokenEvidence("GET /scanRecords")
	navigation.Header = http.Header{"Sec-Fetch-Mode": {"navigate"}}
	http2 := sam.NewTable([]sam.Route{{Method: "GET", Path: "/items", APIType: sam.HTTP}})
	tests := []struct {
		name     string
		evidence diagnosis.Evidence
		table    *sam.Table
		want     string
		not      string
	}{
		{"a snippet for a REST API", tokenEvidence("GET /a-b/c"), tableFrom(t, someRoutes...), "\nGetABC:\n  Type: Api\n  Properties:\n    Path: /a-b/c\n    Method: get\n", ""},
		{"a snippet for an HTTP API", tokenEvidence("GET /basket"), http2, "Type: HttpApi", "Type: Api\n"},
		{"the decoded path, without its last slash", tokenEvidence("GET /caf%C3%A9/"), nil, "Path: /café\n", "%C3"},
		{"the root", tokenEvidence("GET /"), nil, "Path: /\n", ""},
		{"a path that YAML would misread", tokenEvidence("GET /a:%20b%20%23c"), nil, "Path: '/a: b #c'\n", ""},
		{"no snippet with control characters", tokenEvidence("GET /a%0Ab"), nil, "", "Type: Api"},
		{"no snippet for a method that API Gateway lacks", tokenEvidence("PURGE /a"), nil, "", "Type: Api"},
		{"the pattern, where the path is mounted", tokenEvidence("DELETE /items/7"), tableFrom(t, someRoutes...), "Path: /items/{id}", "Path: /items/7"},
		{"a redirect may have changed the method", tokenEvidence("GET /scanRecords"), tableFrom(t, someRoutes...), "301, 302 and 303", "opened in a browser"},
		{"the address bar", navigation, tableFrom(t, someRoutes...), "curl -X POST", "redirect"},
		{"the address bar, a hostile method", navigation, sam.NewTable([]sam.Route{{Method: "$(ID)\nX", Path: "/scanRecords", APIType: sam.REST}}), `curl -X '$(ID)\nX'`, "-X $"},
		{"a forwarded preflight", tokenEvidence("OPTIONS /scanRecords"), tableFrom(t, someRoutes...), "cors.source", "Type: Api"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, _ := explain(tt.evidence, tt.table)
			hints := strings.Join(d.Hints, "\n\n") + "\n"
			if !strings.Contains(hints, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, hints)
			}
			if tt.not != "" && strings.Contains(hints, tt.not) {
				t.Errorf("%q in\n%s", tt.not, hints)
			}
		})
	}
}

// FuzzMissingToken holds that no request makes the function fail, and that what
// it repeats is fit for a terminal.
func FuzzMissingToken(f *testing.F) {
	for _, r := range []string{"GET /scanRecord", "OPTIONS /scanRecords", "get //items//7", "\x1b[2J /%00\xff", " ", "POST /files/" + strings.Repeat("%2F", 300), "GET /Prod//Items/{id}%3Fa=b&c", "GET \x80%3F"} {
		f.Add(r, true)
		f.Add(r, false)
	}
	known := shop(f)
	f.Fuzz(func(t *testing.T, request string, routes bool) {
		var x *diagnosis.Explainer
		if routes {
			x = known
		}
		d, ok := x.MissingToken(tokenEvidence(request))
		if _, known := diagnosis.Lookup(d.Code); !known || ok == (d.Code == diagnosis.SaidByTheFunction) {
			t.Fatalf("%q: %v %s", request, ok, d)
		}
		for _, s := range append([]string{d.Detail}, d.Hints...) {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) || len(s) > 4000 {
				t.Fatalf("%q: %q", request, s)
			}
		}
		if len(d.Problem("id")) == 0 || len(d.Page(diagnosis.Visit{})) == 0 {
			t.Fatalf("%q cannot be written", request)
		}
	})
}

// TestMissingTokenOfALongPath takes paths of a megabyte: what is made of them may
// not be many times as long.
func TestMissingTokenOfALongPath(t *testing.T) {
	table := tableFrom(t, someRoutes...)
	for _, unit := range []string{"/", "/a", "/%2F", "/https://a:b@c", "/token="} {
		path := strings.Repeat(unit, 1<<20/len(unit))
		e := tokenEvidence("PUT /nowhere" + path)
		if d, ok := explain(e, table); !ok || d.Code != diagnosis.RouteNotFound {
			t.Errorf("%q again and again: %v %s", unit, ok, d)
		}
		if n := testing.AllocsPerRun(1, func() { explain(e, table) }); n > 10000 {
			t.Errorf("%q again and again: %.0f allocations", unit, n)
		}
		mounted := tokenEvidence("GET /files" + path)
		if d, ok := explain(mounted, table); ok || d.Code != diagnosis.SaidByTheFunction {
			t.Errorf("a mounted path, %q again and again: %v %s", unit, ok, d)
		}
	}
}
