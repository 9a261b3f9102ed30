package diagnosis

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"
)

// PageMediaType is the media type of [Diagnosis.Page].
const PageMediaType = "text/html; charset=utf-8"

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// WantsPage reports whether a request with this header is a page navigation:
// a person will look at the answer, rather than a script. Browsers say so in
// Sec-Fetch-Mode (Fetch Metadata, section 2.3), but not to every host; without
// it an Accept that begins with HTML, as those of browsers do, is taken for it.
func WantsPage(header http.Header) bool {
	if mode := header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	return strings.HasPrefix(header.Get("Accept"), "text/html")
}

// Page returns the diagnosis as an HTML page, for a person who opened the URL
// in a browser. It says what [Diagnosis.Problem] says, loads nothing, and runs
// no script.
func (d Diagnosis) Page(requestID string) []byte {
	info, _ := Lookup(d.Code)
	type hint struct{ Text, Snippet string } // a snippet stands below its text
	hints := make([]hint, len(d.Hints))
	for i, h := range d.Hints {
		hints[i].Text, hints[i].Snippet, _ = strings.Cut(h, "\n")
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Diagnosis
		Info      Info
		Hints     []hint
		RequestID string
	}{d, info, hints, requestID})
	if err != nil {
		return nil // cannot happen: the template is tested with every field set
	}
	return b.Bytes()
}
