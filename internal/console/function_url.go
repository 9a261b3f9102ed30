package console

import (
	"net/url"
	"regexp"
	"strings"
)

// ofLambda is the host of a function URL.
var ofLambda = regexp.MustCompile(`^[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws$`)

// IsFunctionURL reports whether a URL is a function's own, which belongs to no API.
func IsFunctionURL(address string) bool {
	u, err := url.Parse(address)
	return err == nil && ofLambda.MatchString(strings.ToLower(u.Hostname()))
}

// functionURL reports whether the message is about a function URL.
func (m Message) functionURL() bool {
	return m.Template != nil && m.Template.FunctionURL != "" || IsFunctionURL(m.URL)
}

// byFunctionURL is what the template says of an HTTP API, as a function URL has it:
// that answers preflights itself, and sets the headers of all responses. Where the
// header came twice, it is not its lists that are at fault.
func (m Message) byFunctionURL(p Paste) Paste {
	if !p.http || m.Topic.ID == severalOrigins {
		return Paste{}
	}
	config := "FunctionUrlConfig of the function, or Properties of its AWS::Lambda::Url"
	if m.Template != nil && m.Template.FunctionURL != "" {
		config = "FunctionUrlConfig of " + m.Template.FunctionURL
	}
	where := "in the template, below Cors in " + config + ", with what the list has already"
	if p.For == forHTTP {
		where = "in the template, below " + config + ", where a Cors that is there keeps what it has"
	}
	return Paste{For: where, Text: strings.Replace(p.Text, "CorsConfiguration:", "Cors:", 1)}
}
