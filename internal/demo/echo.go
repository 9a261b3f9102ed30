package demo

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/corsproxy/corsproxy/internal/sam"
)

// An echoed is a request as a function would have seen it.
type echoed struct {
	Function        string            `json:"function"`
	Method          string            `json:"method"`
	Path            string            `json:"path"`
	Route           string            `json:"route"` // as the template has it
	PathParameters  map[string]string `json:"pathParameters"`
	Query           url.Values        `json:"query"`
	Headers         http.Header       `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"` // the body is, since it is no text
}

// echo is a function that answers with the request.
func echo(_ http.Header, r *http.Request, route sam.Route, path string) []byte {
	body, _ := io.ReadAll(r.Body)
	e := echoed{
		Function:       route.Function,
		Method:         strings.ToUpper(r.Method),
		Path:           path,
		Route:          route.Path,
		PathParameters: parameters(route.Path, path),
		Query:          r.URL.Query(),
		Headers:        r.Header.Clone(),
		Body:           string(body),
	}
	e.Headers.Set("Host", r.Host)
	if !utf8.Valid(body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	result, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings can be written
	}
	return append(result, '\n')
}

// parameters returns the values of a route's variables in a decoded path that
// it matches. A slash at the end is the greedy one's.
func parameters(route, path string) map[string]string {
	values := make(map[string]string)
	segments := strings.Split(strings.TrimLeft(path, "/"), "/")
	for i, part := range strings.Split(strings.Trim(route, "/"), "/") {
		before, rest, ok := strings.Cut(part, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed || i >= len(segments) {
			continue
		}
		value := segments[i]
		if greedy, isGreedy := strings.CutSuffix(name, "+"); isGreedy {
			name, value = greedy, strings.Join(segments[i:], "/")
		}
		values[name] = strings.TrimSuffix(strings.TrimPrefix(value, before), after)
	}
	return values
}
