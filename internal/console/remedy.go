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

	rest, http bool // an example of what a template says of an API of that type
	function   bool // what a function returns
	errors     bool // for the errors of a REST API
}

// A remedy makes a paste that fits a message, "" if there is none.
type remedy func(Message) Paste

// Remedies returns what can be pasted to fix what the message says. Values of
// the message stand in it where they are what they should be. What is for the
// template comes from the template itself, where there is one.
func (m Message) Remedies() []Paste {
	if m.Template != nil && len(m.Template.Staged) > 0 {
		return m.Template.Staged
	}
	if m.lostOrigin() {
		return []Paste{{For: forPage + ", in place of " + m.RedirectedFrom, Text: m.URL}}
	}
	var all, last []Paste
	var made []Paste
	for _, r := range m.Topic.remedies {
		made = append(made, m.served(r)...)
	}
	if m.Template != nil {
		all = append(all, m.Template.Open...)
	}
	for _, p := range made {
		if m.functionURL() && (p.rest || p.http || p.function || p.errors) {
			p = m.byFunctionURL(p)
		}
		switch {
		case p.Text == "":
		case m.Template != nil && m.Template.leavesOut(p):
		case p.function && m.refusedPreflight() && len(m.Template.REST) == 0 && len(m.Template.HTTP) > 0:
			// An HTTP API with the setting sends its own headers alone.
		case (p.function || p.errors) && m.refusedPreflight(): // they count once that is answered
			last = append(last, p)
		case m.Template == nil || !p.rest && !p.http:
			all = append(all, p)
		case p.rest:
			all = append(all, m.Template.REST...)
		default:
			all = append(all, m.Template.HTTP...)
		}
	}
	return append(all, last...)
}

// A Wish is what the CORS setting of an API has to allow, so that the message
// does not come again. What the message does not tell is empty.
type Wish struct {
	Origin      string
	Example     string // of an origin, where the message may be about one that it does not tell
	Methods     []string
	Headers     []string
	Expose      []string
	Credentials bool
	Preflight   bool
}

// Wish returns what the template has to allow.
func (m Message) Wish() Wish {
	w := Wish{Preflight: m.Stage != Actual}
	origin := ""
	if m.Origin != "" && m.allowedOrigin() == m.Origin {
		origin = m.Origin
	}
	switch m.Topic.ID {
	case methodNotAllowed, invalidMethods:
		if method := strings.ToUpper(m.Method); plain(method) && !m.lowerCase() {
			w.Methods = []string{method}
		}
	case headerNotAllowed, wildcardHeader, invalidHeaders:
		w.Headers = []string{"content-type", "authorization"}
		if plain(m.Header) {
			w.Headers = []string{m.Header}
		}
	case hiddenHeader:
		if plain(m.Header) {
			w.Expose = []string{m.Header}
		}
	case wildcardOrigin, missingCredentials:
		w.Origin, w.Credentials = origin, true
	case missingOrigin, originNotAllowed, preflightStatus:
		w.Origin = origin
		if m.Origin == "" {
			w.Example = exampleOrigin
		}
	default:
		w.Origin = origin
	}
	if m.wild() {
		w.Origin, w.Credentials = origin, true
	}
	return w
}

