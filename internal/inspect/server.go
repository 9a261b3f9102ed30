package inspect

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var static embed.FS

// ServeHTTP serves the page, its API, and what programs ask.
func (in *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	if refused := in.guard(r); refused != nil {
		deny(w, refused.status, refused.why)
		return
	}
	switch p := r.URL.Path; {
	case strings.HasPrefix(p, "/api/"):
		in.serveAPI(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		deny(w, http.StatusMethodNotAllowed, "Only GET is answered here.")
	case p == "/":
		in.servePage(w)
	case p == "/metrics":
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(in.metrics.text(in.ring.usage()))
	case p == "/healthz":
		text(w, http.StatusOK, "ok")
	case p == "/readyz":
		in.serveReady(w, r)
	case p == "/favicon.ico":
		serveFile(w, "/static/icon.svg") // browsers ask for it beside what is no page
	case strings.HasPrefix(p, "/static/"):
		serveFile(w, p)
	default:
		deny(w, http.StatusNotFound, "There is nothing here. The inspector is at /.")
	}
}

func text(w http.ResponseWriter, status int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, s)
}

func deny(w http.ResponseWriter, status int, why string) { text(w, status, why) }

func (in *Inspector) serveReady(w http.ResponseWriter, r *http.Request) {
	if in.config.Ready != nil {
		if err := in.config.Ready(r.Context()); err != nil {
			text(w, http.StatusServiceUnavailable, fmt.Sprintf("the upstream %s does not accept connections: %v", in.config.Upstream(), err))
			return
		}
	}
	text(w, http.StatusOK, "ready")
}

// servePage gives out the page with the token. The page itself holds nothing
// that was recorded.
func (in *Inspector) servePage(w http.ResponseWriter) {
	page, err := template.ParseFS(static, "static/index.html")
	var out bytes.Buffer
	if err == nil {
		err = page.Execute(&out, map[string]string{
			"Token": in.token, "Proxy": in.config.ProxyURL, "Upstream": in.config.Upstream(), "Version": in.config.Version,
		})
	}
	if err != nil {
		deny(w, http.StatusInternalServerError, "The page is broken: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(out.Bytes())
}

// serveFile serves a file that the page is made of, other than the page.
func serveFile(w http.ResponseWriter, name string) {
	name = strings.TrimPrefix(path.Clean(name), "/")
	data, err := fs.ReadFile(static, name)
	if err != nil || name == "static/index.html" {
		deny(w, http.StatusNotFound, "There is no such file.")
		return
	}
	// The types are ours and not the machine's, which may know others.
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	kind := types[path.Ext(name)]
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(data)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = encoder(w).Encode(v) // whoever does not read it has gone
}

// encoder leaves "<" and "&" as they are: no answer is ever taken for a page.
func encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	err := encoder(&out).Encode(v)
	return out.Bytes(), err
}
