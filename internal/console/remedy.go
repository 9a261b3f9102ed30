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

// Where pastes go.
const (
	forProxy    = "while developing: run corsproxy, and let the page call http://localhost:8080"
	forREST     = "in the template, for a REST API"
	forHTTP     = "in the template, for an HTTP API"
	forFunction = "in what the function returns"
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

// upstream returns where corsproxy forwards to: the origin that was called, or
// where SAM local listens.
func (m Message) upstream() string {
	u, err := url.Parse(m.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !plain(u.Host) {
		return ""
	}
	if u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" {
		if port := u.Port(); port == "3000" || port == "8080" {
			return "" // the default, or corsproxy itself
		}
	}
	return " --upstream " + u.Scheme + "://" + u.Host
}

func (m Message) proxy(flags string) Paste {
	return Paste{forProxy, "corsproxy" + m.upstream() + flags}
}

func proxyOrigin(m Message) Paste { return m.proxy(" --allow-origin " + m.allowedOrigin()) }

func proxyReplace(m Message) Paste {
	return m.proxy(" --allow-origin " + m.allowedOrigin() + " --response-headers replace")
}

func proxyCredentials(m Message) Paste {
	return m.proxy(" --allow-origin " + m.allowedOrigin() + " --allow-credentials --response-headers replace")
}

func proxyMethod(m Message) Paste {
	return m.proxy(" --allow-method " + strings.Join(m.methods()[:len(m.methods())-1], ","))
}

func proxyHeader(m Message) Paste {
	return m.proxy(" --allow-header " + strings.Join(m.headers(), ","))
}

func proxyExpose(m Message) Paste {
	return m.proxy(" --response-headers fill --expose-header " + m.exposed())
}

// rest writes the Cors of a REST API. Each value has single quotes of its own.
func (m Message) rest(more ...string) Paste {
	lines := []string{
		"Globals:", "  Api:", "    Cors:",
		`      AllowOrigin: "'` + m.allowedOrigin() + `'"`,
		`      AllowMethods: "'` + strings.Join(m.methods(), ",") + `'"`,
		`      AllowHeaders: "'` + strings.Join(m.headers(), ",") + `'"`,
	}
	return Paste{forREST, strings.Join(append(lines, more...), "\n")}
}

func restOrigin(m Message) Paste      { return m.rest() }
func restMethod(m Message) Paste      { return m.rest() }
func restHeader(m Message) Paste      { return m.rest() }
func restCredentials(m Message) Paste { return m.rest("      AllowCredentials: true") }

// http writes the CorsConfiguration of an HTTP API.
func (m Message) http(more ...string) Paste {
	lines := []string{
		"Globals:", "  HttpApi:", "    CorsConfiguration:",
		"      AllowOrigins: [" + yamlWord(m.allowedOrigin()) + "]",
		"      AllowMethods: [" + strings.Join(m.methods(), ", ") + "]",
		"      AllowHeaders: [" + strings.ToLower(strings.Join(m.headers(), ", ")) + "]",
	}
	return Paste{forHTTP, strings.Join(append(lines, more...), "\n")}
}

// yamlWord returns a plain word as it stands in a flow sequence, where brackets
// have a meaning.
func yamlWord(s string) string {
	if strings.ContainsAny(s, "[]") {
		return `"` + s + `"`
	}
	return s
}

func httpOrigin(m Message) Paste      { return m.http() }
func httpMethod(m Message) Paste      { return m.http() }
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
	if m.Stage == Preflight {
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
