// Package demo lets a person see, with nothing but the binary, what corsproxy
// is for: a stand-in for SAM local, and a page that calls it directly and
// through corsproxy.
package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// Route is the one route that [Upstream] mounts.
const Route = "POST /scanRecords"

// missingToken is SAM local's answer where no route is mounted.
const missingToken = `{"message":"Missing Authentication Token"}` + "\n"

// maxPayload bounds what the function reads of a request's body, in bytes. It
// is what Lambda takes.
const maxPayload = 6 << 20

// Upstream returns a handler that answers as sam local start-api does for a
// template with one function at POST /scanRecords: the function's answer there,
// and 403 Missing Authentication Token for anything else, preflights included.
//
// The function allows every origin itself, as one does that is in use behind
// API Gateway. So the preflight is all that stands between it and a browser.
//
// Two things differ from SAM local: there is no container to wait for, and the
// reason phrase of a 403 is "Forbidden" instead of "FORBIDDEN".
func Upstream() http.Handler {
	routes, err := sam.ParseRoute(Route)
	if err != nil {
		panic(err) // the constant is not a route
	}
	table := sam.NewTable(routes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
		h.Set("Content-Type", "application/json")
		h.Set("Connection", "close")
		if _, ok := table.Match(r.Method, pathpattern.Decode(r.URL.EscapedPath())); ok {
			h.Set("Access-Control-Allow-Origin", "*")
			answer(w, http.StatusOK, scanRecords(r.Body))
			return
		}
		answer(w, http.StatusForbidden, []byte(missingToken))
	})
}

// answer writes a body of known length, which a HEAD request is told too.
func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only if the client is gone
}

// A record is an item of the table that the function scans.
type record struct {
	ID     string `json:"id"`
	Artist string `json:"artist"`
	Title  string `json:"title"`
	Year   int    `json:"year"`
}

// records are what the function finds, whatever it is asked.
var records = [...]record{
	{"r-001", "Nina Simone", "Pastel Blues", 1965},
	{"r-002", "Can", "Ege Bamyasi", 1972},
	{"r-003", "Talk Talk", "Spirit of Eden", 1988},
}

// scanRecords is the function: it returns its records and says how many the
// request had. A body that is no list of records counts as none.
func scanRecords(body io.Reader) []byte {
	var event struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := json.NewDecoder(io.LimitReader(body, maxPayload)).Decode(&event); err != nil {
		event.Records = nil
	}
	result, err := json.Marshal(struct {
		Count    int      `json:"count"`
		Received int      `json:"received"`
		Records  []record `json:"records"`
	}{len(records), len(event.Records), records[:]})
	if err != nil {
		panic(err) // strings and numbers can be written
	}
	return result
}