// Where pastes go.
const (
	forProxy    = "to make it work here: run corsproxy, and let the page call http://localhost:8080"
	forRestart  = "to make it work here: start corsproxy with"
	forREST     = "in the template, for a REST API, below Api in Globals (write the two where they are missing)"
	forHTTP     = "in the template, for an HTTP API, below HttpApi in Globals (write the two where they are missing)"
	besideREST  = "in the template, for a REST API, in its Cors, with what the list has already"
	besideHTTP  = "in the template, for an HTTP API, in its CorsConfiguration, with what the list has already"
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

// headers returns the request headers to list, with the message's.
func (m Message) headers() []string {
	all := []string{"Content-Type", "Authorization"}
	if plain(m.Header) && !slices.ContainsFunc(all, func(h string) bool { return strings.EqualFold(h, m.Header) }) {
		all = append(all, m.Header)
	}
	return all
}

// restOrigin is for preflights: behind a REST API the function's own header
// counts in any other answer. A REST API allows one origin. Where it is not
// told which methods it allows, SAM lists those of each path.
func restOrigin(m Message) Paste {
	switch {
	case m.isOfSite():
		return Paste{For: "if the page has moved, in the template, in the Cors of a REST API, in place of the site that is named", Text: "AllowOrigin: \"'" + m.allowedOrigin() + "'\""}
	case m.Stage == Actual && m.Topic.ID == missingOrigin, m.otherSite() != "":
		return Paste{}
	}
	if m.named() {
		return Paste{For: besideREST, Text: "AllowOrigin: \"'" + m.allowedOrigin() + "'\"", rest: true}
	}
	return Paste{For: forREST, Text: "Cors:\n  AllowOrigin: \"'" + m.allowedOrigin() + "'\"\n  AllowHeaders: \"'" + strings.Join(m.headers(), ",") + "'\"", rest: true}
}

// restOne is for a list, of which a REST API is to keep one: the site's.
func restOne(m Message) Paste {
	keep := m.allowedOrigin()
	if i := slices.IndexFunc(m.origins(), isSite); i >= 0 {
		keep = m.origins()[i]
	}
	return Paste{For: "in the template, for a REST API, in its Cors", Text: "AllowOrigin: \"'" + keep + "'\"", rest: true}
}

// named reports whether the answer names an origin, though not the page's.
func (m Message) named() bool {
	return m.Topic.ID == originMismatch || m.Topic.ID == invalidOrigin || m.Topic.ID == severalOrigins
}

// restMethod and what follows are one line of a setting that is there, or the
// preflight would not have come as far.
func restMethod(m Message) Paste {
	if len(m.Wish().Methods) == 0 {
		return Paste{}
	}
	return Paste{For: besideREST, Text: "AllowMethods: \"'" + strings.Join(m.Wish().Methods, ",") + ",OPTIONS'\"", rest: true}
}

func restHeader(m Message) Paste {
	return Paste{For: besideREST, Text: "AllowHeaders: \"'" + strings.Join(m.headers(), ",") + "'\"", rest: true}
}

func restCredentials(m Message) Paste {
	return Paste{For: besideREST, Text: "AllowOrigin: \"'" + m.allowedOrigin() + "'\"\nAllowCredentials: true", rest: true}
}

// yamlWord returns a plain word as it stands in a flow sequence, where brackets
// have a meaning.
func yamlWord(s string) string {
	if strings.ContainsAny(s, "[]") {
		return `"` + s + `"`
	}
	return s
}

func httpOrigin(m Message) Paste {
	if site := m.otherSite(); site != "" {
		return Paste{For: besideHTTP, Text: "AllowOrigins: [" + site + ", " + yamlWord(m.allowedOrigin()) + "]", http: true}
	}
	if m.named() {
		return Paste{For: besideHTTP, Text: "AllowOrigins: [" + yamlWord(m.allowedOrigin()) + "]", http: true}
	}
	return Paste{For: forHTTP, Text: "CorsConfiguration:\n  AllowOrigins: [" + yamlWord(m.allowedOrigin()) + "]\n  AllowMethods: [\"*\"]\n  AllowHeaders: [" + strings.ToLower(strings.Join(m.headers(), ", ")) + "]", http: true}
}

func httpMethod(m Message) Paste {
	if len(m.Wish().Methods) == 0 {
		return Paste{}
	}
	return Paste{For: besideHTTP, Text: "AllowMethods: [" + strings.Join(m.Wish().Methods, ", ") + "]", http: true}
}

func httpHeader(m Message) Paste {
	return Paste{For: besideHTTP, Text: "AllowHeaders: [" + strings.ToLower(strings.Join(m.headers(), ", ")) + "]", http: true}
}

func httpCredentials(m Message) Paste {
	return Paste{For: besideHTTP, Text: "AllowOrigins: [" + yamlWord(m.allowedOrigin()) + "]\nAllowCredentials: true", http: true}
}

func httpExpose(m Message) Paste {
	return Paste{For: besideHTTP, Text: "ExposeHeaders: [" + m.exposed() + "]", http: true}
}

// exposed returns the response header to expose.
func (m Message) exposed() string {
	if plain(m.Header) {
		return m.Header
	}
	return "X-Request-Id"
}

func functionOrigin(m Message) Paste {
	ofFunction := m.Template != nil && m.Template.Answerer != ""
	if m.Stage == Preflight && !ofFunction || m.otherSite() != "" {
		return Paste{} // the template's, or the proxy's, to answer
	}
	replaced := m.Template != nil && m.Template.Replaces
	where := forFunction
	switch {
	case replaced && m.site.Made != "" && m.Template.Sends != "":
		return Paste{} // the value is the template's, and with other parameters it is another
	case replaced:
		where = "for AWS, where the function's own header counts, in what it returns"
	case m.Stage == Preflight:
		where += " to OPTIONS"
	}
	return m.naming(where)
}

func functionCredentials(m Message) Paste {
	return m.naming(forFunction, `"Access-Control-Allow-Credentials": "true"`)
}

// naming is what a function returns so that it names the origin that it is for, and
// no other where it is for several.
func (m Message) naming(where string, more ...string) Paste {
	origin := m.servedOrigin()
	if m.site.Listed != "" && m.Origin != "" {
		origin = m.allowedOrigin()
	}
	p := function(append([]string{`"Access-Control-Allow-Origin": "` + origin + `"`}, more...)...)
	p.For = where
	switch others := slices.ContainsFunc(m.origins(), func(o string) bool { return o != origin }); {
	case m.site.Listed != "":
		p.For += " to pages of " + origin + ", while those of others in " + m.site.Listed + " get their own"
	case others:
		p.For += " to pages of " + origin + ", while those of others get their own"
	}
	p.For += m.whereMade()
	return p
}

// whereMade says that the template's origin is another with other parameters, and so
// is that which is named.
func (m Message) whereMade() string {
	if m.site.Made == "" {
		return ""
	}
	return ", where " + m.site.Made + " has the same value"
}

func functionExpose(m Message) Paste {
	return function(`"Access-Control-Expose-Headers": "` + m.exposed() + `"`)
}

// function writes response headers as they stand in JavaScript and Python.
func function(headers ...string) Paste {
	return Paste{For: forFunction, Text: `"headers": {` + strings.Join(headers, ", ") + `}`, function: true}
}

// gatewayResponses gives the errors of a deployed REST API the header.
func gatewayResponses(m Message) Paste {
	if m.Stage == Preflight {
		return Paste{}
	}
	var b strings.Builder
	b.WriteString("GatewayResponses:")
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX"} {
		b.WriteString("\n  " + kind + ":\n    ResponseParameters:\n      Headers:\n        Access-Control-Allow-Origin: \"'" + m.servedOrigin() + "'\"")
	}
	where := "in the Properties of its AWS::Serverless::Api"
	if m.Template != nil {
		where = m.Template.Errors
	}
	return Paste{For: "for errors of a deployed REST API, " + where + m.whereMade(), Text: b.String(), errors: true}
}
