package diagnosis_test

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// samHead are the fields of SAM local's own 403.
func samHead() http.Header {
	return http.Header{
		"Server": {"Werkzeug/3.1.9 Python/3.11.7"}, "Date": {"Fri, 02 Jan 2026 03:04:05 GMT"},
		"Content-Type": {"application/json"}, "Content-Length": {"43"}, "Connection": {"close"},
	}
}

// TestUnmounted has a route that the template declares, and a 403 to a request
// for it. Without SAM's log it is SAM local's only if it is as SAM local writes it,
// to the byte: a function that says the same has other bytes, or other fields.
func TestUnmounted(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	template := *shop(t).Template
	template.Local.Routes = append(slices.Clone(template.Local.Routes), sam.Route{Method: "HEAD", Path: "/items/{id}"})
	for name, c := range map[string]struct {
		changed int // seconds after corsproxy began
		mounted int // as changed; 0 where that is not known
		method  string
		body    string
		field   [2]string // another field
		want    string    // of the detail
		code    diagnosis.Code
	}{
		"changed":               {changed: 1, want: "the template changed after SAM local read it", code: diagnosis.TemplateNewer},
		"not changed":           {changed: -1, want: "SAM local was started before the template had it, or with another template", code: diagnosis.TemplateNewer},
		"HEAD, without a body":  {changed: -1, method: "HEAD", want: "the function", code: diagnosis.SaidByTheFunction},
		"a blank, by Python":    {changed: 1, body: `{"message": "Missing Authentication Token"}`, want: "the function Items", code: diagnosis.SaidByTheFunction},
		"without a line end":    {changed: 1, body: `{"message":"Missing Authentication Token"}`, field: [2]string{"Content-Length", "42"}, want: "the function Items", code: diagnosis.SaidByTheFunction},
		"of unknown length":     {changed: 1, field: [2]string{"Content-Length", ""}, want: "the function Items", code: diagnosis.SaidByTheFunction},
		"with CORS headers":     {changed: 1, field: [2]string{"Access-Control-Allow-Origin", "*"}, want: "the function Items", code: diagnosis.SaidByTheFunction},
		"with a field by it":    {changed: 1, field: [2]string{"X-Request-Id", "7"}, want: "the function Items", code: diagnosis.SaidByTheFunction},
		"mounted, by SAM's log": {changed: 1, mounted: 2, want: "the function Items", code: diagnosis.SaidByTheFunction},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := diagnosis.Knowledge{Template: &template, TemplateChanged: began.Add(time.Duration(c.changed) * time.Second), Watched: began}
			if c.mounted != 0 {
				k.Mounted = began.Add(time.Duration(c.mounted) * time.Second)
			}
			e := tokenEvidence(cmp.Or(c.method, "GET") + " /items/7")
			e.UpstreamHeader, e.UpstreamBody = samHead(), cmp.Or(c.body, e.UpstreamBody)
			if e.UpstreamHeader.Set(c.field[0], c.field[1]); c.field[1] == "" {
				e.UpstreamHeader.Del(c.field[0])
			}
			d, own := diagnosis.NewExplainer(k).MissingToken(e)
			if d.Code != c.code || own != (c.code == diagnosis.TemplateNewer) || len(d.Routes) != 1 || d.Routes[0].Path != "/items/{id}" || !strings.Contains(d.Detail, c.want) {
				t.Errorf("got %v, %v, %v", d, own, d.Routes)
			}
			if own && d.Status != http.StatusNotFound {
				t.Errorf("status %d", d.Status)
			}
		})
	}
}

// TestOutdatedReader names what has to read the template again, and does not have
// a child started beside corsproxy.
func TestOutdatedReader(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for want, k := range map[string]diagnosis.Knowledge{
		"stop the demo, with Control-C, and start it again":                                                                                                                           {Echo: true},
		"stop SAM local, with Control-C, and start it again, with the same options:\nsam local start-api":                                                                             {},
		"stop corsproxy, and SAM local with it, with Control-C, and start both again as before; to have that done at each change, write before the --:\n--restart-on-template-change": {Child: true},
		"corsproxy is about to start SAM local again; send the request again":                                                                                                         {Child: true, Restarts: true},
	} {
		k.Template, k.TemplateChanged, k.Watched = shop(t).Template, began.Add(time.Second), began
		x := diagnosis.NewExplainer(k)
		e := tokenEvidence("GET /items/7")
		e.UpstreamHeader = samHead()
		if d, _ := x.MissingToken(e); d.Code != diagnosis.TemplateNewer || len(d.Hints) != 1 || d.Hints[0] != want {
			t.Errorf("got %v, %q, want %q", d, d.Hints, want)
		}
	}
}

// TestFunctionOfBefore has a route for a function that the template has no more:
// with warm containers SAM local reads its functions again, and none of the routes.
func TestFunctionOfBefore(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for want, changed := range map[string]time.Time{
		"which has changed since it mounted this route": began.Add(time.Second),
		"the template has no function for this route":   began.Add(-time.Second),
	} {
		x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: shop(t).Template, Mounted: began, TemplateChanged: changed})
		e := tokenEvidence("GET /items/7")
		e.UpstreamStatus, e.UpstreamHeader, e.UpstreamBody = http.StatusBadGateway, samHead(), "{\"message\":\"No function defined for resource method\"}\n"
		e.UpstreamHeader.Set("Content-Length", strconv.Itoa(len(e.UpstreamBody)))
		if d, ok := x.Answer(e); !ok || d.Code != diagnosis.NoFunction || !strings.Contains(d.Detail, want) {
			t.Errorf("got %v, want %q", d, want)
		}
	}
}
