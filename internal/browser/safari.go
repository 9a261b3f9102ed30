package browser

import (
	"fmt"
	"strconv"
	"strings"
)

// safariFailed is Safari's sentence for a request that got no response.
const safariFailed = "Load failed"

// safari returns what Safari's console says of what Chromium blocks with f. It
// looks at a preflight's status first, and prints it.
func (s *subject) safari(f *failure) string {
	preflight := s.stage == StagePreflight
	switch {
	case preflight && (statusFails(s) != nil || strings.HasSuffix(f.chrome, "Redirect")):
		return fmt.Sprintf("Preflight response is not successful. Status code: %d", s.status)
	case f.chrome == "":
		return safariFailed
	}
	switch strings.TrimPrefix(f.chrome, "Preflight") {
	case "WildcardOriginNotAllowed":
		return "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true."
	case "MultipleAllowOriginValues":
		if strings.Contains(joined(s.header[acao]), ",") {
			return "Access-Control-Allow-Origin cannot contain more than one origin."
		}
		return s.safariOrigin()
	case "MissingAllowOriginHeader", "InvalidAllowOriginValue", "AllowOriginMismatch":
		return s.safariOrigin()
	case "InvalidAllowCredentials":
		return `Credentials flag is true, but Access-Control-Allow-Credentials is not "true".`
	case "MethodDisallowedByPreflightResponse":
		return fmt.Sprintf("Method %s is not allowed by Access-Control-Allow-Methods.", printable(s.method))
	case "HeaderDisallowedByPreflightResponse":
		return fmt.Sprintf("Request header field %s is not allowed by Access-Control-Allow-Headers.", printable(f.refused[0]))
	}
	return ""
}

func (s *subject) safariOrigin() string {
	return fmt.Sprintf("Origin %s is not allowed by Access-Control-Allow-Origin. Status code: %d", printable(s.origin), s.status)
}

// printable returns s as it is, or quoted where that would not be safe to
// print.
func printable(s string) string {
	if len(s) <= longestQuote && isToken(strings.NewReplacer("/", "", ":", "", "[", "", "]", "").Replace(s)) {
		return s
	}
	return quote(s)
}

// longestQuote bounds what a sentence repeats of a header, in bytes.
const longestQuote = 200

// quote makes foreign text safe to print.
func quote(s string) string {
	if len(s) > longestQuote {
		return strconv.Quote(s[:longestQuote]) + "…"
	}
	return strconv.Quote(s)
}
