package browser

import "strings"

// firefoxFailed is Firefox's reason for a request that got no response.
const firefoxFailed = "CORSDidNotSucceed"

// firefox returns Firefox's reason for blocking what Chromium blocks with f, or
// "" where it does not. It looks in an order of its own: the methods, whether
// the method is among them, and only then the headers. It counts the lines of
// Access-Control-Allow-Origin, and takes a list in one line for an origin that
// does not match.
func (s *subject) firefox(f *failure) string {
	if s.stage == StagePreflight && strings.HasSuffix(f.chrome, "Redirect") {
		return "CORSExternalRedirectNotAllowed"
	}
	switch {
	case f.chrome == "CorsDisabledScheme":
		return "CORSRequestNotHttp"
	case s.sameOrigin || f.chrome == "RedirectContainsCredentials":
		return ""
	case f.chrome == "":
		return firefoxFailed
	}
	if reason := s.firefoxAccess(); reason != "" || s.stage != StagePreflight {
		return reason
	}
	switch {
	case statusFails(s) != nil:
		return "CORSPreflightDidNotSucceed"
	case methodsFail(s) != nil:
		return "CORSInvalidAllowMethod"
	case methodFails(s) != nil:
		return "CORSMethodNotFound"
	case headersFail(s) != nil:
		return "CORSInvalidAllowHeader"
	case headerFails(s) != nil:
		return "CORSMissingAllowHeaderFromPreflight"
	}
	return ""
}

func (s *subject) firefoxAccess() string {
	lines := s.header[acao]
	switch {
	case len(lines) > 1:
		return "CORSMultipleAllowOriginNotAllowed"
	case len(lines) == 0:
		return "CORSMissingAllowOrigin"
	case s.credentials && joined(lines) == "*":
		return "CORSNotSupportingCredentials"
	case originFails(s) != nil:
		return "CORSAllowOriginNotMatchingOrigin"
	case credentialsFail(s) != nil:
		return "CORSMissingAllowCredentials"
	}
	return ""
}
