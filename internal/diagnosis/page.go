package diagnosis

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/redact"
	"github.com/corsproxy/corsproxy/internal/sam"
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

// A Visit is a request that a person has made with a browser.
type Visit struct {
	Method    string
	Target    string // as received: path and query
	Host      string
	Mounted   []sam.Route // what the upstream mounts, as far as it is known
	RequestID string
}

// maxMounted bounds the mounted routes that a page lists.
const maxMounted = 300

// Page returns the diagnosis as an HTML page, for a person who opened the URL
// in a browser: what was asked, what is so, what to do, and which routes there
// are. It says what [Diagnosis.Problem] says, loads nothing, and runs no
// script. The query is left out: it is where tokens stand, and a page is shown
// to others more freely than an address. Secrets of the path are, too.
func (d Diagnosis) Page(v Visit) []byte {
	info, _ := Lookup(d.Code)
	type hint struct{ Text, Snippet string } // a snippet stands below its text
	hints := make([]hint, len(d.Hints))
	for i, h := range d.Hints {
		hints[i].Text, hints[i].Snippet, _ = strings.Cut(h, "\n")
		hints[i].Text = capital(hints[i].Text)
	}
	asked, _, hasQuery := strings.Cut(v.Target, "?")
	if asked = show(redact.Line(asked)); hasQuery {
		asked += "?…"
	}
	all := listed(v.Mounted, v.Host)
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		Diagnosis
		Info          Info
		Says          string
		Method, Asked string
		Hints         []hint
		Nearest, All  []listedRoute
		Total         int // routes that are mounted; All may have fewer
		RequestID     string
	}{d, info, capital(d.Detail), show(v.Method), asked, hints, listed(d.Routes, v.Host), all[:min(len(all), maxMounted)], len(all), v.RequestID})
	if err != nil {
		return nil // cannot happen: the template is tested with every field set
	}
	return b.Bytes()
}

// capital returns a text that is written for the middle of a line as a
// sentence begins.
func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// A listedRoute is a route as a page lists it: with a link, where a browser
// can open it, or else with a command.
type listedRoute struct {
	Route
	Link, Curl string
}

// listed returns routes in order of their paths, or of their nearness.
func listed[R Route | sam.Route](routes []R, host string) []listedRoute {
	out := make([]listedRoute, len(routes))
	for i, r := range routes {
		switch r := any(r).(type) {
		case Route:
			out[i].Route = r
		case sam.Route:
			out[i].Route = routesOf([]sam.Route{r})[0]
		}
		r := &out[i]
		r.Link, r.Curl = r.open(host)
		r.Method, r.Path, r.Function, r.Source = show(r.Method), show(r.Path), show(r.Function), show(r.Source)
	}
	if _, mounted := any(routes).([]sam.Route); mounted {
		slices.SortStableFunc(out, func(a, b listedRoute) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
		})
	}
	return out
}

var (
	// safePath is a path that means itself in a link and in any shell. A
	// second slash would make a host of the first segment.
	safePath = regexp.MustCompile(`^/([A-Za-z0-9._~-][A-Za-z0-9._~/-]*)?$`)
	safeHost = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)
	variable = regexp.MustCompile(`\{([A-Za-z0-9._-]+)\+?\}`)
)

// open returns how to call a route: by a link for GET without variables, by a
// command else. What cannot be written safely is left out.
func (r Route) open(host string) (link, curl string) {
	path := variable.ReplaceAllStringFunc(r.Path, func(v string) string { return strings.ToUpper(strings.Trim(v, "{+}")) })
	switch {
	case !safePath.MatchString(path) || !slices.Contains(sam.AnyMethods(), r.Method):
		return "", ""
	case r.Method == http.MethodGet && path == r.Path:
		return path, ""
	case !safeHost.MatchString(host):
		return "", ""
	}
	command := "curl -i "
	switch r.Method {
	case http.MethodGet:
	case http.MethodHead:
		command += "-I "
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		command += "-X " + r.Method + " -H 'Content-Type: application/json' -d '{}' "
	default:
		command += "-X " + r.Method + " "
	}
	return "", command + "http://" + host + path
}
