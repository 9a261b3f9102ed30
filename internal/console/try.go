package console

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/corsproxy/corsproxy/internal/shell"
)

// TryCommand returns the command that sends what the browser sent, and finds
// the reason again. What the message does not tell is an example.
func (m Message) TryCommand() string {
	target := m.URL
	if target == "" || m.RedirectedFrom != "" {
		target = m.RedirectedFrom
	}
	if u, err := url.Parse(target); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		target = "http://localhost:3000/items"
	}
	words := []string{"corsproxy", "try", inASCII(target), "--origin", m.allowedOrigin()}
	if m.Origin == "null" {
		words[4] = "null"
	}
	method := m.Method
	if method == "" {
		method = m.likelyMethod()
	}
	if method != "" && plain(method) && method != "GET" {
		words = append(words, "--method", method)
	}
	switch {
	case plain(m.Header) && m.Topic.ID != hiddenHeader:
		words = append(words, "--header", m.Header+": "+exampleValue(m.Header))
	case m.preflighted() && slices.Contains([]string{"GET", "HEAD", "POST", ""}, method): // which alone needs none
		words = append(words, "--header", "content-type: application/json")
	}
	if m.Topic.ID == wildcardOrigin || m.Topic.ID == missingCredentials || m.wild() {
		words = append(words, "--credentials")
	}
	return shell.Join(words)
}

// inASCII writes a URL as browsers send it, and as they print it in their own
// lines: what a page has printed may be meant for the terminal.
func inASCII(url string) string {
	var b strings.Builder
	for i := range len(url) {
		if c := url[i]; c > ' ' && c <= '~' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// likelyMethod returns a method that the path has, where the message tells none:
// one that needs a preflight if it had one.
func (m Message) likelyMethod() string {
	order := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
	if m.preflighted() && m.Header == "" {
		order = []string{"POST", "PUT", "PATCH", "DELETE", "GET", "HEAD"}
	}
	if m.Template != nil && len(m.Template.Methods) > 0 {
		for _, method := range order {
			if slices.Contains(m.Template.Methods, method) {
				return method
			}
		}
	}
	if m.preflighted() && m.Header == "" {
		return "POST"
	}
	return ""
}

// exampleValue returns a value that makes a header need a preflight.
func exampleValue(header string) string {
	switch header {
	case "content-type":
		return "application/json"
	case "authorization":
		return "Bearer x"
	}
	return "x"
}
