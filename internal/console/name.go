package console

import (
	"regexp"
	"slices"
	"strings"
)

// A naming is what the tools of the browsers call a topic: Chrome after the
// DevTools protocol's Network.CorsError, Firefox after the reasons that its
// console links to.
type naming struct {
	topic           string
	stage           Stage
	chrome, firefox string
}

// namings lists the names. Where one stands in several rows, the first is what
// it is taken for.
var namings = []naming{
	{missingOrigin, Actual, "MissingAllowOriginHeader", "CORSMissingAllowOrigin"},
	{missingOrigin, Preflight, "PreflightMissingAllowOriginHeader", "CORSMissingAllowOrigin"},
	{severalOrigins, Actual, "MultipleAllowOriginValues", "CORSMultipleAllowOriginNotAllowed"},
	{severalOrigins, Preflight, "PreflightMultipleAllowOriginValues", "CORSMultipleAllowOriginNotAllowed"},
	{originMismatch, Actual, "AllowOriginMismatch", "CORSAllowOriginNotMatchingOrigin"},
	{originMismatch, Preflight, "PreflightAllowOriginMismatch", "CORSAllowOriginNotMatchingOrigin"},
	{invalidOrigin, Actual, "InvalidAllowOriginValue", "CORSAllowOriginNotMatchingOrigin"},
	{invalidOrigin, Preflight, "PreflightInvalidAllowOriginValue", "CORSAllowOriginNotMatchingOrigin"},
	{wildcardOrigin, Actual, "WildcardOriginNotAllowed", "CORSNotSupportingCredentials"},
	{wildcardOrigin, Preflight, "PreflightWildcardOriginNotAllowed", "CORSNotSupportingCredentials"},
	{missingCredentials, Actual, "InvalidAllowCredentials", "CORSMissingAllowCredentials"},
	{missingCredentials, Preflight, "PreflightInvalidAllowCredentials", "CORSMissingAllowCredentials"},
	{preflightStatus, Preflight, "PreflightInvalidStatus", "CORSPreflightDidNotSucceed"},
	{preflightRedirect, Preflight, "PreflightDisallowedRedirect", "CORSPreflightDidNotSucceed"},
	{methodNotAllowed, Preflight, "MethodDisallowedByPreflightResponse", "CORSMethodNotFound"},
	{headerNotAllowed, Preflight, "HeaderDisallowedByPreflightResponse", "CORSMissingAllowHeaderFromPreflight"},
	{invalidMethods, Preflight, "InvalidAllowMethodsPreflightResponse", "CORSInvalidAllowMethod"},
	{invalidHeaders, Preflight, "InvalidAllowHeadersPreflightResponse", "CORSInvalidAllowHeader"},
	{redirectCredentials, Redirect, "RedirectContainsCredentials", ""},
	{redirectRefused, Redirect, "", "CORSExternalRedirectNotAllowed"},
	{notHTTP, "", "CorsDisabledScheme", "CORSRequestNotHttp"},
	{sameOriginMode, "", "DisallowedByMode", ""},
	{noCORSRedirect, "", "NoCorsRedirectModeNotFollow", ""},
	{corsDisabled, "", "", "CORSDisabled"},
	{emptyResponse, "", "InvalidResponse", "CORSDidNotSucceed"},
	{noResponse, "", "", "CORSDidNotSucceed"},
	{unnamed, "", "", "CORSOriginHeaderNotAdded"},
	{localNetwork, "", "LocalNetworkAccessPermissionDenied", ""},
	{localNetwork, "", "InsecureLocalNetwork", ""},
	{localNetwork, "", "InvalidLocalNetworkAccess", ""},
	{localNetwork, "", "LocalNetworkAccessPermissionUnavailable", ""},
	// Older versions of Chrome.
	{localNetwork, "", "InsecurePrivateNetwork", ""},
	{localNetwork, "", "InvalidPrivateNetworkAccess", ""},
	{localNetwork, "", "UnexpectedPrivateNetworkAccess", ""},
	{localNetwork, Preflight, "PreflightMissingAllowPrivateNetwork", ""},
	{localNetwork, Preflight, "PreflightInvalidAllowPrivateNetwork", ""},
	{localNetwork, Preflight, "PreflightMissingPrivateNetworkAccessId", ""},
	{localNetwork, Preflight, "PreflightMissingPrivateNetworkAccessName", ""},
	{localNetwork, "", "PrivateNetworkAccessPermissionUnavailable", ""},
	{localNetwork, "", "PrivateNetworkAccessPermissionDenied", ""},
	{localNetwork, Preflight, "PreflightMissingAllowExternal", ""},
	{localNetwork, Preflight, "PreflightInvalidAllowExternal", ""},
}

// names returns what the browsers call a topic at a stage. Where the stage is
// not known Chrome has no one name for it, if the name depends on it.
func names(topic string, stage Stage) (chrome, firefox string) {
	if topic == localNetwork {
		return "", "" // one topic of many names
	}
	rows := slices.DeleteFunc(slices.Clone(namings), func(n naming) bool { return n.topic != topic })
	for _, n := range rows {
		if n.stage == stage || len(rows) == 1 {
			return n.chrome, n.firefox
		}
	}
	if len(rows) > 0 {
		return "", rows[0].firefox
	}
	return "", ""
}

// aName finds words that may be names. Firefox numbers a reason whose wording
// changed, and its network panel writes the words of a name apart.
var aName = regexp.MustCompile(`\b(?:CORS(?: ?[A-Z][A-Za-z]+)+|[A-Z][A-Za-z]+[a-z][A-Z][A-Za-z]+)\d?\b`)

// byName returns a message for each name of a browser's tools in a text.
func byName(text string) []Message {
	var all []Message
	seen := map[string]bool{}
	for _, word := range namesIn(text) {
		if seen[word] {
			continue
		}
		seen[word] = true
		for _, n := range namings {
			m := Message{Stage: n.stage, Chrome: n.chrome, Firefox: n.firefox}
			switch {
			case strings.EqualFold(n.chrome, word):
				m.Browser = Chrome
			case strings.EqualFold(n.firefox, word):
				m.Browser = Firefox
				if rows := rowsOf(n.firefox); len(rows) > 1 {
					// The reason says less than Chrome's name would.
					m.Chrome, m.Stage = "", commonStage(rows)
				}
			default:
				continue
			}
			m.Topic = topic(n.topic)
			all = append(all, m)
			break
		}
	}
	return all
}

// rowsOf returns the rows with a reason of Firefox.
func rowsOf(firefox string) []naming {
	return slices.DeleteFunc(slices.Clone(namings), func(n naming) bool { return n.firefox != firefox })
}

// commonStage returns the stage that rows agree on, if they do.
func commonStage(rows []naming) Stage {
	for _, n := range rows {
		if n.stage != rows[0].stage {
			return ""
		}
	}
	return rows[0].stage
}

// namesIn returns the words of a text that may be names, in one piece. Two of
// Firefox's may follow each other, as in two rows of its network panel.
func namesIn(text string) []string {
	var all []string
	for _, found := range aName.FindAllString(text, -1) {
		for i, word := range strings.Split(found, " CORS") {
			if i > 0 {
				word = "CORS" + word
			}
			all = append(all, strings.ReplaceAll(strings.TrimRight(word, "0123456789"), " ", ""))
		}
	}
	return all
}
