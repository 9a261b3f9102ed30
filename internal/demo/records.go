package demo

import (
	"encoding/json"
	"net/http"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// Route is the one route that [Upstream] mounts.
const Route = "POST /scanRecords"

// Upstream returns a handler that answers as sam local start-api does for a
// template with one function at POST /scanRecords and without CORS: see
// [Mount].
//
// The function allows every origin itself, as one does that is in use behind
// API Gateway. So the preflight is all that stands between it and a browser.
func Upstream() http.Handler {
	routes, err := sam.ParseRoute(Route)
	if err != nil {
		panic(err) // the constant is not a route
	}
	routes[0].Function = "ScanRecords"
	return newMounted(sam.Local{Routes: routes}, scanRecords)
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
func scanRecords(header http.Header, r *http.Request, _ sam.Route, _ string) []byte {
	header.Set("Access-Control-Allow-Origin", "*")
	var event struct {
		Records []json.RawMessage `json:"records"`
	}
	if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
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
