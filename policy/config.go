package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Config says which cross-origin requests are allowed. Start from [Default].
// An empty list allows nothing.
type Config struct {
	// AllowOrigins lists the origins whose pages may send what needs a preflight
	// and, where the policy sets the headers of an answer, read it. Each is one of
	//
	//	http://localhost:5173      that origin; any scheme: capacitor://localhost, app://.
	//	http://192.168.0.7:*       that scheme and host, any port
	//	https://*.example.com      any sub-domain, at any depth; not example.com itself
	//	localhost                  pages that this machine serves over http or https, on
	//	                           any port: localhost, *.localhost, 127.0.0.0/8 and [::1]
	//	null                       sandboxed frames, files and data: URLs
	//	*                          any origin; alone, and not with AllowCredentials
	AllowOrigins []string

	// AllowMethods lists the methods that may be used, or is "*" alone for any.
	// GET, HEAD and POST need not be listed: browsers always allow them.
	AllowMethods []string

	// AllowHeaders lists the request headers that may be sent, or is "*" alone
	// for any, Authorization among them.
	AllowHeaders []string

	// ExposeHeaders lists the response headers that scripts may read, beyond
	// those that they always may, or is "*" alone for any. "*" cannot be
	// combined with AllowCredentials.
	ExposeHeaders []string

	// AllowCredentials lets pages send cookies, HTTP authentication and client
	// certificates.
	AllowCredentials bool

	// MaxAge is how long a browser may remember the answer to a preflight, in
	// whole seconds. 0 means not at all. Chromium stops at 2 hours, Firefox at
	// 24, whatever a greater value says.
	MaxAge time.Duration

	// PreflightStatus is the status of the answer to OPTIONS, 200 to 299.
	PreflightStatus int
}

// Default returns the policy for local development: any origin without
// credentials, any method, any header, and an answer that is forgotten after
// 5 seconds, so that a changed setting is seen at once.
func Default() Config {
	return Config{
		AllowOrigins:    []string{wildcard},
		AllowMethods:    []string{wildcard},
		AllowHeaders:    []string{wildcard},
		MaxAge:          5 * time.Second,
		PreflightStatus: 200,
	}
}

// clone returns a Config that shares nothing with c.
func (c Config) clone() Config {
	c.AllowOrigins = slices.Clone(c.AllowOrigins)
	c.AllowMethods = slices.Clone(c.AllowMethods)
	c.AllowHeaders = slices.Clone(c.AllowHeaders)
	c.ExposeHeaders = slices.Clone(c.ExposeHeaders)
	return c
}

// validate returns every mistake in c, in the order of its fields.
func (c Config) validate() Errors {
	var errs Errors
	list := func(field string, values []string, check func(string) (reason, suggestion string)) {
		for i, v := range values {
			reason, suggestion := "", ""
			if v != wildcard {
				reason, suggestion = check(v)
			} else if len(values) > 1 {
				reason, suggestion = "stands beside other values and makes them meaningless", `leave "*" alone, or remove it`
			}
			if reason != "" {
				errs = append(errs, FieldError{field, i, v, reason, suggestion})
			}
		}
	}
	list("allow_origins", c.AllowOrigins, checkOrigin)
	list("allow_methods", c.AllowMethods, c.checkMethod)
	list("allow_headers", c.AllowHeaders, checkHeader)
	list("expose_headers", c.ExposeHeaders, checkHeader)
	if c.AllowCredentials {
		errs = append(errs, c.checkWildcards()...)
	}
	scalar := func(field, value, reason, suggestion string) {
		errs = append(errs, FieldError{field, -1, value, reason, suggestion})
	}
	switch {
	case c.MaxAge < 0:
		scalar("max_age", c.MaxAge.String(), "is negative", `write "0s" for answers that browsers do not remember`)
	case c.MaxAge%time.Second != 0:
		scalar("max_age", c.MaxAge.String(), "is not a whole number of seconds, which the header is in",
			fmt.Sprintf("write %q", max(c.MaxAge.Truncate(time.Second), time.Second)))
	}
	if c.PreflightStatus < 200 || c.PreflightStatus > 299 {
		scalar("preflight_status", strconv.Itoa(c.PreflightStatus), "makes browsers refuse every preflight", "write 200 or 204")
	}
	return errs
}

// checkWildcards reports the wildcards that browsers take literally where
// credentials are sent (Fetch, "CORS protocol and credentials").
func (c Config) checkWildcards() Errors {
	var errs Errors
	if i := slices.Index(c.AllowOrigins, wildcard); i >= 0 {
		errs = append(errs, FieldError{"allow_origins", i, wildcard,
			"cannot be combined with allow_credentials: browsers refuse it",
			`list the origins, write "localhost" for the pages of this machine on any port, or set allow_credentials to false`})
	}
	if i := slices.Index(c.ExposeHeaders, wildcard); i >= 0 {
		errs = append(errs, FieldError{"expose_headers", i, wildcard,
			"cannot be combined with allow_credentials: browsers take it for the name of a header",
			"list the headers that scripts read"})
	}
	return errs
}

// checkMethod reports what is wrong with one of c.AllowMethods.
func (c Config) checkMethod(v string) (reason, suggestion string) {
	upper := strings.ToUpper(v)
	switch {
	case v == "":
		return "is empty", `write a method such as "PUT", or remove it`
	case unquoted(v) != v:
		return "has quotes inside its value", fmt.Sprintf("write %q", unquoted(v))
	case strings.ContainsAny(v, ", \t"):
		return "is more than a method", "write one method in each entry, without spaces"
	case !isToken(v):
		return "is not a method", `write a method such as "PUT"`
	case slices.Contains(forbiddenMethods, upper):
		return "is a method that browsers let no page use", "remove it"
	case upper == "ANY":
		return "is API Gateway's word and no method", `write "*" for any method`
	case v == "patch" && slices.Contains(c.AllowMethods, "PATCH"):
		return "", "" // the one that browsers do send in lower case; both are meant
	case v != upper && slices.Contains(standardMethods, upper):
		return "is not in upper case, and methods are case-sensitive", fmt.Sprintf("write %q", upper)
	}
	return "", ""
}

// checkHeader reports what is wrong with the name of a header.
func checkHeader(v string) (reason, suggestion string) {
	switch {
	case v == "":
		return "is empty", `write a name such as "Content-Type", or remove it`
	case unquoted(v) != v:
		return "has quotes inside its value", fmt.Sprintf("write %q", unquoted(v))
	case strings.ContainsAny(v, ", \t"):
		return "is more than the name of a header", "write one name in each entry, without spaces"
	case !isToken(v):
		return "is not the name of a header", `write a name such as "Content-Type", without a colon or a value`
	}
	return "", ""
}

// unquoted removes the single quotes that SAM templates need around such
// values, if what is left is one.
func unquoted(v string) string {
	inner := strings.Trim(v, `'"`)
	if inner != wildcard && !isToken(inner) {
		return v
	}
	return inner
}

// isToken reports whether s is a token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	return isAlphanumeric(c) || 'A' <= c && c <= 'Z' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// isAlphanumeric reports whether c is a digit or a lower-case letter.
func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z'
}
