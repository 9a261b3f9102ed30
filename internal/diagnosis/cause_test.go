package diagnosis_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// pieces make paths that are near to those of the shop.
var pieces = []string{
	"items", "Items", "item", "users", "orders", "cancel", "reviews", "files", "admin", "reports", "legacy", "health", "adminLogin", "thumbnails",
	"Prod", "live", "api", "v1", "store", "undefined", "null", "{id}", ":id", "%7Bid%7D", "7", "a%2Fb", "x%3Fy=1", "a&b=c", "", "%", "%zz", "é", ".", "..", "{}",
}

// TestMountedRequests holds that no fault is found in a request that a route
// takes, and one in each that none takes, the same every time.
func TestMountedRequests(t *testing.T) {
	t.Parallel()
	x, again := shop(t), shop(t)
	table := sam.NewTable(x.Template.Local.Routes)
	random := rand.New(rand.NewPCG(1, 2))
	methods := append([]string{"TRACE", "get"}, sam.AnyMethods()...)
	for range 5_000 {
		var path strings.Builder
		for range 1 + random.IntN(5) {
			path.WriteString("/" + pieces[random.IntN(len(pieces))])
		}
		e := tokenEvidence(methods[random.IntN(len(methods))] + " " + path.String())
		_, mounted := table.Match(e.Method, e.Path)
		d, own := x.MissingToken(e)
		switch {
		case own == mounted, mounted != (d.Code == diagnosis.SaidByTheFunction), mounted && d.Status != 403:
			t.Fatalf("%s %s: own %v, mounted %v, %d %s", e.Method, e.RawPath, own, mounted, d.Status, d)
		case !mounted && (d.Status == 405) != (len(table.Methods(e.Path)) > 0):
			t.Fatalf("%s %s: status %d, mounted for %v", e.Method, e.RawPath, d.Status, table.Methods(e.Path))
		}
		if second, _ := again.MissingToken(e); !reflect.DeepEqual(d, second) {
			t.Fatalf("%s %s: %v\nand then %v", e.Method, e.RawPath, d, second)
		}
	}
}

// TestFixesWork holds that a path which a diagnosis gives for the right one is
// mounted, and that an event which it gives mounts the request.
func TestFixesWork(t *testing.T) {
	t.Parallel()
	x := shop(t)
	routes := x.Template.Local.Routes
	for line := range strings.Lines(strings.TrimSpace(wrongRequests)) {
		f := strings.Fields(line)
		request := f[1] + " " + f[2]
		d, _ := x.MissingToken(tokenEvidence(request))
		for _, hint := range d.Hints {
			lead, snippet, _ := strings.Cut(hint, "\n")
			switch {
			case strings.HasSuffix(lead, "the path is then:"):
				e := tokenEvidence(f[1] + " " + snippet)
				if _, ok := sam.NewTable(routes).Match(e.Method, e.Path); !ok {
					t.Errorf("%s: %s is not mounted", request, e.RawPath)
				}
			case strings.Contains(snippet, "Type: Api") && !strings.HasPrefix(d.Header(), "CP3004") && !strings.HasPrefix(d.Header(), "CP3005"):
				var method, path string
				for field := range strings.Lines(snippet) {
					_, _ = fmt.Sscanf(strings.TrimSpace(field), "Method: %s", &method)
					_, _ = fmt.Sscanf(strings.TrimSpace(field), "Path: %s", &path)
				}
				added, err := sam.ParseRoute(method + " " + path)
				if err != nil {
					t.Errorf("%s: %v in\n%s", request, err, snippet)
					continue
				}
				e := tokenEvidence(request)
				if _, ok := sam.NewTable(append(added, routes...)).Match(e.Method, e.Path); !ok {
					t.Errorf("%s is not mounted by\n%s", request, snippet)
				}
			}
		}
	}
}

func TestAnswersOfFunctions(t *testing.T) {
	t.Parallel()
	json := []string{"Server: Werkzeug/3.1.9 Python/3.11.7", "Content-Type: application/json", "Content-Length: 36"}
	tests := []struct {
		name string
		exchanged
	}{
		{"a function's 401, without the newline", exchanged{Request: "GET /items", Status: 401, Answered: json, Body: `{"message":"Unauthorized"}`}},
		{"a function's 403, with more in it", exchanged{Request: "GET /items", Status: 403, Answered: json, Body: `{"message":"User is not authorized to access this resource","id":7}` + "\n"}},
		{"a function's 502 in other words", exchanged{Request: "GET /items", Status: 502, Answered: json, Body: `{"message":"upstream down"}` + "\n"}},
		{"a deployed API's 502", exchanged{Request: "GET /items", Status: 502, Answered: append([]string{"X-Amzn-Requestid: 1"}, json[1:]...), Body: `{"message":"Internal server error"}` + "\n"}},
		{"HTML", exchanged{Request: "GET /items", Status: 500, Answered: []string{"Content-Type: text/html", "Content-Length: 5"}, Body: "<p>\n"}},
		{"success", exchanged{Request: "GET /items", Status: 200, Answered: json, Body: "{}\n"}},
		{"HEAD on a path that takes HEAD", exchanged{Request: "HEAD /files/a", Status: 502, Answered: json}},
		{"HEAD, and no word of the reason", exchanged{Request: "HEAD /items", Status: 500, Answered: json}},
		{"a redirect to elsewhere", exchanged{Request: "GET /items//7", Status: 308, Answered: []string{"Location: https://example.com/"}}},
		{"a redirect of a path without two slashes", exchanged{Request: "GET /items", Status: 308, Answered: []string{"Location: /items/"}}},
	}
	x := shop(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d, ok := x.Answer(tt.evidence()); ok {
				t.Errorf("it is explained: %s", d)
			}
		})
	}
}

// large is an explainer of as many routes as no API has.
func large() *diagnosis.Explainer {
	routes := make([]sam.Route, 5000)
	for i := range routes {
		routes[i] = sam.Route{Method: "GET", Path: fmt.Sprintf("/svc%d/items%d/{id}/sub%d", i%70, i, i%7), Function: fmt.Sprint("F", i)}
	}
	return diagnosis.NewExplainer(diagnosis.Knowledge{Table: sam.NewTable(routes)})
}

func BenchmarkMissingToken(b *testing.B) {
	x := large()
	for _, request := range []string{
		"GET /Prod/svc3/items3/7/sub3",
		"GET /svc3/itms3/7/sub3",
		"POST /Prod/svc3/items3/7",
		"GET /nowhere",
		"GET /" + strings.Repeat("undefined/%2F{id}&a=b/", 300),
		"GET /" + strings.Repeat("a/", 4000),
		"GET /api/" + strings.Repeat("x", 16<<10),
	} {
		b.Run(request[:min(len(request), 30)], func(b *testing.B) {
			for b.Loop() {
				x.MissingToken(tokenEvidence(request))
			}
		})
	}
}
