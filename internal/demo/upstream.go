// Package demo lets a person see, with nothing but the binary, what corsproxy
// is for: a stand-in for SAM local, with a function of its own or with the
// routes of any template, and a page that calls it directly and through
// corsproxy.
package demo

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/pathpattern"
	"github.com/corsproxy/corsproxy/internal/printable"
	"github.com/corsproxy/corsproxy/internal/sam"
)

// The bodies of what SAM local answers by itself.
const (
	missingToken = `{"message":"Missing Authentication Token"}` + "\n"
	serverError  = `{"message":"Internal server error"}` + "\n"
)

// maxPayload bounds a request's body, in bytes; what is no text counts in Base64.
// It is what Lambda takes, and SAM local answers 502 where there is more.
const maxPayload = 6 << 20

// A function answers what reaches a route: a JSON value, with headers of its
// own. The path is decoded.
type function func(header http.Header, r *http.Request, route sam.Route, path string) []byte

// A mounted is what SAM local has mounted, and the function behind it all.
type mounted struct {
	local    sam.Local
	table    *sam.Table
	function function
}

// Mount returns a handler that answers as sam local start-api does for what it
// mounts of a template: 403 Missing Authentication Token where no route is,
// the template's CORS policy for OPTIONS and with every answer of a function,
// 502 for HEAD on a route of GET alone, and a redirect for slashes repeated
// within a path. Each route is answered with an echo of the request, which has
// no CORS headers of its own.
//
// Some things differ from SAM local: there is no container to wait for,
// authorizers are not run, files in a folder named public are not served, and
// the reason phrase of a 403 is "Forbidden" instead of "FORBIDDEN".
func Mount(local sam.Local) http.Handler { return newMounted(local, echo) }

func newMounted(local sam.Local, f function) *mounted {
	return &mounted{local: local, table: sam.NewTable(local.Routes), function: f}
}

func (m *mounted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Server", "Werkzeug/3.1.9 Python/3.11.7")
	h.Set("Connection", "close")
	h.Set("Content-Type", "application/json")
	path := pathpattern.Decode(r.URL.EscapedPath())
	route, ok := m.table.Match(r.Method, path)
	if !ok {
		m.refuse(w, r, path)
		return
	}
	policy := m.local.Policy(route)
	isOptions := route.Method == http.MethodOptions
	switch {
	case isOptions && policy != nil: // before any function
		h.Set("Content-Type", "text/html; charset=utf-8")
		addCORS(h, policy, route, r)
		answer(w, http.StatusOK, nil)
	case route.Function == "", r.Method == http.MethodHead && route.Method != http.MethodHead:
		answer(w, http.StatusBadGateway, []byte(serverError))
	default:
		payload, _ := io.ReadAll(io.LimitReader(r.Body, maxPayload+1)) // what has come of a body that was cut
		size := len(payload)
		if !utf8.Valid(payload) {
			size = base64.StdEncoding.EncodedLen(size)
		}
		if size > maxPayload {
			_, _ = io.Copy(io.Discard, r.Body) // what is not read would reset the connection behind the answer
			answer(w, http.StatusBadGateway, []byte(serverError))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(payload))
		body := m.function(h, r, route, path)
		if policy != nil {
			addCORS(h, policy, route, r)
		}
		answer(w, http.StatusOK, body)
	}
}

// addCORS sets the policy's headers over those of the function.
func addCORS(h http.Header, policy *sam.LocalCORS, route sam.Route, r *http.Request) {
	for name, values := range policy.Headers(route.APIType, r.Header.Get("Origin")) {
		h[name] = values
	}
}

var slashes = regexp.MustCompile(`/{2,}`)

// refuse answers what reaches no route. Where it would with single slashes,
// SAM's router says so.
func (m *mounted) refuse(w http.ResponseWriter, r *http.Request, path string) {
	collapsed := slashes.ReplaceAllString(path, "/")
	if _, ok := m.table.Match(r.Method, collapsed); !ok || collapsed == path {
		answer(w, http.StatusForbidden, []byte(missingToken))
		return
	}
	target := url.URL{Scheme: "http", Host: r.Host, Path: collapsed, RawQuery: r.URL.RawQuery}
	w.Header().Set("Location", target.String())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	link := html.EscapeString(target.String())
	answer(w, http.StatusPermanentRedirect, []byte("<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"+
		`<p>You should be redirected automatically to the target URL: <a href="`+link+`">`+link+"</a>. If not, click the link.\n"))
}

// answer writes a body of known length, which a HEAD request is told too.
func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only if the client is gone
}

// Mounting returns the lines in which SAM local says at start-up what it has
// mounted, one for each function and path.
func Mounting(local sam.Local, upstreamURL string) []string {
	type key struct{ function, path string }
	methods := make(map[key][]string)
	var order []key
	for _, r := range local.Routes {
		k := key{r.Function, r.Path}
		if k.function == "" {
			k.function = "None"
		}
		if methods[k] == nil {
			order = append(order, k)
		}
		methods[k] = append(methods[k], r.Method)
	}
	lines := make([]string, len(order))
	for i, k := range order {
		lines[i] = printable.Line("Mounting " + k.function + " at " + upstreamURL + k.path + " [" + strings.Join(methods[k], ", ") + "]")
	}
	return lines
}
