package diagnosis_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/corsproxy/corsproxy/internal/diagnosis"
)

// TestOutdated has a route that the template declares, and a 403 to a request
// for it. Without SAM's log it is SAM local's only if the template changed while
// it was watched, and the answer is as SAM local writes it.
func TestOutdated(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	template := shop(t).Template
	for name, c := range map[string]struct {
		changed, watched, mounted time.Time
		length                    string
		code                      diagnosis.Code
	}{
		"changed":                     {began.Add(time.Second), began, time.Time{}, "43", diagnosis.TemplateNewer},
		"not changed":                 {began.Add(-time.Second), began, time.Time{}, "43", diagnosis.SaidByTheFunction},
		"changed, and not SAM's word": {began.Add(time.Second), began, time.Time{}, "42", diagnosis.SaidByTheFunction},
		"changed, of unknown length":  {began.Add(time.Second), began, time.Time{}, "", diagnosis.SaidByTheFunction},
		"not watched":                 {began.Add(time.Second), time.Time{}, time.Time{}, "43", diagnosis.SaidByTheFunction},
		"mounted by SAM's log":        {began.Add(time.Second), began, began.Add(2 * time.Second), "43", diagnosis.SaidByTheFunction},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := diagnosis.NewExplainer(diagnosis.Knowledge{Template: template, TemplateChanged: c.changed, Watched: c.watched, Mounted: c.mounted})
			e := tokenEvidence("GET /items/7")
			e.UpstreamHeader = http.Header{"Server": {"Werkzeug/3.1.9 Python/3.11.7"}}
			if c.length != "" {
				e.UpstreamHeader.Set("Content-Length", c.length)
			}
			d, own := x.MissingToken(e)
			if d.Code != c.code || own != (c.code == diagnosis.TemplateNewer) || len(d.Routes) != 1 || d.Routes[0].Path != "/items/{id}" {
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
		e.UpstreamHeader = http.Header{"Server": {"Werkzeug/3.1.9 Python/3.11.7"}, "Content-Length": {"43"}}
		if d, _ := x.MissingToken(e); d.Code != diagnosis.TemplateNewer || len(d.Hints) != 1 || d.Hints[0] != want {
			t.Errorf("got %v, %q, want %q", d, d.Hints, want)
		}
	}
}
