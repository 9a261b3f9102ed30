package browser

import (
	"fmt"
	"net/http"
	"strings"
)

// The names of the fields that are looked at, by their initials.
const (
	acao     = "Access-Control-Allow-Origin"
	acac     = "Access-Control-Allow-Credentials"
	acam     = "Access-Control-Allow-Methods"
	acah     = "Access-Control-Allow-Headers"
	location = "Location"
)

// accessChecks are Fetch's "CORS check", in Chromium's order.
var accessChecks = [...]check{
	{"Access-Control-Allow-Origin allows the origin", acao, originFails, nil},
	{"Access-Control-Allow-Credentials allows credentials, if there are any", acac, credentialsFail, credentialsNeedless},
}

// CheckActual says what a browser does with the response to a request that is
// no preflight. A script may read it whatever its status, if its header says
// so.
func CheckActual(origin string, credentials bool, status int, h http.Header) Verdict {
	return subject{stage: StageActual, origin: origin, credentials: credentials, status: status, header: h}.judge()
}

// originFails looks at Access-Control-Allow-Origin, whose lines Chromium joins.
func originFails(s *subject) *failure {
	lines, present := s.header[acao]
	value := joined(lines)
	switch {
	case !present || len(lines) == 0:
		return s.accessFailure("MissingAllowOriginHeader", "the response has no "+acao)
	case value == "*" && s.credentials:
		return s.accessFailure("WildcardOriginNotAllowed", acao+" is *, which does not allow a request that includes credentials")
	case value == "*" || value == s.origin:
		return nil
	case strings.ContainsAny(value, " ,"):
		return s.accessFailure("MultipleAllowOriginValues", fmt.Sprintf("%s has several values, %s, and may have one", acao, quote(value)))
	case value != "null" && !validURL(value):
		return s.accessFailure("InvalidAllowOriginValue", fmt.Sprintf("%s is %s, which is no origin", acao, quote(value)))
	}
	return s.accessFailure("AllowOriginMismatch", fmt.Sprintf("%s is %s, and the origin is %s", acao, quote(value), quote(s.origin)))
}

// credentialsFail looks at Access-Control-Allow-Credentials, which is compared
// byte by byte.
func credentialsFail(s *subject) *failure {
	if !s.credentials {
		return nil
	}
	lines := s.header[acac]
	switch value := joined(lines); {
	case value == "true":
		return nil
	case len(lines) == 0:
		return s.accessFailure("InvalidAllowCredentials", "the request includes credentials, and the response has no "+acac)
	default:
		return s.accessFailure("InvalidAllowCredentials", fmt.Sprintf("the request includes credentials, and %s is %s, not \"true\"", acac, quote(value)))
	}
}

func credentialsNeedless(s *subject) string {
	if s.credentials {
		return ""
	}
	return "the request includes no credentials"
}

// accessFailure is a failure of the CORS check, which has a name of its own on
// preflights.
func (s *subject) accessFailure(name, detail string) *failure {
	if s.stage == StagePreflight {
		name = "Preflight" + name
	}
	return &failure{chrome: name, detail: detail}
}

// joined returns the value of a field as Chromium sees it: the lines joined.
func joined(lines []string) string {
	if len(lines) == 1 {
		return strings.Trim(lines[0], blanks)
	}
	trimmed := make([]string, len(lines))
	for i, line := range lines {
		trimmed[i] = strings.Trim(line, blanks)
	}
	return strings.Join(trimmed, ", ")
}
