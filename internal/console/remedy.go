package console

import (
	"net/url"
	"slices"
	"strings"
)

// A Paste is something to be pasted.
type Paste struct {
	For  string `json:"for"`  // where it goes
	Text string `json:"text"` // without a newline at the end
}

// A remedy makes a paste that fits a message, "" if there is none.
type remedy func(Message) Paste

// Remedies returns what can be pasted to fix what the message says. Values of
// the message stand in it where they are what they should be.
func (m Message) Remedies() []Paste {
	var all []Paste
	for _, r := range m.Topic.remedies {
		if p := r(m); p.Text != "" {
			all = append(all, p)
		}
	}
	return all
}

// Where pastes go. ForREST and ForHTTP are of use where the template has APIs of
// that type.
const (
	forProxy    = "to make it work here: run corsproxy, and let the page call http://localhost:8080"
	forRestart  = "to make it work here: start corsproxy with"
	forUnknown  = "to make it work here: run corsproxy, and let the page call http://localhost:8080 (if it is corsproxy that listens there, leave out --upstream)"
	ForREST     = "in the template, for a REST API, under the Globals that are there"
	ForHTTP     = "in the template, for an HTTP API, under the Globals that are there"
	forFunction = "in what the function returns"
	forPage     = "in the page"
)

// exampleOrigin stands where the message has no origin that can be allowed.
const exampleOrigin = "http://localhost:5173"

// allowedOrigin returns the origin to allow.
func (m Message) allowedOrigin() string {
	u, err := url.Parse(m.Origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != m.Origin || !plain(m.Origin) {
		return exampleOrigin
	}
	return m.Origin
}

// plain reports whether s can stand in a command and in YAML without quotes.
func plain(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/[]") == ""
}

// methods returns the methods to list, with the message's.
func (m Message) methods() []string {
	all := []string{"GET", "POST"}
	if method := strings.ToUpper(m.Method); plain(method) && method != "OPTIONS" && !slices.Contains(all, method) {
		all = append(all, method)
	}
	return append(all, "OPTIONS")
}

// headers returns the request headers to list, with the message's.
func (m Message) headers() []string {
	all := []string{"Content-Type", "Authorization"}
	if plain(m.Header) && !slices.ContainsFunc(all, func(h string) bool { return strings.EqualFold(h, m.Header) }) {
		all = append(all, m.Header)
	}
	return all
}

// rest writes the Cors of a REST API. Each value has single quotes of its own.
func (m Message) rest(more ...string) Paste {
	lines := []string{
		"Globals:", "  Api:", "    Cors:",
		`      AllowOrigin: "'` + m.allowedOrigin() + `'"`,
		`      AllowMethods: "'` + strings.Join(m.methods(), ",") + `'"`,
		`      AllowHeaders: "'` + strings.Join(m.headers(), ",") + `'"`,
	}
	return Paste{ForREST, strings.Join(append(lines, more...), "\n")}
}

// restOrigin is for preflights: behind a REST API the function's own header
// counts in any other answer. A REST API allows one origin.
func restOrigin(m Message) Paste {
	if m.Stage == Actual && m.Topic.ID == missingOrigin || m.otherSite() != "" {
		return Paste{}
	}
	return m.rest()
}

func restMethod(m Message) Paste {
	if m.lowerCase() {
		return Paste{}
	}
	return m.rest()
}

func restHeader(m Message) Paste      { return m.rest() }
func restCredentials(m Message) Paste { return m.rest("      AllowCredentials: true") }

// http writes the CorsConfiguration of an HTTP API.
func (m Message) http(more ...string) Paste {
	origins := yamlWord(m.allowedOrigin())
	if site := m.otherSite(); site != "" {
		origins = site + ", " + origins
	}
	lines := []string{
		"Globals:", "  HttpApi:", "    CorsConfiguration:",
		"      AllowOrigins: [" + origins + "]",
		"      AllowMethods: [" + strings.Join(m.methods(), ", ") + "]",
		"      AllowHeaders: [" + strings.ToLower(strings.Join(m.headers(), ", ")) + "]",
	}
	return Paste{ForHTTP, strings.Join(append(lines, more...), "\n")}
}

// yamlWord returns a plain word as it stands in a flow sequence, where brackets
// have a meaning.
func yamlWord(s string) string {
	if strings.ContainsAny(s, "[]") {
		return `"` + s + `"`
	}
	return s
}

func httpOrigin(m Message) Paste { return m.http() }
func httpMethod(m Message) Paste {
	if m.lowerCase() {
		return Paste{}
	}
	return m.http()
}
func httpHeader(m Message) Paste      { return m.http() }
func httpCredentials(m Message) Paste { return m.http("      AllowCredentials: true") }
func httpExpose(m Message) Paste      { return m.http("      ExposeHeaders: [" + m.exposed() + "]") }

// exposed returns the response header to expose.
func (m Message) exposed() string {
	if plain(m.Header) {
		return m.Header
	}
	return "X-Request-Id"
}

func functionOrigin(m Message) Paste {
	if m.Stage == Preflight || m.otherSite() != "" {
		return Paste{} // the template's, or the proxy's, to answer
	}
	return function(`"Access-Control-Allow-Origin": "` + m.allowedOrigin() + `"`)
}

func functionCredentials(m Message) Paste {
	return function(`"Access-Control-Allow-Origin": "`+m.allowedOrigin()+`"`, `"Access-Control-Allow-Credentials": "true"`)
}

func functionExpose(m Message) Paste {
	return function(`"Access-Control-Expose-Headers": "` + m.exposed() + `"`)
}

// function writes response headers as they stand in JavaScript and Python.
func function(headers ...string) Paste {
	return Paste{forFunction, `"headers": {` + strings.Join(headers, ", ") + `}`}
}

// gatewayResponses gives the errors of a deployed REST API the header.
func gatewayResponses(m Message) Paste {
	if m.Stage == Preflight {
		return Paste{}
	}
	var b strings.Builder
	b.WriteString("GatewayResponses:")
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		b.WriteString("\n  " + kind + ":\n    ResponseParameters:\n      Headers:\n        Access-Control-Allow-Origin: \"'" + m.allowedOrigin() + "'\"")
	}
	return Paste{"for errors of a deployed REST API, in the Properties of its AWS::Serverless::Api", b.String()}
}

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
	words := []string{"corsproxy try", shellWord(target), "--origin", m.allowedOrigin()}
	if m.Origin == "null" {
		words[3] = "null"
	}
	method := m.Method
	if method == "" && m.Stage == Preflight && m.Header == "" {
		method = "POST"
	}
	if method != "" && plain(method) && method != "GET" {
		words = append(words, "--method", method)
	}
	switch {
	case plain(m.Header) && m.Topic.ID != hiddenHeader:
		words = append(words, "--header", shellWord(m.Header+": "+exampleValue(m.Header)))
	case m.Stage == Preflight && (method == "POST" || method == ""):
		words = append(words, "--header", "'content-type: application/json'")
	}
	if m.Topic.ID == wildcardOrigin || m.Topic.ID == missingCredentials {
		words = append(words, "--credentials")
	}
	return strings.Join(words, " ")
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

// shellWord quotes a word for a shell where it needs it.
func shellWord(s string) string {
	if plain(s) && !strings.ContainsAny(s, "[]~") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
