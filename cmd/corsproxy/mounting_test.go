package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// mounting starts an upstream that answers as SAM local does after it has
// mounted routes: what these take gets 200, anything else the 403.
func mounting(t *testing.T, routes ...string) string {
	t.Helper()
	var all []sam.Route
	for _, r := range routes {
		parsed, err := sam.ParseRoute(r)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed...)
	}
	table := sam.NewTable(all)
	return upstream(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _, _ := strings.Cut(r.RequestURI, "?")
		w.Header().Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
		w.Header().Set("Content-Type", "application/json")
		switch route, ok := table.Match(r.Method, pathpattern.Decode(raw)); {
		case ok && route.Method == r.Method:
			fmt.Fprint(w, "{}")
		case ok: // HEAD on a route for GET
			w.Header().Set("Content-Length", "36")
			w.WriteHeader(http.StatusBadGateway)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintln(w, `{"message":"Missing Authentication Token"}`)
		}
	})
}
