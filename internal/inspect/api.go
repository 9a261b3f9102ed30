package inspect

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
)

// serveAPI serves the page's calls. Each needs the token, reading too.
func (in *Inspector) serveAPI(w http.ResponseWriter, r *http.Request) {
	if !in.hasToken(r) {
		deny(w, http.StatusUnauthorized, "The token is missing or not of this start of corsproxy. Load the page again.")
		return
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/api/"); path {
	case "exchanges":
		in.read(w, r, in.listExchanges)
	case "events":
		in.read(w, r, in.streamEvents)
	case "har":
		in.read(w, r, in.exportAll)
	case "routes":
		in.read(w, r, in.listRoutes)
	case "settings":
		in.read(w, r, in.listSettings)
	case "clear":
		in.change(w, r, func(w http.ResponseWriter, _ *http.Request) {
			in.ring.clear()
			debug.FreeOSMemory() // whoever clears wants the memory back, and nothing else may come to ask for it
			writeJSON(w, struct{}{})
		})
	default:
		in.serveExchange(w, r, path)
	}
}

// read calls serve for a GET, change for a POST.
func (in *Inspector) read(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	only(http.MethodGet, w, r, serve)
}

func (in *Inspector) change(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	only(http.MethodPost, w, r, serve)
}

func only(method string, w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if r.Method != method {
		w.Header().Set("Allow", method)
		deny(w, http.StatusMethodNotAllowed, "This is called with "+method+".")
		return
	}
	serve(w, r)
}

// serveExchange serves exchanges/{id} and what stands below it.
func (in *Inspector) serveExchange(w http.ResponseWriter, r *http.Request, path string) {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] != "exchanges" {
		deny(w, http.StatusNotFound, "There is no such call.")
		return
	}
	e, ok := in.ring.get(parts[1])
	if !ok {
		deny(w, http.StatusNotFound, "This exchange is not kept any more.")
		return
	}
	action := strings.Join(parts[2:], "")
	switch action {
	case "":
		in.read(w, r, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, in.viewDetail(e, true)) })
	case "har":
		in.read(w, r, func(w http.ResponseWriter, _ *http.Request) { in.writeHAR(w, []*entry{e}, true) })
	case "reveal":
		in.change(w, r, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, in.viewDetail(e, false)) })
	case "revealed-har":
		in.change(w, r, func(w http.ResponseWriter, _ *http.Request) { in.writeHAR(w, []*entry{e}, false) })
	case "replay":
		in.change(w, r, func(w http.ResponseWriter, r *http.Request) { in.serveReplay(w, r, e) })
	default:
		deny(w, http.StatusNotFound, "There is no such call.")
	}
}

func (in *Inspector) listExchanges(w http.ResponseWriter, _ *http.Request) {
	rows := []row{}
	for _, e := range in.ring.all() {
		rows = append(rows, viewListed(e))
	}
	writeJSON(w, rows)
}

func (in *Inspector) exportAll(w http.ResponseWriter, _ *http.Request) {
	in.writeHAR(w, in.ring.all(), true)
}

func (in *Inspector) writeHAR(w http.ResponseWriter, entries []*entry, hide redactor) {
	w.Header().Set("Content-Type", "application/json")
	_ = writeHAR(w, entries, in.config.ProxyURL, in.config.Version, hide) // whoever does not read it has gone
}

func (in *Inspector) listSettings(w http.ResponseWriter, _ *http.Request) {
	settings := []Setting{}
	if now := in.settings.Load(); now != nil {
		settings = append(settings, *now...)
	}
	writeJSON(w, settings)
}

func (in *Inspector) serveReplay(w http.ResponseWriter, r *http.Request, e *entry) {
	err := in.replay(r.Context(), e)
	var refused replayError
	switch {
	case errors.As(err, &refused):
		deny(w, http.StatusConflict, refused.Error())
	case err != nil:
		deny(w, http.StatusBadGateway, "The proxy could not be reached: "+err.Error())
	default:
		writeJSON(w, struct{}{})
	}
}
