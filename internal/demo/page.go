package demo

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"path"
	"strconv"
)

//go:embed page
var files embed.FS

var index = template.Must(template.ParseFS(files, "page/index.html"))

// Page returns a handler for a page that makes the same calls to the upstream
// and through corsproxy, and shows side by side what a script gets of each. It
// has to be served from an origin that is neither of the two; the URLs have no
// slash at their end. The page loads nothing from elsewhere and may call
// nothing but those two (Content Security Policy Level 3).
func Page(upstreamURL, proxyURL string) http.Handler {
	var page bytes.Buffer
	err := index.Execute(&page, struct {
		Upstream, Proxy string
		Curl            []string
	}{upstreamURL, proxyURL, CurlLines(upstreamURL, proxyURL)})
	if err != nil {
		panic(err) // the template is tested
	}
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; " +
		"connect-src " + upstreamURL + " " + proxyURL + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

	mux := http.NewServeMux()
	serve := func(pattern, mediaType string, body []byte) {
		mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", mediaType)
			h.Set("Content-Length", strconv.Itoa(len(body)))
			h.Set("Content-Security-Policy", policy)
			h.Set("Cache-Control", "no-store")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(body) // fails only if the client is gone
		})
	}
	serve("/{$}", "text/html; charset=utf-8", page.Bytes())
	serve("/style.css", "text/css; charset=utf-8", file("style.css"))
	serve("/script.js", "text/javascript; charset=utf-8", file("script.js"))
	return mux
}

func file(name string) []byte {
	data, err := files.ReadFile(path.Join("page", name))
	if err != nil {
		panic(err) // embedded above
	}
	return data
}
